from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from ..lib.quantity import format_quantity, parse_quantity
from .common import BASE
from .progress_common import WEDNESDAY, ProgressCase

REPORT = "quality.progress.report"


@tagged("post_install", "-at_install")
class TestProgressReport(ProgressCase):
    """Each workshop files one report a day about the notices in force (D2)."""

    def setUp(self):
        super().setUp()
        self.notice, self.production = self._start_order(10)

    def _prefilled(self, workshop=None):
        return self.env[REPORT]._prepare_lines(workshop or self.workshop)

    # What is prefilled

    def test_open_notices_are_prefilled(self):
        """D2: order, product, what is planned and what is done so far stand there already."""
        [line] = self._prefilled()
        self.assertEqual(line["production_id"], self.production.id)
        self.assertEqual(line["notice_names"], self.notice.name)
        self.assertEqual(line["product_id"], self.product.id)
        self.assertEqual((line["planned"], line["done_before"]), (10, 0))

    def test_the_most_urgent_comes_first(self):
        """D2: by the date that is due, not by number."""
        urgent = self._start_order(3, days=5)[1]
        ids = [line["production_id"] for line in self._prefilled()]
        self.assertEqual(ids, [urgent.id, self.production.id])

    def test_a_workshop_reports_on_its_work_centers(self):
        """D2: with work centers chosen, only on orders that pass them."""
        paint = self._create_center("Paint Shop")
        weld = self._create_center("Welding Booth", "Weld")
        production = self._start_order(2)[1]
        self.workshop.workcenter_ids = weld
        self.assertEqual([line["production_id"] for line in self._prefilled()], production.ids)
        self.workshop.workcenter_ids = paint
        self.assertFalse(self._prefilled())

    def test_what_is_finished_or_void_is_not_asked_for(self):
        """D2: neither finished orders nor those of void notices."""
        other = self._start_order(2)[1]
        self._finish(other)
        self._cancel(self.notice.order_id)
        self.assertFalse(self._prefilled())

    # Filing

    def test_filed_signed_and_frozen(self):
        """D2, M1: one signature, by the own login; the report stays as it was filed."""
        report = self._file({self.production: "4"}, note="Two welders ill")
        self.assertEqual(report.state, "filed")
        self.assertEqual(report.phase, "closed")
        self.assertEqual(report.signature_id.signer_login, self.welder.login)
        self.assertEqual(report.signature_id.meaning, "report")
        self.assertEqual((report.line_ids.done, report.line_ids.done_total), (4, 4))
        for values in ({"note": "None"}, {"is_unchanged": True}):
            with self.assertRaises(UserError):
                report.write(values)
        for user in self.welder | self.producer | self.quality_manager:
            with self.assertRaises(AccessError):
                report.line_ids.with_user(user).done = 9
        verification = self.env["quality.signature"]._verify(self.company)
        self.assertTrue(verification.intact, verification.findings)

    def test_what_is_changed_behind_it_is_found(self):
        """D2, M1: another quantity in the database is not what was signed."""
        report = self._file({self.production: "4"})
        self.env.cr.execute(
            "UPDATE quality_progress_report_line SET done = 9 WHERE report_id = %s", [report.id]
        )
        self.env.invalidate_all()
        verification = self.env["quality.signature"]._verify(self.company)
        self.assertEqual([f.kind for f in verification.findings], ["document_altered"])

    def test_the_next_day_knows_what_was_done(self):
        """D2: done so far is what the workshop reported before."""
        self._file({self.production: "4"})
        with freeze_time(WEDNESDAY + timedelta(days=1)):
            self.assertEqual(self._prefilled()[0]["done_before"], 4)
            report = self._file({self.production: "2,5"})
            self.assertEqual(report.line_ids.done_total, 6.5)

    def test_one_report_a_day(self):
        """D2: who comes second is told who was first."""
        self._file({self.production: "4"})
        with self.assertRaisesRegex(UserError, "filed already.*welder"):
            self._file({self.production: "1"}, user=self.foreman)
        self.assertEqual(len(self._find(REPORT)), 1)

    def test_no_change_is_a_statement_too(self):
        """D2: one click says that nothing has changed; it is signed like any other report."""
        report = self._file(is_unchanged=True)
        self.assertTrue(report.is_unchanged and report.signature_id)
        self.assertEqual(report.line_ids.mapped("done"), [0])

    def test_a_report_says_one_thing(self):
        """D2: neither nothing at all nor both a quantity and no change."""
        with self.assertRaisesRegex(UserError, "No change"):
            self._file({self.production: ""})
        with self.assertRaisesRegex(UserError, "something has changed"):
            self._file({self.production: "4"}, is_unchanged=True)
        self.assertFalse(self._find(REPORT, ("state", "=", "filed")))

    def test_what_can_not_be_read_is_refused_with_its_order(self):
        """D2: the sentence names the order and what was typed."""
        for text in ("four", "-4", "1.000,5", "nan", "1,000"):
            with self.subTest(text), self.assertRaisesRegex(UserError, self.production.name):
                self._file({self.production: text})

    def test_more_than_planned_takes_a_reason(self):
        """D2: a slip of the finger is caught; what is true is reported with its reason."""
        with self.assertRaisesRegex(UserError, "more done than planned"):
            self._file({self.production: "100"})
        report = self._file(
            {self.production: {"done": "11", "has_problem": True, "problem": "One as spare"}}
        )
        self.assertEqual(report.line_ids.done, 11)

    def test_a_problem_is_told(self):
        """D2: a problem says what it is, and reaches who answers for the notice."""
        with self.assertRaisesRegex(UserError, "Write what the problem"):
            self._file({self.production: {"has_problem": True}})
        report = self._file({self.production: {"problem": "No gas"}})
        self.assertEqual(report.problem_count, 1)
        activity = self.notice.activity_ids.filtered(lambda a: a.user_id == self.seller)
        self.assertIn("No gas", activity[-1:].note)
        self.assertIn(self.production.name, activity[-1:].note)

    def test_an_order_finished_meanwhile_is_still_reported(self):
        """D2: what was typed is kept when somebody closed the order in between."""
        self._finish(self.production)
        report = self._file({self.production: {"problem": "Last piece scratched"}})
        self.assertEqual(report.line_ids.production_id, self.production)

    def test_no_order_of_somebody_else(self):
        """D2: a form that was tampered with reports on nothing that is not ours."""
        self.workshop.workcenter_ids = self._create_center("Paint Shop")
        with self.assertRaisesRegex(UserError, "no order of this workshop"):
            self._file({self.production: "1"})

    # Who

    def test_only_people_of_the_workshop_file(self):
        """D2: head, deputies, members; no other department, however many rights they have."""
        deputy = self._create_worker("deputy_head")
        self.department.quality_deputy_ids = deputy.employee_id
        for user in self.producer | self.quality_manager | self.seller | self.nobody:
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._file({self.production: "1"}, user=user)
        self.assertEqual(self._file({self.production: "1"}, user=deputy).state, "filed")

    def test_a_section_belongs_to_its_department(self):
        """D2: people of a department below file as well."""
        section = self.env["hr.department"].create(
            {"name": "Robots", "parent_id": self.department.id, "company_id": self.company.id}
        )
        self.nobody.action_create_employee()
        self.nobody.employee_id.department_id = section
        self.assertEqual(self._file({self.production: "1"}, user=self.nobody).state, "filed")

    def test_a_shared_device_signs_with_badge_and_pin(self):
        """D2, M1: the terminal of the workshop signs for the person at it."""
        terminal = self._create_user("terminal", BASE)
        terminal.quality_shared_login = True
        self.welder.employee_id.write({"barcode": "W7", "pin": "4711"})
        workshop = self.workshop.with_user(terminal)
        self.assertIn(workshop, workshop._get_own())
        values = {"lines": {self.production.id: {"done": "2"}}}
        reports = self.env[REPORT].with_user(terminal)
        with self.assertRaisesRegex(UserError, "shared"):
            reports._file(workshop, fields.Date.today(), values, {})
        report = reports._file(
            workshop, fields.Date.today(), values, {"badge": "W7", "pin": "4711"}
        ).sudo()
        self.assertEqual(report.signature_id.way, "shared")
        self.assertEqual(report.signature_id.signer_login, self.welder.login)

    def test_who_reads_and_who_does_not(self):
        """D2: production, sales and quality read; strangers, portal and other companies do not."""
        report = self._file({self.production: "4"})
        portal = self._create_user("portal_buyer", "base.group_portal")
        sister = self.env["res.company"].create({"name": "Sister Ltd."})
        stranger = self._create_user("stranger", f"{BASE},mrp.group_mrp_user", company=sister)
        for user in self.seller | self.producer | self.inspector | self.auditor:
            self.assertEqual(report.with_user(user).line_ids.done, 4)
            Form(report.with_user(user))
            for operation in ("create", "write", "unlink"):
                self.assertFalse(report.with_user(user).has_access(operation))
                self.assertFalse(report.line_ids.with_user(user).has_access(operation))
        for user in self.nobody | portal:
            self.assertFalse(report.with_user(user).has_access("read"))
        reports = self.env(user=stranger, context={})[REPORT]
        self.assertFalse(reports.search([("id", "=", report.id)]))
        self.assertFalse(self.env(user=stranger, context={})["quality.workshop"]._get_own())

    def test_only_the_quality_manager_lists_workshops(self):
        """D2: the list is the company's, and a department stands in it once."""
        workshop = self.env["quality.workshop"].with_user(self.quality_manager)
        department = self.env["hr.department"].create(
            {"name": "Paint", "company_id": self.company.id}
        )
        self.assertTrue(workshop.create({"department_id": department.id}))
        for user in self.producer | self.inspector | self.foreman:
            with self.assertRaises(AccessError):
                self.workshop.with_user(user).active = False

    # Posting

    def test_nothing_is_posted_by_default(self):
        """D2: a report leaves the manufacturing order as it is."""
        self._file({self.production: "4"})
        self.assertEqual(self.production.qty_producing, 0)

    def test_quantities_reach_the_order_and_never_close_it(self):
        """D2: added to the quantity produced, up to what is planned; the order stays open."""
        self.company.quality_progress_post = True
        self._put_in_stock(self.part, 100)
        report = self._file({self.production: "4"})
        self.assertEqual((self.production.qty_producing, report.line_ids.posted), (4, 4))
        self.assertEqual(self.production.state, "progress")
        self.assertEqual(self.production.move_raw_ids.quantity, 8)
        with freeze_time(WEDNESDAY + timedelta(days=1)):
            report = self._file({self.production: {"done": "8", "problem": "Two too many"}})
        self.assertEqual((self.production.qty_producing, report.line_ids.posted), (10, 6))
        self.assertEqual(self.production.state, "to_close")

    def test_only_finishing_workshops_post(self):
        """D2: who does the first step of ten pieces has not produced ten pieces."""
        self.company.quality_progress_post = True
        self.workshop.is_finishing = False
        self._file({self.production: "4"})
        self.assertEqual(self.production.qty_producing, 0)

    def test_serial_numbers_are_left_to_the_order(self):
        """D2: each piece has its number there; a figure alone would take it away."""
        self.company.quality_progress_post = True
        self.product.tracking = "serial"
        production = self._start_order(3)[1][:1]
        report = self._file({production: "1"})
        line = report.line_ids.filtered(lambda line: line.production_id == production)
        self.assertEqual((production.qty_producing, line.posted), (0, 0))

    # A missing one shows

    def test_asked_for_on_working_days_and_missed(self):
        """D2: opened in the morning, missing from the hour on that the company has set."""
        self._run_cron("ir_cron_progress_report")
        report = self._find(REPORT)
        self.assertEqual((report.workshop_id, report.state), (self.workshop, "open"))
        self.assertFalse(report.is_missing or report.activity_ids)
        with freeze_time(WEDNESDAY.replace(hour=19)):
            self._run_cron("ir_cron_progress_report")
            self._run_cron("ir_cron_progress_report")
            self.assertTrue(report.is_missing)
            self.assertEqual(self._find(REPORT, ("is_missing", "=", True)), report)
            self.assertEqual(report.activity_ids.user_id, self.foreman)
            self.assertEqual(len(report.activity_ids), 1)

    def test_filed_late_it_is_missing_no_more(self):
        """D2: a missing report can still be filed; that it was late is kept."""
        self._run_cron("ir_cron_progress_report")
        with freeze_time(WEDNESDAY + timedelta(days=1)):
            self._run_cron("ir_cron_progress_report")
            report = self._file({self.production: "4"}, day=WEDNESDAY.date())
            self.assertTrue(report.is_late)
            self.assertFalse(report.is_missing or report.activity_ids)
            self.assertEqual(len(self._find(REPORT, ("state", "=", "open"))), 1)

    def test_no_day_that_nobody_asked_for(self):
        """D2: neither tomorrow nor a day on which nothing was asked."""
        for days in (1, -1):
            with self.assertRaisesRegex(UserError, "No report is asked for"):
                self._file({self.production: "4"}, day=WEDNESDAY.date() + timedelta(days=days))

    def test_not_on_days_off_and_not_without_work(self):
        """D2: neither on a Sunday, nor where nothing is open, nor with the setting off."""
        with freeze_time(WEDNESDAY + timedelta(days=4)):
            self._run_cron("ir_cron_progress_report")
        self._cancel(self.notice.order_id)
        self._run_cron("ir_cron_progress_report")
        self.assertFalse(self._find(REPORT))
        self._start_order(1)
        self.company.quality_progress_report = False
        self._run_cron("ir_cron_progress_report")
        self.assertFalse(self._find(REPORT))

    def test_a_makeup_sunday_is_worked(self):
        """D2, F3: a day off that is worked all the same has its report."""
        sunday = WEDNESDAY + timedelta(days=4)
        self.env["quality.working.day"].create(
            {"date": sunday.date(), "company_id": self.company.id}
        )
        with freeze_time(sunday):
            self._run_cron("ir_cron_progress_report")
        self.assertEqual(self._find(REPORT).date, sunday.date())

    def test_quality_says_that_none_is_needed(self):
        """D2: the works were closed; nobody is asked any more, and nobody else may say so."""
        self._run_cron("ir_cron_progress_report")
        report = self._find(REPORT)
        with self.assertRaises(UserError):
            report.with_user(self.producer).action_void()
        report.with_user(self.inspector).action_void()
        self.assertEqual((report.state, report.phase), ("void", "void"))
        with freeze_time(WEDNESDAY.replace(hour=19)):
            self.assertFalse(report.is_missing)
        with self.assertRaises(UserError):
            self._file({self.production: "4"})

    def test_a_filed_report_is_kept(self):
        """D2, K1: what was signed is not taken back."""
        report = self._file({self.production: "4"})
        with self.assertRaisesRegex(UserError, "kept"):
            report.with_user(self.inspector).action_void()

    def test_many_workshops_cost_no_more_queries_each(self):
        """D2: the reports of a day are asked for together."""

        def ask(count):
            self._find("quality.workshop").active = False
            departments = self.env["hr.department"].create(
                [{"name": f"W{n}", "company_id": self.company.id} for n in range(count)]
            )
            self.env["quality.workshop"].create(
                [{"department_id": department.id} for department in departments]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.env[REPORT]._open_day(self.company)
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        ask(1)
        self.assertLessEqual(ask(8), ask(1) + 8)

    def test_the_list_costs_the_same_for_few_and_for_many(self):
        """D2: nothing is looked up report by report."""

        def read(reports):
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            reports.with_user(self.seller).web_read(
                {"display_name": {}, "is_missing": {}, "filed_by": {}, "workshop_id": {}}
            )
            return self.env.cr.sql_log_count - start

        reports = self.env[REPORT]
        for days in range(6):
            with freeze_time(WEDNESDAY + timedelta(days=days)):
                reports |= self._file({self.production: "1"})
        read(reports)
        self.assertLessEqual(read(reports), read(reports[:1]))

    def test_on_paper(self):
        """D2, K2: a controlled form with number, form version, quantities and problem."""
        report = self._file({self.production: {"done": "4", "problem": "No gas"}})
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html("customer_quality.report_progress_report", report.ids)[0]
            .decode()
        )
        for word in (report.name, "QF-41", "Welding", "No gas", self.production.name):
            self.assertIn(word, html)

    def test_quantities_are_read_as_people_type_them(self):
        """D2: comma or point, blanks, nothing; what could mean two things is refused."""
        for text, quantity in (("1,5", 1.5), (" 12 ", 12), ("1.25", 1.25), ("", 0), (None, 0)):
            self.assertEqual(parse_quantity(text), quantity)
        for text in ("1,000", "1,000.5", "-3", "1e5", "inf", "3 kg", ".", "9" * 19):
            with self.assertRaises(ValueError):
                parse_quantity(text)
        self.assertEqual(format_quantity(12.50), "12.5")
        self.assertEqual(format_quantity(1234567), "1234567")
        self.assertEqual(format_quantity(0), "0")
