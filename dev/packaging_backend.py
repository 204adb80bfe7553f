"""Build backend for pip: whool, on a copy of the module in a folder with the module's name.

whool takes the module's name from its folder, and the folder of a clone may have any name.
What only serves development stays out of the package.
"""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from whool import buildapi

MODULE = "customer_quality"
LEFT_OUT = {"dev", "Makefile", "eslint.config.cjs"}


@contextmanager
def _module_folder():
    source = Path.cwd()
    with tempfile.TemporaryDirectory() as temporary:
        target = Path(temporary, MODULE)
        for file in _files(source):
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / file, target / file)
        os.chdir(target)
        try:
            yield
        finally:
            os.chdir(source)


def _files(source):
    """Return the relative paths of the files that belong into the package."""
    listing = ["git", "ls-files", "-z"]
    try:
        done = subprocess.run(listing, cwd=source, capture_output=True, text=True, check=True)
        files = [Path(name) for name in done.stdout.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        files = [path.relative_to(source) for path in source.rglob("*") if path.is_file()]
    return [
        file
        for file in files
        if (source / file).is_file()
        and file.parts[0] not in LEFT_OUT
        and not file.parts[0].startswith(".")
        and "__pycache__" not in file.parts
    ]


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Build a wheel and return its name, as the standard for build backends says."""
    wheel_directory = os.path.abspath(wheel_directory)
    with _module_folder():
        return buildapi.build_wheel(wheel_directory, config_settings)


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    """Write the metadata of the wheel, and return the name of their folder."""
    metadata_directory = os.path.abspath(metadata_directory)
    with _module_folder():
        return buildapi.prepare_metadata_for_build_wheel(metadata_directory, config_settings)


def build_sdist(sdist_directory, config_settings=None):
    """Build a source distribution that can itself be built, and return its name."""
    sdist_directory = os.path.abspath(sdist_directory)
    with _module_folder():
        # A source distribution is built anywhere: there the folder is whatever it is called.
        Path("pyproject.toml").write_text(
            '[build-system]\nrequires = ["whool>=1.3"]\nbuild-backend = "whool.buildapi"\n'
        )
        return buildapi.build_sdist(sdist_directory, config_settings)
