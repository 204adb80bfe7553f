from odoo.tests import tagged

from .promise_common import PromiseCase, day


@tagged("post_install", "-at_install")
class TestPromiseCases(PromiseCase):
    """The earliest date of real orders, against dates that were worked out by hand (B5)."""

    def test_stock_is_promised_today(self):
        """B5: five are there, five are asked for."""
        self._put_in_stock(self.product, 5)
        [vals] = self._get_promises(self._create_order(5))
        self.assertEqual((vals["date_earliest"], vals["limit_kind"]), (day(2), "stock"))

    def test_a_vendor_needs_calendar_days_and_nobody_delivers_on_a_weekend(self):
        """B5: 5 days from Monday the 2nd is Saturday the 7th, so it leaves on the 9th."""
        good = self._create_good("Bearing", seller_ids=self._vendor(5))
        [vals] = self._get_promises(self._create_order(1, product=good))
        self.assertEqual((vals["date_earliest"], vals["limit_kind"]), (day(9), "purchase"))

    def test_a_public_holiday_is_not_worked(self):
        """B5: ready on Monday the 9th by the vendor's lead time, but that day is closed."""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "company_id": self.company.id,
                "date_from": day(9, 0),
                "date_to": day(9, 23),
            }
        )
        good = self._create_good("Bearing", seller_ids=self._vendor(7))
        self.assertEqual(self._get_dates(self._create_order(1, product=good)), [day(10)])

    def test_a_receipt_that_is_sooner_than_the_vendor_is_waited_for(self):
        """B5: on the 4th, and it can be opened."""
        good = self._create_good("Bearing", seller_ids=self._vendor(14))
        receipt = self._receive(good, 10, day(4))
        [vals] = self._get_promises(self._create_order(3, product=good))
        self.assertEqual((vals["date_earliest"], vals["limit_kind"]), (day(4), "incoming"))
        self.assertEqual([s["move"] for s in vals["figures"]["incoming"]], receipt.ids)
        self.assertEqual(vals["incoming_qty"], 10)

    def test_what_others_were_promised_is_not_promised_again(self):
        """B5: of ten on the 4th, eight are owed on the 5th; the third has to be bought."""
        good = self._create_good("Bearing", seller_ids=self._vendor(14))
        self._receive(good, 10, day(4))
        self._owe(good, 8, day(5))
        order = self._create_order(2, 1, product=good)
        self.assertEqual(self._get_dates(order), [day(4), day(16)])

    def test_a_late_receipt_is_expected_now(self):
        """B5: it was due last week; nobody knows better."""
        good = self._create_good("Bearing", seller_ids=self._vendor(14))
        receipt = self._receive(good, 10, day(4))
        receipt.date = day(1)
        self.assertEqual(self._get_dates(self._create_order(2, product=good)), [day(2)])

    def test_a_component_by_purchase_and_the_work_after_it(self):
        """B5: part on Monday the 9th at 8:00, then 5 machines of 2 hours: 16:00, then 10:00."""
        self._add_operation(self.bom, self.saw, 120)
        self._put_in_stock(self.part, 4)
        [vals] = self._get_promises(self._create_order(5))
        self.assertEqual((vals["date_earliest"], vals["limit_kind"]), (day(10, 10), "purchase"))
        [part] = vals["figures"]["parts"]
        self.assertEqual(
            (part["product"], part["needed"], part["free"], part["short"]),
            (self.part.id, 10, 4, 6),
        )
        self.assertEqual(vals["parts_short"], 1)

    def test_a_busy_work_center_limits(self):
        """B5: planned until Friday the 6th 12:00; then 5 hours: 16:00 and Monday 9:00."""
        self._put_in_stock(self.part, 100)
        self._add_operation(self.bom, self.saw, 60)
        workorder = self._plan_work(day(2), day(6, 12))
        order = self._create_order(5, commitment_date=day(5, 16))
        [vals] = self._get_promises(order)
        self.assertEqual((vals["date_earliest"], vals["limit_kind"]), (day(9, 9), "operation"))
        [load] = vals["figures"]["load"]
        self.assertEqual((load["centre"], load["open"], load["load"]), (self.saw.id, 32, 100))
        self.assertEqual((load["free"], load["workorders"]), (0, workorder.ids))
        self.assertTrue(vals["is_late"])

    def test_work_that_is_not_planned_yet_takes_the_first_free_hours(self):
        """B5: 12 hours of a confirmed order come first: until the 3rd 12:00, then 2 hours."""
        self._put_in_stock(self.part, 100)
        self._add_operation(self.bom, self.saw, 60)
        production = self._create_production(12)
        production.action_confirm()
        # its twelve machines are on their way, so this line is made to order
        self._to_order(self.product)
        self.assertEqual(self._get_dates(self._create_order(2)), [day(3, 14)])

    def test_alternative_work_centers_are_used(self):
        """B5: the saw is full until the 6th, the other one is free: 3 hours, 11:00."""
        self._put_in_stock(self.part, 100)
        other = self._create_centre("Second Saw")
        self._add_operation(self.bom, self.saw, 60)
        self._plan_work(day(2), day(6, 12))
        self.saw.alternative_workcenter_ids = other
        self.assertEqual(self._get_dates(self._create_order(3)), [day(2, 11)])

    def test_an_efficient_work_center_with_capacity_takes_less(self):
        """B5: 5 pieces, 2 at a time, 60 minutes at 200 %: 3 × 30 + 30 set-up = 2 hours."""
        self._put_in_stock(self.part, 100)
        self.saw.time_efficiency = 200
        self.saw.time_start = 30
        self.bom.product_qty = 2
        self.bom.bom_line_ids.product_qty = 4
        self._add_operation(self.bom, self.saw, 60)
        self.assertEqual(self._get_dates(self._create_order(5)), [day(2, 10)])

    def test_the_average_of_past_work_is_used_where_the_operation_says_so(self):
        """B5: set to 60 minutes, but 3 pieces took 270 minutes: 90 each, so two take until 11."""
        self._add_operation(self.bom, self.saw, 60, time_mode="auto")
        self._put_in_stock(self.part, 100)
        production = self._create_production(3)
        production.action_confirm()
        workorder = production.workorder_ids
        workorder.write({"qty_produced": 3, "state": "done"})
        workorder.duration = 270
        self.env.flush_all()
        self.env["stock.move"].search([("product_id", "=", self.product.id)])._action_cancel()
        self.assertEqual(self._get_dates(self._create_order(2)), [day(2, 11)])

    def test_a_sub_assembly_is_made_from_its_own_parts(self):
        """B5: frame 2 days after steel on the 5th: 7th; machine 3 days later: the 10th."""
        steel = self._create_good("Steel", seller_ids=self._vendor(3))
        frame = self._create_good("Frame")
        machine = self._create_good("Press")
        self._create_bom(frame, (steel, 4), produce_delay=2)
        self._create_bom(machine, (frame, 1), produce_delay=3)
        [vals] = self._get_promises(self._create_order(1, product=machine))
        self.assertEqual(vals["date_earliest"], day(10))
        self.assertEqual(
            [(part["product"], part["level"]) for part in vals["figures"]["parts"]],
            [(frame.id, 1), (steel.id, 2)],
        )

    def test_a_sub_assembly_in_stock_needs_no_parts(self):
        """B5: the frame is there, so steel is nobody's concern."""
        steel = self._create_good("Steel", seller_ids=self._vendor(30))
        frame = self._create_good("Frame")
        machine = self._create_good("Press")
        self._create_bom(frame, (steel, 4))
        self._create_bom(machine, (frame, 1), produce_delay=3)
        self._put_in_stock(frame, 1)
        self.assertEqual(self._get_dates(self._create_order(1, product=machine)), [day(5)])

    def test_a_kit_is_delivered_when_its_last_part_is_there(self):
        """B5: pump in stock, hose in 4 days."""
        pump = self._create_good("Pump", seller_ids=self._vendor(9))
        hose = self._create_good("Hose", seller_ids=self._vendor(4))
        kit = self._create_good("Pump Set")
        self._create_bom(kit, (pump, 1), (hose, 2), kind="phantom")
        self._put_in_stock(pump, 5)
        [vals] = self._get_promises(self._create_order(2, product=kit))
        self.assertEqual(vals["date_earliest"], day(6))
        self.assertEqual([part["short"] for part in vals["figures"]["parts"]], [0, 4])

    def test_a_kit_inside_a_product_is_taken_apart(self):
        """B5: what the kit holds are components of the product."""
        hose = self._create_good("Hose", seller_ids=self._vendor(4))
        kit = self._create_good("Hose Set")
        machine = self._create_good("Press")
        self._create_bom(kit, (hose, 3), kind="phantom")
        self._create_bom(machine, (kit, 2))
        [vals] = self._get_promises(self._create_order(1, product=machine))
        [part] = vals["figures"]["parts"]
        self.assertEqual((part["product"], part["needed"]), (hose.id, 6))

    def test_made_to_order_takes_nothing_from_stock(self):
        """B5: nine are there for others; this one takes its 3 days."""
        self._put_in_stock(self.product, 9)
        self._put_in_stock(self.part, 100)
        self.bom.produce_delay = 3
        self._to_order(self.product)
        [vals] = self._get_promises(self._create_order(1))
        self.assertEqual((vals["date_earliest"], vals["limit_kind"]), (day(5), "manufacture"))

    def test_lines_share_stock_and_capacity_but_orders_do_not(self):
        """B5: each order is looked at as if it came next, whatever is asked with it."""
        self._put_in_stock(self.part, 100)
        self._add_operation(self.bom, self.saw, 60)
        self._put_in_stock(self.product, 4)
        first, second = self._create_order(4, 4), self._create_order(4)
        self.assertEqual(self._get_dates(first, second), [day(2), day(2, 12), day(2)])

    def test_security_days_and_the_delivery_route_are_added(self):
        """B5: in stock on the 2nd, one day of security, two of the route: the 5th."""
        self._put_in_stock(self.product, 9)
        self.company.security_lead = 1
        self.warehouse.delivery_route_id.rule_ids.delay = 0
        self.warehouse.delivery_route_id.rule_ids[:1].delay = 2
        self.assertEqual(self._get_dates(self._create_order(1)), [day(5)])

    def test_a_service_needs_nothing(self):
        """B5: a service is limited by nothing that is known here."""
        [vals] = self._get_promises(self._create_order(1, product=self.service))
        self.assertEqual((vals["date_earliest"], vals["limit_kind"]), (day(2), "none"))

    def test_nothing_known_gives_a_sentence_and_no_date(self):
        """B5: no vendor, no bill of materials."""
        good = self._create_good("Riddle")
        review = self._request_review(self._create_order(1, product=good))
        [line] = review.line_ids
        self.assertFalse(line.date_earliest)
        self.assertEqual(line.limit_kind, "unknown")
        self.assertIn("Riddle", line.limit_text)

    def test_a_bill_of_materials_in_a_circle_is_said(self):
        """B5: written past Odoo's own check, it must not hang the request."""
        frame = self._create_good("Frame")
        bom = self._create_bom(frame, (self.product, 1))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mrp_bom_line SET product_id = %s WHERE bom_id = %s",
            [frame.id, self.bom.id],
        )
        self.env.invalidate_all()
        [vals] = self._get_promises(self._create_order(1))
        self.assertEqual((vals["date_earliest"], vals["limit_kind"]), (None, "cycle"))
        self.assertTrue(bom)
