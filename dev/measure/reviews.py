"""What a review costs from the request to the confirmed order, ours and another one's.

Each call is a transaction of its own, as the calls of users are. Orders are covered by stock, and
no notice is issued: what is compared is asking six people, their six answers, and the gate.
"""

import time
from contextlib import contextmanager

from .orders import PLENTY, _prepare_order, _take_turns

ROLES = ("engineering", "production", "quality", "purchasing", "legal", "finance")
#: What the other one does not do; it is measured apart.
APART = {
    "activities": [
        ("quality.opinion", "_mirror_activities"),
        ("quality.opinion", "_discharge_activities"),
        ("bus.bus", "create"),
    ],
    "mail": [("quality.contract.review", "_track_finalize")],
    "snapshot and fingerprint": [
        ("quality.contract.review", "_take_snapshot"),
        ("quality.contract.review", "_filter_stale"),
    ],
}


def plain(env, rounds, orders):
    """Confirm orders in plain Odoo: what both are compared with.

    :return: list of rounds, each a list of [seconds, queries]
    """
    create = _prepare(env)
    return _take_turns(rounds, orders, lambda: _measure(env, [create().action_confirm]))


def tier(env, rounds, orders):
    """Request a validation by six, validate six times, and confirm; see :func:`plain`."""
    create, users = _prepare(env), _create_users(env, "sales_team.group_sale_manager")
    env["tier.definition"].create(
        [
            {
                "model_id": env["ir.model"]._get("sale.order").id,
                "review_type": "individual",
                "reviewer_id": user.id,
                "definition_domain": "[]",
                "company_id": env.company.id,
            }
            for user in users
        ]
    )

    def one():
        order = create()
        validations = [order.with_user(user).validate_tier for user in users]
        return _measure(env, [order.request_validation, *validations, order.action_confirm])

    return _take_turns(rounds, orders, one)


def ours(env, rounds, orders):
    """Request a review by six roles, sign six opinions, and confirm; see :func:`plain`.

    :return: dict of part → rounds; ``review`` is what is left without the parts apart
    """
    create, users = _prepare(env), _create_users(env, "customer_quality.group_reviewer")
    _set_up_roles(env, users)
    env.company.quality_review_gate = "always"
    spent = {part: [0.0, 0] for part in APART}
    for part, methods in APART.items():
        for model, method in methods:
            _watch(env, model, method, spent[part])
    samples = _take_turns(rounds, orders, lambda: _review_one(env, create(), users, spent))
    return {
        part: [[sample[part] for sample in one] for one in samples] for part in ("review", *APART)
    }


def _review_one(env, order, users, spent):
    for figures in spent.values():
        figures[:] = [0.0, 0]
    seconds, queries = _measure(env, [order.action_request_quality_review])
    for user in users:
        sign = _prepare_answer(order, user)
        figures = _measure(env, [sign])
        seconds, queries = seconds + figures[0], queries + figures[1]
    figures = _measure(env, [order.action_confirm])
    seconds, queries = seconds + figures[0], queries + figures[1]
    apart = {part: list(figures) for part, figures in spent.items()}
    return {
        "review": [
            seconds - sum(figures[0] for figures in apart.values()),
            queries - sum(figures[1] for figures in apart.values()),
        ],
        **apart,
    }


def _prepare_answer(order, user):
    """Return the call that signs what `user` is asked on the review, as its page sends it."""
    record_id = order.sudo().quality_review_id.record_id.id
    record = order.env["quality.record"].with_user(user).browse(record_id)
    mine = record.opinion_ids.filtered("is_mine")
    answers = {opinion.id: {"answer": "agree"} for opinion in mine}
    return lambda: record.action_sign_off(answers)


def _prepare(env):
    product = env["product.product"].create({"name": "In stock", "is_storable": True})
    shelf = env["stock.warehouse"].search([], limit=1).lot_stock_id
    env["stock.quant"]._update_available_quantity(product, shelf, PLENTY)
    values = _prepare_order(env, product)
    sales = env(user=env.ref("base.user_admin"))["sale.order"]

    def create():
        order = sales.create(values)
        env.cr.commit()
        return order

    return create


def _create_users(env, group):
    groups = [env.ref("base.group_user").id, env.ref(group).id]
    users = env["res.users"].create(
        [{"name": code, "login": f"bench_{code}", "group_ids": [(6, 0, groups)]} for code in ROLES]
    )
    env.cr.commit()
    return users


def _set_up_roles(env, users):
    env["quality.opinion.template"].search([]).active = False
    items = []
    for code, user in zip(ROLES, users, strict=True):
        role = env.ref(f"customer_quality.role_{code}")
        lines = env["quality.role.assignment"].search(
            [("role_id", "=", role.id), ("company_id", "=", env.company.id)]
        )
        lines.user_ids = user
        items.append((0, 0, {"role_id": role.id, "question": f"Can {code} keep it?"}))
    env["quality.opinion.template"].create(
        {"name": "Six", "model": "quality.contract.review", "item_ids": items}
    )
    env.cr.commit()


def _measure(env, steps):
    """Return the seconds and queries of these calls, each committed."""
    figures = [0.0, 0]
    for step in steps:
        env.invalidate_all()  # every call of a user begins with an empty cache
        with _stopwatch(env, figures):
            step()
            env.cr.commit()
    return figures


@contextmanager
def _stopwatch(env, figures):
    start, queries = time.perf_counter(), env.cr.sql_log_count
    yield
    figures[0] += time.perf_counter() - start
    figures[1] += env.cr.sql_log_count - queries


def _watch(env, model, name, figures):
    """Add up what a method takes; what was pending before is not its work."""
    kind = type(env[model])
    method = getattr(kind, name)

    def run(self, *arguments, **options):
        self.env.flush_all()
        with _stopwatch(self.env, figures):
            result = method(self, *arguments, **options)
            self.env.flush_all()
        return result

    setattr(kind, name, run)
