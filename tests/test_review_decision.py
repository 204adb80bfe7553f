from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..lib.risk import get_level, is_above, rate
from .common import QualityCase


@tagged("post_install", "-at_install")
class TestConditions(QualityCase):
    """Agreement with a condition says what waits for it and who fulfils it."""

    def _answer(self, review, user, **answer):
        record = review.record_id.with_user(user)
        mine = record.opinion_ids.filtered("is_mine")
        record.action_sign_off({opinion.id: answer for opinion in mine})
        return mine

    def test_a_condition_holds_the_confirmation_by_default(self):
        """B1: without a choice the company's setting and the own department apply."""
        review = self._request_review(self._create_order())
        opinion = self._answer(review, self.engineer, answer="condition", reason="New gauge")
        self.assertEqual(opinion.condition_hold, "confirmation")
        self.assertEqual(opinion.condition_role_id, self._role("engineering"))

    def test_the_signer_chooses_what_waits_and_who_acts(self):
        """B1: before shipment, by quality control; and that is what is signed."""
        review = self._request_review(self._create_order())
        opinion = self._answer(
            review,
            self.engineer,
            answer="condition",
            reason="Measure the first piece",
            hold="shipment",
            responsible="quality",
        )
        self.assertEqual(opinion.condition_hold, "shipment")
        self.assertEqual(opinion.condition_role_id, self._role("quality"))
        content = opinion.sudo().signature_id.content
        self.assertIn('"hold":"shipment"', content)
        self.assertIn(f'"responsible":{self._role("quality").id}', content)

    def test_plain_agreement_holds_nothing(self):
        """B1: what is chosen beside a plain agreement is not kept."""
        review = self._request_review(self._create_order())
        opinion = self._answer(review, self.engineer, answer="agree", hold="shipment")
        self.assertFalse(opinion.condition_hold)
        self.assertNotIn("hold", opinion.sudo().signature_id.content)

    def test_odd_choices_are_refused(self):
        """B1: a choice that does not exist over RPC is refused with a sentence."""
        review = self._request_review(self._create_order())
        for odd in ({"hold": "never"}, {"responsible": "the boss"}):
            with self.assertRaises(UserError):
                self._answer(review, self.engineer, answer="condition", reason="x", **odd)
        with self.assertRaises(UserError):
            self._answer(review, self.engineer, answer="condition", reason="x", hold=["a"])

    def test_a_condition_altered_afterwards_is_found(self):
        """M1: lifting the hold behind the signer's back is found by the verification."""
        review = self._request_review(self._create_order())
        opinion = self._answer(review, self.engineer, answer="condition", reason="New gauge")
        verify = self.env["quality.signature"]._verify
        self.assertFalse(verify(self.company).findings)
        self.env.cr.execute(
            "UPDATE quality_opinion SET condition_hold = 'shipment' WHERE id = %s", [opinion.id]
        )
        self.env.invalidate_all()
        kinds = {finding.kind for finding in verify(self.company).findings}
        self.assertEqual(kinds, {"subject_altered"})


@tagged("post_install", "-at_install")
class TestRisks(QualityCase):
    """What may go wrong is noted, rated and, when high, signed for."""

    def _note(self, review, user, **vals):
        return (
            self.env["quality.contract.review.risk"]
            .with_user(user)
            .create(
                {
                    "review_id": review.id,
                    "kind": "technical",
                    "description": "New alloy",
                    "likelihood": "3",
                    "severity": "4",
                    **vals,
                }
            )
        )

    def test_the_rating_is_likelihood_times_severity(self):
        """B4: by hand: 3 × 4 = 12 is not above 12, 5 × 3 = 15 is high."""
        self.assertEqual(rate(3, 4), 12)
        self.assertFalse(is_above(12, 12))
        self.assertTrue(is_above(15, 12))
        self.assertFalse(is_above(25, 0))
        self.assertEqual([get_level(rating) for rating in (7, 8, 15)], ["low", "medium", "high"])
        with self.assertRaises(ValueError):
            rate(0, 6)
        review = self._request_review(self._create_order())
        self.assertEqual(self._note(review, self.engineer).rating, 12)

    def test_sales_and_the_asked_departments_note_risks(self):
        """B4: those who are asked and sales; nobody else."""
        review = self._request_review(self._create_order())
        for user in (self.seller, self.engineer, self.producer):
            self._note(review, user)
        for user in (self.director, self.auditor, self.nobody):
            with self.assertRaises(AccessError):
                self._note(review, user)
        self.assertEqual(len(review.risk_ids), 3)
        self.assertTrue(review.with_user(self.engineer).can_enter_risks)
        self.assertFalse(review.with_user(self.director).can_enter_risks)

    def test_a_risk_is_not_moved_to_another_review(self):
        """B4: the link is part of what was noted."""
        review = self._request_review(self._create_order())
        other = self._request_review(self._create_order())
        risk = self._note(review, self.engineer)
        with self.assertRaises(AccessError):
            risk.review_id = other

    def test_only_who_noted_a_risk_or_an_officer_deletes_it(self):
        """B4: a department does not make another's worry vanish; rating is for all."""
        review = self._request_review(self._create_order())
        risk, other = self._note(review, self.engineer), self._note(review, self.engineer)
        risk.with_user(self.producer).severity = "2"
        with self.assertRaises(AccessError):
            risk.with_user(self.producer).unlink()
        risk.with_user(self.inspector).unlink()
        other.with_user(self.engineer).unlink()
        self.assertFalse(review.risk_ids)

    def test_no_risk_is_noted_on_another_companys_review(self):
        """B4: over RPC, by somebody with the same rights elsewhere."""
        review = self._request_review(self._create_order())
        company = self.env["res.company"].create({"name": "Other"})
        stranger = self._create_user(
            "stranger", "base.group_user,customer_quality.group_officer", company
        )
        risks = self.env["quality.contract.review.risk"].with_user(stranger)
        with self.assertRaises(AccessError):
            risks.with_context(allowed_company_ids=company.ids).create(
                {"review_id": review.id, "kind": "legal", "description": "x"}
            )

    def test_risks_are_frozen_once_it_is_decided(self):
        """B4: who decides signs on the risks as they stand."""
        review = self._request_review(self._create_order())
        risk = self._note(review, self.engineer)
        self._approve(review)
        self.assertEqual(review.state, "approved")
        with self.assertRaises(UserError):
            risk.severity = "1"
        with self.assertRaises(UserError):
            risk.unlink()
        with self.assertRaises(UserError):
            self._note(review, self.engineer)

    def test_high_risks_are_signed_by_the_quality_manager(self):
        """B4: above the threshold sales conclude, then the quality manager signs."""
        review = self._request_review(self._create_order())
        self._note(review, self.engineer, likelihood="5", severity="5")
        self._approve(review)
        self.assertEqual(review.state, "decision")
        self._sign(review, self.seller)
        self.assertEqual(review.state, "decision")
        asked = review.opinion_ids.filtered(lambda o: o.state == "open")
        self.assertEqual(asked.role_id, self._role("quality_manager"))
        self._sign(review, self.quality_manager)
        self.assertEqual(review.state, "approved")

    def test_who_decides_signs_on_the_risks(self):
        """B4, M1: the departments don't, the decision does; altered risks are found."""
        review = self._request_review(self._create_order())
        risk = self._note(review, self.engineer, likelihood="5", severity="5")
        self._approve(review)
        self._sign(review, self.seller)
        self._sign(review, self.quality_manager)
        signed = review.opinion_ids.grouped("meaning")
        for meaning, says in (("opinion", False), ("conclusion", True), ("approval", True)):
            for opinion in signed[meaning]:
                self.assertEqual('"risks":"' in opinion.sudo().signature_id.content, says)
        verify = self.env["quality.signature"]._verify
        self.assertFalse(verify(self.company).findings)
        self.env.cr.execute(
            "UPDATE quality_contract_review_risk SET countermeasure = 'None' WHERE id = %s",
            [risk.id],
        )
        self.env.invalidate_all()
        kinds = {finding.kind for finding in verify(self.company).findings}
        self.assertEqual(kinds, {"document_altered"})

    def test_the_form_prints_risks_and_conditions(self):
        """B4, B1: the rating, the countermeasure, and what waits for a condition."""
        review = self._request_review(self._create_order())
        self._note(review, self.engineer, countermeasure="Trial melt")
        self._sign(review, self.engineer, "condition", "New gauge")
        html = (
            self.env["ir.actions.report"]
            .with_user(self.producer)
            ._render_qweb_html("customer_quality.contract_review_report", review.ids)[0]
            .decode()
        )
        for text in ("New alloy", "3 × 4 = ", "Trial melt", "Before confirmation"):
            self.assertIn(text, html)

    def test_risks_at_the_threshold_need_no_signature(self):
        """B4: 12 is not above 12."""
        review = self._request_review(self._create_order())
        self._note(review, self.engineer)
        self._approve(review)
        self.assertEqual(review.state, "approved")

    def test_a_revision_takes_over_the_risks(self):
        """B4: they are there to be looked at again, and can be corrected."""
        order = self._create_order()
        review = self._request_review(order)
        self._note(review, self.engineer)
        self._sign(review, self.producer, "object", "No capacity")
        review.with_user(self.seller).action_revise()
        revision = order.quality_review_id
        self.assertNotEqual(revision, review)
        self.assertEqual(revision.risk_ids.mapped("description"), ["New alloy"])
        revision.risk_ids.with_user(self.engineer).severity = "1"
        self.assertEqual(review.risk_ids.severity, "4")


@tagged("post_install", "-at_install")
class TestAuthority(QualityCase):
    """The authority table names who approves, for every reason that applies."""

    def _row(self, code, **vals):
        return self.env["quality.authority"].create(
            {"company_id": self.company.id, "role_id": self._role(code).id, **vals}
        )

    def _get_asked(self, review):
        return review.opinion_ids.filtered(lambda o: o.state == "open").role_id

    def test_several_reasons_bring_several_approvers_in_order(self):
        """B1: amount and new product: both roles approve, one after the other."""
        self._assign("finance", self.director)
        self._row("management", amount_from=100, sequence=20)
        self._row("finance", criterion="new_product", sequence=10)
        review = self._request_review(self._create_order())
        self._approve(review)
        self._sign(review, self.seller)
        self.assertEqual(self._get_asked(review), self._role("finance"))
        self._sign(review, self.director)
        self.assertEqual(self._get_asked(review), self._role("management"))
        self.assertEqual(review.state, "decision")
        self._sign(review, self.director)
        self.assertEqual(review.state, "approved")

    def test_of_the_amounts_only_the_highest_counts(self):
        """B1: 500 is above both limits; the higher one approves, alone."""
        self._row("quality", amount_from=100)
        self._row("management", amount_from=400)
        review = self._request_review(self._create_order(5))
        self.assertEqual(review._get_approvers(), self._role("management"))

    def test_a_product_is_new_until_a_review_of_it_was_approved(self):
        """B1: the second order of the machine is no new product any more."""
        self._row("management", criterion="new_product")
        first = self._request_review(self._create_order())
        self.assertEqual(first._get_approvers(), self._role("management"))
        self._approve(first)
        self._sign(first, self.seller)
        self._sign(first, self.director)
        second = self._request_review(self._create_order())
        self.assertFalse(second._get_approvers())
        third = self._request_review(self._create_order(product=self.part))
        self.assertEqual(third._get_approvers(), self._role("management"))

    def test_a_high_risk_brings_its_approver(self):
        """B1: from the rating in the table."""
        self._row("management", criterion="risk", risk_from=10)
        review = self._request_review(self._create_order())
        self.assertFalse(review._get_approvers())
        self.env["quality.contract.review.risk"].create(
            {
                "review_id": review.id,
                "kind": "legal",
                "description": "Penalty",
                "likelihood": "2",
                "severity": "5",
            }
        )
        self.assertEqual(review._get_approvers(), self._role("management"))

    def test_terms_of_payment_bring_their_approver(self):
        """B1: by days, or by name of the terms."""
        late, short = self.env["account.payment.term"].create(
            [
                {
                    "name": f"{days} days",
                    "company_id": self.company.id,
                    "line_ids": [
                        (0, 0, {"value": "percent", "value_amount": 100, "nb_days": days})
                    ],
                }
                for days in (90, 10)
            ]
        )
        row = self._row("management", criterion="payment_term", payment_days_from=60)
        reviews = {
            term: self._request_review(self._create_order(payment_term_id=term.id))
            for term in (late, short)
        }
        self.assertEqual(reviews[late]._get_approvers(), self._role("management"))
        self.assertFalse(reviews[short]._get_approvers())
        row.write({"payment_days_from": 0, "payment_term_ids": short.ids})
        self.assertFalse(reviews[late]._get_approvers())
        self.assertEqual(reviews[short]._get_approvers(), self._role("management"))

    def test_a_low_margin_brings_its_approver(self):
        """B1, B4: by hand: 100 sold at a cost of 85 leaves 15 %; unknown costs count as low."""
        self._row("management", criterion="margin", margin_below=20)
        self.service.list_price = 100
        for cost, approver in ((85, True), (70, False), (0, True)):
            with self.subTest(cost):
                self.service.standard_price = cost
                order = self._create_order(1, product=self.service)
                review = self._request_review(order)
                asked = review.sudo()._get_approvers()
                self.assertEqual(asked, self._role("management") if approver else asked.browse())

    def test_a_row_without_its_limit_is_refused(self):
        """B1: a row that could never or always apply by mistake."""
        with self.assertRaises(ValidationError):
            self._row("management", criterion="risk")
        with self.assertRaises(ValidationError):
            self._row("management", criterion="payment_term")

    def test_only_managers_change_the_table(self):
        """B1: sales, officers and reviewers read it at most."""
        row = self._row("management", amount_from=1)
        for user in (self.seller, self.inspector, self.director, self.nobody):
            with self.assertRaises(AccessError):
                row.with_user(user).amount_from = 1000000
        row.with_user(self.quality_manager).amount_from = 5


@tagged("post_install", "-at_install")
class TestReviewTimes(QualityCase):
    """How long the departments take, as real percentiles."""

    def _take(self, review, hours_by_user):
        for user, hours in hours_by_user.items():
            self._sign(review, user)
            opinion = review.opinion_ids.filtered(
                lambda o, user=user: o.signature_id.sudo().signer_login == user.login
            )
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE quality_opinion o SET date_requested = s.signed_at - %s * interval '1 hour'"
                " FROM quality_signature s WHERE s.id = o.signature_id AND o.id IN %s",
                [hours, tuple(opinion.ids)],
            )
        self.env.invalidate_all()

    def test_median_and_ninetieth_percentile_are_real(self):
        """J, B: by hand: 1, 2, 3, 4, 10 hours: median 3; 90 %: 4 + 0.6 × 6 = 7.6."""
        for hours in (1, 2, 3, 4, 10):
            review = self._request_review(self._create_order())
            self._take(review, {self.engineer: hours, self.producer: 1})
        Time = self.env["quality.review.time"].with_user(self.seller)
        groups = Time._read_group(
            [("role_id", "in", (self._role("engineering") | self._role("production")).ids)],
            ["role_id"],
            ["hours_median:avg", "hours_p90:avg", "hours:avg", "__count"],
        )
        values = {role.code: rest for role, *rest in groups}
        for got, hand in zip(values["engineering"], (3, 7.6, 4, 5), strict=True):
            self.assertAlmostEqual(got, hand)
        self.assertAlmostEqual(values["production"][1], 1)
        [[median, p90]] = Time._read_group([], [], ["hours_median:avg", "hours_p90:avg"])
        # 1 ×6, 2, 3, 4, 10: median 1; position 8.1 of 0…9: 4 + 0.1 × 6
        self.assertAlmostEqual(median, 1)
        self.assertAlmostEqual(p90, 4.6)

    def test_who_has_not_signed_yet_and_what_was_carried_over_does_not_count(self):
        """J: only what somebody took time for."""
        order = self._create_order()
        review = self._request_review(order)
        self._sign(review, self.engineer)
        times = self.env["quality.review.time"].search([("order_id", "=", order.id)])
        self.assertEqual(times.role_id, self._role("engineering"))
        self._sign(review, self.producer, "object", "No capacity")
        review.with_user(self.seller).action_revise()
        times = self.env["quality.review.time"].search(
            [("review_id", "=", order.quality_review_id.id)]
        )
        self.assertFalse(times)

    def test_other_companies_and_strangers_see_nothing(self):
        """J: rights on the server."""
        review = self._request_review(self._create_order())
        self._sign(review, self.engineer)
        with self.assertRaises(AccessError):
            self.env["quality.review.time"].with_user(self.nobody).search([])
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self._create_user(
            "stranger", "base.group_user,customer_quality.group_auditor", other
        )
        self.assertFalse(
            self.env["quality.review.time"]
            .with_user(stranger)
            .with_context(allowed_company_ids=other.ids)
            .search([("review_id", "=", review.id)])
        )
