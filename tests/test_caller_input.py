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
