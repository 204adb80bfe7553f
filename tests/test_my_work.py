from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import QualityCase


@tagged("post_install", "-at_install")
class TestMyWork(QualityCase):
    """My Work: everything that I owe in one list, most urgent first, one click each."""

    def _mine(self, user):
        return self.env["quality.duty"].with_user(user).search([("is_mine", "=", True)])

    def _in_stock(self):
        self._put_in_stock(self.product, 100)
        return self._request_review(self._create_order())

    def test_opinions_are_agreed_to_in_bulk_where_nothing_is_red(self):
        """M2: one click for several documents, one signature each."""
        reviews = self._in_stock() | self._in_stock()
        self._mine(self.engineer).action_agree()
        opinions = reviews.opinion_ids.filtered(lambda o: o.role_id.code == "engineering")
        self.assertEqual(opinions.mapped("answer"), ["agree", "agree"])
        self.assertEqual(len(opinions.signature_id), 2)
        self.assertFalse(self._mine(self.engineer))

    def test_nothing_red_is_agreed_to_unseen(self):
        """M2: a shortage, a condition of somebody else's, or a changed order must be looked at."""

        def condition(review):
            self._sign(review, self.producer, "condition", "Only with overtime.")

        def change(review):
            review.order_id.order_line.product_uom_qty = 3

        for spoil in (condition, change):
            with self.subTest(spoil.__name__):
                review = self._in_stock()
                spoil(review)
                with self.assertRaisesRegex(UserError, review.name):
                    self._mine(self.engineer).action_agree()
                review._void()
        short = self._request_review(self._create_order(5000))
        with self.assertRaisesRegex(UserError, short.name):
            self._mine(self.engineer).action_agree()
        self.assertFalse(short.opinion_ids.filtered("answer"))

    def test_one_red_document_keeps_all_from_being_signed(self):
        """M2: all or nothing; nobody has to guess which ones went through."""
        clear, short = self._in_stock(), self._request_review(self._create_order(5000))
        with self.assertRaises(UserError):
            self._mine(self.engineer).action_agree()
        self.assertFalse((clear | short).opinion_ids.filtered("answer"))

    def test_decisions_are_never_signed_in_bulk(self):
        """M2: a conclusion or an approval is given on its own page."""
        self.env["quality.authority"].create(
            {
                "company_id": self.company.id,
                "amount_from": 0,
                "role_id": self._role("management").id,
            }
        )
        review = self._in_stock()
        self._approve(review)
        self.assertEqual(review.state, "decision")
        with self.assertRaises(UserError):
            self._mine(self.seller).action_agree()

    def _policy(self, kind, hours):
        return self.env["quality.deadline.policy"].create(
            {
                "name": kind,
                "kind_id": self.env.ref(f"customer_quality.deadline_kind_{kind}").id,
                "company_id": self.company.id,
                "unit": "hours",
                "amount": hours,
            }
        )

    def test_what_is_late_comes_first_then_what_is_due_first(self):
        """M3: the most urgent first; what has no deadline comes last."""
        unbound = self._in_stock()
        policy = self._policy("opinion", 48)
        later = self._in_stock()
        policy.amount = 24
        sooner = self._in_stock()
        late = self._in_stock()
        late.record_id.deadline_ids.sudo().date_due = "2020-01-01 08:00:00"
        self.env.flush_all()
        mine = self._mine(self.engineer)
        records = (late | sooner | later | unbound).record_id
        self.assertEqual(mine.record_id.ids, (late + sooner + later + unbound).record_id.ids)
        self.assertEqual(len(records), 4)
        self.assertEqual(mine.mapped("is_late"), [True, False, False, False])
        found = self.env["quality.duty"].with_user(self.engineer).search([("is_late", "=", True)])
        self.assertEqual(found.record_id, late.record_id)

    def test_a_deadline_that_no_signature_meets_has_a_row_of_its_own(self):
        """M3: it opens the document; ticking off is not offered."""
        review = self._in_stock()
        self._policy("clarification", 24)
        self.env["quality.deadline"]._start(
            [
                {
                    "record_id": review.record_id.id,
                    "kind": "clarification",
                    "user_id": self.seller.id,
                }
            ]
        )
        row = self._mine(self.seller).filtered(lambda duty: duty.meaning == "deadline")
        self.assertEqual(row.record_id, review.record_id)
        self.assertEqual(row.action_open()["res_model"], "quality.contract.review")
        review.record_id._pause_deadlines("The customer is asked.", "clarification")
        self.assertFalse(self._mine(self.seller).filtered(lambda d: d.meaning == "deadline"))

    def test_an_action_is_due_at_the_end_of_the_day_over_there(self):
        """K3: the day ends by the clock of the company's working time."""
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        self.env["quality.action"]._create_for(
            [{"name": "Order it", "user_id": self.engineer.id, "date_due": "2030-06-15"}]
        )
        row = self._mine(self.engineer).filtered(lambda duty: duty.meaning == "action")
        self.assertEqual(fields.Datetime.to_string(row.date_due), "2030-06-15 15:59:59")

    def test_actions_that_i_owe_are_in_the_list_until_they_are_done(self):
        """M3: one click opens the action's form."""
        review = self._in_stock()
        action = self.env["quality.action"]._create_for(
            [
                {
                    "source_record_id": review.record_id.id,
                    "name": "Order the gauge",
                    "user_id": self.engineer.id,
                    "date_due": "2020-01-01",
                }
            ]
        )
        row = self._mine(self.engineer).filtered(lambda duty: duty.meaning == "action")
        self.assertEqual(row.record_id, action.record_id)
        self.assertTrue(row.is_late)
        self.assertEqual(row.subject, "Order the gauge")
        self.assertEqual(row, self._mine(self.engineer)[:1])
        self.assertEqual(row.action_open()["res_model"], "quality.action")
        self.assertFalse(self._mine(self.producer).filtered(lambda d: d.meaning == "action"))
        action.sudo().state = "done"
        self.assertFalse(self._mine(self.engineer).filtered(lambda d: d.meaning == "action"))

    def test_only_who_is_asked_agrees(self):
        """M1: rows of others are not signed by me."""
        self._in_stock()
        others = self.env["quality.duty"].with_user(self.auditor).search([])
        with self.assertRaises(UserError):
            others.action_agree()
