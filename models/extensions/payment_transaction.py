from odoo import models
from odoo.tools import str2bool


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        """Keep the payment of an order under review and leave its confirmation for later.

        Never raises: an error here would roll back the customer's payment run (DESIGN, B6).
        """
        held = self.filtered(lambda tx: tx._hold_order_for_review())
        return super(PaymentTransaction, self - held)._check_amount_and_confirm_order()

    def _hold_order_for_review(self):
        self.ensure_one()
        order = self.sale_order_ids
        if len(order) != 1 or order.state not in ("draft", "sent"):
            return False
        return order._is_confirmation_amount_reached() and order._hold_for_quality_review()

    def _invoice_reviewed_orders(self):
        """Invoice paid orders that were confirmed late, where core invoices automatically.

        Core creates the invoice between confirming the order and booking the payment; here the
        payment was booked long ago, so the invoice is posted and matched with it.
        """
        automatic = self.env["ir.config_parameter"].sudo().get_param("sale.automatic_invoice")
        if not str2bool(automatic or "", False):
            return
        paid = self.filtered(lambda tx: tx.state == "done" and tx.operation != "validation")
        paid._invoice_sale_orders()
        for tx in paid:
            tx.invoice_ids.filtered(lambda move: move.state == "draft").action_post()
            tx._match_invoices()
        paid._send_invoice()

    def _match_invoices(self):
        """Reconcile the booked payment with the invoices of the transaction."""
        account = self.payment_id.destination_account_id
        lines = (self.payment_id.move_id + self.invoice_ids).line_ids
        lines.filtered(lambda line: line.account_id == account and not line.reconciled).reconcile()
