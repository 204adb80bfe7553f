from odoo.tests import tagged

from .test_tours import QUOTATION, TourCase


@tagged("post_install", "-at_install")
class TestRegistrationTour(TourCase):
    def test_sales_registers_what_the_customer_requires(self):
        """A1, A2, A3: standing requirement, another one, a screenshot, a question."""
        self.env["quality.customer.requirement"].create(
            {
                "partner_id": self.customer.id,
                "text": "PPAP level 3",
                "kind": "quality",
                "characteristic": "special",
            }
        )
        order = self._create_order(5)
        self._tour(self.seller, "quality_sales_registers", QUOTATION % order.id)
        self.assertEqual(
            sorted(order.quality_requirement_ids.mapped("text")), ["PPAP level 3", "Wooden box"]
        )
        self.assertEqual(order.quality_clarification_ids.question, "Which colour?")
        self.assertEqual(
            sorted(order.quality_inbound_ids.mapped("filename")), ["chat.png", "second.png"]
        )
