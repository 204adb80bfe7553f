import logging

from odoo import api, fields, models

_logger = logging.getLogger(__name__)


class QualityContractReview(models.Model):
    """What the customer is told: the chapter of contract review about the answer (B3).

    The promised date is fixed when the review is requested, so that the departments sign on
    the very date that the customer is told.
    """

    _inherit = "quality.contract.review"  # pylint: disable=R8180  # a chapter of its own

    date_answered = fields.Datetime("Customer Answered", readonly=True, copy=False)
    is_answer_due = fields.Boolean(compute="_compute_is_answer_due")

    @api.depends("state", "date_answered")
    def _compute_is_answer_due(self):
        for review in self:
            review.is_answer_due = (
                review.state == "approved"
                and not review.is_baseline
                and not review.date_answered
                and review.company_id.quality_answer_customer != "off"
            )

    def action_answer_customer(self):
        """Write to the customer with the promised date; see the order's action."""
        self.ensure_one()
        return self.order_id.action_answer_customer()

    # The promised date

    def _take_snapshot(self):
        result = super()._take_snapshot()
        self._promise_dates()
        return result

    def _promise_dates(self):
        """Promise the earliest date where sales have promised none and the customer is told.

        What a customer accepted online, or what is confirmed, stays as it was agreed.
        """
        for review in self.filtered(lambda r: r.company_id.quality_answer_customer != "off"):
            order_sudo = review.order_id.sudo()  # the requester may write the order: checked
            if order_sudo.commitment_date or order_sudo.quality_accepted_on:
                continue
            if order_sudo.state not in ("draft", "sent"):
                continue
            if date := review._get_earliest_date() or order_sudo.expected_date:
                order_sudo.commitment_date = date
                review.line_ids.date_expected = date
                review.write(review._prepare_snapshot_vals())

    def _get_earliest_date(self):
        """Return the earliest date that covers all lines, or False where one is not known."""
        dates = self.line_ids.mapped("date_earliest")
        return max(dates) if dates and all(dates) else False

    # The answer

    def _answer_customer(self):
        """Answer with the approval: by mail at once, or by asking sales to."""
        due = self.filtered(lambda review: review.is_answer_due)
        for review in due - due._filter_answered_before():
            if review.company_id.quality_answer_customer == "automatic":
                review._send_answer()
            else:
                review._ask_for_answer()

    def _filter_answered_before(self):
        """Return the reviews whose customers were told the same date for an earlier revision."""
        if not self:
            return self
        told = self.env[self._name].search(
            [("order_id", "in", self.order_id.ids), ("date_answered", "!=", False)], order="id"
        )
        dates = {review.order_id: review.date_promised for review in told}  # the last one counts
        return self.filtered(lambda r: r.order_id in dates and dates[r.order_id] == r.date_promised)

    def _send_answer(self):
        """Queue the mail to the customer; what can't be sent becomes a task of sales.

        Nothing here may undo the signature of whoever approved last.
        """
        self.ensure_one()
        order_sudo = self.order_id.sudo()  # whoever approves last need not see orders
        if not order_sudo.partner_id.email:
            self._ask_for_answer(self.env._("The customer has no e-mail address."))
            return
        try:
            with self.env.cr.savepoint():
                template_sudo = self.env.ref("customer_quality.mail_template_answer").sudo()
                template_sudo.send_mail_batch(order_sudo.ids)
                self.sudo().date_answered = fields.Datetime.now()
        except Exception as error:  # a template that somebody edited: the approval stands
            _logger.warning("Could not answer the customer of %s", self.name, exc_info=True)
            self._ask_for_answer(str(error))
            return
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _ask_for_answer(self, note=False):
        """Ask the salesperson to answer the customer by hand."""
        user = self.user_id or self.env.ref("base.user_admin")
        self.order_id.sudo().with_context(mail_activity_quick_update=True).activity_schedule(
            "customer_quality.mail_activity_type_answer",
            summary=self.with_context(lang=user.lang).env._(
                "Approved: answer the customer with the promised date"
            ),
            note=note,
            user_id=user.id,
        )
