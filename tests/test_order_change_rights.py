from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from .change_common import LATER, ChangeCase
from .common import BASE
from .guard_common import PROMISED


@tagged("post_install", "-at_install")
class TestOrderChangeRights(ChangeCase):
    """Who enters, reviews, consents to and applies a change (C1 to C3, M5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_order(5, commitment_date=PROMISED)

    def setUp(self):
        super().setUp()
        self._approve(self._request_review(self.order))
        self._confirm(self.order)
        self.change = self._open_change(self.order)
        self._set_quantity(self.change, 8)

    def test_others_neither_enter_nor_apply(self):
        """C1: sales do; departments answer, the shop floor reports."""
        self._agree(self._submit(self.change))
        for user in (self.producer, self.engineer, self.inspector, self.auditor, self.nobody):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.order.with_user(user).action_request_quality_change()
                for method in ("action_apply", "action_withdraw", "action_show_impact"):
                    with self.assertRaises(AccessError):
                        getattr(self.change.with_user(user), method)()
                with self.assertRaises(AccessError):
                    self.change.with_user(user).write({"state": "applied"})
                with self.assertRaises(AccessError):
                    self.change.line_ids.with_user(user).new_quantity = 99
        self.assertEqual(self.order.order_line.product_uom_qty, 5)

    def test_nobody_forges_an_entry(self):
        """C5: neither entries nor their differences are created or deleted over RPC."""
        for user in (self.seller, self.quality_manager, self.producer):
            with self.subTest(user=user.login):
                env = self.env(user=user)
                with self.assertRaises(AccessError):
                    env["quality.order.change"].create({"reason": "Forged"})
                with self.assertRaises(UserError):
                    self.change.with_user(user).unlink()
                with self.assertRaises(AccessError):
                    env["quality.order.change.item"].create({"change_id": self.change.id})

    def test_sales_write_no_facts(self):
        """C1: what the order says now follows from the order."""
        line = self.change.line_ids.with_user(self.seller)
        line.write({"quantity": 1, "new_quantity": 6})
        self.assertEqual((line.quantity, line.new_quantity), (5, 6))
        for values in ({"consent_state": "given"}, {"content": "[]"}, {"impact": {}}):
            with self.assertRaises(AccessError):
                self.change.with_user(self.seller).write(values)

    def test_salespeople_see_the_changes_of_their_own_orders(self):
        """Rights: as with the orders themselves."""
        other = self._create_user("other_seller", f"{BASE},sales_team.group_sale_salesman")
        Change = self.env["quality.order.change"]
        self.assertNotIn(self.change, Change.with_user(other).search([]))
        self.assertIn(self.change, Change.with_user(self.seller).search([]))
        with self.assertRaises(AccessError):
            self.change.with_user(other).read(["reason"])
        with self.assertRaises(AccessError):
            self.change.with_user(other).action_show_impact()

    def test_another_company_and_the_portal_see_nothing(self):
        """Rights: companies apart, customers through the page of their order only."""
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self._create_user(
            "foreign", f"{BASE},customer_quality.group_manager", company=elsewhere
        )
        portal = new_test_user(self.env, "test_change_portal", groups="base.group_portal")
        for user in (foreign, portal):
            change = self.change.with_user(user).with_context(
                allowed_company_ids=user.company_ids.ids
            )
            self.assertFalse(user != portal and change.search([]))
            with self.assertRaises(AccessError):
                change.read(["reason"])

    def test_prices_are_read_by_those_who_may(self):
        """M5: production signs without seeing what the order comes to."""
        line = self.change.line_ids
        line.with_user(self.seller).new_price_unit = 777
        self._submit(self.change)
        item = self.change.item_ids.filtered("price_after")
        for name in ("price_before", "price_after"):
            with self.assertRaises(AccessError):
                item.with_user(self.producer).read([name])
        with self.assertRaises(AccessError):
            line.with_user(self.producer).read(["new_price_unit"])
        self.assertFalse(item.before or item.after)
        self.assertNotIn("777", item.with_user(self.producer)._get_text())
        self.assertNotIn("777", self.change.with_user(self.producer).message_text)

    def test_the_screen_of_the_order_leads_to_the_register(self):
        """C5: what the form refuses opens a change."""
        with self.assertRaises(RedirectWarning) as refusal:
            self.order.with_user(self.seller).web_save({"client_order_ref": "PO-1"}, {})
        action = self.env["ir.actions.server"].browse(refusal.exception.args[1])
        self.assertEqual(action, self.env.ref("customer_quality.sale_order_action_request_change"))

    def test_a_change_waits_for_no_running_review(self):
        """B6: what is not settled itself can't be changed."""
        self.order.order_line.with_user(self.seller).name = "Machine, another text"
        with self.assertRaises(UserError):
            self._submit(self.change)

    def test_lists_cost_the_same_for_one_and_for_many(self):
        """Cost: the register runs no query per row."""
        for _index in range(10):
            self.env["quality.order.change"]._open_for(self.order)
        changes = self.env["quality.order.change"].search([("order_id", "=", self.order.id)])
        names = ["name", "order_id", "kind_ids", "consent_state", "misfit", "missing"]
        counts = []
        for records in (changes[:1], changes):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            records.with_user(self.quality_manager).read(names)
            counts.append(self.env.cr.sql_log_count - start)
        self.assertLessEqual(counts[1], counts[0] + 2)


@tagged("post_install", "-at_install")
class TestConsentPage(ChangeCase, HttpCase):
    """The customer agrees, or not, on the page of the order (C2)."""

    def setUp(self):
        super().setUp()
        self.order = self._create_agreed_order(5)
        self.change = self._submit(
            self._open_change(
                self.order,
                **self._ours(new_commitment_date=LATER, customer_text="Our press is being mended"),
            )
        )
        self.change.with_user(self.seller).action_ask_consent()
        self.url = self.order.get_portal_url()

    def _answer(self, **values):
        page = self.url_open(self.url)
        self.assertEqual(page.status_code, 200)
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        return self.url_open(
            f"/my/orders/{self.order.id}/quality/consent",
            data={
                "csrf_token": token,
                "access_token": self.order.access_token,
                "change_id": self.change.id,
                "seen": self.change.content_hash,
                **values,
            },
        )

    def test_the_page_says_what_is_asked(self):
        """C2: what it was, what it becomes, and why in words for the customer."""
        text = self.url_open(self.url).text
        self.assertIn("Do you agree to this change", text)
        self.assertIn("Our press is being mended", text)
        self.assertNotIn(self.change.reason, text)

    def test_one_click_with_a_name_gives_consent(self):
        """C2: who, when, by what means."""
        self._answer(answer="yes", who="Mr. Wang")
        self.change.invalidate_recordset()
        self.assertEqual(self.change.consent_state, "given")
        self.assertEqual(
            (self.change.consent_by, self.change.consent_means), ("Mr. Wang", "portal")
        )
        self.assertNotIn("Do you agree to this change", self.url_open(self.url).text)

    def test_a_refusal_needs_words(self):
        """C2: what the customer refuses is told to sales with the reason."""
        page = self._answer(answer="no", who="Mr. Wang")
        self.assertIn("Say why", page.text)
        self._answer(answer="no", who="Mr. Wang", note="Our line stands")
        self.change.invalidate_recordset()
        self.assertEqual(self.change.state, "rejected")

    def test_nobody_answers_for_another_order(self):
        """Rights: neither without the token, nor for what was not asked, nor for an old page."""
        other = self._create_agreed_order(2)
        other.get_portal_url()
        refused = self._answer(answer="yes", who="X", access_token="wrong")
        self.assertNotIn("received it", refused.text)
        for values in ({"seen": "old"}, {"change_id": self.change.id + 1}):
            self.assertEqual(self._answer(answer="yes", who="X", **values).status_code, 404)
        self.change.invalidate_recordset()
        self.assertEqual(self.change.consent_state, "asked")
