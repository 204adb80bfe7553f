import random
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .change_common import LATER, ChangeCase
from .guard_common import PROMISED


@tagged("post_install", "-at_install")
class TestOrderChangeImpact(ChangeCase):
    """What a change would do is rehearsed before anybody decides (C1 to C3)."""

    def setUp(self):
        super().setUp()
        # the cursor of its own sees what this test did, and takes back its own
        self.registry_enter_test_mode()

    def _predict(self, change):
        self.env.flush_all()  # it is a request of its own: the rehearsal sees what was saved
        change.with_user(self.seller).action_show_impact()
        return change

    def _count_rows(self):
        names = ("sale.order", "mrp.production", "stock.move", "quality.production.notice")
        names = (*names, "quality.record", "mail.mail", "mail.activity", "quality.chat.message")
        return {name: self.env[name].sudo().search_count([]) for name in names}

    def test_the_rehearsal_changes_nothing(self):
        """C1: not one row, and nothing is sent."""
        order = self._create_agreed_order(5)
        change = self._open_change(order)
        self._set_quantity(change, 8)
        before, notice = self._count_rows(), self._notices(order)
        self._predict(change)
        self.assertEqual(self._count_rows(), before)
        self.assertEqual(order.order_line.product_uom_qty, 5)
        self.assertEqual(notice.state, "issued")
        self.assertEqual(change.state, "draft")
        self.assertEqual(self._productions().state, "confirmed")

    def test_the_impact_says_what_would_happen(self):
        """C1: manufacturing orders, transfers and dates, before and after."""
        order = self._create_agreed_order(5)
        change = self._predict(self._open_change_to(order, 8))
        rows = change.impact["productions"]
        self.assertEqual([(row["before"] or {}).get("quantity") for row in rows], [None, 5])
        self.assertEqual([row["after"]["state"] for row in rows], ["confirmed", "cancel"])
        self.assertEqual(rows[0]["after"]["quantity"], 8)
        self.assertEqual(change.impact["transfers"][0]["after"]["quantity"], 8)
        self.assertIn("cancelled", change.impact_html)

    def test_amounts_are_for_those_who_may_see_them(self):
        """M5: production reads the impact without any amount."""
        order = self._create_agreed_order(5)
        change = self._predict(self._open_change_to(order, 8))
        self.assertEqual(change.impact_money["after"]["amount"], 800)
        self.assertIn("800", change.with_user(self.seller).impact_html)
        self.assertNotIn("800", change.with_user(self.producer).impact_html)

    def _open_change_to(self, order, quantity):
        change = self._open_change(order)
        self._set_quantity(change, quantity)
        return change

    def test_what_is_predicted_is_what_happens(self):
        """C1: where nothing moved since, the outcome is the impact."""
        order = self._create_agreed_order(5)
        change = self._submit(self._open_change_to(order, 8))
        self.assertTrue(change.impact)
        self._apply(self._agree(change))
        self.assertEqual(change.outcome, change.impact)
        self.assertFalse(change.has_surprises)

    def test_what_moved_since_is_said(self):
        """C1: somebody made the manufacturing order larger after the look."""
        order = self._create_agreed_order(5)
        change = self._submit(self._open_change_to(order, 8))
        self._productions().action_cancel()
        self._apply(self._agree(change))
        self.assertTrue(change.has_surprises)

    def test_what_can_not_be_done_is_said_before(self):
        """C1: the rehearsal runs into what applying would run into."""
        order = self._create_agreed_order(5)
        change = self._open_change_to(order, 8)
        refusal = UserError("The press does not exist")
        Notice = type(self.env["quality.production.notice"])
        with patch.object(Notice, "_reissue_for", side_effect=refusal):
            self._predict(change)
        self.assertEqual(change.impact_error, "The press does not exist")
        self.assertFalse(change.impact)

    def test_others_who_lose_are_named(self):
        """C1: stock that another customer's order counted on."""
        self._put_in_stock(self.bought, 10)
        order = self._create_reviewed_order(4, product=self.bought, commitment_date=PROMISED)
        other = self._create_reviewed_order(6, product=self.bought, commitment_date=LATER)
        self._confirm(order, other)
        other.picking_ids.do_unreserve()
        change = self._predict(self._open_change_to(order, 9))
        row = change.impact["others"][0]
        self.assertEqual(row["after"]["order"], other.name)
        self.assertLess(row["after"]["available"], row["before"]["available"])

    def test_random_changes_keep_the_sums(self):
        """C1: ordered = delivered + in work + to make + cancelled, and predicted = happened."""
        dice = random.Random(20261130)
        other = self._create_made("Spare")
        for _round in range(6):
            order = self._create_agreed_order(dice.randint(2, 9), dice.randint(2, 9))
            if dice.random() < 0.4:
                self._start(self._reach(order)[0])
            change = self._open_change(order)
            self._change_at_random(change, other, dice)
            if not change._get_deltas():
                continue
            self._predict(change)
            for row in change.production_ids:
                row.with_user(self.seller).choice = dice.choice(["finish", "stop"])
            self._apply(self._agree(self._submit(change)))
            self.assertEqual(change.outcome, change.impact)
            self._assert_sums(order)

    def _change_at_random(self, change, other, dice):
        for row in change.line_ids:
            move = dice.choice(["more", "less", "cancel", "product", "none"])
            values = {
                "more": {"new_quantity": row.quantity + dice.randint(1, 5)},
                "less": {"new_quantity": dice.randint(1, int(row.quantity))},
                "cancel": {"cancels": True},
                "product": {"new_product_id": other.id},
                "none": {},
            }[move]
            row.with_user(self.seller).write(values)
        if dice.random() < 0.5:
            change.with_user(self.seller).new_commitment_date = PROMISED + timedelta(
                days=dice.randint(1, 30)
            )

    def _assert_sums(self, order):
        for line in order.order_line:
            moves = line.move_ids.filtered(lambda move: not move.production_id)
            planned = sum(moves.filtered(lambda m: m.state != "cancel").mapped("product_uom_qty"))
            self.assertEqual(planned, line.product_uom_qty, line.product_id.name)
        notice = self._notices(order).filtered(lambda n: n.state == "issued")
        for line in notice.line_ids:
            supplied = line.allocated + line.incoming + line.covered
            self.assertGreaterEqual(supplied, line.order_line_id.product_uom_qty)
        self.assertFalse(any(notice.line_ids.mapped("missing")))

    def _reach(self, order):
        return self.env["mrp.production"].search(
            [("reference_ids", "in", order.stock_reference_ids.ids)]
        )

    def _start(self, production):
        self._put_in_stock(self.part, 1000)
        production.action_assign()
        production.qty_producing = 1
        production._set_qty_producing()

    # What is in work

    def test_what_is_in_work_is_finished_and_the_rest_made_anew(self):
        """C2: by an explicit choice."""
        order, production = self._create_order_in_work()
        change = self._open_change_to(order, 8)
        self._predict(change)
        self.assertEqual(change.production_ids.production_id, production)
        self._apply(self._agree(self._submit(change)))
        self.assertEqual(production.state, "progress")
        new = self._productions() - production
        self.assertEqual(sum(new.mapped("product_qty")), 3)

    def test_what_is_in_work_is_reduced(self):
        """C2: to no less than what is made already."""
        order, production = self._create_order_in_work()
        change = self._open_change_to(order, 3)
        self._predict(change)
        row = change.production_ids.with_user(self.seller)
        row.write({"choice": "reduce", "new_quantity": 0})
        with self.assertRaisesRegex(UserError, "has produced"):
            self._submit(change)
        row.new_quantity = 3
        self._apply(self._agree(self._submit(change)))
        self.assertEqual(production.product_qty, 3)
        self.assertNotEqual(production.state, "cancel")
        self.assertEqual(self._productions(), production)

    def test_what_is_in_work_is_stopped_and_what_is_done_kept(self):
        """C2: the rest is not made."""
        order, production = self._create_order_in_work(made=2)
        change = self._open_change_to(order, 3)
        self._predict(change)
        change.production_ids.with_user(self.seller).choice = "stop"
        self._apply(self._agree(self._submit(change)))
        self.assertEqual((production.state, production.qty_produced), ("done", 2))
        new = self._productions() - production
        self.assertEqual(sum(new.mapped("product_qty")), 1)

    def _create_order_in_work(self, made=1):
        order = self._create_agreed_order(5)
        production = self._productions()
        self._put_in_stock(self.part, 1000)
        production.action_assign()
        production.qty_producing = made
        production._set_qty_producing()
        self.assertEqual(production.state, "progress")
        return order, production

    def test_nobody_guesses_what_becomes_of_what_is_in_work(self):
        """C2: submitted without a choice, it is refused and says where to choose."""
        order, production = self._create_order_in_work()
        change = self._open_change_to(order, 8)
        with self.assertRaisesRegex(UserError, production.name):
            self._submit(change)
        self._predict(change)
        self._submit(change)
        self.assertEqual(change.state, "review")

    def test_make_to_order_follows(self):
        """C3: what Odoo itself planned for the line is cancelled and made anew, once."""
        self._route_to_order(self.product)
        order = self._create_agreed_order(5)
        old = self._productions()
        change = self._submit(self._open_change_to(order, 8))
        self._apply(self._agree(change))
        self.assertEqual(old.state, "cancel")
        self.assertEqual((self._productions() - old).mapped("product_qty"), [8])
        self.assertEqual(change.outcome, change.impact)

    def test_orders_shared_with_others_are_never_cancelled(self):
        """C2: what reordering planned serves whoever comes."""
        self._create_orderpoint(self.product)
        order = self._create_agreed_order(5)
        self.env["stock.warehouse.orderpoint"].search(
            [("product_id", "=", self.product.id)]
        ).action_replenish()
        shared = self._productions().filtered("orderpoint_id")
        if not shared:
            shared = self._productions()
            shared.orderpoint_id = self.env["stock.warehouse.orderpoint"].search(
                [("product_id", "=", self.product.id)]
            )
        change = self._submit(self._open_change_to(order, 3))
        self._apply(self._agree(change))
        self.assertNotIn("cancel", shared.mapped("state"))

    # All or nothing

    def test_a_failure_at_any_step_leaves_nothing_half_done(self):
        """C2: a fault in each step rolls all of it back."""
        order = self._create_agreed_order(5)
        change = self._agree(self._submit(self._open_change_to(order, 8)))
        notice, old = self._notices(order), self._productions()
        steps = {
            "quality.production.notice": ["_void_for_change", "_reissue_for", "_take_over"],
            "quality.order.change": ["_write_order", "_cancel_idle", "_note_outcome", "_inform"],
            "quality.contract.review": ["_renew_by"],
        }
        for model, names in steps.items():
            for name in names:
                with self.subTest(step=name), self.assertRaises(ZeroDivisionError):
                    with (
                        self.env.cr.savepoint(),
                        patch.object(type(self.env[model]), name, side_effect=ZeroDivisionError),
                    ):
                        self._apply(change)
                self.env.invalidate_all()
                self.assertEqual(change.state, "approved")
                self.assertEqual(order.order_line.product_uom_qty, 5)
                self.assertEqual((notice.state, old.state), ("issued", "confirmed"))
                self.assertEqual(self._notices(order), notice)

    # Cost

    def test_the_impact_on_ten_lines_with_ten_orders_has_a_bound(self):
        """Cost: of one line of ten, and of all ten: 48 queries for each further one, Odoo's own
        work of cancelling, procuring and making anew included."""
        products = [self._create_made(f"Machine {number}") for number in range(10)]
        order = self._create_reviewed_order(
            commitment_date=PROMISED,
            order_line=[
                (0, 0, {"product_id": product.id, "product_uom_qty": 5}) for product in products
            ],
        )
        self._confirm(order)
        change = self._open_change(order)
        for lines, bound in ((1, 530), (10, 990)):
            for index in range(lines):
                self._set_quantity(change, 7, index)
            self.env.flush_all()
            self.env.invalidate_all()
            with self.assertQueryCount(bound):
                change.with_user(self.seller).action_show_impact()
            self.assertEqual(len(change.impact["productions"]), 2 * lines)
