"""The commands, by name, and how their errors are shown."""

import errno
import os
import runpy
import sys

from . import server, testing
from .command_line import with_configuration
from .console import Failure, say
from .environment import setup
from .paths import CACHE, DEV


def main(command, arguments):
    """Run a command and return its exit status."""
    try:
        run = COMMANDS.get(command)
        if not run:
            raise Failure(f"There is no command {command!r}: use one of {', '.join(COMMANDS)}.")
        return run(arguments) or 0
    except Failure as failure:
        say(f"ERROR: {failure}")
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        say(f"ERROR: The disk is full: free some room, or set XDG_CACHE_HOME (now {CACHE.parent}).")
    return 1


def odoo(arguments):
    """Become Odoo's command line."""
    environment = setup()
    command = environment.command(with_configuration(arguments, environment.configuration))
    sys.stdout.flush()
    os.execve(command[0], command, environment.variables)


def script(name):
    """Return a command that runs a script of this folder."""

    def run(arguments):
        file = DEV / name
        if not file.is_file():
            raise Failure(f"{name} is not part of this checkout yet.")
        sys.argv = [str(file), *arguments]
        runpy.run_path(str(file), run_name="__main__")

    return run


def race(arguments):
    """Run scenarios by name (`all` for each one), or list them."""
    if not arguments:
        return testing.pytest(["dev/scenarios", "--collect-only", "-q"])
    name, *rest = arguments
    chosen = [] if name == "all" else ["-k", name]
    return testing.pytest(["dev/scenarios", *chosen, *rest])


def _lint(arguments):
    from . import lint

    return lint.lint()


def _format(arguments):
    from . import lint

    return lint.format_files()


def _smoke(arguments):
    from . import smoke

    return smoke.smoke()


def _pot(arguments):
    from . import translations

    return translations.export()


COMMANDS = {
    "run": lambda arguments: server.run(),
    "stop": lambda arguments: server.stop(),
    "clean": lambda arguments: server.clean(),
    "test": lambda arguments: testing.test(),
    "lint": _lint,
    "format": _format,
    "pot": _pot,
    "smoke": _smoke,
    "bench": script("bench.py"),
    "compat": script("compat.py"),
    "screenshots": script("screenshots.py"),
    "odoo": odoo,
    "pytest": testing.pytest,
    "race": race,
}
