from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import BASE
from .progress_common import WEDNESDAY, ProgressCase

DELAY = "quality.delay"
CAUSE = "customer_quality.change_cause_material"


def after(days, hour=10):
    """Return the moment that many days after the Wednesday of these tests."""
    return WEDNESDAY.replace(hour=hour) + timedelta(days=days)


class DelayCase(ProgressCase):
    """A company that watches for delays, and one order promised in thirty days."""

    def setUp(self):
        super().setUp()
        self.company.quality_delay_watch = True
        self.notice, self.production = self._start_order(10)
        self.order = self.notice.order_id
        self.promised = self.notice.date_promised

    def _watch(self):
        self._run_cron("ir_cron_delay")
        return self._find(DELAY)

    def _plan(self, date):
        self.production.write({"date_start": date - timedelta(hours=2), "date_finished": date})

    def _open_delay(self, days=4):
        self._plan(self.promised + timedelta(days=days))
        return self._watch()

    def _report(self, user=None, notices=None, **values):
        """Report a delay in the dialog, as somebody does from the notice."""
        user = user or self.producer
        action = (notices or self.notice).with_user(user).action_report_delay()
        form = Form(
            self.env["quality.delay.report"].with_user(user).with_context(**action["context"])
        )
        form.date_expected = values.pop("date_expected", (self.promised + timedelta(days=7)).date())
        form.cause_id = self.env.ref(CAUSE)
        form.reason = "The castings are cracked"
        for name, value in values.items():
            form[name] = value
        opened = form.save().action_confirm()
        return self.env[DELAY].browse(opened.get("res_id") or [])

    def _ship(self):
        self._finish(self.production)
        picking = self.order.picking_ids
        picking.move_ids.quantity = 10
        picking.move_ids.picked = True
        picking.button_validate()


@tagged("post_install", "-at_install")
class TestDelayWatch(DelayCase):
    """A delay is seen before it happens, counted, and closes by itself (D3)."""

    def test_a_plan_inside_the_promise_is_none(self):
        """D3: as planned, nothing is late; nor with the setting off."""
        self.assertFalse(self._watch())
        self.company.quality_delay_watch = False
        self.assertFalse(self._open_delay())

    def test_seen_before_it_happens(self):
        """D3: the plan of a manufacturing order ends after the promise."""
        delay = self._open_delay(4)
        self.assertEqual((delay.state, delay.source, delay.days), ("open", "foreseen", 4))
        self.assertEqual(delay.production_id, self.production)
        self.assertEqual(delay.order_id, self.order)
        self.assertTrue(self.notice.is_delayed)
        self.assertEqual(self.production.quality_delay_days, 4)
        self.assertEqual(self.order.quality_delay_days, 4)
        self.assertEqual(self.order.action_view_quality_delays()["res_id"], delay.id)
        found = self._find("quality.production.notice", ("is_delayed", "=", True))
        self.assertEqual(found, self.notice)

    def test_a_stage_past_the_promise_is_seen_too(self):
        """D3: not only manufacturing orders are planned."""
        stage = self.notice.stage_ids[1]
        stage.with_user(self.producer).date_due = self.promised.date() + timedelta(days=2)
        delay = self._watch()
        self.assertEqual((delay.stage_id, delay.days), (stage, 2))

    def test_a_promise_that_has_passed_is_a_delay(self):
        """D3: what was not shipped by the promised day is late, whatever the plan says."""
        with freeze_time(self.promised + timedelta(days=3)):
            self.assertEqual(self._watch().days, 3)

    def test_one_open_delay_whatever_happens(self):
        """D3: the next passes count the same delay anew."""
        self._open_delay(4)
        self._plan(self.promised + timedelta(days=9))
        delay = self._watch()
        self.assertEqual((len(delay), delay.days, delay.days_most), (1, 9, 9))

    def test_it_asks_for_cause_remedy_and_owner(self):
        """D3: an action of production, and the responsible of the notice is told."""
        delay = self._open_delay()
        action = delay.task_ids
        self.assertEqual((action.role_id.code, action.user_id), ("production", self.producer))
        self.assertEqual(action.order_id, self.order)
        self.assertIn(self.order.name, action.title)
        self.assertEqual(delay.user_id, self.seller)
        told = delay.activity_ids.filtered(lambda act: act.user_id == self.seller)
        self.assertIn("4 days", told.note)
        self.assertIn("4 days", self.notice.message_ids[0].body)

    def test_back_inside_the_promise_it_closes(self):
        """D3: averted, without a day; what was asked for is called off."""
        delay = self._open_delay(4)
        self._plan(self.promised - timedelta(days=1))
        self._watch()
        self.assertEqual((delay.state, delay.outcome), ("closed", "averted"))
        self.assertEqual((delay.days, delay.days_most), (0, 4))
        self.assertEqual(delay.phase, "closed")
        self.assertEqual(delay.task_ids.state, "cancelled")
        self.assertFalse(delay.activity_ids)

    def test_shipped_it_closes_with_its_real_days(self):
        """D3: days are counted from the promise to the day of shipment; cause is still owed."""
        delay = self._open_delay(4)
        with freeze_time(self.promised + timedelta(days=6)):
            self._ship()
            self._watch()
        self.assertEqual((delay.state, delay.outcome, delay.days), ("closed", "shipped", 6))
        self.assertEqual(delay.task_ids.state, "open")

    def test_shipped_in_time_after_all(self):
        """D3: the day of shipment decides, not what was feared."""
        delay = self._open_delay(4)
        with freeze_time(self.promised - timedelta(days=1)):
            self._ship()
            self._watch()
        self.assertEqual((delay.outcome, delay.days, delay.days_most), ("shipped", 0, 4))

    def test_another_date_was_agreed(self):
        """D3: the days that the customer has conceded are counted."""
        delay = self._open_delay(4)
        self.order.commitment_date = self.promised + timedelta(days=5)
        self._watch()
        self.assertEqual((delay.outcome, delay.days), ("agreed", 5))
        self.assertEqual(len(self._watch()), 1)

    def test_a_date_that_is_not_kept_either_is_still_late(self):
        """D3: a new date before the end of the plan solves nothing."""
        delay = self._open_delay(9)
        self.order.commitment_date = self.promised + timedelta(days=5)
        self._watch()
        self.assertEqual((delay.state, delay.days), ("open", 9))

    def test_a_cancelled_order_is_not_late(self):
        """D3: nobody waits for it any more."""
        delay = self._open_delay()
        self._cancel(self.order)
        self._watch()
        self.assertEqual((delay.state, delay.outcome, delay.days), ("closed", "cancelled", 0))

    def test_a_new_notice_goes_on_with_the_delay(self):
        """C2, D3: the successor of a notice is looked at, not a cancelled order."""
        delay = self._open_delay(4)
        self._cancel(self.order)
        self.order.action_draft()
        self._confirm(self.order)
        production = self.order.stock_reference_ids.production_ids.filtered(
            lambda mo: mo.state == "confirmed"
        )
        production.date_finished = self.promised + timedelta(days=4)
        self._watch()
        self.assertEqual(delay.state, "open")

    def test_one_in_trouble_holds_up_no_other(self):
        """D3: the rest of a batch is looked at one by one; the cause is logged."""
        other, production = self._start_order(3)
        for order in self.production | production:
            order.date_finished = self.promised + timedelta(days=4)
        watch = type(self.env[DELAY])._prepare_delay_vals
        trouble = self.notice

        def prepare(delay, notice, people):
            if notice == trouble:
                raise ValueError(notice)
            return watch(delay, notice, people)

        self.patch(self.env.registry[DELAY], "_prepare_delay_vals", prepare)
        with self.assertLogs("odoo.addons.customer_quality.models.progress.delay_watch", "ERROR"):
            self.assertEqual(self._watch().notice_id, other)

    def test_many_notices_cost_few_queries_more(self):
        """D3: what ends when is looked up for all notices together."""

        def look(notices):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            notices._watch_delays()
            return self.env.cr.sql_log_count - start

        Notice = self.env["quality.production.notice"]
        ids = self.notice.ids + [self._start_order(1)[0].id for _count in range(6)]
        look(Notice.browse(ids))
        self.assertLessEqual(look(Notice.browse(ids)), look(Notice.browse(ids[:1])) + 2)


@tagged("post_install", "-at_install")
class TestDelay(DelayCase):
    """A delay is reported with cause and remedy, worked on, and analysed (D3)."""

    def test_reported_from_the_notice(self):
        """D3: cause, what happened, remedy and owner are asked for where it is noticed."""
        delay = self._report(remedy="New castings by air", owner_id=self.engineer)
        self.assertEqual((delay.source, delay.days), ("reported", 7))
        self.assertEqual(delay.cause_id, self.env.ref(CAUSE))
        self.assertTrue(delay.is_avoidable)
        self.assertEqual(delay.owner_id, self.engineer)
        self.assertEqual(delay.remedy, "New castings by air")
        self.assertTrue(delay.activity_ids and delay.task_ids)

    def test_reported_from_the_manufacturing_order(self):
        """D3: all notices behind the order are late, and the order is named."""
        action = self.production.with_user(self.producer).action_report_quality_delay()
        dialog = self.env["quality.delay.report"].with_user(self.producer)
        form = Form(dialog.with_context(**action["context"]))
        self.assertEqual(form.date_promised, self.promised.date())
        form.date_expected = (self.promised + timedelta(days=2)).date()
        form.cause_id = self.env.ref(CAUSE)
        form.reason = "Press is down"
        delay = self.env[DELAY].browse(form.save().action_confirm()["res_id"])
        self.assertEqual(delay.production_id, self.production)

    def test_what_was_foreseen_is_completed(self):
        """D3: a report on a delay that is open already says why; it is no second delay."""
        foreseen = self._open_delay(4)
        delay = self._report(remedy="Saturday shift")
        self.assertEqual(delay, foreseen)
        self.assertEqual(
            (delay.source, delay.days, delay.remedy), ("reported", 7, "Saturday shift")
        )

    def test_what_was_reported_is_not_undone_by_the_plan(self):
        """D3: somebody knows better than the plan; they take it back by another date."""
        delay = self._report()
        self._watch()
        self.assertEqual((delay.state, delay.days), ("open", 7))
        delay.with_user(self.producer).date_expected = self.promised.date()
        self._watch()
        self.assertEqual((delay.state, delay.outcome), ("closed", "averted"))

    def test_a_report_says_what_happened(self):
        """D3: blanks say nothing; on a void notice there is nothing to report."""
        with self.assertRaisesRegex(UserError, "Write what happened"):
            self._report(reason="   ")
        self._cancel(self.order)
        with self.assertRaisesRegex(UserError, "no promise can be late"):
            self.notice.with_user(self.producer).action_report_delay()

    def test_the_departments_are_called_together(self):
        """D3: one click puts the meeting into the calendar of the people concerned."""
        delay = self._open_delay().with_user(self.producer)
        action = delay.action_call_together()
        event = self.env["calendar.event"].browse(action["res_id"])
        people = self.producer | self.inspector | self.engineer | self.storekeeper | self.seller
        self.assertLessEqual(people.partner_id, event.partner_ids)
        self.assertIn(self.order.name, event.name)
        self.assertEqual(delay.action_call_together()["res_id"], event.id)
        delay.sudo()._close("withdrawn")
        other = self.env[DELAY].create(
            {"notice_id": self.notice.id, "order_id": self.order.id, "state": "closed"}
        )
        with self.assertRaises(UserError):
            other.with_user(self.producer).action_call_together()

    def test_a_ready_message_to_the_customer(self):
        """D3: in the customer's language, with both dates; that it was sent is noted."""
        self.customer.email = "plant@example.com"
        delay = self._open_delay().with_user(self.seller)
        action = delay.action_message_customer()
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.seller)
            .with_context(**action["context"])
        ).create({})
        self.assertEqual(composer.partner_ids, self.customer)
        self.assertIn(self.order.name, composer.body)
        composer._action_send_mail()
        self.assertTrue(delay.date_told)
        self.assertNotIn(self.customer, delay.message_partner_ids)

    def test_what_a_change_of_date_is_made_of(self):
        """C2, D3: the register of changes can take over what was found out."""
        delay = self._report(remedy="New castings by air")
        self.assertEqual(
            delay._prepare_change_vals(),
            {
                "production_id": False,
                "is_avoidable": True,
                "date": (self.promised + timedelta(days=7)).date(),
                "cause_id": self.env.ref(CAUSE).id,
                "reason": "The castings are cracked",
                "remedy": "New castings by air",
            },
        )

    def test_withdrawn_with_a_reason(self):
        """D3: a mistake is no delay; why is kept."""
        delay = self._report().with_user(self.producer)
        dialog = delay.action_withdraw()
        form = Form(
            self.env[dialog["res_model"]].with_user(self.producer).with_context(**dialog["context"])
        )
        form.reason = "Wrong order"
        form.save().action_confirm()
        self.assertEqual((delay.outcome, delay.days), ("withdrawn", 0))
        self.assertEqual(delay.withdrawn_reason, "Wrong order")
        with self.assertRaises(UserError):
            delay.action_withdraw("Again")

    def test_a_closed_delay_stays_as_it_is(self):
        """D3, K1: what was counted is not rewritten; what is done in the database is found."""
        delay = self._report()
        delay.with_user(self.producer).action_withdraw("Wrong order")
        with self.assertRaises(UserError):
            delay.with_user(self.producer).reason = "Something else"
        self.env.cr.execute("UPDATE quality_delay SET days = 99 WHERE id = %s", [delay.id])
        self.env.invalidate_all()
        findings = self.env["quality.signature"]._verify(self.company).findings
        self.assertEqual([finding.kind for finding in findings], ["document_altered"])

    def test_days_are_counted_by_cause_department_and_owner(self):
        """D3: length and owner of delays can be analysed."""
        other = self._start_order(2)[0]
        self._report(owner_id=self.engineer)
        self._report(notices=other, owner_id=self.engineer)
        groups = self.env[DELAY]._read_group(
            [("company_id", "=", self.company.id)],
            ["cause_id", "role_id", "owner_id"],
            ["days:sum", "__count"],
        )
        expected = (self.env.ref(CAUSE), self._role("production"), self.engineer, 14, 2)
        self.assertEqual(groups, [expected])

    def test_who_reports_reads_and_does_not(self):
        """D3: production, sales and quality report; others read; strangers see nothing."""
        for user in self.engineer | self.auditor | self.storekeeper:
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._report(user=user)
        delay = self._report(user=self.seller)
        for user in self.producer | self.seller | self.inspector:
            delay.with_user(user).remedy = f"Seen by {user.login}"
            Form(delay.with_user(user))
            for vals in ({"days": 0}, {"state": "closed"}, {"notice_id": False}):
                with self.assertRaises(AccessError):
                    delay.with_user(user).write(vals)
        for user in self.engineer | self.auditor | self.storekeeper:
            self.assertEqual(delay.with_user(user).days, 7)
            self.assertFalse(delay.with_user(user).has_access("write"))
            Form(delay.with_user(user))
        portal = self._create_user("portal_buyer", "base.group_portal")
        colleague = self._create_user("colleague", f"{BASE},sales_team.group_sale_salesman")
        for user in self.nobody | portal | colleague:
            self.assertFalse(delay.with_user(user).has_access("read"))
        sister = self.env["res.company"].create({"name": "Sister Ltd."})
        stranger = self._create_user("stranger", f"{BASE},mrp.group_mrp_user", company=sister)
        self.assertFalse(self.env(user=stranger, context={})[DELAY].search([]))

    def test_a_dialog_opens_no_door(self):
        """D3: neither another's dialog nor a notice of somebody else's order."""
        colleague = self._create_user("colleague", f"{BASE},sales_team.group_sale_salesman")
        action = self.notice.with_user(self.seller).action_report_delay()
        dialog = self.env["quality.delay.report"].with_user(self.seller)
        form = Form(dialog.with_context(**action["context"]))
        form.date_expected = fields.Date.today()
        form.cause_id = self.env.ref(CAUSE)
        form.reason = "Late"
        wizard = form.save()
        with self.assertRaises(AccessError):
            wizard.with_user(colleague).action_confirm()

    def test_the_company_keeps_its_list_of_causes(self):
        """C1, D3: eight causes come along; the quality manager keeps the list."""
        causes = self.env["quality.change.cause"]
        self.assertEqual(
            causes.search([("company_id", "=", False)]).mapped("code"),
            [
                "material",
                "production",
                "technical",
                "quality",
                "equipment",
                "customer",
                "commercial",
                "force_majeure",
            ],
        )
        self.assertTrue(
            causes.with_user(self.quality_manager).create(
                {"name": "Subcontractor", "company_id": self.company.id, "is_avoidable": True}
            )
        )
        for user in self.producer | self.seller | self.inspector:
            with self.assertRaises(AccessError):
                causes.with_user(user).create({"name": "Weather"})

    def test_on_paper(self):
        """D3, K2: a controlled form with cause, remedy and days."""
        delay = self._report(remedy="New castings by air")
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html("customer_quality.report_delay", delay.ids)[0]
            .decode()
        )
        for word in (delay.name, "QF-42", "The castings are cracked", "New castings by air"):
            self.assertIn(word, html)
