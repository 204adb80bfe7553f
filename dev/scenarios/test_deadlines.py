"""Two servers that follow the deadlines at once, and one that is killed while it does (F3)."""

import re
from collections import Counter
from datetime import timedelta

from cq.actors import at_once, job
from cq.arena import reach, wait
from scenarios import stage

DEADLINES = "quality.deadline"
NOTICES = "quality.deadline.notice"
COUNT = 250
#: Smaller than outside, so that there is something left when a server is killed.
BATCH = 100


def due(env, count=COUNT):
    """Create that many deadlines of three people that were missed an hour ago."""
    from odoo import fields

    env[DEADLINES]._cron_process()  # what the demo data left due: a batch is then ours alone
    policy = env.ref("customer_quality.deadline_policy_demo_urgent_release")
    policy.step_ids.unlink()
    people = [env.ref(f"customer_quality.user_{login}") for login in stage.SIGNERS]
    names = [f"RACE{number:04}" for number in range(count)]
    documents = env["res.partner"].create([{"name": name} for name in names])
    records = env["quality.record"].create(
        [
            {"name": name, "res_model": "res.partner", "res_id": document.id}
            for name, document in zip(names, documents, strict=True)
        ]
    )
    start = fields.Datetime.now() - timedelta(hours=policy.amount + 1)
    env[DEADLINES]._start(
        [
            {
                "record_id": record.id,
                "kind": "urgent_release",
                "user_id": people[number % len(people)].id,
                "date_start": start,
            }
            for number, record in enumerate(records)
        ]
    )
    env.cr.commit()


def outcome(env):
    """Return how often each deadline was told in a message, what is left, and to how many."""
    mails = env["mail.mail"].search([("body_html", "like", "RACE")])
    told = Counter(name for mail in mails for name in re.findall(r"RACE\d+", mail.body_html))
    deadlines = env[DEADLINES].search([("record_id.name", "=like", "RACE%")])
    return {
        "told": sorted(Counter(told.values()).items()),
        "states": sorted(Counter(deadlines.mapped("state")).items()),
        "notices": len(deadlines.notice_ids),
        "waiting": len(deadlines.notice_ids.filtered(lambda notice: not notice.date_sent)),
        "activities": len(deadlines.activity_id),
        "people": len({tuple(mail.recipient_ids.ids) for mail in mails}),
    }


#: How it must look in the end: each deadline is missed, and was told once.
ONCE = {
    "told": [[1, COUNT]],
    "states": [["missed", COUNT]],
    "notices": COUNT,
    "waiting": 0,
    "activities": COUNT,
    "people": len(stage.SIGNERS),
}


def two_servers(env):
    """Two servers run the scheduled action at the same moment."""
    due(env)
    server = job(env.cr.dbname, DEADLINES, "_cron_process")
    return at_once(server, server)


def run(env):
    """Run the scheduled action, and say how it looks afterwards."""
    env[DEADLINES]._cron_process()
    return outcome(env)


def test_two_servers_follow_the_deadlines(arena):
    """F3: nothing is told twice, nothing is left."""
    assert arena.act(two_servers).result() == [{}, {}]
    assert arena.act(outcome).result() == ONCE
    assert arena.act(run).result() == ONCE


def advance_halfway(env):
    """Move a first batch, and be killed when the second one is written but not committed."""
    from odoo.addons.customer_quality.models.blocks import deadline_process

    due(env)
    deadline_process.BATCH = BATCH
    advance, batches = type(env[DEADLINES])._advance, iter(range(2))

    def hang(deadlines, now):
        advance(deadlines, now)
        if next(batches):
            deadlines.env.flush_all()
            reach("the second batch is written")
            wait("never")

    type(env[DEADLINES])._advance = hang
    env[DEADLINES]._cron_process()


def test_killed_while_deadlines_are_moved(arena):
    """F3: the first batch stands with whom to tell, the second one is as if it never was."""
    server = arena.act(advance_halfway)
    arena.wait_for("the second batch is written")
    server.kill()
    before = arena.act(outcome).result()
    assert before["states"] == [["missed", BATCH], ["open", COUNT - BATCH]]
    assert (before["told"], before["waiting"]) == ([], BATCH)
    assert arena.act(run).result() == ONCE


def send_halfway(env):
    """Tell a first person, and be killed when the message to the second one is written."""
    from odoo.addons.customer_quality.models.blocks import deadline_notice

    due(env)
    deadline_notice.PEOPLE = 1
    send, people = type(env[NOTICES])._send, iter(range(2))

    def hang(notices):
        send(notices)
        if next(people):
            notices.env.flush_all()
            reach("the second message is written")
            wait("never")

    type(env[NOTICES])._send = hang
    env[DEADLINES]._cron_process()


def test_killed_while_people_are_told(arena):
    """F3: who was told is not told again, the others hear of it from the next server."""
    server = arena.act(send_halfway)
    arena.wait_for("the second message is written")
    server.kill()
    before = arena.act(outcome).result()
    assert before["people"] == 1 and before["notices"] == COUNT
    assert arena.act(run).result() == ONCE
