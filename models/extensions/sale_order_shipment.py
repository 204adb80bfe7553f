from odoo import fields, models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """Sales tell the customer that goods have left, where the company prepares it (D4)."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_shipment_due = fields.Boolean(compute="_compute_quality_shipment_due")

    # without dependencies: looked at when an order is opened
    def _compute_quality_shipment_due(self):
        self.quality_shipment_due = False
        for order in self.filtered(lambda order: order.sudo().company_id.quality_news):
            order.quality_shipment_due = bool(order._get_quality_untold())

    def _get_quality_untold(self):
        """Return the deliveries of which the customer is to be told, in sudo."""
        pickings_sudo = self.sudo().picking_ids  # that goods have left is no secret to sales
        return pickings_sudo.filtered(lambda picking: picking.quality_customer_told == "due")

    def action_tell_quality_shipment(self):
        """Open the mail that tells the customer of the first such delivery, in their language.

        :raise UserError: where nothing has left of which the customer does not know
        """
        self.ensure_one()
        self.check_access("write")
        picking = self._get_quality_untold()[:1]
        if not picking:
            raise UserError(
                self.env._("The customer of %(order)s knows of all deliveries.", order=self.name)
            )
        template = self.env["ir.model.data"]._xmlid_to_res_id(
            "customer_quality.mail_template_shipment"
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Tell the Customer"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": "stock.picking",
                "default_res_ids": picking.ids,
                "default_composition_mode": "comment",
                "default_template_id": template,
                "force_email": True,
                "customer_quality_shipment": picking.id,
            },
        }
