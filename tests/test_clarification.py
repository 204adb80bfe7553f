from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.http import Request
from odoo.tests import HttpCase, tagged

from ..lib.canonical import digest
from .common import QualityCase


class QuestionCase(QualityCase):
    """Questions to the customer, and verbs to ask and answer them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "buyer@example.com"
        cls.phone = cls.env.ref("customer_quality.channel_phone")

    def _ask(self, order, question="Which colour?", user=None):
        questions = self.env["quality.clarification"].with_user(user or self.seller)
        return questions.create({"order_id": order.id, "question": question})

    def _enter(self, question, answer="Blue", who="Mr. Li", user=None, **vals):
        wizards = self.env["quality.clarification.answer"].with_user(user or self.seller)
        wizards.create(
            {
                "clarification_id": question.id,
                "answer": answer,
                "answered_by": who,
                "channel_id": self.phone.id,
                **vals,
            }
        ).action_answer()


@tagged("post_install", "-at_install")
class TestClarification(QuestionCase):
    def test_a_review_is_not_approved_with_a_question_open(self):
        """A2, B6: the open question is named; withdrawing it lets the review go on."""
        order = self._create_order()
        question = self._ask(order)
        self.assertTrue(question.name.startswith("CL/"))
        review = self._request_review(order)
        self._approve(review)
        self.assertEqual(review.state, "review")
        self.assertIn(question.name, review.missing)
        question.with_user(self.seller).action_withdraw()
        self.assertEqual((question.state, question.phase), ("withdrawn", "void"))
        self.assertEqual(review.state, "approved")

    def test_asking_changes_nothing_but_an_answer_is_content(self):
        """A2, B6: who signed before the answer has not seen it; asking alone leaves all as is."""
        order = self._create_order()
        review = self._request_review(order)
        self._sign(review, self.engineer)
        before = digest(order._get_quality_content())
        public = digest(order._get_quality_content(with_prices=False))
        question = self._ask(order)
        self.assertEqual(digest(order._get_quality_content()), before)
        self._enter(question)
        self.assertNotEqual(digest(order._get_quality_content()), before)
        self.assertNotEqual(digest(order._get_quality_content(with_prices=False)), public)
        self.env.invalidate_all()
        self.assertTrue(review.is_stale)
        review.with_user(self.seller).action_revise()
        revision = order.quality_review_id
        self.assertIn("Blue", str(revision.requirements))
        self._approve(revision)
        self.assertEqual(revision.state, "approved")

    def test_an_order_is_not_confirmed_with_a_question_open(self):
        """B6: also after the approval, by whatever way the state is written."""
        self.company.quality_review_gate = "always"
        order = self._create_reviewed_order()
        question = self._ask(order, user=self.inspector)
        self.assertEqual(order.quality_question_count, 1)
        with self.assertRaises(RedirectWarning):
            self._confirm(order)
        with self.assertRaises(UserError):
            order.with_user(self.seller).write({"state": "sale"})
        question.with_user(self.seller).action_withdraw()
        self._confirm(order)
        self.assertEqual(order.state, "sale")

    def test_stock_does_not_spare_an_order_its_open_questions(self):
        """B6: covered by stock, no review needed; a question still stands in the way."""
        self.company.quality_review_gate = "shortage"
        self._put_in_stock(self.product, 100)
        order = self._create_order()
        question = self._ask(order)
        with self.assertRaises(RedirectWarning):
            self._confirm(order)
        question.with_user(self.seller).action_withdraw()
        self._confirm(order)
        self.assertEqual(order.state, "sale")

    def test_open_questions_go_out_in_one_mail_and_replies_come_back(self):
        """A2: one mail from the order's chatter, in the customer's language."""
        order = self._create_order().with_context(tracking_disable=False)
        first = self._ask(order, "Which colour?")
        second = self._ask(order, "Which packing?")
        gone = self._ask(order, "Never mind")
        gone.with_user(self.seller).action_withdraw()
        before = order.message_ids
        order.with_user(self.seller).action_send_quality_questions()
        message = order.message_ids - before
        self.assertEqual(len(message), 1)
        self.assertEqual(message.partner_ids, self.customer)
        for text in ("Which colour?", "Which packing?", first.name, "/my/orders/"):
            self.assertIn(text, message.body)
        self.assertNotIn("Never mind", message.body)
        self.assertEqual(message.model, "sale.order")
        self.assertTrue(first.date_sent and second.date_sent)
        self.assertEqual(first.sent_by_id, self.seller)
        self.assertFalse(gone.date_sent)
        with self.assertRaises(UserError):
            first.with_user(self.seller).question = "Which material?"

    def test_sending_needs_an_address_and_a_question(self):
        """A2: refusals say what to do."""
        order = self._create_order()
        with self.assertRaises(UserError):
            order.with_user(self.seller).action_send_quality_questions()
        question = self._ask(order)
        self.customer.email = False
        with self.assertRaises(UserError):
            question.with_user(self.seller).action_send()
        self.assertFalse(question.date_sent)

    def test_an_answer_by_phone_is_entered_by_hand(self):
        """A2: who, when, by which way, with a file; the one who asked is told."""
        order = self._create_order()
        question = self._ask(order, user=self.engineer)
        self.assertEqual(question.user_id, self.engineer)
        self._enter(question, file="eA==", filename="note.txt")
        self.assertEqual((question.state, question.phase), ("answered", "closed"))
        self.assertEqual((question.answer, question.answered_by), ("Blue", "Mr. Li"))
        self.assertEqual((question.channel_id, question.entered_by_id), (self.phone, self.seller))
        self.assertEqual(question.attachment_ids.name, "note.txt")
        self.assertEqual(question.activity_ids.user_id, self.engineer)
        with self.assertRaises(UserError):
            self._enter(question, "Red")
        with self.assertRaises(UserError):
            question.with_user(self.seller).action_withdraw()

    def test_an_answer_has_a_text_and_a_name(self):
        """A2: an empty answer is no answer."""
        question = self._ask(self._create_order())
        for vals in ({"answer": "  "}, {"who": " "}):
            with self.assertRaises(UserError):
                self._enter(question, **vals)
        self.assertEqual(question.state, "open")

    def test_answers_are_written_by_the_procedure_only(self):
        """A2: nobody writes state or answer directly, nor creates an answered question."""
        order = self._create_order()
        question = self._ask(order)
        for user in (self.seller, self.engineer, self.quality_manager):
            for vals in ({"state": "answered"}, {"answer": "x"}, {"date_sent": "2026-01-01"}):
                with self.subTest(f"{user.login} {vals}"), self.assertRaises(AccessError):
                    question.with_user(user).write(vals)
        with self.assertRaises(AccessError):
            self.env["quality.clarification"].with_user(self.seller).create(
                {"order_id": order.id, "question": "x", "state": "answered", "answer": "x"}
            )
        with self.assertRaises(UserError):
            question.with_user(self.seller).unlink()
        with self.assertRaises(AccessError):
            self._enter(question, user=self.engineer)
        for user in (self.engineer, self.producer, self.inspector):
            with self.assertRaises(AccessError):
                question.with_user(user).action_send()
            with self.assertRaises(AccessError):
                order.with_user(user).action_send_quality_questions()
            with self.assertRaises(AccessError):
                order.with_user(user).action_confirm_back()
        with self.assertRaises(AccessError):
            self._ask(order, user=self.auditor)
        with self.assertRaises(AccessError):
            self._ask(order, user=self.nobody)

    def test_reviewers_ask_from_the_review(self):
        """A2: engineering has no right to orders and asks nevertheless."""
        review = self._request_review(self._create_order())
        action = review.with_user(self.engineer).action_ask_customer()
        questions = self.env["quality.clarification"].with_user(self.engineer)
        question = questions.with_context(**action["context"]).create({"question": "Which steel?"})
        self.assertEqual(question.order_id.sudo(), review.order_id)
        self.assertEqual(review.question_count, 1)

    def test_a_question_is_withdrawn_by_who_asked_or_by_sales(self):
        """A2: another department can't take a question out of the way."""
        question = self._ask(self._create_order(), user=self.engineer)
        for user in (self.producer, self.inspector):
            with self.assertRaises(AccessError):
                question.with_user(user).action_withdraw()
            with self.assertRaises(AccessError):
                question.with_user(user).question = "Never mind"
        question.with_user(self.engineer).question = "Which steel, please?"
        question.with_user(self.engineer).action_withdraw()
        self.assertEqual(question.state, "withdrawn")

    def test_a_question_belongs_to_an_order_and_its_line(self):
        """A2: refused without an order, or about a line of another one."""
        order, other = self._create_order(), self._create_order()
        questions = self.env["quality.clarification"].with_user(self.seller)
        with self.assertRaises(UserError):
            questions.create({"question": "x"})
        with self.assertRaises(UserError):
            questions.create(
                {"order_id": order.id, "question": "x", "order_line_id": other.order_line.id}
            )

    def _create_clocks(self):
        kinds = {kind.code: kind for kind in self.env["quality.deadline.kind"].search([])}
        self.env["quality.deadline.policy"].create(
            [
                {
                    "name": code,
                    "kind_id": kinds[code].id,
                    "company_id": self.company.id,
                    "amount": 24,
                }
                for code in ("opinion", "clarification")
            ]
        )

    def test_only_what_the_customer_was_asked_stops_the_clock(self):
        """A2, F3: a question that nobody sent is not waited for; one that was sent before stops
        the clock of whoever is asked later."""
        self._create_clocks()
        order = self._create_order()
        sent = self._ask(order)
        order.with_user(self.seller).action_send_quality_questions()
        self._ask(order, "Which surface?")
        opinions = self._request_review(order).record_id.sudo().deadline_ids
        self.assertTrue(opinions)
        self.assertTrue(all(opinions.mapped("date_paused")))
        self._enter(sent)
        self.assertFalse(any(opinions.mapped("date_paused")))

    def test_the_departments_clock_waits_for_the_customer(self):
        """A2: deadlines of opinions pause while the customer is asked; the answer is due."""
        self._create_clocks()
        order = self._create_order()
        review = self._request_review(order)
        opinions = review.record_id.sudo().deadline_ids
        self.assertTrue(opinions)
        question = self._ask(order)
        order.with_user(self.seller).action_send_quality_questions()
        due = question.record_id.sudo().deadline_ids
        self.assertEqual(due.kind_id.code, "clarification")
        self.assertTrue(all(opinions.mapped("date_paused")))
        self._enter(question)
        self.assertEqual(due.state, "met")
        self.assertFalse(any(opinions.mapped("date_paused")))


@tagged("post_install", "-at_install")
class TestCustomerPage(QuestionCase, HttpCase):
    """What the customer does on the page of the order, by link or with a login."""

    def setUp(self):
        super().setUp()
        self.company.quality_review_gate = "always"
        self.order = self._create_order(quality_channel_id=self.phone.id)
        self.order.state = "sent"
        self.question = self._ask(self.order)
        self.order.with_user(self.seller).action_send_quality_questions()
        self.token = self.order.access_token

    def _page(self, token=None):
        return self.url_open(f"/my/orders/{self.order.id}?access_token={token or self.token}")

    def _post(self, what, token=None, order=None, files=None, **values):
        values = {
            "csrf_token": Request.csrf_token(self),
            "access_token": self.token if token is None else token,
            "who": "Mr. Li",
            **values,
        }
        url = f"/my/orders/{(order or self.order).id}/quality/{what}"
        return self.url_open(url, data=values, files=files, allow_redirects=True)

    def _answer(self, **values):
        self.authenticate(None, None)
        return self._post("answer", **{"question_id": self.question.id, "answer": "Blue", **values})

    def test_the_customer_answers_by_link(self):
        """A2: question with text box and file; the name is kept; the answer is shown."""
        self.authenticate(None, None)
        self.assertIn("Which colour?", self._page().text)
        page = self._answer(files=[("files", ("proof.txt", b"RAL 5010", "text/plain"))])
        self.assertIn("Thank you", page.text)
        self.assertEqual(self.question.state, "answered")
        self.assertEqual((self.question.answer, self.question.answered_by), ("Blue", "Mr. Li"))
        self.assertFalse(self.question.entered_by_id)
        self.assertEqual(self.question.attachment_ids.raw, b"RAL 5010")
        self.assertIn("Blue", self._page().text)

    def test_questions_are_shown_once_they_are_sent(self):
        """A2: what was not sent, or was withdrawn, is our own affair."""
        self._ask(self.order, "Internal thought")
        self.authenticate(None, None)
        self.assertNotIn("Internal thought", self._page().text)
        unsent = self.order.quality_clarification_ids.filtered(lambda q: not q.date_sent)
        self.assertEqual(self._answer(question_id=unsent.id).status_code, 404)
        self.assertEqual(unsent.state, "open")

    def test_without_token_or_form_key_nothing_is_written(self):
        """A2: own orders only; posts carry the key of their form."""
        self._answer(token="wrong")
        self.assertEqual(self.question.state, "open")
        page = self._answer(csrf_token="wrong")
        self.assertEqual(page.status_code, 400)
        self.assertEqual(self.question.state, "open")
        other = self._create_order()
        other._portal_ensure_token()
        page = self._answer(order=other, token=other.access_token)
        self.assertEqual(page.status_code, 404)
        self.assertEqual(self.question.state, "open")

    def test_a_customer_with_login_answers_their_own_orders_only(self):
        """A2: the login stands beside the name; another customer is sent away."""
        user = self._create_user("buyer", "base.group_portal")
        stranger = self._create_user("other_buyer", "base.group_portal")
        self.order.partner_id = user.partner_id
        self.authenticate(stranger.login, stranger.login)
        self._post("answer", token="", question_id=self.question.id, answer="Red")
        self.assertEqual(self.question.state, "open")
        self.authenticate(user.login, user.login)
        values = {"question_id": self.question.id, "answer": "Blue"}
        self.url_open(
            f"/my/orders/{self.order.id}/quality/answer",
            data={"csrf_token": Request.csrf_token(self), "who": "Li", **values},
        )
        self.assertEqual(self.question.state, "answered")
        self.assertEqual(self.question.answered_by, f"Li ({user.name})")

    def test_what_is_refused_is_said(self):
        """A2: an empty answer comes back with a sentence, nothing is written."""
        page = self._answer(answer=" ")
        self.assertIn("Write the answer", page.text)
        self.assertEqual(self.question.state, "open")
        page = self._answer(files=[("files", (f"{n}.txt", b"x", "text/plain")) for n in range(6)])
        self.assertIn("at most 5 files", page.text)
        self.assertEqual(self.question.state, "open")

    def test_the_customer_confirms_by_a_click(self):
        """A2: the click is kept with name, time and the order as it was shown."""
        wizards = self.env["quality.order.confirm.back"].with_user(self.seller)
        wizards.create({"order_id": self.order.id}).action_mark_chat()
        self.authenticate(None, None)
        self.assertIn("Please confirm your order", self._page().text)
        seen = self.order._get_quality_confirmation_hash()
        self._post("confirm", seen="something else")
        self.assertEqual(self.order.quality_confirmation_state, "sent")
        self._post("confirm", seen=seen)
        self.env.invalidate_all()
        row = self.order.quality_confirmation_ids
        self.assertEqual((row.state, row.confirmed_how), ("confirmed", "portal"))
        self.assertEqual(row.confirmed_by, "Mr. Li")
        self.assertTrue(row.document_id.checksum)
        self.assertEqual(self.order.quality_confirmation_state, "confirmed")
        self.assertNotIn("Please confirm your order", self._page().text)
