"""Folders of the cache that appear whole or not at all."""

import hashlib
import os
import shutil
from contextlib import contextmanager

from .console import Failure
from .paths import CACHE


def create_cache():
    """Create the cache folder, or fail with a sentence."""
    try:
        CACHE.mkdir(parents=True, exist_ok=True)
        writable = os.access(CACHE, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        raise Failure(f"The folder {CACHE} can't be written: set XDG_CACHE_HOME to another one.")


def need_space(megabytes):
    """Fail with a sentence unless the cache has that much room."""
    free = shutil.disk_usage(CACHE).free // 2**20
    if free < megabytes:
        raise Failure(
            f"The disk is too full: {megabytes} MB are needed in {CACHE}, {free} MB are free."
            " Free some room, or set XDG_CACHE_HOME to a folder on another disk."
        )


@contextmanager
def new_folder(target):
    """Give an empty folder that becomes `target` when the block ends without an error."""
    unfinished = target.with_name(target.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    yield unfinished
    shutil.rmtree(target, ignore_errors=True)
    unfinished.rename(target)


def key(*parts):
    """Return a short name for some contents (texts or bytes), the same on every machine."""
    digest = hashlib.sha256()
    for part in parts:
        content = part if isinstance(part, bytes) else str(part).encode()
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()[:10]


def verify(file, sha256):
    """Fail and remove the file unless its contents have this SHA-256."""
    if hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
        file.unlink()
        raise Failure(
            f"{file.name} is not what was expected and was removed: run the command again."
        )
