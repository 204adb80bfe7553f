from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .notice_common import NoticeCase


@tagged("post_install", "-at_install")
class TestUrgentRelease(NoticeCase):
    """What can't wait is begun by an authorised signature (B10)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.quality_review_gate = "always"

    def _open(self, order, make=3):
        action = order.with_user(self.seller).action_urgent_release()
        release = self.env["quality.urgent.release"].browse(action["res_id"])
        with self._form(release, self.seller) as form:
            form.reason = "The line of the customer stands still."
            with form.line_ids.edit(0) as line:
                line.make_qty = make
                line.allows_buy = True
        return release

    def _release(self, order, make=3):
        release = self._open(order, make)
        release.with_user(self.seller).action_request()
        self._sign(release, self.director)
        self.assertEqual(release.state, "released")
        return release

    def test_signed_it_sends_out_a_provisional_notice_for_what_is_ticked(self):
        """B10: three of ten, marked as not reviewed; the order stays a quotation."""
        order = self._create_order(10)
        release = self._release(order)
        notice = release.notice_id
        self.assertTrue(notice.is_provisional)
        self.assertEqual(notice.state, "issued")
        self.assertEqual(notice.line_ids.to_supply, 3)
        self.assertIn("Buy materials.", notice.line_ids.name)
        self.assertEqual(self._productions().product_uom_qty, 3)
        self.assertEqual(self._allocations(notice), [(self._productions(), 3)])
        self.assertTrue(notice.acknowledgement_ids)
        self.assertEqual(order.state, "draft")
        self.assertEqual(release.opinion_ids.signature_id.meaning, "release")

    def test_the_notice_is_printed_as_not_yet_reviewed(self):
        """B10: on paper and on the signing page."""
        notice = self._release(self._create_order(10)).notice_id
        dialog = self.env["quality.production.notice.print"].with_user(self.producer)
        dialog = dialog.browse(notice.with_user(self.producer).action_print()["res_id"])
        copies = notice.copy_ids or self._print(notice, dialog)
        html = self.env["ir.actions.report"]._render_qweb_html(
            "customer_quality.report_production_notice", copies.ids
        )[0]
        self.assertIn("NOT YET REVIEWED", html.decode())

    def _print(self, notice, dialog):
        dialog.action_print()
        return notice.copy_ids

    def test_the_departments_are_asked_and_have_a_day(self):
        """B10: due within 24 hours of the signature, followed by a deadline that escalates."""
        order = self._create_order(10)
        release = self._open(order)
        release.with_user(self.seller).action_request()
        self.assertEqual(order.quality_review_id.state, "review")
        self._sign(release, self.director)
        self.assertEqual(release.date_review_due - release.date_released, timedelta(hours=24))
        deadline = self.env["quality.deadline"].search([("record_id", "=", release.record_id.id)])
        self.assertEqual(deadline.date_due, release.date_review_due)
        self.assertTrue(deadline.policy_id.step_ids)
        self.assertFalse(release.is_overdue)
        release.date_review_due = fields.Datetime.now() - timedelta(minutes=1)
        self.assertTrue(release.is_overdue)
        self.assertIn(release, release.search([("is_overdue", "=", True)]))

    def test_nothing_is_shipped_before_the_review_is_approved(self):
        """B10: shipment waits for it."""
        order = self._create_order(10)
        self._release(order)
        self.assertIn(order, order._get_quality_obstacles("shipment"))
        self._approve(order.quality_review_id)
        self.assertNotIn(order, order._get_quality_obstacles("shipment"))

    def test_an_objection_voids_the_notice(self):
        """B10: and what was not started is cancelled."""
        order = self._create_order(10)
        release = self._release(order)
        self._sign(order.quality_review_id, self.engineer, "object", "Can't be made.")
        self.assertEqual((release.state, release.phase), ("void", "void"))
        self.assertEqual(release.notice_id.state, "void")
        self.assertEqual(self._productions().state, "cancel")
        deadline = self.env["quality.deadline"].search([("record_id", "=", release.record_id.id)])
        self.assertEqual(deadline.state, "cancelled")

    def test_a_cancelled_quotation_voids_it(self):
        """B10: with its review."""
        order = self._create_order(10)
        release = self._release(order)
        self._cancel(order)
        self.assertEqual(release.state, "void")
        self.assertEqual(release.notice_id.state, "void")

    def test_the_normal_notice_takes_over_what_was_begun(self):
        """B10: three are allocated to it, the other seven are made."""
        order = self._create_order(10)
        release = self._release(order)
        begun = self._productions()
        self._approve(order.quality_review_id)
        self.assertEqual(release.state, "reviewed")
        self.assertTrue(release.date_reviewed)
        provisional, notice = release.notice_id, self._confirm(order)[-1]
        self.assertEqual(provisional.state, "void")
        self.assertEqual(notice.supersedes_id, provisional)
        self.assertFalse(notice.is_provisional)
        self.assertEqual(notice.line_ids.to_supply, 10)
        productions = self._productions()
        self.assertIn(begun, productions)
        self.assertEqual(begun.state, "confirmed")
        self.assertEqual(sum(productions.mapped("product_uom_qty")), 10)
        self.assertEqual(sum(quantity for _mo, quantity in self._allocations(notice)), 10)

    def test_what_was_made_meanwhile_is_stock(self):
        """B10: three are finished, seven are made."""
        order = self._create_order(10)
        self._release(order)
        self._finish(self._productions())
        self.env.invalidate_all()
        self._approve(order.quality_review_id)
        notice = self._confirm(order)[-1]
        self.assertEqual((notice.line_ids.covered, notice.line_ids.to_supply), (3, 7))
        self.assertEqual(sum(self._productions().mapped("product_uom_qty")), 10)

    def test_make_to_order_is_not_made_twice(self):
        """B10: procurement plans the whole order; what was not started gives way to it."""
        self._route_to_order(self.product)
        order = self._create_order(10)
        self._release(order)
        self._approve(order.quality_review_id)
        notice = self._confirm(order)[-1]
        live = self._productions().filtered(lambda mo: mo.state != "cancel")
        self.assertEqual(sum(live.mapped("product_uom_qty")), 10)
        self.assertEqual(notice.state, "issued")

    def test_nobody_elses_manufacturing_order_grows(self):
        """B10: one without any reference stays as it is."""
        other = self.env["mrp.production"].create(
            {"product_id": self.product.id, "product_qty": 4, "bom_id": self.bom.id}
        )
        other.action_confirm()
        self._release(self._create_order(10))
        self.assertEqual(other.product_uom_qty, 4)
        self.assertEqual(len(self._productions()), 2)

    def test_it_is_no_way_around_an_answer(self):
        """B10: not for what is reviewed, objected to or confirmed."""
        approved, objected = self._create_reviewed_order(5), self._create_order(5)
        self._sign(self._request_review(objected), self.engineer, "object", "No.")
        for order in (approved, objected):
            with self.assertRaises(UserError):
                order.with_user(self.seller).action_urgent_release()
        self.company.quality_notice_on_confirm = False
        with self.assertRaises(UserError):
            self._create_order(5).with_user(self.seller).action_urgent_release()

    def test_what_was_released_before_is_not_made_twice(self):
        """B10: two releases of an order together make no more than is ordered."""
        order = self._create_order(10)
        self._release(order, make=7)
        second = self._open(order, make=5)
        with self.assertRaises(UserError):
            second.with_user(self.seller).action_request()
        with self._form(second, self.seller) as form, form.line_ids.edit(0) as line:
            line.make_qty = 3
        second.with_user(self.seller).action_request()
        self._sign(second, self.director)
        self.assertEqual(sum(self._productions().mapped("product_uom_qty")), 10)

    def test_reason_and_ticks_are_needed(self):
        """B10: and no more than is ordered, of what is made here."""
        order = self._create_order(5)
        release = self._open(order, make=6)
        with self.assertRaises(UserError):
            release.with_user(self.seller).action_request()
        release.line_ids.with_user(self.seller).write({"make_qty": 0, "allows_buy": False})
        with self.assertRaises(UserError):
            release.with_user(self.seller).action_request()
        bought = self._open(self._create_order(5, product=self.bought), make=1)
        with self.assertRaises(UserError):
            bought.with_user(self.seller).action_request()
        bought.line_ids.with_user(self.seller).write({"make_qty": 0})
        bought.with_user(self.seller).action_request()
        self._sign(bought, self.director)
        self.assertEqual(bought.notice_id.line_ids.to_supply, 0)

    def test_without_the_signature_nothing_goes_out(self):
        """B10: refused, or signed by somebody who may not."""
        release = self._open(self._create_order(10))
        release.with_user(self.seller).action_request()
        opinion = release.opinion_ids
        for user in (self.seller, self.producer, self.quality_manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                release.record_id.with_user(user).action_sign_off(
                    {opinion.id: {"answer": "agree", "reason": ""}}, []
                )
        self._sign(release, self.director, "object", "It can wait.")
        self.assertEqual(release.state, "refused")
        self.assertFalse(release.notice_id)
        self.assertFalse(self._productions())

    def test_who_may_approve_the_amount_may_release(self):
        """B10: by the authority table."""
        self.env["quality.authority"].create(
            {"company_id": self.company.id, "amount_from": 500, "role_id": self._role("quality").id}
        )
        release = self._open(self._create_order(10))
        release.with_user(self.seller).action_request()
        self.assertEqual(release.opinion_ids.role_id, self._role("quality"))

    def test_what_was_asked_for_is_frozen(self):
        """B10: nobody ticks more after the signature was asked for, or writes the state."""
        release = self._open(self._create_order(10))
        line = release.line_ids
        with self.assertRaises(AccessError):
            line.with_user(self.seller).write({"quantity": 100})
        release.with_user(self.seller).action_request()
        with self.assertRaises(UserError):
            line.with_user(self.seller).write({"make_qty": 9})
        with self.assertRaises(UserError):
            release.with_user(self.seller).write({"reason": "Another"})
        with self.assertRaises(AccessError):
            release.with_user(self.seller).write({"state": "released"})
        for user in (self.producer, self.auditor, self.nobody):
            with self.subTest(user.login), self.assertRaises(AccessError):
                release.with_user(user).action_withdraw()

    def test_withdrawn_its_notice_is_void(self):
        """B10: by sales."""
        release = self._release(self._create_order(10))
        release.with_user(self.seller).action_withdraw()
        self.assertEqual((release.state, release.notice_id.state), ("void", "void"))
        with self.assertRaises(UserError):
            release.with_user(self.seller).action_withdraw()

    def test_a_colleagues_release_is_not_shown_to_who_sees_own_orders_only(self):
        """B10: the rules of orders hold, and those of companies."""
        release = self._open(self._create_order(10))
        colleague = self._create_user("colleague", "base.group_user,sales_team.group_sale_salesman")
        found = release.with_user(colleague).search([("id", "=", release.id)])
        self.assertFalse(found)
        self.assertFalse(
            self.env["quality.urgent.release.line"]
            .with_user(colleague)
            .search([("release_id", "=", release.id)])
        )

    def test_the_order_form_offers_it(self):
        """B10: a button on the quotation, a count when there is one."""
        order = self._create_order(10)
        self.assertTrue(order.quality_can_release)
        self._release(order)
        order.invalidate_recordset()
        self.assertEqual(order.quality_release_count, 1)
        Form(order.with_user(self.seller))
