from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings about following what is being made."""

    _inherit = "res.config.settings"  # pylint: disable=R8180  # a chapter of its own

    quality_plan_check = fields.Boolean(related="company_id.quality_plan_check", readonly=False)
    quality_progress_report = fields.Boolean(
        related="company_id.quality_progress_report", readonly=False
    )
    quality_progress_hour = fields.Float(related="company_id.quality_progress_hour", readonly=False)
    quality_progress_post = fields.Boolean(
        related="company_id.quality_progress_post", readonly=False
    )
    quality_idle_days = fields.Integer(related="company_id.quality_idle_days", readonly=False)
    quality_progress_digest = fields.Boolean(
        related="company_id.quality_progress_digest", readonly=False
    )
    quality_portal_progress = fields.Boolean(
        related="company_id.quality_portal_progress", readonly=False
    )
    quality_delay_watch = fields.Boolean(related="company_id.quality_delay_watch", readonly=False)
