"""Orders, reviews and their signers, for the scenarios: who plays is in the demo data."""

SIGNERS = ("engineering", "production", "quality")


def put_in_stock(env, quantity):
    """Have so many free pieces of what the quotations are for."""
    product = env.ref("mrp.product_product_computer_desk")
    shelf = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
    env["stock.quant"]._update_available_quantity(product, shelf.lot_stock_id, quantity)


def orders(env, count, quantity=80):
    """Return that many quotations of the salesperson, each for more than stock holds."""
    seller = env.ref("customer_quality.user_sales")
    product = env.ref("mrp.product_product_computer_desk")
    line = {"product_id": product.id, "product_uom_qty": quantity}
    values = {
        "partner_id": env.ref("base.partner_demo_portal").id,
        "user_id": seller.id,
        "order_line": [(0, 0, line)],
    }
    return env["sale.order"].create([values] * count)


def reviews(env, count):
    """Return that many reviews, requested by the salesperson and not yet answered."""
    asked = orders(env, count)
    asked.with_user(env.ref("customer_quality.user_sales")).action_request_quality_review()
    return asked.quality_review_id


def approved_orders(env, count):
    """Return that many quotations whose review is approved."""
    found = reviews(env, count)
    for review in found:
        for login in SIGNERS:
            user = env.ref(f"customer_quality.user_{login}")
            review.record_id.with_user(user).action_sign_off(*answers(env, review, login))
    return found.order_id


def answers(env, review, login):
    """Return the arguments with which a user agrees to all that they are asked."""
    user = env.ref(f"customer_quality.user_{login}")
    mine = review.record_id.with_user(user).opinion_ids.filtered("is_mine")
    return ({opinion.id: {"answer": "agree"} for opinion in mine}, [])


def receipts(env, notice, login):
    """Return the arguments with which a user signs for what they received."""
    user = env.ref(f"customer_quality.user_{login}")
    mine = notice.record_id.with_user(user).acknowledgement_ids.filtered("is_mine")
    return ({}, mine.ids)


def verify(env):
    """Return what the verification of the signatures finds, as JSON-able values."""
    found = env["quality.signature"]._verify(env.company)
    return {
        "sealed": found.sealed,
        "waiting": found.waiting,
        "findings": [finding.sentence for finding in found.findings],
    }


def seal_and_verify(env):
    """Run the sealer once more, and verify."""
    env["quality.signature.seal"]._cron_seal()
    return verify(env)
