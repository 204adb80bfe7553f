"""Quantities as people type them on a phone: pure rules, without a database."""

import math
import re

#: More than any workshop makes in a day: a slip of the finger.
LARGEST = 1e9


def parse_quantity(text):
    """Return the quantity that somebody typed, as float; nothing typed is 0.

    A comma or a point separates decimals; blanks are ignored. ``1,000`` is refused: it is one
    for some and a thousand for others.

    :param text: str, or None
    :raise ValueError: where it is no quantity: other characters, both separators, negative
    """
    digits = "".join((text or "").split())
    if not digits:
        return 0.0
    if not digits.replace(",", "").replace(".", "").isdecimal() or not digits.isascii():
        raise ValueError(text)
    if re.search(r",\d{3}$", digits):
        raise ValueError(text)
    quantity = float(digits.replace(",", "."))
    if not math.isfinite(quantity) or quantity > LARGEST:
        raise ValueError(text)
    return quantity


def format_quantity(quantity):
    """Return a quantity in plain digits, without zeros that say nothing.

    :param quantity: float
    :return: str with a point, e.g. ``12.5``
    """
    return f"{quantity:.6f}".rstrip("0").rstrip(".") or "0"
