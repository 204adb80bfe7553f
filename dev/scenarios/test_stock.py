"""Two orders that one stock covers, confirmed at the same moment (B2)."""

from cq.actors import at_once, request_held
from cq.arena import reach, wait
from scenarios import stage

QUANTITY = 5


def race(env):
    """Confirm two orders at once, each of which stock covers alone; both hold until both began.

    The second one to reach the stock waits for the first, and looks again.
    """
    company = env.ref("base.main_company")
    company.write({"quality_fast_path": True, "quality_review_gate": "always"})
    product = env["product.product"].create({"name": "RACE", "is_storable": True})
    stock = env.ref("stock.warehouse0").lot_stock_id
    env["stock.quant"]._update_available_quantity(product, stock, QUANTITY)
    seller = env.ref("customer_quality.user_sales")
    line = {"product_id": product.id, "product_uom_qty": QUANTITY}
    values = {
        "partner_id": env.ref("base.partner_demo_portal").id,
        "user_id": seller.id,
        "order_line": [(0, 0, line)],
    }
    orders = env["sale.order"].create([values] * 2)
    for order in orders:
        order.with_user(seller).action_request_quality_review()
        review = order.quality_review_id
        review.record_id.with_user(seller).action_sign_off(*stage.answers(env, review, "sales"))
    for kind in env["quality.retention.rule"]._get_kinds():
        env[kind]._next_number(company)  # the first of a year is another matter
    env.cr.commit()
    outcomes = at_once(
        *(
            request_held(
                env.cr.dbname,
                seller.login,
                "sale.order",
                "action_confirm",
                order.ids,
                hold=lambda own, number=number: meet(number),
            )
            for number, order in enumerate(orders)
        )
    )
    env.cr.rollback()
    env.invalidate_all()
    return {
        "errors": sorted(outcome.get("error", outcome.get("crash", "")) for outcome in outcomes),
        "depths": orders.quality_review_id.mapped("depth"),
        "states": sorted(orders.mapped("state")),
        "reserved": sum(orders.order_line.move_ids.mapped("quantity")),
    }


def meet(number):
    """Stay open for a while, as a slow request does, so that the other one is on its way."""
    reach(f"number {number} has confirmed")
    try:
        wait(f"number {1 - number} has confirmed", 3)
    except TimeoutError:
        pass  # the other one waits for this one


def test_one_stock_covers_one_of_two_orders(arena):
    """B2: the other one is told that stock does not cover it any more."""
    found = arena.act(race).result()
    assert found["depths"] == ["stock", "stock"]
    assert found["errors"][0] == ""
    assert "stock covered the order" in found["errors"][1]
    assert found["states"] == ["draft", "sale"]
    assert found["reserved"] == QUANTITY
