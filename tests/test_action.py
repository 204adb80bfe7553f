from odoo import fields
from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import BASE, QualityCase


class ActionCase(QualityCase):
    """Verbs to work with actions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_order()
        cls.order.with_user(cls.seller).action_request_quality_review()
        cls.review = cls.order.quality_review_id

    def _create_action(self, **vals):
        return self.env["quality.action"]._create_for(
            [
                {
                    "source_record_id": self.review.record_id.id,
                    "name": "Order the tool",
                    "role_id": self._role("engineering").id,
                    **vals,
                }
            ]
        )

    def _do(self, action, user=None, evidence="Tool is here"):
        return action.with_user(user or self.engineer).action_done(evidence)

    def _verify(self, action, user=None, answer="agree", reason="", credentials=None):
        record = action.record_id.with_user(user or self.inspector)
        pending = record.opinion_ids.filtered(lambda o: o.state == "open")
        answers = {opinion.id: {"answer": answer, "reason": reason} for opinion in pending}
        return record.action_sign_off(answers, [], credentials)

    def _get_activities(self, action):
        return self.env["mail.activity"].search(
            [("res_model", "=", "quality.action"), ("res_id", "in", action.ids)]
        )


@tagged("post_install", "-at_install")
class TestAction(ActionCase):
    """K3 and every procedure: tasks with owner, date, evidence and verification."""

    # Asking

    def test_the_first_person_of_the_role_owns_it(self):
        """K3: an action has an owner, a number and a form, and belongs to the source's order."""
        action = self._create_action(date_due="2030-01-31")
        self.assertEqual(action.user_id, self.engineer)
        self.assertEqual(action.record_id.user_id, self.engineer)
        self.assertEqual(action.order_id, self.order)
        self.assertEqual(action.company_id, self.company)
        self.assertTrue(action.name.startswith("ACT/"))
        self.assertEqual(action.form_version_id.form_id.number, "QF-30")
        activity = self._get_activities(action)
        self.assertEqual(activity.user_id, self.engineer)
        self.assertEqual(activity.date_deadline, fields.Date.to_date("2030-01-31"))

    def test_the_source_counts_its_open_actions(self):
        """K3: smart button on whatever document an action follows from."""
        first = self._create_action() | self._create_action()
        self.assertEqual(self.review.task_count, 2)
        self._do(first[0])
        self.assertEqual(self.review.task_count, 1)
        action = self.review.with_user(self.inspector).action_open_tasks()
        found = self.env["quality.action"].search(action["domain"])
        self.assertEqual(found, first)

    def test_an_officer_adds_an_action_by_hand(self):
        """K3: officers add actions; the form offers what they may write."""
        with Form(self.env["quality.action"].with_user(self.inspector)) as form:
            form.title = "Tidy the shelf"
            form.user_id = self.producer
            form.date_due = "2030-02-01"
        action = form.save()
        self.assertEqual(action.user_id, self.producer)
        self.assertEqual(action.state, "open")
        self.assertTrue(self._get_activities(action.sudo()))

    def test_an_officer_reassigns_and_postpones(self):
        """K3: activity follows owner and date."""
        action = self._create_action(date_due="2030-01-31")
        with self._form(action, self.inspector) as form:
            form.user_id = self.producer
            form.date_due = "2030-03-01"
        activity = self._get_activities(action)
        self.assertEqual(activity.user_id, self.producer)
        self.assertEqual(activity.date_deadline, fields.Date.to_date("2030-03-01"))

    def test_what_was_signed_holds_until_it_is_done_or_cancelled(self):
        """B1: an officer can hold back more than was decided, but nothing goes on unseen."""
        action = self._create_action(hold="shipment", needs_verification=True)
        as_officer = action.with_user(self.inspector)
        as_officer.hold = "confirmation"
        for vals in ({"hold": "shipment"}, {"hold": "none"}, {"needs_verification": False}):
            with self.subTest(vals), self.assertRaisesRegex(UserError, "Cancel the action"):
                as_officer.write(vals)
        self.assertEqual(action.hold, "confirmation")
        own = self.env["quality.action"].with_user(self.inspector).create({"title": "My own idea"})
        own.hold = "shipment"
        own.hold = "none"

    def test_late_is_found_and_shown(self):
        """K3: what is overdue stands out and can be searched for."""
        Action = self.env["quality.action"]
        late = self._create_action(date_due="2020-01-31")
        other = self._create_action(date_due="2099-01-31") | self._create_action()
        self.assertTrue(late.is_late)
        self.assertFalse(any(other.mapped("is_late")))
        own = [("id", "in", (late | other).ids)]
        self.assertEqual(Action.search([*own, ("is_late", "=", True)]), late)
        self.assertEqual(Action.search([*own, ("is_late", "=", False)]), other)
        self._do(late)
        self.assertFalse(late.is_late)

    # Doing

    def test_it_is_done_with_evidence_only(self):
        """K3: without words or file there is no evidence."""
        action = self._create_action()
        with self.assertRaisesRegex(UserError, "shows"):
            self._do(action, evidence="  ")
        self._do(action)
        self.assertEqual(action.state, "done")
        self.assertEqual(action.done_by_id, self.engineer)
        self.assertEqual(action.phase, "closed")
        self.assertFalse(self._get_activities(action))

    def test_a_file_is_evidence(self):
        """K3: the file is filed with the action, and nobody files somebody else's."""
        action = self._create_action()
        file = (
            self.env["ir.attachment"]
            .with_user(self.engineer)
            .create({"name": "photo.png", "raw": b"photo", "res_model": "quality.action.step"})
        )
        step = (
            self.env["quality.action.step"]
            .with_user(self.engineer)
            .create(
                {
                    "action_ids": [Command.set(action.ids)],
                    "step": "done",
                    "attachment_ids": [Command.set(file.ids)],
                }
            )
        )
        step.action_apply()
        self.assertEqual(action.evidence_ids, file)
        self.assertEqual((file.res_model, file.res_id), ("quality.action", action.id))
        other = self._create_action()
        with self.assertRaises(AccessError):
            other.with_user(self.inspector).action_done("", [file.id])

    def test_only_who_owes_it_says_that_it_is_done(self):
        """K3: owner, people of the role, officers; nobody else."""
        for user in (self.producer, self.director, self.auditor):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._do(self._create_action(), user)
        for user in (self.nobody, self._create_user("customer", "base.group_portal")):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._do(self._create_action(), user)
        for user in (self.engineer, self.inspector):
            action = self._create_action(user_id=self.producer.id)
            self._do(action, user)  # acts for the role, is an officer
            self.assertEqual(action.done_by_id, user)

    def test_nobody_writes_the_state(self):
        """K3: state and evidence follow from the steps."""
        action = self._create_action()
        users = self.engineer | self.inspector | self.quality_manager | self.seller | self.auditor
        for user in users:
            for vals in ({"state": "verified"}, {"evidence": "x"}, {"done_by_id": user.id}):
                with self.subTest(user=user.login, vals=vals), self.assertRaises(AccessError):
                    action.with_user(user).write(vals)
        for user in users - self.inspector - self.quality_manager:
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["quality.action"].with_user(user).create({"title": "Mine"})
        with self.assertRaises(AccessError):
            self.env["quality.action"].with_user(self.inspector).create(
                {"title": "Done already", "state": "verified"}
            )

    def test_what_is_done_stays_as_it_is(self):
        """K3: content is not changed afterwards, and nothing is deleted."""
        action = self._create_action()
        self._do(action)
        with self.assertRaises(UserError):
            action.with_user(self.inspector).title = "Something else"
        with self.assertRaises(UserError):
            action.sudo().title = "Something else"
        with self.assertRaises(UserError):
            action.sudo().unlink()

    def test_what_must_come_before_comes_before(self):
        """K3: dependencies hold, and cancelling one lets the other go."""
        first, second = self._create_action(), self._create_action()
        second.with_user(self.inspector).depends_on_ids = first
        with self.assertRaisesRegex(UserError, first.name):
            self._do(second)
        self.assertIn(first.name, second.waiting_for)
        first.with_user(self.inspector).action_cancel("No longer needed")
        self._do(second)
        self.assertEqual(second.state, "done")

    def test_actions_wait_in_no_circle(self):
        """K3: neither for themselves nor round about."""
        first, second, third = (self._create_action() for _index in range(3))
        with self.assertRaises(ValidationError):
            first.with_user(self.inspector).depends_on_ids = first
        first.with_user(self.inspector).depends_on_ids = second
        second.with_user(self.inspector).depends_on_ids = third
        with self.assertRaises(ValidationError):
            third.with_user(self.inspector).depends_on_ids = first

    # Verifying

    def test_somebody_else_verifies(self):
        """G2: the verification is signed, and closes the action."""
        action = self._create_action(needs_verification=True)
        self._do(action)
        self.assertEqual((action.state, action.phase), ("done", "open"))
        opinion = action.opinion_ids
        self.assertEqual((opinion.user_id, opinion.meaning), (self.inspector, "verification"))
        self._verify(action)
        self.assertEqual((action.state, action.phase), ("verified", "closed"))
        self.assertEqual(opinion.signature_id.meaning, "verification")
        self.assertEqual(opinion.signature_id.signer_uid, self.inspector.id)
        self.assertFalse(self.env["quality.action"]._find_altered_documents(self.company))

    def test_what_was_altered_behind_the_back_is_found(self):
        """M1: evidence changed in the database after it was verified."""
        action = self._create_action(needs_verification=True)
        self._do(action)
        self._verify(action)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE quality_action SET evidence = 'other' WHERE id = %s", [action.id]
        )
        self.env.invalidate_all()
        altered = self.env["quality.action"]._find_altered_documents(self.company)
        self.assertEqual(altered, action.record_id.ids)

    def test_an_objection_reopens_it(self):
        """G2: one that didn't work is reopened, counted, and asked for again."""
        action = self._create_action(needs_verification=True)
        self._do(action)
        self._verify(action, answer="object", reason="Tool is the wrong one")
        self.assertEqual((action.state, action.reopen_count), ("open", 1))
        self.assertEqual(action.reason, "Tool is the wrong one")
        self.assertEqual(self._get_activities(action).user_id, self.engineer)
        self._do(action, evidence="Right tool is here")
        self._verify(action)
        self.assertEqual(action.state, "verified")

    def test_nobody_verifies_their_own(self):
        """G2: neither who did it, nor who owned it, and no officer may skip it."""
        self._assign("quality", self.inspector | self.engineer)
        action = self._create_action(needs_verification=True)
        self._do(action)
        self.assertEqual(action.opinion_ids.user_id, self.inspector)
        with self.assertRaisesRegex(UserError, "can't verify"):
            self._verify(action, self.engineer)
        owned = self._create_action(needs_verification=True, user_id=self.inspector.id)
        self._do(owned, self.engineer)
        with self.assertRaisesRegex(UserError, "can't verify"):
            self._verify(owned, self.inspector)
        self.assertEqual(owned.state, "done")

    def test_persons_are_compared_not_logins(self):
        """G2: a second login of the same person is refused: by contact, and by employee."""
        second = self._create_user("engineer_again", f"{BASE},customer_quality.group_officer")
        self._assign("quality", second)
        action = self._create_action(needs_verification=True)
        self._do(action)
        person = self.env["res.partner"].create({"name": "Ellen"})
        employees = self.env["hr.employee"].create(
            [
                {"name": "Ellen", "user_id": user.id, "company_id": self.company.id}
                for user in (self.engineer, second)
            ]
        )
        self.assertNotEqual(second.partner_id, self.engineer.partner_id)
        employees.work_contact_id = person
        with self.assertRaisesRegex(UserError, "can't verify"):
            self._verify(action, second)
        employees[1].work_contact_id = self.env["res.partner"].create({"name": "Eve"})
        self._verify(action, second)
        self.assertEqual(action.state, "verified")

    def test_the_second_badge_of_a_person_is_refused(self):
        """G2, M1: also on a shared device."""
        self.engineer.action_create_employee()
        employee = self.engineer.employee_id
        employee.write({"pin": "4711", "barcode": "ENGINEER1"})
        self._assign("quality", self.inspector | self.engineer)
        action = self._create_action(needs_verification=True)
        self._do(action)
        with self.assertRaisesRegex(UserError, "can't verify"):
            self._verify(action, self.inspector, credentials={"badge": "ENGINEER1", "pin": "4711"})

    def test_verification_is_never_entered_for_somebody(self):
        """M1: only opinions and receipts may be."""
        action = self._create_action(needs_verification=True)
        self._do(action)
        credentials = {
            "entered_for": {"user_id": self.inspector.id},
            "evidence": {"name": "x.pdf", "content": b"%PDF-1.4"},
        }
        with self.assertRaises(UserError):
            self._verify(action, self.engineer, credentials=credentials)

    # Back, and off

    def test_reopening_needs_right_and_reason(self):
        """G2: by whoever owes it or an officer, with a reason, and it is counted."""
        action = self._create_action()
        with self.assertRaises(UserError):
            action.with_user(self.inspector).action_reopen("It is not done yet anyway")
        self._do(action)
        with self.assertRaises(UserError):
            action.with_user(self.engineer).action_reopen(" ")
        for user in (self.producer, self.auditor, self.nobody):
            with self.subTest(user.login), self.assertRaises(AccessError):
                action.with_user(user).action_reopen("Let me")
        action.with_user(self.engineer).action_reopen("Tool broke")
        self.assertEqual((action.state, action.phase), ("open", "open"))
        self.assertEqual((action.reopen_count, action.reason), (1, "Tool broke"))
        self.assertFalse(action.done_by_id)

    def test_only_officers_cancel(self):
        """K3: with a reason, and only what is still owed."""
        action = self._create_action()
        for user in (self.engineer, self.seller, self.auditor, self.nobody):
            with self.subTest(user.login), self.assertRaises(AccessError):
                action.with_user(user).action_cancel("I don't want to")
        with self.assertRaises(UserError):
            action.with_user(self.inspector).action_cancel("")
        action.with_user(self.inspector).action_cancel("Order is lost")
        self.assertEqual((action.state, action.phase), ("cancelled", "void"))
        self.assertFalse(self._get_activities(action))
        with self.assertRaises(UserError):
            action.with_user(self.inspector).action_cancel("Again")
        done = self._create_action()
        self._do(done)
        with self.assertRaises(UserError):
            done.with_user(self.inspector).action_cancel("Done already")

    # The mirror

    def test_ticking_the_activity_leads_to_the_form(self):
        """M3: blocks are the truth, activities their mirror."""
        action = self._create_action()
        activity = self._get_activities(action)
        with self.assertRaises(RedirectWarning):
            activity.with_user(self.engineer).action_feedback("Done")
        self.assertEqual(action.state, "open")

    def test_reassigning_the_activity_moves_the_action_or_is_refused(self):
        """K3: to somebody who acts for the role, or by an officer."""
        action = self._create_action()
        activity = self._get_activities(action)
        with self.assertRaises(UserError):
            activity.with_user(self.engineer).user_id = self.producer
        self.env.invalidate_all()
        self._assign("engineering", self.engineer | self.producer)
        activity.with_user(self.engineer).user_id = self.producer
        self.assertEqual(action.user_id, self.producer)
        self.assertEqual(self._get_activities(action).user_id, self.producer)

    # Deadlines and messages

    def test_its_date_is_a_deadline(self):
        """F3: promised by its own date, moved with it, met when it is done."""
        self.env["quality.deadline.policy"].create(
            {
                "name": "Actions",
                "kind_id": self.env.ref("customer_quality.deadline_kind_action").id,
                "company_id": self.company.id,
                "amount": 1,
                "unit": "hours",
            }
        )
        action = self._create_action(date_due="2099-01-31")
        deadline = action.deadline_ids
        self.assertEqual(deadline.user_id, self.engineer)
        self.assertEqual(deadline.date_due.year, 2099)
        with self._form(action, self.inspector) as form:
            form.date_due = "2098-01-31"
            form.user_id = self.producer
        self.assertEqual((deadline.date_due.year, deadline.user_id), (2098, self.producer))
        self._do(action, self.producer)
        self.assertEqual(deadline.state, "met")
        action.with_user(self.producer).action_reopen("Not quite")
        again = action.deadline_ids - deadline
        action.with_user(self.inspector).action_cancel("Given up")
        self.assertEqual((deadline.state, again.state), ("met", "cancelled"))

    def test_a_date_given_later_is_a_deadline_too(self):
        """F3, B1: conditions have no date at first; one that is taken away is no promise."""
        self.env["quality.deadline.policy"].create(
            {
                "name": "Actions",
                "kind_id": self.env.ref("customer_quality.deadline_kind_action").id,
                "company_id": self.company.id,
                "amount": 1,
                "unit": "hours",
            }
        )
        action = self._create_action()
        self.assertFalse(action.deadline_ids)
        action.with_user(self.inspector).date_due = "2099-01-31"
        self.assertEqual(action.deadline_ids.state, "open")
        self.assertEqual(action.deadline_ids.date_due.year, 2099)
        action.with_user(self.inspector).date_due = False
        self.assertEqual(action.deadline_ids.state, "cancelled")

    def test_evidence_stays_until_it_is_verified(self):
        """G2, K1: what was shown is what is verified; nobody takes it away in between."""
        action = self._create_action(needs_verification=True)
        file = (
            self.env["ir.attachment"]
            .with_user(self.engineer)
            .create({"name": "photo.jpg", "raw": b"tool"})
        )
        action.with_user(self.engineer).action_done("See there", file.ids)
        for change in (
            lambda: file.with_user(self.inspector).unlink(),
            lambda: file.with_user(self.inspector).write({"raw": b"other"}),
        ):
            with self.assertRaises(UserError):
                change()
        self.assertEqual(action.evidence_ids.raw, b"tool")

    def test_its_message_leads_to_it(self):
        """M4: task, date and link, to be pasted into a chat."""
        text = self._create_action(date_due="2030-01-31").message_text
        self.assertIn("Order the tool", text)
        self.assertIn("2030-01-31", text)
        self.assertIn("/odoo/quality-actions/", text)

    def test_the_order_leads_to_its_actions(self):
        """K3: smart button on the order."""
        action = self._create_action()
        self.assertEqual(self.order.quality_action_count, 1)
        opened = self.order.with_user(self.seller).action_view_quality_actions()
        self.assertEqual(self.env["quality.action"].search(opened["domain"]), action)

    # Companies, and cost

    def test_another_company_sees_nothing(self):
        """DESIGN: Rights."""
        other = self.env["res.company"].create({"name": "Other Ltd."})
        stranger = self._create_user(
            "stranger", f"{BASE},customer_quality.group_manager", company=other
        )
        action = self._create_action()
        Action = self.env["quality.action"].with_user(stranger).with_company(other)
        Action = Action.with_context(allowed_company_ids=other.ids)
        self.assertFalse(Action.search([("id", "=", action.id)]))
        with self.assertRaises(AccessError):
            Action.browse(action.id).action_done("Mine now")

    def test_a_salesperson_sees_own_actions_and_those_of_own_orders(self):
        """DESIGN: Rights: what a colleague's order leaves to do is not shown."""
        colleague = self._create_user("colleague", f"{BASE},sales_team.group_sale_salesman")
        mine = self._create_action(user_id=colleague.id)
        other = self._create_action()
        Action = self.env["quality.action"].with_user(colleague)
        self.assertEqual(Action.search([("id", "in", (mine | other).ids)]).ids, mine.ids)
        self.assertEqual(mine.with_user(colleague).read(["name", "user_id"])[0]["id"], mine.id)
        self._do(mine, colleague)
        self.assertEqual(mine.state, "done")

    def test_many_actions_cost_no_more_queries_than_few(self):
        """DESIGN: batch first, numbers, activities and deadlines included."""
        role = self._role("engineering").id

        def create(count):
            vals = {
                "source_record_id": self.review.record_id.id,
                "name": "Task",
                "role_id": role,
                "date_due": "2030-01-01",
            }
            self.env["quality.action"]._create_for([dict(vals) for _index in range(count)])
            self.env.flush_all()

        few, many = self._count_queries(create, 1), self._count_queries(create, 101)
        self.assertLessEqual(many - few, 12, f"{few} → {many}")

    def test_lists_cost_the_same_for_one_and_for_many(self):
        """DESIGN: no query per row in list, board and calendar."""
        names = (
            "name title user_id role_id date_due hold order_id source_record_id is_late state "
            "waiting_for can_do is_waiting_for_me is_settled"
        ).split()

        def read():
            actions = self.env["quality.action"].with_user(self.inspector).search([])
            actions.web_read({name: {} for name in names})

        self._create_action()
        few = self._count_queries(read)
        self.env["quality.action"]._create_for(
            [{"name": "Task", "role_id": self._role("engineering").id}] * 50
        )
        self.assertLessEqual(self._count_queries(read), few + 2)

    def _count_queries(self, function, *args):
        for _turn in range(2):  # the first one warms caches
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            function(*args)
        return self.env.cr.sql_log_count - before
