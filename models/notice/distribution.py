"""How needs take from what can supply them: plain arithmetic, first come, first served."""

#: Quantities below this are nothing: six decimals, as in the canonical form of documents.
EPSILON = 1e-6


def distribute(needs, supplies):
    """Give each need from the supplies, in the order of both.

    :param needs: list of (key, quantity)
    :param supplies: list of (key, quantity)
    :return: list of (need key, supply key, quantity); no line gets more than it needs, no
        supply gives more than it has
    """
    left = dict(supplies)
    given = []
    for need, quantity in needs:
        for supply in left:
            part = min(quantity, left[supply])
            if part > EPSILON:
                given.append((need, supply, part))
                left[supply] -= part
                quantity -= part
    return given


def spread(shares, parts):
    """Spread shares of a whole over the parts that it was cut into; the sum is kept.

    What the parts can't hold stays with the last one, so that no share is lost.

    :param shares: list of (key, quantity)
    :param parts: list of (key, quantity), not empty
    :return: list of (share key, part key, quantity)
    """
    given = distribute(shares, parts)
    placed = {}
    for share, _part, quantity in given:
        placed[share] = placed.get(share, 0.0) + quantity
    rest = [(share, quantity - placed.get(share, 0.0)) for share, quantity in shares]
    last = parts[-1][0]
    return _sum([*given, *((share, last, quantity) for share, quantity in rest)])


def _sum(given):
    total = {}
    for share, part, quantity in given:
        if quantity > EPSILON:
            total[share, part] = total.get((share, part), 0.0) + quantity
    return [(share, part, quantity) for (share, part), quantity in total.items()]
