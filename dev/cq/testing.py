"""`make test` and `dev/pytest`: pytest-odoo on a database that has the module."""

import os
import re
import shlex
import subprocess
from pathlib import Path

from . import browser, locks
from .console import Failure, say
from .environment import setup
from .paths import CHECKOUT, DEV, MODULE, MODULE_LINK, REPO, STATE

DATABASE = f"cq_{CHECKOUT}_dev"
SUITES = ("tests", "dev/tests", "dev/scenarios")
# Options of pytest whose value is the next argument, and never a path to translate.
TAKES_VALUE = {
    "-k",
    "-m",
    "-p",
    "-o",
    "-c",
    "-W",
    "-n",
    "-r",
    "--deselect",
    "--ignore",
    "--maxfail",
}


def translate(arguments, folder):
    """Return pytest arguments with paths of the checkout as Odoo sees them.

    pytest-odoo finds the module only by its path in an addons folder.

    :param folder: the folder that relative paths start from
    """
    translated, expects_value = [], False
    for argument in arguments:
        path, colons, node = argument.partition("::")
        location = Path(os.path.abspath(Path(folder, path)))
        is_option = argument.startswith("-") or expects_value
        if not is_option and path and location.exists() and location.is_relative_to(REPO):
            argument = f"{MODULE_LINK / location.relative_to(REPO)}{colons}{node}"
        translated.append(argument)
        expects_value = argument in TAKES_VALUE
    return translated


def take_database(arguments):
    """Return the database that `-d NAME` names, or None, and the other arguments."""
    rest, name = [], None
    iterator = iter(arguments)
    for argument in iterator:
        if argument in ("-d", "--database"):
            name = next(iterator, None)
            if not name:
                raise Failure("-d needs the name of a database: dev/pytest -d NAME.")
        else:
            rest.append(argument)
    return name, rest


def names_tests(arguments):
    """Tell whether translated arguments name files or folders of tests."""
    return any(argument.startswith(str(MODULE_LINK)) for argument in arguments)


def pytest_command(odoo, database, arguments):
    """Return the command line that runs pytest-odoo on a database."""
    suites = []
    if not names_tests(arguments):
        suites = [MODULE_LINK / suite for suite in SUITES if (REPO / suite).is_dir()]
    options = [
        f"--odoo-config={odoo.configuration}",
        f"--odoo-database={database}",
        "--odoo-http",
        f"--rootdir={MODULE_LINK}",
        f"--config-file={DEV / 'pytest.ini'}",
        f"--override-ini=cache_dir={STATE / 'pytest'}",
    ]
    return [str(part) for part in (odoo.python, "-m", "pytest", *options, *arguments, *suites)]


def run_pytest(odoo, database, arguments):
    """Run pytest-odoo on a database and return its exit status."""
    # Not in the checkout: Python would look for modules there first.
    return subprocess.run(
        pytest_command(odoo, database, arguments), env=odoo.variables, cwd=STATE
    ).returncode


def pytest(arguments):
    """Run tests on the checkout's own test database, or on the one that `-d` names."""
    name, arguments = take_database(arguments)
    arguments = translate(arguments, os.getcwd())
    odoo = setup(with_browser=True)
    if name:
        if name not in odoo.databases():
            raise Failure(
                f"There is no database {name}: dev/odoo -d {name} -i {MODULE} --stop-after-init."
            )
        return run_pytest(odoo, name, arguments)
    lock = f"database-{DATABASE}"
    with locks.held(lock, wait="waiting for another test run on this database"):
        odoo.module_database(DATABASE)
    with locks.held(lock, shared=True):
        return run_pytest(odoo, DATABASE, arguments)


def test():
    """Run the whole suite on a fresh database; ARGS= are more arguments of pytest."""
    arguments = translate(shlex.split(os.environ.get("ARGS", "")), os.getcwd())
    odoo = setup(with_browser=True)
    browser.check(odoo.variables)
    _drop_leftovers(odoo)
    name = f"cq_{CHECKOUT}_test_{os.getpid()}"
    try:
        odoo.create_module_database(name)
        say("running the tests")
        return run_pytest(odoo, name, arguments)
    finally:
        odoo.drop_database(name)


def _drop_leftovers(odoo):
    """Drop the databases of runs that were killed; their names hold the number of the process."""
    temporary = re.compile(rf"cq_{CHECKOUT}_(?:test|race|compat)_(\d+)(?:_|$)")
    for name in odoo.databases():
        found = temporary.match(name)
        if found and not _is_alive(int(found[1])):
            odoo.drop_database(name)


def _is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
