from odoo.fields import Command
from odoo.tests import tagged

from .guard_common import GuardCase


@tagged("post_install", "-at_install")
class TestGuardOptional(GuardCase):
    """What modules that are not needed add to an agreed order by themselves passes (C5)."""

    def _needs(self, module):
        if not self.env["ir.module.module"]._get(module).state == "installed":
            self.skipTest(f"{module} is not installed")

    def test_the_cost_of_a_carrier(self):
        """C5: core's delivery adds, replaces and removes its line."""
        self._needs("delivery")
        order = self._create_agreed_order(5)
        freight = self.env["product.product"].create({"name": "Freight", "type": "service"})
        carrier = self.env["delivery.carrier"].create(
            {"name": "Truck", "product_id": freight.id, "delivery_type": "fixed"}
        )
        for cost in (40, 60):
            order.with_user(self.seller).set_delivery_line(carrier, cost)
        added = order.order_line.filtered("is_delivery")
        self.assertEqual((added.price_unit, added.product_uom_qty), (60, 1))
        added.product_uom_qty = 2
        added.unlink()

    def test_a_reward(self):
        """C5: a discount that core's loyalty gives is no part of what was agreed."""
        self._needs("sale_loyalty")
        order = self._create_agreed_order(5)
        program = self.env["loyalty.program"].create(
            {
                "name": "Ten percent",
                "program_type": "promotion",
                "trigger": "auto",
                "applies_on": "current",
                "company_id": self.company.id,
                "rule_ids": [(0, 0, {"minimum_qty": 1, "reward_point_mode": "order"})],
                "reward_ids": [(0, 0, {"reward_type": "discount", "discount": 10})],
            }
        )
        order._update_programs_and_rewards()
        [(coupon, rewards)] = [
            (coupon, rewards)
            for coupon, rewards in order._get_claimable_rewards().items()
            if coupon.program_id == program
        ]
        order._apply_program_reward(rewards, coupon)
        reward = order.order_line.filtered("is_reward_line")
        self.assertEqual(reward.price_unit, -50)
        reward.price_unit = -40

    def test_subcontracting(self):
        """C5: the receipt from a subcontractor makes and rewrites its order as core does."""
        self._needs("mrp_subcontracting")
        made = self._create_made("Cast Housing")
        vendor = self.env["res.partner"].create({"name": "Foundry"})
        made.bom_ids.write({"type": "subcontract", "subcontractor_ids": [(6, 0, vendor.ids)]})
        self._create_agreed_order(4, product=made)
        receipt = self.env["stock.picking"].create(
            {
                "partner_id": vendor.id,
                "picking_type_id": self.warehouse.in_type_id.id,
                "location_id": vendor.property_stock_supplier.id,
                "location_dest_id": self.warehouse.lot_stock_id.id,
                "move_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": made.id,
                            "product_uom_qty": 4,
                            "product_uom": made.uom_id.id,
                            "location_id": vendor.property_stock_supplier.id,
                            "location_dest_id": self.warehouse.lot_stock_id.id,
                        },
                    )
                ],
            }
        )
        receipt.action_confirm()
        receipt.move_ids.product_uom_qty = 6
        receipt.move_ids.quantity = 6
        receipt.move_ids.picked = True
        receipt.button_validate()
        self.assertEqual(receipt.state, "done")
        self.assertEqual(sum(self._productions(made).mapped("product_qty")), 6)

    def test_a_repair_adds_its_parts(self):
        """C5: what a repair of the order uses is the repair's affair, not what was agreed."""
        self._needs("repair")
        order = self._create_agreed_order(5)
        agreed = order.order_line
        repair = self.env["repair.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "sale_order_id": order.id,
                "picking_type_id": self.warehouse.repair_type_id.id,
            }
        )
        repair.move_ids = [
            Command.create(
                {
                    "repair_line_type": "add",
                    "product_id": self.bought.id,
                    "product_uom_qty": 1,
                    "company_id": self.company.id,
                }
            )
        ]
        repair.action_validate()
        added = order.order_line - agreed
        self.assertEqual(added.product_id, self.bought)
        repair.move_ids.product_uom_qty = 2
        self.assertEqual(added.product_uom_qty, 2)
        repair.move_ids.unlink()
        self.assertEqual(added.product_uom_qty, 0)
