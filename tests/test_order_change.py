from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .change_common import LATER, ChangeCase
from .guard_common import PROMISED


@tagged("post_install", "-at_install")
class TestOrderChange(ChangeCase):
    """An agreed order changes through the register, and in no other way (C1, C3, C5)."""

    def test_a_customers_change_of_quantity_goes_through_the_departments(self):
        """C1, C3: production and purchasing sign; then order, notice, manufacturing follow."""
        order = self._create_agreed_order(5)
        notice = self._notices(order)
        old = self._productions()
        change = self._open_change(order)
        with Form(change.with_user(self.seller)) as form, form.line_ids.edit(0) as line:
            line.new_quantity = 8
        self._submit(change)
        self.assertEqual(change.state, "review")
        self.assertEqual(
            set(change.opinion_ids.role_id.mapped("code")), {"production", "purchasing"}
        )
        self.assertEqual(order.order_line.product_uom_qty, 5)
        self._agree(change)
        self.assertEqual(change.state, "approved")
        self._apply(change)
        self.assertEqual(order.order_line.product_uom_qty, 8)
        self.assertEqual(old.state, "cancel")
        new = self._productions() - old
        self.assertEqual(sum(new.mapped("product_qty")), 8)
        self.assertEqual(old.quality_replaced_by_ids, new)
        self.assertEqual(notice.state, "void")
        self.assertEqual(change.notice_after_id.supersedes_id, notice)
        self.assertEqual(change.notice_after_id.state, "issued")
        self.assertTrue(change.notice_after_id.is_receipt_missing)
        self.assertEqual(order.quality_review_status, "approved")

    def test_a_smaller_quantity_leaves_nothing_too_much(self):
        """C3: what was planned for the difference is not made any more."""
        order = self._create_agreed_order(5)
        self._change_quantity(order, 3)
        open_mos = self._productions().filtered(lambda mo: mo.state != "cancel")
        self.assertEqual(sum(open_mos.mapped("product_qty")), 3)
        self.assertEqual(sum(order.picking_ids.move_ids.mapped("product_uom_qty")), 3)

    def test_another_date_moves_manufacturing_and_transfers(self):
        """C1: Odoo leaves manufacturing orders where they are when the date moves."""
        order = self._create_agreed_order(5)
        change = self._open_change(order, new_commitment_date=LATER)
        self._apply(self._agree(self._submit(change)))
        self.assertEqual(order.commitment_date, LATER)
        new = self._productions().filtered(lambda mo: mo.state != "cancel")
        self.assertEqual(new.date_deadline.date(), LATER.date())
        self.assertGreater(new.date_start, self._productions()[0].date_start)
        self.assertEqual(order.picking_ids.move_ids.date.date(), LATER.date())
        self.assertEqual(change.days_later, 14)

    def test_our_delay_needs_the_customers_consent(self):
        """C2: without it nothing is applied; the promise stays."""
        order = self._create_agreed_order(5)
        change = self._open_change(order, **self._ours(new_commitment_date=LATER))
        self._agree(self._submit(change))
        self.assertEqual((change.state, change.consent_state), ("review", "needed"))
        with self.assertRaises(UserError):
            self._apply(change)
        self.assertEqual(order.commitment_date, PROMISED)
        self._consent(change)
        self.assertEqual(change.state, "approved")
        self.assertEqual((change.consent_by, change.consent_means), ("Mr. Wang", "phone"))
        self._apply(change)
        self.assertEqual(order.commitment_date, LATER)

    def test_the_customer_is_asked_by_mail(self):
        """C2: in one mail, queued; the answer comes from the page of the order."""
        order = self._create_agreed_order(5)
        change = self._submit(self._open_change(order, **self._ours(new_commitment_date=LATER)))
        change.with_user(self.seller).action_ask_consent()
        mail = self.env["mail.mail"].search(
            [("model", "=", change._name), ("res_id", "=", change.id)]
        )
        self.assertEqual(len(mail), 1)
        self.assertIn(order.name, mail.subject)
        self.assertEqual(change.consent_state, "asked")
        self.assertEqual(order._get_quality_asked_changes(), change)

    def test_a_refused_consent_ends_the_change(self):
        """C2: who refuses says why; nothing on the order moves."""
        order = self._create_agreed_order(5)
        change = self._submit(self._open_change(order, **self._ours(new_commitment_date=LATER)))
        with self.assertRaises(UserError):
            change._answer_consent(False, "Mr. Wang", "phone")
        change._answer_consent(False, "Mr. Wang", "phone", "Our line would stand")
        self.assertEqual((change.state, change.consent_state), ("rejected", "refused"))
        self.assertEqual(order.commitment_date, PROMISED)

    def test_an_objection_stops_the_change(self):
        """C3: the department says why; sales revise."""
        order = self._create_agreed_order(5)
        change = self._open_change(order)
        self._set_quantity(change, 50)
        self._submit(change)
        self._sign(change, self.producer, "object", "No capacity")
        self.assertEqual(change.state, "rejected")
        action = change.with_user(self.seller).action_revise()
        revision = self.env["quality.order.change"].browse(action["res_id"])
        self.assertEqual(revision.supersedes_id, change)
        self.assertEqual(revision.state, "draft")

    def test_a_price_asks_sales_and_finance_and_leaves_the_notice(self):
        """C1: price and terms touch neither production nor its notice."""
        order = self._create_agreed_order(5)
        notice = self._notices(order)
        change = self._open_change(order)
        change.line_ids.with_user(self.seller).new_price_unit = 90
        self._submit(change)
        self.assertEqual(set(change.opinion_ids.role_id.mapped("code")), {"sales", "finance"})
        self._apply(self._agree(change))
        self.assertEqual(order.order_line.price_unit, 90)
        self.assertEqual(notice.state, "issued")
        self.assertFalse(change.notice_after_id)
        self.assertEqual(order.quality_review_status, "approved")

    def test_a_clerical_change_needs_sales_only(self):
        """C1: reference and address are sales' alone."""
        order = self._create_agreed_order(5)
        change = self._submit(self._open_change(order, new_client_order_ref="PO-77"))
        self.assertEqual(change.opinion_ids.role_id.code, "sales")
        self._apply(self._agree(change))
        self.assertEqual(order.client_order_ref, "PO-77")

    def test_another_product_asks_everybody_and_gets_a_line_of_its_own(self):
        """C1: a confirmed line keeps its product; the new one takes its place."""
        order = self._create_agreed_order(5)
        other = self._create_made("Other Machine")
        change = self._open_change(order)
        change.line_ids.with_user(self.seller).new_product_id = other
        self._submit(change)
        self.assertLessEqual(
            {"engineering", "production", "quality"}, set(change.opinion_ids.role_id.mapped("code"))
        )
        self._apply(self._agree(change))
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [0, 5])
        self.assertEqual(order.order_line[1].product_id, other)
        self.assertEqual(sum(self._productions(other).mapped("product_qty")), 5)
        self.assertEqual(set(self._productions().mapped("state")), {"cancel"})

    def test_lines_are_added_and_cancelled(self):
        """C1: a new line, and one that is not wanted any more."""
        order = self._create_agreed_order(5, 2)
        other = self._create_made("Spare")
        change = self._open_change(order)
        with Form(change.with_user(self.seller)) as form:
            with form.line_ids.edit(1) as line:
                line.cancels = True
            with form.line_ids.new() as line:
                line.new_product_id = other
                line.new_quantity = 3
        self._apply(self._agree(self._submit(change)))
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [5, 0, 3])
        self.assertEqual(sum(self._productions(other).mapped("product_qty")), 3)
        open_mos = self._productions().filtered(lambda mo: mo.state != "cancel")
        self.assertEqual(sum(open_mos.mapped("product_qty")), 5)

    def test_an_unaffected_line_keeps_its_manufacturing_order(self):
        """C3: only what changes is planned anew."""
        other = self._create_made("Spare")
        order = self._create_agreed_order(5)
        order2 = self._create_reviewed_order(
            4,
            commitment_date=PROMISED,
            order_line=[
                Command.create({"product_id": self.product.id, "product_uom_qty": 4}),
                Command.create({"product_id": other.id, "product_uom_qty": 6}),
            ],
        )
        self._confirm(order2)
        kept = self._productions(other)
        self._change_quantity(order2, 7)
        self.assertEqual(kept.state, "confirmed")
        notice = self._notices(order2)[-1]
        self.assertIn(kept, notice.production_ids)
        self.assertTrue(
            notice.line_ids.allocation_ids.filtered(lambda a: a.production_id == kept).is_own
        )
        self.assertEqual(self._productions()[0].state, "confirmed", order.name)

    def test_the_order_is_cancelled_through_the_register(self):
        """C1: with everything that was planned for it."""
        order = self._create_agreed_order(5)
        change = self._open_change(order, cancels_order=True)
        self._submit(change)
        self._apply(self._agree(change))
        self.assertEqual(order.state, "cancel")
        self.assertEqual(change.state, "applied")
        self.assertEqual(set(self._productions().mapped("state")), {"cancel"})
        self.assertEqual(self._notices(order).state, "void")

    def test_a_requirement_changes(self):
        """C1: what the customer requires is agreed, too."""
        order = self._create_order(5, commitment_date=PROMISED)
        order.quality_requirement_ids = [
            Command.create({"kind": "quality", "text": "Painted blue"})
        ]
        self._approve(self._request_review(order))
        self._confirm(order)
        change = self._open_change(order)
        change.requirement_ids.with_user(self.seller).new_text = "Painted green"
        self._apply(self._agree(self._submit(change)))
        self.assertEqual(order.quality_requirement_ids.text, "Painted green")
        self.assertEqual(self._notices(order)[-1].requirement_ids.text, "Painted green")

    def test_nothing_is_submitted_without_reason_cause_or_difference(self):
        """C1: who asked, why, and what becomes different."""
        order = self._create_agreed_order(5)
        change = self._open_change(order)
        with self.assertRaisesRegex(UserError, "changes nothing"):
            self._submit(change)
        self._set_quantity(change, 6)
        change.with_user(self.seller).reason = " "
        with self.assertRaisesRegex(UserError, "reason"):
            self._submit(change)
        change.with_user(self.seller).write({"reason": "Why", "origin": "company"})
        with self.assertRaisesRegex(UserError, "cause"):
            self._submit(change)

    def test_what_is_submitted_stays(self):
        """C1: what is signed is what was asked for."""
        order = self._create_agreed_order(5)
        change = self._open_change(order)
        self._set_quantity(change, 6)
        self._submit(change)
        for values in ({"reason": "Other"}, {"new_commitment_date": LATER}):
            with self.assertRaises(UserError):
                change.with_user(self.seller).write(values)
        with self.assertRaises(UserError):
            change.line_ids.with_user(self.seller).new_quantity = 9
        with self.assertRaises(AccessError):
            change.with_user(self.seller).write({"state": "approved"})

    def test_changes_of_one_order_queue(self):
        """C1: the later one stands on what the first one made, or says that it can't."""
        order = self._create_agreed_order(5)
        first, second, third = (self._open_change_anew(order) for _index in range(3))
        self._set_quantity(first, 8)
        self._set_quantity(second, 9)
        third.with_user(self.seller).new_client_order_ref = "PO-9"
        for change in (first, second, third):
            self._agree(self._submit(change))
        self._apply(first)
        self.assertIn("Machine", second.misfit)
        self.assertFalse(third.misfit)
        with self.assertRaisesRegex(UserError, "something else since"):
            self._apply(second)
        self._apply(third)
        self.assertEqual(order.order_line.product_uom_qty, 8)
        self.assertEqual(order.client_order_ref, "PO-9")

    def _open_change_anew(self, order):
        change = (
            self.env["quality.order.change"]
            .with_user(self.seller)
            ._open_for(order.with_user(self.seller))
        )
        change.reason = "Once more"
        return change

    def test_one_cause_that_hits_many_orders_is_one_entry(self):
        """C2: the departments sign once, each customer consents apart."""
        orders = self._create_agreed_order(5) | self._create_agreed_order(4)
        action = orders.with_user(self.seller).action_request_quality_change()
        entry = self.env["quality.order.change"].browse(action["res_id"])
        entry.with_user(self.seller).write({"reason": "Press broken", "cause_id": self.cause.id})
        entry.member_ids.with_user(self.seller).write({"new_commitment_date": LATER})
        self._agree(self._submit(entry))
        self.assertEqual(len(entry.opinion_ids), 2)
        self.assertEqual(entry.member_ids.mapped("consent_state"), ["needed", "needed"])
        first, second = entry.member_ids.sorted("name")
        self._consent(first)
        self.assertEqual((first.state, second.state), ("approved", "review"))
        self._apply(entry)
        self.assertEqual(first.order_id.commitment_date, LATER)
        self.assertEqual(second.order_id.commitment_date, PROMISED)
        second._answer_consent(False, "Mrs. Li", "mail", "Too late for us")
        self.assertEqual(entry.state, "applied")

    def test_a_delay_becomes_a_change_of_date(self):
        """C2, D3: production reports cause and remedy; one click asks for another date."""
        order = self._create_agreed_order(5)
        delay = self.env["quality.delay"]._report(
            [
                {
                    "notice_id": self._notices(order).id,
                    "production_id": self._productions().id,
                    "source": "reported",
                    "date_expected": LATER.date(),
                    "cause_id": self.cause.id,
                    "reason": "Tool broke",
                    "remedy": "A spare tool is kept",
                }
            ]
        )
        action = delay.with_user(self.producer).action_change_date()
        change = self.env["quality.order.change"].browse(action["res_id"])
        self.assertEqual((change.order_id, change.origin), (order, "company"))
        self.assertEqual((change.new_commitment_date, change.reason), (LATER, "Tool broke"))
        change.with_user(self.producer).remedy = "Two spare tools are kept"
        with self.assertRaises(AccessError):
            change.with_user(self.producer).action_request()
        with self.assertRaises(AccessError):
            change.with_user(self.producer).write({"cancels_order": True})
        self.assertIn(self.seller, change.activity_ids.user_id)
        self.assertEqual(delay.action_change_date()["res_id"], change.id)
        self._submit(change)
        self.assertEqual(change.state, "review")

    def test_the_guard_leads_to_the_register(self):
        """C5: what the screen refuses says where it is done."""
        order = self._create_agreed_order(5)
        with self.assertRaisesRegex(UserError, "Request a change"):
            order.order_line.with_user(self.seller).product_uom_qty = 6

    def test_cancelling_the_order_voids_what_runs(self):
        """C1: nothing is left to change."""
        order = self._create_agreed_order(5)
        change = self._open_change(order)
        self._set_quantity(change, 6)
        self._submit(change)
        self._cancel(order)
        self.assertEqual(change.state, "void")
        self.assertFalse(change.opinion_ids.filtered(lambda o: o.state == "open"))

    def test_two_revisions_stand_side_by_side(self):
        """C1, M5: as they were reviewed, with prices for those who may see them."""
        order = self._create_agreed_order(5)
        change = self._change_quantity(order, 8)
        action = change.with_user(self.seller).action_compare()
        wizard = self.env[action["res_model"]].with_user(self.seller).browse(action["res_id"])
        differing = [row for row in wizard._get_rows() if row[3]]
        self.assertEqual([row[0] for row in differing], ["Machine"])
        self.assertIn("5", differing[0][1])
        self.assertIn("8", differing[0][2])
        self.assertIn("100", wizard.comparison)
        other = self.env[action["res_model"]].with_user(self.inspector)
        shown = other.create(
            {
                "order_id": order.id,
                "before_id": wizard.before_id.id,
                "after_id": wizard.after_id.id,
            }
        )
        self.assertNotIn("100", shown.comparison)

    def test_receiving_the_new_notice_gives_back_the_copies_of_the_old_one(self):
        """C2: paper of void notices is listed until it is handed back."""
        order = self._create_agreed_order(5)
        notice = self._notices(order)
        roles = self._role("production") | self._role("purchasing")
        copies = self.env["quality.production.notice.copy"]._print_for(notice, roles)
        change = self._change_quantity(order, 8)
        new = change.notice_after_id
        self.assertEqual(notice.outstanding_count, 2)
        self.assertIn(notice.name, new.supersedes_id.name)
        page = new.with_user(self.producer)._get_replaced_copies(self._role("production"))
        self.assertEqual(page, copies.filtered(lambda c: c.role_id == self._role("production")))
        new.with_user(self.producer).action_receive()
        held = copies.filtered(lambda copy: copy.state == "out")
        self.assertEqual(held.role_id, self._role("purchasing"))
        self.assertIn(new.name, (copies - held).closed_by)

    def test_an_improvement_reaches_the_customer_first(self):
        """C4: another drawing or requirement of ours needs consent like a delay."""
        order = self._create_agreed_order(5)
        change = self._open_change(order, origin="improvement", cause_id=self.cause.id)
        change.with_user(self.seller).requirement_ids = [
            Command.create({"kind": "quality", "new_text": "Seals of the new material"})
        ]
        self._agree(self._submit(change))
        self.assertEqual((change.state, change.consent_state), ("review", "needed"))
        self._consent(change)
        self._apply(change)
        self.assertEqual(order.quality_requirement_ids.text, "Seals of the new material")
