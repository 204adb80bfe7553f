from odoo import models

#: What says when goods are expected.
DATE_FIELDS = frozenset({"date", "date_deadline"})


class StockMove(models.Model):
    """What moves, and what comes later, is told to whom it concerns (D4).

    Where no company has switched it on, nothing is looked up.
    """

    _inherit = "stock.move"  # pylint: disable=R8180  # a chapter of its own

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        if self.env["quality.news"]._get_companies():
            moves._note_quality_news()
        return moves

    def write(self, vals):
        """Note receipts that are expected later than before."""
        if DATE_FIELDS.isdisjoint(vals) or not self.env["quality.news"]._get_companies():
            return super().write(vals)
        before = {
            move: move._get_quality_expected()
            for move in self._filter_quality_told()
            if move.state not in ("done", "cancel", "draft") and move._is_quality_receipt()
        }
        result = super().write(vals)
        later = self.filtered(
            lambda move: move in before and move._get_quality_expected() > before[move]
        )
        self.env["quality.news"]._note("delay", later, before)
        return result

    def _note_quality_news(self):
        """Note what these moves, just done, mean for others."""
        news = self.env["quality.news"]
        done = self._filter_quality_told().filtered(lambda move: move.state == "done")
        news._note("arrival", done.filtered(lambda move: move._is_quality_receipt()))
        news._note("shipment", done.filtered(lambda move: move._is_quality_shipment()))
        # whoever scraps need not read scrap orders of others; only what it is about is looked at
        news._note(
            "scrap",
            done.filtered(lambda move: move.sudo().scrap_id.production_id and move.production_id),
        )

    def _filter_quality_told(self):
        companies = self.env["quality.news"]._get_companies()
        return self.filtered(lambda move: move.company_id.id in companies)

    def _is_quality_receipt(self):
        """Tell whether goods come in from a vendor."""
        self.ensure_one()
        return self.location_id.usage == "supplier" and self.location_dest_id.usage not in (
            "supplier",
            "customer",
        )

    def _is_quality_shipment(self):
        """Tell whether goods leave for a customer."""
        self.ensure_one()
        usages = (self.location_id.usage, self.location_dest_id.usage)
        return usages[0] != "customer" and usages[1] == "customer"

    def _get_quality_expected(self):
        """Return when the goods are expected: as planned, or as the vendor promises, if later."""
        self.ensure_one()
        return max(self.date, self.date_deadline or self.date)
