import re

from odoo.tests import tagged

from .common import BASE
from .rows_common import RowsCase


@tagged("post_install", "-at_install")
class TestQueries(RowsCase):
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

    def test_lists_cost_the_same_for_one_row_and_for_a_thousand(self):
        """DESIGN: "My work", the reviews and the review status of orders run no query per row."""
        lists = {
            "my work": lambda: self._read_list("quality.duty", self.engineer),
            "reviews": lambda: self._read_list("quality.contract.review", self.inspector),
            "orders": self._read_status_of_orders,
        }
        self._ask(1)
        few = {name: self._count_warm(read) for name, read in lists.items()}
        self._ask(999)
        for name, read in lists.items():
            with self.subTest(name):
                # a thousand reviews have 3000 opinions, which Odoo reads 1000 at a time
                self.assertLessEqual(self._count_warm(read), few[name] + 4)

    def test_every_list_costs_the_same_for_three_rows_and_for_thirty(self):
        """DESIGN: no list of documents runs a query per row, whoever reads it."""
        users = {
            "quality manager": self.quality_manager,
            "salesperson": self._create_user(
                "chief", f"{BASE},sales_team.group_sale_manager,customer_quality.group_user"
            ),
        }
        for name in self._fill_lists(3):
            for who, user in users.items():
                with self.subTest(model=name, user=who):
                    self._count_list(name, user, 3)
                    few = self._count_list(name, user, 3)
                    self._fill_lists(30, name)
                    self.assertLessEqual(self._count_list(name, user, 30), few + 4)

    def _count_list(self, model, user, limit):
        records = self.env[model].with_user(user)
        view = records.get_view(view_type="list")
        readable = set(records.fields_get())
        names = [name for name in view["models"][model] if name in readable]
        ids = self.env[model].search([("id", "in", self._rows[model])], limit=limit).ids
        return self._count(records.browse(ids).web_read, {name: {} for name in names})

    def _count_warm(self, read):
        self._count(read)
        return self._count(read)

    def _ask(self, count):
        """Request the reviews of that many orders, in one batch."""
        self._create_orders(count).with_user(self.seller).action_request_quality_review()

    def _count_request(self, count):
        """Count the queries of requesting reviews of that many orders of ten lines each."""
        orders = self._create_orders(count, lines=10).with_user(self.seller)
        return self._count(orders.action_request_quality_review)

    def _read_list(self, model, user):
        view = self.env[model].get_view(view_type="list")
        names = [name for name in view["models"][model] if name in self.env[model]._fields]
        records = self.env[model].with_user(user)
        readable = set(records.fields_get())
        records.web_search_read([], {name: {} for name in names if name in readable})

    def _read_status_of_orders(self):
        orders = self.env["sale.order"].with_user(self.seller).search([])
        orders.mapped("quality_review_status")

    def test_requesting_a_review_of_ten_lines_by_six_departments_takes_at_most_eighty_queries(self):
        """B1: activities, figures of ten lines and snapshot included."""
        self._ask_six()
        self._count_request(1)
        self.assertLessEqual(self._count_request(1), 80)

    def test_requesting_two_hundred_reviews_takes_at_most_twenty_queries_each(self):
        """B1: orders of ten lines, reviewed by six departments, in one batch."""
        self._ask_six()
        self._count_request(1)
        self.assertLessEqual(self._count_request(200) / 200, 20)

    def _ask_six(self):
        """Let six departments review, each by a person of its own."""
        codes = ["engineering", "production", "quality", "purchasing", "legal", "finance"]
        for code in codes[3:]:
            user = self._create_user(code, f"{BASE},customer_quality.group_reviewer")
            self._assign(code, user)
        self._create_template(codes)

    def test_requesting_many_reviews_costs_little_more_each(self):
        """DESIGN, batch first: what does not depend on the order is asked once."""
        self._ask(1)
        one = self._count(self._ask, 1)
        many = self._count(self._ask, 41)
        self.assertLessEqual((many - one) / 40, 12)
