"""What measured times say: noise here is ±20 %, so no single figure says anything."""

from math import comb
from statistics import median
from typing import NamedTuple


class Estimate(NamedTuple):
    """A median and the interval that holds the true one with a probability of 95 %."""

    value: float
    low: float
    high: float

    def __str__(self):
        return f"{self.value:.3f} [{self.low:.3f}–{self.high:.3f}]"


def estimate(values):
    """Return the Estimate of the median of values, whatever their distribution.

    The interval lies between two of the values in order (the sign test turned round).

    :param values: six or more; of fewer, no interval can be sure to 95 %
    """
    ordered = sorted(values)
    rank = _rank(len(ordered))
    return Estimate(median(ordered), ordered[rank], ordered[-1 - rank])


def _rank(count):
    """Return how many values can be left out at each end."""
    below, rank = 0, -1
    while below + comb(count, rank + 1) <= 0.025 * 2**count:
        rank += 1
        below += comb(count, rank)
    if rank < 0:
        raise ValueError(f"{count} values are too few.")
    return rank


def ratio(base, other):
    """Return the Estimate of how many times as long `other` takes.

    :param base: list of rounds, each a list of seconds
    :param other: the same; its rounds were measured in turn with those of `base`
    """
    rounds = zip(base, other, strict=True)
    return estimate([median(after) / median(before) for before, after in rounds])
