from odoo import models


class SaleOrder(models.Model):
    """The picture of an order over time (D2)."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    def action_open_quality_timeline(self):
        """Open the picture of this order over time.

        :return: client action that looks for the order's number; the search can be widened there
        """
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_quality.quality_order_timeline_action"
        )
        # by its number: whoever sees the notice of an order need not read the order
        name = self.sudo().name
        return action | {"context": {"search_default_name": name}}

    def _get_quality_timeline_extra(self):
        """Hook: what other documents draw into the picture of these orders.

        Called with the rights of whoever looks: only what they may read belongs here, without
        prices, and in a fixed number of queries.

        :return: dict of order → list of values of ``quality.order.timeline._prepare_bar``, with
            ``record`` and ``name``; orders without any may be left out
        """
        return {}
