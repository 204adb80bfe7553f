"""What a call-off may be inside its framework contract (B9), as pure rules."""

from dataclasses import dataclass
from datetime import date, timedelta

from .depth import is_same_price


@dataclass(frozen=True)
class Terms:
    """What was agreed for a product, in its own unit."""

    price: float
    currency: int
    weekly_max: float
    lead_days: int
    tolerance: float  # by how many percent a week may exceed its maximum
    valid_from: date
    valid_until: date
    firm_weeks: int


@dataclass(frozen=True)
class CallOff:
    """What is called off: parts by date, and what the weeks hold altogether.

    ``weeks`` maps a week, see :func:`get_week`, to all that is called off in it, this included.
    """

    price: float
    currency: int
    dates: tuple
    weeks: dict


def get_week(day):
    """Return the week of a date as (year, week), by ISO 8601: weeks begin on Monday."""
    return day.isocalendar()[:2]


def get_firm_until(today, firm_weeks):
    """Return the last day of the firm zone: so many weeks from today, to their Sunday.

    Without a firm zone everything is firm.
    """
    if not firm_weeks:
        return date.max
    monday = today - timedelta(days=today.weekday())
    return monday + timedelta(weeks=firm_weeks, days=6)


def get_firm_dates(dates, today, firm_weeks):
    """Return those of the dates that bind: a forecast binds nobody."""
    limit = get_firm_until(today, firm_weeks)
    return tuple(day for day in dates if day <= limit)


def find_outside(call_off, terms, today, compare):
    """Return what of a call-off lies outside its framework contract (B9).

    :param call_off: CallOff
    :param terms: Terms
    :param today: date
    :param compare: function of two floats, negative, 0 or positive, that knows the rounding
    :return: tuple of codes: expired, price, quantity, date; empty where all is inside
    """
    firm = get_firm_dates(call_off.dates, today, terms.firm_weeks)
    if not firm:
        return ()
    limit = terms.weekly_max * (1 + terms.tolerance / 100)
    earliest = today + timedelta(days=terms.lead_days)
    outside = {
        "expired": not terms.valid_from <= today <= terms.valid_until
        or any(day > terms.valid_until for day in firm),
        "price": call_off.currency != terms.currency
        or not is_same_price(call_off.price, terms.price),
        "quantity": any(
            compare(call_off.weeks[week], limit) > 0 for week in {get_week(day) for day in firm}
        ),
        "date": any(day < earliest for day in firm),
    }
    return tuple(code for code, is_outside in outside.items() if is_outside)
