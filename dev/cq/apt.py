"""Packages of the Debian mirror, fetched and unpacked without root and without installing them.

A private apt root in the cache leaves the system's lists and its package state alone.
apt verifies what it fetches by Debian's signatures, and resumes what was cut off.
"""

import errno
import os
import re
import shutil
import subprocess
from pathlib import Path

from .console import Failure, say
from .paths import CACHE
from .process import need, output_of

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SOURCES = Path("/etc/apt")
SUITES = ("sid", "bookworm")


def mirrors(text):
    """Return the addresses of an apt source list, of the old one-line or the new style.

    Comments may hold other addresses: only the fields count.
    """
    found = re.findall(r"^URIs:[ \t]*(.+)$", text, re.MULTILINE)
    found += re.findall(r"^deb[ \t]+(?:\[[^\]]*\][ \t]*)?(\S+)[ \t]", text, re.MULTILINE)
    return [address for entry in found for address in entry.split()]


def debian_mirror():
    """Return the address of the Debian mirror that this system uses.

    :raises Failure: if it uses none and DEBIAN_MIRROR names none
    """
    if os.environ.get("DEBIAN_MIRROR"):
        return os.environ["DEBIAN_MIRROR"]
    files = [SOURCES / "sources.list", *sorted((SOURCES / "sources.list.d").glob("*"))]
    for file in files:
        if file.suffix in (".list", ".sources") and file.is_file():
            for address in mirrors(file.read_text(errors="replace")):
                if address.rstrip("/").endswith("/debian"):
                    return address
    raise Failure(
        "This system has no Debian mirror in its apt sources: set ODOO_SOURCE=/path to a checkout"
        " of Odoo 19.0, or DEBIAN_MIRROR= to the address of a mirror."
    )


class Apt:
    """A private apt root. Use it as a context: its lists are removed at the end."""

    def __init__(self):
        self.root = CACHE / "apt"
        self.environment = dict(os.environ, APT_CONFIG=str(self.root / "apt.conf"), LC_ALL="C")

    def __enter__(self):
        for tool in ("apt-get", "dpkg-deb"):
            need(tool, "set ODOO_SOURCE=/path to a checkout of Odoo 19.0.")
        if not KEYRING.is_file():
            raise Failure(f"{KEYRING} is missing: install the package debian-archive-keyring.")
        for folder in ("lists/partial", "cache/archives/partial", "log", "state", "debs", "pref"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        self._configure()
        say("reading the package lists of the Debian mirror")
        self._run("-qq", "-o", "APT::Update::Error-Mode=any", "update")
        return self

    def __exit__(self, kind, error, trace):
        # After a failure the partial downloads stay, to be resumed.
        if kind is None:
            shutil.rmtree(self.root, ignore_errors=True)

    def _configure(self):
        mirror = debian_mirror()
        lines = [f"deb [signed-by={KEYRING}] {mirror} {suite} main\n" for suite in SUITES]
        (self.root / "sources.list").write_text("".join(lines))
        (self.root / "status").touch()
        settings = {
            "Dir::State": self.root / "state",
            "Dir::State::lists": self.root / "lists",
            "Dir::State::status": self.root / "status",
            "Dir::Cache": self.root / "cache",
            "Dir::Etc::sourcelist": self.root / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": self.root / "pref",
            "Dir::Log": self.root / "log",
            "APT::Sandbox::User": "",
            "APT::Update::Post-Invoke": "",
            "APT::Update::Post-Invoke-Success": "",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
        }
        text = "".join(f'{name} "{value}";\n' for name, value in settings.items())
        (self.root / "apt.conf").write_text(text)

    def _run(self, *arguments):
        return output_of(["apt-get", *arguments], env=self.environment, cwd=self.root / "debs")

    def fetch(self, *packages):
        """Download packages (`name` or `name/suite`) and return their files."""
        say(f"downloading {', '.join(package.split('/')[0] for package in packages)}")
        self._run("-qq", "download", *packages)
        names = [package.split("/")[0] for package in packages]
        return [next((self.root / "debs").glob(f"{name}_*.deb")) for name in names]


def unpack(archive, target, exclude=()):
    """Unpack a package file into a folder, without the paths that match a pattern.

    :raises Failure: if the file is damaged; it is removed, so that it is fetched anew
    """
    tar = [
        "tar",
        "-x",
        "-C",
        str(target),
        "--wildcards",
        *(f"--exclude={item}" for item in exclude),
    ]
    package = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(archive)], stdout=subprocess.PIPE)
    unpacked = subprocess.run(tar, stdin=package.stdout, stderr=subprocess.PIPE, text=True)
    package.stdout.close()
    if unpacked.returncode or package.wait():
        if "No space left" in unpacked.stderr:
            raise OSError(errno.ENOSPC, "No space left", str(target))
        archive.unlink()
        raise Failure(
            f"The package {archive.name} was damaged and is removed: run the command again."
        )


def version_of(archive):
    """Return the version of a package file."""
    return output_of(["dpkg-deb", "-f", archive, "Version"]).strip()
