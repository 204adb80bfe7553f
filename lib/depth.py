"""Depth of a contract review: which departments a kind of line needs (B8), and by what it repeats.

Pure rules over plain values: no database, no language, no amount in what they return.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime

#: What an order line can be, in the order in which the list shows it.
KINDS = ("new", "repeat", "call_off", "sample", "urgent", "replacement", "export")

#: What only sales know; the other kinds follow from what is ordered.
CHOSEN = ("sample", "urgent", "replacement")

#: Kinds that can be repeated: everybody concerned has looked at them.
BASES = ("new", "repeat", "urgent", "export")

#: Who signs for each kind (codes of roles); a kind that is not here needs everybody.
SIGNERS = {
    "repeat": frozenset({"sales", "production"}),
    "call_off": frozenset({"sales"}),
    "sample": frozenset({"sales", "engineering"}),
    "replacement": frozenset({"sales", "production", "quality"}),
}

#: Who is asked where a line differs from what it repeats, or from its framework contract.
DEPARTMENTS = {
    "drawing": frozenset({"engineering"}),
    "quantity": frozenset({"production"}),
    "date": frozenset({"production"}),
    "price": frozenset({"sales", "finance"}),
    "requirement": frozenset({"quality"}),
    "issue": frozenset({"quality"}),
}


@dataclass(frozen=True)
class Line:
    """What is compared of an order line, in the units of its product.

    ``requirements`` maps a fingerprint of each requirement to the role that must review it.
    """

    quantity: float
    price: float
    currency: int
    drawings: frozenset = frozenset()
    requirements: dict = field(default_factory=dict)
    date: datetime | None = None
    earliest: datetime | None = None
    has_issue: bool = False


@dataclass(frozen=True)
class Base:
    """What was approved before: the largest quantity, and the rest as the last time."""

    quantity: float
    price: float
    currency: int
    drawings: frozenset = frozenset()
    requirements: frozenset = frozenset()


def find_missing(line, base, compare):
    """Return the conditions of a repeat order that a line does not meet (B8).

    :param line: Line
    :param base: Base
    :param compare: function of two floats, negative, 0 or positive, that knows the rounding
    :return: tuple of codes, keys of ``DEPARTMENTS``
    """
    price_differs = line.currency != base.currency or not is_same_price(line.price, base.price)
    conditions = {
        "drawing": line.drawings != base.drawings,
        "quantity": compare(line.quantity, base.quantity) > 0,
        "date": is_too_early(line.date, line.earliest),
        "price": price_differs,
        "requirement": bool(get_new_requirements(line, base)),
        "issue": line.has_issue,
    }
    return tuple(code for code, is_missing in conditions.items() if is_missing)


def is_same_price(price, other):
    """Tell whether two net prices of one unit are the same, however small they are.

    Not by the rounding of quantities: a screw costs less than a hundredth.
    """
    return math.isclose(price, other, rel_tol=1e-6, abs_tol=1e-9)


def is_too_early(date, earliest):
    """Tell whether a date is known to be earlier than what can be promised; by whole days."""
    return bool(date and earliest and date.date() < earliest.date())


def get_new_requirements(line, base):
    """Return the roles of the requirements that were not there before, by fingerprint."""
    return {key: role for key, role in line.requirements.items() if key not in base.requirements}


def get_signers(kind, missing=(), requirement_roles=()):
    """Return who signs for a line.

    :param kind: one of ``KINDS``
    :param missing: codes of the conditions that are not met
    :param requirement_roles: codes of the roles that review new requirements; empty ones are
        for quality
    :return: frozenset of codes of roles, None where everybody in the template signs
    """
    if kind not in SIGNERS:
        return None
    asked = set(SIGNERS[kind])
    for code in missing:
        if code == "requirement" and requirement_roles:
            asked |= {role or "quality" for role in requirement_roles}
        else:
            asked |= DEPARTMENTS[code]
    return frozenset(asked)


def unite(signers):
    """Return who signs for all lines together, None where one of them needs everybody."""
    signers = list(signers)
    if not signers or any(asked is None for asked in signers):
        return None
    return frozenset().union(*signers)


def matches(rule, order):
    """Tell whether a rule for the choice of a template meets an order (B1).

    :param rule: dict with ``categories``, ``classes`` (sets of ids, empty for any),
        ``amount_from``, ``is_special`` and ``is_export``
    :param order: dict with the same keys: categories of its products with all above them, the
        class of its customer as a set, its ``amount``, and the two flags
    """
    return (
        (not rule["categories"] or not rule["categories"].isdisjoint(order["categories"]))
        and (not rule["classes"] or not rule["classes"].isdisjoint(order["classes"]))
        and order["amount"] >= rule["amount_from"]
        and (order["is_special"] or not rule["is_special"])
        and (order["is_export"] or not rule["is_export"])
    )
