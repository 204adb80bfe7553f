from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .change_common import LATER, ChangeCase
from .guard_common import PROMISED


@tagged("post_install", "-at_install")
class TestOrderChangeAgreed(ChangeCase):
    """What comes of a change is what was signed, whatever happened meanwhile (C1 to C3)."""

    def _prepare_change(self, order, quantity, index=0):
        """Return an approved change of quantity."""
        change = self._open_change(order)
        self._set_quantity(change, quantity, index)
        return self._agree(self._submit(change))

    def _deliver(self, order, quantity):
        picking = order.picking_ids.filtered(lambda p: p.state not in ("done", "cancel"))
        move = picking.move_ids
        self.env["stock.quant"]._update_available_quantity(
            move.product_id, move.location_id, quantity
        )
        move.quantity = quantity
        move.picked = True
        picking.with_context(skip_backorder=True).button_validate()

    def test_another_quantity_leaves_the_price(self):
        """C1: a list price that moved since changes nothing that was agreed."""
        order = self._create_agreed_order(5)
        line = order.order_line
        price = line.price_unit
        self.product.list_price = price + 50
        self._change_quantity(order, 8)
        self.assertEqual((line.product_uom_qty, line.price_unit), (8, price))

    def test_another_product_is_sold_at_the_price_and_in_the_unit_that_were_signed(self):
        """C1: the list price of the new product is nothing that anybody has seen."""
        other = self._create_made("Other Machine")
        other.list_price = 999
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self._create_reviewed_order(
            commitment_date=PROMISED,
            order_line=[self._prepare_line(quantity=2, product_uom_id=dozen.id, price_unit=120)],
        )
        self._confirm(order)
        change = self._open_change(order)
        change.line_ids.with_user(self.seller).new_product_id = other
        self._apply(self._agree(self._submit(change)))
        new = order.order_line[1]
        self.assertEqual((new.product_uom_qty, new.product_uom_id, new.price_unit), (2, dozen, 120))
        made = self._productions(other).filtered(lambda mo: mo.state != "cancel")
        self.assertEqual(sum(made.mapped("product_uom_qty")), 24)

    def test_a_new_line_has_the_drawings_that_were_signed(self):
        """C1, L1: by which it is made."""
        order = self._create_agreed_order(5)
        revision = self._create_drawing_revision()
        change = self._open_change(order)
        change.with_user(self.seller).line_ids = [
            Command.create(
                {
                    "new_product_id": self.product.id,
                    "new_quantity": 3,
                    "new_document_ids": [Command.set(revision.ids)],
                }
            )
        ]
        self._apply(self._agree(self._submit(change)))
        self.assertEqual(order.order_line[1].quality_document_revision_ids, revision)

    def _create_drawing_revision(self):
        document = self.env["quality.customer.document"].create(
            {
                "number": "D-1",
                "name": "Housing",
                "kind": "drawing",
                "partner_id": self.customer.id,
                "company_id": self.company.id,
            }
        )
        return self.env["quality.customer.document.revision"].create(
            {"document_id": document.id, "revision": "A", "company_id": self.company.id}
        )

    def test_what_was_delivered_meanwhile_stays_ordered(self):
        """C2: a change is refused that would order less than left since it was submitted."""
        order = self._create_agreed_order(10)
        change = self._prepare_change(order, 6)
        self._deliver(order, 8)
        with self.assertRaisesRegex(UserError, "8 of"):
            self._apply(change)
        self.assertEqual(order.order_line.product_uom_qty, 10)

    def test_a_cancelled_line_keeps_what_was_delivered_meanwhile(self):
        """C2: what left is ordered, also where it left after the change was submitted."""
        order = self._create_agreed_order(10)
        change = self._open_change(order)
        change.line_ids.with_user(self.seller).cancels = True
        self._agree(self._submit(change))
        self._deliver(order, 8)
        with self.assertRaisesRegex(UserError, "8 of"):
            self._apply(change)
        self.assertEqual(order.order_line.product_uom_qty, 10)

    def test_an_order_of_which_goods_left_is_not_cancelled_as_a_whole(self):
        """C2: what is delivered stays ordered; the rest is cancelled line by line."""
        order = self._create_agreed_order(10)
        self._deliver(order, 4)
        change = self._open_change(order, cancels_order=True)
        with self.assertRaisesRegex(UserError, "delivered"):
            self._submit(change)

    def test_of_two_changes_applied_at_once_the_second_is_looked_at_anew(self):
        """C1: what no longer fits is not applied, from a list either."""
        order = self._create_agreed_order(5)
        first, second = self._prepare_change(order, 8), self._prepare_change(order, 3)
        with self.assertRaisesRegex(UserError, "says something else since"):
            (first | second).with_user(self.seller).action_apply()

    def test_what_changed_without_review_is_not_approved_along(self):
        """B6, C3: an approval that is stale is not renewed by a change of something else."""
        order = self._create_agreed_order(5)
        change = self._prepare_change(order, 8)
        order.order_line.with_user(self.seller).name = "Something that nobody has reviewed"
        self.assertEqual(order.quality_review_status, "stale")
        with self.assertRaises(UserError):
            self._apply(change)

    def test_a_price_of_a_line_that_was_replaced_no_longer_fits(self):
        """C1: the goods stand on another line now."""
        order = self._create_agreed_order(5)
        price = self._open_change(order)
        price.line_ids.with_user(self.seller).new_price_unit = 90
        self._agree(self._submit(price))
        product = self._open_change(order)
        product.line_ids.with_user(self.seller).new_product_id = self._create_made("Other")
        self._apply(self._agree(self._submit(product)))
        self.assertTrue(price.misfit)

    def test_a_line_that_another_change_added_keeps_its_manufacturing_order(self):
        """C3: only what changes is planned anew."""
        order = self._create_agreed_order(5)
        change = self._prepare_change(order, 8)
        other = self._create_made("Spare")
        added = self._open_change(order)
        added.with_user(self.seller).line_ids = [
            Command.create({"new_product_id": other.id, "new_quantity": 3})
        ]
        self._apply(self._agree(self._submit(added)))
        kept = self._productions(other).filtered(lambda mo: mo.state != "cancel")
        self._apply(change)
        self.assertEqual(kept.mapped("state"), ["confirmed"])

    def test_cancelling_through_the_register_voids_what_was_approved(self):
        """C1: nothing waits for an order that is gone."""
        order = self._create_agreed_order(5)
        other = self._prepare_change(order, 8)
        change = self._open_change(order, cancels_order=True)
        self._apply(self._agree(self._submit(change)))
        self.assertEqual((change.state, other.state), ("applied", "void"))

    def test_the_mail_to_the_customer_names_no_price(self):
        """M5: everybody who reads the change reads its log; the page of the order says the rest."""
        order = self._create_agreed_order(5)
        change = self._open_change(order, **self._ours(new_commitment_date=LATER))
        change.line_ids.with_user(self.seller).new_price_unit = 77.31
        self._submit(change).with_user(self.seller).action_ask_consent()
        bodies = "".join(change.with_user(self.producer).message_ids.mapped("body"))
        self.assertIn("consent", bodies)
        self.assertNotIn("77.31", bodies)
        self.assertIn("77.31", "".join(change._get_customer_lines()))

    # One entry for several orders

    def _open_collective(self):
        orders = self._create_agreed_order(5) | self._create_agreed_order(4)
        action = orders.with_user(self.seller).action_request_quality_change()
        entry = self.env["quality.order.change"].browse(action["res_id"])
        entry.with_user(self.seller).write({"reason": "Press 3 is down", "cause_id": self.cause.id})
        entry.member_ids.with_user(self.seller).write({"new_commitment_date": LATER})
        return entry

    def test_a_member_that_was_withdrawn_hinders_nobody(self):
        """C2: the others are submitted; it stays withdrawn."""
        entry = self._open_collective()
        entry.member_ids[0].with_user(self.seller).action_withdraw()
        self._submit(entry)
        self.assertEqual(entry.member_ids.mapped("state"), ["void", "review"])

    def test_an_entry_whose_members_are_all_withdrawn_is_over(self):
        """C2: nobody is asked any more."""
        entry = self._submit(self._open_collective())
        for member in entry.member_ids:
            member.with_user(self.seller).action_withdraw()
        self.assertEqual(entry.state, "void")
        self.assertNotIn("open", entry.opinion_ids.mapped("state"))

    def test_an_entry_that_was_objected_to_is_revised_for_the_same_orders(self):
        """C2: as the message to sales says."""
        entry = self._submit(self._open_collective())
        self._sign(entry, entry.opinion_ids[0].user_id, "object", "No capacity then either")
        self.assertEqual(entry.state, "rejected")
        action = entry.with_user(self.seller).action_revise()
        revision = self.env["quality.order.change"].browse(action["res_id"])
        self.assertEqual(revision.supersedes_id, entry)
        self.assertEqual(revision.member_ids.order_id, entry.member_ids.order_id)
