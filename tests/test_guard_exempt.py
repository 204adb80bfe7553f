from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..models.extensions.sale_order_guard import AgreedOrderChanged
from .guard_common import GuardCase


@tagged("post_install", "-at_install")
class TestGuardExempt(GuardCase):
    """What the guard never refuses: core's own lines, and the shop floor (C5)."""

    def setUp(self):
        super().setUp()
        self.order = self._create_agreed_order(5)
        self.line = self.order.order_line

    def _deliver(self, order, quantity):
        picking = order.picking_ids.filtered(lambda p: p.state not in ("done", "cancel"))
        picking.action_assign()
        picking.move_ids.quantity = quantity
        picking.move_ids.picked = True
        action = picking.button_validate()
        if action is not True:
            Form.from_action(self.env, action).save().process()
        return picking

    def _open_books(self):
        """Give the company what an invoice needs."""
        accounts = self.env["account.account"].create(
            [
                {"name": name, "code": code, "account_type": kind}
                for name, code, kind in (
                    ("Sales", "400000", "income"),
                    ("Customers", "120000", "asset_receivable"),
                )
            ]
        )
        self.env["account.journal"].create(
            {
                "name": "Invoices",
                "code": "INV",
                "type": "sale",
                "company_id": self.company.id,
                "default_account_id": accounts[0].id,
            }
        )
        self.customer.property_account_receivable_id = accounts[1]

    # Lines

    def test_sections_and_notes_pass(self):
        """C5: a section or note promises nothing; it is added, changed and deleted."""
        order = self.order.with_user(self.seller)
        for kind in ("line_section", "line_note"):
            order.order_line = [Command.create({"display_type": kind, "name": "Packing"})]
        added = order.order_line.filtered("display_type")
        added.name = "Packing list"
        added.unlink()

    def test_down_payments_pass(self):
        """C5: core's dialog adds the line of a down payment, and invoices it."""
        self._open_books()
        dialog = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=self.order.ids)
            .create({"advance_payment_method": "percentage", "amount": 30})
        )
        dialog.create_invoices()
        down = self.order.order_line.filtered("is_downpayment")
        self.assertTrue(down.filtered(lambda line: not line.display_type).invoice_lines)

    def test_lines_without_quantity_pass(self):
        """C5: a line with quantity zero promises nothing until it gets one."""
        added = self.env["sale.order.line"].create(
            {"order_id": self.order.id, "product_id": self.service.id, "product_uom_qty": 0}
        )
        with self.assertRaises(AgreedOrderChanged):
            added.product_uom_qty = 1

    def test_reinvoiced_expenses_pass(self):
        """C5: a vendor bill of the order's analytic account adds its line by itself."""
        account = self.env["account.analytic.account"].create(
            {
                "name": "Order",
                "plan_id": self.env["account.analytic.plan"].create({"name": "Orders"}).id,
                "company_id": self.company.id,
            }
        )
        self.service.expense_policy = "cost"
        move_line = self.env["account.move.line"]
        bill = move_line.new({"name": "Travel", "product_id": self.service.id, "quantity": 2})
        vals = bill._sale_prepare_sale_line_values(self.order, 30)
        vals["analytic_distribution"] = {account.id: 100}
        added = self.env["sale.order.line"].create(vals)
        self.assertTrue(added.is_expense)
        self.assertEqual(added.product_uom_qty, 2)
        added.write({"price_unit": 31, "qty_delivered": 2, "product_uom_qty": 3})

    def test_what_was_delivered_beyond_the_order_passes(self):
        """C5: goods added on the delivery get core's line of quantity zero."""
        self._put_in_stock(self.product, 5)
        self._put_in_stock(self.bought, 2)
        picking = self.order.picking_ids
        self.env["stock.move"].create(
            {
                "product_id": self.bought.id,
                "product_uom_qty": 2,
                "product_uom": self.bought.uom_id.id,
                "picking_id": picking.id,
                "location_id": picking.location_id.id,
                "location_dest_id": picking.location_dest_id.id,
            }
        )
        picking.action_confirm()
        picking.action_assign()
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty
        picking.move_ids.picked = True
        picking.button_validate()
        added = self.order.order_line - self.line
        self.assertEqual(added.product_id, self.bought)
        self.assertEqual((added.product_uom_qty, added.qty_delivered), (0, 2))

    def test_the_cost_of_a_carrier_passes(self):
        """C5: a line that core's delivery adds is no goods; it is added, changed, cancelled."""
        lines = type(self.line)
        with patch.object(lines, "_is_delivery", lambda line: line.product_id == self.service):
            added = self.env["sale.order.line"].create(
                {"order_id": self.order.id, "product_id": self.service.id}
            )
            added.write({"product_uom_qty": 2, "price_unit": 12})
            added.product_uom_qty = 0

    def test_rewards_pass(self):
        """C5: a line that core's loyalty programmes give is no part of what was agreed."""
        lines = type(self.line)
        with patch.object(lines, "_is_quality_reward", lambda line: line.product_id == self.bought):
            self.order.order_line = [self._prepare_line(self.bought, 1)]
            self.order.order_line[-1].product_uom_qty = 2

    # Deliveries

    def test_deliveries_and_backorders_pass(self):
        """C5: what is delivered is written by core; a backorder changes nothing agreed."""
        self._put_in_stock(self.product, 5)
        self._deliver(self.order, 2)
        self.assertEqual(self.line.qty_delivered, 2)
        self._deliver(self.order, 3)
        self.assertEqual(self.line.qty_delivered, 5)

    def test_invoicing_passes(self):
        """C5: invoicing writes on the order, not on what was agreed."""
        self._open_books()
        self.product.invoice_policy = "order"
        self.order._create_invoices()
        self.assertEqual(self.line.qty_invoiced, 5)

    def test_planned_dates_move_freely(self):
        """C1, C5: delivery and manufacturing are planned inside the promise."""
        picking = self.order.picking_ids
        picking.with_user(self.storekeeper).scheduled_date = fields.Datetime.now()
        self._productions().date_start = fields.Datetime.now()

    # Procurement

    def test_reordering_is_never_refused(self):
        """C5: the scheduler runs; it leaves orders under a notice as they were announced."""
        orderpoint = self._create_orderpoint(self.product, minimum=3)
        announced = self._productions()
        self.env["stock.rule"].run_scheduler()
        self.assertEqual(announced.product_qty, 5)
        added = self._productions() - announced
        self.assertEqual(added.orderpoint_id, orderpoint)
        self.assertFalse(added.is_outside_notice, "stock is nobody's notice")

    def test_reordering_does_not_enlarge_what_a_notice_has_claimed(self):
        """C5: core would raise the order in place, silently."""
        self._create_orderpoint(self.bought_as_made())
        order = self._create_agreed_order(4, product=self.made)
        announced = self._productions(self.made)
        self.assertEqual(announced.quality_allocation_ids.notice_id.order_id, order)
        other = self._create_order(3, product=self.made)
        other.action_confirm()
        self.env["stock.rule"].run_scheduler()
        self.assertEqual(announced.product_qty, 4)
        self.assertEqual(sum(self._productions(self.made).mapped("product_qty")), 7)

    def bought_as_made(self):
        self.made = self._create_made("Gearbox")
        return self.made

    def test_more_for_the_same_order_is_outside_the_notice(self):
        """C5, D1: core makes a second order instead of rewriting the announced one; it is
        flagged, found, and told to whoever answers for the notice."""
        self._route_to_order(self.product)
        order = self._create_agreed_order(5)
        notice = self._notices(order)
        announced = notice.production_ids
        self._release_override(order)
        order.order_line.with_user(self.seller).product_uom_qty = 8
        extra = self._productions().filtered("is_outside_notice")
        self.assertEqual((announced.product_qty, extra.product_qty), (5, 3))
        self.assertIn(extra.name, notice.message_ids[0].body)
        self._cancel(order)
        self.assertFalse(
            self._confirm_again(order).production_ids.filtered("is_outside_notice"),
            "what a new notice claims is announced",
        )

    def _confirm_again(self, order):
        order.action_draft()
        self._approve(self._request_review(order))
        return self._confirm(order)[-1]

    def test_core_enlarges_where_nothing_is_guarded(self):
        """C5: with the setting off, procurement does what it always did."""
        self.company.quality_guard_orders = False
        self._route_to_order(self.product)
        order = self._create_agreed_order(5)
        production = self._notices(order).production_ids
        order.order_line.product_uom_qty = 8
        self.assertEqual(production.product_qty, 8)
        self.assertFalse(self._productions().filtered("is_outside_notice"))

    # The shop floor

    def _told(self, notice):
        return notice.activity_ids.filtered(
            lambda act: (
                act.activity_type_id
                == self.env.ref("customer_quality.mail_activity_type_production_changed")
            )
        )

    def test_a_changed_quantity_is_told_not_refused(self):
        """C5, D1: who makes more or less goes on; sales are told, once until they look."""
        notice = self._notices(self.order)
        production = notice.production_ids
        for quantity in (4, 6):
            self.env["change.production.qty"].with_user(self.producer).create(
                {"mo_id": production.id, "product_qty": quantity}
            ).change_prod_qty()
        self.assertEqual(production.product_qty, 6)
        self.assertEqual(self._told(notice).user_id, self.seller)
        self.assertEqual(len(self._told(notice)), 1)
        self.assertIn("6", notice.message_ids[0].body)

    def test_an_end_after_the_due_date_is_told(self):
        """C1, D1: plans move freely; ending late is what sales have to know."""
        notice = self._notices(self.order)
        production = notice.production_ids.with_user(self.producer)
        production.date_start = "2031-05-01 08:00:00"
        self.assertFalse(self._told(notice))
        production.date_start = "2031-06-01 08:00:00"
        self.assertIn(production.name, self._told(notice).note)

    def test_nobody_is_told_with_the_guard_off(self):
        """C5: a company that does not guard its orders is told nothing new."""
        self.company.quality_guard_orders = False
        notice = self._notices(self.order)
        notice.production_ids.product_qty = 4
        self.assertFalse(self._told(notice))

    def test_a_split_passes_and_tells_nobody(self):
        """C5: a manufacturing order is cut into parts; nothing agreed or announced changes."""
        notice = self._notices(self.order)
        production = notice.production_ids
        dialog = Form.from_action(self.env, production.action_split())
        dialog.max_batch_size = 2
        dialog.save().action_split()
        self.assertEqual(notice.production_ids.mapped("product_qty"), [2, 2, 1])
        self.assertFalse(self._told(notice))

    def test_a_backorder_passes_and_tells_nobody(self):
        """C5: part of it is made now, the rest later."""
        notice = self._notices(self.order)
        production = notice.production_ids
        self._put_in_stock(self.part, 100)
        production.qty_producing = 2
        production._set_qty_producing()
        production.move_raw_ids.picked = True
        action = production.button_mark_done()
        Form.from_action(self.env, action).save().action_backorder()
        self.assertEqual(
            [(mo.product_qty, mo.state) for mo in notice.production_ids.sorted("id")],
            [(2, "done"), (3, "confirmed")],
        )
        self.assertFalse(self._told(notice))

    def test_a_merge_passes_and_tells_nobody(self):
        """C5: the orders of two notices are merged."""
        other = self._create_agreed_order(3)
        notices = self._notices(self.order | other)
        notices.production_ids.action_merge()
        merged = notices.production_ids
        self.assertEqual(merged.filtered(lambda mo: mo.state != "cancel").product_qty, 8)
        self.assertFalse(self._told(notices))

    def test_cancelling_the_order_is_no_change_of_it(self):
        """C5: an order is cancelled as ever; what was announced is void."""
        self._cancel(self.order)
        self.assertEqual(self.order.state, "cancel")
        self.assertEqual(self._notices(self.order).state, "void")

    def test_a_locked_order_is_core_s_affair(self):
        """C5: a locked order is refused by core, unlocked it is guarded."""
        self.order.action_lock()
        with self.assertRaises(UserError):
            self.line.with_user(self.seller).product_uom_qty = 6
        self.order.action_unlock()
        with self.assertRaises(AgreedOrderChanged):
            self.line.with_user(self.seller).product_uom_qty = 6
