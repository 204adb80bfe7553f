from datetime import date, datetime, timedelta
from unittest.mock import patch

from psycopg2.errors import RestrictViolation, SerializationFailure

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.customer_quality.models.blocks.deadline_notice import QualityDeadlineNotice
from odoo.addons.customer_quality.models.blocks.deadline_process import QualityDeadline

from .deadline_common import MONDAY, DeadlineCase

LOGGER = "odoo.addons.customer_quality.models.blocks.deadline_process"


@tagged("post_install", "-at_install")
class TestDeadlineProcess(DeadlineCase):
    """The scheduled action: two working days from Monday 9:00, so due on Wednesday at 17:00."""

    def setUp(self):
        super().setUp()
        self.steps = [
            {"hours": 0, "target": "manager"},
            {"hours": 8, "target": "role", "role_id": self._role("quality").id},
        ]
        self.policy = self._create_policy(warn_hours=4, steps=self.steps)
        self.boss = self._create_user("boss", "base.group_user")
        self._employ(self.engineer, above=self._employ(self.boss))

    def _employ(self, user, above=None):
        return self.env["hr.employee"].create(
            {
                "name": user.name,
                "user_id": user.id,
                "company_id": self.company.id,
                "parent_id": above and above.id,
            }
        )

    def _pass(self, moment):
        """Run the scheduled action at a moment; return the mails: list of (user, subject)."""
        before = self.env["mail.mail"].search([])
        with freeze_time(moment), self.enter_registry_test_mode():
            self.env.ref("customer_quality.ir_cron_deadline").method_direct_trigger()
        self.env.invalidate_all()
        self.mails = self.env["mail.mail"].search([], order="id") - before
        return sorted(
            (mail.recipient_ids.user_ids.login.removeprefix("test_"), mail.subject)
            for mail in self.mails
        )

    def _told(self, moment):
        return [login for login, _subject in self._pass(moment)]

    def _states(self, *deadlines):
        return [(deadline.state, deadline.level) for deadline in deadlines]

    def test_warned_missed_and_escalated_each_in_its_time(self):
        """F3: what is about to be missed warns, what is missed escalates; nothing twice."""
        deadline = self._start(user_id=self.engineer.id)
        story = [
            ("2026-03-04 12:59:00", ("open", 0), []),
            ("2026-03-04 13:00:00", ("warned", 0), ["engineer"]),
            ("2026-03-04 13:10:00", ("warned", 0), []),
            ("2026-03-04 17:00:00", ("escalated", 1), ["boss", "engineer"]),
            ("2026-03-05 16:59:00", ("escalated", 1), []),
            ("2026-03-05 17:00:00", ("escalated", 2), ["inspector"]),
            ("2026-03-09 17:00:00", ("escalated", 2), []),
        ]
        for moment, state, told in story:
            with self.subTest(moment):
                self.assertEqual(self._told(moment), told)
                self.assertEqual(self._states(deadline), [state])
        self.assertEqual(deadline.result, "late")
        self.assertFalse(deadline.date_next)
        self.assertEqual(
            deadline.notice_ids.mapped("event"), ["warned", "missed", "escalated", "escalated"]
        )

    def test_missed_comes_before_escalated(self):
        """F3: where the first step is later."""
        self.policy.step_ids[0].hours = 1
        deadline = self._start(user_id=self.engineer.id)
        self.assertEqual(self._told("2026-03-04 17:00:00"), ["engineer"])
        self.assertEqual(self._states(deadline), [("missed", 0)])
        self.assertEqual(self._told("2026-03-05 09:00:00"), ["boss"])

    def test_a_week_without_the_scheduled_action_is_made_up_for_with_one_message(self):
        """F3: each person hears once of what was passed meanwhile, not of each step."""
        deadlines = self._start(user_id=self.engineer.id) | self._start(user_id=self.engineer.id)
        told = self._pass("2026-03-12 09:00:00")
        self.assertEqual([login for login, _subject in told], ["boss", "engineer", "inspector"])
        self.assertEqual(self._states(*deadlines), [("escalated", 2)] * 2)
        self.assertEqual(dict(told)["engineer"], "2 deadlines are late or due soon")
        self.assertFalse(self._pass("2026-03-12 09:10:00"))

    def test_one_message_names_all(self):
        """F3: what is late and what is due soon, each with its link."""
        late = self._start(user_id=self.engineer.id)
        soon = self._start(start=MONDAY + timedelta(days=1), user_id=self.engineer.id)
        self._pass("2026-03-05 14:00:00")
        mail = self.mails.filtered(lambda mail: mail.recipient_ids == self.engineer.partner_id)
        self.assertEqual(self._states(late, soon), [("escalated", 1), ("warned", 0)])
        self.assertIn(f"Opinion for {late.record_id.name} was due", mail.body_html)
        self.assertIn(f"Opinion for {soon.record_id.name} is due", mail.body_html)
        self.assertIn("/mail/view?model=quality.contract.review", mail.body_html)
        self.assertTrue(mail.body_html.index("was due") < mail.body_html.index("is due"))

    def test_a_message_speaks_its_readers_language(self):
        """DESIGN: language and time zone of whoever reads it."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self._kind("opinion").with_context(lang="zh_CN").name = "部门意见"
        self.engineer.write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        self._start(user_id=self.engineer.id)
        [[_login, subject]] = self._pass("2026-03-04 13:00:00")
        self.assertIn("部门意见", subject)
        self.assertIn("2026/03/05 01:00:00", subject)

    def test_the_mail_scheduler_is_woken(self):
        """F3: the message is queued in the transaction, and sent by Odoo's own queue."""
        mailer = self.env.ref("mail.ir_cron_mail_scheduler_action")
        triggers = self.env["ir.cron.trigger"].search_count([("cron_id", "=", mailer.id)])
        self._start(user_id=self.engineer.id)
        self._pass("2026-03-04 13:00:00")
        after = self.env["ir.cron.trigger"].search_count([("cron_id", "=", mailer.id)])
        self.assertGreater(after, triggers)
        self.assertEqual(self.mails.state, "outgoing")

    def test_what_is_met_meets_no_reproach(self):
        """F3: neither what was done in time, nor what was done before the message went out."""
        deadline = self._start(user_id=self.engineer.id)
        with freeze_time("2026-03-03 10:00:00"):
            deadline._close("met")
        self.assertFalse(self._pass("2026-03-12 09:00:00"))
        late = self._start(user_id=self.engineer.id)
        with patch.object(QualityDeadlineNotice, "_send_waiting", lambda self: None):
            self.assertFalse(self._pass("2026-03-12 09:00:00"))
        late._close("met")
        self.assertFalse(self._pass("2026-03-12 09:10:00"))
        self.assertFalse(late.notice_ids.filtered(lambda notice: not notice.date_sent))

    def test_nothing_is_sent_while_the_clock_stands_still(self):
        """F3, A2: the customer's turn is nobody's fault."""
        deadline = self._start(user_id=self.engineer.id)
        with freeze_time("2026-03-04 09:00:00"):
            deadline._pause("Waiting for the customer")
        self.assertFalse(self._pass("2026-03-12 09:00:00"))
        self.assertFalse(deadline.is_late)
        with freeze_time("2026-03-12 09:00:00"):
            deadline._resume()
        self.assertEqual(deadline.date_due, datetime(2026, 3, 12, 17))
        self.assertFalse(self._pass("2026-03-12 12:59:00"))
        self.assertEqual(self._told("2026-03-12 13:00:00"), ["engineer"])

    def test_a_late_pause_puts_off_the_escalation(self):
        """F3: by the time of the pause."""
        deadline = self._start(user_id=self.engineer.id)
        self._pass("2026-03-04 17:00:00")
        with freeze_time("2026-03-05 09:00:00"):
            deadline._pause("Waiting")
        with freeze_time("2026-03-06 09:00:00"):
            deadline._resume()
        self.assertFalse(self._pass("2026-03-06 16:59:00"))
        self.assertEqual(self._told("2026-03-06 17:00:00"), ["inspector"])

    def test_somebody_always_hears_of_it(self):
        """F3: the role where nobody was asked, the responsible where the role has nobody,
        management where nobody is above."""
        role = self._role("production")
        asked_role = self._start(role_id=role.id)
        responsible = self._start(record=self._create_records(user_id=self.nobody.id))
        self.assertEqual(self._told("2026-03-04 13:00:00"), ["nobody", "producer"])
        self.assertEqual(self._told("2026-03-04 17:00:00"), ["director", "nobody", "producer"])
        self.assertEqual(self._states(asked_role, responsible), [("escalated", 1)] * 2)

    def test_who_has_left_is_told_nothing(self):
        """K3: the role is."""
        deadline = self._start(role_id=self._role("production").id, user_id=self.engineer.id)
        self.engineer.active = False
        self.assertEqual(self._told("2026-03-04 13:00:00"), ["producer"])
        self.assertEqual(deadline.notice_ids.user_id, self.producer)

    def test_the_deputy_hears_of_it_too(self):
        """K3: while the owner is away, whoever acts for them has to know."""
        self.env["quality.absence"].create(
            {
                "user_id": self.engineer.id,
                "deputy_id": self.director.id,
                "date_from": "2026-03-03",
                "date_to": "2026-03-06",
                "reason": "Holiday",
            }
        )
        self._start(user_id=self.engineer.id)
        self.env.registry.clear_cache()
        self.assertEqual(self._told("2026-03-04 13:00:00"), ["director", "engineer"])

    def test_a_new_owner_gets_the_activity(self):
        """K3: with the deadline goes what reminds of it."""
        self._create_policy(kind="contract_signing", warn_hours=4)
        review = self._request_review(self._create_order())
        deadline = self._start(
            kind="contract_signing", record=review.record_id, user_id=self.seller.id
        )
        self._pass("2026-03-04 13:00:00")
        deadline.write({"user_id": self.director.id})
        self.assertEqual(deadline.activity_id.user_id, self.director)

    def test_nobody_left_stops_nothing(self):
        """F3: a deadline of nobody is missed like any other."""
        self._assign("management", self.env["res.users"])
        deadline = self._start()
        self._pass("2026-03-12 09:00:00")
        self.assertEqual(deadline.state, "escalated")

    def test_the_head_of_the_department_stands_above(self):
        """F3: where an employee has no manager of their own."""
        department = self.env["hr.department"].create(
            {
                "name": "Workshop",
                "company_id": self.company.id,
                "manager_id": self.boss.employee_ids.id,
            }
        )
        employee = self._employ(self.producer)
        employee.write({"department_id": department.id, "parent_id": False})
        self._start(user_id=self.producer.id)
        self.assertIn("boss", self._told("2026-03-04 17:00:00"))

    def test_a_changed_policy_escalates_as_it_says_now(self):
        """F3: whom to tell is no promise."""
        deadline = self._start(user_id=self.engineer.id)
        self.policy.step_ids.unlink()
        self.assertEqual(self._told("2026-03-12 09:00:00"), ["engineer"])
        self.assertEqual(self._states(deadline), [("missed", 0)])

    def test_one_that_fails_holds_up_no_other(self):
        """DESIGN: batch first, one by one only after a failure; tried again in the next pass."""
        broken, *others = (self._start(user_id=self.engineer.id) for _ in range(3))
        advance = QualityDeadline._advance

        def fail(deadlines, now):
            advance(deadlines, now)
            if broken in deadlines:
                raise ValueError("broken")

        with patch.object(QualityDeadline, "_advance", fail), mute_logger(LOGGER):
            self.assertEqual(self._told("2026-03-04 13:00:00"), ["engineer"])
        self.assertEqual(self._states(broken, *others), [("open", 0), *[("warned", 0)] * 2])
        self.assertFalse(broken.notice_ids)
        self.assertEqual(self._told("2026-03-04 13:10:00"), ["engineer"])
        self.assertEqual(broken.state, "warned")

    def test_a_message_that_fails_holds_up_no_other(self):
        """DESIGN: the others get theirs, and nobody gets one twice."""
        self._start(user_id=self.engineer.id)
        self._start(user_id=self.engineer.id)
        self._start(user_id=self.producer.id)
        prepare = QualityDeadlineNotice._prepare_mail_vals

        def fail(notices, user):
            if user == self.engineer:
                raise ValueError("broken")
            return prepare(notices, user)

        with patch.object(QualityDeadlineNotice, "_prepare_mail_vals", fail), mute_logger(LOGGER):
            self.assertEqual(self._told("2026-03-04 13:00:00"), ["producer"])
        self.assertEqual(self._told("2026-03-04 13:10:00"), ["engineer"])

    def test_a_collision_is_looked_at_again(self):
        """DESIGN: what another worker was writing at that moment is nobody's trouble."""
        deadline = self._start(user_id=self.engineer.id)
        claim, collisions = QualityDeadline._claim_due, iter([True, True])

        def collide(deadlines, *args):
            if next(collisions, False):
                raise SerializationFailure
            return claim(deadlines, *args)

        with patch.object(QualityDeadline, "_claim_due", collide):
            self.assertEqual(self._told("2026-03-04 13:00:00"), ["engineer"])
        self.assertEqual(deadline.state, "warned")

    def test_collisions_without_end_are_left_to_the_next_pass(self):
        """DESIGN: no worker turns in a circle."""
        self._start(user_id=self.engineer.id)

        def collide(*_args):
            raise SerializationFailure

        with patch.object(QualityDeadline, "_claim_due", collide):
            self.assertFalse(self._pass("2026-03-04 13:00:00"))
        self.assertEqual(self._told("2026-03-04 13:10:00"), ["engineer"])

    def test_the_owner_gets_an_activity_on_the_document(self):
        """A5: for what shows nowhere else; gone when the promise is kept."""
        self._create_policy(kind="contract_signing", warn_hours=4)
        review = self._request_review(self._create_order())
        before = review.activity_ids
        deadline = self._start(
            kind="contract_signing", record=review.record_id, user_id=self.seller.id
        )
        self._pass("2026-03-04 13:00:00")
        activity = review.activity_ids - before
        self.assertEqual(activity.user_id, self.seller)
        self.assertEqual(activity.date_deadline, date(2026, 3, 4))
        self._pass("2026-03-04 17:00:00")
        self.assertEqual(review.activity_ids - before, activity)
        deadline._close("met")
        self.assertFalse(activity.exists())

    def test_an_activity_ticked_off_keeps_no_promise(self):
        """F3: the deadline goes on, and asks for no second activity to be closed by hand."""
        self._create_policy(kind="contract_signing", warn_hours=4)
        review = self._request_review(self._create_order())
        deadline = self._start(
            kind="contract_signing", record=review.record_id, user_id=self.seller.id
        )
        self._pass("2026-03-04 13:00:00")
        deadline.activity_id.action_done()
        self.assertEqual(deadline.state, "warned")
        self.assertIn("seller", self._told("2026-03-04 17:00:00"))
        deadline._close("met")

    def test_a_pass_costs_what_is_due_and_not_what_is_open(self):
        """DESIGN: at most two queries per due row; the same with many more open ones."""
        self._pass("2026-03-02 09:00:00")
        self._start_many(200, start=MONDAY + timedelta(days=300))
        self._start_many(1)
        one = self._count_pass("2026-03-04 13:00:00")
        self._start_many(150, start=MONDAY + timedelta(days=1))
        many = self._count_pass("2026-03-05 13:00:00")
        self.assertLessEqual(many - one, 2 * 149, f"{one} → {many}")
        self.assertLessEqual(many, one + 40, f"{one} → {many}")

    def test_few_open_or_many_open_take_the_same_queries(self):
        """DESIGN: the cost of a pass does not depend on what lies ahead."""
        self._start_many(20)
        few = self._count_pass("2026-03-04 13:00:00")
        self._start_many(400, start=MONDAY + timedelta(days=300))
        self._start_many(20, start=MONDAY + timedelta(days=1))
        many = self._count_pass("2026-03-05 13:00:00")
        self.assertLessEqual(many, few + 2)

    def test_activities_stay_within_two_queries_per_due_row(self):
        """DESIGN: also where each owner gets an activity on each document."""
        self._create_policy(kind="contract_signing", warn_hours=4)
        self._start_many(1, kind="contract_signing")
        one = self._count_pass("2026-03-04 13:00:00")
        self._start_many(60, start=MONDAY + timedelta(days=1), kind="contract_signing")
        many = self._count_pass("2026-03-05 13:00:00")
        self.assertLessEqual(many - one, 2 * 59, f"{one} → {many}")
        self.assertEqual(len(self.Deadline.search([("state", "=", "warned")]).activity_id), 60)

    def _start_many(self, count, start=MONDAY, kind="opinion"):
        people = (self.engineer, self.producer, self.inspector)
        documents = self.env["res.partner"].create([{"name": "Document"}] * count)
        records = self._create_records(count, res_model="res.partner")
        for record, document in zip(records, documents, strict=True):
            record.res_id = document
        return self.Deadline._start(
            [
                {
                    "record_id": record.id,
                    "kind": kind,
                    "user_id": people[number % 3].id,
                    "date_start": start,
                }
                for number, record in enumerate(records)
            ]
        )

    def _count_pass(self, moment):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        with freeze_time(moment), self.enter_registry_test_mode():
            self.env.ref("customer_quality.ir_cron_deadline").method_direct_trigger()
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestDeadlineDuty(DeadlineCase):
    """Opinions, decisions and receipts start, meet and cancel deadlines (B1, D1)."""

    def setUp(self):
        super().setUp()
        self._create_policy("opinion")
        self._create_policy("decision", amount=1)
        self._create_policy("receipt", amount=1)

    def _review(self):
        with freeze_time(MONDAY):
            return self._request_review(self._create_order())

    def test_each_department_has_a_deadline(self):
        """B1: who was asked owns it; the activity falls due when the answer does."""
        review = self._review()
        self.assertEqual(
            review.deadline_ids.mapped(lambda d: (d.role_id.code, d.user_id.login, d.kind_id.code)),
            [
                ("engineering", "test_engineer", "opinion"),
                ("production", "test_producer", "opinion"),
                ("quality", "test_inspector", "opinion"),
            ],
        )
        self.assertEqual(set(review.deadline_ids.mapped("date_due")), {datetime(2026, 3, 4, 17)})
        self.assertEqual(set(review.activity_ids.mapped("date_deadline")), {date(2026, 3, 4)})
        self.assertEqual(review.deadline_ids.partner_id, self.customer)

    def test_a_department_with_several_questions_has_one_deadline(self):
        """M3: met with the last answer."""
        self.template.item_ids.role_id = self._role("engineering")
        review = self._review()
        deadline = review.deadline_ids
        self.assertEqual(len(deadline), 1)
        record = review.record_id.with_user(self.engineer)
        first, *rest = record.opinion_ids
        for opinions, state in (
            (first, "open"),
            (record.opinion_ids.browse(), None),
            (rest, "met"),
        ):
            if state:
                answers = {o.id: {"answer": "agree", "reason": ""} for o in opinions}
                record.action_sign_off(answers, [])
                self.assertEqual(deadline.state, state)

    def test_signing_meets_what_was_promised(self):
        """B1: the department's own, and no other's."""
        review = self._review()
        with freeze_time("2026-03-03 09:00:00"):
            self._sign(review, self.engineer)
        states = {d.role_id.code: (d.state, d.result) for d in review.deadline_ids}
        self.assertEqual(states["engineering"], ("met", "in_time"))
        self.assertEqual(states["production"], ("open", False))

    def test_a_deputy_may_keep_the_promise(self):
        """K3: who signs for the role meets its deadline."""
        self._assign("engineering", self.engineer | self.nobody)
        review = self._review()
        record = review.record_id.with_user(self.inspector)
        self._assign("engineering", self.inspector)
        record.invalidate_recordset()
        self._sign(review, self.inspector)
        states = {d.role_id.code: d.state for d in review.deadline_ids}
        self.assertEqual((states["engineering"], states["quality"]), ("met", "met"))

    def test_a_conclusion_is_a_decision(self):
        """B1: with a deadline of its own."""
        review = self._review()
        with freeze_time("2026-03-03 09:00:00"):
            self._sign(review, self.engineer, "condition", "Only with the new tool")
            self._approve(review, self.producer, self.inspector)
        decision = review.deadline_ids.filtered(lambda d: d.kind_id.code == "decision")
        self.assertEqual(decision.role_id.code, "sales")
        self.assertEqual(decision.date_due, datetime(2026, 3, 4, 17))
        self._sign(review, self.seller)
        self.assertEqual(decision.state, "met")
        self.assertEqual(review.state, "approved")

    def test_a_receipt_has_a_deadline(self):
        """D1: overdue receipts are found like all else."""
        review = self._review()
        with freeze_time(MONDAY):
            receipts = self.env["quality.acknowledgement"]._request(
                [{"record_id": review.record_id.id, "role_id": self._role("quality").id}]
            )
        deadline = review.deadline_ids.filtered(lambda d: d.kind_id.code == "receipt")
        self.assertEqual(deadline.date_due, datetime(2026, 3, 3, 17))
        receipts.with_user(self.inspector)._sign({})
        self.assertEqual(deadline.state, "met")
        own = review.deadline_ids.filtered(lambda d: d.role_id.code == "quality") - deadline
        self.assertEqual(own.state, "open")

    def test_a_withdrawn_question_is_no_promise(self):
        """B6: a cancelled order's review is void, and so are its deadlines."""
        review = self._review()
        review.order_id._action_cancel()
        self.assertEqual(set(review.deadline_ids.mapped("state")), {"cancelled"})

    def test_a_revision_asks_and_promises_anew(self):
        """B1: what is carried over owes nothing."""
        review = self._review()
        self._approve(review)
        review.order_id.order_line.price_unit = 7
        review.order_id.with_user(self.seller).action_request_quality_review()
        revision = review.order_id.quality_review_id
        self.assertNotEqual(revision, review)
        carried = revision.opinion_ids.filtered("carried_from_id").role_id
        running = revision.deadline_ids.filtered(lambda d: d.state == "open")
        self.assertTrue(carried)
        self.assertFalse(running.role_id & carried)

    def test_the_owner_follows_the_duty(self):
        """K3: reassigning the activity moves duty and deadline."""
        self._assign("engineering", self.engineer | self.director)
        review = self._review()
        deadline = review.deadline_ids.filtered(lambda d: d.role_id.code == "engineering")
        activity = review.activity_ids.filtered(lambda act: act.user_id == self.engineer)
        activity.user_id = self.director
        self.assertEqual(deadline.user_id, self.director)
        self.assertNotIn(self.director, (review.deadline_ids - deadline).user_id)

    def test_the_activity_follows_the_clock(self):
        """F3, A2: a pause moves the due date, and Odoo's own reminder with it."""
        review = self._review()
        with freeze_time("2026-03-02 10:00:00"):
            review.record_id._pause_deadlines("Waiting for the customer", "opinion")
        with freeze_time("2026-03-04 10:00:00"):
            review.record_id._resume_deadlines()
        self.assertEqual(set(review.activity_ids.mapped("date_deadline")), {date(2026, 3, 6)})

    def test_a_request_costs_little_more_with_deadlines(self):
        """B1: the departments' deadlines are started in one batch."""
        with_deadlines = [self._count_request(count) for count in (1, 20)]
        self.env["quality.deadline.policy"].search([]).write(
            {"active": False, "date_in_force": False}
        )
        without = [self._count_request(count) for count in (1, 20)]
        more = [a - b for a, b in zip(with_deadlines, without, strict=True)]
        self.assertLessEqual(more[0], 15, f"{without} → {with_deadlines}")
        self.assertLessEqual(more[1], 20, f"{without} → {with_deadlines}")

    def _count_request(self, count):
        for _warm in range(2):
            orders = self.env["sale.order"].union(*(self._create_order() for _ in range(count)))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders.with_user(self.seller).action_request_quality_review()
            self.env.flush_all()
            queries = self.env.cr.sql_log_count - before
        return queries


@tagged("post_install", "-at_install")
class TestDeadlineRights(DeadlineCase):
    def setUp(self):
        super().setUp()
        self.policy = self._create_policy()
        record = self._create_records(order_id=self._create_order().id)
        self.deadline = self._start(record=record, user_id=self.engineer.id)

    def test_the_clock_is_stopped_by_its_owner_or_quality(self):
        """F3: with a reason; others are refused."""
        for user in (self.producer, self.seller, self.auditor):
            deadline = self.deadline.with_user(user)
            for action in (deadline.action_pause, deadline.action_resume):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    action()
        for user in (self.engineer, self.inspector, self.quality_manager):
            deadline = self.deadline.with_user(user)
            action = deadline.action_pause()
            context = action["context"]
            wizard = self.env["quality.deadline.suspend"].with_user(user).with_context(**context)
            with Form(wizard) as form:
                form.reason = "Waiting for the customer"
            form.record.action_confirm()
            self.assertTrue(deadline.date_paused)
            deadline.action_resume()
            self.assertFalse(deadline.date_paused)
        self.assertEqual(
            self.deadline.pause_ids.user_id,
            self.engineer | self.inspector | self.quality_manager,
        )

    def test_a_dialog_stops_no_clock_of_others(self):
        """F3: the right is checked where the clock is stopped."""
        wizard = (
            self.env["quality.deadline.suspend"]
            .with_user(self.producer)
            .create({"deadline_ids": self.deadline.ids, "reason": "Because"})
        )
        with self.assertRaises(AccessError):
            wizard.action_confirm()
        self.assertFalse(self.deadline.date_paused)

    def test_what_has_ended_is_not_paused(self):
        """F3: the clock no longer runs."""
        self.deadline._close("met")
        with self.assertRaises(UserError):
            self.deadline.with_user(self.engineer).action_pause()

    def test_nobody_writes_a_deadline(self):
        """F3: it follows from what happens, whatever the right."""
        pause = self.env["quality.deadline.pause"].create(
            {"deadline_id": self.deadline.id, "date_from": MONDAY, "reason": "R"}
        )
        notice = self.env["quality.deadline.notice"].create(
            {"deadline_id": self.deadline.id, "user_id": self.engineer.id, "event": "missed"}
        )
        for user in (self.engineer, self.seller, self.quality_manager, self.auditor):
            for record in (self.deadline, pause, notice):
                for call in (
                    lambda r: r.write({"id": r.id}),
                    lambda r: r.unlink(),
                    lambda r: r.create({}),
                ):
                    with (
                        self.subTest((user.login, record)),
                        self.assertRaises(AccessError),
                        mute_logger("odoo.models"),
                    ):
                        call(record.with_user(user))

    def test_outsiders_see_nothing(self):
        """Rights: neither staff without a part in it, nor the portal, nor another company."""
        portal = new_test_user(self.env, "test_deadline_portal", groups="base.group_portal")
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._create_user(
            "stranger", "base.group_user,customer_quality.group_manager", company=other
        )
        for user in (self.nobody, portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.deadline.with_user(user).read(["date_due"])
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self.deadline.with_user(stranger).read(["date_due"])
        for record in (self.deadline, self.policy):
            own = record.with_user(stranger).with_context(allowed_company_ids=other.ids)
            self.assertNotIn(record, own.search([]))
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
                own.read(["create_date"])

    def test_a_salesperson_sees_the_deadlines_of_their_own_orders(self):
        """Rights: like the records themselves."""
        other = self._create_user("seller2", "base.group_user,sales_team.group_sale_salesman")
        self.assertIn(self.deadline, self.Deadline.with_user(self.seller).search([]))
        self.assertNotIn(self.deadline, self.Deadline.with_user(other).search([]))

    def test_only_a_manager_says_how_long_something_takes(self):
        """F3: policies, regions and make-up days are set up by quality managers."""
        for user in (self.inspector, self.engineer, self.seller, self.auditor, self.nobody):
            for model, vals in (
                ("quality.deadline.policy", {"name": "P", "kind_id": self._kind("action").id}),
                ("quality.region", {"name": "R"}),
                ("quality.working.day", {"date": "2026-03-07"}),
                ("quality.deadline.step", {"policy_id": self.policy.id, "target": "manager"}),
                ("quality.deadline.kind", {"name": "K", "code": "k"}),
            ):
                with (
                    self.subTest((user.login, model)),
                    self.assertRaises(AccessError),
                    mute_logger("odoo.models"),
                ):
                    self.env[model].with_user(user).create(vals)
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            self.policy.with_user(self.inspector).amount = 99

    def test_a_policy_with_deadlines_is_kept(self):
        """K1: what was promised by it refers to it; it is taken out of force instead."""
        with self.assertRaises(RestrictViolation), mute_logger("odoo.sql_db"):
            self.policy.unlink()

    def test_every_list_opens(self):
        """Screens: list, form and figures, for those who see deadlines."""
        for user in (self.engineer, self.seller, self.auditor, self.inspector):
            deadline = self.deadline.with_user(user)
            action = deadline.record_id.action_open_deadlines()
            self.assertIn(self.deadline, deadline.search(action["domain"]))
            form = Form(deadline)
            self.assertEqual(form.kind_id, self._kind("opinion"))
            for view in ("list", "kanban", "calendar", "pivot", "graph", "search"):
                self.assertTrue(deadline.get_view(view_type=view)["arch"])
