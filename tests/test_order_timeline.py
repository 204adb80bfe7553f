from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .common import BASE
from .notice_common import NoticeCase

NOW = "2026-12-02 10:00:00"  # a Wednesday


@tagged("post_install", "-at_install")
class TestOrderTimeline(NoticeCase):
    """The picture of an order over time (D2): what is drawn, what is late, who sees it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.quality_review_gate = "never"
        cls.startClassPatcher(freeze_time(NOW))
        cls.env["quality.production.notice.stage.template"].search([]).days_before = 2

    def _create_promised(self, days, *quantities, **vals):
        promised = fields.Datetime.now() + timedelta(days=days)
        return self._create_order(*quantities, commitment_date=promised, **vals)

    def _confirm_on_time(self, days=20, **vals):
        """Confirm an order of which everything is planned before its promise."""
        order = self._create_promised(days, **vals)
        self._confirm(order, user=order.user_id)
        self._productions()[-1:].date_start = fields.Datetime.now() + timedelta(days=1)
        return order

    def _picture(self, user=None, **options):
        """Return what a user is shown: dict of order number → row."""
        user = user or self.seller
        Timeline = self.env["quality.order.timeline"].with_user(user)
        if self.company not in user.company_ids:
            Timeline = Timeline.with_context(allowed_company_ids=user.company_ids.ids)
        self.env.flush_all()
        self.env.invalidate_all()
        found = Timeline.get_quality_timeline(**options)
        self.assertGreaterEqual(found["total"], len(found["orders"]))
        return {row["name"]: row for row in found["orders"]}

    def _row(self, order, user=None):
        return self._picture(user, domain=[("order_id", "=", order.id)])[order.name]

    def _bars(self, order, kind, user=None):
        return [bar for bar in self._row(order, user)["bars"] if bar["kind"] == kind]

    # What is drawn

    def test_an_order_is_drawn_from_review_to_delivery(self):
        """D2: review, notice, stages, manufacturing order, delivery, promise."""
        order = self._create_promised(20)
        self._approve(self._request_review(order))
        notice = self._confirm(order)
        row = self._row(order)
        self.assertEqual(row["partner"], "Vehicle Plant")
        self.assertEqual(row["promised"], "2026-12-22 10:00:00")
        kinds = [bar["kind"] for bar in row["bars"]]
        stages = ["stage"] * len(notice.stage_ids)
        self.assertEqual(kinds, ["review", "notice", *stages, "production", "delivery"])
        self.assertEqual({bar["name"] for bar in row["bars"]} & {notice.name}, {notice.name})

    def test_a_running_review_lasts_until_today_and_names_who_is_awaited(self):
        """D2, B1: no end yet, and the departments that have not answered."""
        order = self._create_order(5)
        review = self._request_review(order)
        self._sign(review, self.engineer)
        [bar] = self._bars(order, "review")
        self.assertEqual((bar["look"], bar["start"], bar["end"]), ("running", NOW, False))
        self.assertIn(["Waiting for", "Production and Quality Control"], bar["facts"])
        self._sign(review, self.producer)
        self._sign(review, self.inspector)
        [bar] = self._bars(order, "review")
        self.assertEqual((bar["look"], bar["end"], bar["facts"]), ("done", NOW, []))

    def test_a_void_notice_stays_beside_its_successor(self):
        """D2, C2: void from the day on which it was voided; its manufacturing order too."""
        order = self._confirm_on_time()
        self._cancel(order)
        order.with_user(self.seller).action_draft()
        self._confirm(order)
        self.assertEqual([bar["look"] for bar in self._bars(order, "notice")], ["void", "running"])
        self.assertEqual(self._bars(order, "notice")[0]["end"], NOW)
        looks = [bar["look"] for bar in self._bars(order, "production")]
        self.assertCountEqual(looks, ["void", "planned"])
        notices = self._notices(order)
        shown = {bar["id"] for bar in self._bars(order, "stage")}
        self.assertEqual(shown, {notices[-1].id}, "stages of void notices are planned no more")

    def test_a_manufacturing_order_fills_as_it_is_made(self):
        """D2: planned, then under way with its share, then done."""
        order = self._confirm_on_time()
        production = self._productions()[-1]
        [bar] = self._bars(order, "production")
        self.assertEqual((bar["look"], bar["progress"]), ("planned", 0))
        production.qty_producing = 2
        [bar] = self._bars(order, "production")
        self.assertEqual((bar["look"], bar["progress"]), ("running", 40))
        self.assertIn(["Quantity", "2 of 5 Units"], bar["facts"])
        self._finish(production)
        [bar] = self._bars(order, "production")
        self.assertEqual((bar["look"], bar["progress"]), ("done", 100))

    def test_a_shared_manufacturing_order_is_drawn_for_each_order(self):
        """D1, D2: one order made for two customers."""
        first, second = self._confirm_on_time(), self._confirm_on_time()
        productions = self._productions()
        productions.action_merge()
        merged = self._productions()[-1]
        for order in first, second:
            live = [b for b in self._bars(order, "production") if b["look"] != "void"]
            self.assertEqual([bar["id"] for bar in live], [merged.id])

    def test_a_stage_is_a_mark_at_the_day_on_which_it_was_done(self):
        """D2: planned day against the real one."""
        order = self._confirm_on_time()
        stage = self._notices(order).stage_ids[0]
        stage.with_user(self.producer).action_done()
        bars = {bar["name"]: bar for bar in self._bars(order, "stage")}
        bar = bars.pop(stage.name)
        self.assertEqual((bar["start"], bar["end"]), (False, "2026-12-02"))
        self.assertEqual((bar["planned"], bar["look"]), ("2026-12-20", "done"))
        self.assertEqual({bar["look"] for bar in bars.values()}, {"planned"})

    def test_other_documents_add_bars_of_their_own(self):
        """D2: the hook for what comes later, such as changes of the order."""
        order = self._confirm_on_time()

        def extra(orders):
            partner = orders.env.user.partner_id
            vals = {"record": partner, "name": "OC/1", "end": fields.Date.to_date("2026-12-04")}
            return {orders[0]: [vals | {"late": True}]}

        self.patch(self.registry["sale.order"], "_get_quality_timeline_extra", extra)
        [bar] = self._bars(order, "other")
        self.assertEqual((bar["model"], bar["name"]), ("res.partner", "OC/1"))
        self.assertTrue(self._row(order)["late"])

    # What is late

    def _assert_late(self, order, is_late, kind=None):
        """The row, its filter and its bars say the same."""
        row = self._row(order)
        found = self._picture(domain=[("is_late", "=", True)])
        red = {bar["kind"] for bar in row["bars"] if bar["late"]}
        self.assertEqual((row["late"], order.name in found), (is_late, is_late))
        self.assertEqual(red, {kind} if kind else set())

    def test_an_order_whose_plan_keeps_the_promise_is_not_late(self):
        """D2: everything is due before the promise, and nothing before today."""
        self._assert_late(self._confirm_on_time(), False)

    def test_manufacturing_planned_past_the_promise_is_late(self):
        """D2: seen before it happens."""
        order = self._confirm_on_time()
        self._productions()[-1].date_finished = fields.Datetime.now() + timedelta(days=21)
        self._assert_late(order, True, "production")

    def test_manufacturing_that_should_be_over_is_late(self):
        """D2: planned to end yesterday, and still open."""
        order = self._confirm_on_time()
        self._productions()[-1].write(
            {"date_start": "2026-11-20 08:00:00", "date_finished": "2026-12-01 08:00:00"}
        )
        self._assert_late(order, True, "production")

    def test_a_stage_before_today_or_after_the_promise_is_late(self):
        """D2: until it is ticked off."""
        order = self._confirm_on_time()
        stages = self._notices(order).stage_ids
        stages[0].date_due = "2026-12-01"
        self._assert_late(order, True, "stage")
        stages[0].with_user(self.producer).action_done()
        self._assert_late(order, False)
        stages[1].date_due = "2026-12-23"
        self._assert_late(order, True, "stage")

    def test_a_delivery_after_the_promise_is_late(self):
        """D2: also once it was made."""
        order = self._confirm_on_time()
        order.picking_ids.scheduled_date = fields.Datetime.now() + timedelta(days=21)
        self._assert_late(order, True, "delivery")

    def test_the_day_of_the_promise_is_not_late(self):
        """D2: whole days count, in the zone of whoever looks."""
        order = self._confirm_on_time()
        picking = order.picking_ids
        picking.scheduled_date = "2026-12-22 22:30:00"
        self._assert_late(order, False)
        self.env = self.env(context={**self.env.context, "tz": "Asia/Shanghai"})
        self._assert_late(order, True, "delivery")  # there it is the 23rd already

    def test_a_promise_that_is_past_is_late(self):
        """D2: whatever the plan says."""
        order = self._confirm_on_time()
        order.commitment_date = "2026-12-01 10:00:00"
        row = self._row(order)
        self.assertTrue(row["late"])

    def test_a_delivered_order_is_not_late_any_more(self):
        """D2: it is not open either, but can be looked for."""
        order = self._confirm_on_time()
        notice = self._notices(order)
        self._finish(self._productions()[-1])
        order.picking_ids.move_ids.write({"quantity": 5, "picked": True})
        order.picking_ids.button_validate()
        notice.with_user(self.producer).action_done()
        order.commitment_date = "2026-12-01 10:00:00"
        self.assertNotIn(order.name, self._picture(domain=[("is_open", "=", True)]))
        self.assertNotIn(order.name, self._picture(domain=[("is_late", "=", True)]))
        [bar] = self._bars(order, "delivery")
        self.assertTrue(bar["late"], "it came after the promise, and that stays visible")

    def test_an_overdue_review_is_late(self):
        """D2, F3: the deadline of the departments has passed."""
        self.env["quality.deadline.policy"].create(
            {
                "name": "Two hours",
                "kind_id": self.env.ref("customer_quality.deadline_kind_opinion").id,
                "company_id": self.company.id,
                "amount": 2,
                "unit": "hours",
            }
        )
        order = self._create_promised(20)
        self._request_review(order)
        self._assert_late(order, False)
        with freeze_time("2026-12-02 13:00:00"):
            self._assert_late(order, True, "review")

    # Search, order, pages

    def test_the_earliest_promise_comes_first(self):
        """D2: an order without an agreed date stands where Odoo expects it."""
        late, soon = self._confirm_on_time(30), self._confirm_on_time(10)
        middle = self._create_order(5)
        self._confirm(middle)
        middle.order_line.customer_lead = 20
        mine = [("order_id", "in", (late | soon | middle).ids)]
        self.assertEqual(list(self._picture(domain=mine)), [soon.name, middle.name, late.name])
        self.assertEqual(self._row(middle)["promised"], "2026-12-22 10:00:00")

    def test_orders_are_found_by_customer_product_and_salesperson(self):
        """D2: the ways in which people ask for an order."""
        order = self._confirm_on_time()
        other = self._confirm_on_time(product=self._create_made("Rare Valve"))
        other.partner_id = self.env["res.partner"].create({"name": "Ship Yard"})
        for domain in (
            [("partner_id", "child_of", other.partner_id.id)],
            [("product_id", "ilike", "Rare")],
            [("product_id", "=", other.order_line.product_id.id)],
            [("name", "ilike", other.name)],
        ):
            with self.subTest(domain):
                self.assertEqual(list(self._picture(domain=domain)), [other.name])
        found = self._picture(domain=[("user_id", "=", self.seller.id)])
        self.assertEqual(set(found), {order.name, other.name})

    def test_pages_hold_two_hundred_orders_at_most(self):
        """D2: whatever is asked for."""
        self.env["sale.order"].create([self._prepare_plain()] * 205)
        Timeline = self.env["quality.order.timeline"].with_user(self.seller)
        page = Timeline.get_quality_timeline(limit=1000)
        self.assertEqual((len(page["orders"]), page["total"]), (200, 205))
        rest = Timeline.get_quality_timeline(offset=200)
        self.assertEqual((len(rest["orders"]), rest["total"]), (5, 205))

    def _prepare_plain(self):
        return {
            "partner_id": self.customer.id,
            "user_id": self.seller.id,
            "company_id": self.company.id,
            "warehouse_id": self.warehouse.id,
        }

    # Rights

    def test_nothing_in_the_picture_is_a_price(self):
        """M5: neither a field of the rows nor anything in the bars."""
        order = self._confirm_on_time()
        amounts = {"monetary"}
        fields_ = self.env["quality.order.timeline"]._fields.values()
        self.assertFalse([field.name for field in fields_ if field.type in amounts])
        self.assertNotIn("500", str(self._row(order, self.producer)["bars"]))

    def test_a_salesperson_sees_own_orders_only(self):
        """Rights: as with the orders themselves."""
        other = self._create_user("other_seller", f"{BASE},sales_team.group_sale_salesman")
        mine = self._confirm_on_time()
        foreign = self._confirm_on_time(user=other)
        self.assertEqual(set(self._picture(other)), {foreign.name})
        self.assertNotIn(foreign.name, self._picture())
        self.assertIn(mine.name, self._picture())

    def test_other_companies_see_nothing(self):
        """Rights: multi-company."""
        order = self._confirm_on_time()
        abroad = self.env["res.company"].create({"name": "Abroad Ltd."})
        groups = f"{BASE},sales_team.group_sale_manager,mrp.group_mrp_manager"
        stranger = self._create_user("stranger", groups, abroad)
        self.assertNotIn(order.name, self._picture(stranger))

    def test_customers_and_people_without_a_role_are_refused(self):
        """Rights: refused on the server, not by a hidden menu."""
        portal = self._create_user("timeline_customer", "base.group_portal")
        self._confirm_on_time(partner_id=portal.partner_id.id)
        for user in portal | self.nobody:
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._picture(user)

    def test_everybody_sees_the_documents_that_they_may_read(self):
        """Rights: quality reads reviews and notices; the shop floor its orders besides."""
        order = self._create_promised(20)
        self._request_review(order)
        self._confirm(order)
        expected = {
            self.inspector: {"review", "notice", "stage"},
            self.engineer: {"review", "notice", "stage"},
            self.auditor: {"review", "notice", "stage"},
            self.producer: {"review", "notice", "stage", "production", "delivery"},
            self.storekeeper: {"notice", "stage", "production", "delivery"},
            self.seller: {"review", "notice", "stage", "production", "delivery"},
        }
        for user, kinds in expected.items():
            with self.subTest(user.login):
                self.assertEqual({bar["kind"] for bar in self._row(order, user)["bars"]}, kinds)

    def test_who_reads_no_orders_sees_those_with_quality_documents(self):
        """Rights: no more names of orders and customers than documents tell anyway."""
        plain = self._create_order(5)
        self.assertIn(plain.name, self._picture())
        self.assertNotIn(plain.name, self._picture(self.inspector))
        self._request_review(plain)
        self.assertIn(plain.name, self._picture(self.inspector))

    def test_only_what_the_user_may_open_can_be_clicked(self):
        """Rights: Odoo's forms of both show lots, which sales may not read."""
        order = self._confirm_on_time()
        for user, opens_order, opens_stock in (
            (self.seller, True, False),
            (self.producer, True, True),
            (self.storekeeper, True, True),
        ):
            with self.subTest(user.login):
                for kind in "production", "delivery":
                    [bar] = self._bars(order, kind, user)
                    self.assertEqual(bar["opens"], opens_stock)
                self.assertEqual(self._row(order, user)["opens"], opens_order)
        self.assertFalse(self._row(order, self.inspector)["opens"])

    def test_nobody_writes_the_picture(self):
        """Rights: it is a view."""
        for user in self.seller | self.quality_manager | self.producer:
            for operation in ("create", "write", "unlink"):
                model = self.env["quality.order.timeline"].with_user(user)
                self.assertFalse(model.has_access(operation))

    # Ways in

    def test_the_order_and_its_notice_open_the_picture(self):
        """D2: found again by the number, also for whoever reads no orders."""
        order = self._confirm_on_time()
        action = order.with_user(self.seller).action_open_quality_timeline()
        self.assertEqual(action["context"], {"search_default_name": order.name})
        self.assertEqual(action["tag"], "quality_order_timeline")
        notice = self._notices(order).with_user(self.inspector)
        self.assertEqual(notice.action_open_timeline(), action)

    # Cost

    def _count(self, user, orders):
        Timeline = self.env["quality.order.timeline"].with_user(user)
        domain = [("order_id", "in", orders.ids)]
        for _warm in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = Timeline.get_quality_timeline(domain)
        self.assertEqual(len(found["orders"]), len(orders))
        return self.env.cr.sql_log_count - before

    def test_many_orders_cost_as_many_queries_as_one(self):
        """D2, batch first: at most 45 queries for a page, for one order as for thirty."""
        orders = self.env["sale.order"].union(
            *(self._create_promised(day, 3, 4) for day in range(10, 40))
        )
        orders.with_user(self.seller).action_request_quality_review()
        self._confirm(orders)
        for user in self.seller, self.producer, self.inspector:
            with self.subTest(user.login):
                one, many = self._count(user, orders[0]), self._count(user, orders)
                self.assertLessEqual(many, one, "one query more for some orders is one too many")
                self.assertLessEqual(many, 45)
