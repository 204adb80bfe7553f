from odoo import models


class StockPicking(models.Model):
    """Deliveries wait for what has to be done before shipment."""

    _inherit = "stock.picking"

    def button_validate(self):
        """Ship; what has to wait is said before any question about backorders is asked.

        :raise UserError: naming what has to be done before shipment
        """
        self.move_ids._check_quality_shipment()
        return super().button_validate()
