from odoo import fields, models
from odoo.exceptions import AccessError

from ..models.change.order_change_consent import MEANS


class QualityOrderChangeConsent(models.TransientModel):
    """Take down whether the customer consents to a change of ours (C2)."""

    _name = "quality.order.change.consent"
    _description = "The Customer's Answer to a Change"

    change_id = fields.Many2one("quality.order.change", required=True, readonly=True)
    agrees = fields.Selection(
        [("yes", "The customer agrees"), ("no", "The customer refuses")],
        "Answer",
        required=True,
    )
    person = fields.Char("Who Answered", required=True)
    means = fields.Selection(
        [means for means in MEANS if means[0] != "portal"], "By", required=True, default="phone"
    )
    note = fields.Text("What the Customer Says")
    file = fields.Binary("Proof")
    filename = fields.Char()

    def action_answer(self):
        """Keep the answer with the change.

        :raise AccessError: for whoever may not change the order
        :raise UserError: where no consent is waited for
        """
        self.ensure_one()
        if self.create_uid != self.env.user:
            raise AccessError(self.env._("This answer is being entered by somebody else."))
        self.change_id._ensure_may_change()
        file = {"name": self.filename or "file", "datas": self.file} if self.file else None
        self.change_id._answer_consent(
            self.agrees == "yes", self.person, self.means, self.note, file
        )
