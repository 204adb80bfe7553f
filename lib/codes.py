"""Codes in what a customer writes: what may be the number of an order, a delivery, a lot.

Plain rules without a database: candidates only. Whether something of that name exists, and may be
named by whoever writes, is for the models to find out.
"""

import re
import unicodedata

#: A code is written in letters and digits without a space; Chinese text may stand right beside it.
TOKEN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/#+\-]*[A-Za-z0-9])?")

#: What joins the parts of a code, and sometimes two codes.
JOINTS = re.compile(r"[/#+]")

MIN_LENGTH = 3
MAX_LENGTH = 64

#: How much of a text is looked at: codes stand at its beginning, endless threads below.
MAX_TEXT = 20_000

#: How many candidates are looked up at most: a text of codes alone must not become a huge query.
MAX_CODES = 200


def find_codes(*texts):
    """Return what may be a code in these texts, in the order of its first appearance.

    A candidate has a digit; capitals joined by a hyphen are one without, too. Full-width
    characters count as the plain ones.

    :param texts: str or False, the most telling first
    :return: list of str, as they were written, each once, at most ``MAX_CODES``
    """
    found = {}
    for text in texts:
        for code in _iterate(unicodedata.normalize("NFKC", (text or "")[:MAX_TEXT])):
            if _is_code(code):
                found.setdefault(code)
            if len(found) == MAX_CODES:
                return list(found)
    return list(found)


def _iterate(text):
    """Yield each token, what it is joined of, and what a space keeps from being one.

    ``S00012/4711`` may be two codes; a warehouse may be called ``My Co``, so that its deliveries
    are ``My Co/OUT/00012``.
    """
    before = None
    for match in TOKEN.finditer(text):
        token = match.group()
        gap = text[before.end() : match.start()] if before else None
        if gap is not None and gap in (" ", " /") and "/" in gap + token:
            yield text[before.start() : match.end()]
        yield token
        parts = JOINTS.split(token)
        yield from parts if len(parts) > 1 else ()
        before = match


def _is_code(text):
    if not MIN_LENGTH <= len(text) <= MAX_LENGTH:
        return False
    return any(char.isdigit() for char in text) or (text.isupper() and "-" in text)


def is_weak(code):
    """Tell whether a code may as well be a year or a quantity: a few digits, nothing else."""
    return code.isdigit() and len(code) < 5


def with_cases(codes):
    """Return codes with their spellings in capitals and small letters, by which they are compared.

    :param codes: list of str
    :return: list of str, each once
    """
    return list(
        dict.fromkeys(each for code in codes for each in (code, code.upper(), code.lower()))
    )


def get_order(codes):
    """Return the place of each code, whatever its case: what is named first comes first.

    :param codes: list of str
    :return: dict of code in small letters → int
    """
    order = {}
    for place, code in enumerate(codes):
        order.setdefault(code.lower(), place)
    return order


def get_digits(text):
    """Return the digits of a phone number, without the prefix for calls abroad.

    :param text: str or False, in any format: ``+86 (138) 0013-8000``
    :return: str
    """
    plain = unicodedata.normalize("NFKC", text or "")
    digits = re.sub(r"\D", "", re.sub(r"\(0\)", "", plain))
    return digits.removeprefix("00").lstrip("0")


def is_phone(text):
    """Tell whether a text looks like a phone number: digits and what is written between them."""
    plain = unicodedata.normalize("NFKC", text or "").strip()
    return bool(re.fullmatch(r"\+?[\d\s()./\-]+", plain)) and len(get_digits(plain)) >= 5
