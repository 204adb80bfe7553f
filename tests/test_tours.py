from odoo.tests import HttpCase, new_test_user, tagged

from .common import BASE, QualityCase

QUOTATION = "/odoo/action-sale.action_quotations_with_onboarding/%s"
MY_WORK = "/odoo/my-quality-work"
NOTICE = "/odoo/production-notices/%s"


class TourCase(QualityCase, HttpCase):
    """People of a make-to-order company, each with a login and a browser of their own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.quality_review_gate = "shortage"
        cls.company.quality_notice_on_confirm = True
        cls.storekeeper = cls._create_user("storekeeper", f"{BASE},stock.group_stock_user")
        cls._assign("warehouse", cls.storekeeper)
        cls._put_in_stock(cls.product, 2)

    def _tour(self, user, name, url, on_phone=False):
        """Let ``user`` go through a tour, on a desk or with a phone in the hand."""
        self.browser_size = "375x667" if on_phone else "1366x768"
        self.touch_enabled = on_phone
        self.start_tour(url, name, login=user.login)
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestOrderLoop(TourCase):
    def test_from_quotation_to_receipt(self):
        """B1, B6, D1, M2: sales, three departments, sales again, production."""
        order = self._create_order(5)
        self._tour(self.seller, "quality_sales_requests_review", QUOTATION % order.id)
        review = order.quality_review_id
        self.assertEqual((order.state, review.state), ("draft", "review"))

        self._tour(self.engineer, "quality_department_agrees", MY_WORK)
        self._tour(self.inspector, "quality_department_agrees", MY_WORK)
        self.assertEqual(review.state, "review")
        self._tour(self.producer, "quality_department_agrees_on_phone", MY_WORK, on_phone=True)
        self.assertEqual(review.state, "approved")
        self.assertEqual(
            set(review.opinion_ids.signature_id.mapped("signer_uid")),
            {self.engineer.id, self.inspector.id, self.producer.id},
        )

        self._tour(self.seller, "quality_sales_confirms", QUOTATION % order.id)
        self.assertEqual(order.state, "sale")
        notice = self.env["quality.production.notice"].search([("order_id", "=", order.id)])
        self.assertEqual(notice.line_ids.to_supply, 3)

        self._tour(self.producer, "quality_production_receives_on_phone", MY_WORK, on_phone=True)
        self._tour(self.producer, "quality_notice_is_received", NOTICE % notice.id)

    def test_receipts_are_confirmed_in_bulk(self):
        """M2, D1: several notices, one click in My Work."""
        self.company.quality_review_gate = "never"
        orders = self._create_order(5) | self._create_order(6)
        self._confirm(orders)
        self._tour(self.storekeeper, "quality_receives_in_bulk", MY_WORK)
        receipts = self.env["quality.acknowledgement"].search(
            [("record_id.order_id", "in", orders.ids), ("role_id.code", "=", "warehouse")]
        )
        self.assertEqual(receipts.mapped("state"), ["done", "done"])

    def test_an_objection_leads_to_a_revision(self):
        """B1, B6: the objection is heard, and who agreed to the same is not asked again."""
        order = self._create_order(5)
        review = self._request_review(order)
        self._sign(review, self.engineer)
        self._tour(self.producer, "quality_department_objects_on_phone", MY_WORK, on_phone=True)
        self.assertEqual(review.state, "objected")
        self._tour(self.seller, "quality_sales_revises", QUOTATION % order.id)
        revision = order.quality_review_id
        self.assertEqual((review.state, revision.state), ("superseded", "review"))
        asked = revision.opinion_ids.filtered(lambda o: o.state == "open").role_id
        self.assertEqual(asked, self._role("production") | self._role("quality"))

    def test_a_change_after_approval_shows(self):
        """B6: the approval is stale, visibly, and confirming is refused."""
        order = self._create_reviewed_order(5)
        self._tour(self.seller, "quality_sales_changes_order", QUOTATION % order.id)
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.quality_review_status, "stale")


@tagged("post_install", "-at_install")
class TestCustomerAccepts(TourCase):
    def test_a_signature_on_the_portal_waits_for_the_review(self):
        """B6: nothing of the customer's is lost, and approval confirms the order."""
        customer = new_test_user(
            self.env,
            "clara_customer",
            groups="base.group_portal",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        customer.name = "Clara Customer"
        order = self._create_order(
            5, partner_id=customer.partner_id.id, require_signature=True, require_payment=False
        )
        order.state = "sent"
        self._tour(customer, "quality_customer_signs", f"/my/orders/{order.id}")
        self.assertEqual((order.state, order.signed_by), ("sent", "Clara Customer"))
        self.assertTrue(order.signature and order.quality_accepted_on)

        self._approve(order.quality_review_id)
        self.env.ref("customer_quality.ir_cron_review_settle").method_direct_trigger()
        self.assertEqual(order.state, "sale")
        self._tour(customer, "quality_customer_sees_confirmation", f"/my/orders/{order.id}")
