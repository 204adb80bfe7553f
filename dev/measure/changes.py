"""What is measured of changes of a confirmed order, inside Odoo: by hand, and by the register.

The goods are made to order, so that plain Odoo plans their manufacturing, too.
"""

import gc
import time

from cq.arena import reach, wait

BEFORE, AFTER = 5, 8


def plain(env, rounds, orders):
    """Change the quantity of confirmed orders as it is done without the register.

    Cancel the manufacturing order and the order, set it back, edit and confirm it.

    :return: dict of part → rounds, each a list of [seconds, queries]: the change by hand, and
        the mere edit of the line of a confirmed order
    """
    prepare = _prepare(env)

    def by_hand(order):
        order.stock_reference_ids.production_ids.action_cancel()
        order.with_context(disable_cancel_warning=True).action_cancel()
        order.action_draft()
        order.order_line.product_uom_qty = AFTER
        order.action_confirm()

    return _take_turns(env, rounds, orders, prepare, {"by hand": by_hand, "edit": _edit})


def off(env, rounds, orders):
    """Edit the line of a confirmed order with the module there and every setting off."""
    return _take_turns(env, rounds, orders, _prepare(env), {"edit": _edit})


def ours(env, rounds, orders):
    """Look at the impact of the same change, and apply it once it is approved."""
    company = env.company
    company.quality_notice_on_confirm = True
    prepare = _prepare(env)

    def approve(order):
        env["quality.contract.review"]._adopt(order.sudo())
        change = env["quality.order.change"]._open_for(order)
        change.reason = "Measured"
        change.line_ids.new_quantity = AFTER
        company.quality_guard_orders = True
        change.sudo()._freeze()
        change.sudo().state = "approved"
        return change

    def impact(change):
        change.action_show_impact()

    def apply(change):
        change.action_apply()

    def ready():
        return approve(prepare())

    return _take_turns(env, rounds, orders, ready, {"impact": impact, "apply": apply})


def _edit(order):
    order.order_line.product_uom_qty = AFTER


def _prepare(env):
    route = env.ref("stock.route_warehouse0_mto")
    route.active = True
    warehouse = env["stock.warehouse"].search([], limit=1)
    part, product = env["product.product"].create(
        [{"name": "Part", "is_storable": True}, {"name": "Machine", "is_storable": True}]
    )
    product.route_ids = route | warehouse.manufacture_pull_id.route_id
    line = {"product_id": part.id, "product_qty": 2}
    template = product.product_tmpl_id.id
    env["mrp.bom"].create({"product_tmpl_id": template, "bom_line_ids": [(0, 0, line)]})
    sales = env(user=env.ref("base.user_admin"))["sale.order"]
    values = {
        "partner_id": env["res.partner"].create({"name": "Customer"}).id,
        "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": BEFORE})],
    }

    def order():
        created = sales.create(values)
        created.action_confirm()
        return created

    return order


def _take_turns(env, rounds, orders, prepare, parts):
    samples = {name: [] for name in parts}
    for number in range(rounds):
        wait(f"go {number}", seconds=600)
        gc.collect()
        for name, do in parts.items():
            samples[name].append([_measure(env, prepare, do) for _index in range(orders)])
        reach(f"done {number}")
    return samples


def _measure(env, prepare, do):
    subject = prepare()
    env.cr.commit()
    env.invalidate_all()
    start, queries = time.perf_counter(), env.cr.sql_log_count
    do(subject)
    env.cr.commit()
    return [time.perf_counter() - start, env.cr.sql_log_count - queries]
