from odoo import fields, models


class MrpProduction(models.Model):
    """A delay is reported where it is noticed: from the manufacturing order (D3)."""

    _inherit = "mrp.production"  # pylint: disable=R8180  # a chapter of its own

    quality_delay_days = fields.Integer(
        "Days Late",
        compute="_compute_quality_delay",
        compute_sudo=True,
        help="After the promised date, by the open delays of its production notices.",
    )
    quality_is_noticed = fields.Boolean(compute="_compute_quality_delay", compute_sudo=True)

    def _compute_quality_delay(self):
        for production in self:
            notices = production._get_quality_claims().notice_id
            production.quality_is_noticed = "issued" in notices.mapped("state")
            production.quality_delay_days = max(notices.mapped("delay_days"), default=0)

    def action_report_quality_delay(self):
        """Open the dialog in which a delay of this order is reported."""
        self.ensure_one()
        notices = self.quality_notice_ids._filtered_access("read")
        return self.env["quality.delay.report"]._open(notices, self)
