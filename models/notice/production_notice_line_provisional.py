from odoo import models


class QualityProductionNoticeLine(models.Model):
    """What an urgent release allows to make, before any order demands it (B10)."""

    _inherit = "quality.production.notice.line"  # pylint: disable=R8180  # a chapter of its own

    def _get_deficits(self):
        """A quotation demands nothing yet: what was released is lacking by itself."""
        deficits = super()._get_deficits()
        for line in self.filtered("notice_id.is_provisional"):
            key = line.order_line_id.warehouse_id, line.product_id
            deficits[key] += line.to_supply - line.allocated
        return deficits
