from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, freeze_time, tagged

from .common import BASE
from .progress_common import WEDNESDAY, ProgressCase

NOTICE = "quality.production.notice"
DIGEST = "quality.progress.digest"


def after(days, hour=10):
    """Return the moment that many days after the Wednesday of these tests."""
    return WEDNESDAY.replace(hour=hour) + timedelta(days=days)


@tagged("post_install", "-at_install")
class TestPlan(ProgressCase):
    """Planned and real dates, and engineering's check of the plan (D2)."""

    def setUp(self):
        super().setUp()
        self.company.quality_plan_check = True
        self.notice, self.production = self._start_order(10)
        self.stage = self.notice.stage_ids[0]

    def _check(self, answer="agree", reason=""):
        return self._sign(self.notice, self.engineer, answer, reason)

    def test_the_first_plan_is_kept(self):
        """D2: planned, moved, real; and by how many days it was late."""
        planned = self.stage.date_due
        self.stage.with_user(self.producer).date_due = planned + timedelta(days=2)
        self.assertEqual(self.stage.date_planned, planned)
        with self.assertRaises(AccessError):
            self.stage.with_user(self.producer).date_planned = fields.Date.today()
        with freeze_time(WEDNESDAY.combine(planned, WEDNESDAY.time()) + timedelta(days=5)):
            self.stage.with_user(self.producer).action_done()
        self.assertEqual(self.stage.days_late, 3)

    def test_the_first_date_is_the_first_plan(self):
        """D2: a stage without a date is planned by who gives it one."""
        stage = (
            self.env["quality.production.notice.stage"]
            .with_user(self.producer)
            .create(
                {
                    "notice_id": self.notice.id,
                    "name": "Trial run",
                    "role_id": self._role("production").id,
                    "date_planned": "2020-01-01",
                }
            )
        )
        self.assertFalse(stage.date_planned)
        stage.date_due = "2031-03-20"
        self.assertEqual(str(stage.date_planned), "2031-03-20")

    def test_engineering_signs_the_plan(self):
        """D2, M1: stages, dates and owners are what is signed."""
        self.assertEqual(self.notice.plan_check_state, "asked")
        self.assertTrue(self.notice.with_user(self.engineer).is_plan_mine)
        self.assertFalse(self.notice.with_user(self.producer).is_plan_mine)
        self._check()
        self.assertEqual(self.notice.plan_check_state, "agree")
        content = self.notice.opinion_ids.signature_id.content
        self.assertIn(str(self.stage.date_due), content)
        self.assertFalse(self.notice.activity_ids.filtered(lambda a: a.user_id == self.seller))

    def test_an_objection_is_the_responsibles_to_settle(self):
        """D2: who answers for the notice hears the reason, moves the plan and asks again."""
        self._check("object", "The fixture takes three weeks")
        self.assertEqual(self.notice.plan_check_state, "object")
        self.assertEqual(self.notice.plan_check_text, "The fixture takes three weeks")
        activity = self.notice.activity_ids.filtered(lambda a: a.user_id == self.seller)
        self.assertIn("fixture", activity.note)
        found = self._find(NOTICE, ("plan_answer", "=", "object"))
        self.assertEqual(found, self.notice)
        self.notice.with_user(self.seller).action_request_plan_check()
        self.assertFalse(self.notice.activity_ids.filtered(lambda a: a.user_id == self.seller))
        self._check()
        self.assertEqual(self.notice.plan_check_state, "agree")

    def test_a_plan_that_moved_is_not_the_one_that_was_checked(self):
        """D2: another date or owner shows, until engineering has signed it again."""
        self._check()
        self.stage.with_user(self.producer).user_id = self.producer
        self.assertEqual(self.notice.plan_check_state, "moved")
        self.assertTrue(self.notice.can_ask_plan)
        self.notice.with_user(self.producer).action_request_plan_check()
        with self.assertRaisesRegex(UserError, "asked"):
            self.notice.with_user(self.producer).action_request_plan_check()
        self._check()
        self.assertEqual(self.notice.plan_check_state, "agree")

    def test_nobody_is_asked_by_default_and_on_what_is_over(self):
        """D2: with the setting off nothing is asked; a void notice asks nobody any more."""
        self._cancel(self.notice.order_id)
        self.assertEqual(self.notice.opinion_ids.state, "void")
        with self.assertRaises(UserError):
            self.notice.with_user(self.seller).action_request_plan_check()
        self.company.quality_plan_check = False
        notice = self._start_order(1)[0]
        self.assertFalse(notice.opinion_ids)
        self.assertFalse(notice.can_ask_plan)

    def test_who_may_not_ask(self):
        """D2: strangers don't ask; nobody writes the answer."""
        self._check()
        with self.assertRaises(AccessError):
            self.notice.with_user(self.nobody).action_request_plan_check()
        for user in self.seller | self.producer | self.inspector:
            with self.assertRaises(AccessError):
                self.notice.with_user(user).plan_answer = "object"

    def test_without_engineering_nobody_is_asked(self):
        """B1, D2: a company that has no such function checks no plan."""
        self._assign("engineering", self.engineer).write(
            {"not_applicable": True, "reason": "Bought designs"}
        )
        self.assertFalse(self._start_order(1)[0].opinion_ids)


@tagged("post_install", "-at_install")
class TestProgress(ProgressCase):
    """How far, when anything moved last, and what stands still (D2)."""

    def setUp(self):
        super().setUp()
        self.notice, self.production = self._start_order(10)
        self.order = self.notice.order_id

    def _idle(self):
        self.env.invalidate_all()
        found = self.env[NOTICE].search([("is_idle", "=", True)])
        self.assertEqual(self.notice in found, self.notice.is_idle)
        orders = self.env["sale.order"].search([("quality_is_idle", "=", True)])
        self.assertEqual(self.order in orders, self.order.quality_is_idle)
        self.assertEqual(self.order.quality_is_idle, self.notice.is_idle)
        return self.notice.is_idle

    def test_what_says_most_counts(self):
        """D2: quantity on the order, work orders, or reports; none of them is needed."""
        self.assertEqual(self.notice.progress, 0)
        self._file({self.production: "4"})
        self.env.invalidate_all()
        self.assertAlmostEqual(self.notice.progress, 40)
        self.production.qty_producing = 6
        self.env.invalidate_all()
        self.assertAlmostEqual(self.order.quality_progress, 60)
        self._finish(self.production)
        self.env.invalidate_all()
        self.assertAlmostEqual(self.notice.progress, 100)

    def test_work_orders_count(self):
        """D2: one of two operations is half of the way."""
        self._create_center("Saw", "Cut")
        self._create_center("Booth", "Weld")
        notice, production = self._start_order(4)
        first = production.workorder_ids[0]
        first.button_start()
        first.button_finish()
        self.env.invalidate_all()
        self.assertAlmostEqual(notice.progress, 50)

    def test_the_first_step_is_not_the_product(self):
        """D2: a workshop that does not finish the goods moves the notice, not its percentage."""
        self.workshop.is_finishing = False
        with freeze_time(after(1)):
            self._file({self.production: "10"})
            self.env.invalidate_all()
            self.assertEqual(self.notice.progress, 0)
            self.assertEqual(self.notice.date_moved.date(), after(1).date())

    def test_without_movement_stands_out(self):
        """D2: five whole working days without anything; the week-end does not count."""
        with freeze_time(after(7)):
            self.assertFalse(self._idle())
        with freeze_time(after(8)):
            self.assertTrue(self._idle())
            self.company.quality_idle_days = 6
            self.assertFalse(self._idle())
            self.company.quality_idle_days = 0
            self.assertFalse(self._idle())

    def test_holidays_do_not_count(self):
        """D2: over a week of holidays nothing stands still."""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Golden Week",
                "company_id": self.company.id,
                "calendar_id": self.company.resource_calendar_id.id,
                "date_from": after(1, 0),
                "date_to": after(8, 23),
            }
        )
        with freeze_time(after(9)):
            self.assertFalse(self._idle())
        with freeze_time(after(16)):
            self.assertTrue(self._idle())

    def test_any_movement_counts(self):
        """D2: a report, a stage, a work order, a produced piece; "no change" is none."""
        moves = {
            "report": lambda: self._file({self.production: "1"}),
            "stage": lambda: self.notice.stage_ids[0].with_user(self.producer).action_done(),
            "finished": lambda: self._finish(self.production),
        }
        day = 0
        for name, move in moves.items():
            day += 10
            with self.subTest(name), freeze_time(after(day)):
                self.assertTrue(self._idle())
                move()
                self.assertFalse(self._idle())
        day += 10
        with freeze_time(after(day)):
            self._start_order(1)
            self._file(is_unchanged=True)
            self.assertTrue(self._idle())

    def test_a_running_work_order_is_movement(self):
        """D2: started at the machine, nothing finished yet."""
        self._create_center("Saw", "Cut")
        notice, production = self._start_order(4)
        with freeze_time(after(10)):
            self.assertTrue(notice.is_idle)
            production.workorder_ids.button_start()
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE mrp_workcenter_productivity SET date_start = %s WHERE workorder_id = %s",
                [after(10), production.workorder_ids.id],
            )
            self.env.invalidate_all()
            self.assertFalse(notice.is_idle)

    def test_what_was_delivered_or_voided_does_not_stand_out(self):
        """D2: the list names what somebody still has to move."""
        self._finish(self.production)
        picking = self.order.picking_ids
        picking.move_ids.picked = True
        picking.move_ids.quantity = 10
        picking.button_validate()
        with freeze_time(after(20)):
            self.assertEqual(self.order.delivery_status, "full")
            self.assertFalse(self._idle())
        other = self._start_order(1)[0]
        self._cancel(other.order_id)
        with freeze_time(after(20)):
            self.assertFalse(other.is_idle)

    def test_lists_cost_the_same_for_few_and_for_many(self):
        """D2: progress of many notices and orders is looked up together."""

        def read(records, names):
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            records.web_read({name: {} for name in names})
            return self.env.cr.sql_log_count - start

        notices = self.notice
        for _count in range(5):
            notices |= self._start_order(2)[0]
        self._file({self.production: "4"})
        fields_of_notice = ("progress", "date_moved", "is_idle", "current_stage")
        fields_of_order = ("quality_progress", "quality_date_moved", "quality_is_idle")
        orders = self.env["sale.order"].browse(notices.order_id.ids)
        for records, names in ((notices, fields_of_notice), (orders, fields_of_order)):
            read(records, names)
            self.assertLessEqual(read(records, names), read(records[:1], names))

    def test_screens_open_for_each_reader(self):
        """D2: notice and order show it to whoever reads them."""
        for user in self.producer | self.inspector | self.seller | self.auditor:
            Form(self.notice.with_user(user))
        Form(self.order.with_user(self.seller))


@tagged("post_install", "-at_install")
class TestDigest(ProgressCase):
    """One mail a day to each salesperson about their orders in production (D2)."""

    def setUp(self):
        super().setUp()
        self.is_on = True
        self.notice, self.production = self._start_order(10)

    def _send(self):
        self.env["res.company"].search([]).quality_progress_digest = False
        self.company.quality_progress_digest = self.is_on
        before = self.env["mail.mail"].search([])
        self._run_cron("ir_cron_progress_digest")
        return self.env["mail.mail"].search([]) - before

    def test_one_mail_a_day(self):
        """D2: orders, stage, how far, promise; once a day, however often the action runs."""
        mail = self._send()
        self.assertEqual(mail.recipient_ids, self.seller.partner_id)
        self.assertEqual(mail.state, "outgoing")
        for word in (self.notice.order_id.name, "Vehicle Plant", "0 %", "Process documents"):
            self.assertIn(word, mail.body_html)
        self.assertFalse(self._send())
        with freeze_time(after(1)):
            self.assertTrue(self._send())

    def test_what_stands_out_comes_first(self):
        """D2: late ones and those without movement are named, and counted in the subject."""
        urgent = self._start_order(2, days=4)[0]
        with freeze_time(after(10)):
            fresh = self._start_order(1, days=60)[0]
            mail = self._send()
        self.assertIn("2 of 3", mail.subject)
        self.assertIn("Promised 6 days ago", mail.body_html)
        self.assertIn("Nothing has moved since", mail.body_html)
        places = [mail.body_html.index(n.order_id.name) for n in (urgent, self.notice, fresh)]
        self.assertEqual(places, sorted(places))

    def test_a_delay_that_is_expected_is_named(self):
        """D2, D3: before the promise has passed."""
        self.env["quality.delay"]._report(
            [{"notice_id": self.notice.id, "date_expected": after(33).date()}]
        )
        self.assertIn("Expected 3 days after its promise", self._send().body_html)

    def test_nothing_to_say_no_mail(self):
        """D2: without orders in production, and without the setting, nobody is written to."""
        self.is_on = False
        self.assertFalse(self._send())
        self.is_on = True
        self._cancel(self.notice.order_id)
        self.assertFalse(self._send())
        self.assertFalse(self._find(DIGEST))

    def test_each_reads_about_own_orders_in_own_language(self):
        """D2: nobody reads of a colleague's orders."""
        self.env["res.lang"]._activate_lang("fr_FR")
        other = self._create_user("other_seller", f"{BASE},sales_team.group_sale_salesman")
        other.lang = "fr_FR"
        order = self._create_order(1, user=other)
        notice = self._confirm(order, user=other)
        mails = {mail.recipient_ids: mail for mail in self._send()}
        self.assertEqual(set(mails), {self.seller.partner_id, other.partner_id})
        self.assertIn(notice.order_id.name, mails[other.partner_id].body_html)
        self.assertNotIn(self.notice.order_id.name, mails[other.partner_id].body_html)

    def test_mark_and_mail_come_together(self):
        """D2: where the mail can't be queued, nothing is marked, and it is sent the next time."""
        mails = self.env.registry["mail.mail"]
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.patch(mails, "create", lambda *args: 1 / 0)
            self.env[DIGEST]._send_to(self.company, self.seller)
        self.assertFalse(self._find(DIGEST))

    def test_no_price(self):
        """M5: the digest names no amount."""
        self.product.list_price = 4321
        self._start_order(3)
        self.assertNotIn("4321", self._send().body_html)


@tagged("post_install", "-at_install")
class TestPortal(ProgressCase, HttpCase):
    """The customer sees how far the order is, in plain words (D2)."""

    def _step(self, order):
        self.env.invalidate_all()
        progress = order._get_quality_portal_progress()
        return progress and progress["step"]

    def test_in_plain_words_from_the_order_to_the_delivery(self):
        """D2: received, under review, planned, in production, ready, delivered."""
        self.company.quality_portal_progress = True
        order = self._create_order(10, commitment_date=after(30))
        self.assertFalse(self._step(order))  # an offer
        order.quality_order_in_hand = True
        self.assertEqual(self._step(order), "received")
        review = self._request_review(order)
        self.assertEqual(self._step(order), "review")
        self._approve(review)
        notice = self._confirm(order)
        self.assertEqual(self._step(order), "planned")
        self._file({notice.production_ids: "1"})
        self.assertEqual(self._step(order), "production")
        self._finish(notice.production_ids)
        self.assertEqual(self._step(order), "ready")
        picking = order.picking_ids
        picking.move_ids.picked = True
        picking.move_ids.quantity = 10
        picking.button_validate()
        self.assertEqual(self._step(order), "delivered")
        self.assertEqual(order._get_quality_portal_progress()["date"], after(30).date())

    def test_the_page_says_a_word_and_a_date(self):
        """D2: nothing internal stands on the customer's page."""
        notice = self._start_order(10)[0]
        url = notice.order_id.get_portal_url()
        self.assertNotIn("quality_progress", self.url_open(url).text)
        self.company.quality_portal_progress = True
        self.env.flush_all()
        page = self.url_open(url).text
        self.assertIn('aria-current="step"', page)
        self.assertIn("Promised date:", page)
        for secret in (notice.name, "Process documents", self.producer.name):
            self.assertNotIn(secret, page)

    def test_a_part_in_stock_is_not_ready(self):
        """D2: the customer is not told that all is ready while one piece of ten is."""
        self.company.quality_portal_progress = True
        self._put_in_stock(self.product, 1)
        order = self._start_order(10)[0].order_id
        order.picking_ids.action_assign()
        self.assertEqual(order.picking_ids.state, "assigned")
        self.assertEqual(self._step(order), "planned")
        self._put_in_stock(self.product, 9)
        order.picking_ids.action_assign()
        self.assertEqual(self._step(order), "ready")
        codes = [code for code, _words in order._get_quality_portal_progress()["steps"]]
        self.assertNotIn("review", codes)  # nobody has reviewed it

    def test_nothing_of_a_cancelled_order(self):
        """D2: what was cancelled is on no way."""
        self.company.quality_portal_progress = True
        order = self._start_order(1)[0].order_id
        self._cancel(order)
        self.assertFalse(self._step(order))
