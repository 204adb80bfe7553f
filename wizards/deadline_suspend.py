from odoo import api, fields, models
from odoo.exceptions import UserError


class QualityDeadlineSuspend(models.TransientModel):
    """Say why the clock of deadlines stops (F3)."""

    _name = "quality.deadline.suspend"
    _description = "Pause Deadlines"

    deadline_ids = fields.Many2many("quality.deadline", string="Deadlines", readonly=True)
    reason = fields.Char(required=True, help="What is waited for, e.g. drawings of the customer.")

    @api.model
    def _open(self, deadlines):
        """Return the action that opens the dialog for ``deadlines``."""
        return {
            "name": self.env._("Pause"),
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_deadline_ids": deadlines.ids},
        }

    def action_confirm(self):
        """Stop the clock of the deadlines.

        :raise AccessError: for whoever is neither their owner nor a quality officer
        :raise UserError: when no reason is given, or nothing runs any more
        """
        self.ensure_one()
        if not self.reason.strip():
            raise UserError(
                self.env._("Give the reason; the others can only act on what they read.")
            )
        self.deadline_ids._ensure_may_pause()
        self.deadline_ids._pause(self.reason)
        return {"type": "ir.actions.act_window_close"}
