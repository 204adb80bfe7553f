from odoo import fields, models


class QualityChannel(models.Model):
    """A way by which customers' requirements come in (A1): written order, phone, chat, …"""

    _name = "quality.channel"
    _description = "Channel of Requirements"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_written = fields.Boolean(
        "In Writing",
        help="What comes this way is in writing. Other orders are confirmed back to the customer "
        "before their review is approved (A2).",
    )
    company_id = fields.Many2one("res.company", index=True, help="Leave empty to share it.")
