from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import QualityCase


@tagged("post_install", "-at_install")
class TestContractReview(QualityCase):
    def test_each_department_is_asked_its_own_questions(self):
        """B1: the departments review the order item by item, on a template."""
        review = self._request_review(self._create_order())
        self.assertEqual(review.state, "review")
        self.assertEqual(
            review.opinion_ids.mapped("user_id"), self.engineer | self.producer | self.inspector
        )
        self.assertEqual(review.opinion_ids.mapped("state"), ["open"] * 3)
        self.assertRegex(review.name, r"^CR/\d{4}/0001$")

    def test_a_role_that_the_company_has_not_is_left_out(self):
        """B1: a role set as not applicable, with reason, is not asked."""
        self._assign("quality", False).write({"not_applicable": True, "reason": "Bought in"})
        review = self._request_review(self._create_order())
        self.assertEqual(
            review.opinion_ids.role_id, self._role("engineering") | self._role("production")
        )

    def test_the_last_opinion_approves_below_the_limit(self):
        """B1: below the authority table's limit the last opinion approves."""
        review = self._request_review(self._create_order())
        self._sign(review, self.engineer)
        self._sign(review, self.producer)
        self.assertEqual(review.state, "review")
        self._sign(review, self.inspector)
        self.assertEqual(review.state, "approved")
        self.assertEqual(review.phase, "closed")
        self.assertTrue(review.conclusion)

    def test_above_the_limit_sales_conclude_and_management_approves(self):
        """B1: sales writes the conclusion; the authority table names who approves."""
        self.env["quality.authority"].create(
            {
                "company_id": self.company.id,
                "amount_from": 400,
                "role_id": self._role("management").id,
            }
        )
        review = self._request_review(self._create_order(5))
        self._approve(review)
        self.assertEqual(review.state, "decision")
        self.assertIn("Sales", review.missing)
        self._sign(review, self.seller, reason="We can keep it.")
        self.assertEqual(review.state, "decision")
        self._sign(review, self.director)
        self.assertEqual(review.state, "approved")
        self.assertEqual(review.conclusion, "We can keep it.")
        self.assertEqual(
            review.opinion_ids.signature_id.mapped("meaning"),
            ["opinion", "opinion", "opinion", "conclusion", "approval"],
        )

    def test_a_condition_is_put_before_sales(self):
        """B1: agreement with a condition needs the conclusion of sales."""
        review = self._request_review(self._create_order())
        self._sign(review, self.engineer, "condition", "Only with drawing rev. C")
        self._approve(review, self.producer, self.inspector)
        self.assertEqual(review.state, "decision")
        self._sign(review, self.seller, reason="Drawing was sent.")
        self.assertEqual(review.state, "approved")

    def test_an_objection_sends_the_review_back_to_sales(self):
        """B6: nothing is confirmed while a department objects."""
        order = self._create_order()
        review = self._request_review(order)
        self._sign(review, self.producer, "object", "No capacity before May")
        self.assertEqual(review.state, "objected")
        self.assertIn(review.name, review.missing)
        self.assertIn(self.seller, review.activity_ids.user_id)

    def test_a_revision_asks_only_those_whose_part_changed(self):
        """B1: unchanged answers are carried over, with their signature."""
        order = self._create_order()
        review = self._request_review(order)
        self._sign(review, self.engineer)
        self._sign(review, self.producer, "object", "No capacity before May")
        order.order_line.price_unit = 120
        revision = self._request_review(order)
        self.assertEqual(revision.revision, 2)
        self.assertEqual(revision.name, f"{review.name}-2")
        self.assertEqual(review.state, "superseded")
        by_role = {opinion.role_id.code: opinion for opinion in revision.opinion_ids}
        self.assertEqual(by_role["engineering"].state, "done")
        self.assertEqual(by_role["engineering"].signature_id, review.opinion_ids[0].signature_id)
        self.assertEqual(by_role["production"].state, "open")

    def test_a_revision_asks_everybody_when_the_quantity_changed(self):
        """B1, B6: what was signed is no longer what the order says."""
        order = self._create_order()
        review = self._request_review(order)
        self._sign(review, self.engineer)
        order.order_line.product_uom_qty = 7
        self.assertTrue(review._filter_stale())
        revision = self._request_review(order)
        self.assertEqual(set(revision.opinion_ids.mapped("state")), {"open"})

    def test_an_answer_other_than_yes_needs_words(self):
        """B1: a condition or an objection says what it is about."""
        review = self._request_review(self._create_order())
        with self.assertRaisesRegex(UserError, "condition or the reason"):
            self._sign(review, self.engineer, "object")
        self.assertEqual(set(review.opinion_ids.mapped("state")), {"open"})

    def test_nobody_signs_for_a_role_they_do_not_have(self):
        """B1, M1: the right to sign is checked on the server."""
        review = self._request_review(self._create_order())
        opinion = review.opinion_ids.filtered(lambda o: o.role_id == self._role("quality"))
        answers = {opinion.id: {"answer": "agree"}}
        with self.assertRaises(AccessError):
            review.record_id.with_user(self.engineer).action_sign_off(answers)

    def test_a_deputy_may_sign(self):
        """K3: head and deputies of the department sign for its role."""
        head, deputy = (
            self._create_user("head", "base.group_user"),
            self._create_user("deputy", "base.group_user,customer_quality.group_reviewer"),
        )
        employees = self.env["hr.employee"].create(
            [
                {"name": user.name, "user_id": user.id, "company_id": self.company.id}
                for user in head | deputy
            ]
        )
        department = self.env["hr.department"].create(
            {
                "name": "Design",
                "company_id": self.company.id,
                "manager_id": employees[0].id,
                "quality_deputy_ids": employees[1].ids,
            }
        )
        self._assign("engineering", False).department_id = department
        review = self._request_review(self._create_order())
        opinion = review.opinion_ids.filtered(lambda o: o.role_id == self._role("engineering"))
        self.assertEqual(opinion.user_id, head)
        self._sign(review, deputy)
        self.assertEqual(opinion.state, "done")
        self.assertEqual(opinion.signature_id.signer_uid, deputy.id)

    def test_it_works_without_a_single_employee(self):
        """B1: without departments the role's group stands in."""
        self._assign("engineering", False)
        review = self._request_review(self._create_order())
        opinion = review.opinion_ids.filtered(lambda o: o.role_id == self._role("engineering"))
        self.assertTrue(opinion.user_id.has_group("customer_quality.group_reviewer"))

    def test_one_person_with_several_roles_gets_one_activity_and_one_click(self):
        """M3: one message, one click; one signature per role is stored."""
        self._assign("quality", self.engineer)
        review = self._request_review(self._create_order())
        activities = review.activity_ids.filtered(lambda a: a.user_id == self.engineer)
        self.assertEqual(len(activities), 1)
        self._sign(review, self.engineer)
        signed = review.opinion_ids.filtered(lambda o: o.state == "done")
        self.assertEqual(len(signed.signature_id), 2)
        self.assertFalse(review.activity_ids.filtered(lambda a: a.user_id == self.engineer))

    def test_ticking_the_activity_signs_nothing(self):
        """DESIGN: blocks are the truth, activities their mirror."""
        review = self._request_review(self._create_order())
        activity = review.activity_ids.filtered(lambda a: a.user_id == self.engineer)
        with self.assertRaisesRegex(Exception, "waiting for your signature"):
            activity.with_user(self.engineer).action_done()
        activity.with_user(self.engineer).unlink()
        mine = self.env["quality.duty"].with_user(self.engineer).search([("is_mine", "=", True)])
        self.assertEqual(mine.record_id, review.record_id)

    def test_reassigning_the_activity_moves_the_duty_or_is_refused(self):
        """K3: only who acts for the role may take it over."""
        review = self._request_review(self._create_order())
        activity = review.activity_ids.filtered(lambda a: a.user_id == self.engineer)
        with self.assertRaisesRegex(UserError, "does not act for"):
            activity.user_id = self.nobody
        self._assign("engineering", self.engineer | self.director)
        activity.user_id = self.director
        opinion = review.opinion_ids.filtered(lambda o: o.role_id == self._role("engineering"))
        self.assertEqual(opinion.user_id, self.director)

    def test_an_approved_review_is_frozen(self):
        """K1: what was approved can't be rewritten; a closed record keeps its content."""
        order = self._create_reviewed_order()
        with self.assertRaisesRegex(UserError, "past that"):
            order.quality_review_id.with_user(self.seller).conclusion = "Something else"
        with self.assertRaisesRegex(UserError, "closed"):
            order.quality_review_id.sudo().conclusion = "Something else"
        with self.assertRaisesRegex(UserError, "keeps its number"):
            order.quality_review_id.record_id.name = "CR/0000/0001"
        with self.assertRaisesRegex(UserError, "kept"):
            order.quality_review_id.unlink()

    def test_an_order_without_goods_or_template_can_not_be_reviewed(self):
        """B1: the sentence says what to do."""
        empty = self._create_order()
        empty.order_line.unlink()
        with self.assertRaisesRegex(UserError, "nothing to review"):
            self._request_review(empty)
        self.template.active = False
        with self.assertRaisesRegex(UserError, "no template"):
            self._request_review(self._create_order())

    def test_numbers_run_by_company_and_year(self):
        """K2: number by company and year; the form version in force is kept."""
        first = self._request_review(self._create_order())
        second = self._request_review(self._create_order())
        self.assertEqual(int(first.name[-4:]) + 1, int(second.name[-4:]))
        self.assertEqual(first.form_version_id.version, "A/0")
        other = self.env["res.company"].create({"name": "Other Ltd."})
        self.assertTrue(self.env["quality.contract.review"]._next_number(other).endswith("/0001"))

    def test_each_form_has_a_number_of_its_own(self):
        """K2: no two forms that come with the module bear the same number."""
        data = self.env["ir.model.data"].search(
            [("module", "=", "customer_quality"), ("model", "=", "quality.form")]
        )
        numbers = self.env["quality.form"].browse(data.mapped("res_id")).mapped("number")
        self.assertIn("QF-01", numbers)
        self.assertEqual(len(numbers), len(set(numbers)))

    def test_answers_given_at_the_same_moment_are_settled_by_the_scheduled_action(self):
        """B1: two last signers who can't see each other leave nothing hanging."""
        review = self._request_review(self._create_order())
        with self.enter_registry_test_mode():
            review.opinion_ids.sudo().write({"state": "done", "answer": "agree"})
            self.assertEqual(review.state, "review")
            self.env.ref("customer_quality.ir_cron_review_settle").method_direct_trigger()
        self.assertEqual(review.state, "approved")

    def test_the_question_is_kept_in_every_language(self):
        """K1: a template edited later changes nothing on a review."""
        self.env["res.lang"]._activate_lang("zh_CN")
        item = self.template.item_ids[0]
        item.with_context(lang="zh_CN").question = "能做吗？"
        review = self._request_review(self._create_order())
        item.with_context(lang="zh_CN").question = "改了"
        opinion = review.opinion_ids[0]
        self.assertEqual(opinion.with_context(lang="zh_CN").question, "能做吗？")
        self.assertEqual(opinion.with_context(lang="en_US").question, "Can engineering keep it?")


@tagged("post_install", "-at_install")
class TestFingerprint(QualityCase):
    def test_any_reviewed_content_makes_the_approval_stale(self):
        """B6: what was reviewed is no longer what the order says."""
        other = self.env["res.partner"].create({"name": "Another"})
        changes = {
            "quantity": lambda order: order.order_line[0].write({"product_uom_qty": 6}),
            "price": lambda order: order.order_line[0].write({"price_unit": 99}),
            "discount": lambda order: order.order_line[0].write({"discount": 5}),
            "text": lambda order: order.order_line[0].write({"name": "Blue"}),
            "date": lambda order: order.write({"commitment_date": "2031-01-01"}),
            "customer": lambda order: order.write({"partner_id": other.id}),
            "reference": lambda order: order.write({"client_order_ref": "PO 7"}),
            "terms": lambda order: order.write({"note": "Ex works"}),
            "line": lambda order: order.order_line[0].copy({"order_id": order.id}),
        }
        for name, change in changes.items():
            with self.subTest(name):
                order = self._create_reviewed_order()
                self.assertEqual(order.quality_review_status, "approved")
                change(order)
                self.env.invalidate_all()
                self.assertEqual(order.quality_review_status, "stale")

    def test_nothing_else_makes_it_stale(self):
        """B6: internal bookkeeping leaves the approval standing."""
        order = self._create_reviewed_order()
        order.write({"origin": "Fair", "tag_ids": False, "validity_date": "2031-01-01"})
        order.order_line.sequence = 99
        order.message_post(body="Hello")
        self.env.invalidate_all()
        self.assertEqual(order.quality_review_status, "approved")

    def test_a_change_taken_back_is_no_change(self):
        """B6: the fingerprint compares content, not events."""
        order = self._create_reviewed_order()
        order.order_line.product_uom_qty = 9
        self.assertTrue(order.quality_review_id._filter_stale())
        order.order_line.product_uom_qty = 5
        self.assertEqual(order.quality_review_status, "approved")


@tagged("post_install", "-at_install")
class TestNoWayRound(QualityCase):
    """Holes that were found once, and stay closed."""

    def _limit(self, amount=400):
        return self.env["quality.authority"].create(
            {
                "company_id": self.company.id,
                "amount_from": amount,
                "role_id": self._role("management").id,
            }
        )

    def test_an_objection_is_not_escaped_by_another_template(self):
        """B1, B6: the template is chosen before the departments are asked, not after."""
        review = self._request_review(self._create_order())
        self._sign(review, self.producer, "object", "No capacity")
        easy = self._create_template(["engineering"])
        with self.assertRaisesRegex(UserError, "past that"):
            review.with_user(self.seller).template_id = easy

    def test_the_printed_conclusion_is_the_signed_one(self):
        """B1: what sales typed before is a draft; what they signed holds."""
        self._limit()
        review = self._request_review(self._create_order())
        review.with_user(self.seller).conclusion = "A draft"
        self._approve(review)
        with self.assertRaisesRegex(UserError, "past that"):
            review.with_user(self.seller).conclusion = "Another text"
        self._sign(review, self.seller, reason="Signed text")
        self._sign(review, self.director)
        self.assertEqual(review.conclusion, "Signed text")

    def test_an_approver_who_does_not_apply_is_never_skipped(self):
        """B1: a role set as not applicable opens no short cut past the authority table."""
        self._limit()
        self._assign("management", False).write({"not_applicable": True, "reason": "Small"})
        review = self._request_review(self._create_order())
        self._approve(review)
        self._sign(review, self.seller, reason="Fine")
        self.assertEqual(review.state, "decision")
        self.assertIn("Management", review.missing)

    def test_the_next_lower_approver_stands_in(self):
        """B1: where the highest role does not apply, the next one in the table approves."""
        self._limit(400)
        self.env["quality.authority"].create(
            {
                "company_id": self.company.id,
                "amount_from": 100,
                "role_id": self._role("quality").id,
            }
        )
        self._assign("management", False).write({"not_applicable": True, "reason": "Small"})
        approver = self.env["quality.authority"]._get_approver(500, self.company)
        self.assertEqual(approver, self._role("quality"))

    def test_a_form_version_in_use_is_not_edited(self):
        """K2: a record prints with the form version in force when it was made."""
        version = self._request_review(self._create_order()).form_version_id
        with self.assertRaisesRegex(UserError, "Add a new version"):
            version.with_user(self.quality_manager).approved_by = "Somebody else"

    def test_an_answer_changed_in_the_database_is_found(self):
        """M1: the verification compares what is shown with what was signed."""
        review = self._request_review(self._create_order())
        self._sign(review, self.engineer)
        signatures = self.env["quality.signature"]
        self.assertTrue(signatures._verify(self.company).intact)
        opinion = review.opinion_ids.filtered("signature_id")
        self.env.cr.execute(
            "UPDATE quality_opinion SET answer = 'object' WHERE id = %s", [opinion.id]
        )
        found = signatures._verify(self.company)
        self.assertIn("changed after", found.findings[0].sentence)

    def test_people_who_stand_in_by_group_can_do_their_part(self):
        """B1: without any mapping, whoever is asked can read the page and sign."""
        self.env["quality.role.assignment"].search([("company_id", "=", self.company.id)]).write(
            {"user_ids": [(5,)], "department_id": False}
        )
        codes = ["engineering", "production", "quality", "purchasing", "legal", "finance"]
        self._create_template(codes)
        self._create_user("accountant", "base.group_user,account.group_account_invoice")
        review = self._request_review(self._create_order())
        for opinion in review.opinion_ids:
            with self.subTest(opinion.role_id.name):
                self.assertTrue(opinion.user_id)
                self.assertTrue(review.with_user(opinion.user_id).has_access("read"))
                self.assertTrue(review.record_id.with_user(opinion.user_id).has_access("read"))
                if opinion.state == "open":  # one person signs for all their roles at once
                    self._sign(review, opinion.user_id)
        self.assertEqual(review.state, "approved")

    def test_a_reworded_question_is_asked_anew(self):
        """B1: a yes to one question is no yes to another."""
        order = self._create_order()
        review = self._request_review(order)
        self._sign(review, self.engineer)
        self._sign(review, self.producer, "object", "No")
        item = self.template.item_ids.filtered(lambda i: i.role_id == self._role("engineering"))
        item.question = "Can engineering keep it by Monday?"
        revision = self._request_review(order)
        opinion = revision.opinion_ids.filtered(lambda o: o.item_id == item)
        self.assertEqual(opinion.state, "open")

    def test_odd_arguments_are_answered_in_a_sentence(self):
        """Errors are whole sentences, also over RPC."""
        review = self._request_review(self._create_order())
        record = review.record_id.with_user(self.engineer)
        opinion = record.opinion_ids[0]
        for answers in (
            "agree",
            [opinion.id],
            {opinion.id: ["agree"]},
            {opinion.id: {"answer": "agree", "reason": {"a": 1}}},
            {opinion.id: {"answer": "agree", "reason": "\0"}},
            {float("inf"): {"answer": "agree"}},
        ):
            with self.subTest(str(answers)), self.assertRaises(UserError):
                record.action_sign_off(answers)
        for receipts in (7, "7"):
            with self.subTest(receipts), self.assertRaises(UserError):
                record.action_sign_off({}, receipts)

    def test_the_name_of_the_product_is_no_remark_in_any_language(self):
        """K2: papers name the product once, in the reader's language."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.product.with_context(lang="zh_CN").name = "机器"
        order = self._create_order()
        self.customer.lang = "zh_CN"
        self.assertEqual(order.order_line._get_remark(), "")
        order.order_line.name = f"{order.order_line.name}\nBlue"
        self.assertEqual(order.order_line._get_remark(), "Blue")
