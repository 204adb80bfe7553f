"""The earliest date that can be promised: pure calculation, no environment (B5).

What is needed is taken from stock and from dated receipts, the earliest first, after earlier
promises have been served. What is left is bought (supplier's lead time, calendar days) or made:
components first, by the same rules; then the operations, one after the other on their work
centres' calendars, around what is planned there already. A manufacturing lead time is a minimum
for the whole of it. All dates are naive and in one time zone, quantities in the product's unit.
"""

from bisect import bisect_right, insort
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

#: Levels of a bill of materials beyond which it is taken to contain itself.
MAX_DEPTH = 20

#: Less than this is nothing: quantities have passed through several conversions.
EPSILON = 1e-6


@dataclass(frozen=True, order=True)
class Supply:
    """What comes in: a quantity at a date. Stock on hand has no ``source``."""

    date: datetime
    quantity: float = field(compare=False)
    source: int | None = field(default=None, compare=False)
    label: str = field(default="", compare=False)


@dataclass(frozen=True)
class Option:
    """A work centre that can do an operation, and how long it takes there (minutes)."""

    centre: int
    fixed: float
    cycle: float
    capacity: float

    def get_minutes(self, quantity):
        """Return the minutes for ``quantity``: whole cycles, set-up and cleaning."""
        cycles = -(-(quantity - EPSILON) // self.capacity) if self.capacity > 0 else 1
        return self.fixed + max(cycles, 0) * self.cycle


@dataclass(frozen=True)
class Operation:
    """One step of a route; ``after`` holds the indexes of the operations it waits for."""

    name: str
    options: tuple[Option, ...]
    after: tuple[int, ...] = ()


@dataclass(frozen=True)
class Item:
    """How a product is supplied: ``make``, ``buy``, ``free`` (not stocked) or ``unknown``.

    ``days`` is the lead time in calendar days, ``components`` are (key, quantity for one unit).
    """

    product: int
    how: str = "unknown"
    days: float = 0.0
    components: tuple = ()
    operations: tuple[Operation, ...] = ()
    to_order: bool = False


@dataclass(frozen=True)
class Step:
    """A stretch of time on the way to a date: what was waited for, from when to when.

    ``kind``: incoming, purchase, manufacture, operation, delivery, calendar.
    """

    kind: str
    start: datetime
    finish: datetime
    product: int | None = None
    centre: int | None = None
    days: float = 0.0
    label: str = ""


@dataclass(frozen=True)
class Part:
    """What a component gives to the promise; ``short`` is what is neither there nor on its way."""

    product: int
    level: int
    needed: float
    free: float
    incoming: float
    short: float
    how: str
    days: float
    date: datetime | None


@dataclass(frozen=True)
class Outcome:
    """When a quantity can be there. Without a ``date``, ``reason`` says why not.

    :ivar reason: ``unknown`` (no way to supply it is known), ``capacity`` (no free time on a
        work centre within the horizon) or ``cycle``; ``blocker`` is the product or work centre
    """

    date: datetime | None
    steps: tuple[Step, ...] = ()
    reason: str = ""
    blocker: int | None = None
    free: float = 0.0
    incoming: tuple[Supply, ...] = ()
    short: float = 0.0
    parts: tuple[Part, ...] = ()
    route: tuple[Step, ...] = ()

    def get_limit(self):
        """Return the step that takes longest, or None when stock covers everything now."""
        steps = [step for step in self.steps if step.kind != "calendar"]
        return max(steps, key=lambda step: step.finish - step.start, default=None)


def net(supplies, demands):
    """Take from ``supplies`` what was promised earlier, and return what is left.

    Each demand, the earliest first, takes the latest supply that is still in time for it, so
    that what comes sooner stays free; and what comes soonest where nothing is in time.

    :param supplies: list of Supply
    :param demands: list of (date, quantity)
    :return: list of Supply with something left, by date
    """
    supplies = sorted(supplies)
    left = [supply.quantity for supply in supplies]
    for date, quantity in sorted(demands):
        in_time = bisect_right([supply.date for supply in supplies], date)
        for index in (*reversed(range(in_time)), *range(in_time, len(supplies))):
            taken = min(left[index], quantity)
            left[index] -= taken
            quantity -= taken
            if quantity <= EPSILON:
                break
    return [
        replace(supply, quantity=rest)
        for supply, rest in zip(supplies, left, strict=True)
        if rest > EPSILON
    ]


class Centre:
    """A work centre: when it is open, and what is planned on it.

    :param windows: sorted, disjoint list of (start, end) in which it works
    """

    def __init__(self, windows, busy=()):
        self.windows = windows
        self.busy = merge(busy)
        self._ends = [end for _start, end in windows]

    def fork(self):
        """Return a centre with the same windows and plans of its own."""
        other = Centre.__new__(Centre)
        other.windows, other._ends, other.busy = self.windows, self._ends, list(self.busy)
        return other

    def block(self, slots):
        """Plan intervals as they are, whether or not they overlap others."""
        self.busy = merge([*self.busy, *slots])

    def find(self, start, minutes):
        """Return the first (start, end) in which a job of ``minutes`` fits, or None.

        The job pauses while the centre is closed, but nothing else is done in between.
        """
        needed = remaining = timedelta(minutes=minutes)
        begin = None
        if not needed:
            return start, start
        for opened, closed in self.windows[bisect_right(self._ends, start) :]:
            cursor = max(opened, start)
            while cursor < closed:
                stop = min(closed, cursor + remaining)
                blocked = self._find_busy(cursor, stop)
                if blocked:
                    cursor, begin, remaining = blocked[1], None, needed
                    continue
                begin = begin or cursor
                remaining -= stop - cursor
                if remaining <= timedelta():
                    return begin, stop
                cursor = stop
        return None

    def _find_busy(self, start, stop):
        """Return the first planned interval that overlaps, or None; they are disjoint."""
        index = bisect_right(self.busy, (start, datetime.max))
        if index and self.busy[index - 1][1] > start:
            return self.busy[index - 1]
        if index < len(self.busy) and self.busy[index][0] < stop:
            return self.busy[index]
        return None

    def take(self, start, minutes):
        """Plan a job, and return its (start, end), or None when there is no room."""
        slot = self.find(start, minutes)
        if slot and slot[0] < slot[1]:
            insort(self.busy, slot)
        return slot

    def get_load(self, start, until):
        """Return (open hours, planned hours) between two dates."""
        opened = _clip(self.windows, start, until)
        free = subtract(opened, _clip(self.busy, start, until))
        hours = _add_up(opened)
        return hours, hours - _add_up(free)


def merge(intervals):
    """Return the same time as sorted, disjoint intervals."""
    merged = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged


def subtract(windows, closed):
    """Return the parts of ``windows`` that lie in none of the ``closed`` intervals.

    :param windows: sorted, disjoint list of (start, end)
    """
    parts, closed, first = [], merge(closed), 0
    for start, stop in windows:
        while first < len(closed) and closed[first][1] <= start:
            first += 1
        for begin, end in closed[first:]:
            if begin >= stop:
                break
            if begin > start:
                parts.append((start, begin))
            start = max(start, end)
        if start < stop:
            parts.append((start, stop))
    return parts


def _add_up(intervals):
    return sum((end - start for start, end in intervals), timedelta()) / timedelta(hours=1)


def _clip(intervals, start, until):
    return [
        (max(begin, start), min(end, until))
        for begin, end in intervals
        if begin < until and end > start
    ]


class Planner:
    """Promises one line after the other; each takes what it needs from what the next one gets.

    Nothing that is passed in is changed: another planner may start from the same.

    :param now: datetime
    :param items: dict of key → Item
    :param supplies: dict of product → list of Supply, as :func:`net` leaves it
    :param centres: dict of id → Centre
    :param opening: Centre of the company's own working time, or None for always
    """

    def __init__(self, now, items, supplies, centres, opening=None):
        self.now = now
        self.items = items
        self.opening = opening
        self._base = supplies, centres
        self._supplies = {}
        self._centres = {}

    def promise(self, key, quantity, to_order=False, after_days=0.0):
        """Return when ``quantity`` can be delivered, and keep it for this line.

        :param to_order: nothing is taken from stock or from what is on its way
        :param after_days: days between the goods being ready and the delivery
        :return: Outcome
        """
        return self._deliver(self._supply(key, quantity, (), to_order), after_days)

    def promise_together(self, parts, after_days=0.0):
        """Return when all ``parts`` of a kit can be delivered, see :meth:`promise`.

        :param parts: list of (key, quantity, to_order)
        """
        outcomes = [
            (key, self._supply(key, quantity, (), to_order)) for key, quantity, to_order in parts
        ]
        return self._deliver(
            self._join([outcome for _key, outcome in outcomes], self._list(outcomes, parts)),
            after_days,
        )

    def _list(self, outcomes, quantities, level=1):
        listed = []
        for (key, outcome), (_key, quantity, *_rest) in zip(outcomes, quantities, strict=True):
            item = self.items[key]
            if item.how != "free":
                listed.append(
                    Part(
                        product=item.product,
                        level=level,
                        needed=quantity,
                        free=outcome.free,
                        incoming=sum(supply.quantity for supply in outcome.incoming),
                        short=outcome.short,
                        how=item.how,
                        days=item.days,
                        date=outcome.date,
                    )
                )
            listed += [replace(part, level=part.level + level) for part in outcome.parts]
        return tuple(listed)

    def _join(self, outcomes, parts):
        """Return what is there when the last of ``outcomes`` is there."""
        route = tuple(step for outcome in outcomes for step in outcome.route)
        for outcome in outcomes:
            if outcome.date is None:
                return replace(outcome, parts=parts, route=route, free=0.0, incoming=(), short=0.0)
        last = max(outcomes, key=lambda outcome: outcome.date, default=Outcome(self.now))
        return Outcome(last.date, last.steps, parts=parts, route=route)

    def _deliver(self, outcome, days):
        if outcome.date is None:
            return outcome
        steps, date = outcome.steps, outcome.date
        if days > 0:
            ready, date = date, date + timedelta(days=days)
            steps += (Step("delivery", ready, date, days=days),)
        if self.opening:
            slot = self.opening.find(date, 1)
            if slot and slot[0] > date:
                steps += (Step("calendar", date, slot[0]),)
                date = slot[0]
        return replace(outcome, date=date, steps=steps)

    def _supply(self, key, quantity, path, to_order=False):
        item = self.items[key]
        if item.how == "free" or quantity <= EPSILON:
            return Outcome(self.now)
        fresh = self.now + timedelta(days=item.days) if item.how == "buy" else None
        taken = [] if to_order or item.to_order else self._take(item.product, quantity, fresh)
        free = sum(supply.quantity for supply in taken if supply.source is None)
        incoming = tuple(supply for supply in taken if supply.source is not None)
        short = max(quantity - sum(supply.quantity for supply in taken), 0.0)
        if short <= EPSILON:
            short, outcome = 0.0, Outcome(self.now)
        elif key in path or len(path) > MAX_DEPTH:
            outcome = Outcome(None, reason="cycle", blocker=item.product)
        elif item.how == "buy":
            outcome = self._buy(item, fresh)
        elif item.how == "make":
            outcome = self._make(item, short, (*path, key))
        else:
            outcome = Outcome(None, reason="unknown", blocker=item.product)
        if incoming and outcome.date is not None and incoming[-1].date > outcome.date:
            last = incoming[-1]
            step = Step("incoming", self.now, last.date, item.product, label=last.label)
            outcome = replace(outcome, date=last.date, steps=(step,))
        return replace(outcome, free=free, incoming=incoming, short=short)

    def _take(self, product, quantity, until):
        """Take the earliest supplies, but none that comes after ``until``."""
        if product not in self._supplies:
            self._supplies[product] = list(self._base[0].get(product, ()))
        pool, taken = self._supplies[product], []
        while pool and quantity > EPSILON:
            supply = pool[0]
            if until and supply.source is not None and supply.date > until:
                break
            part = min(supply.quantity, quantity)
            quantity -= part
            taken.append(replace(supply, quantity=part))
            if supply.quantity - part > EPSILON:
                pool[0] = replace(supply, quantity=supply.quantity - part)
            else:
                pool.pop(0)
        return taken

    def _buy(self, item, date):
        return Outcome(date, (Step("purchase", self.now, date, item.product, days=item.days),))

    def _make(self, item, quantity, path):
        outcomes = [
            (key, self._supply(key, each * quantity, path)) for key, each in item.components
        ]
        needs = [(key, each * quantity) for key, each in item.components]
        ready = self._join([outcome for _key, outcome in outcomes], self._list(outcomes, needs))
        if ready.date is None:
            return ready
        return self._work(item, quantity, ready)

    def _work(self, item, quantity, ready):
        """Return when the operations are done that begin when the components are there."""
        done = []
        for operation in item.operations:
            waits = [done[index] for index in operation.after]
            begin = max([ready.date, *(wait[0] for wait in waits)])
            slot, option = self._plan(operation, quantity, begin)
            if not slot:
                return replace(ready, date=None, steps=(), reason="capacity", blocker=option.centre)
            step = Step(
                "operation", begin, slot[1], item.product, option.centre, label=operation.name
            )
            before = max(waits, key=lambda wait: wait[0], default=(None, ()))[1]
            done.append((slot[1], (*before, step)))
        route = (*ready.route, *(steps[-1] for _end, steps in done))
        end, steps = max(done, key=lambda wait: wait[0], default=(ready.date, ()))
        least = ready.date + timedelta(days=item.days)
        if least > end:
            end = least
            steps = (Step("manufacture", ready.date, end, item.product, days=item.days),)
        return replace(ready, date=end, steps=(*ready.steps, *steps), route=route)

    def _plan(self, operation, quantity, begin):
        """Plan an operation where it ends first: (slot, option), no slot when there is no room."""
        slots = []
        for option in operation.options:
            slot = self._get_centre(option.centre).find(begin, option.get_minutes(quantity))
            if slot:
                slots.append((slot[1], len(slots), slot, option))
        if not slots:
            return None, operation.options[0]
        _end, _index, slot, option = min(slots)
        if slot[0] < slot[1]:
            insort(self._get_centre(option.centre).busy, slot)
        return slot, option

    def _get_centre(self, centre):
        if centre not in self._centres:
            self._centres[centre] = self._base[1][centre].fork()
        return self._centres[centre]
