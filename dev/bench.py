"""`make bench`: what the module costs, measured against plain Odoo.

Plain Odoo is Odoo with all our dependencies, without us. Each database has a process of its
own; they confirm orders in turn, so that what slows the machine down for a while slows down all
of them. Times differ from run to run, counts of queries don't: those are the hard gate.

    make bench                       everything
    dev/task bench confirm notice    a part: confirm, notice, signatures
    dev/task bench signatures 1000   with fewer signatures
"""

import sys
from contextlib import ExitStack
from statistics import median

from cq.arena import Arena
from cq.console import Failure, say, table
from cq.environment import setup
from measure import orders, signatures
from measure.figures import ratio

ROUNDS, ORDERS = 40, 5
SIZES = (1, 20)
SIGNATURES = 100_000
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


def _take_turns(arenas):
    for number in range(ROUNDS + 1):
        # Now this one, now that one first: the second one finds a warmer machine.
        for arena in arenas if number % 2 else arenas[::-1]:
            arena.reach(f"go {number}")
            arena.wait_for(f"done {number}", seconds=600)
            if number % 10 == 0:
                arena.sql("VACUUM ANALYZE")
        if number % 10 == 0:
            say(f"confirming orders: round {number} of {ROUNDS}")


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


PARTS = {"confirm": confirm, "notice": notice, "signatures": seal}


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
