"""Running other programs, so that a failure shows its reason and not only its status."""

import os
import shutil
import subprocess

from .console import Failure
from .paths import STATE


def of_system(name):
    """Return the path of a program of the system, or None.

    The checkout's own links are passed over: a command that another one started has them in
    its PATH, and a link must not be made to itself.
    """
    folders = os.environ.get("PATH", "").split(os.pathsep)
    others = [folder for folder in folders if folder and folder != str(STATE / "bin")]
    return shutil.which(name, path=os.pathsep.join(others))


def output_of(command, **options):
    """Run a command and return what it printed.

    :raises Failure: with the last lines of its output, if it fails
    """
    done = subprocess.run(
        [str(part) for part in command],
        stdin=options.pop("stdin", subprocess.DEVNULL) if "input" not in options else None,
        capture_output=True,
        text=True,
        **options,
    )
    if done.returncode:
        reason = last_lines(done.stderr or done.stdout)
        raise Failure(f"{command[0]} failed (status {done.returncode}):\n{reason}")
    return done.stdout


def probe(command, **options):
    """Return what a command prints, or nothing if it can't be run or fails."""
    try:
        done = subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, **options
        )
    except OSError:
        return ""
    return "" if done.returncode else done.stdout.strip()


def last_lines(text, count=15):
    """Return the end of a text, for an error message."""
    return "\n".join(text.strip().splitlines()[-count:])


def need(tool, remedy):
    """Return the path of a tool.

    :raises Failure: if PATH has no such tool, with the remedy
    """
    found = shutil.which(tool)
    if not found:
        raise Failure(f"The tool {tool} is missing: {remedy}")
    return found
