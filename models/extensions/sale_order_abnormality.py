from odoo import fields, models

from .sale_order import INTERNAL


class SaleOrder(models.Model):
    """Sales see what went wrong where their orders are made (D7)."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_abnormality_count = fields.Integer(
        "Abnormalities",
        compute="_compute_quality_abnormality_count",
        compute_sudo=True,
        groups=INTERNAL,
    )

    # without dependencies: looked at when an order is opened
    def _compute_quality_abnormality_count(self):
        groups = self.env["quality.abnormality"]._read_group(
            [("order_ids", "in", self.ids), ("state", "!=", "void")], ["order_ids"], ["__count"]
        )
        counts = dict(groups)
        for order in self:
            order.quality_abnormality_count = counts.get(order._origin, 0)

    def action_view_quality_abnormalities(self):
        """Open the abnormalities behind these orders."""
        sheets = self.env["quality.abnormality"].search([("order_ids", "in", self.ids)])
        return sheets._get_records_action(name=self.env._("Abnormalities"))
