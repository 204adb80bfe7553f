from odoo import api, fields, models
from odoo.exceptions import AccessError

from .sale_order import INTERNAL


class SaleOrder(models.Model):
    """Orders know what came back of them, and which return they replace (F6, F7)."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_return_id = fields.Many2one(
        "quality.return",
        "Replaces the Return",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups=INTERNAL,
    )
    quality_return_count = fields.Integer(
        "Returns", compute="_compute_quality_return_count", compute_sudo=True, groups=INTERNAL
    )

    # without dependencies: looked at when an order is opened
    def _compute_quality_return_count(self):
        groups = self.env["quality.return"]._read_group(
            [("order_ids", "in", self.ids), ("state", "not in", ("refused", "void"))],
            ["order_ids"],
            ["__count"],
        )
        counts = dict(groups)
        for order in self:
            order.quality_return_count = counts.get(order._origin, 0)

    @api.model_create_multi
    def create(self, vals_list):
        self._check_quality_return(*vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_quality_return(vals)
        return super().write(vals)

    def _check_quality_return(self, *vals_list):
        if not self.env.su and any(vals.get("quality_return_id") for vals in vals_list):
            raise AccessError(
                self.env._("A replacement is ordered from the return that it replaces.")
            )

    def action_view_quality_returns(self):
        """Open the returns of these orders."""
        returns = self.env["quality.return"].search([("order_ids", "in", self.ids)])
        return returns._get_records_action(name=self.env._("Returns"))


class SaleOrderLine(models.Model):
    """What replaces returned goods was invoiced with the first delivery (F7)."""

    _inherit = "sale.order.line"  # pylint: disable=R8180  # a chapter of its own

    def _compute_qty_to_invoice(self):
        super()._compute_qty_to_invoice()
        # whoever computes an order need not see returns; only whether it is one's replacement
        replacing = self.filtered(lambda line: line.order_id.sudo().quality_return_id)
        replacing.qty_to_invoice = 0.0
