from odoo import models


class MrpWorkorder(models.Model):
    """Reported at the work order where it happened (D7)."""

    _inherit = "mrp.workorder"

    def action_report_quality_abnormality(self):
        """Open the page on which an abnormality of this work order is reported."""
        self.ensure_one()
        return self.env["quality.abnormality"]._get_report_action(workorder=self.id)
