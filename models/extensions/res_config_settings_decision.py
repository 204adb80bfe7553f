from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings about deciding on orders."""

    _inherit = "res.config.settings"  # pylint: disable=R8180  # a chapter of its own

    quality_condition_hold = fields.Selection(
        related="company_id.quality_condition_hold", readonly=False
    )
    quality_risk_threshold = fields.Integer(
        related="company_id.quality_risk_threshold", readonly=False
    )
    quality_answer_customer = fields.Selection(
        related="company_id.quality_answer_customer", readonly=False
    )
    quality_confirm_on_approval = fields.Boolean(
        related="company_id.quality_confirm_on_approval", readonly=False
    )
    quality_strategy_key_customer = fields.Boolean(
        related="company_id.quality_strategy_key_customer", readonly=False
    )
    quality_strategy_amount = fields.Monetary(
        related="company_id.quality_strategy_amount",
        readonly=False,
    )
    quality_kickoff = fields.Boolean(related="company_id.quality_kickoff", readonly=False)
    quality_meeting_role_ids = fields.Many2many(
        related="company_id.quality_meeting_role_ids", readonly=False
    )
