from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings about what customers who complain are told."""

    _inherit = "res.config.settings"  # pylint: disable=R8180  # a chapter of its own

    quality_complaint_acknowledge = fields.Selection(
        related="company_id.quality_complaint_acknowledge", readonly=False
    )
    quality_complaint_tell_end = fields.Selection(
        related="company_id.quality_complaint_tell_end", readonly=False
    )
    quality_complaint_rating = fields.Boolean(
        related="company_id.quality_complaint_rating", readonly=False
    )
    quality_complaint_untold_days = fields.Integer(
        related="company_id.quality_complaint_untold_days", readonly=False
    )
