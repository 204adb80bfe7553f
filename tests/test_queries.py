import re

from odoo.tests import tagged, warmup

from .common import QualityCase


@tagged("post_install", "-at_install")
class TestQueries(QualityCase):
    """Query counts, the hard gate on speed (DESIGN: off the critical path, batch first)."""

    def _count(self, function, *args):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function(*args)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _confirm_queries(self, order):
        return self._count(order.with_user(self.seller).action_confirm)

    def test_an_approved_review_costs_the_confirmation_at_most_six_queries(self):
        """B6: gate on with an approved review, before the notice is issued."""
        self._put_in_stock(self.product, 1000)
        self._confirm_queries(self._create_order())  # warm caches
        plain = self._confirm_queries(self._create_order())
        self.company.quality_review_gate = "always"
        self._confirm_queries(self._create_reviewed_order())
        guarded = self._confirm_queries(self._create_reviewed_order())
        self.assertLessEqual(guarded - plain, 6, f"{plain} → {guarded}")

    def test_the_gate_switched_off_asks_nothing_of_our_tables(self):
        """DESIGN: with the gate off not one query more than plain Odoo."""
        self._put_in_stock(self.product, 1000)
        self._confirm_queries(self._create_order())
        order = self._create_order()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertLogs("odoo.sql_db", "DEBUG") as logs:
            order.with_user(self.seller).action_confirm()
            self.env.flush_all()
        asked = [line for line in logs.output if re.search(r'(FROM|JOIN|INTO) "quality_', line)]
        self.assertFalse(asked)

    @warmup
    def test_my_work_is_flat(self):
        """DESIGN: "My work" costs the same for 1 and for many rows."""
        self.assertFlat(lambda: self._read_list("quality.duty", self.engineer), self._ask)

    @warmup
    def test_the_review_list_is_flat(self):
        """DESIGN: lists never run a query per row."""
        self.assertFlat(
            lambda: self._read_list("quality.contract.review", self.inspector), self._ask
        )

    @warmup
    def test_the_order_list_with_its_review_status_is_flat(self):
        """DESIGN: the status column costs no query per order."""
        self.assertFlat(
            lambda: (
                self.env["sale.order"]
                .with_user(self.seller)
                .search([])
                .mapped("quality_review_status")
            ),
            self._ask,
        )

    def assertFlat(self, read, add):
        """The number of queries does not grow with the number of rows."""
        add(1)
        self._count(read)
        few = self._count(read)
        add(25)
        many = self._count(read)
        self.assertLessEqual(many, few + 1, "more rows must not mean more queries")

    def _ask(self, count):
        for _index in range(count):
            self._request_review(self._create_order())

    def _read_list(self, model, user):
        view = self.env[model].get_view(view_type="list")
        names = [name for name in view["models"][model] if name in self.env[model]._fields]
        records = self.env[model].with_user(user)
        readable = set(records.fields_get())
        records.web_search_read([], {name: {} for name in names if name in readable})
