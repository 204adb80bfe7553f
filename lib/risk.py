"""Rating of risks: likelihood × severity, each from 1 to 5 (B4). No database."""

SCALE = range(1, 6)


def rate(likelihood, severity):
    """Return the rating of a risk.

    :param likelihood: int from 1 (hardly ever) to 5 (almost certain)
    :param severity: int from 1 (hardly matters) to 5 (the order is lost, or worse)
    :return: int from 1 to 25
    :raise ValueError: for a number off the scale
    """
    if likelihood not in SCALE or severity not in SCALE:
        raise ValueError(f"Not on the scale from 1 to 5: {likelihood} × {severity}")
    return likelihood * severity


def is_above(rating, threshold):
    """Tell whether a rating needs a signature: above the threshold; 0 asks for none.

    :param rating: int from 0 (no risk) to 25
    :param threshold: int
    """
    return bool(threshold) and rating > threshold


def get_level(rating):
    """Return how a rating is shown: low, medium, high."""
    if rating >= 15:
        return "high"
    return "medium" if rating >= 8 else "low"
