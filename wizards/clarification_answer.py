from odoo import fields, models
from odoo.exceptions import AccessError


class QualityClarificationAnswer(models.TransientModel):
    """Take down what the customer answered by phone, chat or on a visit (A2)."""

    _name = "quality.clarification.answer"
    _description = "Enter a Customer's Answer"

    clarification_id = fields.Many2one("quality.clarification", required=True, readonly=True)
    question = fields.Text(
        "Question to the Customer", related="clarification_id.question", related_sudo=False
    )
    answer = fields.Text("What the Customer Says", required=True)
    answered_by = fields.Char("Who Answered", required=True)
    channel_id = fields.Many2one("quality.channel", "By Way of", required=True)
    file = fields.Binary()
    filename = fields.Char()

    def action_answer(self):
        """Keep the answer with the question.

        :raise AccessError: for whoever may not write the question
        :raise UserError: when the question is not open any more
        """
        self.ensure_one()
        if self.create_uid != self.env.user:
            raise AccessError(self.env._("This answer is being entered by somebody else."))
        self.clarification_id.check_access("write")
        files = [{"name": self.filename or "file", "datas": self.file}] if self.file else []
        self.clarification_id._answer(self.answer, self.answered_by, self.channel_id, files)
