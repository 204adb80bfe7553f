import logging

from odoo import fields, models

_logger = logging.getLogger(__name__)

TEMPLATE = "customer_quality.mail_template_shipment"
TASK = "customer_quality.mail_activity_type_shipment"


class StockPicking(models.Model):
    """The customer is told that their goods have left (D4)."""

    _inherit = "stock.picking"  # pylint: disable=R8180  # a chapter of its own

    quality_customer_told = fields.Selection(
        [("due", "To Tell"), ("told", "Told")],
        "Customer Told of the Shipment",
        readonly=True,
        copy=False,
    )

    def _tell_quality_customer(self):
        """Tell the customers of these deliveries, or ask sales to, as their company has set it.

        Where Odoo's own mail about deliveries is on, the customer is told by that. In sudo:
        whoever ships need not see orders.
        """
        asked = self.filtered(
            lambda picking: (
                picking.sale_id
                and picking.state == "done"
                and not picking.quality_customer_told
                and picking.company_id.quality_news_customer != "off"
                and not picking.company_id.stock_move_email_validation
            )
        )
        automatic = asked.filtered(
            lambda picking: (
                picking.company_id.quality_news_customer == "automatic" and picking.partner_id.email
            )
        )
        sent = automatic._send_quality_shipment()
        (asked - sent)._ask_to_tell_quality_customer()

    def _send_quality_shipment(self):
        """Queue the mails; return the deliveries whose customers are told."""
        if not self:
            return self
        try:
            with self.env.cr.savepoint():
                self.env.ref(TEMPLATE).send_mail_batch(self.ids)
                self.quality_customer_told = "told"
        except Exception:  # a template that somebody edited: sales tell by hand
            _logger.warning("Could not tell the customers of %s", self.ids, exc_info=True)
            return self.browse()
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
        return self

    def _ask_to_tell_quality_customer(self):
        """Ask the salespeople of these deliveries to tell their customers."""
        if not self:
            return
        self.quality_customer_told = "due"
        orders = self.sale_id.filtered("user_id")
        kind = self.env["ir.model.data"]._xmlid_to_res_id(TASK)
        known = orders.activity_ids.filtered(lambda task: task.activity_type_id.id == kind)
        told = set(known.mapped("res_id"))
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": kind,
                    "res_model_id": self.env["ir.model"]._get_id("sale.order"),
                    "res_id": order.id,
                    "user_id": order.user_id.id,
                    "summary": order.with_context(lang=order.user_id.lang).env._(
                        "Shipped: tell the customer"
                    ),
                    "automated": True,
                    "date_deadline": fields.Date.context_today(self),
                }
                for order in orders
                if order.id not in told
            ]
        )

    def message_post(self, **kwargs):
        """Note that the customer was told.

        The context key ``customer_quality_shipment``, set by the order's action, names the
        delivery that the message is about.
        """
        message = super().message_post(**kwargs)
        key = self.env.context.get("customer_quality_shipment")
        if key and self.ids == [key] and self.has_access("write"):
            self.sudo().quality_customer_told = "told"  # by whoever may write the delivery
            # closing the task posts too: that message tells nobody
            order_sudo = self.sudo().with_context(customer_quality_shipment=False).sale_id
            if not order_sudo._get_quality_untold():
                order_sudo.activity_feedback([TASK])
        return message
