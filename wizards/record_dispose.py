from odoo import fields, models
from odoo.exceptions import AccessError, UserError


class QualityRecordDispose(models.TransientModel):
    """Dispose of records whose time is over: files and conversation go, the row stays (K1)."""

    _name = "quality.record.dispose"
    _description = "Dispose of Records"

    record_ids = fields.Many2many("quality.record", string="Records", required=True)
    reason = fields.Char(required=True)

    def action_dispose(self):
        """Dispose of the records.

        :raise AccessError: for whoever is not a quality manager
        :raise UserError: naming a record that must still be kept, or without a reason
        """
        self.ensure_one()
        if not self.env.user.has_group("customer_quality.group_manager"):
            raise AccessError(
                self.env._("Only quality managers dispose of records. Ask one of them.")
            )
        if not self.reason.strip():
            raise UserError(self.env._("Say why the records are disposed of; it stays on them."))
        self.record_ids.check_access("read")
        # nobody writes records or deletes their files by a right; the right was checked above
        self.record_ids.sudo()._dispose(self.reason)
        return {"type": "ir.actions.act_window_close"}
