"""Node.js for the JavaScript checks and for fetching Chromium: the system's, or a wheel's."""

import os
import shutil

from .paths import DEV
from .process import probe
from .python_env import environment

OLDEST = 18


def node_environment():
    """Return environment variables under which `node` and `npm` run."""
    if _system_has_node():
        return dict(os.environ)
    folder = environment("node", DEV / "requirements-node.txt") / "bin"
    return dict(os.environ, PATH=f"{folder}{os.pathsep}{os.environ.get('PATH', '')}")


def _system_has_node():
    if not shutil.which("npm") or not shutil.which("node"):
        return False
    version = probe(["node", "--version"]).lstrip("v").split(".")[0]
    return version.isdigit() and int(version) >= OLDEST
