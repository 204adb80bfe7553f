"""Two people, or two changes, at the same moment on one agreed order (C1, C2)."""

from cq.actors import at_once, request
from scenarios import stage

CHANGES = "quality.order.change"
SIGNERS = ("production", "quality", "engineering", "sales", "purchasing")


def _approved_changes(env, order, quantities):
    """Return a change for each quantity, approved by whom it concerns."""
    seller = env.ref("customer_quality.user_sales")
    changes = env[CHANGES]
    for quantity in quantities:
        change = env[CHANGES].with_user(seller)._open_for(order.with_user(seller))
        change.write({"reason": "The customer wants another quantity"})
        change.line_ids[0].new_quantity = quantity
        change.action_request()
        changes |= change.sudo()
    for change in changes:
        for login in SIGNERS:
            user = env.ref(f"customer_quality.user_{login}")
            mine = change.record_id.with_user(user).opinion_ids.filtered("is_mine")
            if mine:
                answers = {opinion.id: {"answer": "agree"} for opinion in mine}
                change.record_id.with_user(user).action_sign_off(answers, [])
    return changes


def _agreed_order(env):
    order = stage.approved_orders(env, 1)
    order.with_user(env.ref("customer_quality.user_sales")).action_confirm()
    return order


def two_changes_at_once(env):
    """Two salespeople apply two changes of the same line at the same moment."""
    order = _agreed_order(env)
    changes = _approved_changes(env, order, (90, 70))
    env.cr.commit()
    results = at_once(
        *(
            request(env.cr.dbname, login, CHANGES, "action_apply", change.ids)
            for login, change in zip(("sales", "admin"), changes, strict=True)
        )
    )
    return {"results": results, **_describe(order, changes)}


def one_change_twice(env):
    """Two people press Apply on the same change at the same moment."""
    order = _agreed_order(env)
    change = _approved_changes(env, order, (90,))
    env.cr.commit()
    results = at_once(
        *(
            request(env.cr.dbname, login, CHANGES, "action_apply", change.ids)
            for login in ("sales", "admin")
        )
    )
    return {"results": results, **_describe(order, change)}


def rehearse(env):
    """Look at the impact of a change; say what the database held before and after."""
    order = _agreed_order(env)
    change = _approved_changes(env, order, (90,))
    env.cr.commit()
    before = _count(env)
    request(env.cr.dbname, "sales", CHANGES, "action_show_impact", change.ids)()
    env.cr.rollback()
    env.invalidate_all()
    return {"before": before, "after": _count(env), "seen": bool(change.impact)}


def rehearse_a_draft(env):
    """Look at the impact of a draft while an order is in work, as the button does."""
    order = _agreed_order(env)
    production = order.stock_reference_ids.production_ids[:1]
    env.company.quality_start_after_receipt = False
    production.qty_producing = 1
    seller = env.ref("customer_quality.user_sales")
    change = env[CHANGES].with_user(seller)._open_for(order.with_user(seller))
    change.line_ids[0].new_quantity = 90
    env.cr.commit()
    result = request(env.cr.dbname, "sales", CHANGES, "action_show_impact", change.ids)()
    env.cr.rollback()
    env.invalidate_all()
    return {
        "result": result,
        "state": change.state,
        "seen": bool(change.impact),
        "in_work": change.production_ids.production_id == production,
    }


def _count(env):
    names = ("mrp.production", "stock.move", "mail.mail", "quality.production.notice")
    return [env[name].search_count([]) for name in (*names, "ir.cron.trigger", "mail.activity")]


def _describe(order, changes):
    env = order.env
    env.cr.rollback()  # to see what the other processes have committed
    env.invalidate_all()
    notices = env["quality.production.notice"].search([("order_id", "=", order.id)])
    return {
        "quantity": order.order_line.product_uom_qty,
        "changes": sorted(changes.mapped("state")),
        "misfits": len(changes.filtered("misfit")),
        "issued": len(notices.filtered(lambda notice: notice.state == "issued")),
    }


def test_two_changes_at_the_same_moment(arena):
    """C1: one is applied; the other is told that the order says something else now."""
    outcome = arena.act(two_changes_at_once).result()
    errors = [result for result in outcome["results"] if result]
    assert len(errors) == 1
    assert "something else since" in str(errors[0])
    assert outcome["changes"] == ["applied", "approved"]
    assert outcome["misfits"] == 1
    assert outcome["quantity"] in (90, 70)
    assert outcome["issued"] == 1


def test_one_change_is_applied_once(arena):
    """C2: of two who press the button, one is too late."""
    outcome = arena.act(one_change_twice).result()
    assert len([result for result in outcome["results"] if result]) == 1
    assert outcome["changes"] == ["applied"]
    assert (outcome["quantity"], outcome["issued"]) == (90, 1)


def test_a_rehearsal_leaves_nothing(arena):
    """C1: a real cursor, a real rollback: not one row more, no mail, no scheduled action."""
    outcome = arena.act(rehearse).result()
    assert outcome["seen"]
    assert outcome["before"] == outcome["after"]


def test_a_draft_is_rehearsed(arena):
    """C1, C2: the rehearsal does not wait for what its own request writes."""
    outcome = arena.act(rehearse_a_draft).result()
    assert outcome == {"result": {}, "state": "draft", "seen": True, "in_work": True}
