from odoo.tests import tagged

from .test_tours import MY_WORK, QUOTATION, TourCase


@tagged("post_install", "-at_install")
class TestChineseTours(TourCase):
    """The same walks by people who work in Chinese: no step hangs on an English word."""

    def _speak(self, lang):
        self.env["res.lang"]._activate_lang(lang)
        people = self.seller | self.engineer | self.inspector | self.producer
        people.lang = lang

    def _walk(self):
        """Sales request, three departments agree, sales confirm."""
        order = self._create_order(5)
        self._tour(self.seller, "quality_sales_requests_review", QUOTATION % order.id)
        self._tour(self.engineer, "quality_department_agrees", MY_WORK)
        self._tour(self.inspector, "quality_department_agrees", MY_WORK)
        self._tour(self.producer, "quality_department_agrees_on_phone", MY_WORK, on_phone=True)
        self.assertEqual(order.quality_review_id.state, "approved")
        self._tour(self.seller, "quality_sales_confirms", QUOTATION % order.id)
        self.assertEqual(order.state, "sale")

    def test_from_quotation_to_confirmation_in_simplified_chinese(self):
        """B1, B6, M2: zh_CN."""
        self._speak("zh_CN")
        self._walk()

    def test_from_quotation_to_confirmation_in_traditional_chinese(self):
        """B1, B6, M2: zh_TW."""
        self._speak("zh_TW")
        self._walk()
