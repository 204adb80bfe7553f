"""What a pass over the deadlines costs: what is due, and what is open besides."""

import gc
import time
from datetime import timedelta

from cq.arena import reach, wait

from .signatures import _copy

OWNERS = 20
DEADLINES = "quality.deadline"
KIND = "receipt"


def follow(env, rounds, due, count):
    """Run the scheduled action when it is this one's turn, with the same number due each time.

    :param due: how many deadlines are due, spread over all
    :param count: how many are open in all
    :return: list of rounds, each a list of one [seconds, queries]
    """
    _create(env, count)
    samples = []
    for number in range(rounds):
        _make_due(env, count // due)
        wait(f"go {number}", seconds=600)
        gc.collect()
        samples.append([_measure(env)])
        reach(f"done {number}")
    env.cr.execute("SELECT count(*) FROM quality_deadline WHERE state = 'escalated'")
    if env.cr.fetchone() != (due,):
        raise AssertionError("Not all that was due has been worked off.")
    return samples


def _create(env, count):
    """Create that many deadlines of twenty people, due in a year."""
    env["quality.deadline.policy"].create(
        {
            "name": "Measured",
            "kind_id": env.ref(f"customer_quality.deadline_kind_{KIND}").id,
            "amount": 366,
            "warn_hours": 8,
            "step_ids": [
                (0, 0, {"hours": 0, "role_id": env.ref("customer_quality.role_management").id})
            ],
        }
    )
    people = env["res.users"].create(
        [
            {"name": f"Owner {n}", "login": f"owner{n}", "email": f"owner{n}@example.com"}
            for n in range(OWNERS)
        ]
    )
    record = env["quality.record"].create({"name": "B1", "res_model": "quality.record"})
    deadline = env[DEADLINES]._start(
        [{"record_id": record.id, "kind": KIND, "user_id": people[0].id}]
    )
    env.flush_all()
    # The copies of the document follow the first one, so those of the deadline find them.
    _copy(env, record, count, name="'B' || n")
    owner = f"{people[0].id} + n %% {OWNERS}"
    _copy(env, deadline, count, record_id=f"{record.id} - 1 + n", user_id=owner)
    env.cr.execute("ANALYZE")
    env.cr.commit()


def _make_due(env, every):
    """Let one of so many deadlines have been due an hour ago, and forget what was told."""
    from odoo import fields  # only actors have Odoo

    ago = fields.Datetime.now() - timedelta(hours=1)
    env.cr.execute("DELETE FROM quality_deadline_notice")
    env.cr.execute("DELETE FROM mail_mail")
    env.cr.execute("DELETE FROM mail_message WHERE message_type = 'email_outgoing'")
    env.cr.execute(
        """
        UPDATE quality_deadline
           SET state = 'open', level = 0, result = NULL, date_warn = NULL, date_due = %(ago)s,
               date_escalate = %(ago)s, date_next = %(ago)s
         WHERE id %% %(every)s = 0
        """,
        {"ago": ago, "every": every},
    )
    env.cr.commit()
    env.invalidate_all()


def _measure(env):
    """Return the seconds and queries of one pass, its commits included."""
    start, queries = time.perf_counter(), env.cr.sql_log_count
    env[DEADLINES]._cron_process()
    env.cr.commit()
    return [time.perf_counter() - start, env.cr.sql_log_count - queries]
