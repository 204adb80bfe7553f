from odoo import fields, models


class StockLocation(models.Model):
    """Places whose goods are not promised: inspection, nonconforming goods (B8)."""

    _name = "stock.location"
    _inherit = ["stock.location", "quality.hold.mixin"]

    quality_hold = fields.Boolean(
        "Goods on Hold",
        copy=False,
        help="What lies here, or in a place inside, is not promised to customers: inspection, "
        "nonconforming or returned goods.",
    )
