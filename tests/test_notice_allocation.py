from odoo.exceptions import UserError
from odoo.tests import BaseCase, Form, tagged
from odoo.tools import SQL

from odoo.addons.customer_quality.models.notice.distribution import distribute, spread

from .notice_common import NoticeCase


@tagged("post_install", "-at_install")
class TestDistribution(BaseCase):
    """The arithmetic alone."""

    def test_first_come_first_served(self):
        """D1: two needs share two supplies in their order, nobody gets more than is there."""
        given = distribute([("a", 5), ("b", 4)], [("x", 6), ("y", 2)])
        self.assertEqual(given, [("a", "x", 5), ("b", "x", 1), ("b", "y", 2)])

    def test_sum_is_kept(self):
        """D1: what the parts can't hold stays with the last one."""
        placed = spread([("a", 5), ("b", 4)], [("x", 6), ("y", 2)])
        self.assertEqual(placed, [("a", "x", 5), ("b", "x", 1), ("b", "y", 3)])

    def test_nothing_is_nothing(self):
        """D1: a part of no quantity gets no share."""
        self.assertEqual(spread([("a", 5)], [("x", 0), ("y", 5)]), [("a", "y", 5)])


@tagged("post_install", "-at_install")
class TestNoticeSupply(NoticeCase):
    """The notice against Odoo's own supply: orders are created for the remainder only."""

    def test_without_reordering(self):
        """B3: what nobody supplies gets a manufacturing order, linked to the order."""
        self._put_in_stock(self.product, 2)
        order = self._create_order(5, commitment_date="2030-05-06 08:00:00")
        notice = self._confirm(order)
        production = self._productions()
        self.assertEqual(production.product_qty, 3)
        self.assertEqual(production.state, "confirmed")
        self.assertEqual(production.reference_ids.sale_ids, order)
        self.assertEqual(production.sale_line_id, order.order_line)
        self.assertEqual(production.date_deadline, order.commitment_date)
        self.assertEqual(self._allocations(notice), [(production, 3)])
        self.assertTrue(notice.line_ids.allocation_ids.is_own)

    def test_reordering_made_it(self):
        """B3: where automatic reordering makes the order itself, nothing more is created."""
        self._create_orderpoint(self.product)
        notice = self._confirm(self._create_order(5))
        production = self._productions()
        self.assertEqual(production.product_qty, 5)
        self.assertTrue(production.orderpoint_id)
        self.assertEqual(self._allocations(notice), [(production, 5)])
        self.assertFalse(notice.line_ids.allocation_ids.is_own)

    def test_make_to_order(self):
        """B3: make to order makes the full quantity, whatever lies in stock."""
        self._route_to_order(self.product)
        self._put_in_stock(self.product, 3)
        notice = self._confirm(self._create_order(5))
        production = self._productions()
        self.assertEqual(production.product_qty, 5)
        self.assertEqual(notice.line_ids.to_supply, 5)
        self.assertEqual(self._allocations(notice), [(production, 5)])

    def test_kit(self):
        """D1: a kit is exploded; its components are announced and made."""
        kit = self.env["product.product"].create({"name": "Set", "is_storable": True})
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": kit.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    (0, 0, {"product_id": self.product.id, "product_qty": 2}),
                    (0, 0, {"product_id": self.bought.id, "product_qty": 1}),
                    (0, 0, {"product_id": self.part.id, "product_qty": 1}),
                ],
            }
        )
        self._put_in_stock(self.product, 1)
        self._put_in_stock(self.part, 50)
        notice = self._confirm(self._create_order(3, product=kit))
        self.assertEqual(
            [(line.product_id, line.kind, line.to_supply) for line in notice.line_ids],
            [(self.product, "kit", 5), (self.bought, "kit", 3)],
        )
        production = self._productions()
        self.assertEqual(self._allocations(notice), [(production, 5)])
        self.assertEqual(production.product_qty, 5)
        self.assertFalse(self._productions(kit))

    def test_bought(self):
        """D1: what is bought is listed, and nothing is manufactured."""
        notice = self._confirm(self._create_order(4, product=self.bought))
        self.assertEqual(notice.line_ids.kind, "buy")
        self.assertEqual(notice.line_ids.to_supply, 4)
        self.assertFalse(notice.line_ids.allocation_ids)
        self.assertFalse(self._productions(self.bought))

    def test_service_and_not_stocked(self):
        """D1: services are no matter of the notice; goods without stock ride along."""
        cable = self.env["product.product"].create({"name": "Cable", "type": "consu"})
        only = self._create_order(4, product=cable)
        self.assertFalse(self._confirm(only))
        order = self._create_order(2)
        for product in (cable, self.service):
            order.order_line = [(0, 0, {"product_id": product.id, "product_uom_qty": 1})]
        notice = self._confirm(order)
        self.assertEqual(notice.line_ids.mapped("kind"), ["make", "not_stocked"])
        self.assertEqual(notice.line_ids.mapped("to_supply"), [2, 0])

    def test_two_lines_of_one_product(self):
        """D1: lines of one product share stock and supply in the order in which they stand."""
        self._put_in_stock(self.product, 4)
        notice = self._confirm(self._create_order(3, 5))
        self.assertEqual(notice.line_ids.mapped("to_supply"), [4])
        self.assertEqual(notice.line_ids.covered, 1)
        self.assertEqual(sum(self._productions().mapped("product_qty")), 4)
        second = self._confirm(self._create_order(2, 6))
        self.assertEqual(second.line_ids.mapped("to_supply"), [2, 6])
        self.assertEqual(second.line_ids.mapped("allocated"), [2, 6])
        self.assertEqual(sum(self._productions().mapped("product_qty")), 12)

    def test_two_orders_share_one(self):
        """D1: two orders share one manufacturing order, and neither counts it twice."""
        self._put_in_stock(self.product, 2)
        self._create_orderpoint(self.product, minimum=50)
        first = self._confirm(self._create_order(5))
        second = self._confirm(self._create_order(6))
        production = self._productions()[0]  # reordering fills the stock up after that
        self.assertEqual(self._allocations(first), [(production, 3)])
        self.assertEqual(self._allocations(second), [(production, 6)])
        self.assertEqual(production.quality_notice_ids, first | second)

    def test_planned_supply_is_respected(self):
        """B3: a receipt that covers the need leaves nothing to manufacture."""
        self.env["stock.move"].create(
            {
                "product_id": self.product.id,
                "product_uom_qty": 5,
                "location_id": self.env.ref("stock.stock_location_suppliers").id,
                "location_dest_id": self.warehouse.lot_stock_id.id,
                "company_id": self.company.id,
            }
        )._action_confirm()
        notice = self._confirm(self._create_order(7))
        production = self._productions()
        self.assertEqual(production.product_qty, 2)
        self.assertEqual(notice.line_ids.to_supply, 7)
        self.assertEqual(notice.line_ids.allocated, 2)
        self.assertEqual(notice.line_ids.incoming, 5)

    def test_dozens(self):
        """D1: the notice speaks the unit in which the product is made."""
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self._create_order(2)
        order.order_line.product_uom_id = dozen
        notice = self._confirm(order)
        self.assertEqual(notice.line_ids.to_supply, 24)
        self.assertEqual(notice.line_ids.uom_id, self.product.uom_id)
        self.assertEqual(self._productions().product_uom_qty, 24)

    def test_many_orders_at_once(self):
        """B3: orders confirmed together share the stock and each gets its notice."""
        self._put_in_stock(self.product, 3)
        orders = self._create_order(2), self._create_order(2), self._create_order(2)
        notices = self._confirm(*orders)
        self.assertEqual(notices.order_id, orders[1] | orders[2])
        self.assertEqual(notices.line_ids.mapped("to_supply"), [1, 2])
        self.assertEqual(sum(self._productions().mapped("product_qty")), 3)

    def test_route_says_buy(self):
        """D1: a product with a bill of materials that routes say to buy is bought."""
        rules = self.env["stock.rule"]
        if "buy" not in dict(rules._fields["action"]._description_selection(self.env)):
            return  # the purchase application brings this kind of rule
        route = rules.search([("action", "=", "buy")], limit=1).route_id
        self.product.route_ids = route
        notice = self._confirm(self._create_order(2))
        self.assertEqual(notice.line_ids.kind, "buy")


@tagged("post_install", "-at_install")
class TestNoticeAllocation(NoticeCase):
    """Allocations survive what production does to its orders."""

    def _notice(self, quantity=10):
        return self._confirm(self._create_order(quantity))

    def test_split(self):
        """D1: an order split by production keeps the sum of its allocations."""
        notice = self._notice(10)
        production = self._productions()
        parts = production._split_productions({production: [4, 3, 3]})
        self.assertEqual(len(parts), 3)
        self.assertEqual(self._allocations(notice), [(parts[0], 4), (parts[1], 3), (parts[2], 3)])
        self.assertEqual(notice.line_ids.allocated, 10)

    def test_split_of_a_shared_order(self):
        """D1: the older notice keeps the first part of a shared order."""
        first, second = self._notice(4), self._notice(6)
        merged = self._merge(self._productions())
        parts = merged._split_productions({merged: [5, 5]})
        self.assertEqual(self._allocations(first), [(parts[0], 4)])
        self.assertEqual(self._allocations(second), [(parts[0], 1), (parts[1], 5)])

    def test_split_as_production(self):
        """D1: production splits without any right to write notices."""
        self.producer.group_ids |= self.env.ref("account.group_account_readonly")  # as core asks
        notice = self._notice(10)
        production = self._productions().with_user(self.producer)
        production._split_productions({production: [6, 4]})
        self.assertEqual(notice.line_ids.allocation_ids.mapped("quantity"), [6, 4])

    def test_backorder(self):
        """D1: producing a part moves the rest of the allocation to the backorder."""
        self._put_in_stock(self.part, 100)
        notice = self._notice(10)
        production = self._productions()
        with Form(production) as form:
            form.qty_producing = 4
        production.move_raw_ids.picked = True
        production.with_context(
            mo_ids_to_backorder=production.ids, skip_backorder=True
        ).button_mark_done()
        rest = self._productions() - production
        self.assertEqual(production.state, "done")
        self.assertEqual(self._allocations(notice), [(production, 4), (rest, 6)])

    def _merge(self, productions):
        action = productions.with_user(self.producer).action_merge()
        return self.env["mrp.production"].browse(action["res_id"])

    def test_merge(self):
        """D1: merged orders carry the allocations of all of them."""
        first, second = self._notice(4), self._notice(6)
        merged = self._merge(self._productions())
        self.assertEqual(self._allocations(first), [(merged, 4)])
        self.assertEqual(self._allocations(second), [(merged, 6)])
        self.assertEqual(merged.quality_notice_ids, first | second)
        self.assertEqual(first.line_ids.allocated, 4)

    def test_merge_of_one_line(self):
        """D1: two orders of one line, merged, are one allocation again."""
        notice = self._notice(10)
        production = self._productions()
        parts = production._split_productions({production: [4, 6]})
        merged = self._merge(parts)
        self.assertEqual(self._allocations(notice), [(merged, 10)])

    def test_capacity_is_read_once_at_a_time(self):
        """D1: who reads what is free writes the orders, so that the second one starts over."""
        self._notice(10)
        production = self._productions()
        production.flush_recordset()
        before = self._row_version(production)
        self.assertEqual(production._get_quality_capacity(), {production: 0})
        self.assertNotEqual(self._row_version(production), before)
        self.assertEqual(self.env["mrp.production"]._get_quality_capacity(), {})

    def _row_version(self, production):
        query = SQL("SELECT ctid::text FROM mrp_production WHERE id = %s", production.id)
        return self.env.execute_query(query)

    def test_cancelled_order_supplies_nothing(self):
        """D1: what a cancelled manufacturing order should have made is missing, not planned."""
        notice = self._notice(10)
        self.assertEqual(notice.line_ids.incoming, 0)
        self.assertFalse(notice.is_supply_missing)
        self._productions().action_cancel()
        self.assertEqual(notice.line_ids.allocated, 0)
        self.assertEqual(notice.line_ids.incoming, 0)
        self.assertEqual(notice.line_ids.missing, 10)
        self.assertTrue(notice.with_user(self.seller).is_supply_missing)
        with self.assertRaisesRegex(UserError, "10 Units Machine"):
            notice.with_user(self.producer).action_done()

    def test_find_what_is_missing(self):
        """D1: notices with something missing are found, void ones are not among them."""
        notice, other = self._notice(10), self._notice(3)
        self._productions()[0].action_cancel()
        Notice = self.env["quality.production.notice"].with_user(self.producer)
        found = Notice.search([("is_supply_missing", "=", True)])
        self.assertIn(notice, found)
        self.assertNotIn(other, found)
        self._cancel(notice.order_id)
        self.assertNotIn(notice, Notice.search([("is_supply_missing", "=", True)]))
        self.assertFalse(notice.line_ids.missing)

    def test_smaller_order(self):
        """D1: an order made smaller gives what it still makes, to the older notice first."""
        first, second = self._notice(4), self._notice(6)
        merged = self._merge(self._productions())
        change = self.env["change.production.qty"].create({"mo_id": merged.id, "product_qty": 5})
        change.change_prod_qty()
        self.assertEqual((first.line_ids.allocated, second.line_ids.allocated), (4, 1))
        self.assertEqual((first.line_ids.missing, second.line_ids.missing), (0, 5))

    def test_made_less(self):
        """D1: an order that is done supplies what it made."""
        self._put_in_stock(self.part, 100)
        notice = self._notice(10)
        production = self._productions()
        with Form(production) as form:
            form.qty_producing = 4
        production.move_raw_ids.picked = True
        production.with_context(skip_backorder=True).button_mark_done()
        self.assertEqual(production.state, "done")
        self.assertEqual((notice.line_ids.allocated, notice.line_ids.missing), (4, 6))

    def test_delivered_is_not_missing(self):
        """D1: what was delivered, from wherever it came, keeps no notice open."""
        notice = self._notice(10)
        self._productions().action_cancel()
        self._put_in_stock(self.product, 10)
        picking = notice.order_id.picking_ids
        picking.action_assign()
        picking.button_validate()
        self.assertEqual(notice.order_id.order_line.qty_delivered, 10)
        self.assertFalse(notice.is_supply_missing)
        notice.with_user(self.producer).action_done()
        self.assertEqual(notice.state, "done")
