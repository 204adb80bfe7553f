"""Doing the real thing on a cursor of its own, to see what it would do."""

from contextlib import contextmanager

from psycopg2 import errors

from odoo import api
from odoo.exceptions import UserError
from odoo.tools import mute_logger

#: In the context while something is only rehearsed. An object, so that no client can set it.
REHEARSAL = object()

#: How long a rehearsal waits for rows that somebody else is writing.
LOCK_TIMEOUT = "5s"


@contextmanager
def rehearsal(env):
    """Give an environment whose every write is taken back at the end (issue of the register).

    It stands on a cursor of its own: hooks that run after a commit never run, nothing is sent,
    and what this transaction has not committed is not seen there. Numbers of documents are not
    drawn (quality.record.mixin); Odoo's own sequences may leave gaps.

    :param env: Environment whose user and context are taken over
    :raise UserError: when somebody else is writing the same rows
    """
    registry = env.registry
    invalidated = set(registry.cache_invalidated)  # by this transaction, to be told to others
    cursor = registry.cursor()
    try:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        context = {
            **env.context,
            "customer_quality_rehearsal": REHEARSAL,
            "mail_activity_quick_update": True,
            "tracking_disable": True,
        }
        with mute_logger("odoo.sql_db"):
            yield api.Environment(cursor, env.uid, context)
    except (errors.LockNotAvailable, errors.SerializationFailure) as error:
        raise UserError(
            env._("Somebody else is changing the same order right now. Try again in a moment.")
        ) from error
    finally:
        cursor.rollback()
        cursor.close()
        # caches that were filled anew during the rehearsal hold what never came to be
        registry.reset_changes()
        registry.cache_invalidated.update(invalidated)


def is_rehearsal(env):
    """Tell whether what happens in ``env`` will be taken back."""
    return env.context.get("customer_quality_rehearsal") is REHEARSAL
