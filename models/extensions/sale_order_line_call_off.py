from odoo import api, fields, models

from ...lib.framework import get_firm_dates

#: States of a framework contract in which its firm zone was reviewed.
REVIEWED = ("approved", "superseded", "ended", "expired")


class SaleOrderLine(models.Model):
    """When a line is called off, and whether that binds anybody yet (B9)."""

    _inherit = "sale.order.line"  # pylint: disable=R8180  # a chapter of its own

    quality_is_forecast = fields.Boolean(
        "Forecast",
        compute="_compute_quality_is_forecast",
        compute_sudo=True,
        help="Beyond the firm zone of the framework contract: binds nobody yet.",
    )

    @api.depends("order_id.quality_framework_id", "order_id.commitment_date")
    def _compute_quality_is_forecast(self):
        for line in self:
            line.quality_is_forecast = line._is_quality_forecast()

    def _get_quality_parts(self):
        """Return when how much is called off: list of (date or None, quantity in its unit)."""
        self.ensure_one()
        return self._get_quality_dates()

    def _is_quality_forecast(self):
        """Tell whether all of the line lies beyond the firm zone of its framework contract."""
        self.ensure_one()
        if not self._get_quality_firm_weeks():
            return False
        days = [day for day, _quantity in self._get_quality_parts() if day]
        return bool(days) and not any(self._is_quality_firm(day) for day in days)

    def _get_quality_firm_weeks(self):
        """Return for how many weeks call-offs of this line are firm; 0 where everything is.

        What nobody reviewed, and a contract with somebody else, makes nothing a forecast.
        """
        order_sudo = self.sudo().order_id  # whoever changes the line
        contract_sudo = order_sudo.quality_framework_id
        if contract_sudo.state not in REVIEWED or not contract_sudo._is_with(order_sudo):
            return 0
        return contract_sudo.firm_weeks

    def _is_quality_firm(self, day):
        """Tell whether what is called off for ``day`` binds, seen from today."""
        today = fields.Date.context_today(self)
        return bool(get_firm_dates((day,), today, self._get_quality_firm_weeks()))

    def _is_quality_promised(self):
        """Only the firm zone is guarded: a forecast may be changed by whoever writes the order."""
        return super()._is_quality_promised() and not self._is_quality_forecast()

    def _is_quality_date_bound(self, date):
        """A forecast may be put off, but not be made firm: nobody has compared it."""
        if super()._is_quality_date_bound(date):
            return True
        if not self._is_quality_ordered() or self.sudo().quality_schedule_ids:
            return False
        return not date or self._is_quality_firm(self.order_id._get_quality_day(date))
