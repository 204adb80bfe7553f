from odoo import fields, models
from odoo.tools import format_list


class SaleOrder(models.Model):
    """What orders wait for: the chapter about actions that hold back confirmation or shipment."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_action_count = fields.Integer(
        compute="_compute_quality_record_counts", compute_sudo=True
    )

    def action_view_quality_actions(self):
        """Open the actions that follow from what was reviewed and promised on these orders."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_quality.quality_action_action"
        )
        return {**action, "domain": [("order_id", "in", self.ids)], "context": {}}

    def _get_quality_obstacles(self, stage):
        """Name the open actions that have to be done before (B1)."""
        obstacles = super()._get_quality_obstacles(stage)
        if stage not in ("confirmation", "shipment"):
            return obstacles
        # what has to be done before is told to everybody who runs into it
        holds = self.env["quality.action"].sudo()._get_holds(self, stage)
        for order in self.filtered(lambda order: order.id in holds):
            sentence = self.env._(
                "%(order)s waits for %(actions)s.",
                order=order.name,
                actions=format_list(self.env, holds[order.id]),
            )
            obstacles[order] = [*obstacles.get(order, ()), sentence]
        return obstacles
