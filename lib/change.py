"""Changes of an agreed order as values: deltas, and what a survey before and after differs in.

Pure rules without a database (C1, C2). A delta is one value that is to become another one; it can
be stored, signed, compared with what the order says now, and carried out.
"""

from typing import NamedTuple

#: Kinds of change whose values name what something costs or how it is paid (M5).
PRICE_KINDS = frozenset({"price", "payment"})

#: Sections of a survey, in the order in which people read them.
SECTIONS = ("orders", "productions", "transfers", "purchases", "others", "scrap")


class Delta(NamedTuple):
    """One value of an order that becomes another one.

    ``kind`` is the code of a quality.change.kind; ``model`` and ``id`` say on which record, with
    id None for a new one; ``field`` is its field; ``before`` and ``after`` are JSON-able values.
    """

    kind: str
    model: str
    id: int | None
    field: str
    before: object
    after: object

    @property
    def is_private(self):
        """Whether the values are for those only who may see prices (M5)."""
        return self.kind in PRICE_KINDS

    def to_json(self, with_prices=True):
        """Return the delta as a JSON-able dict; without its values where they are private."""
        content = {"kind": self.kind, "model": self.model, "id": self.id, "field": self.field}
        if self.is_private and not with_prices:
            return content
        return content | {"before": self.before, "after": self.after}


def read_deltas(content):
    """Return the deltas that a stored content holds, see :meth:`Delta.to_json`.

    :param content: list of dicts, with prices
    """
    return [Delta(**delta) for delta in content]


def differ(before, after):
    """Return what two surveys of an order differ in.

    A survey is a dict of section → dict of key → dict of values. Keys of rows that may come into
    being name no id, so that a rehearsal and the real thing give the same answer.

    :return: dict of section → list of {"key", "before", "after"}, sorted by key, with None where
        a row is not there; rows that stay as they are are left out, and so are empty sections
    """
    result = {}
    for section in (*SECTIONS, *sorted({*before, *after} - {*SECTIONS})):
        old, new = before.get(section, {}), after.get(section, {})
        rows = [
            {"key": key, "before": old.get(key), "after": new.get(key)}
            for key in sorted({*old, *new})
            if old.get(key) != new.get(key)
        ]
        if rows:
            result[section] = rows
    return result


def moved(predicted, actual):
    """Return the (section, key) in which a result is another one than predicted.

    :param predicted: what :func:`differ` returned at the rehearsal, or None
    :param actual: what it returned when the change was applied
    :return: sorted list of (section, key)
    """
    if predicted is None:
        return []
    before = {(section, row["key"]): row for section, rows in predicted.items() for row in rows}
    after = {(section, row["key"]): row for section, rows in actual.items() for row in rows}
    return sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
