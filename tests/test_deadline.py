from datetime import date, datetime, time, timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import Form, TransactionCase, freeze_time, tagged

from odoo.addons.customer_quality.lib.worktime import Clock, Timeline, merge

from .deadline_common import MONDAY, DeadlineCase


@tagged("post_install", "-at_install")
class TestWorktime(TransactionCase):
    """The pure rules, on days that are worked from 8 to 12 and from 13 to 17."""

    def _timeline(self, first=date(2026, 3, 2), days=5):
        spans = [
            tuple(datetime.combine(day, time(hour)) for hour in (start, end))
            for day in (first + timedelta(days=number) for number in range(days))
            for start, end in ((8, 12), (13, 17))
        ]
        self.fetched = []

        def fetch(low, high):
            self.fetched.append((low, high))
            return [(max(a, low), min(b, high)) for a, b in spans if a < high and b > low]

        return Timeline(fetch, lambda moment: moment.date())

    def test_hours_are_counted_forwards_and_backwards(self):
        """F3: 11:00 and two working hours is 14:00, for lunch does not count; and back again."""
        timeline = self._timeline()
        eleven, two = datetime(2026, 3, 2, 11), datetime(2026, 3, 2, 14)
        self.assertEqual(timeline.add_hours(eleven, 2), two)
        self.assertEqual(timeline.add_hours(two, -2), eleven)
        self.assertEqual(timeline.hours_between(eleven, two), 2)

    def test_hours_end_with_the_day_not_with_the_next_morning(self):
        """F3: what just fills the day is due when work ends."""
        timeline = self._timeline()
        self.assertEqual(timeline.add_hours(datetime(2026, 3, 2, 8), 8), datetime(2026, 3, 2, 17))
        self.assertEqual(timeline.add_hours(datetime(2026, 3, 3, 17), -8), datetime(2026, 3, 3, 8))

    def test_no_hours_move_nothing(self):
        """F3: not even out of a weekend."""
        night = datetime(2026, 3, 3, 3)
        self.assertEqual(self._timeline().add_hours(night, 0), night)

    def test_time_outside_working_hours_does_not_count(self):
        """F3: from evening to the next morning no working time passes."""
        timeline = self._timeline()
        self.assertEqual(
            timeline.hours_between(datetime(2026, 3, 2, 17), datetime(2026, 3, 3, 8)), 0
        )
        self.assertEqual(timeline.hours_between(datetime(2026, 3, 3), datetime(2026, 3, 2)), 0)

    def test_a_calendar_without_work_counts_round_the_clock(self):
        """F3: a promise always has a date."""
        timeline = self._timeline(days=0)
        self.assertEqual(timeline.add_hours(MONDAY, 5), MONDAY + timedelta(hours=5))
        self.assertEqual(timeline.add_hours(MONDAY, -5), MONDAY - timedelta(hours=5))
        self.assertEqual(timeline.add_days(MONDAY, 2), MONDAY + timedelta(days=2))

    def test_time_far_away_is_fetched_on_the_way(self):
        """F3: there and back over a break of months; nothing is fetched twice."""
        timeline = self._timeline(first=date(2026, 9, 1), days=1)
        due = timeline.add_hours(MONDAY, 3)
        self.assertEqual(due, datetime(2026, 9, 1, 11))
        timeline.add_hours(datetime(2026, 9, 2), -4)
        fetched = sorted(self.fetched)
        for (_low, high), (low, _high) in zip(fetched, fetched[1:], strict=False):
            self.assertEqual(high, low)

    def test_backwards_over_a_long_break(self):
        """F3: a warning may lie before a long holiday."""
        timeline = self._timeline(first=date(2025, 9, 1), days=1)
        self.assertEqual(timeline.add_hours(MONDAY, -3), datetime(2025, 9, 1, 14))

    def test_overlapping_spans_become_one(self):
        """F3: a make-up day on a day that is worked anyway counts once."""
        first = (datetime(2026, 3, 2, 8), datetime(2026, 3, 2, 12))
        second = (datetime(2026, 3, 2, 10), datetime(2026, 3, 2, 17))
        self.assertEqual(merge([second, first, first]), [(first[0], second[1])])

    def test_the_clock_counts_every_hour(self):
        """F3: 24 hours are a day, also on Sunday."""
        self.assertEqual(Clock().add_hours(MONDAY, 24), MONDAY + timedelta(days=1))
        self.assertEqual(Clock().hours_between(MONDAY, MONDAY + timedelta(days=1)), 24)
        self.assertEqual(Clock().hours_between(MONDAY, MONDAY - timedelta(days=1)), 0)


@tagged("post_install", "-at_install")
class TestWorkingTime(DeadlineCase):
    """Hand-computed: the company works from Monday to Friday, 8 to 12 and 13 to 17, in UTC."""

    def _due(self, start, **vals):
        self.env["quality.deadline"].search([])._close("cancelled")
        return self._start(start=start, **vals).date_due

    def _holiday(self, first, last, **vals):
        return self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "company_id": self.company.id,
                "date_from": first,
                "date_to": last,
                **vals,
            }
        )

    def _makeup(self, day, **vals):
        return self.env["quality.working.day"].create(
            {"date": day, "company_id": self.company.id, "name": "调休", **vals}
        )

    def test_working_days_leave_out_the_weekend(self):
        """F3: two working days from Friday afternoon end on Tuesday at the close of work."""
        self._create_policy()
        self.assertEqual(self._due(datetime(2026, 3, 6, 15)), datetime(2026, 3, 10, 17))
        self.assertEqual(self._due(datetime(2026, 3, 7, 10)), datetime(2026, 3, 10, 17))

    def test_a_holiday_does_not_count(self):
        """F3: of the company, whatever the calendar, or of the calendar alone."""
        self._create_policy()
        everywhere = self._holiday(datetime(2026, 3, 3), datetime(2026, 3, 3, 23, 59))
        self.assertEqual(self._due(MONDAY), datetime(2026, 3, 5, 17))
        everywhere.calendar_id = self.calendar
        self.assertEqual(self._due(MONDAY), datetime(2026, 3, 5, 17))

    def test_half_a_day_off_leaves_the_other_half(self):
        """F3: the day still counts, and ends at noon."""
        self._create_policy(amount=1)
        self._holiday(datetime(2026, 3, 3, 12), datetime(2026, 3, 3, 23, 59))
        self.assertEqual(self._due(MONDAY), datetime(2026, 3, 3, 12))

    def test_somebodys_leave_changes_no_promise(self):
        """F3: only what closes the company counts, not the day off of one person."""
        self._create_policy(amount=1)
        resource = self.env["resource.resource"].create(
            {"name": "Somebody", "company_id": self.company.id, "calendar_id": self.calendar.id}
        )
        self._holiday(datetime(2026, 3, 3), datetime(2026, 3, 3, 23, 59), resource_id=resource.id)
        self.assertEqual(self._due(MONDAY), datetime(2026, 3, 3, 17))

    def test_another_companys_holiday_does_not_count(self):
        """F3: holidays without a calendar belong to their company."""
        self._create_policy(amount=1)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.env = self.env(context={"allowed_company_ids": (other | self.company).ids})
        leave = self._holiday(datetime(2026, 3, 3), datetime(2026, 3, 3, 23, 59))
        self.assertEqual(leave.company_id, other)
        self.assertEqual(self._due(MONDAY), datetime(2026, 3, 3, 17))

    def test_a_makeup_saturday_counts(self):
        """F3: 调休 — Saturday, worked by the hours of a Friday, is the second working day."""
        self._create_policy()
        self._makeup(date(2026, 3, 7))
        self.assertEqual(self._due(datetime(2026, 3, 5, 15)), datetime(2026, 3, 7, 17))

    def test_a_makeup_day_counts_by_its_own_hours(self):
        """F3: hours as on the weekday that it is worked by; none where that day has none."""
        self._create_policy(amount=4, unit="work_hours")
        self.calendar.attendance_ids.filtered(
            lambda attendance: attendance.dayofweek == "0" and attendance.hour_from >= 12
        ).unlink()
        day = self._makeup(date(2026, 3, 7), weekday="0")
        self.assertEqual(self._due(datetime(2026, 3, 6, 15)), datetime(2026, 3, 7, 10))
        day.weekday = "6"
        self.assertEqual(self._due(datetime(2026, 3, 6, 15)), datetime(2026, 3, 9, 10))

    def test_a_makeup_day_inside_a_holiday_is_worked(self):
        """F3: the single day is more exact than the period around it."""
        self._create_policy(amount=1)
        self._holiday(datetime(2026, 3, 3), datetime(2026, 3, 8, 23, 59))
        self._makeup(date(2026, 3, 7))
        self.assertEqual(self._due(MONDAY), datetime(2026, 3, 7, 17))

    def test_a_makeup_day_holds_for_its_company_and_calendar(self):
        """F3: not for another company, not for another working time."""
        self._create_policy(amount=1)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        shift = self.calendar.copy({"name": "Second shift"})
        self._makeup(date(2026, 3, 7), company_id=other.id)
        self._makeup(date(2026, 3, 8), calendar_id=shift.id)
        self.assertEqual(self._due(datetime(2026, 3, 6, 15)), datetime(2026, 3, 9, 17))

    def test_working_time_is_that_of_the_place(self):
        """F3: a day in Shanghai ends at 17:00 there, which is 9:00 in UTC."""
        self.calendar.tz = "Asia/Shanghai"
        self._create_policy(amount=1)
        self.assertEqual(self._due(datetime(2026, 3, 2, 2)), datetime(2026, 3, 3, 9))
        # Monday evening in UTC is Tuesday over there
        self.assertEqual(self._due(datetime(2026, 3, 2, 20)), datetime(2026, 3, 4, 9))

    def test_the_change_to_summer_time_moves_nothing(self):
        """F3: five o'clock stays five o'clock where people work (29 March 2026 in Berlin)."""
        self.calendar.tz = "Europe/Berlin"
        self._create_policy(amount=1)
        self.assertEqual(self._due(datetime(2026, 3, 26, 9)), datetime(2026, 3, 27, 16))
        self.assertEqual(self._due(datetime(2026, 3, 27, 9)), datetime(2026, 3, 30, 15))

    def test_working_hours_and_hours_round_the_clock(self):
        """F3: ten working hours from Monday 9:00 end on Tuesday 10:00; 24 hours at 9:00."""
        policy = self._create_policy(amount=10, unit="work_hours")
        self.assertEqual(self._due(datetime(2026, 3, 2, 9)), datetime(2026, 3, 3, 11))
        policy.write({"unit": "hours", "amount": 24})
        self.assertEqual(self._due(datetime(2026, 3, 6, 9)), datetime(2026, 3, 7, 9))

    def test_the_warning_is_counted_in_the_same_time(self):
        """F3: nine working hours before the close of work on Wednesday is Tuesday at 16:00."""
        self._create_policy(warn_hours=9)
        self.assertEqual(self._start().date_warn, datetime(2026, 3, 3, 16))

    def test_a_warning_that_would_come_before_the_start_is_none(self):
        """F3: nobody is warned of what was just asked."""
        self._create_policy(amount=1, warn_hours=100)
        deadline = self._start()
        self.assertFalse(deadline.date_warn)
        self.assertEqual(deadline.date_next, deadline.date_due)

    def test_a_policy_may_count_another_working_time(self):
        """F3: that of a shift, for instance."""
        shift = self.calendar.copy({"name": "Mornings"})
        shift.attendance_ids.filtered(lambda attendance: attendance.hour_from >= 12).unlink()
        self._create_policy(amount=1, calendar_id=shift.id)
        self.assertEqual(self._due(MONDAY), datetime(2026, 3, 3, 12))

    def test_two_weeks_are_counted_week_by_week(self):
        """F3: calendars of two weeks, as Odoo knows them, need nothing of ours."""
        self._create_policy(amount=1)
        self.calendar.switch_calendar_type()
        attendances = self.calendar.attendance_ids.filtered(lambda line: not line.display_type)
        week = str(attendances.get_week_type(date(2026, 3, 3)))
        attendances.filtered(lambda line: line.dayofweek == "1" and line.week_type == week).unlink()
        self.assertEqual(self._due(MONDAY), datetime(2026, 3, 4, 17))
        self.assertEqual(self._due(MONDAY + timedelta(days=7)), datetime(2026, 3, 10, 17))

    def test_a_company_without_working_time_has_deadlines_all_the_same(self):
        """F3: then a working day is a day."""
        self.company.resource_calendar_id = False
        self._create_policy(amount=1)
        self.assertEqual(self._due(MONDAY), MONDAY + timedelta(days=1))


@tagged("post_install", "-at_install")
class TestDeadlinePolicy(DeadlineCase):
    def _hours(self, **vals):
        """Return within how many hours something is promised; 0 where nothing is."""
        deadline = self._start(**vals)
        return (deadline.date_due - deadline.date_start).total_seconds() / 3600 if deadline else 0

    def _partner(self, state=None, country=None, **vals):
        state = state and self.env.ref(f"base.state_{state}")
        country = self.env.ref(f"base.{country}") if country else state and state.country_id
        return self.env["res.partner"].create(
            {
                "name": "Customer",
                "state_id": state and state.id,
                "country_id": country and country.id,
                **vals,
            }
        )

    def test_nothing_is_due_without_a_policy(self):
        """F3: all of it is a company's own setting; without one nothing has a deadline."""
        self.assertFalse(self._start())
        self._create_policy(kind="receipt")
        self.assertFalse(self._start())

    def test_what_is_shipped_switches_nothing_on(self):
        """F3: the proposals are there, and not in force."""
        shipped = self.env.ref("customer_quality.deadline_policy_opinion")
        self.assertFalse(shipped.active or shipped.date_in_force)
        shipped.active = True
        self.assertTrue(shipped.date_in_force)
        self.assertTrue(self._start())

    def test_a_deadline_runs_on_when_its_policy_ends(self):
        """F3: what was promised is met, though nothing new is promised."""
        policy = self._create_policy()
        deadline = self._start()
        policy.active = False
        self.assertFalse(self._start())
        deadline.record_id._meet_deadlines("opinion")
        self.assertEqual(deadline.state, "met")

    def test_a_changed_policy_changes_no_promise_that_was_made(self):
        """F3: the deadline keeps what it was given."""
        policy = self._create_policy()
        deadline = self._start()
        policy.write({"amount": 9, "unit": "hours", "calendar_id": False})
        self.assertEqual(deadline.date_due, datetime(2026, 3, 4, 17))
        self.assertEqual(deadline.unit, "work_days")

    def test_the_first_policy_that_fits_holds(self):
        """F3: by sequence, so that the special case stands before the general one."""
        general = self._create_policy(amount=48, unit="hours", sequence=20)
        self._create_policy(amount=24, unit="hours", sequence=10, key_only=True)
        key = self._partner(quality_is_key=True)
        self.assertEqual(self._hours(partner_id=key.id), 24)
        self.assertEqual(self._hours(partner_id=self.customer.id), 48)
        general.sequence = 5
        self.assertEqual(self._hours(partner_id=key.id), 48)

    def test_a_contact_of_a_key_customer_is_one(self):
        """A6, F3: class and importance are those of the company behind a contact."""
        car = self.env.ref("customer_quality.customer_class_vehicle_plant")
        self._create_policy(amount=24, unit="hours", key_only=True, class_ids=car.ids)
        plant = self._partner(quality_is_key=True, quality_class_id=car.id, is_company=True)
        contact = self._partner(parent_id=plant.id)
        self.assertEqual(self._hours(partner_id=contact.id), 24)
        plant.quality_class_id = False
        self.assertEqual(self._hours(partner_id=contact.id), 0)

    def test_graver_things_are_due_sooner(self):
        """F2, F3: a policy from high on holds for critical, too, not for medium."""
        self._create_policy(amount=4, unit="hours", severity_from="high")
        found = {
            severity: self._hours(severity=severity)
            for severity in ("low", "medium", "high", "critical", False)
        }
        self.assertEqual(found, {"low": 0, "medium": 0, "high": 4, "critical": 4, False: 0})

    def test_on_site_within_24_48_72_hours(self):
        """F3: home province, elsewhere, hard to reach; abroad is a class of its own."""
        self.company.write(
            {
                "country_id": self.env.ref("base.us").id,
                "state_id": self.env.ref("base.state_us_5").id,
            }
        )
        for region, hours in (("home", 24), ("elsewhere", 48), ("remote", 72), ("abroad", 96)):
            region = self.env.ref(f"customer_quality.region_{region}")
            self._create_policy(amount=hours, unit="hours", region_ids=region.ids)
        remote = self.env.ref("customer_quality.partner_category_remote")
        for hours, partner in (
            (24, self._partner("us_5")),
            (48, self._partner("us_2")),
            (72, self._partner("us_5", category_id=remote.ids)),
            (96, self._partner(country="cn")),
            (96, self._partner(country="cn", category_id=remote.ids)),
            (48, self._partner()),
        ):
            with self.subTest(hours):
                self.assertEqual(self._hours(partner_id=partner.id), hours)

    def test_a_region_names_countries_and_states(self):
        """F3: what it names, an address has to fit altogether."""
        Region = self.env["quality.region"]
        us, cn = self.env.ref("base.us"), self.env.ref("base.cn")
        region = Region.create(
            {
                "name": "Two countries",
                "sequence": 0,
                "country_ids": (us | cn).ids,
                "company_id": self.company.id,
            }
        )
        here, there = self._partner(country="cn"), self._partner(country="de")
        found = Region._get_regions(here | there, self.company)
        self.assertEqual(found[here], region)
        self.assertNotEqual(found[there], region)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertNotEqual(Region._get_regions(here, other)[here], region)

    def test_the_customer_is_that_of_the_order(self):
        """F3: nobody has to name them twice."""
        self._create_policy(key_only=True)
        self.customer.quality_is_key = True
        record = self._create_records(order_id=self._create_order().id)
        self.assertEqual(self._start(record=record).partner_id, self.customer)

    def test_another_companys_policy_does_not_hold(self):
        """F3: a shared one does."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        policy = self._create_policy(company_id=other.id)
        self.assertFalse(self._start())
        policy.company_id = False
        self.assertTrue(self._start())

    def test_what_runs_is_not_started_twice(self):
        """F3: one deadline per document, kind and role."""
        self._create_policy()
        record = self._create_records()
        first = self._start(record=record)
        self.assertTrue(first)
        self.assertFalse(self._start(record=record))
        self.assertTrue(self._start(record=record, role_id=self._role("quality").id))
        record._meet_deadlines("opinion")
        self.assertTrue(self._start(record=record))

    def test_a_date_that_was_agreed_is_kept(self):
        """F3: a day lasts until its end over there; the policy says when to warn."""
        self.calendar.tz = "Asia/Shanghai"
        self._create_policy(warn_hours=8)
        deadline = self._start(date_due=date(2026, 3, 12))
        self.assertEqual(deadline.date_due, datetime(2026, 3, 12, 15, 59, 59))
        self.assertEqual(deadline.date_warn, datetime(2026, 3, 12, 0))
        self.assertEqual(self._start(date_due="2026-03-12 10:00:00").date_due.hour, 10)

    def test_odd_policies_are_refused(self):
        """F3: half a working day, and a warning before the start."""
        with self.assertRaises(ValidationError):
            self._create_policy(amount=1.5)
        with self.assertRaises(ValidationError):
            self._create_policy(amount=4, unit="hours", warn_hours=4)

    def test_a_manager_sets_a_policy_up(self):
        """F3: all on one form, in force at once."""
        with Form(self.env["quality.deadline.policy"].with_user(self.quality_manager)) as form:
            form.name = "On site"
            form.kind_id = self._kind("opinion")
            form.amount = 24
            form.unit = "hours"
            with form.step_ids.new() as step:
                step.hours = 2
                step.target = "role"
                step.role_id = self._role("management")
        self.assertTrue(form.record.date_in_force)
        self.assertTrue(self._start())

    def test_the_list_of_kinds_in_use_is_looked_up_once(self):
        """DESIGN: where nothing has a deadline, asking costs nothing."""
        record = self._create_records()
        self._start(record=record)
        self.env.flush_all()
        with self.assertQueryCount(0):
            self.Deadline._start([{"record_id": record.id, "kind": "opinion"}])
            record._meet_deadlines("opinion")
            record._cancel_deadlines()

    def test_starting_many_costs_no_more_queries_than_starting_few(self):
        """DESIGN: batch first."""
        home = self.env.ref("customer_quality.region_elsewhere")
        self._create_policy(region_ids=home.ids, warn_hours=4)
        few, many = (self._count_start(count) for count in (2, 90))
        self.assertLessEqual(many, few + 1, f"{few} → {many}")

    def _count_start(self, count):
        records = self._create_records(count)
        partners = self.env["res.partner"].create([{"name": "C"}] * count)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        started = self.Deadline._start(
            [
                {"record_id": record.id, "kind": "opinion", "partner_id": partner.id}
                for record, partner in zip(records, partners, strict=True)
            ]
        )
        self.env.flush_all()
        self.assertEqual(len(started), count)
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestDeadlineLife(DeadlineCase):
    """Met, cancelled, paused, and what the lists show."""

    def setUp(self):
        super().setUp()
        self.policy = self._create_policy(warn_hours=4)

    def test_kept_and_not_kept(self):
        """J1: a promise is kept until the due date, not a second longer."""
        for moment, result in (("2026-03-04 17:00:00", "in_time"), ("2026-03-04 17:00:01", "late")):
            deadline = self._start()
            with freeze_time(moment):
                deadline.record_id._meet_deadlines("opinion")
            self.assertEqual((deadline.state, deadline.result), ("met", result))
            self.assertEqual(deadline.date_met, fields.Datetime.to_datetime(moment))
            self.assertFalse(deadline.date_next)
            self.assertEqual(deadline.is_late, result == "late")

    def test_only_what_was_done_is_met(self):
        """F3: of the kind, and of the role where one is named."""
        self._create_policy(kind="receipt")
        record = self._create_records()
        engineering, quality = self._role("engineering"), self._role("quality")
        first = self._start(record=record, role_id=engineering.id)
        second = self._start(record=record, role_id=quality.id)
        third = self._start(record=record, kind="receipt", role_id=quality.id)
        record._meet_deadlines("opinion", quality)
        self.assertEqual([d.state for d in first | second | third], ["open", "met", "open"])

    def test_what_is_cancelled_was_neither_kept_nor_missed(self):
        """F3: unless it was missed before."""
        deadline = self._start()
        deadline.record_id._cancel_deadlines("receipt")
        self.assertEqual(deadline.state, "open")
        deadline.record_id._cancel_deadlines()
        self.assertEqual((deadline.state, deadline.result), ("cancelled", False))
        self.assertFalse(deadline.date_met or deadline.date_next)
        deadline.record_id._meet_deadlines("opinion")
        self.assertEqual(deadline.state, "cancelled")

    def test_waiting_for_the_customer_does_not_count(self):
        """F3, A2: paused for 6 working hours, due 6 working hours later; both times are kept."""
        with freeze_time("2026-03-02 09:00:00"):
            deadline = self._start()
        with freeze_time("2026-03-02 15:00:00"):
            deadline.record_id._pause_deadlines("Waiting for the drawing", "opinion")
        self.assertFalse(deadline.date_next)
        with freeze_time("2026-03-03 12:00:00"):
            deadline.record_id._resume_deadlines()
        # paused: 15–17 on Monday, 8–12 on Tuesday; due was Wednesday 17:00
        self.assertEqual(deadline.date_due, datetime(2026, 3, 5, 15))
        # the warning was due on Wednesday 13:00
        self.assertEqual(deadline.date_warn, datetime(2026, 3, 5, 10))
        self.assertEqual(deadline.date_next, deadline.date_warn)
        with freeze_time("2026-03-03 17:00:00"):
            deadline.record_id._meet_deadlines("opinion")
        self.assertEqual(
            (deadline.hours_gross, deadline.hours_paused, deadline.hours_net), (15, 6, 9)
        )
        self.assertEqual(deadline.pause_ids.mapped("reason"), ["Waiting for the drawing"])
        self.assertEqual(deadline.pause_ids.hours, 6)

    def test_a_pause_outside_working_time_moves_nothing(self):
        """F3: the night does not count anyway."""
        deadline = self._start()
        due = deadline.date_due
        with freeze_time("2026-03-02 18:00:00"):
            deadline._pause("Waiting")
        with freeze_time("2026-03-03 07:00:00"):
            deadline._resume()
        self.assertEqual(deadline.date_due, due)

    def test_what_is_met_while_paused_is_judged_without_the_pause(self):
        """F3: the pause ends with the promise."""
        deadline = self._start()
        with freeze_time("2026-03-03 08:00:00"):
            deadline._pause("Waiting")
        with freeze_time("2026-03-09 17:00:00"):
            deadline.record_id._meet_deadlines("opinion")
        self.assertEqual((deadline.result, deadline.hours_net), ("in_time", 7))
        self.assertFalse(deadline.date_paused)

    def test_pausing_twice_is_pausing_once(self):
        """F3: one pause at a time; going on without one does nothing."""
        deadline = self._start()
        deadline._pause("First")
        deadline._pause("Second")
        self.assertEqual(deadline.pause_ids.mapped("reason"), ["First"])
        deadline._resume()
        due = deadline.date_due
        deadline._resume()
        self.assertEqual(deadline.date_due, due)

    def test_what_is_missed_is_not_made_good_by_a_pause(self):
        """F3: the due date stays; only the escalation waits."""
        deadline = self._start()
        with freeze_time("2026-03-05 09:00:00"):
            deadline._pause("Waiting, too late")
        with freeze_time("2026-03-06 09:00:00"):
            deadline._resume()
        self.assertEqual(deadline.date_due, datetime(2026, 3, 4, 17))
        self.assertEqual(deadline.date_escalate, datetime(2026, 3, 5, 17))

    def test_another_date_is_agreed(self):
        """F3: a later date is a new promise."""
        deadline = self._start()
        with freeze_time("2026-03-02 10:00:00"):
            deadline.record_id._reschedule_deadlines("opinion", date(2026, 3, 10))
        self.assertEqual(deadline.date_due, datetime(2026, 3, 10, 23, 59, 59))
        self.assertEqual(deadline.date_next, datetime(2026, 3, 10, 13))

    @freeze_time("2026-03-05 09:00:00")
    def test_late_is_found_and_shown(self):
        """F3: before the scheduled action has seen it; what is paused is not late."""
        late, paused, met = (self._start() for _ in range(3))
        paused.write({"date_paused": datetime(2026, 3, 3)})
        with freeze_time("2026-03-03 09:00:00"):
            met._close("met")
        ahead = self._start(start=datetime(2026, 3, 5, 8))
        every = late | paused | met | ahead
        self.assertEqual(every.filtered("is_late"), late)
        found = self.Deadline.search([("is_late", "=", True), ("id", "in", every.ids)])
        self.assertEqual(found, late)
        found = self.Deadline.search([("is_late", "=", False), ("id", "in", every.ids)])
        self.assertEqual(found, every - late)

    def test_a_document_shows_what_is_due_next(self):
        """F3: on every document, in lists, for one query more."""
        record = self._create_records()
        far = self._start(record=record, date_due="2026-04-01 10:00:00")
        near = self._start(record=record, role_id=self._role("quality").id)
        self.assertEqual(record.date_due, near.date_due)
        self.assertEqual((record.deadline_state, record.deadline_count), ("open", 2))
        with freeze_time("2026-03-20 10:00:00"):
            record.invalidate_recordset()
            self.assertTrue(record.is_late)
            self.assertIn(record, record.search([("is_late", "=", True)]))
        near._close("met")
        self.assertEqual(record.date_due, far.date_due)
        far._close("met")
        record.invalidate_recordset()
        self.assertFalse(record.date_due or record.deadline_state or record.is_late)

    def test_lists_of_documents_cost_the_same_for_few_and_many(self):
        """DESIGN: no query per row."""
        few, many = (self._count_read(count) for count in (2, 80))
        self.assertEqual(few, many)

    def _count_read(self, count):
        records = self._create_records(count)
        self.Deadline._start([{"record_id": record.id, "kind": "opinion"} for record in records])
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        records.mapped(lambda record: (record.date_due, record.deadline_state, record.is_late))
        return self.env.cr.sql_log_count - before

    def test_nothing_is_due_on_a_void_document(self):
        """F3: whatever voided it."""
        self._create_policy(kind="contract_signing")
        review = self._request_review(self._create_order())
        deadline = self._start(kind="contract_signing", record=review.record_id)
        review.order_id._action_cancel()
        self.assertEqual(deadline.state, "cancelled")
