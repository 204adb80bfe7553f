"""Which files of the module decide what is in a database."""

import os

from .downloads import key
from .paths import REPO

# Files elsewhere (tests, scripts, styles, documents) are read from the disk when used.
FOLDERS_ASIDE = {"tests", "static", "dev", "doc", "readme", "screenshots", "build", "dist"}
SUFFIXES = {".py", ".xml", ".csv", ".po", ".sql", ".json", ".html"}


def matters(path):
    """Tell whether a file (relative path) takes part in installing the module."""
    folder, _, name = path.rpartition("/")
    parts = folder.split("/") if folder else []
    hidden = any(part.startswith((".", "__pycache__")) for part in [*parts, name])
    aside = bool(parts) and parts[0] in FOLDERS_ASIDE
    return not hidden and not aside and os.path.splitext(name)[1] in SUFFIXES


def module_files():
    """Return the relative paths of the files that matter, sorted."""
    found = []
    for folder, folders, names in os.walk(REPO):
        here = os.path.relpath(folder, REPO)
        folders[:] = [
            name
            for name in folders
            if not name.startswith((".", "__pycache__"))
            and not (here == "." and name in FOLDERS_ASIDE)
        ]
        found += [os.path.normpath(os.path.join(here, name)) for name in names]
    return sorted(path for path in found if matters(path))


def module_fingerprint():
    """Return a short name of the contents of those files."""
    parts = []
    for path in module_files():
        parts += [path, (REPO / path).read_bytes()]
    return key(*parts)
