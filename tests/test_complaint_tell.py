from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MockEmail

from .complaint_common import ComplaintCase

TELL = "odoo.addons.customer_quality.models.complaint.complaint_tell"


class ToldCase(MockEmail, ComplaintCase):
    """Verbs to see what customers are told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.company.email = "quality@example.com"

    def _queued(self, complaint):
        """Return what is queued or was sent to the customer, the newest last."""
        self.env.flush_all()
        mails = self.env["mail.mail"].search(
            [("model", "=", complaint._name), ("res_id", "in", complaint.ids)], order="id"
        )
        return mails.filtered(
            lambda mail: mail.email_to == "plant@example.com" or self.customer in mail.recipient_ids
        )

    def _tasks(self, complaint, code="tell"):
        kind = self.env.ref(f"customer_quality.mail_activity_type_complaint_{code}")
        return complaint.sudo().activity_ids.filtered(lambda a: a.activity_type_id == kind)

    def _break(self, name):
        template = self.env.ref(f"customer_quality.mail_template_complaint_{name}")
        template.body_html = '<p t-out="object.no_such_field"/>'


@tagged("post_install", "-at_install")
class TestComplaintTell(ToldCase):
    """Received, how it goes on, rejected, closed: what the customer hears (F3, F8)."""

    # Acknowledgement

    def test_nothing_goes_out_until_the_company_wants_it(self):
        """F3: the acknowledgement is a setting of the company."""
        complaint = self._register()
        self._bring_to(complaint, "accepted")
        self.assertFalse(self._queued(complaint))

    def test_it_is_queued_with_the_intake_and_accepts_whom_we_know(self):
        """F1, F3: one mail in the same transaction, not sent; the promise is kept with it."""
        self.company.quality_complaint_acknowledge = "registered"
        self._promise("complaint_acknowledge")
        with self.mock_mail_gateway():
            complaint = self._register()
        mail = self._queued(complaint)
        self.assertEqual((len(mail), mail.state), (1, "outgoing"))
        self.assertFalse(self._mails)
        self.assertIn(complaint.name, mail.subject)
        self.assertEqual(complaint.state, "accepted")
        self.assertTrue(complaint.date_acknowledged and complaint.date_accepted)
        self.assertEqual(self._deadline(complaint, "acknowledge").state, "met")

    def test_the_queue_is_woken_once(self):
        """F3: the scheduled action that sends mails runs after the commit."""
        self.company.quality_complaint_acknowledge = "registered"
        self.env.cr.precommit.run()
        cron = self.env.ref("mail.ir_cron_mail_scheduler_action")
        before = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        vals = {"title": "x", "partner_id": self.customer.id}
        self.env["quality.complaint"].create([vals] * 3)
        self.env.flush_all()
        self.env.cr.precommit.run()
        after = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        self.assertEqual(after - before, 1)

    def test_the_customer_is_told_in_their_language(self):
        """F3: language of the customer, else of the company."""
        self.env["ir.module.module"]._load_module_terms(["customer_quality"], ["fr_FR"])
        template = self.env.ref("customer_quality.mail_template_complaint_acknowledge")
        template.with_context(lang="fr_FR").subject = "Bien reçu {{ object.name }}"
        self.company.quality_complaint_acknowledge = "registered"
        self.customer.lang = "fr_FR"
        self.assertIn("Bien reçu", self._queued(self._register()).subject)
        self.customer.lang = False
        self.company.partner_id.lang = "fr_FR"
        self.assertIn("Bien reçu", self._queued(self._register()).subject)

    def test_an_unknown_sender_is_told_and_stays_registered(self):
        """F1: without customer nobody can be accepted, but whoever wrote is answered."""
        self.company.quality_complaint_acknowledge = "registered"
        complaint = self._register(partner_id=None, email_from="plant@example.com")
        self.assertEqual(len(self._queued(complaint)), 1)
        self.assertEqual(complaint.state, "registered")
        complaint.with_user(self.inspector).partner_id = self.customer
        complaint.with_user(self.inspector).action_accept()
        self.assertEqual(len(self._queued(complaint)), 1)

    def test_it_may_wait_for_the_acceptance_and_comes_once(self):
        """F3: once per complaint, also when it is reopened and goes on again."""
        self.company.quality_complaint_acknowledge = "accepted"
        complaint = self._register()
        self.assertFalse(self._queued(complaint))
        mine = complaint.with_user(self.inspector)
        mine.action_accept()
        self.assertEqual(len(self._queued(complaint)), 1)
        complaint._acknowledge("accepted")
        self.assertEqual(len(self._queued(complaint)), 1)

    def test_a_machine_is_never_answered(self):
        """F1: an automatic mail that comes in is not acknowledged."""
        self.company.quality_complaint_acknowledge = "registered"
        complaint = (
            self.env["quality.complaint"]
            .with_context(customer_quality_automatic=True)
            .create({"title": "Out of office", "partner_id": self.customer.id})
        )
        self.assertFalse(self._queued(complaint))
        self.assertEqual(complaint.state, "registered")

    def test_without_address_the_owner_is_asked(self):
        """F3: a customer without e-mail is told by another way; nothing fails."""
        self.company.quality_complaint_acknowledge = "registered"
        self.customer.email = False
        complaint = self._register()
        self.assertFalse(complaint.date_acknowledged)
        self.assertEqual(self._tasks(complaint).user_id, self.inspector)

    @mute_logger("odoo.addons.mail.models.mail_render_mixin", TELL)
    def test_a_broken_template_stops_no_intake(self):
        """F1: registered all the same; the owner gets a task."""
        self.company.quality_complaint_acknowledge = "registered"
        self._break("acknowledge")
        complaint = self._register()
        self.assertEqual(complaint.state, "registered")
        self.assertEqual(len(self._tasks(complaint)), 1)

    @mute_logger("odoo.addons.mail.models.mail_render_mixin", TELL)
    def test_one_that_fails_does_not_hold_up_the_others(self):
        """F3: one by one only after a failure."""
        template = self.env.ref("customer_quality.mail_template_complaint_acknowledge")
        template.body_html = '<p t-out="1 / len(object.title)"/>'
        self.company.quality_complaint_acknowledge = "registered"
        vals = {"partner_id": self.customer.id}
        with patch.object(
            type(self.env["quality.complaint"]),
            "_get_mail_lang",
            lambda complaint: 1 / 0 if complaint.title == "bad" else "en_US",
        ):
            bad, good = self.env["quality.complaint"].create(
                [{**vals, "title": "bad"}, {**vals, "title": "good"}]
            )
        self.assertFalse(self._queued(bad))
        self.assertEqual(len(self._queued(good)), 1)
        self.assertTrue(self._tasks(bad) and not self._tasks(good))

    def test_a_batch_costs_few_queries_each(self):
        """F3: a thousand mails in one batch."""
        self.company.quality_complaint_acknowledge = "registered"
        vals = {"title": "x", "partner_id": self.customer.id}
        Complaint = self.env["quality.complaint"]
        Complaint.create([vals] * 2)
        self.env.flush_all()
        counts = []
        for number in (50, 250):
            before = self.cr.sql_log_count
            Complaint.create([vals] * number)
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        each = (counts[1] - counts[0]) / 200
        self.assertLessEqual(each, 6, counts)

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_what_could_not_be_sent_or_came_back_is_told_by_another_way(self):
        """F3: the customer has not read it; the owner gets one task."""
        self.company.quality_complaint_acknowledge = "registered"
        complaint = self._register()
        mail = self._queued(complaint)
        mail._postprocess_sent_message([], [], "no such host", "mail_smtp")
        self.assertFalse(complaint.date_told)
        complaint._message_receive_bounce("plant@example.com", self.customer)
        self.assertEqual(len(self._tasks(complaint)), 1)

    # Progress

    def test_who_hears_nothing_for_days_stands_out(self):
        """F3: the customer hears of progress until it is solved; the list shows who does not."""
        long_ago = fields.Datetime.now() - timedelta(days=20)
        complaint = self._register(date_received=long_ago)
        fresh = self._register()
        self.assertTrue(complaint.is_untold)
        self.assertFalse(fresh.is_untold)
        Complaint = self.env["quality.complaint"].with_user(self.inspector)
        found = Complaint.search([("is_untold", "=", True)])
        self.assertIn(complaint, found)
        self.assertNotIn(fresh, found)
        self.assertNotIn(complaint, Complaint.search([("is_untold", "=", False)]))
        self.company.quality_complaint_untold_days = 0
        complaint.invalidate_recordset()
        self.assertFalse(complaint.is_untold)
        self.assertFalse(Complaint.search([("is_untold", "=", True)]))

    def _tell_progress(self, complaint, user=None):
        action = complaint.with_user(user or self.inspector).action_tell_progress()
        composer = Form(
            self.env["mail.compose.message"]
            .with_user(user or self.inspector)
            .with_context(**action["context"])
        )
        return composer.save()._action_send_mail()

    def test_progress_is_told_from_a_template(self):
        """F3: a ready mail; from then on the customer has heard from us."""
        self._promise("complaint_progress", 24)
        long_ago = fields.Datetime.now() - timedelta(days=20)
        complaint = self._register(date_received=long_ago, email_from="plant@example.com")
        self._bring_to(complaint, "accepted")
        self.assertEqual(self._deadline(complaint, "progress").state, "open")
        with self.mock_mail_gateway():
            self._tell_progress(complaint)
        self.assertTrue(complaint.date_told)
        self.assertFalse(complaint.is_untold)
        self.assertEqual(len(self._queued(complaint)), 1)
        states = self._deadline(complaint, "progress").mapped("state")
        self.assertEqual(sorted(states), ["met", "open"])

    def test_a_note_tells_the_customer_nothing(self):
        """F3: only what goes to the customer counts."""
        complaint = self._register()
        complaint.with_user(self.inspector).message_post(body="They will not like it")
        self.assertFalse(complaint.date_told)

    def test_a_call_is_noted_with_who_and_what(self):
        """F3: told on the phone counts as well."""
        complaint = self._register().with_user(self.inspector)
        with self.assertRaises(UserError):
            complaint.action_note_told("Mr. Wang", " ")
        complaint.action_note_told("Mr. Wang", "Parts arrive on Friday")
        self.assertTrue(complaint.date_told)
        for user in (self.colleague, self.seller, self.auditor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                complaint.with_user(user).action_note_told("Mr. Wang", "x")
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                complaint.with_user(user).action_tell_progress()

    def test_a_context_alone_tells_nobody(self):
        """F5: who may not answer does not stop the clock by a key sent along."""
        complaint = self._register()
        told = complaint.with_user(self.colleague).with_context(
            customer_quality_complaint_told=complaint.id
        )
        told.message_post(body="x")
        self.assertFalse(complaint.date_told)

    # The end

    def test_the_customer_reads_why_it_is_rejected(self):
        """F2: at once, where the company wants it."""
        self.company.quality_complaint_tell_end = "automatic"
        complaint = self._register()
        complaint.with_user(self.inspector).action_reject("Not <our> product")
        mail = self._queued(complaint)
        self.assertIn("Not &lt;our&gt; product", mail.body_html)
        self.assertEqual(complaint.end_told, "told")

    def test_the_owner_writes_it_where_the_company_prefers(self):
        """F2: a task, a ready mail, and the task is done with it."""
        self.company.quality_complaint_tell_end = "draft"
        complaint = self._register()
        mine = complaint.with_user(self.inspector)
        mine.action_reject("Not our product")
        self.assertFalse(self._queued(complaint))
        self.assertEqual((complaint.end_told, len(self._tasks(complaint))), ("due", 1))
        action = mine.action_tell_end()
        composer = Form(
            self.env["mail.compose.message"]
            .with_user(self.inspector)
            .with_context(**action["context"])
        )
        self.assertIn("Not our product", composer.body)
        with self.mock_mail_gateway():
            composer.save()._action_send_mail()
        self.assertEqual(complaint.end_told, "told")
        self.assertFalse(self._tasks(complaint))

    def test_a_closed_complaint_is_told_and_a_void_one_is_not(self):
        """F5: what was registered by mistake is nobody's business."""
        self.company.quality_complaint_tell_end = "automatic"
        complaint, mistake = self._register(), self._register()
        self._bring_to(complaint, "closed")
        mistake.with_user(self.inspector).action_void("Came twice", complaint)
        self.assertEqual(len(self._queued(complaint)), 1)
        self.assertFalse(self._queued(mistake))

    @mute_logger("odoo.addons.mail.models.mail_render_mixin", TELL)
    def test_a_broken_template_stops_no_rejection(self):
        """F2: rejected all the same; the owner tells by hand."""
        self.company.quality_complaint_tell_end = "automatic"
        self._break("rejected")
        complaint = self._register()
        complaint.with_user(self.inspector).action_reject("Not our product")
        self.assertEqual((complaint.state, complaint.end_told), ("rejected", "due"))
        self.assertEqual(len(self._tasks(complaint)), 1)
