from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .test_complaint_tell import TELL, ToldCase


class AftercareCase(ToldCase):
    def _rate(self, complaint, value, feedback=""):
        """Rate as the customer does: by the link."""
        rating = complaint.sudo().rating_ids
        complaint.sudo().rating_apply(value, rating=rating, feedback=feedback)


@tagged("post_install", "-at_install")
class TestComplaintRating(AftercareCase):
    """The customer rates the handling; a poor one calls for attention (F5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.quality_complaint_rating = True

    def test_it_is_asked_at_closing_once_by_a_queued_mail(self):
        """F5: with a link for each face; also after it was reopened and closed again."""
        self.company.quality_complaint_tell_end = "automatic"
        complaint = self._register()
        self._bring_to(complaint, "closed")
        mail = self._queued(complaint)
        self.assertEqual((len(mail), mail.state), (1, "outgoing"))
        token = complaint.rating_ids.access_token
        for value in (1, 3, 5):
            self.assertIn(f"/rate/{token}/{value}", mail.body_html)
        mine = complaint.with_user(self.inspector)
        mine.action_reopen("It leaks again")
        mine.action_solve()
        mine._record_answer("Replaced again", "Replaced")
        self.company.quality_complaint_tell_end = "off"
        mine.action_close()
        self.assertEqual(len(self._queued(complaint)), 1)

    def test_nobody_is_asked_without_address_or_of_a_void_one(self):
        """F5: there is nothing to rate, or nobody to ask."""
        mistake = self._register()
        mistake.with_user(self.inspector).action_void("Came twice")
        self.assertFalse(self._queued(mistake) or mistake.date_rating_asked)
        self.customer.email = False
        complaint = self._register()
        self._bring_to(complaint, "closed")
        self.assertFalse(complaint.date_rating_asked)
        self.assertFalse(self._tasks(complaint))

    @mute_logger("odoo.addons.mail.models.mail_render_mixin", TELL)
    def test_a_broken_template_stops_no_closing(self):
        """F5: closed all the same."""
        self._break("rating")
        complaint = self._register()
        self._bring_to(complaint, "closed")
        self.assertEqual(complaint.state, "closed")
        self.assertFalse(complaint.date_rating_asked)
        self.assertEqual(len(self._tasks(complaint)), 1)

    def test_a_poor_rating_calls_responsible_and_salesperson(self):
        """F5: once each; the flag goes when somebody says what was done."""
        complaint = self._register()
        self._bring_to(complaint, "closed")
        self._rate(complaint, 1, "Nobody called back")
        self.assertTrue(complaint.needs_attention)
        self.assertIn("Nobody called back", complaint.attention_reason)
        self.assertEqual(self._tasks(complaint, "attention").user_id, self.inspector | self.seller)
        self._rate(complaint, 1, "Still nobody")
        self.assertEqual(len(self._tasks(complaint, "attention")), 2)
        mine = complaint.with_user(self.inspector)
        with self.assertRaises(UserError):
            mine.action_attend(" ")
        mine.action_attend("Called, and apologised")
        self.assertFalse(complaint.needs_attention or self._tasks(complaint, "attention"))

    def test_a_good_rating_calls_nobody(self):
        """F5: three of five and more are no alarm."""
        complaint = self._register()
        self._bring_to(complaint, "closed")
        self._rate(complaint, 3)
        self.assertFalse(complaint.needs_attention)
        self.assertEqual(complaint.rating_last_value, 3)

    def test_the_average_counts_what_was_rated(self):
        """F9: complaints without rating do not lower the average."""
        rated, silent = self._register(), self._register()
        for complaint in rated | silent:
            self._bring_to(complaint, "closed")
        self._rate(rated, 5)
        self.env.flush_all()
        [(average,)] = self.env["quality.complaint"]._read_group(
            [("id", "in", (rated | silent).ids)], [], ["rating_last_value:avg"]
        )
        self.assertEqual(average, 5)

    def test_users_rate_nothing(self):
        """F5: neither by the method, nor by writing ratings, nor along with a message."""
        complaint = self._register()
        self._bring_to(complaint, "closed")
        rating = complaint.sudo().rating_ids
        for user in (self.quality_manager, self.seller, self.inspector):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                complaint.with_user(user).rating_apply(5, token=rating.access_token)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                rating.with_user(user).write({"rating": 5, "consumed": True})
        self.assertNotIn("rating_value", complaint._get_allowed_message_params())

    def test_what_customers_say_is_seen_with_the_complaints_only(self):
        """F5: Odoo shows ratings to every employee; those of complaints are not."""
        complaint = self._register()
        self._bring_to(complaint, "closed")
        self._rate(complaint, 1, "Nobody called back")
        rating = complaint.sudo().rating_ids
        self.assertTrue(rating.with_user(self.auditor).feedback)
        Rating = self.env["rating.rating"].with_user(self.nobody)
        self.assertFalse(Rating.search([("id", "=", rating.id)]))
        with self.assertRaises(AccessError):
            rating.with_user(self.nobody).read(["feedback"])

    def test_only_who_handles_it_attends(self):
        """F5: the flag is taken away by who handles the complaint."""
        complaint = self._register()
        complaint.sudo()._call_for_attention("x")
        portal = new_test_user(self.env, "test_portal_attend", groups="base.group_portal")
        for user in (self.colleague, self.seller, self.auditor, self.nobody, portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                complaint.with_user(user).action_attend("x")


@tagged("post_install", "-at_install")
class TestComplaintRatingPage(AftercareCase, HttpCase):
    """Odoo's own page of the link."""

    def test_the_link_works_without_login(self):
        """F5: the customer clicks a face, and writes why."""
        self.company.quality_complaint_rating = True
        complaint = self._register()
        self._bring_to(complaint, "closed")
        token = complaint.rating_ids.access_token
        self.env.flush_all()
        page = self.url_open(f"/rate/{token}/1")
        self.assertEqual(page.status_code, 200)
        self.assertIn("csrf_token", page.text)
        csrf = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        self.url_open(
            f"/rate/{token}/submit_feedback",
            data={"rate": 1, "feedback": "Nobody called back", "csrf_token": csrf},
        )
        complaint.invalidate_recordset()
        self.assertEqual(complaint.rating_last_value, 1)
        self.assertTrue(complaint.needs_attention)


@tagged("post_install", "-at_install")
class TestComplaintRevisit(AftercareCase):
    """The return visit after the answer (F3, F5)."""

    def test_the_owner_has_an_activity_due_with_the_deadline(self):
        """F3: closed by the visit."""
        self._promise("complaint_return_visit", 48)
        complaint = self._register()
        self._bring_to(complaint, "answered")
        deadline = self._deadline(complaint, "return_visit")
        task = self._tasks(complaint, "revisit")
        self.assertEqual((task.user_id, len(task)), (self.inspector, 1))
        self.assertEqual(task.date_deadline, deadline._get_due_day(self.inspector))
        self.assertEqual(complaint.date_revisit_due, deadline.date_due)
        Complaint = self.env["quality.complaint"].with_user(self.seller)
        self.assertIn(complaint, Complaint.search([("date_revisit_due", "!=", False)]))
        soon = fields.Datetime.now() + timedelta(days=1)
        self.assertNotIn(complaint, Complaint.search([("date_revisit_due", "<", soon)]))
        mine = complaint.with_user(self.inspector)
        mine.action_revisit("unreached")
        self.assertTrue(self._tasks(complaint, "revisit"))
        mine.action_revisit("good")
        self.assertFalse(self._tasks(complaint, "revisit"))
        self.assertNotIn(complaint, Complaint.search([("date_revisit_due", "!=", False)]))

    def test_without_a_promise_nobody_is_asked(self):
        """F3: return visits are a company's own setting."""
        complaint = self._register()
        self._bring_to(complaint, "answered")
        self.assertFalse(self._tasks(complaint, "revisit"))

    def test_who_is_not_satisfied_calls_for_attention(self):
        """F5: and the complaint may be taken up anew."""
        complaint = self._register()
        self._bring_to(complaint, "closed")
        mine = complaint.with_user(self.inspector)
        mine.action_revisit("poor", "It leaks again")
        self.assertTrue(complaint.needs_attention)
        self.assertEqual(self._tasks(complaint, "attention").user_id, self.inspector | self.seller)
        mine.action_reopen("It leaks again")
        self.assertFalse(complaint.needs_attention)

    def test_the_approval_rate_counts_who_was_reached(self):
        """J1: three visits, one not reached: half approve."""
        complaints = self.env["quality.complaint"]
        for result in ("good", "poor", "unreached", None):
            complaint = self._register()
            self._bring_to(complaint, "answered")
            if result:
                complaint.with_user(self.inspector).action_revisit(result, "x")
            complaints |= complaint
        self.env.flush_all()
        Complaint = self.env["quality.complaint"].with_user(self.inspector)
        [(rate,)] = Complaint._read_group(
            [("id", "in", complaints.ids)], [], ["revisit_approval:avg"]
        )
        self.assertEqual(rate, 0.5)
        shown = Complaint.fields_get(["revisit_approval"])["revisit_approval"]
        self.assertEqual(shown["aggregator"], "avg")

    def test_many_answers_cost_few_queries_each(self):
        """F3: activities are made in batch."""
        self._promise("complaint_return_visit", 48)
        complaints = self.env["quality.complaint"].create(
            [{"title": "x", "partner_id": self.customer.id}] * 40
        )
        self.env.flush_all()
        before = self.cr.sql_log_count
        complaints._start_promise("complaint_return_visit")
        self.env.flush_all()
        self.assertLessEqual(self.cr.sql_log_count - before, 4 * 40)


@tagged("post_install", "-at_install")
class TestComplaintCost(AftercareCase):
    """What a complaint costs, from what was posted (J1); prices for those who see prices (M5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.country_id = cls.env.ref("base.cn")
        cls.env["account.chart.template"].try_loading("generic_coa", cls.company, False)
        cls.bookkeeper = cls._create_user(
            "bookkeeper",
            "base.group_user,account.group_account_invoice,customer_quality.group_user",
        )

    def _post(self, complaint, kind, price, post=True):
        move = self.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": self.customer.id,
                "invoice_date": "2026-01-10",
                "company_id": self.company.id,
                "quality_complaint_id": complaint.id,
                "invoice_line_ids": [
                    (0, 0, {"name": "x", "quantity": 1, "price_unit": price, "tax_ids": False})
                ],
            }
        )
        if post:
            move.action_post()
        return move

    def test_bills_and_credit_notes_add_up_once_posted(self):
        """J1: freight, external costs, credit notes; a refund of a bill lowers them."""
        complaint = self._register()
        self._post(complaint, "in_invoice", 120)
        self._post(complaint, "in_refund", 20)
        self._post(complaint, "out_refund", 300)
        self._post(complaint, "in_invoice", 999, post=False)
        seen = complaint.with_user(self.director)
        self.assertEqual((seen.cost_bill, seen.cost_credit, seen.cost_total), (100, 300, 400))

    def test_each_figure_opens_its_rows(self):
        """J1: by the rights of whoever opens them."""
        complaint = self._register()
        bill = self._post(complaint, "in_invoice", 120)
        action = complaint.with_user(self.bookkeeper).with_context(cost="bill").action_view_cost()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), bill)
        with self.assertRaises(UserError):
            complaint.with_user(self.bookkeeper).with_context(cost="x").action_view_cost()

    def test_moves_and_orders_of_other_rooms_count(self):
        """J1: scrap and replacement by the value of their moves, rework by its order."""
        self.product.standard_price = 70
        picking = self._deliver(2)
        complaint = self._register()
        self.assertEqual(complaint._sum_cost(picking.move_ids), 140)

    def test_who_sees_no_prices_sees_no_costs(self):
        """M5: neither figures nor rows, not even by search."""
        complaint = self._register()
        self._post(complaint, "in_invoice", 120)
        for user in (self.inspector, self.quality_manager, self.auditor, self.engineer):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    complaint.with_user(user).read(["cost_total"])
                with self.assertRaises(AccessError):
                    complaint.with_user(user).with_context(cost="bill").action_view_cost()
        with self.assertRaises(AccessError):
            complaint.with_user(self.nobody).action_view_cost()

    def test_many_cost_the_same_queries_as_one(self):
        """J1: in a list."""
        complaints = self.env["quality.complaint"]
        for _number in range(6):
            complaint = self._register()
            self._post(complaint, "in_invoice", 10)
            complaints |= complaint
        counts = []
        for some in (complaints[:1], complaints):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.with_user(self.director).mapped("cost_total")
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)
