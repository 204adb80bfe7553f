from odoo import api, fields, models


class SaleOrder(models.Model):
    """The order register (A4): what each order is about, on one line."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_products = fields.Char("Products", compute="_compute_quality_register")
    quality_quantity = fields.Float(
        "Quantity", digits="Product Unit", compute="_compute_quality_register"
    )
    quality_document_numbers = fields.Char(
        "Filed under", compute="_compute_quality_document_numbers", compute_sudo=True
    )

    @api.depends("order_line.product_id", "order_line.product_uom_qty")
    def _compute_quality_register(self):
        for order in self:
            lines = order._get_quality_lines()
            order.quality_quantity = sum(lines.mapped("product_uom_qty"))
            order.quality_products = "; ".join(line._get_register_text() for line in lines)

    @api.depends("quality_document_ids.name")
    def _compute_quality_document_numbers(self):
        for order in self:
            documents = order.quality_document_ids.filtered(lambda d: d.phase != "void")
            order.quality_document_numbers = ", ".join(documents.sorted("id").mapped("name"))
