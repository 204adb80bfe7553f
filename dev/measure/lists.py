"""What the review screens cost when the company has a long history.

Real reviews are asked for and signed, then copied back in time by SQL: the present stays the
same, the past grows.
"""

import time
from datetime import timedelta
from statistics import median

from .reviews import _create_users, _prepare, _prepare_answer, _set_up_roles

#: Reviews a year in the copied history.
YEARLY = 10_000
SEEDS = 100


def screens(env, count, rounds=15):
    """Return how long the review screens take beside `count` reviews.

    :return: dict of screen → median seconds
    """
    seeds = _sign_reviews(env)
    _copy_back(env, seeds, count - SEEDS)
    env.cr.execute("ANALYZE")
    env.cr.commit()
    user = env.ref("base.user_admin")
    shown = {
        "review list, first page": lambda: _open_list(env, user),
        "reviews by state (kanban)": lambda: _group(env, user),
        "review times, last three months": lambda: _open_times(env, user),
    }
    return {name: median(_time(env, read) for _ in range(rounds)) for name, read in shown.items()}


def _sign_reviews(env):
    create, users = _prepare(env), _create_users(env, "customer_quality.group_reviewer")
    _set_up_roles(env, users)
    orders = env["sale.order"].union(*[create() for _ in range(SEEDS)])
    orders.action_request_quality_review()
    env.cr.commit()
    for order in orders[: SEEDS * 3 // 4]:
        for user in users:
            _prepare_answer(order, user)()
    env.cr.commit()
    return orders.quality_review_id


def _copy_back(env, seeds, count):
    """Copy approved reviews with their records and opinions, spread over the years before."""
    from odoo.tools import SQL  # only actors have Odoo

    env.flush_all()
    approved = tuple(seeds.filtered(lambda review: review.state == "approved").ids)
    env.cr.execute(
        SQL(
            """
            CREATE TEMP TABLE past AS
            SELECT review.id AS review_id, review.record_id, number,
                   nextval('quality_record_id_seq') AS new_record_id,
                   nextval('quality_contract_review_id_seq') AS new_review_id,
                   number * interval '1 year' / %s AS age
              FROM generate_series(1, %s) number
              JOIN LATERAL (
                    SELECT id, record_id FROM quality_contract_review
                     WHERE id = (%s::int[])[1 + number %% %s]
                   ) review ON TRUE
          ORDER BY number DESC
            """,
            YEARLY,
            count,
            list(approved),
            len(approved),
        )
    )
    _copy(env, "quality_record", "record_id", {"id": "new_record_id", "res_id": "new_review_id"})
    _copy(
        env,
        "quality_contract_review",
        "review_id",
        {"id": "new_review_id", "record_id": "new_record_id"},
    )
    _copy(
        env,
        "quality_opinion",
        "record_id",
        {"id": "nextval('quality_opinion_id_seq')", "record_id": "new_record_id"},
        key="record_id",
    )


def _copy(env, table, past, replaced, key="id"):
    """Copy the rows of a table into the past, with these columns replaced."""
    from odoo.tools import SQL  # only actors have Odoo

    env.cr.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s",
        [table],
    )
    columns, values = [], []
    for name, kind in env.cr.fetchall():
        columns.append(SQL.identifier(name))
        if name in replaced:
            values.append(SQL(replaced[name]))  # noqa: S608  # names of this file
        elif name == "name":
            values.append(SQL("source.name || '/' || number"))
        elif kind.startswith("timestamp"):
            values.append(SQL("source.%s - age", SQL.identifier(name)))
        else:
            values.append(SQL("source.%s", SQL.identifier(name)))
    env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM past JOIN %s source ON source.%s = past.%s",
            SQL.identifier(table),
            SQL(", ").join(columns),
            SQL(", ").join(values),
            SQL.identifier(table),
            SQL.identifier(key),
            SQL.identifier(past),
        )
    )


def _time(env, read):
    env.invalidate_all()
    start = time.perf_counter()
    read()
    return time.perf_counter() - start


def _open_list(env, user):
    reviews = env["quality.contract.review"].with_user(user)
    view = reviews.get_view(view_type="list")
    names = [name for name in view["models"][reviews._name] if name in reviews._fields]
    reviews.web_search_read([], {name: {} for name in names}, limit=80, count_limit=10001)


def _group(env, user):
    reviews = env["quality.contract.review"].with_user(user)
    running = [("state", "in", ("draft", "review", "decision", "objected"))]
    reviews.formatted_read_group(running, ["state"], ["__count"])


def _open_times(env, user):
    if "quality.review.time" not in env:
        return
    times = env["quality.review.time"].with_user(user)
    since = times.env.cr.now() - timedelta(days=90)
    times.formatted_read_group(
        [("date_requested", ">=", since)], ["role_id"], ["hours_median:avg", "hours_p90:avg"]
    )
