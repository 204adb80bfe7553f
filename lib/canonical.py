"""One text for one value, so that a hash taken today can be recomputed in twenty years.

Canonical JSON: keys sorted, no spaces, Unicode as it is; numbers without a trace of their Python
type (``2.0`` is ``2``, ``-0.0`` is ``0``, six decimals); dates and times as ISO 8601 in UTC.
Whatever changes this text is a new algorithm with a new number.
"""

import hashlib
import json
import math
from datetime import date, datetime, timezone
from decimal import Decimal

#: Version of the canonical form and of the hash over it, stored with every signature.
ALGORITHM = 1

DECIMALS = 6


def canonical(value):
    """Return the canonical JSON of ``value``.

    :param value: None, bool, number, str, date, datetime (naive means UTC), or a list, tuple or
        dict (with str keys) of such values
    :return: str
    :raise TypeError: for anything else
    :raise ValueError: for a number that is not finite
    """
    return json.dumps(_normalise(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(value):
    """Return the SHA-256 of the canonical JSON of ``value`` as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def _normalise(value):
    # datetime is a date and bool is an int: the narrower type goes first
    if value is None or isinstance(value, (str, int)):  # bool included
        return value
    if isinstance(value, (float, Decimal)):
        return _normalise_number(float(value))
    if isinstance(value, datetime):
        return _normalise_datetime(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [_normalise(item) for item in value]
    if isinstance(value, dict):
        return {_check_key(key): _normalise(item) for key, item in value.items()}
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _normalise_number(value):
    if not math.isfinite(value):
        raise ValueError(f"{value} has no canonical form")
    value = round(value, DECIMALS)
    return int(value) if value.is_integer() else value


def _normalise_datetime(value):
    if value.tzinfo:
        value = value.astimezone(timezone.utc).replace(tzinfo=None)
    return f"{value.isoformat()}Z"


def _check_key(key):
    if not isinstance(key, str):
        raise TypeError(f"The key {key!r} is not a text")
    return key
