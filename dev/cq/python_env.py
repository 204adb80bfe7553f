"""The virtual environments: which Python, which packages, built once and shared by clones."""

import os
import platform
import shutil
import sys
from pathlib import Path

from . import apt
from .console import Failure, say
from .downloads import key, new_folder
from .paths import CACHE, DEV
from .process import output_of, probe

SUPPORTED = [(3, 12), (3, 11), (3, 13), (3, 10)]


def choose(wanted, running, found):
    """Return which Python to use.

    :param wanted: (path, version) of the PYTHON variable, or None
    :param running: (path, version) of the interpreter that runs this code
    :param found: {version: path} of those in PATH
    :raises Failure: if none of them is one that Odoo 19.0 runs on
    """
    if wanted:
        if wanted[1] not in SUPPORTED:
            version = ".".join(map(str, wanted[1])) if wanted[1] else "no Python"
            raise Failure(f"PYTHON={wanted[0]} is {version}: Python 3.10 to 3.13 is needed.")
        return wanted
    if running[1] in SUPPORTED:
        return running
    for version in SUPPORTED:
        if version in found:
            return found[version], version
    raise Failure(
        "Python 3.10 to 3.13 is needed and none was found: install one, or name it: PYTHON=/path."
    )


def version_of(python):
    """Return the (major, minor) version of an interpreter, or None if it can't be run."""
    output = probe([python, "-c", "import sys; print(*sys.version_info[:2])"])
    return tuple(map(int, output.split())) or None


def base_python():
    """Return the path of the interpreter that the environments are built with."""
    wanted = os.environ.get("PYTHON")
    running = (sys.executable, sys.version_info[:2])
    if wanted:
        return choose((wanted, version_of(wanted)), running, {})[0]
    found = {}
    if running[1] not in SUPPORTED:
        for version in SUPPORTED:
            path = shutil.which("python{}.{}".format(*version))
            if path and version_of(path) == version:  # else it is a stand-in of a version manager
                found[version] = path
    return choose(None, running, found)[0]


def environment(name, requirements):
    """Return the folder of the virtual environment with these requirements, built if need be.

    :param name: first part of the folder's name
    :param requirements: requirements file; its contents are part of the folder's name
    """
    python = base_python()
    identity = platform.python_version()
    if python != sys.executable:
        identity = output_of([python, "-c", "import platform; print(platform.python_version())"])
    target = (
        CACHE / f"{name}-{key(identity.strip(), platform.machine(), requirements.read_bytes())}"
    )
    if not (target / "complete").is_file() or not (target / "bin" / "python").exists():
        _build(python, target, requirements)
    return target


def _build(python, target, requirements):
    # A virtual environment can't be moved: it is built in place and marked at the end.
    say(f"installing Python packages for {target.name} ({python})")
    shutil.rmtree(target, ignore_errors=True)
    output_of([python, "-m", "venv", "--without-pip", target])
    pip = [target / "bin" / "python", *_pip(python, target)]
    flags = ["--quiet", "--disable-pip-version-check", "--no-input"]
    output_of([*pip, "install", *flags, "-r", requirements])
    (target / "complete").touch()


def _pip(python, target):
    """Return the arguments that make `python` run pip, from where this system has it."""
    if probe([python, "-c", "import ensurepip; print(True)"]):
        output_of([target / "bin" / "python", "-m", "ensurepip", "--default-pip"])
        return ["-m", "pip"]
    # Debian's python3 without python3-venv.
    try:
        folder = CACHE / "pip"
        if not folder.is_dir():
            with apt.Apt() as debian, new_folder(folder) as fresh:
                for archive in debian.fetch("python3-pip-whl/bookworm"):
                    apt.unpack(archive, fresh)
        wheel = next(Path(folder).glob("usr/share/python-wheels/pip-*.whl"))
    except Failure as error:
        raise Failure("This Python has no ensurepip: install the package python3-venv.") from error
    return [str(wheel / "pip")]


def pip(environment_folder, *arguments):
    """Run pip of a virtual environment and return what it printed."""
    python = environment_folder / "bin" / "python"
    return output_of([python, "-m", "pip", *arguments, "--disable-pip-version-check"])


LINT_REQUIREMENTS = DEV / "requirements-lint.txt"
ODOO_REQUIREMENTS = DEV / "requirements.txt"
