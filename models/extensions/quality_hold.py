from odoo import api, models
from odoo.exceptions import AccessError

#: Who may hold goods, and release them.
HOLD_GROUPS = "stock.group_stock_manager,customer_quality.group_officer"


class QualityHoldMixin(models.AbstractModel):
    """Goods that must not be promised until somebody releases them (B8).

    The heirs declare ``quality_hold``. Only stock managers and quality officers change it,
    whoever else may write the record.
    """

    _name = "quality.hold.mixin"
    _description = "On Hold"

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("quality_hold") for vals in vals_list):
            self._check_hold_right()
        records = super().create(vals_list)
        held = any(vals.get("quality_hold") for vals in vals_list)
        if held and self.env["quality.news"]._get_companies():
            self.env["quality.news"]._note("hold", records.filtered("quality_hold"))
        return records

    def write(self, vals):
        if "quality_hold" not in vals:
            return super().write(vals)
        self._check_hold_right()
        if self.env["quality.news"]._get_companies():
            before = {record: record.quality_hold for record in self}
            self.env["quality.news"]._note("hold", self, before)
        return super().write(vals)

    def action_quality_hold(self):
        """Hold these goods: they are no longer promised to anybody.

        :raise AccessError: for all but stock managers and quality officers
        """
        self._set_hold(True)

    def action_quality_release(self):
        """Release these goods for new promises, see :meth:`action_quality_hold`."""
        self._set_hold(False)

    def _set_hold(self, is_held):
        self._check_hold_right()
        self.check_access("read")
        self.sudo().quality_hold = is_held  # officers have no right to stock, only to hold it

    def _check_hold_right(self):
        """Refuse whoever may not hold goods.

        :raise AccessError: saying who may
        """
        if not self.env.su and not self.env.user.has_groups(HOLD_GROUPS):
            raise AccessError(
                self.env._(
                    "Goods are held and released by the stock manager or a quality officer. "
                    "Ask one of them."
                )
            )
