from odoo import fields, models


class QualityChangeCause(models.Model):
    """Why an agreed order has to change, or is late: the company's own list (C1, D3)."""

    _name = "quality.change.cause"
    _description = "Cause of Changes and Delays"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="Kept when the cause is renamed; figures refer to it.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Leave empty to share it.")
    is_avoidable = fields.Boolean(
        "Avoidable", default=True, help="Proposed for each change; it can be judged otherwise."
    )
