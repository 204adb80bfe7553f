"""Counting in working time: pure rules over intervals, without a database.

All moments are naive and in UTC. A :class:`Timeline` counts the working time of a calendar, a
:class:`Clock` counts round the clock; both answer the same questions.
"""

from bisect import bisect_left, bisect_right
from datetime import timedelta

#: How much of a calendar is fetched at once, and how often before it counts as empty.
CHUNK = timedelta(days=61)
CHUNKS = 12


class Clock:
    """Every hour counts."""

    def add_hours(self, moment, hours):
        """Return the moment that many hours later, or earlier where they are negative."""
        return moment + timedelta(hours=hours)

    def add_days(self, moment, days):
        """Return the moment that many days later."""
        return moment + timedelta(days=days)

    def hours_between(self, start, end):
        """Return the hours from ``start`` to ``end``, 0 where it is not later."""
        return max((end - start).total_seconds(), 0) / 3600


class Timeline:
    """Working intervals of one calendar, fetched as far as they are needed.

    :param fetch: function of two moments that returns the working time between them, as sorted
        list of ``(start, end)`` that do not overlap
    :param localize: function that returns the day (a date) on which a moment lies there
    """

    def __init__(self, fetch, localize):
        self._fetch = fetch
        self._localize = localize
        self._spans = []
        self._low = self._high = None

    def add_hours(self, moment, hours):
        """Return the moment after that many working hours, or before where they are negative.

        A moment outside working time waits for the next working hour; with 0 hours it stays.
        """
        if not hours:
            return moment
        left = timedelta(hours=abs(hours))
        spans = self._walk(moment) if hours > 0 else self._walk_back(moment)
        for start, end in spans:
            if end - start >= left:
                return start + left if hours > 0 else end - left
            left -= end - start
        return Clock().add_hours(moment, hours)  # a calendar without any working time

    def add_days(self, moment, days):
        """Return the close of work on the n-th working day after the day of ``moment``.

        The day itself does not count: a promise of one working day holds until the next one ends.
        """
        counted, close = self._localize(moment), None
        for start, end in self._walk(moment):
            day = self._localize(start)
            if day > counted:
                if not days:
                    break
                counted, days = day, days - 1
            close = end
        return close if close and not days else Clock().add_days(moment, days)

    def hours_between(self, start, end):
        """Return the working hours from ``start`` to ``end``, 0 where it is not later."""
        if end <= start:
            return 0.0
        self._cover(start, end)
        total = timedelta()
        for low, high in self._spans[self._position(start) :]:
            if low >= end:
                break
            total += min(high, end) - max(low, start)
        return total.total_seconds() / 3600

    def _walk(self, moment):
        """Yield the working time from ``moment`` on, as far as calendars are looked at."""
        self._cover(moment, moment + CHUNK)
        position = self._position(moment)
        for _chunk in range(CHUNKS):
            while position < len(self._spans):
                start, end = self._spans[position]
                yield max(start, moment), end
                position += 1
            self._cover(self._low, self._high + CHUNK)

    def _walk_back(self, moment):
        """Yield the working time before ``moment``, the latest first."""
        self._cover(moment - CHUNK, moment)
        # counted from the end, which stays where it is while earlier time is fetched
        seen = len(self._spans) - bisect_left(self._spans, moment, key=lambda span: span[0])
        for _chunk in range(CHUNKS):
            while seen < len(self._spans):
                seen += 1
                start, end = self._spans[-seen]
                yield start, min(end, moment)
            self._cover(self._low - CHUNK, self._high)

    def _position(self, moment):
        """Return the place of the first span that ends after ``moment``."""
        return bisect_right(self._spans, moment, key=lambda span: span[1])

    def _cover(self, low, high):
        """Fetch what is missing between two moments."""
        if self._low is None:
            self._spans = self._fetch(low, high)
            self._low, self._high = low, high
        if low < self._low:
            self._spans = self._fetch(low, self._low) + self._spans
            self._low = low
        if high > self._high:
            self._spans = self._spans + self._fetch(self._high, high)
            self._high = high


def merge(spans):
    """Return spans sorted, with those that touch or overlap made one."""
    merged = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged
