"""Two first documents of a year, at the same moment (K2)."""

from cq.actors import at_once, request_held
from scenarios import stage
from scenarios.test_stock import meet


def race(env):
    """Request two reviews at once, of which either would begin the numbers of the year."""
    orders = stage.orders(env, 2)
    sequences = env["ir.sequence"].search([("code", "=", "quality.contract.review")])
    sequences.prefix = "NEW/%(range_year)s/"  # a run of their own, as in a new year
    sequences.date_range_ids.unlink()
    seller = env.ref("customer_quality.user_sales")
    env.cr.commit()
    outcomes = at_once(
        *(
            request_held(
                env.cr.dbname,
                seller.login,
                "sale.order",
                "action_request_quality_review",
                order.ids,
                hold=lambda own, number=number: meet(number),
            )
            for number, order in enumerate(orders)
        )
    )
    env.cr.rollback()
    env.invalidate_all()
    return {"outcomes": outcomes, "numbers": len(set(orders.quality_review_id.mapped("name")))}


def test_two_first_documents_of_a_year(arena):
    """K2: both get a number of their own, and nobody an error."""
    assert arena.act(race).result() == {"outcomes": [{}, {}], "numbers": 2}
