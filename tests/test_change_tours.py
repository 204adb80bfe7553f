from odoo.tests import HttpCase, tagged

from .change_common import LATER, ChangeCase
from .test_tours import MY_WORK, QUOTATION, TourCase

CHANGE = "/odoo/order-changes/%s"
PRODUCTION = "/odoo/action-mrp.mrp_production_action/%s"


@tagged("post_install", "-at_install")
class TestChangeTours(ChangeCase, HttpCase):
    """Changes of an agreed order, as people do them in the browser (C1 to C5)."""

    _tour = TourCase._tour

    def test_a_customers_change_from_the_order_to_the_new_notice(self):
        """C1, C3: sales enter, production and purchasing sign, sales apply."""
        order = self._create_agreed_order(5)
        self._tour(self.seller, "quality_sales_requests_a_change", QUOTATION % order.id)
        change = self.env["quality.order.change"].search([("order_id", "=", order.id)])
        self.assertEqual(change.state, "review")
        self._tour(self.producer, "quality_department_agrees_to_a_change", MY_WORK)
        self._tour(self.engineer, "quality_department_agrees_to_a_change", MY_WORK)
        self.assertEqual(change.state, "approved")
        self._tour(self.seller, "quality_sales_applies_a_change", CHANGE % change.id)
        self.assertEqual(order.order_line.product_uom_qty, 8)

    def test_our_delay_from_the_shop_floor_to_the_customers_consent(self):
        """C2, D3: production reports, sales submit and ask, the customer agrees on the portal."""
        order = self._create_agreed_order(5)
        self._tour(
            self.producer, "quality_production_reports_a_delay", PRODUCTION % self._productions().id
        )
        change = self.env["quality.order.change"].search([("order_id", "=", order.id)])
        self.assertEqual(change.reason, "The press is broken")
        change.with_user(self.seller).new_commitment_date = LATER
        self._agree(self._submit(change))
        change.with_user(self.seller).action_ask_consent()
        self.start_tour(order.get_portal_url(), "quality_customer_agrees_to_a_delay")
        change.invalidate_recordset()
        self.assertEqual((change.state, change.consent_by), ("approved", "Mr. Wang"))

    def test_the_same_in_simplified_chinese(self):
        """C1 to C3: zh_CN."""
        self._speak("zh_CN")
        self.test_a_customers_change_from_the_order_to_the_new_notice()

    def test_the_same_in_traditional_chinese(self):
        """C2, D3: zh_TW."""
        self._speak("zh_TW")
        self.test_our_delay_from_the_shop_floor_to_the_customers_consent()

    def _speak(self, lang):
        self.env["res.lang"]._activate_lang(lang)
        people = self.seller | self.engineer | self.producer
        people.lang = lang
        self.customer.lang = lang

    def test_the_order_form_leads_to_the_register(self):
        """C5: what is refused opens the change where it is done."""
        order = self._create_agreed_order(5)
        self._tour(self.seller, "quality_form_leads_to_the_register", QUOTATION % order.id)
        self.assertEqual(order.order_line.product_uom_qty, 5)
