from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MailCase

from ..lib.codes import find_codes, get_digits, is_phone
from ..lib.mail_headers import is_automatic
from .common import BASE
from .complaint_common import ComplaintCase

GATEWAY = "odoo.addons.mail.models.mail_thread"
OUR_LOG = "odoo.addons.customer_quality.models.complaint.complaint_mail"

PLAIN = """From: {sender}
To: {to}
Subject: {subject}
Message-Id: <{number}@plant.example.com>
{headers}MIME-Version: 1.0
Content-Type: {content_type}
Content-Transfer-Encoding: 8bit

{body}
"""

DSN = """From: MAILER-DAEMON@mail.example.com
To: bounce.test@test.mycompany.com
Subject: Undelivered Mail Returned to Sender
Message-Id: <dsn-1@mail.example.com>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The address does not exist.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.com

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1
--b
Content-Type: message/rfc822

From: quality@test.mycompany.com
To: {address}
Subject: Your complaint
Message-Id: {message_id}

Hello
--b--
"""


class ComplaintMailCase(ComplaintCase, MailCase):
    """A company with an address for complaints, and a customer who writes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._init_mail_gateway()
        cls.company.alias_domain_id = cls.mail_alias_domain
        cls.mailbox = cls.env["quality.complaint.mailbox"].create(
            {
                "name": "Complaints",
                "company_id": cls.company.id,
                "alias_name": "complaints",
                "alias_domain_id": cls.mail_alias_domain.id,
            }
        )
        cls.address = "complaints@test.mycompany.com"
        cls.contact = cls.env["res.partner"].create(
            {"name": "Mr. Wang", "email": "wang@plant.example.com", "parent_id": cls.customer.id}
        )
        cls.number = 0

    def _send(
        self,
        body="The flange leaks.",
        subject="Leaking flange",
        sender="Wang <wang@plant.example.com>",
        headers="",
        content_type="text/plain; charset=utf-8",
        to=None,
        raw=None,
    ):
        """Send a mail as the server of the customer would; return the complaints that are new."""
        type(self).number += 1
        text = PLAIN.format(
            sender=sender,
            to=to or self.address,
            subject=subject,
            number=self.number,
            headers=headers,
            content_type=content_type,
            body=body,
        )
        before = self.env["quality.complaint"].search([])
        with self.mock_mail_gateway(), mute_logger(GATEWAY):
            self.env["mail.thread"].sudo().message_process(None, raw or text)
        return self.env["quality.complaint"].search([]) - before

    def _messages(self, record):
        return record.message_ids.filtered(lambda message: message.message_type == "email")


@tagged("post_install", "-at_install")
class TestComplaintMail(ComplaintMailCase):
    """A mail becomes a complaint of its sender (F1)."""

    def test_a_mail_becomes_a_complaint_of_its_sender(self):
        """F1: customer by the address; words as text, the original in the chatter."""
        complaint = self._send(
            "<p>The flange <b>leaks</b>.</p>",
            sender='"Wang, L." <WANG@Plant.example.com>',
            content_type="text/html; charset=utf-8",
        )
        self.assertEqual(complaint.company_id, self.company)
        self.assertEqual(complaint.partner_id, self.contact)
        self.assertEqual(complaint.commercial_partner_id, self.customer)
        self.assertEqual(complaint.title, "Leaking flange")
        self.assertEqual(complaint.description, "The flange *leaks*.")
        self.assertEqual(complaint.email_from, "wang@plant.example.com")
        self.assertEqual(complaint.channel_id, self.env.ref("customer_quality.channel_mail"))
        self.assertEqual((complaint.state, complaint.user_id), ("registered", self.inspector))
        self.assertTrue(complaint.name.startswith("CC/"))
        self.assertIn("<b>leaks</b>", self._messages(complaint).body)

    def test_an_unknown_sender_stays_with_the_address(self):
        """F1: nobody becomes a customer by writing."""
        partners = self.env["res.partner"].search_count([])
        complaint = self._send(sender="Stranger <stranger@nowhere.example>")
        self.assertFalse(complaint.partner_id)
        self.assertEqual(complaint.email_from, "stranger@nowhere.example")
        self.assertEqual(complaint.contact_name, "Stranger")
        self.assertEqual(self.env["res.partner"].search_count([]), partners)

    def test_a_colleague_who_passes_it_on_is_no_customer(self):
        """F1: the customer follows from the order that the colleague names."""
        picking = self._deliver(5)
        sender = f"<{self.seller.email}>"
        self.assertFalse(self._send(sender=sender).partner_id)
        complaint = self._send(f"See {picking.sale_id.name}", sender=sender)
        self.assertEqual(complaint.order_id, picking.sale_id)
        self.assertEqual(complaint.partner_id, self.customer)

    def test_a_contact_of_another_company_is_no_customer_here(self):
        """F1: an address that another of our companies knows does not lose the mail."""
        other = self.env["res.company"].create({"name": "Other Ltd."})
        self.contact.active = False
        self.env["res.partner"].create(
            {"name": "W", "email": "wang@plant.example.com", "company_id": other.id}
        )
        complaint = self._send()
        self.assertFalse(complaint.partner_id)
        self.assertEqual(complaint.company_id, self.company)

    def test_who_is_responsible_is_told(self):
        """F1, F3: the first words and each later one."""
        complaint = self._send()
        message = self._messages(complaint)
        self.assertIn(self.inspector.partner_id, message.notified_partner_ids)

    # Codes

    def test_what_the_customer_names_is_linked(self):
        """F1: delivery, order, lot and product of the text, with Chinese right beside them."""
        self.product.write({"tracking": "lot", "default_code": "FL-200"})
        lot = self.env["stock.lot"].create({"name": "L2026-77", "product_id": self.product.id})
        self.env["stock.quant"]._update_available_quantity(
            self.product, self.warehouse.lot_stock_id, 5, lot_id=lot
        )
        order = self._create_order(5)
        order.action_confirm()
        picking = order.picking_ids
        picking.action_assign()
        picking.move_ids.picked = True
        picking._action_done()
        complaint = self._send(f"送货单{picking.name}的法兰漏水，批号Ｌ2026-77。")
        self.assertEqual((complaint.picking_id, complaint.order_id), (picking, order))
        line = complaint.line_ids
        self.assertEqual((line.product_id, line.lot_id, line.quantity), (self.product, lot, 0))
        self.assertEqual((line.move_id, line.quantity_delivered), (picking.move_ids, 5))
        named = self._send(f"your order {order.name.lower()}, item fl-200")
        self.assertEqual(named.order_id, order)
        self.assertEqual(named.line_ids.product_id, self.product)
        self.assertIn(order.name, " ".join(named.message_ids.mapped("body")))

    def test_the_customers_own_order_number_is_known(self):
        """F1: customers quote the number of their purchase order."""
        order = self._deliver(5).sale_id
        order.client_order_ref = "PO-4711"
        self.assertEqual(self._send("About PO-4711.").order_id, order)

    def test_orders_of_others_are_not_linked(self):
        """F1: naming somebody else's number leads nowhere, known or unknown sender."""
        order = self._deliver(5).sale_id
        rival = self.env["res.partner"].create({"name": "Rival", "email": "me@rival.example"})
        words = f"{order.name} and {order.picking_ids.name}"
        for sender in ("me@rival.example", "stranger@nowhere.example"):
            complaint = self._send(words, sender=sender)
            with self.subTest(sender):
                self.assertFalse(complaint.order_id or complaint.picking_id)
                self.assertIn(complaint.partner_id, (rival, rival.browse()))

    def test_a_year_is_no_lot(self):
        """F1: a few digits are a lot only beside the product."""
        self.product.default_code = "FL-200"
        lot = self.env["stock.lot"].create({"name": "2026", "product_id": self.product.id})
        self.assertFalse(self._send("In 2026 it leaked").line_ids)
        self.assertEqual(self._send("FL-200, lot 2026").line_ids.lot_id, lot)

    def test_many_codes_cost_one_query_for_each_model(self):
        """F1: a text full of codes does not become a query for each."""
        recognise = self.env["quality.complaint"]._recognise
        for count in (1, 150):
            text = " ".join(f"X-{i:05d}" for i in range(count))
            recognise([text], self.company, self.contact)
            with self.subTest(count), self.assertQueryCount(4):
                recognise([text], self.company, self.contact)

    def test_plain_rules_find_codes(self):
        """F1: candidates only, without a database."""
        self.assertEqual(find_codes("订单S00012的阀门"), ["S00012"])
        self.assertEqual(find_codes("WH/OUT/00012."), ["WH/OUT/00012", "00012"])
        self.assertIn("My Co/OUT/00012", find_codes("My Co/OUT/00012 leaks"))
        self.assertIn("Make /OUT/00012", find_codes("单Make /OUT/00012漏"))
        self.assertEqual(find_codes("Hello, it leaks!", False, None), [])
        self.assertEqual(find_codes("ＦＬ－２００"), ["FL-200"])
        self.assertEqual(find_codes("DN-PN and well-known"), ["DN-PN"])
        self.assertEqual(len(find_codes(" ".join(f"A{i}B" for i in range(999)))), 200)
        self.assertEqual(get_digits("+86 (138) 0013-8000"), "8613800138000")
        self.assertEqual(get_digits("0049 (0)30 1234"), "49301234")
        self.assertTrue(is_phone("138 0013 8000"))
        self.assertFalse(is_phone("S00012"))

    # Answers

    def test_an_answer_stays_with_its_complaint(self):
        """F1: by In-Reply-To, whatever the subject says."""
        complaint = self._send()
        first = self._messages(complaint)
        reply = self._send("Any news?", "Re:", headers=f"In-Reply-To: {first.message_id}\n")
        self.assertFalse(reply)
        self.assertEqual(len(self._messages(complaint)), 2)

    def test_the_number_in_the_subject_is_enough_for_the_customer(self):
        """F1: their own addresses only; for everybody else it is a new complaint."""
        complaint = self._send()
        subject = f"AW: [{complaint.name}] flange"
        for sender in ("wang@plant.example.com", "plant@example.com"):
            self.assertFalse(self._send("More photos", subject, sender=sender))
        self.assertEqual(len(self._messages(complaint)), 3)
        for sender in ("me@rival.example", "stranger@nowhere.example"):
            other = self._send("Let me see", subject, sender=sender)
            with self.subTest(sender):
                self.assertEqual(len(other), 1)
        self.assertEqual(len(self._messages(complaint)), 3)

    def test_words_after_the_answer_ask_what_becomes_of_it(self):
        """F3: the responsible is asked, once; what is closed does not reopen by itself."""
        complaint = self._send()
        headers = f"In-Reply-To: {self._messages(complaint).message_id}\n"
        self._bring_to(complaint, "answered")
        self._send("It leaks again", headers=headers)
        self._send("It really leaks", headers=headers)
        self.assertEqual(complaint.activity_ids.user_id, self.inspector)
        self.assertEqual(len(complaint.activity_ids), 1)
        complaint.with_user(self.inspector).action_close()
        self._send("Still", headers=headers)
        self.assertEqual(complaint.state, "closed")
        self.assertEqual(len(complaint.activity_ids), 2)
        self.assertIn("Reopen", complaint.activity_ids.mapped("summary")[-1])

    def test_words_end_the_waiting_only_by_a_person(self):
        """F3: while the customer is waited for, their words are shown to who waits."""
        complaint = self._send()
        complaint.with_user(self.inspector).action_wait("Samples")
        self._send(headers=f"In-Reply-To: {self._messages(complaint).message_id}\n")
        self.assertTrue(complaint.is_waiting)
        self.assertIn("go on", complaint.activity_ids.summary)

    def test_words_on_a_duplicate_reach_what_goes_on(self):
        """F1: nobody looks at a void complaint any more."""
        first, second = self._send(), self._send()
        second.with_user(self.inspector).action_void("Came twice", first)
        self._send(headers=f"In-Reply-To: {self._messages(second).message_id}\n")
        self.assertIn(second.name, first.activity_ids.summary)

    def test_customers_answer_to_the_mailbox(self):
        """F1: what we send asks for answers to the address that keeps them together."""
        complaint = self._send()
        reply_to = complaint._notify_get_reply_to()[complaint.id]
        self.assertIn(self.address, reply_to)


@tagged("post_install", "-at_install")
class TestComplaintMailHostile(ComplaintMailCase):
    """Loops, machines, bounces, huge and broken mails: kept or refused, never run, never lost."""

    def test_machines_register_nothing_and_are_kept(self):
        """F1: absence notes and what mail servers write stay in the mailbox, unanswered."""
        for headers in (
            "Auto-Submitted: auto-replied\n",
            "Auto-Submitted: auto-generated\n",
            "Precedence: bulk\n",
            "Precedence: auto_reply\n",
            "X-Auto-Response-Suppress: All\n",
            "X-Autoreply: yes\n",
            "Return-Path: <>\n",
        ):
            before = len(self._messages(self.mailbox))
            with self.subTest(headers):
                self.assertFalse(self._send("I am away", headers=headers))
                self.assertEqual(len(self._messages(self.mailbox)), before + 1)
                self.assertFalse(self._new_mails)

    def test_people_who_write_through_a_ticket_system_are_no_machine(self):
        """F1: such systems ask for no absence notes; what they carry was said by people."""
        self.assertTrue(self._send(headers="X-Auto-Response-Suppress: DR, OOF\n"))
        self.assertTrue(self._send(headers="Auto-Submitted: no\n"))
        self.assertFalse(is_automatic({}))

    def test_a_system_that_complains_may_be_allowed(self):
        """F1: the customer's ERP writes by itself; Odoo's list of allowed addresses says which."""
        self.env["mail.gateway.allowed"].create({"email": "erp@plant.example.com"})
        headers = "Auto-Submitted: auto-generated\n"
        complaint = self._send(sender="erp@plant.example.com", headers=headers)
        self.assertEqual(len(complaint), 1)

    def test_what_comes_from_our_own_addresses_is_no_complaint(self):
        """F1: a mail that comes back to its sender ends there."""
        for sender in (self.address, "catchall.test@test.mycompany.com"):
            with self.subTest(sender):
                self.assertFalse(self._send(sender=sender))
                self.assertFalse(self._new_mails)

    def test_an_absence_note_on_a_complaint_alerts_nobody(self):
        """F3: it is kept with the complaint as a note, which the customer does not see."""
        complaint = self._send()
        self._bring_to(complaint, "answered")
        message_id = self._messages(complaint).message_id
        self._send(
            "I am away", headers=f"In-Reply-To: {message_id}\nAuto-Submitted: auto-replied\n"
        )
        note = self._messages(complaint)[0]
        self.assertEqual(note.subtype_id, self.env.ref("mail.mt_note"))
        self.assertFalse(note.notified_partner_ids)
        self.assertFalse(complaint.activity_ids)

    def test_a_sender_in_a_loop_is_stopped(self):
        """F1: as many as Odoo's gateway lets through, and not one answer to a machine."""
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", "3")
        self.env["mail.gateway.allowed"].search([]).unlink()
        created = sum(len(self._send(subject=f"No. {i}")) for i in range(6))
        self.assertEqual(created, 3)
        self.assertTrue(self._new_mails)
        for _i in range(6):
            self._send("Away", headers="Auto-Submitted: auto-replied\n")
            self.assertFalse(self._new_mails)
        self.assertLessEqual(len(self._messages(self.mailbox)), 3)

    def test_the_same_mail_twice_is_one_complaint(self):
        """F1: a server that delivers again registers nothing again."""
        raw = PLAIN.format(
            sender="wang@plant.example.com",
            to=self.address,
            subject="Once",
            number="same",
            headers="",
            content_type="text/plain",
            body="x",
        )
        self.assertEqual(len(self._send(raw=raw)), 1)
        self.assertFalse(self._send(raw=raw))

    def test_a_bounce_is_noted_and_is_no_complaint(self):
        """F1, F3: what came back is told to who is responsible."""
        complaint = self._send()
        with self.mock_mail_gateway():
            sent = complaint.message_post(
                body="We look into it",
                partner_ids=self.contact.ids,
                subtype_xmlid="mail.mt_comment",
                message_type="comment",
            )
        dsn = DSN.format(address="wang@plant.example.com", message_id=sent.message_id)
        self.assertFalse(self._send(raw=dsn))
        self.assertIn("came back", " ".join(complaint.message_ids.mapped("body")))
        self.assertIn("not delivered", complaint.activity_ids.summary)
        self.assertFalse(self._send(raw=dsn.replace(sent.message_id, "<unknown@x>")))

    def test_scripts_are_text(self):
        """F1: kept as it was said in subject and description, taken out of the chatter."""
        evil = "<script>alert(1)</script>"
        complaint = self._send(
            f"<p>Hello<img src=x onerror=alert(1)> {evil}</p>",
            f"{evil} {{{{7*7}}}} ${{7*7}}",
            content_type="text/html",
        )
        self.assertIn("<script>", complaint.title)
        self.assertIn("7*7", complaint.title)
        body = self._messages(complaint).body
        self.assertNotIn("<script", body)
        self.assertNotIn("onerror", body)

    def test_broken_encodings_are_kept(self):
        """F1: wrong charsets, zero bytes, broken headers: registered as far as it goes."""
        self.assertTrue(self._send("漏水".encode().decode("latin-1"), content_type="text/plain"))
        for body in (b"\xff\xfe\x00leaks\x00", "漏水".encode("gb18030"), b"\xed\xa0\x80 leaks"):
            type(self).number += 1
            raw = (
                PLAIN.format(
                    sender="wang@plant.example.com",
                    to=self.address,
                    subject="=?utf-8?B?broken?= \x00 =?gb2312?B?wqnLrg==?=",
                    number=f"raw{self.number}",
                    headers="",
                    content_type="text/plain; charset=utf-8",
                    body="@@",
                )
                .encode()
                .replace(b"@@", body)
            )
            with self.subTest(body):
                complaint = self._send(raw=raw)
                self.assertEqual(len(complaint), 1)
                self.assertTrue(self._messages(complaint))

    def test_a_mail_without_subject_and_words_is_registered(self):
        """F1: an empty mail with a photo is a complaint, too."""
        complaint = self._send("", "")
        self.assertTrue(complaint.title)

    def test_fifty_megabytes_are_kept(self):
        """F1: the attachment is on the complaint, as large as it was."""
        size = 50 * 1024 * 1024
        boundary = 'multipart/mixed; boundary="b"'
        file = (
            "--b\nContent-Type: text/plain\n\nSee the film\n--b\n"
            "Content-Type: application/octet-stream\n"
            'Content-Disposition: attachment; filename="film.bin"\n'
            f"Content-Transfer-Encoding: 7bit\n\n{'a' * size}\n--b--\n"
        )
        complaint = self._send(file, content_type=boundary)
        attachment = self._messages(complaint).attachment_ids
        self.assertEqual((attachment.name, attachment.res_id), ("film.bin", complaint.id))
        self.assertGreaterEqual(attachment.file_size, size)

    def test_what_can_not_be_linked_is_registered_without_links(self):
        """F1: no link is worth a lost complaint."""
        complaints = type(self.env["quality.complaint"])
        with patch.object(
            complaints, "_prepare_recognised_vals", return_value={"order_id": self._foreign_order()}
        ):
            complaint = self._send()
        self.assertEqual(len(complaint), 1)
        self.assertFalse(complaint.order_id)

    def _foreign_order(self):
        company = self.env["res.company"].create({"name": "Other Ltd."})
        return (
            self.env["sale.order"]
            .create({"partner_id": self.customer.id, "company_id": company.id})
            .id
        )


@tagged("post_install", "-at_install")
class TestComplaintMailbox(ComplaintMailCase):
    """The address is a setting of the company (F1)."""

    def test_the_setting_opens_moves_and_closes_the_mailbox(self):
        """F1: one address for each company."""
        company = self.env["res.company"].create(
            {"name": "Second Ltd.", "alias_domain_id": self.mail_alias_domain.id}
        )
        self.env.user.company_ids |= company
        settings = self.env["res.config.settings"].with_company(company)
        with Form(settings) as form:
            form.quality_complaint_alias = "quality.second"
        form.record.execute()
        complaint = self._send(to="quality.second@test.mycompany.com")
        self.assertEqual(complaint.company_id, company)
        with Form(settings) as form:
            self.assertEqual(form.quality_complaint_alias, "quality.second")
            form.quality_complaint_alias = False
        form.record.execute()
        with self.assertRaises(ValueError):
            self._send(to="quality.second@test.mycompany.com")

    def test_only_managers_change_the_mailbox(self):
        """Rights: others read what was kept, at most."""
        for user in self.inspector | self.seller | self.nobody | self.auditor:
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.mailbox.with_user(user).write({"alias_name": "x"})
        with self.assertRaises(AccessError):
            self.mailbox.with_user(self.nobody).read(["name"])
        self.mailbox.with_user(self.quality_manager).alias_name = "claims"
        self.assertEqual(self.mailbox.alias_email, "claims@test.mycompany.com")

    def test_another_companys_mailbox_is_not_seen(self):
        """Rights: own companies only."""
        other = self.env["res.company"].create({"name": "Other Ltd."})
        stranger = self._create_user("stranger", f"{BASE},customer_quality.group_manager", other)
        with self.assertRaises(AccessError):
            self.mailbox.with_user(stranger).read(["name"])

    def test_refused_senders_are_refused_by_odoo_itself(self):
        """F1: whoever the alias does not let in is told so, once."""
        self.mailbox.alias_id.alias_contact = "partners"
        self.assertFalse(self._send(sender="stranger@nowhere.example"))
        self.assertTrue(self._send())
