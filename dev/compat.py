"""`make compat`: do Odoo's own tests pass with the module as they do without it?

The tests of SUITES run on a database with our dependencies and on one that has the module
too, and are compared test by test, never by count: some fail without us as well. A test that
passes without and does not with us is run again, alone and on both sides, before that is
believed. What plain Odoo gives is kept in the cache.

    make compat                     every suite
    dev/task compat stock survey    some of them
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from cq import locks
from cq.console import Failure, say, table
from cq.downloads import key
from cq.environment import dependencies, setup
from cq.paths import CACHE, CHECKOUT, MODULE, STATE

SUITES = ("sale", "sale_stock", "sale_mrp", "mrp", "stock", "purchase_stock", "survey")
EXTRA = ("purchase_stock",)
# Ends of pytest after which there are outcomes: passed, failed, no such test, none chosen.
COMPLETE = (0, 1, 4, 5)
# Beyond this, something is broken at large: running each one again would take hours.
MANY = 40


def broken(without, with_us):
    """Return the tests that pass without us and don't pass with us, sorted.

    :param without: dict of test id → outcome, as cq.outcomes writes it
    :param with_us: the same; a test that is missing there did not pass
    """
    return sorted(
        test
        for test, outcome in without.items()
        if outcome == "passed" and with_us.get(test) != "passed"
    )


def count(outcomes):
    """Return what a table shows of outcomes: how many passed, skipped, failed."""
    ended = list(outcomes.values())
    return [str(ended.count(outcome)) for outcome in ("passed", "skipped", "failed")]


class Side:
    """A database on which Odoo's tests run: plain Odoo, or Odoo with the module."""

    def __init__(self, odoo, name, modules=()):
        self.odoo = odoo
        self.name = name
        self.database = f"cq_{CHECKOUT}_compat_{os.getpid()}_{name}"
        self._modules = modules
        self._is_made = False

    def run(self, test):
        """Run a test, or all those of a file or folder, in a process of their own.

        :return: dict of test id → outcome
        :raises Failure: if the run breaks off, or no test of a folder passes
        """
        self._make()
        with tempfile.TemporaryDirectory() as folder:
            outcomes, log = Path(folder, "outcomes"), STATE / f"compat-{self.name}.log"
            variables = {**self.odoo.variables, "CQ_OUTCOMES": str(outcomes)}
            with open(log, "a") as output:
                ended_with = subprocess.run(
                    self._command(test), env=variables, cwd=STATE, stdout=output, stderr=output
                ).returncode
            if ended_with not in COMPLETE:
                raise Failure(f"The tests of {test} broke off, see {log}.")
            ended = json.loads(outcomes.read_text()) if outcomes.is_file() else {}
            if "passed" not in ended.values() and "::" not in test:
                raise Failure(f"The tests of {test} did not run, see {log}.")
            return ended

    def _command(self, test):
        addons = folder_of_addons(self.odoo)
        options = [
            f"--odoo-config={self.odoo.configuration}",
            f"--odoo-database={self.database}",
            "--odoo-http",
            f"--rootdir={addons}",
            f"--config-file={os.devnull}",
            "--continue-on-collection-errors",
        ]
        plugins = ["-p", "cq.outcomes", "-p", "no:cacheprovider", "-p", "no:warnings"]
        command = [self.odoo.python, "-m", "pytest", "-q", *plugins, *options]
        return [str(part) for part in [*command, addons / test]]

    def _make(self):
        if not self._is_made:
            self.odoo.create_database(self.database, self._modules, template=template(self.odoo))
            self._is_made = True

    def drop(self):
        """Remove the database."""
        self.odoo.drop_database(self.database)


def identity(odoo):
    """Return a short name of what "without us" is."""
    return key(odoo.source.identity, dependencies(), EXTRA)


def template(odoo):
    """Return the name of a database without us: no demo data, and English only.

    Tests of surveys don't expect visitors to be asked for their language.
    """
    name = f"cq_compat_{identity(odoo)}"
    with locks.held(f"database-{name}", wait="waiting for another command to build its database"):
        if odoo.databases().get(name) != name:
            say("building the database of plain Odoo (once; about a minute)")
            modules = (*dependencies(), *EXTRA)
            odoo.create_database(name, modules, languages="en_US", log=STATE / "template.log")
            odoo.mark(name, name)
    return name


def folder_of_addons(odoo):
    """Return the folder that holds Odoo's add-ons; test ids are relative to it."""
    # Odoo's package holds the Python files a second time, alone, in a folder of no use.
    return next(path for path in odoo.source.addons if (path / "sale" / "views").is_dir())


def without_us(plain, suite):
    """Return the outcomes of a suite on plain Odoo, from the cache if they are known."""
    file = CACHE / "compat" / f"{suite}-{identity(plain.odoo)}.json"
    with locks.held(f"compat-{suite}", wait="waiting for another run of the same tests"):
        if not file.is_file():
            say(f"{suite}: running Odoo's tests without the module (once)")
            text = json.dumps(plain.run(f"{suite}/tests"), indent=0, sort_keys=True)
            file.parent.mkdir(exist_ok=True)
            unfinished = file.with_suffix(f".{os.getpid()}")
            unfinished.write_text(text)
            unfinished.rename(file)
    return json.loads(file.read_text())


def run_again(plain, ours, tests):
    """Run each test alone, on both sides, and return those that still differ."""
    if len(tests) > MANY:
        say(f"{len(tests)} tests differ: too many to run each one again")
        return tests
    believed = []
    for test in tests:
        say(f"running again, alone: {test}")
        believed += broken(plain.run(test), ours.run(test))
    return believed


def compare(plain, ours, suites):
    """Run the suites, print what came of them, and return the tests that we break."""
    rows = [["suite", "passed", "skipped", "failed", "with us:", "skipped", "failed", "broken"]]
    found = []
    for suite in suites:
        without = without_us(plain, suite)
        say(f"{suite}: running Odoo's tests with the module")
        with_us = ours.run(f"{suite}/tests")
        differing = broken(without, with_us)
        believed = run_again(plain, ours, differing)
        found += believed
        rows.append([suite, *count(without), *count(with_us), str(len(believed))])
        say(f"{suite}: {len(differing)} differ, {len(believed)} when run alone")
    print(table(rows))
    return found


def main(suites):
    """Compare the suites and end with status 1 if we break a test."""
    unknown = set(suites) - set(SUITES)
    if unknown:
        raise Failure(f"There is no suite {', '.join(unknown)}: choose from {', '.join(SUITES)}.")
    odoo = setup(with_browser=True)
    plain, ours = Side(odoo, "plain"), Side(odoo, "ours", (MODULE,))
    try:
        found = compare(plain, ours, suites or SUITES)
    finally:
        plain.drop()
        ours.drop()
    if found:
        listed = "\n".join(f"  {test}" for test in found)
        raise Failure(f"{len(found)} tests pass without the module and not with it:\n{listed}")
    say("no test passes without the module and fails with it")


if __name__ == "__main__":
    main(sys.argv[1:])
