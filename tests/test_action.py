from odoo.tests import tagged

from .common import QualityCase


@tagged("post_install", "-at_install")
class TestAction(QualityCase):
    """K3: actions."""

    def test_smoke(self):
        """K3: create."""
        order = self._create_order()
        review = self._request_review(order)
        action = self.env["quality.action"]._create_for(
            [
                {
                    "source_record_id": review.record_id.id,
                    "name": "Order the tool",
                    "role_id": self._role("engineering").id,
                    "hold": "shipment",
                }
            ]
        )
        self.assertEqual(action.user_id, self.engineer)
        self.assertEqual(action.order_id, order)
