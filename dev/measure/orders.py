"""What is measured of orders, inside Odoo. Each order has a transaction of its own.

In one long transaction, dead versions of rows pile up and everything slows down.
"""

import gc
import time

from cq.arena import reach, wait

PLENTY = 10_000_000


def confirm(env, rounds, orders, gate=None):
    """Confirm orders that stock covers, `orders` in each round, when it is this one's turn.

    :param gate: the company's setting; nothing where the module is not installed
    :return: list of rounds, each a list of [seconds, queries]
    """
    if gate:
        env.company.quality_review_gate = gate
    product = env["product.product"].create({"name": "In stock", "is_storable": True})
    shelf = env["stock.warehouse"].search([], limit=1).lot_stock_id
    env["stock.quant"]._update_available_quantity(product, shelf, PLENTY)
    sales = env(user=env.ref("base.user_admin"))["sale.order"]
    values = _prepare_order(env, product)

    def one():
        order = sales.create(values)
        if gate == "always":
            # Approved as it stands: what the gate looks at is the same as after opinions.
            env["quality.contract.review"]._adopt(order.sudo())
        env.cr.commit()
        return _measure(env, order.action_confirm)

    return _take_turns(rounds, orders, one)


def issue(env, rounds, sizes):
    """Confirm orders that stock does not cover, and look at their notices alone.

    :param sizes: how many orders are confirmed in one call
    :return: dict of size → list of [seconds, queries] per order
    """
    env.company.quality_notice_on_confirm = True
    product = _create_manufactured(env)
    sales = env(user=env.ref("base.user_admin"))["sale.order"]
    values = _prepare_order(env, product)
    spent = []
    notices = type(env["quality.production.notice"])
    for name in ("_snapshot_coverage", "_issue_for"):
        setattr(notices, name, _stopped(spent, getattr(notices, name)))

    def several(size):
        orders = sales.create([values] * size)
        env.cr.commit()
        spent.clear()
        orders.action_confirm()
        env.cr.commit()
        return [sum(figure) / size for figure in zip(*spent, strict=True)]

    return {size: [several(size) for _ in range(rounds + 1)][1:] for size in sizes}


def _prepare_order(env, product):
    line = {"product_id": product.id, "product_uom_qty": 1}
    customer = env["res.partner"].create({"name": "Customer"})
    return {"partner_id": customer.id, "order_line": [(0, 0, line)]}


def _create_manufactured(env):
    part, product = env["product.product"].create(
        [{"name": "Part", "is_storable": True}, {"name": "Machine", "is_storable": True}]
    )
    line = {"product_id": part.id, "product_qty": 2}
    template = product.product_tmpl_id.id
    env["mrp.bom"].create({"product_tmpl_id": template, "bom_line_ids": [(0, 0, line)]})
    return product


def _take_turns(rounds, orders, one):
    samples = []
    for number in range(rounds):
        wait(f"go {number}", seconds=600)
        gc.collect()
        samples.append([one() for _ in range(orders)])
        reach(f"done {number}")
    return samples


def _measure(env, function):
    """Return the seconds and queries of a function, its commit included."""
    start, queries = time.perf_counter(), env.cr.sql_log_count
    function()
    env.cr.commit()
    return [time.perf_counter() - start, env.cr.sql_log_count - queries]


def _stopped(spent, method):
    """Return the method with a stopwatch; what was pending before is not its work."""

    def run(self, *arguments):
        self.env.flush_all()
        start, queries = time.perf_counter(), self.env.cr.sql_log_count
        result = method(self, *arguments)
        self.env.flush_all()
        spent.append([time.perf_counter() - start, self.env.cr.sql_log_count - queries])
        return result

    return run
