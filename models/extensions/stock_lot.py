from odoo import fields, models


class StockLot(models.Model):
    """Lots whose goods are not promised until they are released (B8)."""

    _name = "stock.lot"
    _inherit = ["stock.lot", "quality.hold.mixin"]

    quality_hold = fields.Boolean(
        "On Hold",
        copy=False,
        tracking=True,
        help="Goods of this lot are not promised to customers until it is released.",
    )
