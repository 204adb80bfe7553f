from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import BASE
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
        operation = self._add_operation(self.bom, self.saw, 60, time_mode="auto")
        self._put_in_stock(self.part, 100)
        production = self._create_production(3)
        production.action_confirm()
        workorder = production.workorder_ids
        workorder.write({"qty_produced": 3, "state": "done"})
        workorder.duration = 270
        self.env.flush_all()
        self.env["stock.move"].search([("product_id", "=", self.product.id)])._action_cancel()
        self.assertEqual(self.env["quality.promise"]._get_cycle_times(operation)[operation], 90)

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

    # Held and expired stock

    def test_held_places_and_lots_are_not_promised(self):
        """B8: ten are there: three in inspection, two in a lot on hold."""
        inspection = self.env["stock.location"].create(
            {
                "name": "Inspection",
                "location_id": self.warehouse.lot_stock_id.id,
                "quality_hold": True,
            }
        )
        shelf = self.env["stock.location"].create({"name": "Shelf", "location_id": inspection.id})
        self.part.tracking = "lot"
        self._put_lot("A", 5, self.warehouse.lot_stock_id)
        self._put_lot("B", 2, self.warehouse.lot_stock_id).quality_hold = True
        self._put_lot("C", 3, shelf)
        order = self._create_order(10, product=self.part)
        self.assertEqual(order.order_line._get_quality_coverage()[order.order_line], (5, 5))
        [vals] = self._get_promises(order)
        self.assertEqual(vals["date_earliest"], day(9))

    def test_a_held_component_is_missing_from_its_kit(self):
        """B8: two sets could be put together, but one hose is held."""
        hose, pump = self._create_good("Hose"), self._create_good("Pump")
        hose.tracking = "lot"
        kit = self._create_good("Pump Set")
        self._create_bom(kit, (pump, 1), (hose, 1), kind="phantom")
        self._put_in_stock(pump, 2)
        stock = self.warehouse.lot_stock_id
        self._put_lot("A", 1, stock, hose)
        self._put_lot("B", 1, stock, hose).quality_hold = True
        order = self._create_order(2, product=kit)
        self.assertEqual(order.order_line._get_quality_coverage()[order.order_line], (1, 1))
        self.assertEqual(order._filter_quality_short(), order)
        needs = self.env["quality.production.notice.line"]._prepare_needs(order)
        self.assertEqual(
            [(need["product_id"], need["to_supply"]) for need in needs[order.id]], [(hose.id, 1)]
        )

    def test_the_notice_makes_what_held_stock_does_not_give(self):
        """B8: three machines are there and all are held, so three are made."""
        self.company.quality_notice_on_confirm = True
        self.product.tracking = "lot"
        self._put_lot("A", 3, self.warehouse.lot_stock_id, self.product).quality_hold = True
        order = self._create_order(3)
        order.action_confirm()
        notice = self.env["quality.production.notice"].search([("order_id", "=", order.id)])
        self.assertEqual(notice.line_ids.to_supply, 3)
        self.assertEqual(notice.line_ids.allocated, 3)

    def test_stock_managers_and_officers_hold_goods_and_nobody_else(self):
        """B8: a storekeeper may write lots, but not release them."""
        self.part.tracking = "lot"
        lot = self._put_lot("A", 5, self.warehouse.lot_stock_id)
        storekeeper = self._create_user("keeper", f"{BASE},stock.group_stock_user")
        manager = self._create_user("keepers_boss", f"{BASE},stock.group_stock_manager")
        with self.assertRaises(AccessError):
            lot.with_user(storekeeper).quality_hold = True
        with self.assertRaises(AccessError):
            lot.with_user(storekeeper).action_quality_hold()
        with self.assertRaises(AccessError):
            self.env["stock.lot"].with_user(storekeeper).create(
                {"name": "B", "product_id": self.part.id, "quality_hold": True}
            )
        lot.with_user(manager).action_quality_hold()
        self.assertTrue(lot.quality_hold)
        lot.with_user(manager).action_quality_release()
        self.assertFalse(lot.quality_hold)

    # Cost and margin

    def test_cost_is_the_products_or_what_its_bill_of_materials_adds_up_to(self):
        """B4: two parts of 4 and half an hour at 60 make 38; sold at 100, the margin is 62 %."""
        self.part.standard_price = 4
        self.saw.costs_hour = 60
        self._add_operation(self.bom, self.saw, 30)
        [vals] = self._get_promises(self._create_order(2))
        self.assertAlmostEqual(vals["cost"], 76)
        self.assertAlmostEqual(vals["margin"], 124)
        self.assertAlmostEqual(vals["margin_percent"], 62)
        self.assertEqual(vals["cost_source"], "bom")
        self.product.standard_price = 50
        [vals] = self._get_promises(self._create_order(2))
        self.assertEqual((vals["cost"], vals["cost_source"]), (100, "product"))

    def test_a_cost_that_is_not_known_is_no_margin(self):
        """B4: a part without a cost would make the machine look cheap."""
        [vals] = self._get_promises(self._create_order(2))
        self.assertEqual((vals["cost"], vals["cost_source"]), (0, "none"))
        review = self._request_review(self._create_order(2))
        self.assertFalse(review.is_cost_known)

    def test_cost_and_margin_are_for_those_who_may_see_prices(self):
        """M5: not for the reviewers of other departments, nor inside the detail."""
        self.part.standard_price = 4321
        review = self._request_review(self._create_order(2))
        line = review.line_ids
        self.assertEqual(line.with_user(self.director).cost, 2 * 2 * 4321)
        self.assertTrue(review.with_user(self.seller).margin)
        for user in (self.engineer, self.producer, self.inspector, self.auditor):
            for name in ("cost", "margin", "margin_percent", "cost_source"):
                with self.subTest(user=user.login, field=name), self.assertRaises(AccessError):
                    line.with_user(user).read([name])
        self.assertNotIn("4321", str(line.figures))
        self.assertNotIn("cost", str(line.figures))

    # History

    def test_the_share_of_past_promises_that_held_is_told(self):
        """B5: four of five deliveries left in time; of less than five nothing is said."""
        self._put_in_stock(self.product, 100)
        for late in (0, 0, 0, 0):
            self._deliver(late)
        [vals] = self._get_promises(self._create_order(1))
        self.assertFalse(vals.get("promise_count"))
        self._deliver(3)
        review = self._request_review(self._create_order(1))
        self.assertEqual((review.line_ids.kept_count, review.line_ids.promise_count), (4, 5))
        self.assertEqual(review.line_ids.kept_text, "4 of 5")

    def test_a_promise_that_is_overdue_was_not_held(self):
        """B5: what should have left and did not counts against the promise."""
        self._put_in_stock(self.product, 100)
        for _delivery in range(4):
            self._deliver(0)
        order = self._create_order(1, commitment_date=day(1))
        order.action_confirm()
        order.picking_ids.move_ids.date_deadline = day(1)
        [vals] = self._get_promises(self._create_order(1))
        self.assertEqual((vals["kept_count"], vals["promise_count"]), (4, 5))

    def test_another_products_promises_count_when_it_is_of_the_same_kind(self):
        """B5: the category speaks where the product itself has no history."""
        category = self.env["product.category"].create({"name": "Presses"})
        self.product.categ_id = category
        self._put_in_stock(self.product, 100)
        for _delivery in range(5):
            self._deliver(0)
        sister = self._create_good("Sister", categ_id=category.id)
        stranger = self._create_good(
            "Stranger", categ_id=self.env["product.category"].create({"name": "Other"}).id
        )
        [vals] = self._get_promises(self._create_order(1, product=sister))
        self.assertEqual((vals["kept_count"], vals["promise_count"]), (5, 5))
        [vals] = self._get_promises(self._create_order(1, product=stranger))
        self.assertNotIn("promise_count", vals)

    # What users do with it

    def test_refreshing_changes_figures_and_nothing_that_is_signed(self):
        """B5: who refreshed is in the log; the answers that were given stay."""
        review = self._request_review(self._create_order(5))
        self._sign(review, self.engineer)
        self.assertEqual(review.date_earliest, day(9))
        before = (review.content_hash, review.public_hash, review.content)
        self._put_in_stock(self.product, 5)
        review.with_user(self.producer).action_refresh_figures()
        self.assertEqual((review.date_earliest, review.line_ids.shortage), (day(2), 0))
        self.assertEqual((review.content_hash, review.public_hash, review.content), before)
        self.assertFalse(review.is_stale)
        self.assertEqual(review.opinion_ids.filtered("answer").user_id, self.engineer)
        message = review.message_ids[0]
        self.assertIn("refreshed", message.body)
        self.assertEqual(message.author_id, self.producer.partner_id)

    def test_only_sales_production_and_officers_refresh_a_running_review(self):
        """B5: not engineering, not an auditor, nobody of another company, not afterwards."""
        review = self._request_review(self._create_order(5))
        stranger = self._create_user(
            "stranger",
            f"{BASE},mrp.group_mrp_user",
            self.env["res.company"].create({"name": "Others"}),
        )
        for user in (self.engineer, self.auditor, self.nobody, stranger):
            with self.subTest(user.login), self.assertRaises(AccessError):
                review.with_user(user).action_refresh_figures()
        for user in (self.seller, self.producer, self.inspector):
            review.with_user(user).action_refresh_figures()
        self._approve(review)
        with self.assertRaisesRegex(UserError, "stay as they are"):
            review.with_user(self.seller).action_refresh_figures()

    def test_nobody_writes_figures_by_hand(self):
        """B5: they are computed, also for administrators of sales."""
        review = self._request_review(self._create_order(5))
        for user in (self.seller, self.producer, self.inspector):
            with self.assertRaises(AccessError):
                review.line_ids.with_user(user).write({"date_earliest": day(2)})

    def test_sales_promise_the_earliest_date(self):
        """B5: before the review it is simply written; during it, the review is revised."""
        order = self._create_order(5)
        order.with_user(self.seller).action_promise_earliest()
        self.assertEqual(order.commitment_date, day(9))
        review = self._request_review(order)
        self.assertFalse(review.is_late)
        self.part.seller_ids.delay = 9
        review.with_user(self.seller).action_promise_earliest()
        self.assertEqual(order.commitment_date, day(11))
        self.assertEqual(review.state, "superseded")
        self.assertEqual(order.quality_review_id.date_promised, day(11))
        with self.assertRaises(AccessError):
            review.with_user(self.engineer).action_promise_earliest()

    def test_no_date_is_promised_where_none_is_known(self):
        """B5: and none on a confirmed order."""
        order = self._create_order(1, product=self._create_good("Riddle"))
        with self.assertRaisesRegex(UserError, "Riddle"):
            order.with_user(self.seller).action_promise_earliest()
        order = self._create_order(1)
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "agreed already"):
            order.with_user(self.seller).action_promise_earliest()

    def test_a_preview_shows_the_figures_before_anybody_is_asked(self):
        """B5: a dialog of one's own, gone afterwards; no review is made."""
        order = self._create_order(5, commitment_date=day(4))
        action = order.with_user(self.seller).action_preview_promise()
        preview = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(preview.date_earliest, day(9))
        self.assertTrue(preview.line_ids.is_late)
        self.assertFalse(order.quality_review_id)
        with self.assertRaises(AccessError):
            preview.with_user(self.engineer).read(["date_earliest"])
        other = self._create_user(
            "other_seller", f"{BASE},sales_team.group_sale_salesman_all_leads"
        )
        with self.assertRaises(AccessError):
            preview.line_ids.with_user(other).read(["cost"])
        preview.with_user(self.seller).action_promise_earliest()
        self.assertEqual(order.commitment_date, day(9))

    def test_each_figure_opens_what_it_was_computed_from(self):
        """B5: with the reader's own rights."""
        self._add_operation(self.bom, self.saw, 60)
        self._put_in_stock(self.part, 4)
        receipt = self._receive(self.product, 1, day(4))
        workorder = self._plan_work(day(2), day(3))
        line = self._request_review(self._create_order(5)).line_ids
        keeper = self._create_user(
            "all_rounder",
            f"{BASE},customer_quality.group_user,stock.group_stock_user,mrp.group_mrp_user",
        )
        opened = {
            "action_open_stock": self.env["stock.quant"].search(
                [("product_id", "=", self.part.id), ("location_id.usage", "=", "internal")]
            ),
            "action_open_incoming": receipt,
            "action_open_components": self.part,
            "action_open_workorders": workorder,
        }
        for method, records in opened.items():
            with self.subTest(method):
                action = getattr(line.with_user(keeper), method)()
                self.assertEqual(action["res_model"], records._name)
                found = self.env[records._name].with_user(keeper).search(action["domain"])
                self.assertEqual(found & records, records)
        with self.assertRaisesRegex(UserError, "no right"):
            line.with_user(self.auditor).action_open_workorders()
        with self.assertRaises(AccessError):
            line.with_user(self.nobody).action_open_stock()

    def test_an_adopted_order_has_no_figures(self):
        """B5: its demand is among the others' already."""
        order = self._create_order(5)
        order.action_confirm()
        review = self.env["quality.contract.review"]._adopt(order)
        self.assertFalse(review.line_ids.date_earliest)
        self.assertFalse(review.line_ids.limit_text)

    # Verbs

    def _create_production(self, quantity, bom=None):
        return self.env["mrp.production"].create(
            {
                "product_id": self.product.id,
                "product_qty": quantity,
                "bom_id": (bom or self.bom).id,
                "company_id": self.company.id,
            }
        )

    def _plan_work(self, start, finish):
        """Plan something else on the saw."""
        other = self._create_good("Other Work")
        bom = self._create_bom(other)
        self._add_operation(bom, self.saw, 60)
        production = self.env["mrp.production"].create(
            {
                "product_id": other.id,
                "product_qty": 1,
                "bom_id": bom.id,
                "company_id": self.company.id,
            }
        )
        production.action_confirm()
        workorder = production.workorder_ids
        workorder.with_context(bypass_duration_calculation=True).write(
            {"date_start": start, "date_finished": finish}
        )
        return workorder

    def _to_order(self, product):
        route = self.env.ref("stock.route_warehouse0_mto")
        route.active = True
        self.warehouse._create_or_update_global_routes_rules()
        product.route_ids = route | self.warehouse.manufacture_pull_id.route_id

    def _put_lot(self, name, quantity, location, product=None):
        product = product or self.part
        lot = self.env["stock.lot"].create({"name": name, "product_id": product.id})
        self.env["stock.quant"]._update_available_quantity(product, location, quantity, lot_id=lot)
        return lot

    def _deliver(self, days_late):
        """Deliver one machine that was promised for the 2nd."""
        order = self._create_order(1, commitment_date=day(2))
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking._action_done()
        picking.move_ids.write({"date_deadline": day(2), "date": day(2 + days_late)})
