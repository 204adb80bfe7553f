from datetime import timedelta

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .complaint_common import ComplaintCase


@tagged("post_install", "-at_install")
class TestComplaint(ComplaintCase):
    """Registered, classified, answered and closed (F1, F2, F4, F5)."""

    # Registration

    def test_a_delivery_fills_in_customer_order_and_positions(self):
        """F1: choosing the delivery is enough; the quantity is for the customer to say."""
        picking = self._deliver(5)
        seller = self.inspector
        seller.group_ids |= self.env.ref("stock.group_stock_user")
        complaint = self._register(user=seller, partner_id=None, picking_id=picking)
        self.assertEqual(complaint.partner_id, self.customer)
        self.assertEqual(complaint.order_id, picking.sale_id)
        line = complaint.line_ids
        self.assertEqual((line.product_id, line.quantity_delivered), (self.product, 5))
        self.assertEqual(complaint.product_id, self.product)

    def test_a_complaint_gets_number_owner_and_salesperson(self):
        """F1, F5: quality owns it, the customer's salesperson is in copy."""
        complaint = self._register()
        self.assertTrue(complaint.name.startswith("CC/"))
        self.assertEqual(complaint.user_id, self.inspector)
        self.assertEqual(complaint.salesperson_id, self.seller)
        self.assertEqual(complaint.commercial_partner_id, self.customer)

    def test_other_feedback_belongs_to_sales(self):
        """F8: wishes are handled by sales and tracked the same way."""
        self.assertEqual(self._register(kind="feedback").user_id, self.seller)

    def test_a_delivery_of_another_order_is_refused(self):
        """F1: what does not belong together is not written down together."""
        picking, other = self._deliver(5), self._create_order()
        with self.assertRaises(ValidationError):
            self.env["quality.complaint"].create(
                {"title": "x", "picking_id": picking.id, "order_id": other.id}
            )

    def test_a_lot_of_another_product_is_refused(self):
        """F1: the lot is one of the product's."""
        self.product.tracking = "lot"
        lot = self.env["stock.lot"].create({"name": "L1", "product_id": self.product.id})
        with self.assertRaises(ValidationError):
            self.env["quality.complaint"].create(
                {
                    "title": "x",
                    "line_ids": [(0, 0, {"product_id": self.part.id, "lot_id": lot.id})],
                }
            )

    def test_order_and_delivery_lead_to_their_complaints(self):
        """F1: smart buttons both ways; a delivery brings all that it knows."""
        picking = self._deliver(5)
        self.inspector.group_ids |= self.env.ref("stock.group_stock_user")
        action = picking.with_user(self.inspector).action_register_quality_complaint()
        complaints = self.env["quality.complaint"].with_user(self.inspector)
        form = Form(complaints.with_context(**action["context"]))
        form.title = "Does not fit"
        complaint = form.save()
        self.assertEqual(complaint.line_ids.product_id, self.product)
        self.assertEqual(picking.quality_complaint_count, 1)
        self.assertEqual(picking.sale_id.quality_complaint_count, 1)
        opened = picking.with_user(self.inspector).action_view_quality_complaints()
        self.assertEqual(opened["res_id"], complaint.id)

    def test_an_open_complaint_is_no_repetition(self):
        """B8: quality is asked while the customer complains about the product."""
        order = self._create_order(5)
        line = order.order_line
        self.assertFalse(line._get_quality_open_issues())
        complaint = self._register()
        complaint.line_ids = [(0, 0, {"product_id": self.product.id})]
        self.assertIn(complaint.name, line._get_quality_open_issues()[line][0])
        self._bring_to(complaint, "closed")
        self.assertFalse(line._get_quality_open_issues())

    # Priority

    def test_severity_and_urgency_make_the_priority(self):
        """F2: the matrix decides."""
        complaint = self._register(severity="high", urgency="high")
        self.assertEqual(complaint.priority, "3")
        complaint.urgency = "low"
        self.assertEqual(complaint.priority, "2")

    def test_the_cells_of_the_company_come_first(self):
        """F2: a company may have a matrix of its own."""
        self.env["quality.complaint.priority"].create(
            {
                "severity": "low",
                "urgency": "low",
                "priority": "3",
                "company_id": self.company.id,
            }
        )
        self.assertEqual(self._register(severity="low", urgency="low").priority, "3")

    @mute_logger("odoo.sql_db")
    def test_another_priority_needs_a_reason(self):
        """F2: overriding the matrix is explained."""
        complaint = self._register()
        with self.assertRaises(CheckViolation), self.cr.savepoint():
            complaint.with_user(self.inspector).write({"priority_override": "3"})
            complaint.flush_recordset()
        complaint.with_user(self.inspector).write(
            {"priority_override": "3", "priority_reason": "The line stands"}
        )
        self.assertEqual(complaint.priority, "3")

    # Flow

    def test_it_runs_from_registration_to_the_end(self):
        """F1–F5: each step is a button, and the record is closed at the end."""
        complaint = self._register()
        self._bring_to(complaint, "closed")
        self.assertEqual((complaint.state, complaint.phase), ("closed", "closed"))
        self.assertTrue(complaint.date_closed)

    def test_it_is_not_accepted_without_customer(self):
        """F1: somebody has to be answered."""
        complaint = self._register(partner_id=None)
        with self.assertRaises(UserError):
            complaint.with_user(self.inspector).action_accept()

    def test_no_step_is_left_out(self):
        """F4: closing before the cause is known is refused."""
        complaint = self._register().with_user(self.inspector)
        for step in ("action_investigate", "action_solve", "action_close"):
            with self.subTest(step=step), self.assertRaises(UserError):
                getattr(complaint, step)()
        with self.assertRaises(UserError):
            complaint._record_answer("Sorry", "None")

    def test_the_cause_and_who_is_responsible_are_asked(self):
        """F4: no solution before the findings."""
        complaint = self._register()
        self._bring_to(complaint, "accepted")
        complaint = complaint.with_user(self.inspector)
        complaint.action_investigate()
        with self.assertRaisesRegex(UserError, "cause"):
            complaint.action_solve()
        complaint.write({"cause": "Wrong tool", "responsibility": "ours"})
        with self.assertRaisesRegex(UserError, "department"):
            complaint.action_solve()
        complaint.role_id = self._role("production")
        complaint.action_solve()
        self.assertEqual(complaint.state, "solving")

    def test_where_we_are_responsible_a_verified_measure_is_needed(self):
        """F4, G2: the corrective action is carried out and verified by somebody else."""
        complaint = self._register()
        role = self._role("production")
        self._bring_to(complaint, "answered", responsibility="ours", role_id=role.id)
        action = complaint.action_ids
        self.assertEqual((action.owner_id, action.needs_verification), (self.producer, True))
        with self.assertRaisesRegex(UserError, action.name):
            complaint.with_user(self.inspector).action_close()
        action.with_user(self.producer).action_done("New tool in use")
        with self.assertRaises(UserError):
            complaint.with_user(self.inspector).action_close()
        self._sign_verification(action)
        complaint.invalidate_recordset()
        complaint.with_user(self.inspector).action_close()
        self.assertEqual(complaint.state, "closed")

    def _sign_verification(self, action):
        record = action.record_id.with_user(self.inspector)
        mine = record.opinion_ids.filtered("is_mine")
        record.action_sign_off({o.id: {"answer": "agree", "reason": ""} for o in mine}, [], None)

    def test_a_service_request_asks_no_cause(self):
        """F2: registered, solved, closed."""
        complaint = self._register(kind="service").with_user(self.seller)
        complaint._record_answer("The fitter came.", "Adjusted")
        complaint.action_close()
        self.assertEqual(complaint.state, "closed")

    def test_a_rejected_solution_is_solved_anew(self):
        """F3: the customer does not accept it: it goes on, and is answered again."""
        complaint = self._register()
        self._bring_to(complaint, "answered")
        with self.assertRaises(UserError):
            complaint._record_verdict(False, "Mr. Wang")
        complaint._record_verdict(False, "Mr. Wang", "It still leaks")
        self.assertEqual((complaint.state, complaint.verdict), ("solving", "rejected"))
        handled = complaint.with_user(self.inspector)
        handled._record_answer("We replaced it once more.", "Replaced twice")
        complaint._record_verdict(True, "Mr. Wang")
        handled.action_close()
        self.assertEqual(complaint.state, "closed")

    def test_it_is_rejected_with_a_reason_and_reopened(self):
        """F2, F3: turned down with words, taken up anew with words."""
        complaint = self._register().with_user(self.inspector)
        with self.assertRaises(UserError):
            complaint.action_reject(" ")
        complaint.action_reject("Not our product")
        self.assertEqual((complaint.state, complaint.phase), ("rejected", "closed"))
        complaint.action_reopen("It is ours after all")
        self.assertEqual((complaint.state, complaint.phase), ("investigating", "open"))
        self.assertEqual(complaint.reopen_count, 1)

    def test_a_duplicate_is_void_and_names_the_other(self):
        """F1: one complaint is handled once."""
        first, second = self._register(), self._register()
        second.with_user(self.inspector).action_void("Came twice", first)
        self.assertEqual((second.state, second.duplicate_of_id), ("void", first))
        with self.assertRaises(UserError):
            first.with_user(self.inspector).action_void("Came twice", first)

    def test_what_is_closed_stays_as_it_is(self):
        """K1: content and positions of a closed complaint are frozen, its chatter is not."""
        complaint = self._register()
        complaint.line_ids = [(0, 0, {"product_id": self.product.id, "quantity": 1})]
        self._bring_to(complaint, "closed")
        mine = complaint.with_user(self.inspector)
        for vals in ({"title": "x"}, {"cause": "x"}, {"severity": "low"}, {"line_ids": [(5,)]}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                mine.write(vals)
        with self.assertRaises(UserError):
            mine.line_ids.quantity = 2
        with self.assertRaises(UserError):
            mine.line_ids.unlink()
        with self.assertRaises(UserError):
            mine.unlink()
        self.assertTrue(mine.message_post(body="Called again"))

    # Promises

    def test_the_clocks_start_with_the_receipt(self):
        """F3: what is promised counts from when it came, not from when it was typed."""
        for kind in ("acknowledge", "contact", "answer", "visit"):
            self._promise(f"complaint_{kind}", 24)
        received = fields.Datetime.now() - timedelta(hours=3)
        complaint = self._register(date_received=received)
        due = {d.kind_id.code: d.date_due for d in complaint.record_id.deadline_ids}
        self.assertEqual(
            due.keys(), {"complaint_acknowledge", "complaint_contact", "complaint_answer"}
        )
        late_by = due["complaint_contact"] - received.replace(microsecond=0)
        self.assertAlmostEqual(late_by.total_seconds(), 24 * 3600, delta=60)

    def test_each_step_keeps_its_promise(self):
        """F3: acknowledged, contacted, contained, answered, solved, visited again."""
        kinds = ("acknowledge", "contact", "containment", "answer", "solution", "return_visit")
        for kind in kinds:
            self._promise(f"complaint_{kind}", 24)
        complaint = self._register()
        mine = complaint.with_user(self.inspector)
        mine.action_contact("Tighten it for the time being")
        mine.action_contain("Stock blocked")
        self._bring_to(complaint, "answered")
        complaint._record_verdict(True, "Mr. Wang")
        mine.action_close()
        states = {k: self._deadline(complaint, k).state for k in kinds[:-1]}
        self.assertEqual(set(states.values()), {"met"}, states)
        self.assertEqual(self._deadline(complaint, "return_visit").state, "open")
        mine.action_revisit("good", "All runs")
        self.assertEqual(self._deadline(complaint, "return_visit").state, "met")

    def test_the_visit_counts_by_the_place_of_use(self):
        """F3: 24 hours in the home province, 48 elsewhere, and only where a visit is needed."""
        country = self.env.ref("base.cn")
        home, other = self.env["res.country.state"].search(
            [("country_id", "=", country.id)], limit=2
        )
        self.company.write({"country_id": country.id, "state_id": home.id})
        self._promise(
            "complaint_visit",
            24,
            sequence=1,
            region_ids=self.env.ref("customer_quality.region_home").ids,
        )
        self._promise("complaint_visit", 48, sequence=2)
        near, far = self.env["res.partner"].create(
            [
                {"name": "Near", "country_id": country.id, "state_id": home.id},
                {"name": "Far", "country_id": country.id, "state_id": other.id},
            ]
        )
        complaint = self._register(place_id=near)
        self.assertFalse(self._deadline(complaint, "visit"))
        complaint.with_user(self.inspector).needs_visit = True
        first = self._deadline(complaint, "visit")
        self.assertEqual(first.date_due - first.date_start, timedelta(hours=24))
        complaint.with_user(self.inspector).place_id = far
        second = self._deadline(complaint, "visit") - first
        self.assertEqual(first.state, "cancelled")
        self.assertEqual(second.date_due - second.date_start, timedelta(hours=48))
        complaint.with_user(self.colleague).action_arrive()
        self.assertEqual((second.state, complaint.arrived_by), ("met", self.colleague.name))

    def test_help_from_afar_ends_the_clock_where_the_customer_agreed(self):
        """F3: no visit is needed then; the name of who agreed stays."""
        self._promise("complaint_visit", 24)
        complaint = self._register(needs_visit=True).with_user(self.inspector)
        with self.assertRaises(UserError):
            complaint.action_help_remotely("")
        complaint.action_help_remotely("Mr. Wang")
        self.assertEqual(self._deadline(complaint, "visit").state, "met")

    def test_the_clock_stands_still_while_the_customer_is_waited_for(self):
        """F3: what is due moves by the pause."""
        self._promise("complaint_answer", 24)
        with freeze_time("2026-03-02 08:00"):
            complaint = self._register().with_user(self.inspector)
            due = self._deadline(complaint, "answer").date_due
            complaint.action_wait("Samples from the customer")
            self.assertTrue(complaint.is_waiting)
        with freeze_time("2026-03-02 18:00"):
            complaint.action_resume()
        self.assertEqual(self._deadline(complaint, "answer").date_due, due + timedelta(hours=10))
        self.assertFalse(complaint.is_waiting)

    def test_the_new_owner_owes_what_is_promised(self):
        """K3: deadlines follow the responsible."""
        self._promise("complaint_answer", 24)
        complaint = self._register()
        complaint.with_user(self.inspector).user_id = self.colleague
        self.assertEqual(self._deadline(complaint, "answer").user_id, self.colleague)

    def test_my_work_lists_my_complaints(self):
        """M3: what waits for me stands in one list."""
        complaint = self._register()
        duties = self.env["quality.duty"].with_user(self.inspector)
        found = duties.search([("is_mine", "=", True), ("record_id", "=", complaint.record_id.id)])
        self.assertIn(complaint.title, " ".join(found.mapped("subject")))

    def test_the_dialogs_take_the_steps(self):
        """F3: each dialog does what its button says."""
        complaint = self._register()
        mine = complaint.with_user(self.inspector)
        for step, vals in (
            ("contact", {"text": "Tighten it"}),
            ("contain", {"text": "Blocked"}),
            ("wait", {"text": "Samples"}),
        ):
            action = mine.with_context(step=step).action_open_step()
            form = Form(
                self.env["quality.complaint.step"]
                .with_user(self.inspector)
                .with_context(**action["context"])
            )
            for name, value in vals.items():
                setattr(form, name, value)
            form.save().action_apply()
        self.assertEqual(complaint.first_solution, "Tighten it")
        self.assertEqual(complaint.containment, "Blocked")
        self.assertTrue(complaint.is_waiting)


@tagged("post_install", "-at_install")
class TestComplaintRights(ComplaintCase):
    """Who sees, registers and handles complaints (M5 does not let prices in)."""

    def test_sellers_see_the_complaints_of_their_customers_only(self):
        """F5: own customers, what they registered, and what belongs to nobody."""
        complaint = self._register()
        self.assertTrue(complaint.with_user(self.seller).title)
        with self.assertRaises(AccessError):
            complaint.with_user(self.other_seller).read(["title"])
        with self.assertRaises(AccessError):
            complaint.line_ids.create(
                {"complaint_id": complaint.id, "product_id": self.product.id}
            ).with_user(self.other_seller).read(["note"])

    def test_others_see_nothing(self):
        """No group, portal, another company: nothing is readable, not even by search."""
        complaint = self._register()
        other = self.env["res.company"].create({"name": "Other Ltd."})
        stranger = self._create_user(
            "stranger", "base.group_user,customer_quality.group_manager", company=other
        )
        portal = new_test_user(self.env, "test_portal_c", groups="base.group_portal")
        for user in (self.nobody, portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                complaint.with_user(user).read(["title"])
        foreign = complaint.with_user(stranger).with_context(allowed_company_ids=other.ids)
        self.assertFalse(foreign.search([("id", "=", complaint.id)]))
        with self.assertRaises(AccessError):
            foreign.read(["title"])

    def test_auditors_read_and_change_nothing(self):
        """J1: read only means read only."""
        complaint = self._register().with_user(self.auditor)
        self.assertTrue(complaint.title)
        for change in (
            lambda: complaint.write({"title": "x"}),
            complaint.action_accept,
            lambda: complaint.action_contact("x"),
            lambda: complaint.action_arrive("x"),
        ):
            with self.assertRaises(AccessError):
                change()

    def test_nobody_writes_states_answers_or_dates(self):
        """F5: they follow from the steps, over RPC too."""
        complaint = self._register().with_user(self.quality_manager)
        for vals in (
            {"state": "closed"},
            {"answer": "x"},
            {"date_answered": fields.Datetime.now()},
            {"verdict": "accepted"},
            {"date_arrived": fields.Datetime.now()},
            {"reopen_count": 3},
            {"commercial_partner_id": 1},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                complaint.write(vals)
        with self.assertRaises(AccessError):
            self.env["quality.complaint"].with_user(self.quality_manager).create(
                {"title": "x", "state": "closed"}
            )

    def test_only_who_handles_it_takes_the_steps(self):
        """F4: a plain quality user or a seller handles their own; officers handle all."""
        complaint = self._register()
        for user in (self.colleague, self.seller, self.engineer):
            for step in (
                lambda c: c.action_accept(),
                lambda c: c.action_reject("x"),
                lambda c: c.action_void("x"),
                lambda c: c.action_wait("x"),
                lambda c: c.action_contact("x"),
                lambda c: c.action_contain("x"),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    step(complaint.with_user(user))

    def test_nested_positions_reach_nothing_else(self):
        """F1: a position can't take over another complaint's, nor name what one may not read."""
        first, second = self._register(), self._register()
        line = self.env["quality.complaint.line"].create(
            {"complaint_id": first.id, "product_id": self.product.id}
        )
        picking = self._deliver(5)
        with self.assertRaises(AccessError):
            self.env["quality.complaint"].with_user(self.inspector).create(
                {"title": "x", "line_ids": [(4, line.id)]}
            )
        with self.assertRaises(AccessError):
            second.with_user(self.inspector).write(
                {"line_ids": [(0, 0, {"move_id": picking.move_ids.id})]}
            )
        with self.assertRaises(AccessError):
            self.env["quality.complaint"].with_user(self.inspector).create(
                {"title": "x", "line_ids": [(0, 0, {"move_id": picking.move_ids.id})]}
            )
        self.assertEqual(line.complaint_id, first)
