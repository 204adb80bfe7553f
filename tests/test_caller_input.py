import base64
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import BASE, QualityCase


@tagged("post_install", "-at_install")
class TestCallerInput(QualityCase):
    """What a caller sends along, nested values or a context, opens no door (M5, K1, K3)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_order()
        cls.review = cls._request_review(cls, cls.order)

    def _create_action(self, **vals):
        return self.env["quality.action"]._create_for(
            [{"source_record_id": self.review.record_id.id, "name": "Order the tool", **vals}]
        )

    # Nested values: a document is created by the procedure, what hangs on it by nobody

    def test_a_new_action_changes_no_other_one(self):
        """K3: a dependency is a link; it neither changes nor creates the other action."""
        action = self._create_action(role_id=self._role("engineering").id, hold="shipment")
        for command in (
            Command.update(action.id, {"state": "verified"}),
            Command.create({"title": "Made up", "state": "verified"}),
        ):
            with self.subTest(command=command[0]), self.assertRaises(AccessError):
                self.env["quality.action"].with_user(self.inspector).create(
                    {"title": "Anything", "depends_on_ids": [command]}
                )
        self.assertEqual(action.state, "open")

    def test_a_new_action_still_waits_for_others(self):
        """K3: what it waits for may be given when it is added."""
        action = self._create_action(role_id=self._role("engineering").id)
        for commands in ([Command.set(action.ids)], [Command.link(action.id)], action.ids):
            new = (
                self.env["quality.action"]
                .with_user(self.inspector)
                .create({"title": "Anything", "depends_on_ids": commands})
            )
            self.assertEqual(new.sudo().depends_on_ids, action)

    def test_a_handover_is_collected_not_made_up(self):
        """K3: what is listed is what is open; no line comes from whoever starts the handover."""
        head = self._create_user("head", f"{BASE},sales_team.group_sale_salesman_all_leads")
        heir = self._create_user("heir", f"{BASE},sales_team.group_sale_salesman_all_leads")
        people = {"leaver_id": self.seller.id, "head_id": head.id, "successor_id": heir.id}
        signed = self.env["quality.handover"].create({**people, "reason": "Moves"})
        signed._collect()
        line = signed.line_ids[:1]
        line_vals = {"kind": "order", "res_id": self.order.id, "name": "Something harmless"}
        for person in head | self.seller:
            person.action_create_employee()
        department = self.env["hr.department"].create(
            {"name": "Sales", "company_id": self.company.id, "manager_id": head.employee_id.id}
        )
        self.seller.employee_id.department_id = department
        for command in (
            Command.create(line_vals),
            Command.update(line.id, {"name": "Something else"}),
            Command.link(line.id),
        ):
            with self.subTest(command=command[0]), self.assertRaises(AccessError):
                self.env["quality.handover"].with_user(head).create(
                    {**people, "reason": "Leaves", "line_ids": [command]}
                )
        self.assertNotEqual(line.name, "Something else")

    # Context

    def test_no_context_brings_back_a_cancelled_absence(self):
        """K3: an absence that was archived gives nobody the right to sign."""
        today = fields.Date.context_today(self.env.user)
        absence = self.env["quality.absence"].create(
            {
                "user_id": self.engineer.id,
                "deputy_id": self.nobody.id,
                "date_from": today - timedelta(days=1),
                "date_to": today + timedelta(days=1),
                "reason": "Holiday",
            }
        )
        absence.active = False
        role = self._role("engineering").with_context(active_test=False)
        self.assertNotIn(self.nobody, role._get_people(self.company)[role][0])
        self.assertNotIn(self.nobody, self._role("engineering")._get_people(self.company)[role][0])

    def test_no_context_brings_back_an_archived_policy(self):
        """F3: a policy that was archived promises nothing, whoever asks in whatever way."""
        kind = self.env.ref("customer_quality.deadline_kind_opinion")
        self.env["quality.deadline.policy"].search([]).active = False
        policies = self.env["quality.deadline.policy"].create(
            [
                {"name": "Old", "sequence": 1, "kind_id": kind.id, "amount": 500, "unit": "hours"},
                {"name": "New", "sequence": 2, "kind_id": kind.id, "amount": 5, "unit": "hours"},
            ]
        )
        policies[0].active = False
        order = self._create_order()
        order.with_user(self.seller).with_context(active_test=False).action_request_quality_review()
        deadlines = order.quality_review_id.record_id.deadline_ids
        self.assertEqual(deadlines.policy_id, policies[1])

    def test_a_dialog_tells_no_question_of_somebody_elses_order(self):
        """A2: what was asked stays with those who see the order."""
        clarification = self.env["quality.clarification"].create(
            {"order_id": self.order.id, "question": "Which steel?"}
        )
        other = self._create_user("other_seller", f"{BASE},sales_team.group_sale_salesman")
        wizard = (
            self.env["quality.clarification.answer"]
            .with_user(other)
            .create(
                {
                    "clarification_id": clarification.id,
                    "answer": "Any",
                    "answered_by": "Me",
                    "channel_id": self.env["quality.channel"].search([], limit=1).id,
                }
            )
        )
        with self.assertRaises(AccessError):
            wizard.read(["question"])

    def test_a_refusal_tells_nothing_that_one_may_not_read(self):
        """M5: what is commercial is not read out of the sentence that refuses a change."""
        standing = self.env["quality.customer.requirement"].create(
            {"partner_id": self.customer.id, "kind": "commercial", "text": "5 % discount"}
        )
        self.env["quality.requirement"].create(
            {"order_id": self.order.id, "text": "5 % discount", "library_id": standing.id}
        )
        with self.assertRaises(AccessError):
            standing.with_user(self.inspector).write({"text": "None"})

    def test_a_pause_has_a_reason(self):
        """F3: blanks say nothing."""
        dialog = self.env["quality.deadline.suspend"].create({"reason": "  "})
        with self.assertRaisesRegex(UserError, "reason"):
            dialog.action_confirm()

    # Companies and versions

    def _other_company(self, user):
        other = self.env["res.company"].create({"name": "Elsewhere Ltd."})
        user.company_ids |= other
        return other

    def test_a_drawing_stays_with_the_company_that_registered_it(self):
        """L1: neither out of one's reach, nor away from its revisions."""
        values = {"number": "D-1", "name": "Housing", "partner_id": self.customer.id}
        document = self.env["quality.customer.document"].with_user(self.seller).create(values)
        elsewhere = self.env["res.company"].create({"name": "Out of Reach Ltd."})
        with self.assertRaises(AccessError):
            document.company_id = elsewhere
        document.invalidate_recordset()
        self.env["quality.customer.document.revision"].with_user(self.seller).create(
            {"document_id": document.id, "revision": "A"}
        )
        other = self._other_company(self.seller)
        both = document.with_context(allowed_company_ids=(self.company | other).ids)
        with self.assertRaisesRegex(UserError, "compan"):
            both.company_id = other

    def test_no_context_makes_up_a_version(self):
        """A1: what a standing requirement follows from is written by the procedure only."""
        Standing = self.env["quality.customer.requirement"].with_user(self.seller)
        values = {"partner_id": self.customer.id, "text": "Marked with our number"}
        first = Standing.create({**values})
        forged = Standing.with_context(
            default_supersedes_id=first.id, default_version=9, default_is_current=False
        ).create(values)
        self.assertFalse(forged.supersedes_id)
        self.assertEqual((forged.version, forged.is_current), (1, True))
        self.assertEqual(forged.root_id, forged)

    def test_a_standing_requirement_stays_in_reach(self):
        """A1: nobody moves it to a company that they do not work for."""
        elsewhere = self.env["res.company"].create({"name": "Out of Reach Ltd."})
        standing = (
            self.env["quality.customer.requirement"]
            .with_user(self.seller)
            .create({"partner_id": self.customer.id, "text": "Marked with our number"})
        )
        with self.assertRaises(AccessError):
            standing.company_id = elsewhere

    def test_nobody_brings_an_acceptance_along_with_an_order(self):
        """A2, B6: what the customer accepted is noted by the procedure, with a new order too."""
        for vals in (
            {"quality_accepted_hash": "0" * 64},
            {"quality_accepted_on": "2026-01-01 00:00:00"},
        ):
            with self.subTest(**vals), self.assertRaises(AccessError):
                self.env["sale.order"].with_user(self.seller).create(
                    {"partner_id": self.customer.id, **vals}
                )

    def test_a_row_of_an_order_stays_in_reach(self):
        """A1, B6: nobody moves a requirement or a delivery into an order of somebody else."""
        other = self._create_user("other", f"{BASE},sales_team.group_sale_salesman")
        own, foreign = self._create_order(), self._create_order(user=other)
        requirement = (
            self.env["quality.requirement"]
            .with_user(self.seller)
            .create({"order_id": own.id, "text": "Painted blue"})
        )
        delivery = (
            self.env["quality.delivery.schedule"]
            .with_user(self.seller)
            .create({"order_line_id": own.order_line.id, "date": "2031-01-01", "quantity": 5})
        )
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            requirement.order_id = foreign
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            delivery.write({"order_id": foreign.id, "order_line_id": foreign.order_line.id})
        self.env.invalidate_all()
        self.assertEqual((requirement.order_id, delivery.order_id), (own, own))

    # Files

    def test_no_file_is_slipped_behind_a_field(self):
        """L1, A5, K1: a file is given to a document by its form, which fingerprints it."""
        document = self.env["quality.customer.document"].create(
            {"number": "D-2", "name": "Housing", "partner_id": self.customer.id}
        )
        revision = (
            self.env["quality.customer.document.revision"]
            .with_user(self.seller)
            .create({"document_id": document.id, "revision": "A"})
        )
        values = {"name": "other.pdf", "raw": b"not reviewed"}
        place = {"res_model": revision._name, "res_id": revision.id, "res_field": "file"}
        files = self.env["ir.attachment"].with_user(self.seller)
        with self.assertRaises(UserError):
            files.create({**values, **place})
        loose = files.create(values)
        with self.assertRaises(UserError):
            loose.write(place)
        beside = files.create({**values, "res_model": revision._name, "res_id": revision.id})
        with self.assertRaises(UserError):
            beside.write({"res_field": "file"})
        self.assertFalse(revision.file)
        revision.file = base64.b64encode(b"by its form")
        self.assertTrue(revision.checksum)

    def test_a_file_of_a_document_is_not_made_public(self):
        """M5: what only those may see who see prices stays out of everybody else's sight."""
        contract = (
            self.env["quality.contract"]
            .with_user(self.seller)
            .create(
                {
                    "title": "Frame",
                    "partner_id": self.customer.id,
                    "draft_file": base64.b64encode(b"5 000 EUR"),
                }
            )
        )
        file = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "quality.contract"),
                ("res_id", "=", contract.id),
                ("res_field", "=", "draft_file"),
            ]
        )
        for vals in ({"public": True}, {"db_datas": b"5 EUR", "store_fname": False}):
            with self.subTest(vals), self.assertRaisesRegex(UserError, "part of a quality"):
                file.with_user(self.seller).write(vals)
        with self.assertRaises(AccessError):
            file.with_user(self.engineer).read(["raw"])
