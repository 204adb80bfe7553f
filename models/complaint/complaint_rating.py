from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

RATING = "customer_quality.mail_template_complaint_rating"

#: Up to this value, of five, a rating calls for attention.
POOR = 2


class QualityComplaint(models.Model):
    """How the customer rates the handling (F5): asked once at closing, by Odoo's own links."""

    _inherit = "quality.complaint"  # pylint: disable=R8180  # a chapter of its own

    date_rating_asked = fields.Datetime("Rating Asked On", readonly=True, copy=False)
    needs_attention = fields.Boolean(
        readonly=True, copy=False, index="btree_not_null", tracking=True
    )
    attention_reason = fields.Text("Why It Needs Attention", readonly=True, copy=False)

    def _get_allowed_message_params(self):
        """Ratings come by the link that was sent, not along with any message."""
        return super()._get_allowed_message_params() - {"rating_value"}

    def _rating_get_partner(self):
        """Return who is asked: the contact who reported it, where they are known."""
        return self._get_mail_partner().sudo(False) or super()._rating_get_partner()

    def _filter_untold_end(self):
        """Whoever is asked for a rating reads there that the complaint is closed."""
        asked = super()._filter_untold_end()._filter_to_rate()
        sent = asked._queue_mail(RATING)
        sent.write({"date_rating_asked": fields.Datetime.now(), "end_told": "told"})
        return self - asked

    def action_reopen(self, reason):
        """What is taken up anew is attended to (F3, F5)."""
        result = super().action_reopen(reason)
        self.sudo().filtered("needs_attention")._attend(reason)  # the right was checked
        return result

    def _filter_to_rate(self):
        """Return the complaints whose customers are asked to rate the handling, once (in sudo)."""
        return self.filtered(
            lambda complaint: (
                complaint.company_id.quality_complaint_rating
                and not complaint.date_rating_asked
                and complaint._get_mail_address()
            )
        )

    def rating_apply(
        self,
        rate,
        token=None,
        rating=None,
        feedback=None,
        subtype_xmlid=None,
        notify_delay_send=False,
    ):
        """Take down the rating; a poor one calls for attention (F5).

        :raise AccessError: for users; the customer rates by the link
        """
        if not self.env.su:  # Odoo's page of the link comes as superuser
            raise AccessError(
                self.env._("The customer rates by the link in the mail that asks for it.")
            )
        rating = super().rating_apply(
            rate, token, rating, feedback, subtype_xmlid, notify_delay_send
        )
        if rating.rating and rating.rating <= POOR:
            self.sudo()._call_for_attention(  # the customer has no right to complaints
                self.env._(
                    "Rated %(rating)g of 5. %(words)s", rating=rating.rating, words=feedback or ""
                ).strip()
            )
        return rating

    # Attention

    def _call_for_attention(self, reason):
        """Flag complaints, and tell responsible and salesperson, once each (in sudo).

        :param reason: str, in words
        """
        fresh = self.filtered(lambda complaint: not complaint.needs_attention)
        self.write({"needs_attention": True, "attention_reason": reason})
        kind = self.env["ir.model.data"]._xmlid_to_res_id(
            "customer_quality.mail_activity_type_complaint_attention"
        )
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": kind,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": complaint.id,
                    "user_id": person.id,
                    "summary": reason.splitlines()[0][:200],
                    "automated": True,
                    "date_deadline": fields.Date.context_today(self),
                }
                for complaint in fresh
                for person in complaint.user_id | complaint.salesperson_id
            ]
        )

    def action_attend(self, note):
        """Say what was done about a poor rating or return visit; the flag goes (F5).

        :param note: str
        :raise AccessError: for whoever does not handle the complaints
        :raise UserError: without a note
        """
        self._ensure_may_handle()
        self._ensure_reason(note)
        self.sudo().filtered("needs_attention")._attend(note)  # the right was checked
        return True

    def _attend(self, note):
        """Take the flag away, and do the activities (in sudo)."""
        self.needs_attention = False
        self.activity_feedback(
            ["customer_quality.mail_activity_type_complaint_attention"], feedback=note
        )
        self._note(self.env._("Attended to: %(note)s", note=note))

    def _read_group_select(self, aggregate_spec, query):
        """Count only what was rated, and only visits that reached somebody.

        Access to the field is checked by the call to ``super()``.
        """
        if aggregate_spec == "rating_last_value:avg":
            expression = super()._read_group_select(aggregate_spec, query)
            column = self._field_to_sql(self._table, "rating_last_value", query)
            return SQL("AVG(NULLIF(%s, 0))", column) if expression else expression
        return super()._read_group_select(aggregate_spec, query)
