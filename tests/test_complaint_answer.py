import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .test_complaint_tell import TELL, ToldCase


@tagged("post_install", "-at_install")
class TestComplaintAnswer(ToldCase):
    """Quality or engineering answer the customer directly, with sales in copy (F5)."""

    def _open(self, complaint, user=None):
        user = user or self.inspector
        action = complaint.with_user(user).action_open_answer()
        Wizard = self.env[action["res_model"]].with_user(user).with_context(**action["context"])
        return Form(Wizard)

    def _write(self, complaint, **vals):
        """Return the saved dialog, filled in as given."""
        form = self._open(complaint)
        form.solution = "Replaced"
        wizard = form.save()
        wizard.write(vals)
        return wizard

    def _solve(self, **vals):
        complaint = self._register(description="The flange leaks", **vals)
        self._bring_to(complaint, "solving")
        return complaint

    def test_the_answer_goes_to_the_customer_with_sales_in_copy(self):
        """F5: outcome, cause and the customer's words; queued, recorded, in one transaction."""
        self._promise("complaint_answer")
        complaint = self._solve()
        with self.mock_mail_gateway():
            form = self._open(complaint)
            form.solution = "Replaced all flanges"
            for words in ("The flange leaks", "Wrong tool", "Replaced all flanges"):
                self.assertIn(words, form.body)
            self.assertEqual(form.address, "plant@example.com")
            form.save().action_send()
        self.assertFalse(self._mails)
        self.assertEqual(self._queued(complaint).state, "outgoing")
        message = complaint.message_ids.filtered(lambda m: self.customer in m.partner_ids)
        self.assertIn(self.seller.partner_id, message.partner_ids)
        self.assertIn(self.seller.partner_id, complaint.message_partner_ids)
        self.assertEqual(
            (complaint.state, complaint.solution), ("answered", "Replaced all flanges")
        )
        self.assertIn("Replaced all flanges", complaint.answer)
        self.assertEqual(complaint.answered_by, self.inspector.name)
        self.assertTrue(complaint.date_told)
        self.assertEqual(self._deadline(complaint, "answer").state, "met")

    def test_it_is_written_in_the_language_of_the_customer(self):
        """F5: the customer's language, whoever answers."""
        template = self.env.ref("customer_quality.mail_template_complaint_answer")
        template.with_context(lang="fr_FR").subject = "Notre réponse"
        self.customer.lang = "fr_FR"
        self.assertEqual(self._open(self._solve()).subject, "Notre réponse")

    def test_an_address_without_contact_is_written_to(self):
        """F5: whoever reported it need not be a contact of ours."""
        complaint = self._solve(email_from="stranger@example.net")
        with self.mock_mail_gateway():
            form = self._open(complaint)
            form.solution = "Replaced"
            form.save().action_send()
        self.env.flush_all()
        mails = self.env["mail.mail"].search([("res_id", "=", complaint.id)])
        self.assertIn("stranger@example.net", " ".join(filter(None, mails.mapped("email_to"))))
        self.assertNotIn(self.customer, mails.recipient_ids)

    def test_files_go_along_and_stay_with_the_complaint(self):
        """F5: evidence and reports are kept."""
        complaint = self._solve()
        form = self._open(complaint)
        form.solution = "Replaced"
        wizard = form.save()
        file = (
            self.env["ir.attachment"]
            .with_user(self.inspector)
            .create(
                {
                    "name": "report.pdf",
                    "datas": base64.b64encode(b"%PDF-1.4"),
                    "res_model": wizard._name,
                    "res_id": 0,
                }
            )
        )
        wizard.attachment_ids = file
        with self.mock_mail_gateway():
            wizard.action_send()
        self.assertEqual((file.res_model, file.res_id), (complaint._name, complaint.id))
        self.assertIn(file, complaint.message_ids.attachment_ids)

    def test_a_file_that_one_may_not_read_does_not_go_out(self):
        """F5: ids of somebody else's files open no door."""
        order = self._create_order()
        secret = self.env["ir.attachment"].create(
            {"name": "price.pdf", "raw": b"x", "res_model": order._name, "res_id": order.id}
        )
        complaint = self._solve()
        with self.assertRaises(AccessError):
            self._write(complaint, attachment_ids=[(6, 0, secret.ids)]).action_send()

    def test_it_may_be_answered_by_another_way(self):
        """F5: on the phone, by visit, by letter: who was told, what; nobody is mailed."""
        complaint = self._solve()
        form = self._open(complaint)
        form.way = "phone"
        form.solution = "Replaced"
        form.who = "Mr. Wang"
        form.text = "New flanges come on Friday"
        form.save().action_send()
        self.assertFalse(self._queued(complaint))
        self.assertEqual((complaint.answered_way, complaint.state), ("Phone", "answered"))
        self.assertEqual(complaint.answer, "New flanges come on Friday")
        self.assertIn("Mr. Wang", str(complaint.message_ids[0].body))

    def test_an_answer_without_address_words_or_person_is_refused(self):
        """F5: nothing half done."""
        complaint = self._solve()
        wizard = self._write(complaint)
        for vals in (
            {"address": "nowhere"},
            {"address": False},
            {"address": "plant@example.com", "body": "<p><br></p>"},
            {"way": "phone", "who": "Mr. Wang", "text": " "},
            {"way": "letter", "who": False, "text": "x"},
        ):
            wizard.write(vals)
            with self.subTest(vals=vals), self.assertRaises(UserError):
                wizard.action_send()
        self.assertEqual(complaint.state, "solving")

    def test_without_outcome_nothing_is_sent(self):
        """F5: what was done is on record first."""
        complaint = self._solve()
        wizard = self._write(complaint, solution=False)
        with self.assertRaises(UserError):
            wizard.action_send()
        self.assertFalse(self._queued(complaint))

    @mute_logger("odoo.addons.mail.models.mail_render_mixin", TELL)
    def test_a_broken_template_leaves_an_empty_page(self):
        """F5: the answer is written by hand then."""
        self._break("answer")
        form = self._open(self._solve())
        self.assertFalse(form.body)
        form.solution = "Replaced"
        form.body = "<p>We replaced it.</p>"
        with self.mock_mail_gateway():
            form.save().action_send()

    # Who

    def test_engineering_answers_once_it_is_asked(self):
        """F5: who handles it asks; whoever acts for the department may answer then."""
        complaint = self._solve()
        with self.assertRaises(AccessError):
            complaint.with_user(self.engineer).action_open_answer()
        for user in (self.engineer, self.colleague, self.seller):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                complaint.with_user(user).action_ask_engineering()
        complaint.with_user(self.inspector).action_ask_engineering()
        self.assertIn(self.engineer, complaint.activity_ids.user_id)
        self.assertTrue(complaint.with_user(self.engineer).can_answer)
        with self.mock_mail_gateway():
            form = self._open(complaint, self.engineer)
            form.solution = "Replaced"
            form.save().action_send()
        self.assertEqual(complaint.answered_by, self.engineer.name)
        with self.assertRaises(AccessError):
            complaint.with_user(self.engineer).action_close()

    def test_nobody_else_answers(self):
        """F5: not over RPC either, nor through the dialog of somebody else."""
        complaint = self._solve()
        wizard = self._write(complaint)
        portal = new_test_user(self.env, "test_portal_answer", groups="base.group_portal")
        for user in (self.colleague, self.seller, self.auditor, self.producer):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._open(complaint, user)
        for user in (self.colleague, self.nobody, portal, self.quality_manager):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                wizard.with_user(user).action_send()
        with self.assertRaises(AccessError):
            self.env["quality.complaint.answer"].with_user(self.nobody).create(
                {"complaint_id": complaint.id}
            )
        made = (
            self.env["quality.complaint.answer"]
            .with_user(self.colleague)
            .create({"complaint_id": complaint.id, "solution": "x", "body": "<p>x</p>"})
        )
        with self.assertRaises(AccessError):
            made.action_send()
        self.assertEqual(complaint.state, "solving")
