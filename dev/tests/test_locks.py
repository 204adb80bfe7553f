import os

import pytest
from cq import locks


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "CACHE", tmp_path)


def test_a_lock_has_one_holder():
    first = locks.take("server")
    assert locks.take("server") is None
    os.close(first)
    assert locks.take("server") is not None


def test_a_lock_can_be_shared_against_one_that_is_not():
    first, second = locks.take("tests", shared=True), locks.take("tests", shared=True)
    assert first and second
    assert locks.take("tests") is None
