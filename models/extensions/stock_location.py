from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import ormcache


class StockLocation(models.Model):
    """Places whose goods are not promised: inspection, nonconforming goods (B8, F6)."""

    _name = "stock.location"
    _inherit = ["stock.location", "quality.hold.mixin"]

    quality_hold = fields.Boolean(
        "Goods on Hold",
        copy=False,
        help="What lies here, or in a place inside, is not promised to customers: inspection, "
        "nonconforming or returned goods.",
    )
    quality_place = fields.Selection(
        [
            ("inspection", "Inspection of returns"),
            ("nonconforming", "Nonconforming goods"),
            ("rework", "Rework"),
        ],
        "Place for Returned Goods",
        readonly=True,
        copy=False,
        help="Given when a warehouse gets its places for returned goods.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_quality_place(*vals_list)
        locations = super().create(vals_list)
        if any(vals.get("quality_place") for vals in vals_list):
            self.env.registry.clear_cache()
        return locations

    def write(self, vals):
        self._check_quality_place(vals)
        result = super().write(vals)
        if "quality_place" in vals:
            self.env.registry.clear_cache()
        return result

    def _check_quality_place(self, *vals_list):
        """Refuse whoever would make a place one for returned goods, or take that from it.

        :raise AccessError: for everybody; the procedure creates the places
        """
        if not self.env.su and any("quality_place" in vals for vals in vals_list):
            raise AccessError(
                self.env._(
                    "Places for returned goods come into being with the first return of a "
                    "warehouse."
                )
            )

    @api.model
    @ormcache()
    def _get_quality_places(self):
        """Return the places for returned goods: dict of location id → kind."""
        places = (
            self.sudo().with_context(active_test=False).search([("quality_place", "!=", False)])
        )
        return {place.id: place.quality_place for place in places}

    def _get_quality_place_kind(self):
        """Return for which returned goods this place is, also one inside such a place.

        :return: a value of ``quality_place``, or False
        """
        self.ensure_one()
        known = self._get_quality_places()
        if not known:
            return False
        above = [int(part) for part in (self.parent_path or "").split("/") if part]
        return next((known[place] for place in reversed(above) if place in known), False)
