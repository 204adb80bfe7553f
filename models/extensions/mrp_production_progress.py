from odoo import models

from ..progress.workshop import REPORTED_PRODUCTION


class MrpProduction(models.Model):
    """What workshops report reaches the manufacturing order, where the company wants it (D2)."""

    _inherit = "mrp.production"  # pylint: disable=R8180  # a chapter of its own

    def _add_quality_reported(self, quantity):
        """Add reported pieces to the quantity produced, as if typed on the order.

        Never past what is planned, and the order is never closed by it. Products with serial
        numbers are left alone: each piece has its number there.

        :param quantity: in the unit of the order
        :return: what was added
        """
        self.ensure_one()
        if self.state not in REPORTED_PRODUCTION or self.product_tracking == "serial":
            return 0.0
        posted = min(quantity, max(self.product_qty - self.qty_producing, 0.0))
        if self.product_uom_id.compare(posted, 0.0) <= 0:
            return 0.0
        self.qty_producing += posted
        self._set_qty_producing(False)  # components follow, as on the form
        return posted
