"""Node.js for the JavaScript checks and for fetching Chromium: the system's, or a wheel's."""

import os
import shutil

from .paths import DEV
from .process import probe
from .python_env import environment

OLDEST = 18
# Node of the wheel trusts only the authorities that it was built with; a company has its own.
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


def node_environment():
    """Return environment variables under which `node` and `npm` run."""
    variables = dict(os.environ)
    if os.path.isfile(AUTHORITIES):
        variables.setdefault("NODE_EXTRA_CA_CERTS", AUTHORITIES)
    if not _system_has_node():
        folder = environment("node", DEV / "requirements-node.txt") / "bin"
        variables["PATH"] = f"{folder}{os.pathsep}{variables.get('PATH', '')}"
    return variables


def _system_has_node():
    if not shutil.which("npm"):
        return False
    version = probe(["node", "--version"]).lstrip("v").split(".")[0]
    return version.isdigit() and int(version) >= OLDEST
