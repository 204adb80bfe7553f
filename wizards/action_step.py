from odoo import fields, models


class QualityActionStep(models.TransientModel):
    """Asks for the evidence, or for the reason, of the next step of actions."""

    _name = "quality.action.step"
    _description = "Step of an Action"

    action_ids = fields.Many2many("quality.action", string="Actions", required=True)
    step = fields.Selection(
        [("done", "Done"), ("reopen", "Reopen"), ("cancel", "Cancel")],
        required=True,
        default="done",
    )
    text = fields.Text("Evidence or Reason")
    attachment_ids = fields.Many2many("ir.attachment", string="Files")

    def action_apply(self):
        """Take the step, by the rights of whoever takes it."""
        self.ensure_one()
        actions = self.action_ids
        if self.step == "done":
            actions.action_done(self.text, self.attachment_ids.ids)
        elif self.step == "reopen":
            actions.action_reopen(self.text)
        else:
            actions.action_cancel(self.text)
        return {"type": "ir.actions.act_window_close"}
