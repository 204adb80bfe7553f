from odoo import fields, models


class QualityChangeCause(models.Model):
    """Why an agreed thing changes or is late: material, production, …; a company's own list.

    Clauses C1 and D3.
    """

    _name = "quality.change.cause"
    _description = "Cause of a Change or Delay"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="By which the procedures know the cause; leave your own ones empty.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Leave empty to share it.")
    is_avoidable = fields.Boolean(
        "Avoidable",
        help="Proposed for each change or delay with this cause; it can be judged anew.",
    )

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0)) WHERE code IS NOT NULL",
        "Another cause has this code already.",
    )
