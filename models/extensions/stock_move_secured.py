from odoo import models


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
        quantity = self.product_uom._compute_quantity(
            self.quantity, self.product_id.uom_id, rounding_method="HALF-UP"
        )
        if self.state != "done":
            return quantity if self.location_id.usage in ("internal", "transit") else 0.0
        left = self.location_dest_id.usage == "customer"
        return quantity * (left - (self.location_id.usage == "customer"))
