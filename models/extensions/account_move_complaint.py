from odoo import fields, models


class AccountMove(models.Model):
    """Bills and credit notes say which complaint they belong to (F4, J1)."""

    _inherit = "account.move"

    quality_complaint_id = fields.Many2one(
        "quality.complaint",
        "Complaint",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Counted among the costs of this complaint once posted.",
    )
