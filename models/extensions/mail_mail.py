from odoo import models


class MailMail(models.Model):
    """Mails to customers who complain, and could not be sent (F3). All others pass as ever."""

    _inherit = "mail.mail"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """Ask the owners of complaints to tell their customers by another way."""
        ids = self.filtered(lambda mail: mail.model == "quality.complaint").mapped("res_id")
        result = super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type
        )
        if failure_type and ids:
            # the queue sends as whoever runs it
            self.env["quality.complaint"].sudo().browse(ids).exists()._on_undelivered()
        return result
