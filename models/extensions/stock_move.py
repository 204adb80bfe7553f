from odoo import models
from odoo.exceptions import UserError


class StockMove(models.Model):
    """Every way to ship passes the moves: the shipment gate stands here."""

    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        """Move; goods for a customer leave only when nothing holds back their shipment.

        :raise UserError: naming what has to be done before shipment
        """
        self._check_quality_shipment()
        return super()._action_done(cancel_backorder=cancel_backorder)

    def _check_quality_shipment(self):
        """Refuse to ship what has to wait (B1, B10): one query where nothing does.

        Only what leaves for a customer on an order of a company that uses contract review:
        returns, receipts, moves inside and scrap pass.

        :raise UserError: naming what has to be done before
        """
        # who moves goods need not see orders; only whether they may leave is asked
        orders_sudo = self.sudo()._filter_quality_shipped().sale_line_id.order_id
        guarded = orders_sudo.filtered(lambda o: o.company_id.quality_review_gate != "never")
        if not guarded:
            return
        obstacles = guarded._get_quality_obstacles("shipment")
        sentences = [text for order in guarded for text in obstacles.get(order, ())]
        if sentences:
            raise UserError("\n".join(dict.fromkeys(sentences)))

    def _filter_quality_shipped(self):
        return self.filtered(
            lambda move: (
                move.state not in ("done", "cancel")
                and move.location_dest_id.usage == "customer"
                and move.location_id.usage != "customer"
            )
        )
