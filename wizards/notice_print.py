from odoo import api, fields, models
from odoo.exceptions import UserError


class QualityProductionNoticePrint(models.TransientModel):
    """Choose for which departments numbered copies of notices are printed (C2, D1)."""

    _name = "quality.production.notice.print"
    _description = "Print Copies of Production Notices"

    notice_ids = fields.Many2many("quality.production.notice", string="Notices", readonly=True)
    role_ids = fields.Many2many(
        "quality.role", string="Departments", help="Each gets a numbered copy of its own."
    )
    outstanding_count = fields.Integer("Copies Out", compute="_compute_outstanding_count")

    @api.depends("notice_ids")
    def _compute_outstanding_count(self):
        for wizard in self:
            wizard.outstanding_count = sum(wizard.notice_ids.mapped("outstanding_count"))

    @api.model
    def _open(self, notices):
        """Return the action that opens the dialog for ``notices``, with their distribution."""
        roles = notices.acknowledgement_ids.role_id
        wizard = self.create({"notice_ids": notices.ids, "role_ids": roles.ids})
        return {
            "name": self.env._("Print Copies"),
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_print(self):
        """Number the copies and return the PDF.

        :raise AccessError: for whoever may not print or read the notices
        :raise UserError: when no department is chosen
        """
        self.ensure_one()
        if not self.role_ids:
            raise UserError(self.env._("Choose the departments that get a copy."))
        self.notice_ids._ensure_can_print()
        copies = self.env["quality.production.notice.copy"]._print_for(
            self.notice_ids, self.role_ids
        )
        action = self.env.ref("customer_quality.production_notice_report").report_action(copies)
        return {**action, "close_on_report_download": True}
