from odoo import api, fields, models
from odoo.exceptions import UserError

from ...lib.canonical import digest


class SaleOrder(models.Model):
    """Online acceptance of an order: nothing of the customer's is lost."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    def _validate_order(self):
        """Keep what the customer signed; confirm only what the gate lets pass."""
        held = self._hold_for_quality_review()
        return super(SaleOrder, self - held)._validate_order() if self - held else None

    def _hold_for_quality_review(self):
        """Mark orders that the customer accepted but the gate refuses, and ask for the review.

        :return: the orders held back; the others may be confirmed
        """
        held = self.filtered(lambda o: o.state in ("draft", "sent") and o._get_quality_gate_error())
        for order_sudo in held.sudo():  # the customer acts; the review is our own affair
            if order_sudo.quality_accepted_on:
                continue
            order_sudo._keep_acceptance()
            order_sudo._request_review_for_customer()
        return held

    def _keep_acceptance(self):
        """Note when the customer accepted the order, and what it said then (B6)."""
        for order in self:
            order.write(
                {
                    "quality_accepted_on": fields.Datetime.now(),
                    "quality_accepted_hash": digest(order._get_quality_content()),
                }
            )

    def _request_review_for_customer(self):
        """Ask for the review on behalf of the salesperson; tell them if that can't be done."""
        note = self.env._("The customer accepted this offer online. It is under review.")
        try:
            with self.env.cr.savepoint():
                self.action_request_quality_review()
        except UserError as error:
            note = f"{note} {error}"
            user = self.user_id or self.env.ref("base.user_admin")
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.with_context(lang=user.lang).env._(
                    "Accepted by the customer: request the contract review"
                ),
                note=str(error),
                user_id=user.id,
            )
        self._message_log(body=note)

    @api.model
    def _search_quality_accepted(self):
        """Return the orders that wait for nothing but their confirmation."""
        return self.search(
            [
                ("quality_accepted_on", "!=", False),
                ("state", "in", ("draft", "sent")),
                ("quality_review_id.state", "=", "approved"),
            ]
        )

    def _on_quality_review_approved(self):
        """Confirm orders that the customer accepted meanwhile, outside this transaction."""
        if any(order.quality_accepted_on for order in self):
            self.env["quality.record"]._wake("customer_quality.ir_cron_review_settle")

    def _confirm_accepted(self):
        """Confirm orders as the customers accepted them; give back what was changed since."""
        for order in self.filtered(lambda o: o.state in ("draft", "sent")):
            if order.quality_accepted_hash != digest(order._get_quality_content()):
                order._return_acceptance()
            elif not order._get_quality_gate_error():
                order.with_context(send_email=True).action_confirm()

    def _return_acceptance(self):
        """Take back an acceptance of what is not offered any more (B6): ask the customer again.

        The signed offer stays in the chatter, and payments stay booked.
        """
        user = self.user_id or self.env.ref("base.user_admin")
        self.write(
            {
                "quality_accepted_on": False,
                "quality_accepted_hash": False,
                "signature": False,
                "signed_by": False,
                "signed_on": False,
            }
        )
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.with_context(lang=user.lang).env._(
                "The offer was changed after the customer accepted it: send it again"
            ),
            user_id=user.id,
        )
