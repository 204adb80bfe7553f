from odoo import fields, models


class QualityAbnormalityStep(models.TransientModel):
    """Asks for the reason of a step that takes an abnormality out of its usual course."""

    _name = "quality.abnormality.step"
    _description = "Step of an Abnormality"

    abnormality_ids = fields.Many2many("quality.abnormality", string="Abnormalities", required=True)
    step = fields.Selection(
        [("reopen", "Not Remedied"), ("pass_on", "Pass On"), ("void", "Void")],
        required=True,
        default="reopen",
    )
    reason = fields.Text(required=True)
    role_id = fields.Many2one(
        "quality.role", "Department Concerned", domain=[("is_personal", "=", False)]
    )

    def action_apply(self):
        """Take the step, by the rights of whoever takes it."""
        self.ensure_one()
        sheets = self.abnormality_ids
        if self.step == "reopen":
            sheets.action_reopen(self.reason)
        elif self.step == "pass_on":
            sheets.action_pass_on(self.role_id, self.reason)
        else:
            sheets.action_void(self.reason)
        return {"type": "ir.actions.act_window_close"}
