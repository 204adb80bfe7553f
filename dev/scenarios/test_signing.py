"""Signers wait neither for each other nor for the sealer, and the chain never forks (M1)."""

import os
import time
from functools import partial

from cq.actors import at_once, job, request, request_held
from cq.arena import reach, wait
from scenarios import stage

SEALER = "quality.signature.seal"
#: How long the long transaction stays open at least.
SECONDS = float(os.environ.get("RACE_SECONDS") or 3)


def storm(env, seconds):
    """Eight signers and three sealers beside one long transaction that has signed, too.

    It stays open until all of them are done: one that waited for it would never be.
    """
    calls = _eight_calls(env)
    database, company = env.cr.dbname, env.company
    long_review = stage.reviews(env, 1)
    long_answers = stage.answers(env, long_review, "quality")
    env.cr.commit()

    def hold(own):
        own["res.company"].browse(company.id).sudo().street = "Changed in between"
        own.flush_all()
        reach("the long transaction has signed")
        time.sleep(seconds)
        for number in range(len(others)):
            wait(f"number {number} is done")

    def meanwhile(number, function):
        wait("the long transaction has signed")
        result = function()
        reach(f"number {number} is done")
        return result

    signing = ("quality.record", "action_sign_off")
    long_one = request_held(
        database, "quality", *signing, long_review.record_id.ids, *long_answers, hold=hold
    )
    others = [
        request(database, login, *signing, record.ids, *arguments)
        for login, record, arguments in calls
    ]
    others += [job(database, SEALER, "_cron_seal")] * 3
    beside = [partial(meanwhile, number, function) for number, function in enumerate(others)]
    return at_once(long_one, *beside, seconds=seconds + 90)


def _eight_calls(env):
    """Return (login, record, arguments) of five who give opinions, three who sign receipts."""
    order = stage.approved_orders(env, 1)
    order.action_confirm()
    notice = env["quality.production.notice"].search([("order_id", "=", order.id)])
    first, second = stage.reviews(env, 2)
    pairs = [(first, login) for login in stage.SIGNERS]
    pairs += [(second, login) for login in stage.SIGNERS[:2]]
    opinions = [(who, item.record_id, stage.answers(env, item, who)) for item, who in pairs]
    received = [
        (login, notice.record_id, stage.receipts(env, notice, login)) for login in stage.SIGNERS
    ]
    return opinions + received


def test_eight_signers_beside_a_long_transaction(arena):
    """M1: no user error, nobody waits, no fork; one more run of the sealer leaves none waiting."""
    assert arena.act(storm, seconds=SECONDS).result(SECONDS + 120) == [{}] * 12
    assert arena.act(stage.seal_and_verify).result()["findings"] == []
    after = arena.act(stage.verify).result()
    assert after["waiting"] == 0 and after["sealed"] >= 9


def seal_halfway(env):
    """Seal ten of thirty signatures, and be killed while the next ten are being sealed."""
    for order in stage.reviews(env, 10).order_id:
        review = order.quality_review_id
        for login in stage.SIGNERS:
            user = env.ref(f"customer_quality.user_{login}")
            review.record_id.with_user(user).action_sign_off(*stage.answers(env, review, login))
    env.cr.commit()
    seals = env[SEALER]
    seals._seal_batch(limit=10)
    env.cr.commit()

    def hang(*_):
        reach("seals are written, the end of the chain is not")
        wait("never")

    type(env["quality.signature.chain"])._set_head = hang
    seals._seal_batch(limit=10)


def test_the_sealer_is_killed(arena):
    """M1: what a killed sealer has not committed, the next one seals."""
    sealer = arena.act(seal_halfway)
    arena.wait_for("seals are written, the end of the chain is not")
    sealer.kill()
    assert arena.act(stage.verify).result() == {"sealed": 10, "waiting": 20, "findings": []}
    arena.act(stage.seal_and_verify).result()
    assert arena.act(stage.verify).result() == {"sealed": 30, "waiting": 0, "findings": []}
