from odoo import fields, models


class SaleOrder(models.Model):
    """How deep an order is reviewed: what the rules look at (B1, B2, B8)."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_depth_by_kind = fields.Boolean(related="company_id.quality_depth_by_kind")

    def _get_quality_rule_facts(self):
        """Return what the rules for the choice of a template look at, see lib.depth.matches."""
        self.ensure_one()
        order_sudo = self.sudo()  # the rules look at it, whoever requests the review
        products = order_sudo._get_quality_lines().product_id
        return {
            "categories": {
                int(category)
                for path in products.categ_id.mapped("parent_path")
                for category in (path or "").split("/")
                if category
            },
            "classes": set(order_sudo.partner_id._get_quality_class().ids),
            "amount": order_sudo.amount_untaxed / (order_sudo.currency_rate or 1.0),
            "is_special": any(products.mapped("quality_special")),
            "is_export": order_sudo._is_quality_export(),
        }

    def _is_quality_export(self):
        """Tell whether the goods go to another country."""
        self.ensure_one()
        origin, destination = self.company_id.country_id, self.partner_shipping_id.country_id
        return bool(origin and destination and origin != destination)

    def _is_quality_always_reviewed(self):
        """Tell whether customer or product is one whose orders are always reviewed in full (B2)."""
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id
        return customer.quality_always_review or any(
            self._get_quality_lines().product_id.mapped("quality_special")
        )
