"""How similar documents are looked up: by what is rare, within what a user may read."""

from odoo.tools import SQL

from ...lib.similar import get_grams, hash_gram, name_shared, weigh

#: So many grams of what is asked are compared, the rarest ones.
MAX_ASKED = 64

#: How much of a document's other words counts against it; most of a long one is about else.
SURPLUS = 0.03


class Search:
    """One search: what is asked, how much each of its grams tells, and what is found by them."""

    def __init__(self, model, text):
        self.model = model
        self.table = SQL.identifier(model._table)
        self.column = SQL.identifier(model._table, "similar_grams")
        self.grams = {hash_gram(gram): gram for gram in get_grams(text)}
        self.last_id, self.count, frequencies, self.default = 0, 0, {}, 1.0
        if self.grams:
            model.flush_model(["similar_grams"])
            self.last_id, self.count, frequencies, self.default = self._read_frequencies()
        self.frequencies = {self.grams[number]: share for number, share in frequencies.items()}
        self.weight = weigh(self.frequencies, self.default)
        self.asked = sorted(self.grams, key=lambda number: -self.weight(self.grams[number]))
        self.asked = self.asked[:MAX_ASKED]

    # How common a gram is

    def _read_frequencies(self):
        """Return the last id, how many documents there are, the share of them that each gram
        occurs in, and the share that is assumed where nothing is known."""
        rows = self.model.env.execute_query(
            SQL(
                """
                WITH known AS (
                    SELECT most_common_elems::text::int4[] AS grams,
                           most_common_elem_freqs AS shares
                      FROM pg_stats
                     WHERE schemaname = current_schema AND tablename = %(name)s
                       AND attname = 'similar_grams'
                )
                SELECT NULL AS gram, (SELECT shares[cardinality(grams) + 1] FROM known) AS share,
                       (SELECT MAX(id) FROM %(table)s) AS last_id,
                       (SELECT reltuples FROM pg_class WHERE oid = %(name)s::regclass) AS count
                UNION ALL
                SELECT each.gram, each.share, NULL, NULL
                  FROM known, unnest(known.grams, known.shares) AS each (gram, share)
                 WHERE each.gram = ANY(%(asked)s)
                """,
                name=self.model._table,
                table=self.table,
                asked=list(self.grams),
            )
        )
        (_gram, least, last_id, count), *rows = rows
        last_id = last_id or 0
        count = int(count) if count and count > 0 else last_id
        if least:
            return last_id, count, {gram: share for gram, share, *_rest in rows}, least / 2
        return last_id, count, *self._sample()

    def _sample(self):
        """Return the shares among the newest documents, and what is assumed of the others."""
        rows = self.model.env.execute_query(
            SQL(
                """
                WITH newest AS (
                    SELECT similar_grams FROM %s
                     WHERE similar_grams IS NOT NULL ORDER BY id DESC LIMIT %s
                )
                SELECT gram, COUNT(*), (SELECT COUNT(*) FROM newest)
                  FROM newest, unnest(similar_grams) AS gram
                 WHERE gram = ANY(%s) GROUP BY gram
                """,
                self.table,
                self.model._similar_sample,
                list(self.grams),
            )
        )
        shares = {gram: count / total for gram, count, total in rows}
        return shares, 0.5 / rows[0][2] if rows else 1.0

    # What is found

    def score(self, domain, limit):
        """Return the documents that share most with what is asked, within what the user may read.

        :param domain: Domain of the documents that are looked at
        :param limit: int, at most so many
        :return: list of (id, score), the most similar first
        :raise AccessError: for whoever may read no such documents
        """
        query = self.model._search(domain)
        if query.is_empty():
            return []
        scores = {}
        for condition in self._get_conditions():
            scores.update(self._score(domain, condition, limit))
            if len(scores) >= limit:
                break
        return sorted(scores.items(), key=lambda row: (-row[1], -row[0]))[:limit]

    def _get_conditions(self):
        """Yield which documents are looked at, one condition after the other until enough are
        found: each of them leaves no more than can be scored in a moment."""
        if not self.asked:
            return
        if self.last_id <= self.model._similar_newest:
            yield self._has_any(self.asked)
            return
        rare = self._get_rare()
        if rare:
            yield self._has_any(rare)
        together = self._get_together(self.asked[len(rare) :])
        if together:
            yield SQL("%s @> %s::int4[]", self.column, together)
        since = SQL("%s > %s", SQL.identifier(self.model._table, "id"), self._get_first_new_id())
        yield SQL("%s AND %s", since, self._has_any(self.asked))

    def _has_any(self, numbers):
        return SQL("%s && %s::int4[]", self.column, numbers)

    def _get_first_new_id(self):
        return self.last_id - self.model._similar_newest

    def _expect(self, number):
        """Return how many documents have a gram, about."""
        return self.count * self.frequencies.get(self.grams[number], self.default)

    def _get_rare(self):
        """Return the rarest grams that few enough documents have."""
        rare, expected = [], 0
        for number in self.asked:
            expected += self._expect(number)
            if expected > self.model._similar_candidates:
                break
            rare.append(number)
        return rare

    def _get_together(self, numbers):
        """Return common grams of which few enough documents have all; none where too many do."""
        together, expected = [], self.count
        for number in numbers:
            together.append(number)
            expected *= self._expect(number) / max(self.count, 1)
            if expected <= self.model._similar_candidates:
                return together if len(together) > 1 else []
        return []

    def _score(self, domain, condition, limit):
        """Return the best of the documents that fulfil a condition, as (id, score).

        The score is the share of what is asked that a document has, by weight; what it says
        besides counts a little against it.
        """
        query = self.model._search(domain)
        query.add_where(condition)
        query.limit = self.model._similar_candidates
        weights = [self.weight(self.grams[number]) for number in self.asked]
        candidates = query.select(
            SQL.identifier(self.model._table, "id"), SQL("%s AS grams", self.column)
        )
        statement = SQL(
            """
            WITH candidate AS MATERIALIZED (%(candidates)s),
                 asked (gram, weight) AS (SELECT * FROM unnest(%(grams)s::int4[], %(weights)s::float8[])),
                 scored AS (
                    SELECT candidate.id,
                           SUM(asked.weight) / (
                               %(total)s + %(surplus)s * (MAX(cardinality(grams)) - COUNT(*))
                           ) AS score
                      FROM candidate
                CROSS JOIN unnest(candidate.grams) AS has (gram)
                      JOIN asked ON asked.gram = has.gram
                  GROUP BY candidate.id
                 )
            SELECT id, score FROM scored
             WHERE score >= %(least)s ORDER BY score DESC, id DESC LIMIT %(limit)s
            """,
            candidates=candidates,
            grams=self.asked,
            weights=weights,
            total=sum(weights),
            surplus=SURPLUS * sum(weights) / len(weights),
            least=self.model._similar_least,
            limit=limit,
        )
        return self.model.env.execute_query(statement)

    # Why

    def get_shared(self, text):
        """Return the grams of a text that are asked for."""
        return set(get_grams(text)) & set(self.grams.values())

    def name_shared(self, text):
        """Return the words and phrases of a text that weigh most among those that are shared."""
        return name_shared(text, self.get_shared(text), self.weight)
