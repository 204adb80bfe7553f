from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    quality_review_gate = fields.Selection(related="company_id.quality_review_gate", readonly=False)
    quality_guard_offer = fields.Boolean(related="company_id.quality_guard_offer", readonly=False)
    quality_notice_on_confirm = fields.Boolean(
        related="company_id.quality_notice_on_confirm", readonly=False
    )
    quality_fast_path = fields.Boolean(related="company_id.quality_fast_path", readonly=False)
    quality_depth_by_kind = fields.Boolean(
        related="company_id.quality_depth_by_kind", readonly=False
    )
    quality_guard_orders = fields.Boolean(related="company_id.quality_guard_orders", readonly=False)
    quality_override_hours = fields.Integer(
        related="company_id.quality_override_hours", readonly=False
    )
    quality_password_policy = fields.Selection(
        related="company_id.quality_password_policy", readonly=False
    )

    quality_chat_kind = fields.Selection(related="company_id.quality_chat_kind", readonly=False)
    quality_chat_url = fields.Char(related="company_id.quality_chat_url", readonly=False)
    quality_chat_secret = fields.Char(related="company_id.quality_chat_secret", readonly=False)

    def execute(self):
        """Save; offer to adopt open orders as baseline when the gate was switched on."""
        action = super().execute()
        company = self.company_id
        if not company.quality_baseline_due:
            return action
        company.quality_baseline_due = False
        return self.env["quality.baseline.adopt"]._offer(company) or action
