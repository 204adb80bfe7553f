from odoo import fields, models


class QualityComplaintStep(models.TransientModel):
    """Asks for what a step of a complaint needs: words, who, how it went (F2–F5)."""

    _name = "quality.complaint.step"
    _description = "Step of a Complaint"

    complaint_ids = fields.Many2many("quality.complaint", string="Complaints", required=True)
    step = fields.Selection(
        [
            ("contact", "First Contact"),
            ("arrive", "Arrived on Site"),
            ("remote", "Helped from Afar"),
            ("contain", "Containment"),
            ("told", "Told by Another Way"),
            ("attend", "Attended To"),
            ("verdict", "Customer's Verdict"),
            ("revisit", "Return Visit"),
            ("wait", "Wait for the Customer"),
            ("reject", "Reject"),
            ("void", "Void"),
            ("reopen", "Reopen"),
        ],
        required=True,
        default="contact",
    )
    text = fields.Text()
    who = fields.Char()
    is_accepted = fields.Boolean("The Solution Is Accepted", default=True)
    result = fields.Selection(
        [("good", "Satisfied"), ("poor", "Not satisfied"), ("unreached", "Not reached")],
        default="good",
    )
    duplicate_of_id = fields.Many2one("quality.complaint", "Goes On As")

    def action_apply(self):
        """Take the step, by the rights of whoever takes it."""
        self.ensure_one()
        getattr(self, f"_apply_{self.step}")(self.complaint_ids)
        return {"type": "ir.actions.act_window_close"}

    def _apply_contact(self, complaints):
        complaints.action_contact(self.text)

    def _apply_arrive(self, complaints):
        complaints.action_arrive(self.who)

    def _apply_remote(self, complaints):
        complaints.action_help_remotely(self.who)

    def _apply_contain(self, complaints):
        complaints.action_contain(self.text)

    def _apply_told(self, complaints):
        complaints.action_note_told(self.who, self.text)

    def _apply_attend(self, complaints):
        complaints.action_attend(self.text)

    def _apply_verdict(self, complaints):
        complaints._ensure_may_handle()
        complaints._record_verdict(self.is_accepted, self.who, self.text)

    def _apply_revisit(self, complaints):
        complaints.action_revisit(self.result, self.text)

    def _apply_wait(self, complaints):
        complaints.action_wait(self.text)

    def _apply_reject(self, complaints):
        complaints.action_reject(self.text)

    def _apply_void(self, complaints):
        complaints.action_void(self.text, self.duplicate_of_id)

    def _apply_reopen(self, complaints):
        complaints.action_reopen(self.text)
