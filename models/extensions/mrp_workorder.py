from odoo import models


class MrpWorkorder(models.Model):
    """Work orders: started after the receipt of the notice; abnormalities reported (D1, D7)."""

    _inherit = "mrp.workorder"

    def button_start(self, raise_on_invalid_state=False):
        """Start; orders whose notice production has not received wait.

        :raise RedirectWarning: naming order and notice, and leading to the notice
        """
        self.production_id._check_quality_receipt()
        return super().button_start(raise_on_invalid_state=raise_on_invalid_state)

    def button_finish(self):
        """Finish, also what was never started; see :meth:`button_start`."""
        self.production_id._check_quality_receipt()
        return super().button_finish()

    def action_report_quality_abnormality(self):
        """Open the page on which an abnormality of this work order is reported."""
        self.ensure_one()
        return self.env["quality.abnormality"]._get_report_action(workorder=self.id)
