from odoo import api, fields, models
from odoo.exceptions import ValidationError


class QualityDeliverySchedule(models.Model):
    """One delivery of an order line: how much of it by which date (A1)."""

    _name = "quality.delivery.schedule"
    _description = "Delivery Schedule"
    _order = "order_id, order_line_id, date, id"

    order_id = fields.Many2one("sale.order", required=True, index=True, ondelete="cascade")
    order_line_id = fields.Many2one(
        "sale.order.line",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('order_id', '=', order_id), ('display_type', '=', False)]",
    )
    date = fields.Date(required=True)
    quantity = fields.Float(digits="Product Unit", required=True)
    uom_id = fields.Many2one(related="order_line_id.product_uom_id")
    note = fields.Char("Place or Remark")

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "A delivery has a quantity above zero."
    )

    @api.constrains("order_id", "order_line_id")
    def _check_order(self):
        for delivery in self:
            if delivery.order_line_id.order_id != delivery.order_id:
                raise ValidationError(
                    self.env._("A delivery belongs to a line of the same order. Choose it again.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        lines = self.env["sale.order.line"].browse(
            vals["order_line_id"] for vals in vals_list if vals.get("order_line_id")
        )
        orders = {line.id: line.order_id.id for line in lines}
        for vals in vals_list:
            if vals.get("order_line_id"):
                vals.setdefault("order_id", orders[vals["order_line_id"]])
        return super().create(vals_list)
