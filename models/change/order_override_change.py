from odoo import fields, models

KINDS = [
    ("quantity", "Quantity"),
    ("cancel", "Line Cancelled"),
    ("cancel_order", "Order Cancelled"),
    ("add", "Line Added"),
    ("product", "Product"),
    ("date", "Date"),
    ("requirement", "Requirement"),
    ("price", "Price"),
    ("terms", "Terms"),
]


class QualityOrderOverrideChange(models.Model):
    """One value that was changed by an override, before and after (C5).

    Texts, so that they say what they said whatever becomes of the order; no price (M5).
    """

    _name = "quality.order.override.change"
    _description = "Change by an Override"
    _order = "override_id, id"

    override_id = fields.Many2one(
        "quality.order.override", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="override_id.record_id.company_id", store=True, index=True)
    order_line_id = fields.Many2one(
        "sale.order.line", readonly=True, ondelete="set null", index="btree_not_null"
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    what = fields.Char(readonly=True)
    before = fields.Char(readonly=True)
    after = fields.Char(readonly=True)
    changed_by = fields.Char(readonly=True)
    create_date = fields.Datetime("Changed On", readonly=True)
