from odoo.tests import new_test_user, tagged

from .test_tours import MY_WORK, QUOTATION, TourCase

REVIEW = "/odoo/contract-reviews/%s"


@tagged("post_install", "-at_install")
class TestOutcomeTours(TourCase):
    """The screens around a review, as those who use them walk through them."""

    def test_a_repeat_takes_sales_three_clicks_and_production_one(self):
        """B8: request, sign, confirm; production signs on its phone."""
        self.company.quality_depth_by_kind = True
        self.company.quality_review_gate = "always"
        self._create_reviewed_order(5)

        order = self._create_order(5)
        self._tour(self.seller, "quality_sales_requests_a_repeat", QUOTATION % order.id)
        self._tour(self.producer, "quality_department_agrees_on_phone", MY_WORK, on_phone=True)
        self.assertEqual(order.quality_review_id.state, "approved")
        self._tour(self.seller, "quality_sales_confirms", QUOTATION % order.id)
        self.assertEqual(order.state, "sale")

    def test_an_action_is_done_and_verified(self):
        """M2: the owner gives evidence, somebody else signs that it was done."""
        order = self._create_order(5)
        review = self._request_review(order)
        action = self.env["quality.action"]._create_for(
            [
                {
                    "source_record_id": review.record_id.id,
                    "company_id": self.company.id,
                    "name": "Have the surface measured",
                    "user_id": self.storekeeper.id,
                    "role_id": self._role("warehouse").id,
                    "needs_verification": True,
                    "verifier_id": self.quality_manager.id,
                }
            ]
        )
        self._tour(self.storekeeper, "quality_owner_does_an_action", MY_WORK)
        self.assertEqual(action.state, "done")
        self._tour(self.quality_manager, "quality_other_verifies_an_action", MY_WORK)
        self.assertEqual(action.state, "verified")

    def test_the_customer_answers_on_the_portal(self):
        """A2: the question that sales sent is answered, and stands on the order."""
        customer = new_test_user(
            self.env,
            "carl_customer",
            groups="base.group_portal",
            company_id=self.company.id,
            company_ids=self.company.ids,
            email="carl@example.com",
        )
        order = self._create_order(5, partner_id=customer.partner_id.id)
        order.state = "sent"
        question = (
            self.env["quality.clarification"]
            .with_user(self.seller)
            .create({"order_id": order.id, "question": "Which colour?"})
        )
        order.with_user(self.seller).action_send_quality_questions()
        self._tour(customer, "quality_customer_answers", f"/my/orders/{order.id}")
        self.assertEqual((question.state, question.answer), ("answered", "RAL 7016"))

    def test_those_present_sign_in_turn_on_one_screen(self):
        """M2: two people with their badges; each signature is its person's."""
        for badge, user in (("B1", self.engineer), ("B2", self.producer)):
            employee = self.env["hr.employee"].create(
                {
                    "name": user.name,
                    "company_id": self.company.id,
                    "barcode": badge,
                    "pin": "1234",
                    "user_id": user.id,
                }
            )
            self.addCleanup(self.env["quality.pin.attempt"]._forget, employee)
        review = self._request_review(self._create_order(5))
        self._tour(self.seller, "quality_meeting_signs_in_turn", REVIEW % review.id)
        signatures = review.opinion_ids.signature_id
        self.assertEqual(set(signatures.mapped("way")), {"shared"})
        self.assertEqual(set(signatures.mapped("signer_uid")), {self.engineer.id, self.producer.id})
