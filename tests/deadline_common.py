from datetime import datetime

from .common import QualityCase

MONDAY = datetime(2026, 3, 2, 9, 0)  # in UTC, as all moments here


class DeadlineCase(QualityCase):
    """A company that works in UTC from 8 to 12 and 13 to 17, and verbs for its deadlines."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.company.resource_calendar_id
        cls.calendar.tz = "UTC"
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
        values = {"res_model": "quality.contract.review", "company_id": cls.company.id, **vals}
        return cls.env["quality.record"].create(
            [{**values, "name": f"T/{number}"} for number in cls._numbers(count)]
        )

    @classmethod
    def _numbers(cls, count):
        taken = cls.env["quality.record"].search_count([("name", "=like", "T/%")])
        return range(taken, taken + count)

    def _start(self, kind="opinion", start=MONDAY, record=None, **vals):
        record = record or self._create_records()
        vals = {"record_id": record.id, "kind": kind, "date_start": start, **vals}
        return self.Deadline._start([vals])
