"""Odoo 19.0 itself: the user's checkout, or the distribution's package, unpacked."""

import os
from dataclasses import dataclass
from pathlib import Path

from . import apt
from .console import Failure
from .downloads import key, need_space, new_folder
from .paths import CACHE
from .process import probe

PACKAGES = (
    "odoo-19/sid",
    "fonts-font-awesome/bookworm",  # the last one with the file names that Odoo's styles use
    "fonts-glyphicons-halflings",
    "fonts-inconsolata",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)
# Translations other than Chinese are two thirds of the package.
LEFT_OUT = ("*/i18n/[!z]*.po", "*/i18n/*.pot")
# The package leaves this file out, and every page of the web client asks for it.
STUB = "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"


@dataclass(frozen=True)
class OdooSource:
    """A tree of Odoo 19.0: its import root, its start script and its addons folders."""

    root: Path
    script: Path
    addons: tuple
    identity: str


def find():
    """Return the Odoo to use, fetched if need be.

    :raises Failure: if ODOO_SOURCE is not Odoo 19.0, or the package can't be had
    """
    wanted = os.environ.get("ODOO_SOURCE")
    if wanted:
        return inspect(Path(wanted).expanduser().absolute())
    folder = CACHE / "odoo-19.0"
    if not folder.is_dir():
        _fetch(folder)
    return inspect(folder)


def inspect(folder):
    """Return the OdooSource in a folder: a git checkout, or an unpacked package.

    :raises Failure: if it holds no Odoo 19.0
    """
    packaged = folder / "usr" / "lib" / "python3" / "dist-packages"
    root = packaged if packaged.is_dir() else folder
    release = root / "odoo" / "release.py"
    if not release.is_file():
        raise Failure(f"ODOO_SOURCE={folder} holds no Odoo: there is no odoo/release.py in it.")
    if "version_info = (19, 0" not in release.read_text():
        raise Failure(f"ODOO_SOURCE={folder} is not Odoo 19.0: check out its branch 19.0.")
    scripts = [root / "odoo-bin", folder / "usr" / "bin" / "odoo", root / "../../../bin/odoo"]
    script = next((path for path in scripts if path.is_file()), None)
    if not script:
        raise Failure(f"ODOO_SOURCE={folder} has no start script: there is no odoo-bin in it.")
    addons = tuple(path for path in (root / "addons", root / "odoo" / "addons") if path.is_dir())
    return OdooSource(root, script.resolve(), addons, _identity(folder, root))


def _identity(folder, root):
    """Return a text that changes when the source does, as far as databases built from it care."""
    version = folder / "version"
    if version.is_file():
        return version.read_text()
    commit = ""
    if (folder / ".git").exists():
        commit = probe(["git", "-C", folder, "rev-parse", "HEAD"])
    manifest = root / "odoo" / "addons" / "base" / "__manifest__.py"
    return key(commit, (root / "odoo" / "release.py").read_bytes(), manifest.read_bytes())


def _fetch(folder):
    need_space(3000)
    with apt.Apt() as debian, new_folder(folder) as fresh:
        archives = debian.fetch(*PACKAGES)
        for archive in archives:
            apt.unpack(archive, fresh, exclude=LEFT_OUT)
        stub = fresh / "usr" / "lib" / "python3" / "dist-packages" / STUB
        if not stub.exists():
            stub.parent.mkdir(parents=True, exist_ok=True)
            stub.write_text("// Background blur in calls is not part of the package.\n")
        (fresh / "version").write_text(apt.version_of(archives[0]))
