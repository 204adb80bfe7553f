from datetime import datetime, timedelta

from odoo import fields
from odoo.tests import freeze_time, tagged

from .common import QualityCase

MONDAY = datetime(2026, 3, 2, 9, 0)  # in UTC, as all moments here


class DeadlineCase(QualityCase):
    """A company that works in UTC from 8 to 12 and 13 to 17, and verbs for its deadlines."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.company.resource_calendar_id
        cls.calendar.tz = "UTC"
        cls.env.user.tz = "UTC"
        cls.Deadline = cls.env["quality.deadline"]

    @classmethod
    def _kind(cls, code):
        return cls.env.ref(f"customer_quality.deadline_kind_{code}")

    @classmethod
    def _create_policy(cls, kind="opinion", amount=2, unit="work_days", steps=(), **vals):
        return cls.env["quality.deadline.policy"].create(
            {
                "name": "Test policy",
                "kind_id": cls._kind(kind).id,
                "company_id": cls.company.id,
                "amount": amount,
                "unit": unit,
                "step_ids": [(0, 0, step) for step in steps],
                **vals,
            }
        )

    @classmethod
    def _create_records(cls, count=1, **vals):
        values = {"name": "T", "res_model": "quality.contract.review", "res_id": 0}
        values |= {"company_id": cls.company.id, **vals}
        return cls.env["quality.record"].create(
            [{**values, "name": f"T/{number}"} for number in range(count)]
        )

    def _start(self, kind="opinion", start=MONDAY, record=None, **vals):
        record = record or self._create_records()
        vals = {"record_id": record.id, "kind": kind, "date_start": start, **vals}
        return self.Deadline._start([vals])


@tagged("post_install", "-at_install")
class TestDeadlineStart(DeadlineCase):
    def test_nothing_is_due_without_a_policy(self):
        """F3: all of it is a company's own setting; without one nothing has a deadline."""
        self.assertFalse(self._start())

    def test_two_working_days_end_with_the_second_one(self):
        """F3: the day itself does not count; the due date is the close of work."""
        self._create_policy()
        self.assertEqual(self._start().date_due, datetime(2026, 3, 4, 17, 0))
