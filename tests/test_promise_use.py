from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import BASE
from .promise_common import PromiseCase, day


@tagged("post_install", "-at_install")
class TestPromiseUse(PromiseCase):
    """What is left out of a promise, what it costs, and what people do with it (B4, B5, B8)."""

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
        review.order_id.order_line.product_uom_qty = 6
        with self.assertRaisesRegex(UserError, "Revise"):
            review.with_user(self.seller).action_refresh_figures()
        review.order_id.order_line.product_uom_qty = 5
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
        self.assertFalse(review.is_promised_early)
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

    # On screen and on paper

    def test_the_signing_page_and_the_form_show_what_limits_the_promise(self):
        """B5: with names, for a reviewer who may see neither stock nor work orders; no cost."""
        self.part.standard_price = 4321
        self._add_operation(self.bom, self.saw, 60)
        review = self._request_review(self._create_order(5, commitment_date=day(4)))
        line = review.line_ids.with_user(self.engineer)
        text = (
            self.env["ir.qweb"]
            .with_user(self.engineer)
            ._render("customer_quality.promise_facts", {"line": line})
        )
        for word in ("Saw", "Part", "lead time"):
            self.assertIn(word, text)
        self.assertEqual(line.facts_html, text)
        self.assertNotIn("4321", text)
        for user in (self.engineer, self.director):
            html = (
                self.env["ir.actions.report"]
                .with_user(user)
                ._render_qweb_html("customer_quality.contract_review_report", review.ids)[0]
                .decode()
            )
            self.assertIn("Earliest", html)
            self.assertEqual("Estimated margin" in html, user == self.director)
        form = self._form(review, self.producer)
        self.assertTrue(form.date_earliest)
        self.assertNotIn("margin", form._view["fields"])

    def test_the_dialogs_open(self):
        """B5: the preview as sales see it, the lot and the place as the stock manager does."""
        order = self._create_order(5)
        action = order.with_user(self.seller).action_preview_promise()
        preview = self.env[action["res_model"]].browse(action["res_id"])
        line = preview.line_ids.with_user(self.seller)
        self.assertIn("Part", line.facts_html)
        self.assertTrue(line.has_parts)
        self.assertTrue(self._form(preview, self.seller).date_earliest)
        manager = self._create_user("warehouse_boss", f"{BASE},stock.group_stock_manager")
        place = self.warehouse.lot_stock_id
        with self._form(place, manager) as form:
            form.quality_hold = True
        self.assertTrue(place.quality_hold)

    # Cost of asking

    def test_figures_cost_the_same_for_one_order_and_for_two_hundred(self):
        """DESIGN, batch first: at most 30 queries with cold caches, whatever is asked."""
        self._add_operation(self.bom, self.saw, 10)
        goods = [self._create_good(f"Machine {number}") for number in range(10)]
        for good in goods:
            self._add_operation(self._create_bom(good, (self.product, 1)), self.saw, 10)
        self._count_queries(self._create_orders(goods, 1))  # warm what is cached for good
        one = self._count_queries(self._create_orders(goods, 1))
        many = self._count_queries(self._create_orders(goods, 200))
        self.assertLessEqual(one, 30)
        self.assertLessEqual(many, one + 4)

    def test_the_names_of_many_lines_are_read_together(self):
        """DESIGN: a list of reviews' lines runs no query per row."""
        self._add_operation(self.bom, self.saw, 10)
        counts = []
        for count in (1, 30):
            orders = self._create_orders([self.product], count)
            orders.with_user(self.seller).action_request_quality_review()
            lines = self.env["quality.contract.review.line"].with_user(self.producer)
            lines = lines.browse(orders.quality_review_id.line_ids.ids)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            lines.mapped("limit_text")
            lines.mapped("facts")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)

    def _create_orders(self, goods, count):
        lines = [(0, 0, {"product_id": good.id, "product_uom_qty": 5}) for good in goods]
        return self.env["sale.order"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "user_id": self.seller.id,
                    "company_id": self.company.id,
                    "warehouse_id": self.warehouse.id,
                    "order_line": lines,
                }
            ]
            * count
        )

    def _count_queries(self, orders):
        lines = self.env["sale.order.line"].browse(orders.order_line.ids)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        figures = self.env["quality.promise"]._get_figures(lines)
        self.assertEqual(len(figures), len(lines))
        self.assertTrue(all(vals["date_earliest"] for vals in figures.values()))
        return self.env.cr.sql_log_count - before
