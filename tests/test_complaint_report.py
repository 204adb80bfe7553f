from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import BASE
from .complaint_common import ComplaintCase


@tagged("post_install", "-at_install")
class TestComplaintReport(ComplaintCase):
    """Figures of after-sales, against cases that are counted by hand (F9, J1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Defect = cls.env["quality.defect"].with_context(lang="en_US")
        cls.surface = Defect.create({"name": "Surface"})
        cls.scratch, cls.rust = Defect.create(
            [{"name": name, "parent_id": cls.surface.id} for name in ("Scratch", "Rust")]
        )
        cls.report = cls.env["quality.complaint.report"]

    def _complain(self, *positions, **vals):
        """Register a complaint about products with their defects and quantities."""
        return self.env["quality.complaint"].create(
            {
                "title": "It does not work",
                "partner_id": self.customer.id,
                "user_id": self.inspector.id,
                "line_ids": [
                    (0, 0, {"product_id": product.id, "defect_id": defect.id, "quantity": quantity})
                    for product, defect, quantity in positions
                ],
                **vals,
            }
        )

    def _rows(self, complaints):
        return self.report.search([("complaint_id", "in", complaints.ids)])

    def _group(self, complaints, by, *measures, user=None):
        """Return a dict of group → measures."""
        groups = self.report.with_user(user or self.env.user)._read_group(
            [("complaint_id", "in", complaints.ids)], by, measures
        )
        width = len(by)
        return {group[:width] if width > 1 else group[0]: group[width:] for group in groups}

    # Rows

    def test_each_position_is_a_row_and_so_is_a_complaint_without(self):
        """F9: nothing is lost, whether products are named or not."""
        two = self._complain((self.product, self.scratch, 2), (self.part, self.rust, 3))
        none = self._complain()
        rows = self._rows(two | none)
        self.assertEqual(len(rows), 3)
        self.assertEqual(len(set(rows.ids)), 3)
        of_two = rows.filtered(lambda row: row.complaint_id == two)
        self.assertEqual(set(of_two.mapped("quantity")), {2, 3})
        self.assertEqual(of_two.defect_group_id, self.surface)
        self.assertFalse(rows.filtered(lambda row: row.complaint_id == none).product_id)

    def test_a_row_leads_to_its_complaint(self):
        """F9: each figure opens what is behind it."""
        two = self._complain((self.product, self.scratch, 2), (self.part, self.rust, 3))
        none = self._complain()
        for complaint in two | none:
            for row in self._rows(complaint):
                action = row.with_user(self.inspector).action_open_complaint()
                self.assertEqual(action["res_id"], complaint.id)
        behind = self.env["quality.complaint"].search(
            [("report_ids", "any", [("defect_id", "=", self.rust.id)])]
        )
        self.assertEqual(behind, two)

    # Counts

    def test_a_complaint_counts_once_in_each_group(self):
        """F9: two positions are one complaint, under both of their defects."""
        both = self._complain((self.product, self.scratch, 2), (self.part, self.rust, 3))
        same = self._complain((self.product, self.scratch, 1), (self.part, self.scratch, 4))
        found = self._group(
            both | same, ["defect_id"], "complaint_count:count_distinct", "quantity:sum", "__count"
        )
        self.assertEqual(found, {self.scratch: (2, 7, 3), self.rust: (1, 3, 1)})
        groups = self._group(both | same, ["defect_group_id"], "complaint_count:count_distinct")
        self.assertEqual(groups, {self.surface: (2,)})

    def test_customers_count_as_companies_with_their_class(self):
        """F9: contacts of a customer are the customer."""
        vehicle_class = self.env["quality.customer.class"].create({"name": "Plants"})
        self.customer.write({"is_company": True, "quality_class_id": vehicle_class.id})
        contact = self.env["res.partner"].create({"name": "Li", "parent_id": self.customer.id})
        complaints = self._complain() | self._complain(partner_id=contact.id)
        found = self._group(
            complaints, ["partner_id", "class_id"], "complaint_count:count_distinct"
        )
        self.assertEqual(found, {(self.customer, vehicle_class): (2,)})

    # Times

    def test_handling_time_leaves_out_what_was_waited_for_the_customer(self):
        """F9: gross from the receipt to the closing, net without waiting, by the clock."""
        with freeze_time("2026-03-02 08:00"):
            complaint = self._complain(
                (self.product, self.scratch, 1),
                (self.part, self.rust, 1),
                date_received="2026-03-01 08:00:00",
            )
            mine = complaint.with_user(self.inspector)
            mine.action_wait("Samples")
        with freeze_time("2026-03-04 20:00"):
            mine.action_resume()
        with freeze_time("2026-03-06 08:00"):
            self._bring_to(complaint, "answered")
        with freeze_time("2026-03-11 08:00"):
            mine.action_close()
        row = self._rows(complaint)[0]
        self.assertAlmostEqual(row.days_to_answer, 5)
        self.assertAlmostEqual(row.days_gross, 10)
        self.assertAlmostEqual(row.days_net, 7.5)

    def test_what_waits_while_it_ends_waited_until_then(self):
        """F9: a complaint rejected while the customer was waited for."""
        with freeze_time("2026-03-02 08:00"):
            mine = self._complain(date_received="2026-03-02 08:00:00").with_user(self.inspector)
            mine.action_wait("Samples")
        with freeze_time("2026-03-05 08:00"):
            mine.action_reject("No samples came")
        self.assertAlmostEqual(mine.hours_waited, 72)
        self.assertFalse(mine.date_waiting)
        row = self._rows(mine)
        self.assertAlmostEqual(row.days_gross, 3)
        self.assertAlmostEqual(row.days_net, 0)

    def test_a_running_or_void_complaint_has_no_handling_time(self):
        """F9: averages are of what has come to its end."""
        running, void = self._complain(), self._complain()
        void.with_user(self.inspector).action_void("Came twice")
        for row in self._rows(running | void):
            self.assertFalse(row.days_gross)
            self.assertFalse(row.date_closed)
        self.assertEqual(
            self._group(running | void, ["kind"], "days_gross:avg"), {"complaint": (False,)}
        )

    def test_averages_are_of_complaints_and_not_of_positions(self):
        """F9: four positions of a slow complaint weigh no more than one of a quick one."""
        slow = self._complain(*[(self.product, self.scratch, 1)] * 4)
        quick = self._complain((self.part, self.rust, 1))
        for complaint, days in ((slow, 9), (quick, 2)):
            complaint.date_received = fields.Datetime.now() - timedelta(days=days)
            self._bring_to(complaint, "closed")
        found = self._group(slow | quick, ["partner_id"], "days_gross:avg", "days_gross:sum")
        average, total = found[self.customer]
        self.assertAlmostEqual(average, 5.5, places=2)
        self.assertAlmostEqual(total, 11, places=2)
        by_product = self._group(slow | quick, ["product_id"], "days_gross:avg")
        self.assertAlmostEqual(by_product[self.product][0], 9, places=2)
        self.assertAlmostEqual(by_product[self.part][0], 2, places=2)

    # Promises

    def test_a_share_is_of_what_was_promised_and_came_to_its_end(self):
        """J1: of two answers one was late; of one contact none; the third still runs."""
        self._promise("complaint_answer", 48)
        self._promise("complaint_contact", 48)
        now = fields.Datetime.now()
        in_time = self._complain(date_received=now - timedelta(hours=5))
        late = self._complain(
            (self.product, self.scratch, 1),
            (self.part, self.rust, 1),
            date_received=now - timedelta(hours=72),
        )
        runs = self._complain(date_received=now)
        self._bring_to(in_time, "answered")
        self._bring_to(late, "answered")
        in_time.with_user(self.inspector).action_contact("Tighten it")
        found = self._group(
            in_time | late | runs,
            ["partner_id"],
            "in_time_answer:avg",
            "in_time_contact:avg",
            "in_time_visit:avg",
            "in_time:avg",
        )
        self.assertEqual(found[self.customer], (0.5, 1.0, False, 0.5))
        results = {row.complaint_id: row.result for row in self._rows(in_time | late | runs)}
        self.assertEqual(results, {in_time: "in_time", late: "late", runs: False})
        self.assertEqual(
            self.report.search(
                [("result", "=", "late"), ("complaint_id", "in", (in_time | late | runs).ids)]
            ).complaint_id,
            late,
        )

    def test_what_was_missed_before_stays_missed(self):
        """J1: answered late, rejected by the customer and answered in time: not in time."""
        self._promise("complaint_answer", 24)
        complaint = self._complain(date_received=fields.Datetime.now() - timedelta(days=3))
        self._bring_to(complaint, "answered")
        complaint._record_verdict(False, "Mr. Wang", "It still leaks")
        complaint.with_user(self.inspector)._record_answer("Once more", "Replaced")
        results = self._deadline(complaint, "answer").mapped("result")
        self.assertEqual(sorted(results), ["in_time", "late"])
        self.assertEqual(self._rows(complaint).in_time_answer, 0)

    def test_reopened_complaints_are_counted(self):
        """F9: how often what was closed came back."""
        complaint = self._complain((self.product, self.rust, 1), (self.part, self.rust, 1))
        self._bring_to(complaint, "closed")
        complaint.with_user(self.inspector).action_reopen("It leaks again")
        found = self._group(complaint, ["defect_id"], "reopen_count:sum")
        self.assertEqual(found, {self.rust: (1,)})

    # Rights

    def test_sales_see_the_figures_of_their_own_customers(self):
        """F9, DESIGN Rights: whoever may not see a complaint does not count it."""
        mine = self._complain(salesperson_id=self.seller.id)
        other = self._complain(salesperson_id=self.other_seller.id)
        count = "complaint_count:count_distinct"
        for user, expected in (
            (self.seller, 1),
            (self.other_seller, 1),
            (self.colleague, 2),
            (self.auditor, 2),
            (self.engineer, 2),
        ):
            with self.subTest(user=user.login):
                found = self._group(mine | other, ["kind"], count, user=user)
                self.assertEqual(found, {"complaint": (expected,)})
        rows = self._rows(other).with_user(self.seller)
        with self.assertRaises(AccessError):
            rows.read(["state"])
        # the complaint behind another one's row stays closed: its form refuses
        with self.assertRaises(AccessError):
            self.env["quality.complaint"].with_user(self.seller).browse(
                rows.action_open_complaint()["res_id"]
            ).read(["title"])

    def test_another_company_portal_and_nobody_see_no_figure(self):
        """F9, DESIGN Rights: neither rows nor counts."""
        complaint = self._complain((self.product, self.rust, 1))
        elsewhere = self.env["res.company"].create({"name": "Elsewhere Ltd."})
        stranger = self._create_user(
            "stranger", f"{BASE},customer_quality.group_manager", elsewhere
        )
        self.assertFalse(
            self.report.with_user(stranger)
            .with_context(allowed_company_ids=elsewhere.ids)
            .search([("complaint_id", "=", complaint.id)])
        )
        portal = self._create_user("portal", "base.group_portal")
        for user in (self.nobody, portal):
            report = self.report.with_user(user)
            for call in (
                lambda report=report: report.search([]),
                lambda report=report: report.formatted_read_group([], ["kind"], ["__count"]),
                lambda report=report: report.fields_get() and report.search_count([]),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    call()

    def test_figures_per_person_are_for_quality_and_audit(self):
        """J1: per person for those entitled only."""
        complaint = self._complain()
        for user in (self.inspector, self.auditor):
            found = self._group(complaint, ["user_id"], "__count", user=user)
            self.assertEqual(found, {self.inspector: (1,)})
        for user in (self.seller, self.engineer, self.colleague):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._group(complaint, ["user_id"], "__count", user=user)

    def test_nobody_writes_a_figure(self):
        """F9: figures follow from complaints."""
        row = self._rows(self._complain())
        for user in (self.quality_manager, self.inspector):
            with self.assertRaises(AccessError):
                row.with_user(user).write({"quantity": 1})

    # Cost

    def test_a_figure_costs_the_same_for_one_complaint_and_for_many(self):
        """F9: one query for each figure, and the list no query per row."""
        self._complain((self.product, self.rust, 1))
        report = self.report.with_user(self.inspector)
        view = report.get_view(view_type="list")
        names = {name: {} for name in view["models"][report._name] if name in report._fields}

        def count(call):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            call()
            return self.env.cr.sql_log_count - before

        def group():
            report.formatted_read_group(
                [("state", "!=", "void")],
                ["defect_id"],
                ["complaint_count:count_distinct", "days_gross:avg", "in_time:avg"],
            )

        def open_list():
            report.web_search_read([], names, limit=80)

        for call in (group, open_list):
            call()
        few = [count(group), count(open_list)]
        for _number in range(30):
            self._complain((self.product, self.rust, 1), (self.part, self.scratch, 1))
        many = [count(group), count(open_list)]
        self.assertLessEqual(many[0], few[0] + 1)
        self.assertLessEqual(many[1], few[1] + 2)
