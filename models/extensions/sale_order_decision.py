from odoo import api, fields, models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """What follows from the decision on an order: the customer's answer, the confirmation (B3)."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_order_in_hand = fields.Boolean(
        "Customer's Order in Hand",
        copy=False,
        tracking=True,
        help="The customer has ordered. Where the company has set it so, the last approval of "
        "the contract review confirms the order.",
    )
    quality_promise_date = fields.Date(
        "Promised On", compute="_compute_quality_promise_date", compute_sudo=True
    )
    quality_is_answer_due = fields.Boolean(related="quality_review_id.is_answer_due")

    @api.depends("commitment_date", "quality_review_id.date_promised")
    def _compute_quality_promise_date(self):
        for order in self:
            promised = order.commitment_date or order.quality_review_id.date_promised
            order.quality_promise_date = order._get_quality_day(promised)

    def _get_quality_day(self, moment):
        """Return the day of a moment where the order is kept, not in UTC (date, or False).

        :param moment: datetime in UTC, or False
        """
        self.ensure_one()
        if not moment:
            return False
        order_sudo = self.sudo()  # the same day, whoever looks
        zone = order_sudo.user_id.tz or order_sudo.company_id.partner_id.tz or self.env.user.tz
        return fields.Datetime.context_timestamp(self.with_context(tz=zone), moment).date()

    # The answer

    def action_answer_customer(self):
        """Open the mail that tells the customer the promised date, in their language.

        :raise AccessError: for whoever is not in sales
        :raise UserError: where the review is not approved
        """
        self.ensure_one()
        self._check_quality_sales()
        if self.quality_review_status != "approved":
            raise UserError(
                self.env._(
                    "The customer of %(order)s is answered when its contract review is approved.",
                    order=self.name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answer the Customer"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": "sale.order",
                "default_res_ids": self.ids,
                "default_composition_mode": "comment",
                "default_template_id": self.env.ref("customer_quality.mail_template_answer").id,
                "force_email": True,
                "customer_quality_answer": self.quality_review_id.id,
            },
        }

    def message_post(self, **kwargs):
        """Note that the customer was answered.

        The context key ``customer_quality_answer``, set by :meth:`action_answer_customer`, names
        the review that the message answers.
        """
        message = super().message_post(**kwargs)
        review = self.quality_review_id
        if review and self.env.context.get("customer_quality_answer") == review.id:
            if self.has_access("write"):
                review.sudo().date_answered = fields.Datetime.now()  # by whoever may write it
                # closing the task posts too: that message answers nobody
                self.with_context(customer_quality_answer=False).activity_feedback(
                    ["customer_quality.mail_activity_type_answer"]
                )
        return message

    # The confirmation

    def _on_quality_review_approved(self):
        """Confirm what the customer ordered already, outside the signer's transaction."""
        result = super()._on_quality_review_approved()
        if any(
            order.quality_order_in_hand and order.company_id.quality_confirm_on_approval
            for order in self
        ):
            self.env["quality.record"]._wake("customer_quality.ir_cron_review_settle")
        return result

    @api.model
    def _search_quality_in_hand(self):
        """Return the orders that the last approval confirms."""
        return self.search(
            [
                ("quality_order_in_hand", "=", True),
                ("company_id.quality_confirm_on_approval", "=", True),
                ("state", "in", ("draft", "sent")),
                ("quality_review_id.state", "=", "approved"),
            ]
        )

    def _confirm_in_hand(self):
        """Confirm orders that the customers have given; what is not clear yet waits."""
        for order in self.filtered(lambda o: o.state in ("draft", "sent")):
            if not (order.quality_review_id._filter_stale() or order._get_quality_gate_error()):
                order.action_confirm()
