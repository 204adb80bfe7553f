"""`make bench`: what the module costs, measured against plain Odoo.

Plain Odoo is Odoo with all our dependencies, without us. Each database has a process of its
own; they confirm orders in turn, so that what slows the machine down for a while slows down all
of them. Times differ from run to run, counts of queries don't: those are the hard gate.

    make bench                       everything
    dev/task bench confirm notice    a part: confirm, review, notice, change, deadlines, history,
                                     signatures
    dev/task bench signatures 1000   with fewer signatures
"""

import sys
from contextlib import ExitStack
from statistics import median

from cq.arena import Arena
from cq.console import Failure, say, table
from cq.environment import setup
from cq.peers import TIER_VALIDATION, with_peers
from measure import changes, deadlines, lists, orders, reviews, signatures
from measure.figures import ratio

ROUNDS, ORDERS = 40, 5
SIZES = (1, 20)
SIGNATURES = 100_000
HISTORY = (10_000, 100_000)
LONGER = 2  # what a history ten times as long may cost
DUE = 1_000
OPEN = (1_000, 100_000)
PASSES = 20
MORE_OPEN = 1.10  # what a pass may cost beside so many open deadlines
QUERIES_PER_DUE = 2
SLOWEST_CHANGE = 1.5
SLOWEST_EDIT = 1.02
# What may be lost against plain Odoo.
SLOWEST = 1.05
MORE_QUERIES = {"gate off": 0, "gate on, review approved": 6}


def confirm(odoo):
    """Measure the confirmation of an order, print it, and return what is not as it must be."""
    gates = {"plain Odoo": None, "gate off": "never", "gate on, review approved": "always"}
    samples = {}
    with ExitStack() as stack:
        arenas = {
            name: stack.enter_context(Arena(odoo, _template(odoo, gate)))
            for name, gate in gates.items()
        }
        actors = {
            name: arena.act(orders.confirm, rounds=ROUNDS + 1, orders=ORDERS, gate=gates[name])
            for name, arena in arenas.items()
        }
        _take_turns(list(arenas.values()))
        for name, actor in actors.items():
            samples[name] = actor.result()[1:]  # the first round warmed it up
    return report_confirm(samples)


def _template(odoo, gate):
    return odoo.template_module(demo=False) if gate else odoo.template_plain(demo=False)


def _take_turns(arenas, rounds=ROUNDS):
    for number in range(rounds + 1):
        # Now this one, now that one first: the second one finds a warmer machine.
        for arena in arenas if number % 2 else arenas[::-1]:
            arena.reach(f"go {number}")
            arena.wait_for(f"done {number}", seconds=600)
            if number % 10 == 0:
                arena.sql("VACUUM ANALYZE")
        if number % 10 == 0:
            say(f"orders: round {number} of {rounds}")


def report_confirm(samples):
    """Print a table and return a sentence for each figure that is not as it must be.

    :param samples: dict of name → rounds, each a list of [seconds, queries]; plain Odoo first
    """
    seconds = {name: _column(rounds, 0) for name, rounds in samples.items()}
    queries = {name: median(sum(_column(rounds, 1), start=[])) for name, rounds in samples.items()}
    plain, *others = samples
    rows = [["confirming an order", "ms", "ratio [95 %]", "queries"]]
    rows.append([plain, _milliseconds(seconds[plain]), "1", f"{queries[plain]:g}"])
    faults = []
    for name in others:
        found = ratio(seconds[plain], seconds[name])
        more = queries[name] - queries[plain]
        counts = f"{queries[name]:g} ({more:+g})"
        rows.append([name, _milliseconds(seconds[name]), str(found), counts])
        if found.low > SLOWEST:
            faults.append(f"Confirming with {name} takes {found} times as long as plain Odoo.")
        if more > MORE_QUERIES[name]:
            faults.append(
                f"Confirming with {name} takes {more:g} queries more than plain Odoo; "
                f"at most {MORE_QUERIES[name]} are allowed."
            )
    print(table(rows), end="\n\n")
    return faults


def _column(rounds, position):
    return [[sample[position] for sample in samples] for samples in rounds]


def _milliseconds(rounds):
    return f"{1000 * median(sum(rounds, start=[])):.1f}"


def review(odoo):
    """Measure a review by six from request to confirmed order, and print it beside another's.

    :return: a sentence if ours takes more queries than `sale_tier_validation` at its scope
    """
    peers = with_peers(odoo, TIER_VALIDATION)
    base = odoo.template_plain(demo=False)
    with ExitStack() as stack:
        arenas = [
            stack.enter_context(Arena(where, template))
            for where, template in ((odoo, base), (peers, base), (odoo, _template(odoo, "on")))
        ]
        say("installing sale_tier_validation")
        peers.run_odoo(
            ["-d", arenas[1].database, "-i", "sale_tier_validation", "--stop-after-init"]
            + ["--no-http"]
        )
        functions = (reviews.plain, reviews.tier, reviews.ours)
        actors = [
            arena.act(function, rounds=ROUNDS // 2 + 1, orders=2)
            for arena, function in zip(arenas, functions, strict=True)
        ]
        _take_turns(arenas, ROUNDS // 2)
        plain, tier, ours = (actor.result() for actor in actors)
    return report_review(plain[1:], tier[1:], {part: found[1:] for part, found in ours.items()})


def report_review(plain, tier, ours):
    """Print a table and return a sentence where ours takes more queries than the other one."""
    counts = {
        "plain Odoo: confirm": plain,
        "sale_tier_validation: request, 6 validations, confirm": tier,
        "ours: request, 6 opinions, the gate, confirm": ours["review"],
    }
    queries = {name: median(sum(_column(rounds, 1), start=[])) for name, rounds in counts.items()}
    base = queries["plain Odoo: confirm"]
    rows = [["a review by six", "ms", "queries"]]
    for name, rounds in counts.items():
        more = f"{queries[name]:g} ({queries[name] - base:+g})"
        rows.append([name, _milliseconds(_column(rounds, 0)), more])
    for part in reviews.APART:
        found = median(sum(_column(ours[part], 1), start=[]))
        rows.append([f"ours, apart: {part}", _milliseconds(_column(ours[part], 0)), f"{found:g}"])
    print(table(rows), end="\n\n")
    _plain, other, own = queries.values()
    if own > other:
        return [f"A review by six takes {own:g} queries; sale_tier_validation takes {other:g}."]
    return []


def notice(odoo):
    """Measure the issue of production notices by itself, and print it."""
    say("issuing production notices")
    with Arena(odoo, odoo.template_module(demo=False)) as arena:
        found = arena.act(orders.issue, rounds=10, sizes=SIZES).result(600)
    rows = [["issuing a notice, its manufacturing order included", "ms per order", "queries"]]
    for size, samples in found.items():
        seconds, queries = (median(figures) for figures in zip(*samples, strict=True))
        rows.append([f"{size} in a batch", f"{1000 * seconds:.1f}", f"{queries:.1f}"])
    print(table(rows), end="\n\n")
    return []


def change(odoo):
    """Measure a change of a confirmed order by the register beside the same by hand."""
    with ExitStack() as stack:
        templates = (None, "off", "on")
        arenas = [stack.enter_context(Arena(odoo, _template(odoo, gate))) for gate in templates]
        functions = (changes.plain, changes.off, changes.ours)
        actors = [
            arena.act(function, rounds=ROUNDS // 2 + 1, orders=3)
            for arena, function in zip(arenas, functions, strict=True)
        ]
        _take_turns(arenas, ROUNDS // 2)
        plain, off, ours = (
            {part: rounds[1:] for part, rounds in actor.result().items()} for actor in actors
        )
    return report_change(plain, off, ours)


def report_change(plain, off, ours):
    """Print a table and return a sentence for each figure that is not as it must be."""
    by_hand, edit = plain["by hand"], plain["edit"]
    rows = [["changing a confirmed order", "ms", "ratio [95 %]", "queries"]]
    faults = []
    for name, rounds, base, limit in (
        ("plain Odoo, by hand", by_hand, None, None),
        ("impact, rehearsed", ours["impact"], by_hand, SLOWEST_CHANGE),
        ("applied by the register", ours["apply"], by_hand, SLOWEST_CHANGE),
        ("plain Odoo, line edited", edit, None, None),
        ("guard off, line edited", off["edit"], edit, SLOWEST_EDIT),
    ):
        found = base and ratio(_column(base, 0), _column(rounds, 0))
        queries = median(sum(_column(rounds, 1), start=[]))
        rows.append([name, _milliseconds(_column(rounds, 0)), str(found or 1), f"{queries:g}"])
        if found and found.low > limit:
            faults.append(f"{name}: {found} times as long; at most {limit} are allowed.")
    print(table(rows), end="\n\n")
    return faults


def seal(odoo, count=SIGNATURES):
    """Measure the sealing and verification of signatures, print it, and return faults."""
    say(f"signing, sealing and verifying {count} signatures")
    with Arena(odoo, odoo.template_module(demo=False)) as arena:
        figures, found = arena.act(signatures.seal, count=count).result(1800)
    rows = [[f"{count} signatures", "ms per signature"]]
    rows += [[name, f"{1000 * seconds:.3f}"] for name, seconds in figures.items()]
    print(table(rows), end="\n\n")
    intact = found == [count, 0, 0]
    return [] if intact else [f"Verified were (sealed, waiting, broken) {found}."]


def history(odoo):
    """Measure the review screens beside a short and a long history, and print them."""
    found = {}
    for count in HISTORY:
        say(f"opening the review screens beside {count} reviews")
        with Arena(odoo, odoo.template_module(demo=False)) as arena:
            found[count] = arena.act(lists.screens, count=count).result(3600)
    short, long = HISTORY
    rows = [["ms beside so many reviews", str(short), str(long), "ratio"]]
    faults = []
    for name, before in found[short].items():
        after = found[long][name]
        rows.append([name, f"{1000 * before:.1f}", f"{1000 * after:.1f}", f"{after / before:.2f}"])
        if after > LONGER * before:
            faults.append(f"{name}: {after / before:.1f} times as long beside {long} reviews.")
    print(table(rows), end="\n\n")
    return faults


def follow(odoo):
    """Measure passes over the deadlines beside few and many open ones, and print them."""
    samples = {}
    with ExitStack() as stack:
        arenas = {
            count: stack.enter_context(Arena(odoo, odoo.template_module(demo=False)))
            for count in OPEN
        }
        actors = {
            count: arena.act(deadlines.follow, rounds=PASSES + 1, due=DUE, count=count)
            for count, arena in arenas.items()
        }
        _take_turns(list(arenas.values()), PASSES)
        for count, actor in actors.items():
            samples[count] = actor.result()[1:]  # the first round warmed it up
    return report_follow(samples)


def report_follow(samples):
    """Print a table and return a sentence for each figure that is not as it must be.

    :param samples: dict of how many are open → rounds, each a list of [seconds, queries];
        the fewest first
    """
    few, many = samples
    seconds = {count: _column(rounds, 0) for count, rounds in samples.items()}
    found = ratio(seconds[few], seconds[many])
    rows = [[f"a pass over {DUE} due deadlines", "ms per due", "ratio [95 %]", "queries per due"]]
    faults = []
    for count, rounds in samples.items():
        queries = median(sum(_column(rounds, 1), start=[])) / DUE
        spent = 1000 * median(sum(seconds[count], start=[])) / DUE
        shown = "1" if count == few else str(found)
        rows.append([f"among {count} open", f"{spent:.2f}", shown, f"{queries:.3f}"])
        if queries > QUERIES_PER_DUE:
            faults.append(f"A due deadline takes {queries:g} queries among {count} open ones.")
    print(table(rows), end="\n\n")
    if found.low > MORE_OPEN:
        faults.append(f"A pass beside {many} open deadlines takes {found} times as long.")
    return faults


PARTS = {
    "confirm": confirm,
    "review": review,
    "notice": notice,
    "change": change,
    "deadlines": follow,
    "history": history,
    "signatures": seal,
}


def main(arguments):
    """Measure, and end with status 1 if a figure is not as it must be."""
    counts = [int(argument) for argument in arguments if argument.isdigit()]
    chosen = [argument for argument in arguments if not argument.isdigit()] or list(PARTS)
    unknown = set(chosen) - set(PARTS)
    if unknown:
        raise Failure(f"There is no part {', '.join(unknown)}: choose from {', '.join(PARTS)}.")
    odoo = setup()
    faults = []
    for name in chosen:
        faults += PARTS[name](odoo, *counts) if name == "signatures" else PARTS[name](odoo)
    if faults:
        raise Failure("\n".join(faults))
    say("every figure is as it must be")


if __name__ == "__main__":
    main(sys.argv[1:])
