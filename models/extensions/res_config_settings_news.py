from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings about what is told and what waits."""

    _inherit = "res.config.settings"  # pylint: disable=R8180  # a chapter of its own

    quality_news = fields.Boolean(related="company_id.quality_news", readonly=False)
    quality_news_customer = fields.Selection(
        related="company_id.quality_news_customer", readonly=False
    )
    quality_start_after_receipt = fields.Boolean(
        related="company_id.quality_start_after_receipt", readonly=False
    )
