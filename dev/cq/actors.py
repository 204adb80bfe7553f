"""What actors do in Odoo: requests of users as its RPC layer makes them, several at once.

Used inside the processes that cq.arena starts.
"""

import multiprocessing
import os
import traceback
from functools import partial

import odoo.sql_db
from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.exceptions import RedirectWarning, UserError
from odoo.modules.registry import Registry
from odoo.service.model import call_kw, execute_cr, retrying


def request(database, login, model, method, *arguments):
    """Return a function that calls a method as a user does, tried again after a collision.

    What the user reads as an error is returned as {"error": text}.
    """
    return partial(_request, database, login, execute_cr, model, method, arguments)


def request_held(database, login, model, method, *arguments, hold):
    """Return the same; but before its transaction is committed, `hold()` is called."""
    execute = partial(_execute_held, hold)
    return partial(_request, database, login, execute, model, method, arguments)


def _request(database, login, execute, model, method, arguments):
    with Registry(database).check_signaling().cursor() as cursor:
        users = Environment(cursor, SUPERUSER_ID, {})["res.users"]
        uid = users.search([("login", "=", login)]).id
        try:
            execute(cursor, uid, model, method, list(arguments), {})
        except (RedirectWarning, UserError) as error:
            return {"error": str(error)}
    return {}


def _execute_held(hold, cursor, uid, model, method, arguments, options):
    cursor.reset()
    env = Environment(cursor, uid, {})
    env.transaction.default_env = env

    def call():
        result = call_kw(env[model], method, arguments, options)
        env.flush_all()
        hold(env)
        return result

    return retrying(call, env)


def job(database, model, method):
    """Return a function that runs the method of a scheduled action."""
    return partial(_job, database, model, method)


def _job(database, model, method):
    with Registry(database).check_signaling().cursor() as cursor:
        getattr(Environment(cursor, SUPERUSER_ID, {})[model], method)()
    return {}


def at_once(*functions, seconds=120):
    """Run functions at the same moment, each in a process of its own.

    :return: what they return, in their order; {"crash": trace} for one that raises
    """
    fork = multiprocessing.get_context("fork")
    start = fork.Barrier(len(functions))
    ends = []
    for function in functions:
        receiver, sender = fork.Pipe(duplex=False)
        fork.Process(target=_run, args=(function, start, sender), daemon=True).start()
        ends.append(receiver)
    return [end.recv() if end.poll(seconds) else {"crash": "not done in time"} for end in ends]


def _run(function, start, sender):
    # Connections can't be shared with the process that this one was forked from.
    odoo.sql_db._Pool._connections.clear()
    try:
        start.wait()
        sender.send(function())
    except Exception:
        sender.send({"crash": traceback.format_exc()})
    # Nothing of the other process's is to be cleaned up here.
    os._exit(0)
