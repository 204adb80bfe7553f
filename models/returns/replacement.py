from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command


class QualityReturn(models.Model):
    """Replacement of returned goods: an order of the kind replacement, at no price (F7).

    It passes the short review, is delivered from free stock, and what is short is made on a
    notice; notice, manufacturing order and delivery slip carry the mark.
    """

    _inherit = "quality.return"  # pylint: disable=R8180  # a chapter of its own

    replacement_ids = fields.One2many("sale.order", "quality_return_id", readonly=True)
    replacement_count = fields.Integer(
        "Replacements", compute="_compute_replacement_count", compute_sudo=True
    )

    @api.depends("replacement_ids")
    def _compute_replacement_count(self):
        for back in self:
            back.replacement_count = len(back.replacement_ids)

    def action_replace(self):
        """Prepare the order by which the goods are replaced, and open it (F7).

        :return: action that opens the order
        :raise AccessError: for whoever is neither in sales nor a quality officer
        :raise UserError: when the return is not authorised, or replaced already
        """
        self.ensure_one()
        self._ensure_may_replace()
        self._ensure_state("authorised", "received", "inspected", "settled")
        back_sudo = self.sudo()  # officers have no right to orders; it was checked above
        standing = back_sudo.replacement_ids.filtered(lambda order: order.state != "cancel")
        if standing:
            raise UserError(
                self.env._(
                    "%(order)s replaces what %(number)s returns already. Cancel it first.",
                    order=standing[0].name,
                    number=self.name,
                )
            )
        order_sudo = self.env["sale.order"].sudo().create(back_sudo._prepare_replacement_vals())
        self.sudo()._message_log(
            body=self.env._("%(order)s replaces these goods.", order=order_sudo.name)
        )
        order = order_sudo.with_env(self.env)
        if not order.has_access("read"):
            return True
        return order._get_records_action(name=self.env._("Replacement"))

    def _ensure_may_replace(self):
        groups = "sales_team.group_sale_salesman,customer_quality.group_officer"
        if not (self.env.su or self.env.user.has_groups(groups)):
            raise AccessError(
                self.env._("Replacements are ordered by sales or a quality officer. Ask them.")
            )
        self.check_access("read")

    def _prepare_replacement_vals(self):
        original = self.order_ids[:1]
        lines = self.line_ids.filtered("quantity")
        sellable = {}
        for line in lines:
            sellable[line.product_id] = sellable.get(line.product_id, 0.0) + line.quantity
        references = [*self.order_ids.mapped("name"), self.name]
        return {
            "partner_id": (original.partner_id or self.partner_id).id,
            **(
                {
                    "partner_shipping_id": original.partner_shipping_id.id,
                    "partner_invoice_id": original.partner_invoice_id.id,
                }
                if original
                else {}
            ),
            "company_id": self.company_id.id,
            "warehouse_id": self.warehouse_id.id,
            "user_id": (original.user_id or self.partner_id.user_id or self.env.user).id,
            "client_order_ref": original.client_order_ref or self.customer_reference,
            "origin": ", ".join(references),
            "quality_return_id": self.id,
            "order_line": [
                Command.create(
                    {
                        "product_id": product.id,
                        "product_uom_qty": quantity,
                        "product_uom_id": product.uom_id.id,
                        "price_unit": 0.0,
                        "quality_kind_choice": "replacement",
                    }
                )
                for product, quantity in sellable.items()
            ],
        }

    def action_view_replacements(self):
        """Open the orders that replace these goods."""
        orders_sudo = self.sudo().replacement_ids  # who may open them is asked by the screen
        return orders_sudo.sudo(self.env.su)._get_records_action(name=self.env._("Replacements"))
