"""Signatures stay intact when a database is duplicated, neutralized, dumped and loaded (M1)."""

import json

import pytest
from cq.process import output_of
from scenarios import stage

SIGNED = {"sealed": 6, "waiting": 0, "findings": []}
VERIFY = """
import json
from scenarios import stage
print("found:", json.dumps(stage.verify(env)))
"""


def sign(env):
    """Sign two reviews, one opinion of them on behalf of somebody, with a scan; and seal."""
    first, second = stage.reviews(env, 2)
    for review in (first, second):
        for login in stage.SIGNERS:
            user = env.ref(f"customer_quality.user_{login}")
            credentials = {}
            if (review, login) == (second, "quality"):
                credentials = {
                    "way": "entered",
                    "entered_for": {"user_id": user.id},
                    "evidence": {"name": "scan.pdf", "content": b"%PDF-1.4 the scan"},
                }
            arguments = stage.answers(env, review, login)
            review.record_id.with_user(user).action_sign_off(*arguments, credentials)
    env.cr.commit()
    return stage.seal_and_verify(env)


@pytest.fixture
def signed(arena):
    """An arena with signatures, and the names of copies of its database; they go at the end."""
    assert arena.act(sign).result() == SIGNED
    arena.copies = [f"{arena.database}_{number}" for number in range(2)]
    yield arena
    for name in arena.copies:
        arena.odoo.drop_database(name)


def _run(arena, *arguments):
    options = ["-c", arena.odoo.configuration, *arguments]
    output_of(arena.odoo.command(["db", *options]), env=arena.odoo.variables)


def _verify(arena, database):
    output = arena.odoo.shell(database, VERIFY)
    return json.loads(output.partition("found:")[2].splitlines()[0])


def test_duplicate_and_neutralize(signed):
    """M1: a neutralized duplicate, made for trying something out, is intact."""
    _run(signed, "duplicate", "--neutralize", signed.database, signed.copies[0])
    assert _verify(signed, signed.copies[0]) == SIGNED


def test_dump_and_load(signed):
    """M1: a backup that is loaded on another day is intact, its evidence too."""
    archive = signed.folder / "backup.zip"
    _run(signed, "dump", signed.database, str(archive))
    _run(signed, "load", signed.copies[1], str(archive))
    assert _verify(signed, signed.copies[1]) == SIGNED
