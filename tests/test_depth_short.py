import base64
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import Form, tagged

from .test_depth import DepthCase


@tagged("post_install", "-at_install")
class TestFastPath(DepthCase):
    """Where released stock covers the order, sales alone sign (B2)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.quality_fast_path = True
        cls.company.quality_depth_by_kind = False
        cls.company.quality_review_gate = "shortage"

    def _take_from_stock(self, quantity):
        self._put_in_stock(self.product, -quantity)
        self.env.invalidate_all()  # another transaction took it

    def test_sales_alone_sign_what_stock_covers(self):
        """B2: one signature, a form, a register entry."""
        self._put_in_stock(self.product, 5)
        order = self._create_order(5)
        review = self._request_review(order)
        self.assertEqual(review.depth, "stock")
        self.assertEqual(self._roles(review), {"sales"})
        self.assertIn("packing", review.opinion_ids.question)
        self._sign(review, self.seller)
        self.assertEqual(review.state, "approved")
        self._confirm(order)
        self.assertEqual(order.state, "sale")

    def test_what_stock_covers_is_not_confirmed_unsigned(self):
        """B2: register and form are still made; without the setting nothing is asked."""
        self._put_in_stock(self.product, 10)
        order = self._create_order(5)
        with self.assertRaises(RedirectWarning):
            self._confirm(order)
        self.company.quality_fast_path = False
        self._confirm(order)
        self.assertEqual(order.state, "sale")

    def test_one_piece_short_asks_the_departments(self):
        """B2: stock has to cover the whole order."""
        self._put_in_stock(self.product, 5)
        for order in (
            self._create_order(6),
            self._create_order(3, 3),
        ):
            review = self._request_review(order)
            self.assertEqual(review.depth, "full")
            self.assertEqual(self._roles(review), {"engineering", "production", "quality"})

    def test_reserved_stock_covers_nothing(self):
        """B2: unreserved stock only."""
        self._put_in_stock(self.product, 5)
        self.company.quality_review_gate = "never"
        self._confirm(self._create_order(3))
        self.assertEqual(self._request_review(self._create_order(3)).depth, "full")
        self.assertEqual(self._request_review(self._create_order(2)).depth, "stock")

    def test_stock_that_others_wait_for_covers_nothing(self):
        """B2: promised by an earlier delivery, though Odoo reserves by hand or by date only."""
        self.warehouse.out_type_id.reservation_method = "manual"
        self._put_in_stock(self.product, 5)
        first, second = self._create_order(3), self._create_order(3)
        for order in (first, second):
            self._sign(self._request_review(order), self.seller)
            self.assertEqual(order.quality_review_id.depth, "stock")
        self._confirm(first)
        self.assertFalse(first.order_line.move_ids.quantity)
        self.env.invalidate_all()
        with self.assertRaisesRegex(RedirectWarning, "does not any more"):
            self._confirm(second)
        self.assertEqual(self._request_review(self._create_order(2)).depth, "stock")

    def test_switched_off_or_always_reviewed_there_is_no_fast_path(self):
        """B2: setting, products and customers; these need their review also where stock covers."""
        self._put_in_stock(self.product, 10)
        self.company.quality_fast_path = False
        self.assertEqual(self._request_review(self._create_order(5)).depth, "full")
        self.product.quality_special = True
        order = self._create_order(5)
        with self.assertRaises(RedirectWarning):
            self._confirm(order)
        self.company.quality_fast_path = True
        self.assertEqual(self._request_review(order).depth, "full")
        self.product.quality_special = False
        self.customer.quality_always_review = True
        self.assertEqual(self._request_review(self._create_order(5)).depth, "full")

    def test_samples_exports_and_goods_that_are_not_stocked_have_no_fast_path(self):
        """B2, B8: nobody has inspected what is not in stock."""
        self._put_in_stock(self.product, 10)
        order = self._create_order(5)
        order.order_line.quality_kind_choice = "sample"
        self.assertEqual(self._request_review(order).depth, "full")
        goods = self.env["product.product"].create({"name": "Grease", "type": "consu"})
        self.assertEqual(self._request_review(self._create_order(1, product=goods)).depth, "full")
        self.company.country_id = self.env.ref("base.cn")
        self.customer.country_id = self.env.ref("base.de")
        self.assertEqual(self._request_review(self._create_order(5)).depth, "full")

    def test_held_goods_cover_nothing(self):
        """B2: goods in inspection, or held there, are not released by quality."""
        inspection = self.env["stock.location"].create(
            {
                "name": "Inspection",
                "location_id": self.warehouse.lot_stock_id.id,
                "quality_hold": True,
            }
        )
        self.env["stock.quant"]._update_available_quantity(self.product, inspection, 10)
        self.assertEqual(self._request_review(self._create_order(5)).depth, "full")
        self._put_in_stock(self.product, 5)
        self.env.invalidate_all()
        self.assertEqual(self._request_review(self._create_order(5)).depth, "stock")

    def test_stock_older_than_the_drawing_has_no_fast_path(self):
        """B2, L1: what came in before the revision was received was made by an earlier one."""
        self._put_in_stock(self.product, 5)
        document = self.env["quality.customer.document"].create(
            {"number": "D-1", "name": "Machine", "partner_id": self.customer.id}
        )
        today = fields.Date.today()
        revision = self.env["quality.customer.document.revision"].create(
            {
                "document_id": document.id,
                "company_id": self.company.id,
                "revision": "B",
                "date_received": today,
                "file": base64.b64encode(b"drawing"),
            }
        )
        order = self._create_order(5)
        order.order_line.quality_document_revision_ids = revision
        self.assertTrue(order._filter_quality_stocked())
        revision.date_received = today + timedelta(days=1)
        self.assertFalse(order._filter_quality_stocked())

    def test_stock_that_went_before_confirmation_is_refused_and_revised(self):
        """B2: coverage is looked at again; the revision asks the departments."""
        self._put_in_stock(self.product, 5)
        order = self._create_order(5)
        review = self._request_review(order)
        self._sign(review, self.seller)
        self._take_from_stock(1)
        with self.assertRaises(RedirectWarning) as refused:
            self._confirm(order)
        self.assertIn("stock covered", str(refused.exception.args[0]))
        with self.assertRaises(UserError):
            order.with_user(self.seller).write({"state": "sale"})
        order.with_user(self.seller).action_request_quality_review()
        revision = order.quality_review_id
        self.assertEqual(revision.supersedes_id, review)
        self.assertEqual(self._roles(revision), {"engineering", "production", "quality"})

    def test_stock_that_went_before_the_signature_is_not_approved(self):
        """B2: the last moment counts."""
        self._put_in_stock(self.product, 5)
        review = self._request_review(self._create_order(5))
        self._take_from_stock(5)
        self._sign(review, self.seller)
        self.assertEqual(review.state, "review")
        self.assertIn("stock covered", review.missing)

    def test_whoever_confirms_on_stock_holds_its_products(self):
        """B2: two that confirm at the same moment meet there; the second looks again."""
        self._put_in_stock(self.product, 5)
        order = self._create_order(5)
        self._sign(self._request_review(order), self.seller)
        self.env.flush_all()
        with self.assertLogs("odoo.sql_db", "DEBUG") as logs:
            self._confirm(order)
        held = [line for line in logs.output if "UPDATE product_product SET id" in line]
        self.assertEqual(len(held), 1)
        self.company.write({"quality_fast_path": False, "quality_review_gate": "always"})
        order = self._create_reviewed_order(1)
        with self.assertLogs("odoo.sql_db", "DEBUG") as logs:
            self._confirm(order)
        self.assertFalse([line for line in logs.output if "UPDATE product_product SET id" in line])

    def test_two_orders_do_not_share_one_stock(self):
        """B2: confirmed together, the second finds nothing left."""
        self._put_in_stock(self.product, 5)
        orders = self._create_order(5) | self._create_order(5)
        for order in orders:
            self._sign(self._request_review(order), self.seller)
        self.assertEqual(set(orders.quality_review_id.mapped("state")), {"approved"})
        with self.assertRaises(RedirectWarning):
            orders.with_user(self.seller).action_confirm()
        self._confirm(orders[0])
        with self.assertRaises(RedirectWarning):
            self._confirm(orders[1])

    def test_once_confirmed_its_own_reservation_does_not_count_against_it(self):
        """B2: an order is not stale because it took the goods."""
        self._put_in_stock(self.product, 5)
        order = self._create_order(5)
        self._sign(self._request_review(order), self.seller)
        self._confirm(order)
        self.assertEqual(order.quality_review_status, "approved")
        self.assertFalse(order.quality_review_id.missing)

    def test_what_is_sold_from_stock_is_no_base_for_a_repeat(self):
        """B2, B8: production never looked at it."""
        self._put_in_stock(self.product, 5)
        self._sign(self._request_review(self._create_order(5)), self.seller)
        self._take_from_stock(5)
        self.company.quality_depth_by_kind = True
        self.assertEqual(self._ask(5).line_ids.kind, "new")


@tagged("post_install", "-at_install")
class TestWaiver(DepthCase):
    """The customer's written authorisation to leave out the review (L6)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.quality_review_gate = "always"
        cls.file = base64.b64encode(b"We authorise you to leave out the review.")

    def _create_waiver(self, **vals):
        return (
            self.env["quality.review.waiver"]
            .with_user(self.seller)
            .create(
                {
                    "partner_id": self.customer.id,
                    "scope": "Call-offs of series parts",
                    "valid_until": fields.Date.today() + timedelta(days=30),
                    "file": self.file,
                    "file_name": "authorisation.pdf",
                    "company_id": self.company.id,
                    **vals,
                }
            )
            .sudo()
        )

    def _create_signed(self, **vals):
        waiver = self._create_waiver(**vals)
        waiver.with_user(self.seller).action_request()
        self._sign(waiver, self.director)
        self.assertEqual(waiver.state, "approved")
        return waiver

    def test_sales_register_it_and_management_signs(self):
        """L6: numbered, with the fingerprint of the file, signed as a waiver."""
        with Form(self.env["quality.review.waiver"].with_user(self.seller)) as form:
            form.partner_id = self.customer
            form.scope = "Everything"
            form.valid_until = fields.Date.today()
            form.file = self.file
        waiver = form.record
        self.assertTrue(waiver.name.startswith("WV/"))
        self.assertEqual(len(waiver.checksum), 64)
        waiver.action_request()
        self._sign(waiver.sudo(), self.director)
        self.assertEqual(waiver.state, "approved")
        self.assertEqual(waiver.sudo().opinion_ids.signature_id.meaning, "waiver")

    def test_the_review_is_left_out_and_the_form_says_by_what(self):
        """L6: the gate passes, nobody is asked."""
        waiver = self._create_signed()
        order = self._create_order(5)
        review = self._request_review(order)
        self.assertEqual((review.state, review.depth), ("approved", "waived"))
        self.assertEqual(review.waiver_id, waiver)
        self.assertFalse(review.opinion_ids)
        self.assertIn(waiver.name, review.conclusion)
        self._confirm(order)
        self.assertEqual(order.state, "sale")
        html = self.env["ir.actions.report"]._render_qweb_html(
            "customer_quality.report_contract_review", review.ids
        )[0]
        self.assertIn(waiver.name, html.decode())

    def test_without_the_customers_file_nothing_is_approved(self):
        """L6: written authorisation."""
        waiver = self._create_waiver(file=False)
        with self.assertRaises(UserError):
            waiver.with_user(self.seller).action_request()

    def test_an_objection_or_a_condition_puts_nothing_in_force(self):
        """L6: in force only where it was simply agreed to."""
        for answer in ("object", "condition"):
            waiver = self._create_waiver()
            waiver.with_user(self.seller).action_request()
            self._sign(waiver, self.director, answer, "Not the customer's signature.")
            self.assertEqual(waiver.state, "rejected")
        self.assertEqual(self._request_review(self._create_order(5)).state, "review")

    def test_outside_customer_scope_or_time_it_is_reviewed(self):
        """L6: all lines, products or categories, from and until."""
        self._create_signed(product_ids=self.product.ids)
        self.assertEqual(self._ask(5).depth, "waived")
        order = self._create_order(5, 5)
        order.order_line[1].product_id = self.part
        self.assertEqual(self._request_review(order).depth, "full")
        other = self.customer.create({"name": "Other"})
        self.assertEqual(self._ask(5, partner_id=other.id).depth, "full")
        contact = self.customer.create({"name": "Buyer", "parent_id": self.customer.id})
        self.assertEqual(self._ask(5, partner_id=contact.id).depth, "waived")

    def test_not_before_and_not_after_its_time(self):
        """L6: valid from and until, both included."""
        today = fields.Date.today()
        day = timedelta(days=1)
        self._create_signed(valid_from=today + day, valid_until=today + day)
        self._create_signed(valid_from=today - day, valid_until=today - day)
        self.assertEqual(self._ask(5).depth, "full")
        self._create_signed(valid_from=today, valid_until=today)
        self.assertEqual(self._ask(5).depth, "waived")

    def test_categories_reach_down(self):
        """L6: a category covers those below it."""
        parent = self.env["product.category"].create({"name": "Machines"})
        self.product.categ_id = parent.create({"name": "Presses", "parent_id": parent.id})
        self._create_signed(categ_ids=parent.ids)
        self.assertEqual(self._ask(5).depth, "waived")
        self.assertEqual(self._ask(5, product=self.part).depth, "full")

    def test_withdrawn_it_covers_no_order_that_is_not_confirmed(self):
        """L6: the approval falls with it, what is confirmed stays."""
        waiver = self._create_signed()
        waiting, confirmed = self._create_order(5), self._create_order(5)
        self._request_review(waiting | confirmed)
        self._confirm(confirmed)
        with self.assertRaises(AccessError):
            waiver.with_user(self.seller).action_withdraw()
        waiver.with_user(self.quality_manager).action_withdraw()
        with self.assertRaises(RedirectWarning):
            self._confirm(waiting)
        self.assertEqual(confirmed.quality_review_status, "approved")
        waiting.with_user(self.seller).action_request_quality_review()
        self.assertEqual(waiting.quality_review_id.depth, "full")

    def test_what_is_always_reviewed_is_not_waived(self):
        """L6: our own judgement comes before the customer's permission."""
        self._create_signed()
        self.product.quality_special = True
        self.assertEqual(self._ask(5).depth, "full")

    def test_what_was_sent_for_approval_is_frozen(self):
        """L6: nobody widens the scope afterwards."""
        waiver = self._create_signed()
        for vals in ({"scope": "All"}, {"valid_until": "2099-01-01"}, {"file": self.file}):
            with self.assertRaises(UserError):
                waiver.with_user(self.seller).write(vals)
        with self.assertRaises(AccessError):
            waiver.with_user(self.seller).write({"state": "approved"})

    def test_nobody_puts_a_waiver_in_force_by_creating_it(self):
        """L6: over RPC."""
        with self.assertRaises(AccessError):
            self._create_waiver(state="approved")
        with self.assertRaises(AccessError):
            self._create_waiver().with_user(self.seller).write({"checksum": "0" * 64})
        for user in (self.nobody, self.engineer, self.auditor):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["quality.review.waiver"].with_user(user).create(
                    {"partner_id": self.customer.id, "scope": "x", "valid_until": "2099-01-01"}
                )

    def test_who_is_not_asked_can_not_sign_it(self):
        """L6: management only."""
        waiver = self._create_waiver()
        waiver.with_user(self.seller).action_request()
        opinion = waiver.opinion_ids
        for user in (self.seller, self.inspector):
            with self.subTest(user.login), self.assertRaises(AccessError):
                waiver.record_id.with_user(user).action_sign_off(
                    {opinion.id: {"answer": "agree", "reason": ""}}, []
                )

    def test_another_company_sees_nothing_of_it(self):
        """L6: companies are separate."""
        waiver = self._create_signed()
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self._create_user(
            "stranger", "base.group_user,customer_quality.group_manager", other
        )
        waivers = self.env["quality.review.waiver"].with_user(stranger)
        waivers = waivers.with_context(allowed_company_ids=other.ids)
        self.assertFalse(waivers.search([("id", "=", waiver.id)]))

    def test_what_has_expired_is_closed(self):
        """L6, K1: from then on its retention runs."""
        waiver = self._create_signed()
        self.env["quality.review.waiver"]._cron_expire()
        self.assertEqual((waiver.state, waiver.phase), ("approved", "open"))
        self.env.cr.execute(
            "UPDATE quality_review_waiver SET valid_from = now() - interval '9 days', "
            "valid_until = now() - interval '2 days' WHERE id = %s",
            [waiver.id],
        )
        waiver.invalidate_recordset()
        self.env["quality.review.waiver"]._cron_expire()
        self.assertEqual((waiver.state, waiver.phase), ("expired", "closed"))
