from odoo import api, fields, models


class QualityRecordMixin(models.AbstractModel):
    """What is told about a document (M4): a text to paste, a post to the group, to whom."""

    _inherit = "quality.record.mixin"  # pylint: disable=R8180  # each block adds its own chapter

    message_text = fields.Char("Copy as Message", compute="_compute_message_text")

    @api.depends("name")
    @api.depends_context("lang")
    def _compute_message_text(self):
        for document in self:
            document.message_text = document._get_message_text()

    def _get_message_text(self):
        """Return kind, number and link as text for a chat message, without any price (M5)."""
        self.ensure_one()
        title = f"{self._description_translated()} {self.display_name or ''}"
        return f"{title}\n{self.get_base_url()}/quality/work/{self.record_id.id}"

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Follow the documents; who is only asked to sign is told once, by the activity.

        Under the context key ``customer_quality_mirror``, with which duties are mirrored,
        nobody is subscribed: mail for each note on the document is not what was asked for, and
        core subscribes one person after the other.
        """
        if self.env.context.get("customer_quality_mirror"):
            return True
        return super().message_subscribe(partner_ids, subtype_ids)

    def _post_to_chat(self):
        """Post these documents to the chat groups of their companies, where these have one."""
        for company, documents in self.grouped("company_id").items():
            if company.quality_chat_kind != "none":
                told = documents.with_context(lang=company.partner_id.lang)
                self.env["quality.chat.message"]._post(
                    [document._get_message_text() for document in told], company
                )
