from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from ..lib.canonical import digest
from ..models.extensions.sale_order_guard import AgreedOrderChanged
from .common import BASE
from .guard_common import PROMISED, GuardCase

CHANGED = "customer_quality.mail_activity_type_order_changed"


@tagged("post_install", "-at_install")
class TestOverride(GuardCase):
    """Somebody whom the authority table names lets a change pass, and signs why (C5)."""

    def setUp(self):
        super().setUp()
        self.order = self._create_agreed_order(5)
        self.line = self.order.order_line

    def _changes(self, override):
        return [(change.kind, change.before, change.after) for change in override.change_ids]

    # The way

    def test_nothing_passes_before_the_signature(self):
        """C5: requested is not released."""
        override = self._request_override(self.order)
        self.assertEqual(override.state, "requested")
        with self.assertRaises(AgreedOrderChanged):
            self.line.with_user(self.seller).product_uom_qty = 7
        self.assertFalse(override.change_ids)

    def test_the_requester_changes_what_is_ticked_once_it_is_signed(self):
        """C5: before and after of each value are kept on the override, and the review shows
        that the order is not what was reviewed."""
        override = self._release_override(self.order, allows_quantity=True, allows_date=True)
        self.assertTrue(override.is_valid)
        order = self.order.with_user(self.seller)
        order.order_line.product_uom_qty = 7
        order.commitment_date = PROMISED + timedelta(days=2)
        self.assertEqual(
            self._changes(override),
            [("quantity", "5 Units", "7 Units"), ("date", "2031-05-20", "2031-05-22")],
        )
        self.assertEqual(override.change_ids[0].what, "Machine")
        self.assertEqual(set(override.change_ids.mapped("changed_by")), {self.seller.name})
        self.assertEqual(order.quality_review_status, "stale")
        with self.assertRaises(AgreedOrderChanged):
            order.order_line.product_uom_qty = 0
        with self.assertRaises(AgreedOrderChanged):
            order.order_line = [self._prepare_line(self.bought)]

    def test_lines_are_cancelled_and_added_where_that_is_ticked(self):
        """C5: each kind of change is allowed on its own."""
        override = self._release_override(self.order, allows_cancel=True, allows_add=True)
        order = self.order.with_user(self.seller)
        order.order_line.product_uom_qty = 0
        order.order_line = [self._prepare_line(self.bought, 2)]
        self.assertEqual(
            self._changes(override), [("cancel", "5 Units", "0 Units"), ("add", "", "2 Units")]
        )
        self.assertEqual(override.change_ids[1].what, "Bought Pump")

    def test_the_signer_may_change_too_and_nobody_else(self):
        """C5: it holds for whoever asked and whoever signed."""
        self.director.group_ids |= self.env.ref("sales_team.group_sale_salesman_all_leads")
        colleague = self._create_user(
            "colleague", f"{BASE},sales_team.group_sale_salesman_all_leads"
        )
        override = self._release_override(self.order)
        with self.assertRaises(AgreedOrderChanged):
            self.line.with_user(colleague).product_uom_qty = 7
        self.line.with_user(self.director).product_uom_qty = 7
        self.assertEqual(override.change_ids.changed_by, self.director.name)

    def test_each_change_passes_by_the_override_that_covers_it(self):
        """C5: who signed for two people uses both."""
        manager = self._create_user("sales_head", "base.group_user,sales_team.group_sale_manager")
        first = self._release_override(self.order, allows_quantity=True)
        second = self._request_override(self.order, manager, allows_date=True)
        self.assertNotEqual(first, second)
        self._sign(second, self.director)
        self.director.group_ids |= self.env.ref("sales_team.group_sale_manager")
        order = self.order.with_user(self.director)
        order.order_line.product_uom_qty = 8
        order.commitment_date = PROMISED + timedelta(days=1)
        self.assertEqual((first.change_ids.kind, second.change_ids.kind), ("quantity", "date"))

    def test_another_order_is_not_touched(self):
        """C5: an override is for one order only."""
        other = self._create_agreed_order(2)
        self._release_override(self.order)
        lines = (self.order | other).order_line.with_user(self.seller)
        with self.assertRaises(AgreedOrderChanged):
            lines.product_uom_qty = 4
        self.assertEqual(lines.mapped("product_uom_qty"), [5, 2])

    def test_it_ends_after_its_hours(self):
        """C5: nothing passes after the hours of the company's setting; it is closed then."""
        self.company.quality_override_hours = 4
        override = self._release_override(self.order)
        self.assertEqual(override.date_expires - override.date_released, timedelta(hours=4))
        with freeze_time(fields.Datetime.now() + timedelta(hours=5)):
            self.env.invalidate_all()
            self.assertFalse(override.is_valid)
            with self.assertRaises(AgreedOrderChanged):
                self.line.with_user(self.seller).product_uom_qty = 7
            self.env["quality.order.override"]._cron_close_expired()
        self.assertEqual((override.state, override.phase), ("closed", "closed"))

    def test_the_scheduled_action_costs_the_same_for_few_and_many(self):
        """C5: what is over is closed in one go."""

        def close(count):
            orders = [self._create_agreed_order(1) for _ in range(count)]
            overrides = [self._release_override(order) for order in orders]
            with freeze_time(fields.Datetime.now() + timedelta(hours=25)):
                self.env.flush_all()
                self.env.invalidate_all()
                start = self.env.cr.sql_log_count
                self.env["quality.order.override"]._cron_close_expired()
                self.env.flush_all()
                cost = self.env.cr.sql_log_count - start
            self.assertEqual({override.state for override in overrides}, {"closed"})
            return cost

        self.assertLessEqual(close(4), close(1) + 1)

    def test_closing_ends_it(self):
        """C5: once it is closed nothing passes, and what was changed stays readable."""
        override = self._release_override(self.order)
        self.line.with_user(self.seller).product_uom_qty = 7
        override.with_user(self.seller).action_close()
        self.assertEqual(override.state, "closed")
        with self.assertRaises(AgreedOrderChanged):
            self.line.with_user(self.seller).product_uom_qty = 8
        with self.assertRaises(UserError):
            override.with_user(self.seller).action_close()

    def test_a_refusal_releases_nothing(self):
        """C5: whoever signs may say no."""
        override = self._request_override(self.order)
        self._sign(override, self.director, "object", "Ask the customer first")
        self.assertEqual((override.state, override.phase), ("refused", "closed"))
        with self.assertRaises(AgreedOrderChanged):
            self.line.with_user(self.seller).product_uom_qty = 7

    def test_cancelling_the_order_voids_it(self):
        """C5: an override of an order that is no longer agreed is void."""
        override = self._release_override(self.order)
        self._cancel(self.order)
        self.assertEqual((override.state, override.phase), ("void", "void"))

    def test_one_override_at_a_time(self):
        """C5: whoever asks again is led to the one under way."""
        override = self._request_override(self.order)
        action = self.order.with_user(self.seller).action_request_quality_override()
        self.assertEqual(action["res_id"], override.id)
        override.with_user(self.seller).action_withdraw()
        self.assertEqual(override.state, "void")
        self.assertFalse(override.opinion_ids.filtered(lambda o: o.state == "open"))
        self.order.with_user(self.seller).action_request_quality_override()
        self.assertEqual(self.order.quality_override_count, 2)

    def test_typed_on_the_form(self):
        """C5: reason and marks are typed in the draft; after that they stay."""
        self.order.with_user(self.seller).action_request_quality_override()
        override = self.env["quality.order.override"].search([("order_id", "=", self.order.id)])
        for vals in ({}, {"reason": "Breakdown at the customer's"}, {"allows_date": True}):
            override.with_user(self.seller).write({"reason": False, "allows_date": False, **vals})
            with self.assertRaises(UserError):
                override.with_user(self.seller).action_request()
        form = self._form(override, self.seller)
        form.reason = "Breakdown at the customer's"
        form.allows_date = True
        form.save().action_request()
        with self.assertRaises(UserError):
            override.with_user(self.seller).reason = "Another one"
        with self.assertRaises(UserError):
            override.with_user(self.seller).allows_quantity = True

    def test_a_free_order_needs_none(self):
        """C5: an order that is not guarded is changed without an override."""
        with self.assertRaises(UserError):
            self._create_order(1).with_user(self.seller).action_request_quality_override()

    # Who signs

    def test_the_authority_table_names_who_signs(self):
        """C5, B1: by the amount of the order; the lowest row below it; else management."""
        self.assertEqual(self._request_override(self.order).role_id, self._role("management"))
        orders = {quantity: self._create_agreed_order(quantity) for quantity in (1, 5, 30)}
        self.env["quality.authority"].create(
            {
                "company_id": self.company.id,
                "criterion": "margin",
                "margin_below": 5,
                "role_id": self._role("engineering").id,
            }
        )  # another reason than the amount: says nothing about overrides
        for amount, code in ((300, "quality"), (2000, "engineering")):
            self.env["quality.authority"].create(
                {
                    "company_id": self.company.id,
                    "amount_from": amount,
                    "role_id": self._role(code).id,
                }
            )
        for quantity, code in ((1, "quality"), (5, "quality"), (30, "engineering")):
            override = self._request_override(orders[quantity])
            self.assertEqual(override.role_id, self._role(code), quantity)

    def test_nobody_else_signs(self):
        """C5, M1: who does not act for the role can't sign, nor is it entered for somebody."""
        override = self._request_override(self.order)
        opinion = override.opinion_ids
        for user in (self.seller, self.engineer, self.inspector):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                override.record_id.with_user(user).action_sign_off(
                    {opinion.id: {"answer": "agree", "reason": ""}}, [], {}
                )
        with self.assertRaises(UserError):
            override.record_id.with_user(self.engineer).action_sign_off(
                {opinion.id: {"answer": "agree", "reason": ""}},
                [],
                {"way": "entered", "entered_for": {"user_id": self.director.id}},
            )
        self.assertEqual(override.state, "requested")

    def test_what_was_altered_since_is_found(self):
        """M1: an override that says something else than what was signed is named."""
        override = self._release_override(self.order)
        overrides = self.env["quality.order.override"]
        self.assertFalse(overrides._find_altered_documents(self.company))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE quality_order_override SET allows_product = TRUE WHERE id = %s", [override.id]
        )
        self.env.invalidate_all()
        self.assertEqual(overrides._find_altered_documents(self.company), override.record_id.ids)

    def test_the_signature_covers_reason_and_marks(self):
        """M1: what was signed is the fingerprint of what was asked for."""
        override = self._release_override(self.order)
        signed = override.opinion_ids.signature_id
        self.assertEqual(signed.meaning, "override")
        self.assertIn(override.content_hash, signed.content)
        contents = {override.content_hash}
        for name, value in (("reason", "Other"), ("allows_add", False), ("hours", 2)):
            override[name] = value
            contents.add(digest(override._get_content()))
        self.assertEqual(len(contents), 4)

    # Who is told

    def test_the_departments_are_told_once(self):
        """D1: who received the notice is told that the order was changed."""
        notice = self._notices(self.order)
        self._release_override(self.order)
        order = self.order.with_user(self.seller)
        order.order_line.product_uom_qty = 7
        order.order_line.product_uom_qty = 8
        told = notice.activity_ids.filtered(
            lambda act: act.activity_type_id == self.env.ref(CHANGED)
        )
        self.assertEqual(told.user_id.sorted("id"), notice.acknowledgement_ids.user_id.sorted("id"))
        self.assertEqual(len(told), len(told.user_id))

    def test_who_asked_is_told_of_the_signature(self):
        """C5: the seller learns that the order can be changed now."""
        override = self._release_override(self.order)
        self.assertEqual(override.activity_ids.user_id, self.seller)
        self.line.with_user(self.seller).product_uom_qty = 7
        override.with_user(self.seller).action_close()
        self.assertFalse(override.activity_ids)

    # Rights

    def test_nobody_writes_an_override(self):
        """C5: it comes into being by request and signature only."""
        override = self._request_override(self.order)
        portal = self._create_user("portal_buyer", "base.group_portal")
        overrides = self.env["quality.order.override"]
        for user in (
            self.seller | self.producer | self.inspector | self.quality_manager | self.director
            | self.auditor | self.nobody | portal
        ):  # fmt: skip
            with self.subTest(user=user.login):
                self.assertFalse(overrides.with_user(user).has_access("create"))
                self.assertFalse(overrides.with_user(user).has_access("unlink"))
                with self.assertRaises(AccessError):
                    override.with_user(user).write({"state": "released"})
        for user in (self.nobody, portal):
            with self.assertRaises(AccessError):
                override.with_user(user).read(["reason"])

    def test_who_may_not_write_the_order_requests_nothing(self):
        """C5: neither production nor a colleague's seller asks for another's order."""
        colleague = self._create_user("colleague", f"{BASE},sales_team.group_sale_salesman")
        override = self._release_override(self.order)
        for user in (self.producer, self.nobody, colleague):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.order.with_user(user).action_request_quality_override()
        with self.assertRaises(AccessError):
            override.with_user(self.auditor).action_close()

    def test_another_company_sees_none(self):
        """C5: overrides belong to their company."""
        override = self._request_override(self.order)
        sister = self.env["res.company"].create({"name": "Sister Ltd."})
        stranger = self._create_user(
            "stranger", f"{BASE},customer_quality.group_manager", company=sister
        )
        overrides = self.env(user=stranger, context={})["quality.order.override"]
        self.assertFalse(overrides.search([("id", "=", override.id)]))
        with self.assertRaises(AccessError):
            overrides.browse(override.id).read(["reason"])

    def test_its_form_opens_for_all_who_read_it(self):
        """C5: the form shows no price to anybody, and opens for each group that reads it."""
        override = self._release_override(self.order)
        for user in (self.seller, self.producer, self.inspector, self.director, self.auditor):
            with self.subTest(user=user.login):
                self.assertEqual(Form(override.with_user(user)).name, override.name)
        self.assertNotIn("amount", str(override._fields.keys()))

    def test_on_paper_and_on_the_signing_page(self):
        """K2: reason, marks, changes and signature as controlled form; no price."""
        override = self._release_override(self.order)
        self.line.with_user(self.seller).product_uom_qty = 7
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html("customer_quality.report_order_override", override.ids)[0]
            .decode()
        )
        page = str(
            self.env["ir.qweb"]._render(
                override._work_template, {"document": override.with_user(self.engineer)}
            )
        )
        for text in (html, page):
            for word in ("The customer&#39;s line stands", "Quantities", "Machine", "7 Units"):
                self.assertIn(word, text)
        self.assertIn(self.director.name, html)
        self.assertIn("QF-31", html)
