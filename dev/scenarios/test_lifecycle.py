"""Install, update twice, uninstall: selling and making work before and after."""

from scenarios import stage

LEFT_OVERS = """
    SELECT relname FROM pg_class WHERE relname LIKE 'quality!_%' ESCAPE '!'
     UNION
    SELECT column_name FROM information_schema.columns
     WHERE column_name LIKE 'quality!_%' ESCAPE '!'
     UNION
    SELECT proname FROM pg_proc WHERE proname LIKE '%quality%'
"""


def work_with_the_module(env):
    """Review, confirm, receive: leave records, signatures and a notice behind."""
    order = stage.approved_orders(env, 1)
    order.with_user(env.ref("customer_quality.user_sales")).action_confirm()
    env.cr.commit()
    return stage.seal_and_verify(env)["findings"]


def sell_and_make(env):
    """Sell a product that is made to stock, make it and deliver it, in plain Odoo."""
    if "quality_review_gate" in env.company._fields:
        env.company.quality_review_gate = "never"
        env.company.quality_notice_on_confirm = False
    part, product = env["product.product"].create(
        [{"name": name, "is_storable": True} for name in ("Part", "Machine")]
    )
    env["mrp.bom"].create(
        {
            "product_tmpl_id": product.product_tmpl_id.id,
            "bom_line_ids": [(0, 0, {"product_id": part.id, "product_qty": 1})],
        }
    )
    stock = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
    env["stock.quant"]._update_available_quantity(part, stock.lot_stock_id, 3)
    production = env["mrp.production"].create({"product_id": product.id, "product_qty": 3})
    production.action_confirm()
    production.qty_producing = 3
    production.move_raw_ids.write({"quantity": 3, "picked": True})
    production.button_mark_done()
    line = {"product_id": product.id, "product_uom_qty": 3}
    order = env["sale.order"].create(
        {"partner_id": env.ref("base.partner_demo_portal").id, "order_line": [(0, 0, line)]}
    )
    order.action_confirm()
    order.picking_ids.move_ids.write({"quantity": 3, "picked": True})
    order.picking_ids.with_context(skip_backorder=True, skip_sms=True).button_validate()
    env.cr.commit()
    return [production.state, order.state, order.picking_ids.state, order.delivery_status]


def uninstall(env):
    """Uninstall the module as an administrator does."""
    env["ir.module.module"].search([("name", "=", "customer_quality")]).button_immediate_uninstall()


WORKS = ["done", "sale", "done", "full"]


def test_update_twice_and_uninstall(arena):
    """The module comes and goes without a trace, and Odoo's own flows work throughout."""
    assert arena.act(sell_and_make).result() == WORKS
    assert arena.act(work_with_the_module).result() == []
    for _ in range(2):
        arena.odoo.run_odoo(["-d", arena.database, "-u", "customer_quality", "--stop-after-init"])
    assert arena.act(stage.seal_and_verify).result()["findings"] == []
    assert arena.act(sell_and_make).result() == WORKS
    arena.act(uninstall).result()
    assert arena.sql(LEFT_OVERS) == ""
    assert arena.act(sell_and_make).result() == WORKS
