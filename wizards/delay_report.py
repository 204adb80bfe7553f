from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.progress.delay import DELAY_GROUPS


class QualityDelayReport(models.TransientModel):
    """Dialog: report a delay of notices, with cause and remedy (D3)."""

    _name = "quality.delay.report"
    _description = "Report a Delay"

    notice_ids = fields.Many2many(
        "quality.production.notice", string="Production Notices", readonly=True
    )
    production_id = fields.Many2one("mrp.production", readonly=True)
    date_promised = fields.Date("Promised Date", compute="_compute_date_promised")
    date_expected = fields.Date("Expected On", required=True)
    cause_id = fields.Many2one("quality.change.cause", required=True)
    reason = fields.Text("What Happened", required=True)
    remedy = fields.Text(help="What is done so that the goods leave as soon as possible.")
    owner_id = fields.Many2one(
        "res.users",
        domain=[("share", "=", False)],
        help="Sees to the remedy. Leave empty for production.",
    )

    @api.depends("notice_ids")
    def _compute_date_promised(self):
        for dialog in self:
            # the day that was promised is shown to whoever may report that it is not kept
            days = [notice._get_promised_day() for notice in dialog.sudo().notice_ids]
            dialog.date_promised = min(filter(None, days), default=False)

    @api.model
    def _open(self, notices, production=None):
        """Open the dialog for notices in force.

        :raise AccessError: for whoever may not report delays
        :raise UserError: when none of the notices is in force
        """
        self._ensure_may_report()
        standing = notices.filtered(lambda notice: notice.state == "issued")
        if not standing:
            raise UserError(
                self.env._(
                    "No production notice in force is behind this, so no promise can be late."
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Report a Delay"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_notice_ids": standing.ids,
                "default_production_id": production.id if production else False,
            },
        }

    @api.model
    def _ensure_may_report(self):
        if not (self.env.su or self.env.user.has_groups(DELAY_GROUPS)):
            raise AccessError(
                self.env._(
                    "Delays are reported by production, sales and quality. Tell one of them."
                )
            )

    def action_confirm(self):
        """Report the delay of each notice and open what came of it.

        :raise AccessError: for notices that the user may not read
        :raise UserError: for notices that are not in force any more, and blank reasons
        """
        self.ensure_one()
        self._ensure_may_report()
        self.notice_ids.check_access("read")
        if not (self.reason or "").strip():
            raise UserError(self.env._("Write what happened; the others act on what they read."))
        over = self.notice_ids.filtered(lambda notice: notice.state != "issued")
        if over or not self.notice_ids:
            raise UserError(
                self.env._(
                    "The production notice is not in force any more. Report on its successor."
                )
            )
        # a delay is opened by the procedure; who may report was checked above
        delays = self.env["quality.delay"].sudo()._report(self._prepare_delays_vals())
        return delays.sudo(False)._get_records_action(name=self.env._("Delay"))

    def _prepare_delays_vals(self):
        return [
            {
                "notice_id": notice.id,
                "source": "reported",
                "production_id": self.production_id.id,
                "date_expected": self.date_expected,
                "cause_id": self.cause_id.id,
                "reason": self.reason.strip(),
                "remedy": (self.remedy or "").strip(),
                "owner_id": self.owner_id.id,
            }
            for notice in self.notice_ids
        ]


class QualityDelayWithdraw(models.TransientModel):
    """Dialog: why a delay was none."""

    _name = "quality.delay.withdraw"
    _description = "Withdraw a Delay"

    delay_ids = fields.Many2many("quality.delay", readonly=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Withdraw the delays.

        :raise UserError: without a reason
        """
        if not (self.reason or "").strip():
            raise UserError(self.env._("Write why it was no delay."))
        self.delay_ids.action_withdraw(self.reason)
        return {"type": "ir.actions.act_window_close"}
