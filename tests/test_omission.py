from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import QualityCase


@tagged("post_install", "-at_install")
class TestOmission(QualityCase):
    """Leaving out a department is an internal decision by the authority table (L6)."""

    def _open(self, review, role="quality", reason="Nothing to inspect."):
        action = review.with_user(self.seller).action_leave_out()
        omission = self.env["quality.review.omission"].browse(action["res_id"])
        with Form(omission.with_user(self.seller)) as form:
            form.role_id = self._role(role)
            form.reason = reason
        return omission

    def _grant(self, review, **vals):
        omission = self._open(review, **vals)
        omission.with_user(self.seller).action_request()
        self._sign(omission, self.director)
        return omission

    def test_signed_the_department_is_not_waited_for(self):
        """L6: who, reason, signed; the others decide the review."""
        review = self._request_review(self._create_order())
        omission = self._grant(review)
        self.assertEqual((omission.state, omission.phase), ("granted", "closed"))
        self.assertEqual(omission.opinion_ids.signature_id.meaning, "override")
        self.assertFalse(review.activity_ids.filtered(lambda a: a.user_id == self.inspector))
        self._approve(review, self.engineer, self.producer)
        self.assertEqual(review.state, "approved")
        html = self.env["ir.actions.report"]._render_qweb_html(
            "customer_quality.report_contract_review", review.ids
        )[0]
        self.assertIn("Nothing to inspect.", html.decode())

    def test_where_it_was_the_last_one_the_review_is_settled(self):
        """L6: with the signature."""
        review = self._request_review(self._create_order())
        self._approve(review, self.engineer, self.producer)
        self._grant(review)
        self.assertEqual(review.state, "approved")

    def test_refused_the_department_is_asked_on(self):
        """L6: only a plain agreement leaves it out."""
        review = self._request_review(self._create_order())
        omission = self._open(review)
        omission.with_user(self.seller).action_request()
        self._sign(omission, self.director, "object", "It is needed.")
        self.assertEqual(omission.state, "refused")
        self._approve(review, self.engineer, self.producer)
        self.assertEqual(review.state, "review")

    def test_what_was_answered_meanwhile_stands(self):
        """L6: an objection is not swept away."""
        review = self._request_review(self._create_order())
        omission = self._open(review)
        omission.with_user(self.seller).action_request()
        self._sign(review, self.inspector, "object", "Can't be measured.")
        self._sign(omission, self.director)
        self.assertEqual(omission.state, "void")
        self.assertEqual(review.state, "objected")

    def test_nobody_left_is_no_review(self):
        """L6: that needs the customer's authorisation."""
        self.template.item_ids.filtered(lambda i: i.role_id.code != "quality").unlink()
        omission = self._open(self._request_review(self._create_order()))
        with self.assertRaises(UserError):
            omission.with_user(self.seller).action_request()

    def test_two_at_once_do_not_leave_out_everybody(self):
        """L6: asked for at the same time, the second one finds nobody else left."""
        self.template.item_ids.filtered(lambda i: i.role_id.code == "engineering").unlink()
        review = self._request_review(self._create_order())
        first = self._open(review, "quality")
        first.with_user(self.seller).action_request()
        second = self._open(review, "production")
        second.with_user(self.seller).action_request()
        self._sign(first, self.director)
        self._sign(second, self.director)
        self.assertEqual((first.state, second.state), ("granted", "void"))
        self._approve(review, self.producer)
        self.assertEqual(review.state, "approved")

    def test_reason_and_a_department_that_is_asked_are_needed(self):
        """L6: and nobody signs for being left out themselves."""
        review = self._request_review(self._create_order())
        omission = self._open(review, reason=" ")
        with self.assertRaises(UserError):
            omission.with_user(self.seller).action_request()
        omission.with_user(self.seller).write({"reason": "x", "role_id": self._role("legal").id})
        with self.assertRaises(UserError):
            omission.with_user(self.seller).action_request()
        self.env["quality.authority"].create(
            {"company_id": self.company.id, "amount_from": 1, "role_id": self._role("quality").id}
        )
        omission.with_user(self.seller).role_id = self._role("quality")
        with self.assertRaises(UserError):
            omission.with_user(self.seller).action_request()

    def test_only_sales_ask_and_only_the_authority_signs(self):
        """L6: over RPC."""
        review = self._request_review(self._create_order())
        for user in (self.engineer, self.inspector, self.auditor, self.nobody):
            with self.subTest(user.login), self.assertRaises(AccessError):
                review.with_user(user).action_leave_out()
        omission = self._open(review)
        with self.assertRaises(AccessError):
            omission.with_user(self.seller).write({"state": "granted"})
        omission.with_user(self.seller).action_request()
        with self.assertRaises(UserError):
            omission.with_user(self.seller).write({"reason": "Another"})
        opinion = omission.opinion_ids
        for user in (self.seller, self.engineer):
            with self.subTest(user.login), self.assertRaises(AccessError):
                omission.record_id.with_user(user).action_sign_off(
                    {opinion.id: {"answer": "agree", "reason": ""}}, []
                )
        approved = self._create_reviewed_order().quality_review_id
        with self.assertRaises(UserError):
            approved.with_user(self.seller).action_leave_out()
