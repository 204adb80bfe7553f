"""Locks between processes. The system drops them when their holder dies, even by kill -9."""

import fcntl
import os
from contextlib import contextmanager

from .console import say
from .paths import CACHE


def take(name, shared=False, wait=None):
    """Take the lock `name` and return its open file descriptor.

    :param shared: several holders may share it, against one that does not
    :param wait: what to say when somebody else holds it; without it, return None then
    """
    folder = CACHE / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600)
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        if wait is None:
            os.close(descriptor)
            return None
        say(wait)
        fcntl.flock(descriptor, kind)
    return descriptor


@contextmanager
def held(name, shared=False, wait="waiting for another command to finish its set-up"):
    """Hold the lock `name` while the block runs."""
    descriptor = take(name, shared=shared, wait=wait)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
