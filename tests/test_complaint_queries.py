from odoo.tests import tagged

from .complaint_common import ComplaintCase

#: A company that promises all of it, so that each complaint starts five deadlines.
PROMISED = ("acknowledge", "contact", "containment", "answer", "solution")


@tagged("post_install", "-at_install")
class TestComplaintQueries(ComplaintCase):
    """What complaints cost, one by one and a thousand together."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for kind in PROMISED:
            cls._promise(f"complaint_{kind}")
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=False))

    def _create(self, count, user=None):
        complaints = self.env["quality.complaint"].with_user(user or self.inspector)
        return complaints.create(
            [
                {"title": f"Does not fit {number}", "partner_id": self.customer.id}
                for number in range(count)
            ]
        )

    def _count(self, work):
        """Return how many queries ``work`` takes, written to the database and all."""
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_one_complaint_costs_at_most_eighteen_queries(self):
        """F1, F3: number, deadlines and tracking of one complaint."""
        self._create(1)
        self.assertLessEqual(self._count(lambda: self._create(1)), 18)

    def test_a_thousand_complaints_cost_at_most_four_queries_each(self):
        """F1, F3: number, deadlines and tracking of a batch."""
        self._create(1)
        self.assertLessEqual(self._count(lambda: self._create(1000)), 4000)

    def test_a_step_of_a_thousand_complaints_costs_at_most_three_queries_each(self):
        """F3: the step, its deadlines and its tracking."""
        complaints = self._create(1000)
        self.env.invalidate_all()
        self.assertLessEqual(self._count(complaints.action_accept), 3000)
        self.env.invalidate_all()
        self.assertLessEqual(self._count(complaints.action_investigate), 3000)
