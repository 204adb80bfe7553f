from odoo import api, fields, models
from odoo.fields import NO_ACCESS, Domain
from odoo.tools import html2plaintext

from ...lib.similar import excerpt, get_grams, hash_gram, mark
from .similar_search import Search

#: How much a document gains that is about the same customer, product, …; as a share of its score.
GAIN = 0.15


class Grams(fields.Json):
    """Hashes of the grams of a text, in a column of integers that core PostgreSQL can index.

    A list of int in Python. Nothing but the index looks at it.
    """

    _column_type = ("_int4", "int4[]")

    def convert_to_record(self, value, record):
        return value or []

    def convert_to_cache(self, value, record, validate=True):
        return list(value) if value else []

    def convert_to_column(self, value, record, values=None, validate=True):
        return "{%s}" % ",".join(map(str, map(int, value or [])))


class QualitySimilarMixin(models.AbstractModel):
    """Finds documents whose texts are similar, in Chinese, English or both (F9).

    A document declares in ``_similar_fields`` which texts of its own are compared: stored, not
    translated, and readable to whoever may read the document. Their grams (``lib/similar.py``)
    are kept with the document in the statement that writes the texts, so that many documents
    cost no query more than one; a GIN index on them needs no extension of PostgreSQL.

    A search stays fast among millions, since it looks up only what is rare. How common a gram is
    PostgreSQL knows from ``ANALYZE``; where that has never run, the newest documents are a sample.
    Where nothing that is asked is rare, those are looked at that have several of its grams, and
    the newest ones.
    """

    _name = "quality.similar.mixin"
    _description = "Document Found by Similar Texts"

    _similar_fields = ()
    _similar_hints = ()  # many2one fields whose value in the form is told to the hooks
    _similar_candidates = 3000  # so many documents are scored
    _similar_newest = 20_000  # so many are looked at where all that is asked is common
    _similar_sample = 1000  # so many tell what is common where there are no statistics
    _similar_least = 0.12  # what scores less is not similar

    similar_grams = Grams(
        compute="_compute_similar_grams",
        store=True,
        precompute=True,
        copy=False,
        prefetch=False,
        exportable=False,
        groups=NO_ACCESS,
    )

    _similar_grams_idx = models.Index("USING gin (similar_grams)")

    @api.depends(lambda self: self._similar_fields)
    def _compute_similar_grams(self):
        for document in self:
            grams = get_grams(document._get_similar_text())
            document.similar_grams = sorted({hash_gram(gram) for gram in grams})

    def _get_similar_text(self, names=None):
        """Return the texts that are compared, one per line.

        :param names: names of the fields, all of ``_similar_fields`` by default
        """
        self.ensure_one()
        texts = []
        for name in self._similar_fields if names is None else names:
            text = self[name] or ""
            texts.append(html2plaintext(text) if self._fields[name].type == "html" else text)
        return "\n".join(filter(None, texts))

    # What the form calls

    @api.model
    @api.readonly
    def get_similar(self, text, exclude_id=False, values=None):
        """Return the documents that are most similar to what is being typed, at most five.

        Only what the user may read is found.

        :param text: str, the texts of the form as they stand now
        :param exclude_id: id of the document that is open in the form, if it is saved
        :param values: dict of field name to id: what the form says of ``_similar_hints``; anything
            else is left out
        :return: list of dicts, the most similar first: ``id``, ``number``, ``state``, ``date``,
            ``score`` (0 to 1), ``title`` and ``excerpt`` (lists of [text, is shared]), ``why``
            (list of str: what else they have in common)
        :raise AccessError: for whoever may read no such documents
        """
        self.browse().check_access("read")
        values = self._clean_similar_hints(values)
        domain = self._get_similar_domain(values)
        if isinstance(exclude_id, int) and exclude_id:
            domain &= Domain("id", "!=", exclude_id)
        text = text if isinstance(text, str) else ""
        search = Search(self, text)
        return [
            document._prepare_similar(search, score, extra)
            for document, score, extra in self._rank_similar(search, domain, 5, values)
        ]

    @api.model
    def _clean_similar_hints(self, values):
        values = values if isinstance(values, dict) else {}
        return {
            name: values[name]
            for name in self._similar_hints
            if isinstance(values.get(name), int) and values[name]
        }

    def _prepare_similar(self, search, score, extra):
        """Return what the form shows of a similar document."""
        facts = self._get_similar_facts()
        others = [name for name in self._similar_fields if name != facts["title"]]
        title = self[facts["title"]] or ""
        text = self._get_similar_text(others)
        shared = search.get_shared(f"{title}\n{text}")
        return {
            "id": self.id,
            **facts,
            "date": facts["date"] and fields.Datetime.to_string(facts["date"]),
            "score": round(score, 2),
            "title": mark(title, shared),
            "excerpt": excerpt(text, shared, search.weight),
            "why": extra,
        }

    # What a document may say of itself

    @api.model
    def _get_similar_domain(self, values):
        """Return which documents are looked at, besides those that the user may read.

        :param values: dict of ``_similar_hints`` to ids, as the form has them
        :return: Domain
        """
        return Domain.TRUE

    def _get_similar_extra(self, values):
        """Return what these documents have in common with the one in the form besides words.

        :param values: dict of ``_similar_hints`` to ids
        :return: dict of id to list of str, such as “Same customer”
        """
        return {}

    def _get_similar_facts(self):
        """Return what a document is shown by.

        :return: dict of ``number``, ``state`` (str, in the reader's language), ``date`` (datetime
            or False) and ``title``, the name of the field that is its title
        """
        self.ensure_one()
        return {
            "number": self.display_name,
            "state": "",
            "date": self.create_date,
            "title": self._similar_fields[0],
        }

    # Search

    @api.model
    def _find_similar(self, text, domain=None, limit=5, values=None):
        """Return the documents that are most similar to a text and that the user may read.

        :param text: str
        :param domain: which documents are looked at, all by default
        :param limit: int, at most so many
        :param values: dict of ``_similar_hints`` to ids
        :return: list of (record, score, why), the most similar first: the score from 0 to 1, and
            the shared words and phrases that weigh most, then what else they have in common
        :raise AccessError: for whoever may read no such documents
        """
        search = Search(self, text)
        found = self._rank_similar(search, domain, limit, values or {})
        return [
            (document, score, search.name_shared(document._get_similar_text()) + extra)
            for document, score, extra in found
        ]

    def _rank_similar(self, search, domain, limit, values):
        """Return the best documents with score and with what else they have in common."""
        scores = dict(search.score(domain or Domain.TRUE, max(4 * limit, 20)))
        documents = self.browse(scores)
        extras = documents._get_similar_extra(values) if documents else {}
        found = [(each, scores[each.id], extras.get(each.id, [])) for each in documents]
        lifted = [(each, score * (1 + GAIN * len(extra)), extra) for each, score, extra in found]
        ranked = sorted(lifted, key=lambda row: (-row[1], -row[0].id))[:limit]
        return [(each, min(score, 1.0), extra) for each, score, extra in ranked]
