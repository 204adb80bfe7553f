from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import tagged

from .test_action import ActionCase


@tagged("post_install", "-at_install")
class TestHold(ActionCase):
    """B1, B10: confirmation and shipment wait for what has to be done before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.quality_review_gate = "always"
        cls.picker = cls._create_user("picker", "base.group_user,stock.group_stock_user")
        cls._put_in_stock(cls.product, 100)

    def _create_approved(self):
        order = self._create_order(5)
        self._approve(self._request_review(order))
        return order

    def _hold(self, order, hold, **vals):
        return self._create_action(
            source_record_id=order.quality_review_id.record_id.id, hold=hold, **vals
        )

    def _ship(self, order, user=None):
        picking = order.picking_ids.filtered(lambda p: p.state not in ("done", "cancel"))
        picking.action_assign()
        picking.move_ids.picked = True
        return picking.with_user(user or self.picker).button_validate()

    # Confirmation

    def test_confirmation_waits(self):
        """B1: an order is not confirmed, by button or over RPC, while a condition is open."""
        order = self._create_approved()
        action = self._hold(order, "confirmation")
        self.assertIn(action.name, order.quality_gate_error)
        with self.assertRaisesRegex(RedirectWarning, action.name):
            self._confirm(order)
        with self.assertRaisesRegex(UserError, action.name):
            order.with_user(self.seller).write({"state": "sale"})
        self._do(action)
        self._confirm(order)
        self.assertEqual(order.state, "sale")

    def test_a_verified_condition_holds_until_it_is_verified(self):
        """G2: done is not enough where somebody else has to look."""
        order = self._create_approved()
        action = self._hold(order, "confirmation", needs_verification=True)
        self._do(action)
        with self.assertRaisesRegex(RedirectWarning, action.name):
            self._confirm(order)
        self._verify(action)
        self._confirm(order)
        self.assertEqual(order.state, "sale")

    def test_a_reopened_condition_holds_again(self):
        """G2: what was not done after all holds back again."""
        order = self._create_approved()
        action = self._hold(order, "confirmation")
        self._do(action)
        action.with_user(self.engineer).action_reopen("Not so")
        with self.assertRaisesRegex(RedirectWarning, action.name):
            self._confirm(order)

    def test_other_orders_are_not_held(self):
        """B1: a condition holds its own order."""
        self._hold(self._create_approved(), "confirmation")
        other = self._create_approved()
        self._confirm(other)
        self.assertEqual(other.state, "sale")

    # Shipment

    def test_shipment_waits(self):
        """B1, B10: goods don't leave while something has to be done before."""
        order = self._create_approved()
        action = self._hold(order, "shipment")
        self._confirm(order)
        with self.assertRaisesRegex(UserError, action.name):
            self._ship(order)
        with self.assertRaisesRegex(UserError, action.name):
            order.picking_ids.sudo().move_ids._action_done()  # whatever way leads there
        self.assertFalse(order.picking_ids.filtered(lambda p: p.state == "done"))
        self._do(action)
        self._ship(order)
        self.assertEqual(order.picking_ids.state, "done")

    def test_a_cancelled_action_holds_nothing(self):
        """B1: an officer lets go, with a reason."""
        order = self._create_approved()
        action = self._hold(order, "shipment")
        self._confirm(order)
        action.with_user(self.inspector).action_cancel("Customer waived it")
        self._ship(order)
        self.assertEqual(order.picking_ids.state, "done")

    def test_several_pickings_at_once_name_what_is_held(self):
        """B1: in a batch the held one is named, and nothing leaves."""
        free, held = self._create_approved(), self._create_approved()
        action = self._hold(held, "shipment")
        (free | held).with_user(self.seller).action_confirm()
        pickings = (free | held).picking_ids
        pickings.action_assign()
        pickings.move_ids.picked = True
        with self.assertRaisesRegex(UserError, action.name):
            pickings.with_user(self.picker).button_validate()
        self.assertNotIn("done", pickings.mapped("state"))

    def test_returns_receipts_and_inside_moves_pass(self):
        """B1: only what leaves for the customer waits."""
        order = self._create_approved()
        self._confirm(order)
        self._ship(order)
        self._hold(order, "shipment")
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=order.picking_ids.id, active_model="stock.picking")
            .create({})
        )
        wizard.product_return_moves.quantity = 2
        returned = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        returned.move_ids.picked = True
        returned.with_user(self.picker).button_validate()
        self.assertEqual(returned.state, "done")
        inside = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.int_type_id.id,
                "location_id": self.warehouse.lot_stock_id.id,
                "location_dest_id": self.warehouse.wh_input_stock_loc_id.id,
                "move_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.product.id,
                            "product_uom_qty": 1,
                            "location_id": self.warehouse.lot_stock_id.id,
                            "location_dest_id": self.warehouse.wh_input_stock_loc_id.id,
                        },
                    )
                ],
            }
        )
        inside.action_confirm()
        inside.action_assign()
        inside.move_ids.picked = True
        inside.with_user(self.picker).button_validate()
        self.assertEqual(inside.state, "done")

    def test_picking_in_steps_waits_at_the_door_only(self):
        """B1: goods may be picked and packed; they don't leave."""
        self.warehouse.delivery_steps = "pick_ship"
        order = self._create_approved()
        self._hold(order, "shipment")
        self._confirm(order)
        first = order.picking_ids.filtered(lambda p: p.location_dest_id.usage == "internal")
        first.action_assign()
        first.move_ids.picked = True
        first.with_user(self.picker).button_validate()
        self.assertEqual(first.state, "done")
        with self.assertRaises(UserError):
            self._ship(order)

    def test_companies_without_the_gate_are_left_alone(self):
        """DESIGN: nothing changes until a setting switches it on."""
        order = self._create_approved()
        self._hold(order, "shipment")
        self._confirm(order)
        self.company.quality_review_gate = "never"
        self._ship(order)
        self.assertEqual(order.picking_ids.state, "done")

    def test_shipping_asks_little_and_nothing_without_the_gate(self):
        """DESIGN: off the critical path: a query for each reason to wait, actions are one."""
        order = self._create_approved()
        self._confirm(order)
        picking = order.picking_ids
        moves = picking.move_ids.with_user(self.picker)

        def ask():
            moves.sudo().sale_line_id.order_id.mapped("name")
            moves.location_id.mapped("usage"), moves.location_dest_id.mapped("usage")
            moves.company_id.mapped("quality_review_gate")
            before = self.env.cr.sql_log_count
            moves._check_quality_shipment()
            return self.env.cr.sql_log_count - before

        self.env.flush_all()
        self.assertLessEqual(ask(), 2)
        self.company.quality_review_gate = "never"
        self.env.flush_all()
        self.assertEqual(ask(), 0)
