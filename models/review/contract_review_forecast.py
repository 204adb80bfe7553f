from odoo import models

from .contract_review import RUNNING


class QualityContractReview(models.Model):
    """Forecasts that became firm: the chapter of contract review about them (B9).

    Of a forecast nothing is compared, and sales alone sign. Once its date has come into the firm
    zone it binds, so what lies outside the framework contract is reviewed before it is confirmed
    or shipped.
    """

    _inherit = "quality.contract.review"  # pylint: disable=R8180  # a chapter of its own

    def _filter_stale(self):
        return super()._filter_stale() | self._filter_awakened()

    def _filter_awakened(self):
        """Return the reviews that took for a forecast what is firm now, outside the contract."""
        called_off = self.sudo().filtered(  # told to whoever confirms or ships
            lambda review: (
                review.state in (*RUNNING, "approved") and review.order_id.quality_framework_id
            )
        )
        return called_off.filtered(lambda r: r._find_awakened_lines()).sudo(self.env.su)

    def _find_awakened_lines(self):
        """Return the order lines that this review took for forecasts, and that are not any more."""
        self.ensure_one()
        forecasts = self.line_ids.filtered(
            lambda line: (line.conditions or {}).get("is_forecast")
        ).order_line_id
        return self.env["quality.framework.contract"]._find_exceeding(forecasts)

    def _get_refusal(self):
        if self._filter_awakened():
            return self.env._(
                "%(number)s took for a forecast what is firm by now, and not as its framework "
                "contract allows. Revise the review: the departments are asked.",
                number=self.name,
            )
        return super()._get_refusal()

    def _get_forecast_refusal(self):
        """Return why what was a forecast is not shipped yet, or False."""
        self.ensure_one()
        decided = self.sudo()  # told to whoever ships
        while decided and not decided.date_decided:
            decided = decided.supersedes_id
        if not (decided.order_id.quality_framework_id and decided._find_awakened_lines()):
            return False
        return self._get_refusal()
