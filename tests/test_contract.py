import base64
import hashlib

from odoo import fields
from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import BASE, QualityCase

TEXT = b"We supply. You pay."
OTHER = b"We supply. You pay later."


@tagged("post_install", "-at_install")
class TestContract(QualityCase):
    """The contract from draft to archive: legal's opinion stands on the file itself (A5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lawyer = cls._create_user(
            "lawyer", f"{BASE},customer_quality.group_reviewer,customer_quality.group_price"
        )
        cls._assign("legal", cls.lawyer)
        cls._assign("finance", cls.director)
        cls.order = cls._create_order()

    def _draft(self, content=TEXT, order=None):
        order = (order or self.order).with_user(self.seller)
        order.action_create_quality_contract()
        contract = order.quality_contract_id
        contract.write({"draft_file": base64.b64encode(content), "draft_name": "draft.docx"})
        return contract

    def _agree(self, contract):
        contract.action_request_legal()
        self._sign(contract, self.lawyer)

    def _file_signed(self, contract, content=TEXT, **vals):
        contract.write(
            {
                "date_signed": fields.Date.today(),
                "signed_file": base64.b64encode(content),
                "signed_name": "signed.pdf",
                **vals,
            }
        )
        contract.action_sign()

    def _create_signed(self, content=TEXT, **vals):
        contract = self._draft()
        self._agree(contract)
        contract.action_send()
        self._file_signed(contract, content, **vals)
        return contract

    # Draft and legal

    def test_a_contract_is_drafted_from_its_order(self):
        """A5: customer, content, amount; the draft is known by its SHA-256."""
        contract = self._draft()
        self.assertRegex(contract.name, r"^CT/\d{4}/\d{4}$")
        self.assertEqual(contract.partner_id, self.customer)
        self.assertEqual(contract.order_ids, self.order)
        self.assertEqual(contract.amount, self.order.amount_total)
        self.assertIn("Machine", contract.summary)
        self.assertEqual(contract.draft_checksum, hashlib.sha256(TEXT).hexdigest())
        self.assertEqual(contract.record_id.order_id, self.order)
        again = self.order.with_user(self.seller).action_create_quality_contract()
        self.assertEqual(again["res_id"], contract.id)

    def test_the_form_files_a_contract_for_several_orders(self):
        """A5: one contract may cover several orders of the customer."""
        second = self._create_order()
        with Form(self.env["quality.contract"].with_user(self.seller)) as form:
            form.title = "Frame"
            form.partner_id = self.customer
        contract = form.record
        orders = self.order | second
        contract.write({"order_ids": [(4, order.id) for order in orders]})
        self.assertEqual(contract.order_ids, self.order | second)
        self.assertIn(contract.record_id.order_id, self.order | second)

    def test_legal_is_asked_about_the_file(self):
        """A5: legal reviews, and the contract is then to be signed."""
        contract = self._draft()
        contract.action_request_legal()
        self.assertEqual(contract.state, "legal")
        self.assertEqual(contract.opinion_ids.user_id, self.lawyer)
        self.assertEqual(contract.sudo().opinion_ids.basis, contract.draft_checksum)
        self._sign(contract, self.lawyer)
        self.assertEqual(contract.state, "sign")
        self.assertEqual(contract.reviewed_checksum, contract.draft_checksum)

    def test_without_a_file_legal_has_nothing_to_review(self):
        """A5: the opinion stands on a file."""
        self.order.with_user(self.seller).action_create_quality_contract()
        contract = self.order.with_user(self.seller).quality_contract_id
        with self.assertRaisesRegex(UserError, "as a file first"):
            contract.action_request_legal()

    def test_legal_objects_and_sales_revise(self):
        """A5: legal reviews, sales revises, legal looks at the new text."""
        contract = self._draft()
        contract.action_request_legal()
        self._sign(contract, self.lawyer, "object", "No liability cap")
        self.assertEqual(contract.state, "draft")
        self.assertIn(self.seller, contract.activity_ids.user_id)
        contract.draft_file = base64.b64encode(OTHER)
        self.assertEqual(contract.draft_number, 2)
        self._agree(contract)
        self.assertEqual(contract.state, "sign")

    def test_a_revised_draft_makes_legals_opinion_stale(self):
        """A5: the opinion holds for the text it was given on, and for no other."""
        contract = self._draft()
        self._agree(contract)
        contract.action_send()
        contract.draft_file = base64.b64encode(OTHER)
        self.assertEqual(contract.state, "draft")
        self.assertTrue(contract.is_legal_stale)
        self.assertFalse(contract.date_sent)
        with self.assertRaises(UserError):
            contract.action_sign()
        self._agree(contract)
        self.assertFalse(contract.is_legal_stale)
        self.assertEqual(contract.state, "sign")

    def test_a_draft_revised_while_legal_reads_is_asked_anew(self):
        """A5: what legal is about to sign is the file at hand."""
        contract = self._draft()
        contract.action_request_legal()
        contract.draft_file = base64.b64encode(OTHER)
        self.assertEqual(contract.state, "draft")
        self.assertEqual(contract.opinion_ids.state, "void")

    def test_a_file_exchanged_behind_the_form_is_found(self):
        """A5: writing the attachment itself does not carry legal's opinion over."""
        contract = self._draft()
        contract.action_request_legal()
        attachment = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "quality.contract"),
                ("res_field", "=", "draft_file"),
                ("res_id", "=", contract.id),
            ]
        )
        attachment.raw = OTHER
        self.env.invalidate_all()
        self._sign(contract, self.lawyer)
        self.assertEqual(contract.state, "draft")
        self.assertFalse(contract.reviewed_checksum)
        self.assertEqual(contract.draft_checksum, hashlib.sha256(OTHER).hexdigest())

    def test_nobody_exchanges_a_file_behind_the_form(self):
        """A5: not even who may write the contract writes its attachments."""
        contract = self._draft()
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "quality.contract"), ("res_field", "=", "draft_file")]
        )
        with self.assertRaises(UserError):
            attachment.with_user(self.seller).raw = OTHER
        with self.assertRaises(UserError):
            attachment.with_user(self.seller).unlink()
        self.assertEqual(base64.b64decode(contract.draft_file), TEXT)

    def test_legal_is_asked_again_about_the_same_text(self):
        """A5: an objection that was settled by talking; the old answer stays as history."""
        contract = self._draft()
        contract.action_request_legal()
        self._sign(contract, self.lawyer, "object", "Who are they?")
        self._agree(contract)
        self.assertEqual(contract.state, "sign")
        self.assertEqual(contract.opinion_ids.mapped("answer"), ["object", "agree"])

    def test_no_context_gives_a_contract_a_state(self):
        """A5: what follows from the procedure does not follow from a caller's context."""
        forged = (
            self.env["quality.contract"]
            .with_user(self.seller)
            .with_context(default_state="sign", default_phase="closed", default_name="CT/1")
            .create({"title": "Forged", "partner_id": self.customer.id})
        )
        self.assertEqual(forged.state, "draft")
        self.assertEqual(forged.phase, "open")
        self.assertNotEqual(forged.name, "CT/1")

    def test_a_company_without_legal_goes_on(self):
        """B1, A5: a role that the company has not is not asked."""
        self._assign("legal", False).write({"not_applicable": True, "reason": "Five people"})
        contract = self._draft()
        contract.action_request_legal()
        self.assertEqual(contract.state, "sign")
        self._file_signed(contract, OTHER)
        self.assertEqual(contract.signed_text, "confirmed")

    # The order's review

    def test_the_review_waits_for_legal_and_goes_on(self):
        """A5, B6: no approval while legal has not agreed to the text."""
        contract = self._draft()
        review = self._request_review(self.order)
        self._approve(review)
        self.assertEqual(review.state, "review")
        self.assertIn(contract.name, review.missing)
        self._agree(contract)
        self.assertEqual(review.state, "approved")

    def test_a_revised_text_makes_the_approval_stale(self):
        """A5: the checksum is part of the order's fingerprint, for those who see prices."""
        contract = self._draft()
        self._agree(contract)
        review = self._request_review(self.order)
        public = review.public_hash
        self._approve(review)
        self.assertEqual(review.state, "approved")
        contract.draft_file = base64.b64encode(OTHER)
        self.assertEqual(self.order.quality_review_status, "stale")
        revision = self._request_review(self.order)
        self.assertEqual(revision.public_hash, public)
        # departments that see no price sign on the same content as before
        self.assertEqual(set(revision.opinion_ids.mapped("state")), {"done"})

    def test_signing_the_reviewed_text_changes_no_fingerprint(self):
        """A5: what is signed as reviewed leaves the approval as it is."""
        contract = self._draft()
        self._agree(contract)
        self._approve(self._request_review(self.order))
        contract.action_send()
        self._file_signed(contract)
        self.assertEqual(self.order.quality_review_status, "approved")

    # Signing

    def test_the_signed_reviewed_text_is_distributed_received_and_archived(self):
        """A5: each department gets its copy and confirms receipt; then it is archived."""
        contract = self._create_signed()
        self.assertEqual(contract.signed_text, "same")
        self.assertEqual(contract.state, "signed")
        receipts = contract.acknowledgement_ids
        self.assertIn(self._role("production"), receipts.role_id)
        with self.assertRaisesRegex(UserError, "Production"):
            contract.action_archive_contract()
        for receipt in receipts:
            receipt.with_user(receipt.user_id).action_receive()
        contract.action_archive_contract()
        self.assertEqual(contract.state, "archived")
        self.assertEqual(contract.phase, "closed")
        with self.assertRaises(UserError):
            contract.title = "Changed"

    def test_another_signed_text_makes_legals_opinion_stale_and_is_shown(self):
        """A5: a signed text other than the reviewed one goes back to legal."""
        contract = self._draft()
        self._agree(contract)
        self._approve(self._request_review(self.order))
        self._file_signed(contract, OTHER)
        self.assertEqual(contract.signed_text, "other")
        self.assertTrue(contract.is_legal_stale)
        self.assertEqual(self.order.quality_review_status, "stale")
        self.assertFalse(contract.acknowledgement_ids)
        with self.assertRaises(UserError):
            contract.action_archive_contract()
        self._sign(contract, self.lawyer)
        self.assertEqual(contract.signed_text, "confirmed")
        self.assertFalse(contract.is_legal_stale)
        self.assertTrue(contract.acknowledgement_ids)

    def test_legal_confirms_a_scan_of_the_reviewed_text(self):
        """A5: sales states that it is a scan, legal confirms with its own signature."""
        contract = self._create_signed(b"%PDF scan", is_scan=True)
        self.assertEqual(contract.signed_text, "scan")
        self.assertFalse(contract.is_legal_stale)
        self.assertFalse(contract.acknowledgement_ids)
        self._sign(contract, self.lawyer)
        self.assertEqual(contract.signed_text, "confirmed")
        self.assertEqual(
            contract.opinion_ids.signature_id.mapped("meaning"), ["opinion", "verification"]
        )
        self.assertTrue(contract.acknowledgement_ids)

    def test_legal_refuses_and_another_copy_is_filed(self):
        """A5: a refused signed text is settled with the customer and filed anew."""
        contract = self._create_signed(b"%PDF scan", is_scan=True)
        self._sign(contract, self.lawyer, "object", "Page 2 is another one")
        self.assertEqual(contract.signed_text, "refused")
        self.assertTrue(contract.is_legal_stale)
        contract.action_reopen()
        self._file_signed(contract, TEXT, is_scan=False)
        self.assertEqual(contract.signed_text, "same")

    def test_a_refused_copy_does_not_count_as_signed_in_time(self):
        """A5: while another copy is to be filed, signing is due again."""
        self.env["quality.deadline.policy"].create(
            {
                "name": "Signed within ten days",
                "kind_id": self.env.ref("customer_quality.deadline_kind_contract_signing").id,
                "company_id": self.company.id,
                "sequence": 1,
                "amount": 10,
            }
        )
        contract = self._draft()
        self._agree(contract)
        contract.action_send()
        self._file_signed(contract, b"%PDF scan", is_scan=True)
        self._sign(contract, self.lawyer, "object", "Page 2 is another one")
        self.assertFalse(contract.record_id._get_open_deadlines("contract_signing"))
        contract.action_reopen()
        self.assertTrue(contract.record_id._get_open_deadlines("contract_signing"))

    def test_nothing_is_signed_before_legal_agreed(self):
        """A5: legal reviews first."""
        contract = self._draft()
        with self.assertRaises(UserError):
            contract.signed_file = base64.b64encode(TEXT)
        with self.assertRaises(UserError):
            contract.action_sign()
        with self.assertRaises(UserError):
            contract.action_send()
        with self.assertRaises(UserError):
            self.env["quality.contract"].with_user(self.seller).create(
                {
                    "title": "Back door",
                    "partner_id": self.customer.id,
                    "signed_file": base64.b64encode(TEXT),
                }
            )

    def test_a_signing_date_in_the_future_is_refused(self):
        """A5: the date of signing is a fact."""
        contract = self._draft()
        self._agree(contract)
        with self.assertRaisesRegex(UserError, "future"):
            self._file_signed(contract, date_signed=fields.Date.add(fields.Date.today(), days=1))

    # Ledger

    def test_what_was_sent_and_did_not_come_back_is_listed(self):
        """A5: contracts not yet returned stamped are listed."""
        contract = self._draft()
        self._agree(contract)
        missing = self.env["quality.contract"].with_user(self.seller)
        domain = [("is_returned_missing", "=", True)]
        self.assertFalse(missing.search(domain))
        contract.action_send()
        self.assertEqual(missing.search(domain), contract)
        self._file_signed(contract)
        self.assertFalse(missing.search(domain))

    def test_signing_in_time_is_counted_from_sending(self):
        """A5: signing in time is measured by a deadline, met on signing."""
        self.env["quality.deadline.policy"].create(
            {
                "name": "Signed within ten days",
                "kind_id": self.env.ref("customer_quality.deadline_kind_contract_signing").id,
                "company_id": self.company.id,
                "amount": 10,
                "unit": "work_days",
            }
        )
        contract = self._draft()
        self._agree(contract)
        self.assertFalse(contract.deadline_ids)
        contract.action_send()
        self.assertEqual(contract.deadline_ids.user_id, self.seller)
        self.assertTrue(contract.date_due)
        self._file_signed(contract)
        self.assertEqual(contract.deadline_ids.state, "met")

    def test_signing_in_time_is_counted_from_the_approval_too(self):
        """A5: where the order is approved first, the time runs from there, once."""
        self.env["quality.deadline.policy"].create(
            {
                "name": "Signed within ten days",
                "kind_id": self.env.ref("customer_quality.deadline_kind_contract_signing").id,
                "company_id": self.company.id,
                "amount": 10,
                "unit": "work_days",
            }
        )
        contract = self._draft()
        self._agree(contract)
        self._approve(self._request_review(self.order))
        self.assertEqual(len(contract.deadline_ids), 1)
        contract.action_send()
        self.assertEqual(len(contract.deadline_ids), 1)
        contract.action_cancel()
        self.assertEqual(contract.deadline_ids.state, "cancelled")

    def test_the_ledger_prints_amounts_for_those_entitled_only(self):
        """A5, M5: the ledger as a form; production's copy carries no amount."""
        contract = self._create_signed()
        for user, seen in ((self.seller, True), (self.inspector, False)):
            html = (
                self.env["ir.actions.report"]
                .with_user(user)
                ._render_qweb_html("customer_quality.report_contract_ledger", contract.ids)[0]
                .decode()
            )
            with self.subTest(user.login):
                self.assertIn(contract.name, html)
                self.assertIn("QF-23", html)
                self.assertEqual("500.00" in html, seen)

    def test_the_ledger_costs_the_same_for_one_and_for_many(self):
        """DESIGN: no query per row."""

        def read():
            records = self.env["quality.contract"].with_user(self.inspector)
            view = records.get_view(view_type="list")
            readable = set(records.fields_get())
            names = [n for n in view["models"]["quality.contract"] if n in readable]
            records.web_search_read([], {name: {} for name in names})

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            read()
            return self.env.cr.sql_log_count - before

        self._draft()
        count()
        few = count()
        for _index in range(10):
            self._draft(order=self._create_order())
        self.assertLessEqual(count(), few + 1)

    # Cancelling

    def test_a_cancelled_contract_holds_nothing_up(self):
        """A5: cancelled before archiving; the order gets another contract."""
        contract = self._draft()
        contract.action_request_legal()
        review = self._request_review(self.order)
        self._approve(review)
        contract.action_cancel()
        self.assertEqual(contract.opinion_ids.state, "void")
        self.assertNotEqual(review.state, "approved")  # it was reviewed with the contract
        self.assertEqual(self.order.quality_review_status, "stale")
        self.order.with_user(self.seller).action_create_quality_contract()
        self.assertNotEqual(self.order.quality_contract_id, contract)
        with self.assertRaises(UserError):
            contract.action_cancel()

    def test_an_order_takes_contracts_of_its_own_customer_only(self):
        """A5: the contract is with the order's customer."""
        contract = self._draft()
        other = self.env["res.partner"].create({"name": "Another Plant"})
        with self.assertRaises(ValidationError):
            self._create_order(partner_id=other.id).quality_contract_id = contract
        self.assertFalse(self.order.copy().quality_contract_id)

    # Rights

    def test_amount_and_text_are_for_those_who_see_prices(self):
        """M5: production, engineering and quality read neither amount nor file."""
        contract = self._create_signed()
        self.assertEqual(contract.with_user(self.director).amount, 500)
        for user in self.engineer | self.producer | self.inspector | self.auditor:
            self.assertTrue(contract.with_user(user).title)
            for name in ("amount", "draft_file", "signed_file"):
                with self.subTest(user=user.login, field=name), self.assertRaises(AccessError):
                    contract.with_user(user).read([name])
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "quality.contract"), ("res_field", "=", "signed_file")]
        )
        with self.assertRaises(AccessError):
            attachment.with_user(self.producer).read(["datas"])

    def test_only_sales_draft_and_edit(self):
        """Rights: legal, finance and management read; the others too, without amounts."""
        contract = self._draft()
        portal = self._create_user("portal_contract", "base.group_portal")
        readers = self.lawyer | self.director | self.inspector | self.producer | self.auditor
        for user in readers | self.nobody | portal:
            with self.subTest(user.login), self.assertRaises(AccessError):
                contract.with_user(user).title = "Changed"
            with self.subTest(user.login), self.assertRaises(AccessError):
                contract.with_user(user).action_request_legal()
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["quality.contract"].with_user(user).create(
                    {"title": "Forged", "partner_id": self.customer.id}
                )
        for user in self.nobody | portal:
            self.assertFalse(self.env["quality.contract"].with_user(user).has_access("read"))

    def test_nobody_writes_what_follows_from_the_procedure(self):
        """A5: neither state, fingerprint nor legal's agreement is written by hand."""
        contract = self._draft()
        for name, value in (
            ("state", "sign"),
            ("draft_checksum", "0" * 64),
            ("reviewed_checksum", contract.draft_checksum),
            ("date_sent", fields.Datetime.now()),
            ("signed_text", "same"),
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                contract[name] = value
            with self.subTest(f"create {name}"), self.assertRaises(AccessError):
                self.env["quality.contract"].with_user(self.seller).create(
                    {"title": "Forged", "partner_id": self.customer.id, name: value}
                )

    def test_a_salesperson_sees_the_contracts_of_own_orders_only(self):
        """Rights: own orders, and what one drafted without an order yet."""
        contract = self._draft()
        unlinked = (
            self.env["quality.contract"]
            .with_user(self.seller)
            .create({"title": "Frame", "partner_id": self.customer.id})
        )
        colleague = self._create_user("colleague", f"{BASE},sales_team.group_sale_salesman")
        for mine in contract | unlinked:
            self.assertTrue(mine.with_user(self.seller).has_access("write"))
            with self.assertRaises(AccessError):
                mine.with_user(colleague).read(["title"])
        own = self._create_order(user=colleague)
        with self.assertRaises(AccessError):
            own.with_user(colleague).quality_contract_id = contract.id
        with self.assertRaises(AccessError):
            self.env["quality.contract"].with_user(colleague).create(
                {
                    "title": "Grab",
                    "partner_id": self.customer.id,
                    "order_ids": [(4, self.order.id)],
                }
            )

    def test_another_company_sees_nothing(self):
        """Multi-company: contracts stay within the company."""
        contract = self._draft()
        other = self.env["res.company"].create({"name": "Elsewhere Ltd."})
        groups = f"{BASE},customer_quality.group_price,sales_team.group_sale_manager"
        stranger = self._create_user("stranger_contract", groups, other)
        env = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        self.assertFalse(env["quality.contract"].search([]))
        with self.assertRaises(AccessError):
            contract.with_env(env).action_cancel()

    def test_a_contract_is_kept(self):
        """K1: contracts are cancelled, not deleted; their order with them."""
        contract = self._draft()
        with self.assertRaises(UserError):
            contract.sudo().unlink()
        with self.assertRaises(UserError):
            self.order.unlink()

    def test_the_gate_asks_for_legal(self):
        """A5, B6: an order whose contract legal has not agreed to is not confirmed."""
        self.company.quality_review_gate = "always"
        self._draft()
        self._approve(self._request_review(self.order))
        with self.assertRaises(RedirectWarning):
            self._confirm(self.order)
