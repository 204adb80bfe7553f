from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import BASE
from .complaint_common import ComplaintCase


@tagged("post_install", "-at_install")
class TestReturn(ComplaintCase):
    """F6, F7, L5: what comes back is inspected before anybody may have it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.storekeeper = cls._create_user("storekeeper", f"{BASE},stock.group_stock_user")
        cls.defect = cls.env["quality.defect"].create({"name": "Scratch"})
        cls.picking = cls._deliver(5)

    def _ask(self, quantity=4, user=None, **vals):
        picking = self.picking.with_user(user or self.storekeeper)
        back = self.env["quality.return"].browse(picking.action_quality_return()["res_id"])
        back.line_ids.quantity = quantity
        back.write(vals)
        return back

    def _authorise(self, back):
        back.with_user(self.inspector).action_authorise()
        return back.picking_ids

    def _receive(self, back, quantity=None):
        transfer = back.picking_ids.filtered(lambda p: p.state not in ("done", "cancel"))
        for move in transfer.move_ids:
            move.quantity = quantity or move.product_uom_qty
        transfer.move_ids.picked = True
        transfer.with_user(self.storekeeper).with_context(skip_backorder=True).button_validate()
        return transfer

    def _inspect(self, back, rejected=0):
        action = back.with_user(self.inspector).action_inspect()
        sheet = self.env["quality.return.inspection"].browse(action["res_id"])
        mine = sheet.with_user(self.inspector)
        if rejected:
            mine.line_ids.reject_ids = [(0, 0, {"defect_id": self.defect.id, "quantity": rejected})]
        mine.action_accept_all()
        mine.action_request()
        self._sign(sheet, self.inspector)
        return sheet

    def _plan(self, sheet, kind, quantity, is_rejected=False, **vals):
        return (
            self.env["quality.return.disposition"]
            .with_user(self.inspector)
            .create(
                {
                    "inspection_id": sheet.id,
                    "line_id": sheet.line_ids.id,
                    "kind": kind,
                    "quantity": quantity,
                    "is_rejected": is_rejected,
                    **vals,
                }
            )
        )

    def _held(self, back, kind="inspection"):
        return self.env["stock.quant"]._get_available_quantity(self.product, back._get_place(kind))

    def test_from_delivery_to_settlement(self):
        """F6: authorised, received, inspected, decided; nothing is left at inspection."""
        back = self._ask(4)
        self.assertEqual(back.order_ids, self.picking.sale_id)
        transfer = self._authorise(back)
        self.assertEqual(transfer.return_id, self.picking)
        self.assertEqual(transfer.move_ids.origin_returned_move_id, self.picking.move_ids)
        self._receive(back)
        self.assertEqual(back.state, "received")
        sheet = self._inspect(back, rejected=1)
        self.assertEqual((sheet.state, back.state), ("signed", "inspected"))
        self.assertEqual((self._held(back), self._held(back, "nonconforming")), (3, 1))
        self._plan(sheet, "stock", 3)
        self._plan(sheet, "scrap", 1, is_rejected=True)
        sheet.with_user(self.inspector).action_carry_out()
        self.assertEqual((sheet.state, back.state), ("settled", "settled"))
        self.assertEqual((self._held(back), self._held(back, "nonconforming")), (0, 0))
        self.assertEqual(self.product.with_context(warehouse_id=self.warehouse.id).free_qty, 3)
        back.with_user(self.inspector).action_close()
        self.assertEqual(back.phase, "closed")

    def test_nothing_is_reserved_before_it_is_inspected(self):
        """F6: an order finds no free stock, and no transfer takes it out."""
        back = self._ask(4)
        self._authorise(back)
        self._receive(back)
        self.assertEqual(self.product.with_context(warehouse_id=self.warehouse.id).free_qty, 0)
        self.assertEqual(self.product._get_quality_free(self.warehouse)[self.product.id], 0)
        order = self._create_order(2)
        order.action_confirm()
        order.picking_ids.action_assign()
        self.assertFalse(sum(order.picking_ids.move_ids.mapped("quantity")))
        move = self.env["stock.move"].create(
            {
                "product_id": self.product.id,
                "product_uom_qty": 1,
                "location_id": back._get_place("inspection").id,
                "location_dest_id": self.warehouse.lot_stock_id.id,
                "company_id": self.company.id,
            }
        )
        move._action_confirm()
        move._action_assign()
        move.picked = True
        with self.assertRaisesRegex(UserError, "leaves inspection by a decision"):
            move._action_done()

    def test_no_more_comes_back_than_was_delivered(self):
        """F6: refused with a sentence; also by two returns together."""
        with self.assertRaisesRegex(UserError, "may still come back"):
            self._authorise(self._ask(6))
        first, second = self._ask(3), self._ask(3)
        self._authorise(first)
        with self.assertRaisesRegex(UserError, "may still come back"):
            self._authorise(second)

    def test_an_unknown_delivery_is_received_as_such(self):
        """F6: a receipt from the customer's location."""
        back = (
            self.env["quality.return"]
            .with_user(self.inspector)
            .create(
                {
                    "partner_id": self.customer.id,
                    "warehouse_id": self.warehouse.id,
                    "line_ids": [(0, 0, {"product_id": self.product.id, "quantity": 2})],
                }
            )
        )
        transfer = self._authorise(back.sudo())
        self.assertEqual(transfer.location_id.usage, "customer")
        self.assertEqual(transfer.location_dest_id, back._get_place("inspection"))

    def test_cancelled_transfers_open_the_request_again(self):
        """F6: nothing is expected, so it waits for quality."""
        back = self._ask(4)
        self._authorise(back).with_user(self.storekeeper).action_cancel()
        self.assertEqual(back.state, "requested")

    def test_quantities_reconcile_and_stay_as_signed(self):
        """F6, M1: all is inspected; what was signed is not changed."""
        back = self._ask(4)
        self._authorise(back)
        self._receive(back)
        action = back.with_user(self.inspector).action_inspect()
        sheet = self.env["quality.return.inspection"].browse(action["res_id"])
        sheet = sheet.with_user(self.inspector)
        sheet.line_ids.write({"inspected": 3, "accepted": 3})
        with self.assertRaisesRegex(UserError, "has to be inspected"):
            sheet.action_request()
        sheet.line_ids.write({"inspected": 4, "accepted": 3})
        with self.assertRaisesRegex(UserError, "Correct the quantities"):
            sheet.action_request()
        with self.assertRaises(AccessError):
            sheet.line_ids.received = 3
        sheet = self._inspect(back).with_user(self.inspector)
        with self.assertRaisesRegex(UserError, "stays as it is"):
            sheet.line_ids.accepted = 2
        self.assertFalse(sheet.sudo()._find_altered_documents(self.company))

    def test_a_concession_needs_the_customer_and_a_manager(self):
        """L5: who, when, file, until when or how many; granted by a quality manager."""
        back = self._ask(4)
        self._authorise(back)
        self._receive(back)
        sheet = self._inspect(back, rejected=4)
        row = self._plan(sheet, "concession", 4, is_rejected=True)
        with self.assertRaisesRegex(UserError, "authorisation"):
            sheet.with_user(self.quality_manager).action_carry_out()
        file = self.env["ir.attachment"].create({"name": "mail.pdf", "raw": b"yes"})
        row.sudo().write(
            {
                "permitted_by": "Mr Li",
                "date_permitted": "2026-01-02",
                "permitted_quantity": 4,
                "file_ids": [(6, 0, file.ids)],
            }
        )
        with self.assertRaisesRegex(AccessError, "quality manager"):
            sheet.with_user(self.inspector).action_carry_out()
        sheet.with_user(self.quality_manager).action_carry_out()
        self.assertEqual((row.state, back.state), ("decided", "inspected"))
        transfer = row.sudo().move_ids.picking_id
        transfer.move_ids.picked = True
        transfer.with_user(self.storekeeper).button_validate()
        self.assertEqual((row.state, back.state), ("done", "settled"))

    def test_reworked_goods_come_back_to_inspection(self):
        """F6: a manufacturing order consumes them; its result is inspected again."""
        back = self._ask(4)
        self._authorise(back)
        self._receive(back)
        sheet = self._inspect(back, rejected=4)
        file = self.env["ir.attachment"].create({"name": "mail.pdf", "raw": b"yes"})
        row = self._plan(sheet, "rework", 4, is_rejected=True)
        row.sudo().write(
            {
                "permitted_by": "Mr Li",
                "date_permitted": "2026-01-02",
                "permitted_until": "2040-01-01",
                "file_ids": [(6, 0, file.ids)],
            }
        )
        sheet.with_user(self.inspector).action_carry_out()
        production = row.sudo().production_id
        self.assertEqual(production.move_raw_ids.product_id, self.product)
        self.assertEqual(back.state, "received")
        production.qty_producing = 4
        production._set_qty_producing()
        production.move_raw_ids.picked = True
        production.button_mark_done()
        self.assertEqual(self._held(back), 4)
        again = self._inspect(back)
        self._plan(again, "stock", 4)
        again.with_user(self.inspector).action_carry_out()
        self.assertEqual(back.state, "settled")

    def test_a_replacement_is_marked_and_not_invoiced(self):
        """F7: from free stock without a notice; the delivery carries the mark."""
        back = self._ask(4)
        self._authorise(back)
        self._put_in_stock(self.product, 4)
        back.with_user(self.inspector).action_replace()
        order = back.replacement_ids
        self.assertEqual(order.order_line.quality_kind_choice, "replacement")
        self.assertIn(self.picking.sale_id.name, order.origin)
        order.action_confirm()
        self.assertTrue(order.picking_ids.quality_replenishment)
        self.assertEqual(order.order_line.qty_to_invoice, 0)
        with self.assertRaisesRegex(UserError, "replaces"):
            back.with_user(self.inspector).action_replace()

    def test_who_has_no_part_in_it_is_refused(self):
        """F6: warehouse and sales don't authorise; others see nothing."""
        back = self._ask(4)
        for user in (self.storekeeper, self.seller):
            with self.subTest(user.login), self.assertRaises(AccessError):
                back.with_user(user).action_authorise()
        portal = self._create_user("portal", "base.group_portal")
        for user in (self.nobody, portal, self.other_seller):
            with self.subTest(user.login), self.assertRaises(AccessError):
                back.with_user(user).read(["name"])
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._create_user(
            "stranger", f"{BASE},customer_quality.group_manager", elsewhere
        )
        with self.assertRaises(AccessError):
            back.with_user(stranger).with_context(
                allowed_company_ids=elsewhere.ids
            ).action_authorise()

    def test_a_complaint_asks_for_its_goods(self):
        """F6: one click, positions prefilled."""
        complaint = self._register()
        complaint.line_ids = [
            (
                0,
                0,
                {
                    "product_id": self.product.id,
                    "move_id": self.picking.move_ids.id,
                    "quantity": 2,
                },
            )
        ]
        action = complaint.with_user(self.inspector).action_return()
        back = self.env["quality.return"].browse(action["res_id"])
        self.assertEqual((back.complaint_id, back.line_ids.quantity), (complaint, 2))
        self.assertEqual(complaint.return_count, 1)
