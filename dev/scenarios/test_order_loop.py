"""Two users, or two servers, at the same moment on one review or one order (B1, B6)."""

from cq.actors import at_once, job, request, request_held
from cq.arena import reach, wait
from scenarios import stage

REVIEWS = "quality.contract.review"
#: How each order must look in the end, and what is made for three of 80 pieces: one piece is
#: in stock.
ONCE = {"state": "sale", "notices": ["issued"], "pickings": 1, "todo": 0}
MADE = [79, 80, 80]


def last_two_opinions(env):
    """Two people give the last two opinions; neither sees the other's."""
    review = stage.reviews(env, 1)
    first, *last = stage.SIGNERS
    user = env.ref(f"customer_quality.user_{first}")
    review.record_id.with_user(user).action_sign_off(*stage.answers(env, review, first))
    calls = [_signing(env, review, *pair) for pair in (last, last[::-1])]
    env.cr.commit()
    return {"review": review.id, "results": at_once(*calls)}


def _signing(env, review, login, other):
    def hold(_env):
        reach(f"{login} has signed")
        wait(f"{other} has signed")

    return request_held(
        env.cr.dbname, login, "quality.record", "action_sign_off", review.record_id.ids,
        *stage.answers(env, review, login), hold=hold,
    )  # fmt: skip


def settle(env, review):
    """Run the scheduled action; return a review's state before, whether it was due, and after."""
    found = env[REVIEWS].browse(review)
    before = found.state
    action = env.ref("customer_quality.ir_cron_review_settle")
    due = env["ir.cron.trigger"].search_count([("cron_id", "=", action.id)])
    found._cron_settle()
    return [before, due > 0, found.state]


def test_the_last_two_opinions_at_the_same_moment(arena):
    """B1: the review ends approved, by the scheduled action that both have asked for."""
    outcome = arena.act(last_two_opinions).result()
    assert outcome["results"] == [{}, {}]
    states = arena.act(settle, review=outcome["review"]).result()
    assert states == ["review", True, "approved"]


def two_servers_settle(env):
    """Customers have accepted three orders whose reviews are approved now."""
    stage.put_in_stock(env, 1)
    orders = stage.approved_orders(env, 3)
    orders._keep_acceptance()
    env.cr.commit()
    server = job(env.cr.dbname, REVIEWS, "_cron_settle")
    return {"results": at_once(server, server), "orders": orders.ids}


def two_users_confirm(env):
    """Two users press the button for the same approved order, three times."""
    stage.put_in_stock(env, 1)
    orders = stage.approved_orders(env, 3)
    env.cr.commit()
    results = [
        at_once(*(_confirming(env, order, login) for login in ("sales", "admin")))
        for order in orders
    ]
    return {"results": results, "orders": [_describe(order) for order in orders]}


def _confirming(env, order, login):
    return request(env.cr.dbname, login, "sale.order", "action_confirm", order.ids)


def _describe(order):
    env = order.env
    env.cr.rollback()  # to see what the other processes have committed
    notices = env["quality.production.notice"].search([("order_id", "=", order.id)])
    productions = env["mrp.production"].search([("id", "in", notices.production_ids.ids)])
    comment = env.ref("mail.mt_comment")
    mails = order.message_ids.filtered(lambda message: message.subtype_id == comment)
    todo = order.activity_ids.filtered(lambda activity: "settled" in (activity.summary or ""))
    return {
        "state": order.state,
        "notices": notices.mapped("state"),
        "made": sum(productions.mapped("product_qty")),
        "pickings": len(order.picking_ids),
        "mails": len(mails),
        "todo": len(todo),
    }


def confirm_what_is_left(env, orders):
    """Run the scheduled action that was triggered again, and describe the orders."""
    env[REVIEWS]._cron_settle()
    return [_describe(order) for order in env["sale.order"].browse(orders)]


def test_two_servers_run_the_scheduled_action(arena):
    """B6: each accepted order is confirmed once, with one mail and one notice."""
    outcome = arena.act(two_servers_settle).result()
    assert outcome["results"] == [{}, {}]
    orders = arena.act(confirm_what_is_left, orders=outcome["orders"]).result()
    assert sorted(order.pop("made") for order in orders) == MADE
    assert orders == [{**ONCE, "mails": 1}] * 3


def test_two_users_confirm_the_same_order(arena):
    """B6, D1: one of them wins; there is one notice, and nothing is made twice."""
    outcome = arena.act(two_users_confirm).result()
    assert sorted(order.pop("made") for order in outcome["orders"]) == MADE
    assert outcome["orders"] == [{**ONCE, "mails": 0}] * 3
    assert [sorted(result, key=len) for result in outcome["results"]] == [
        [{}, {"error": "Some orders are not in a state requiring confirmation."}]
    ] * 3
