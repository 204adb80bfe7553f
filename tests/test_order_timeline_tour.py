from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .test_tours import QUOTATION, TourCase


@tagged("post_install", "-at_install")
class TestOrderTimelineTours(TourCase):
    """The picture of orders over time, as sales and production look at it."""

    def _confirm_promised(self):
        """Confirm an order that is promised in twenty days, and planned to be kept."""
        now = fields.Datetime.now()
        order = self._create_order(5, commitment_date=now + timedelta(days=20))
        self._confirm(order)
        notice = self.env["quality.production.notice"].search([("order_id", "=", order.id)])
        production = notice.line_ids.allocation_ids.production_id
        production.date_start = now + timedelta(days=1)
        return order, production

    def test_sales_see_what_makes_an_order_late(self):
        """D2: from the order to its picture, what is planned past the promise in red."""
        self.company.quality_review_gate = "never"
        order, production = self._confirm_promised()
        production.date_finished = order.commitment_date + timedelta(days=3)
        self._tour(self.seller, "quality_sales_looks_at_the_timeline", QUOTATION % order.id)

    def test_production_looks_for_what_is_late_on_a_phone(self):
        """D2: the search narrows the picture; one order alone is unfolded."""
        self.company.quality_review_gate = "never"
        self._confirm_promised()
        order, production = self._confirm_promised()
        production.date_finished = order.commitment_date + timedelta(days=3)
        self._tour(
            self.producer,
            "quality_production_looks_for_what_is_late",
            "/odoo/quality-timeline",
            on_phone=True,
        )
