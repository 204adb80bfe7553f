from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import BASE, QualityCase

DOCUMENTS = (
    "quality.record",
    "quality.contract.review",
    "quality.contract.review.line",
    "quality.opinion",
    "quality.acknowledgement",
    "quality.signature",
    "quality.duty",
)
SETUP = (
    "quality.role",
    "quality.role.assignment",
    "quality.opinion.template",
    "quality.authority",
    "quality.form",
    "quality.form.version",
    "quality.distribution",
)


@tagged("post_install", "-at_install")
class TestRights(QualityCase):
    """What each group is denied, on the server, whatever its screens show (DESIGN: Rights)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = cls._create_user("portal_customer", "base.group_portal")
        cls.salesmanager = cls._create_user("salesmanager", f"{BASE},sales_team.group_sale_manager")
        cls.order = cls._create_order()
        cls.order.with_user(cls.seller).action_request_quality_review()
        cls.review = cls.order.quality_review_id
        cls.internal = (
            cls.seller
            | cls.engineer
            | cls.producer
            | cls.inspector
            | cls.quality_manager
            | cls.director
            | cls.auditor
            | cls.salesmanager
        )

    def test_nobody_forges_a_document(self):
        """K1, M1: documents, answers and receipts come into being by the procedures only."""
        for user in self.internal | self.nobody | self.portal:
            for model in DOCUMENTS:
                with self.subTest(user=user.login, model=model):
                    self.assertFalse(self.env[model].with_user(user).has_access("create"))
                    self.assertFalse(self.env[model].with_user(user).has_access("unlink"))

    def test_nobody_rewrites_an_answer(self):
        """M1: an answer is written by signing it, and by nothing else."""
        opinion = self.review.opinion_ids[0]
        for user in self.internal:
            with self.subTest(user.login), self.assertRaises(AccessError):
                opinion.with_user(user).write({"answer": "agree", "state": "done"})
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.review.record_id.with_user(user).write({"phase": "closed"})

    def test_nobody_approves_by_writing_the_state(self):
        """B1, B6: sales may write the conclusion; the state follows from signatures."""
        for user in self.internal:
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.review.with_user(user).write({"state": "approved"})
        self.review.with_user(self.seller).conclusion = "Fine with us"
        self.assertEqual(self.review.state, "review")

    def test_nobody_approves_by_a_context(self):
        """B1, B6: what the procedures create takes no value from their caller's context."""
        order = self._create_order()
        order.with_user(self.seller).with_context(
            default_state="approved", default_answer="agree", default_phase="closed"
        ).action_request_quality_review()
        review = order.quality_review_id
        self.assertEqual(review.state, "review")
        self.assertEqual(review.phase, "open")
        self.assertEqual(set(review.opinion_ids.mapped("state")), {"open"})
        self.assertFalse(any(review.opinion_ids.mapped("answer")))

    def test_only_sales_request_and_revise_reviews(self):
        """B1: sales presides over the review of its orders."""
        order = self._create_order()
        for user in self.engineer | self.inspector | self.auditor | self.nobody | self.portal:
            with self.subTest(user.login), self.assertRaises(AccessError):
                order.with_user(user).action_request_quality_review()
        with self.assertRaises(AccessError):
            self.review.with_user(self.inspector).action_revise()

    def test_who_may_write_orders_is_not_sales_yet(self):
        """B1, B3, B7, A1: Odoo lets stock, production and accounting write orders; what sales say
        and preside over stays with sales."""
        approved = self._create_reviewed_order()
        fresh, running = self._create_order(), self.order
        running.order_line.product_uom_qty += 1  # stale: a revision would withdraw the answers
        for group in (
            "stock.group_stock_user",
            "mrp.group_mrp_user",
            "account.group_account_invoice",
        ):
            user = self._create_user(group, f"{BASE},{group}")
            for order, name in (
                (fresh, "action_request_quality_review"),
                (running, "action_request_quality_review"),
                (fresh, "action_plan_strategy_meeting"),
                (fresh, "action_take_over_requirements"),
                (fresh, "action_update_quality_documents"),
                (fresh, "action_promise_earliest"),
                (approved, "action_answer_customer"),
                (running.quality_review_id, "action_revise"),
                (running.quality_review_id, "action_request"),
            ):
                with self.subTest(user=user.login, name=name), self.assertRaises(AccessError):
                    getattr(order.with_user(user), name)()
        self.assertFalse(fresh.quality_review_id)
        self.assertEqual(running.quality_review_id, self.review)

    def test_a_salesperson_sees_the_reviews_of_own_orders_only(self):
        """Rights: own documents only, as on the orders themselves."""
        colleague = self._create_user("colleague", f"{BASE},sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            self.review.with_user(colleague).read(["name"])
        with self.assertRaises(AccessError):
            self.review.line_ids.with_user(colleague).read(["price_unit"])
        self.assertTrue(self.review.with_user(self.salesmanager).has_access("read"))

    def test_nobody_and_portal_see_nothing(self):
        """Rights: internal users without a group, and customers, read no quality record."""
        for user in self.nobody | self.portal:
            for model in DOCUMENTS + SETUP:
                with self.subTest(user=user.login, model=model):
                    self.assertFalse(self.env[model].with_user(user).has_access("read"))
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.review.record_id.with_user(user).action_sign_off({}, [], {})

    def test_a_customer_reads_an_order_without_what_we_say_of_it(self):
        """Rights: on the portal neither answers, gate, strategy nor depth are read."""
        self.order.partner_id = self.portal.partner_id
        order = self.order.with_user(self.portal)
        self.assertTrue(order.read(["name"]))
        for name in (
            "quality_review_status",
            "quality_gate_error",
            "quality_signoff_summary",
            "quality_strategy_state",
            "quality_missing_kinds",
            "quality_document_hint",
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                order.read([name])
        for name in ("quality_kind", "quality_depth_note"):
            with self.subTest(name), self.assertRaises(AccessError):
                order.order_line.read([name])

    def test_the_auditor_reads_all_and_changes_nothing(self):
        """Rights: the auditor is read-only."""
        for model in DOCUMENTS + SETUP:
            with self.subTest(model):
                records = self.env[model].with_user(self.auditor)
                self.assertTrue(records.has_access("read"))
                self.assertFalse(records.has_access("write"))
        answers = {opinion.id: {"answer": "agree"} for opinion in self.review.opinion_ids}
        with self.assertRaises(AccessError):
            self.review.record_id.with_user(self.auditor).action_sign_off(answers)

    def test_only_the_quality_manager_sets_up(self):
        """Rights: templates, roles, authority and forms are the manager's."""
        for model in SETUP:
            for user in self.seller | self.engineer | self.inspector | self.auditor:
                with self.subTest(user=user.login, model=model):
                    self.assertFalse(self.env[model].with_user(user).has_access("write"))
            with self.subTest(user="quality_manager", model=model):
                self.assertTrue(self.env[model].with_user(self.quality_manager).has_access("write"))

    def test_prices_are_for_sales_finance_legal_and_management(self):
        """M5: no price reaches production, engineering or quality, by whatever field."""
        accountant = self._create_user(
            "accountant", f"{BASE},account.group_account_invoice,customer_quality.group_reviewer"
        )
        for user in self.seller | self.director | accountant:
            with self.subTest(user.login):
                self.assertEqual(self.review.with_user(user).amount_untaxed, 500)
                self.assertIn("price_unit", self.review.with_user(user).content)
        for user in self.engineer | self.producer | self.inspector | self.auditor:
            review = self.review.with_user(user)
            for record, name in (
                (review, "amount_untaxed"),
                (review, "content"),
                (review.line_ids, "price_unit"),
                (review.line_ids, "price_subtotal"),
                (review.line_ids, "discount"),
            ):
                with self.subTest(user=user.login, field=name), self.assertRaises(AccessError):
                    record.read([name])
                with self.subTest(user=user.login, search=name), self.assertRaises(AccessError):
                    record.search([(name, "!=", False)])
            self.assertNotIn("price_unit", review.fields_get())

    def test_another_company_sees_nothing(self):
        """Multi-company: records of another company are invisible, whatever the group."""
        other = self.env["res.company"].create({"name": "Elsewhere Ltd."})
        groups = (
            f"{BASE},customer_quality.group_manager,customer_quality.group_reviewer,"
            "customer_quality.group_auditor,sales_team.group_sale_manager"
        )
        stranger = self._create_user("stranger", groups, other)
        env = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        for model in DOCUMENTS:
            with self.subTest(model):
                self.assertFalse(env[model].search([]))
        with self.assertRaises(AccessError):
            self.review.with_env(env).read(["name"])
        opinion = self.review.opinion_ids[0]
        with self.assertRaises(AccessError):
            self.review.record_id.with_env(env).action_sign_off({opinion.id: {"answer": "agree"}})

    def test_business_methods_can_not_be_called_past_their_checks(self):
        """Rights: what works under sudo has no public name."""
        for name in ("_approve", "_request", "_void", "_settle", "_create_for", "_sign"):
            with self.subTest(name):
                self.assertTrue(name.startswith("_"))
        with self.assertRaises(AccessError):
            self.env["quality.baseline.adopt"].with_user(self.seller).create(
                {"company_id": self.company.id}
            )

    def test_a_receipt_of_another_role_is_not_mine_to_confirm(self):
        """D1, M2: receipts in bulk are signed by who acts for each role."""
        receipt = self.env["quality.acknowledgement"]._request(
            [{"record_id": self.review.record_id.id, "role_id": self._role("production").id}]
        )
        with self.assertRaises(AccessError):
            receipt.with_user(self.engineer).action_receive()
        receipt.with_user(self.producer).action_receive()
        self.assertEqual(receipt.state, "done")
        self.assertEqual(receipt.signature_id.meaning, "receipt")
