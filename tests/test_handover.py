from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import BASE, QualityCase


@tagged("post_install", "-at_install")
class TestHandover(QualityCase):
    """K3: what is open with somebody who leaves is listed, signed for, and handed over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        salesman = f"{BASE},sales_team.group_sale_salesman_all_leads"
        cls.heir = cls._create_user("heir", salesman)
        cls.second_heir = cls._create_user("second_heir", salesman)
        cls.head = cls._create_user("head", salesman)
        cls._give_department(cls.seller, cls.head)
        cls.order = cls._create_order()
        cls.order.with_user(cls.seller).action_request_quality_review()
        cls.review = cls.order.quality_review_id
        cls.customer.user_id = cls.seller

    @classmethod
    def _give_department(cls, user, head):
        for person in user | head:
            person.action_create_employee()
        cls.department = cls.env["hr.department"].create(
            {
                "name": "Sales",
                "company_id": cls.company.id,
                "manager_id": head.employee_id.id,
            }
        )
        user.employee_id.department_id = cls.department

    def _start(self, user=None, **vals):
        user = user or self.head
        return (
            self.env["quality.handover"]
            .with_user(user)
            .create(
                {
                    "leaver_id": self.seller.id,
                    "successor_id": self.heir.id,
                    "head_id": self.head.id,
                    "reason": "Moves to purchasing",
                    **vals,
                }
            )
        )

    def _collect(self, **vals):
        handover = self._start(**vals)
        handover.action_collect()
        return handover

    def _agree(self, handover, user, answer="agree", reason=""):
        record = handover.record_id.with_user(user)
        mine = record.opinion_ids.filtered("is_mine")
        answers = {opinion.id: {"answer": answer, "reason": reason} for opinion in mine}
        record.action_sign_off(answers, [])

    def _sign_all(self, handover, *users):
        handover.action_request()
        for user in users or (self.seller, self.heir, self.head):
            self._agree(handover, user)

    def _get_things(self, handover, kind):
        return handover.sudo().line_ids.filtered(lambda line: line.kind == kind).mapped("res_id")

    # The list

    def test_all_that_is_open_is_listed(self):
        """K3: customers, orders, documents, opinions, actions, roles; each once."""
        action = self.env["quality.action"]._create_for(
            [
                {
                    "source_record_id": self.review.record_id.id,
                    "name": "Call",
                    "user_id": self.seller.id,
                }
            ]
        )
        done = self.env["quality.action"]._create_for([{"name": "Old", "user_id": self.seller.id}])
        done.with_user(self.seller).action_done("Was done")
        cancelled = self._create_order()
        cancelled._action_cancel()
        self._create_template(["sales"])
        asked = self._request_review(self._create_order())
        handover = self._collect()
        self.assertEqual(self._get_things(handover, "customer"), self.customer.ids)
        self.assertEqual(
            set(self._get_things(handover, "order")), {self.order.id, asked.order_id.id}
        )
        self.assertEqual(
            set(self._get_things(handover, "record")),
            {self.review.record_id.id, asked.record_id.id},
        )
        self.assertEqual(self._get_things(handover, "opinion"), asked.opinion_ids.ids)
        self.assertEqual(self._get_things(handover, "action"), action.ids)
        role = self._role("sales").with_company(self.company).assignment_id
        self.assertEqual(self._get_things(handover, "role"), role.ids)

    def test_collecting_anew_keeps_who_was_named(self):
        """K3: the list follows what is open; successors stay."""
        handover = self._collect()
        line = handover.line_ids.filtered(lambda line: line.kind == "order")
        line.successor_id = self.second_heir
        other = self._create_order()
        handover.action_collect()
        successors = {
            line.res_id: line.successor_id for line in handover.line_ids if line.kind == "order"
        }
        self.assertEqual(successors[self.order.id], self.second_heir)
        self.assertFalse(successors[other.id])

    def test_the_head_fills_it_in(self):
        """K3: on the form."""
        with Form(self.env["quality.handover"].with_user(self.head)) as form:
            form.leaver_id = self.seller
            form.successor_id = self.heir
            form.reason = "Leaves"
        handover = form.save()
        handover.action_collect()
        with Form(handover) as form:
            with form.line_ids.edit(0) as line:
                line.successor_id = self.second_heir
            form.line_ids.remove(1)
        self.assertEqual(handover.line_ids[0].successor_id, self.second_heir)

    # Signing

    def test_both_and_the_head_sign_then_it_changes_hands(self):
        """K3: nothing moves before the last signature, and all that was listed after it."""
        action = self.env["quality.action"]._create_for(
            [
                {
                    "source_record_id": self.review.record_id.id,
                    "name": "Call",
                    "user_id": self.seller.id,
                }
            ]
        )
        self._create_template(["sales"])
        asked = self._request_review(self._create_order())
        handover = self._collect()
        later = self._create_order()
        handover.action_request()
        self._agree(handover, self.seller)
        self._agree(handover, self.heir)
        self.assertEqual(self.order.user_id, self.seller)
        self._agree(handover, self.head)
        self.assertEqual((handover.state, handover.phase), ("done", "closed"))
        self.assertEqual(self.order.user_id, self.heir)
        self.assertEqual(self.customer.user_id, self.heir)
        self.assertEqual(self.review.user_id, self.heir)
        self.assertEqual(asked.opinion_ids.user_id, self.heir)
        self.assertEqual(action.user_id, self.heir)
        self.assertEqual(action.owner_id, self.heir)
        role = self._role("sales").with_company(self.company).assignment_id
        self.assertEqual(role.user_ids, self.heir)
        self.assertEqual(later.user_id, self.seller, "was not listed")
        activities = self.env["mail.activity"].search([("user_id", "=", self.seller.id)])
        self.assertFalse(activities.filtered(lambda a: a.res_id in (asked | action).ids))
        self.assertTrue(
            self.env["mail.activity"].search(
                [("user_id", "=", self.heir.id), ("res_model", "=", "quality.action")]
            )
        )
        self.assertTrue(all(handover.sudo().line_ids.mapped("is_handed_over")))
        self.assertIn(handover.name, self.order.message_ids[0].body)
        self.assertFalse(self.env["quality.handover"]._find_altered_documents(self.company))

    def test_signed_records_keep_the_old_name(self):
        """K3: what was signed, and what is closed, stays as it was."""
        self._create_template(["sales"])
        order = self._create_order()
        review = self._request_review(order)
        self._sign(review, self.seller)
        self.assertEqual(review.state, "approved")
        self._sign_all(self._collect())
        self.assertEqual(review.user_id, self.seller)
        self.assertEqual(review.opinion_ids.signature_id.signer_name, self.seller.name)
        self.assertEqual(order.user_id, self.heir)

    def test_each_line_may_have_its_own_successor(self):
        """K3: all of them sign."""
        handover = self._collect()
        line = handover.line_ids.filtered(lambda line: line.kind == "customer")
        line.successor_id = self.second_heir
        handover.action_request()
        for user in (self.seller, self.heir, self.head):
            self._agree(handover, user)
        self.assertEqual(handover.state, "signing")
        self._agree(handover, self.second_heir)
        self.assertEqual(handover.state, "done")
        self.assertEqual(self.customer.user_id, self.second_heir)
        self.assertEqual(self.order.user_id, self.heir)

    def test_what_went_elsewhere_meanwhile_stays_there(self):
        """K3: only what is still with the leaver changes hands, and the list says so."""
        handover = self._collect()
        self.order.user_id = self.second_heir
        self._sign_all(handover)
        self.assertEqual(self.order.user_id, self.second_heir)
        line = handover.sudo().line_ids.filtered(lambda line: line.kind == "order")
        self.assertFalse(line.is_handed_over)

    def test_an_objection_opens_the_list_again(self):
        """K3: a successor who doesn't agree says why, and nothing moves."""
        handover = self._collect()
        handover.action_request()
        self._agree(handover, self.seller)
        self._agree(handover, self.heir, "object", "Too many for me")
        self.assertEqual(handover.state, "draft")
        self.assertEqual(self.order.user_id, self.seller)
        self.assertFalse(handover.opinion_ids.filtered(lambda o: o.state == "open"))
        handover.sudo(False).successor_id = self.second_heir
        handover.line_ids.successor_id = self.second_heir
        self._sign_all(handover, self.seller, self.second_heir, self.head)
        self.assertEqual(self.order.user_id, self.second_heir)

    def test_who_is_gone_does_not_sign_but_the_head_says_why(self):
        """K3: the reason is part of what is signed, and is printed."""
        self.seller.active = False
        handover = self._collect()
        with self.assertRaisesRegex(UserError, "archived"):
            handover.action_request()
        handover.is_leaver_gone = True
        with self.assertRaisesRegex(UserError, "State why"):
            handover.action_request()
        handover.gone_reason = "Left without notice"
        handover.action_request()
        self.assertNotIn(self.seller, handover.opinion_ids.user_id)
        self._agree(handover, self.heir)
        self._agree(handover, self.head)
        self.assertEqual(handover.state, "done")
        self.assertEqual(self.order.user_id, self.heir)

    def test_nobody_signs_for_another(self):
        """K3: parts are asked by name; heads and managers don't sign for the leaver."""
        handover = self._collect()
        handover.action_request()
        opinion = handover.opinion_ids.filtered(lambda o: o.user_id == self.seller)
        for user in (self.head, self.heir, self.quality_manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                handover.record_id.with_user(user).action_sign_off(
                    {opinion.id: {"answer": "agree", "reason": ""}}, []
                )

    def test_the_list_is_fixed_while_it_is_signed(self):
        """K3: what is signed is what changes hands."""
        handover = self._collect()
        handover.action_request()
        with self.assertRaises(UserError):
            handover.action_collect()
        with self.assertRaises(UserError):
            handover.line_ids[0].successor_id = self.second_heir
        with self.assertRaises(UserError):
            handover.line_ids[0].unlink()
        with self.assertRaises(UserError):
            handover.reason = "Other"
        handover.action_take_back()
        handover.line_ids[0].unlink()
        self._sign_all(handover)
        with self.assertRaises(UserError):
            handover.action_void()
        with self.assertRaises(UserError):
            handover.sudo().line_ids.unlink()

    def test_it_needs_lines_and_able_successors(self):
        """K3: said before anybody is asked."""
        empty = self._start()
        with self.assertRaisesRegex(UserError, "Nothing is listed"):
            empty.action_request()
        handover = self._collect(successor_id=False)
        with self.assertRaisesRegex(UserError, "Name who takes over"):
            handover.action_request()
        other = self.env["res.company"].create({"name": "Other Ltd."})
        handover.successor_id = self._create_user("far", BASE, company=other)
        with self.assertRaisesRegex(UserError, "can't take over"):
            handover.action_request()
        with self.assertRaises(ValidationError):
            handover.successor_id = self.seller

    # Rights

    def test_who_may_make_it_out(self):
        """K3: the head of the department, who signs it, or a quality manager."""
        users = self.nobody | self.seller | self.engineer | self.inspector | self.auditor
        for user in users:
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._start(user, head_id=user.id if user != self.seller else self.head.id)
        with self.assertRaises(AccessError):  # the head can't name another one to sign
            self._start(self.head, head_id=self.director.id)
        with self.assertRaises(AccessError):
            self._start(self._create_user("portal_head", "base.group_portal"))
        self.assertTrue(self._start(self.quality_manager))
        with self.assertRaises(AccessError):
            self._start(self.head, state="done")

    def test_nobody_else_sees_it(self):
        """K3: those who take part, quality managers, and the auditor."""
        handover = self._collect()
        for user in (self.head, self.heir, self.seller, self.quality_manager, self.auditor):
            with self.subTest(user.login):
                self.assertTrue(handover.with_user(user).has_access("read"))
        for user in (self.nobody, self.engineer, self.inspector, self.director, self.second_heir):
            with self.subTest(user.login):
                self.assertFalse(handover.with_user(user).has_access("read"))
                lines = self.env["quality.handover.line"].with_user(user)
                self.assertFalse(lines.search([("handover_id", "=", handover.id)]))
        for user in (self.heir, self.seller, self.auditor):
            for action in ("action_collect", "action_request", "action_void"):
                with self.subTest(f"{user.login} {action}"), self.assertRaises(AccessError):
                    getattr(handover.with_user(user), action)()
            with self.subTest(user.login), self.assertRaises(AccessError):
                handover.with_user(user).successor_id = self.second_heir
            with self.subTest(user.login), self.assertRaises(AccessError):
                handover.line_ids[0].with_user(user).successor_id = self.second_heir
        with self.assertRaises(AccessError):
            handover.with_user(self.head).state = "done"
        with self.assertRaises(AccessError):
            handover.line_ids[0].with_user(self.head).res_id = 1

    def test_another_company_is_left_alone(self):
        """DESIGN: Rights."""
        other = self.env["res.company"].create({"name": "Other Ltd."})
        self.seller.company_ids |= other
        order = self.env["sale.order"].create(
            {"partner_id": self.customer.id, "company_id": other.id, "user_id": self.seller.id}
        )
        self.assertNotIn(order.id, self._get_things(self._collect(), "order"))

    # Form, and cost

    def test_the_form_prints(self):
        """K2, K3: list, parts and signatures."""
        handover = self._collect()
        self._sign_all(handover)
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html("customer_quality.report_handover", handover.ids)[0]
            .decode()
        )
        for text in (handover.name, self.order.name, self.heir.name, "QF-32"):
            self.assertIn(text, html)
        self.assertEqual(html.count("not signed yet"), 0)

    def test_personal_roles_are_mapped_to_nobody(self):
        """B1: a new company has no line for them."""
        company = self.env["res.company"].create({"name": "New Ltd."})
        lines = self.env["quality.role.assignment"].search([("company_id", "=", company.id)])
        self.assertFalse(any(lines.role_id.mapped("is_personal")))

    def test_many_lines_cost_no_more_queries_than_few(self):
        """DESIGN: batch first, in listing and in handing over."""

        def measure(count):
            self.env["quality.action"]._create_for(
                [{"name": "Task", "user_id": self.seller.id}] * count
            )
            self.env["res.partner"].create(
                [{"name": "Customer", "user_id": self.seller.id}] * count
            )
            handover = self._start()
            collecting = self._count(handover.action_collect)
            handover.action_request()
            self._agree(handover, self.seller)
            self._agree(handover, self.heir)
            handing = self._count(self._agree, handover, self.head)
            self.customer.user_id = self.order.user_id = self.seller
            return collecting, handing

        measure(1)
        few, many = measure(1), measure(41)
        self.assertLessEqual(many[0] - few[0], 10, f"{few} → {many}")
        self.assertLessEqual(many[1] - few[1], 20, f"{few} → {many}")

    def _count(self, function, *args):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function(*args)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before
