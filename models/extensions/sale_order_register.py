from odoo import api, fields, models
from odoo.tools import format_date

from ..blocks.price import PRICE_GROUPS


class SaleOrder(models.Model):
    """The order register (A4): what each order is about, on one line."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_products = fields.Char("Products", compute="_compute_quality_register")
    quality_quantity = fields.Float(
        "Quantity", digits="Product Unit", compute="_compute_quality_register"
    )
    quality_inbound_numbers = fields.Char(
        "Filed under", compute="_compute_quality_inbound_numbers", compute_sudo=True
    )

    @api.depends("order_line.product_id", "order_line.product_uom_qty")
    def _compute_quality_register(self):
        for order in self:
            lines = order._get_quality_lines()
            order.quality_quantity = sum(lines.mapped("product_uom_qty"))
            order.quality_products = "; ".join(line._get_register_text() for line in lines)

    @api.depends("quality_inbound_ids.name")
    def _compute_quality_inbound_numbers(self):
        for order in self:
            documents = order.quality_inbound_ids.filtered(lambda d: d.phase != "void")
            order.quality_inbound_numbers = ", ".join(documents.sorted("id").mapped("name"))

    def _get_quality_register_period(self):
        """Return from which day to which the register reaches that is printed, as text."""
        dates = self.mapped("date_order")
        ends = [format_date(self.env, date) for date in (min(dates), max(dates))]
        return " – ".join(dict.fromkeys(ends))

    @api.model
    def _get_quality_price_groups(self):
        """Return who may see amounts on what is printed of orders (M5)."""
        return PRICE_GROUPS

    def _get_requirement_register_values(self):
        """Return what the requirement register of this order shows to the user (A1)."""
        self.ensure_one()
        sees_prices = self.env.user.has_groups(PRICE_GROUPS)
        content = self._get_quality_content(with_prices=sees_prices)
        reviews = self.env["quality.contract.review"]
        return {
            "requirements": reviews._get_requirement_rows(content.get("requirements", ())),
            "answers": reviews._get_answer_rows(content.get("answers", ())),
        }
