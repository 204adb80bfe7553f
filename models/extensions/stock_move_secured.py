from collections import defaultdict

from odoo import models

#: Locations in which goods lie until they are delivered.
INSIDE = ("internal", "transit")


class StockMove(models.Model):
    """What moves hold for the order line that they serve: delivered, or reserved."""

    _inherit = "stock.move"  # pylint: disable=R8180  # a chapter of its own

    def _get_quality_chain(self):
        """Return these moves and those that bring them their goods from stock."""
        return self.browse(self._rollup_move_origs())

    def _filter_quality_transfers(self):
        """Return the moves of transfers that are still to come; what is made is none."""
        return self.filtered(
            lambda move: move.state not in ("done", "cancel") and not move.production_id
        )

    def _get_quality_secured(self):
        """Return what this move holds for its order, in the product's unit.

        Goods that left count as long as they are not returned; of transfers inside, what is
        reserved now. What manufacturing and vendors owe is not held yet.
        """
        self.ensure_one()
        if self.state == "cancel":
            return 0.0
        quantity = self._get_quality_moved()
        if self.state != "done":
            return quantity if self.location_id.usage in INSIDE else 0.0
        left = self.location_dest_id.usage == "customer"
        return quantity * (left - (self.location_id.usage == "customer"))

    def _get_quality_moved(self):
        """Return what is reserved or was moved, in the product's unit."""
        return self.product_uom._compute_quantity(
            self.quantity, self.product_id.uom_id, rounding_method="HALF-UP"
        )

    def _get_quality_between(self):
        """Return what lies between two steps of a delivery, reserved for the next one or not.

        Goods that were picked, made or received for these moves alone, and have not gone on: they
        are there for their order, even while nothing is reserved for it.

        :return: dict of product → quantity in the product's unit, without what is reserved
        """
        arrived = self.filtered(
            lambda move: move.state == "done" and move.location_dest_id.usage in INSIDE
        )
        if not arrived:
            return {}
        next_moves = arrived.move_dest_ids.filtered(lambda move: move.state != "cancel")
        foreign = next_moves.filtered(
            lambda move: move not in self and not move.origin_returned_move_id
        )
        between = defaultdict(float)
        for move in arrived - foreign.move_orig_ids:
            if move.move_dest_ids:
                between[move.product_id] += move._get_quality_moved()
        for move in next_moves - (foreign.move_orig_ids & arrived).move_dest_ids:
            between[move.product_id] -= move._get_quality_moved()
        return {product: quantity for product, quantity in between.items() if quantity > 0}
