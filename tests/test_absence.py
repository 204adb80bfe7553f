from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import QualityCase


@tagged("post_install", "-at_install")
class TestAbsence(QualityCase):
    """K3: a deputy acts for who is away, for a period and in a scope."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env.user)

    def _be_away(self, user, deputy, days=(-1, 1), **vals):
        first, last = (self.today + timedelta(days=day) for day in days)
        return self.env["quality.absence"].create(
            {
                "user_id": user.id,
                "deputy_id": deputy.id,
                "date_from": first,
                "date_to": last,
                "reason": "Holiday",
                **vals,
            }
        )

    def _get_people(self, code):
        role = self._role(code)
        return role._get_people(self.company)[role][0]

    def test_the_deputy_is_asked_and_signs_under_their_own_name(self):
        """K3: new duties go to the deputy; the signature names who gave it."""
        self._be_away(self.engineer, self.director)
        review = self._request_review(self._create_order())
        opinion = review.opinion_ids.filtered(lambda o: o.role_id == self._role("engineering"))
        self.assertEqual(opinion.user_id, self.director)
        self._sign(review, self.director)
        self.assertEqual(opinion.state, "done")
        self.assertEqual(opinion.signature_id.signer_name, self.director.name)
        self.assertEqual(opinion.signature_id.role_code, "engineering")

    def test_what_was_asked_before_is_the_deputys_too(self):
        """K3: my work of the deputy lists it, and they may sign it."""
        review = self._request_review(self._create_order())
        opinion = review.opinion_ids.filtered(lambda o: o.role_id == self._role("engineering"))
        Duty = self.env["quality.duty"].with_user(self.director)
        mine = [("is_mine", "=", True), ("record_id", "=", review.record_id.id)]
        self.assertFalse(Duty.search(mine))
        self._be_away(self.engineer, self.director)
        self.assertEqual(Duty.search(mine).role_id, self._role("engineering"))
        self._sign(review, self.director)
        self.assertEqual(opinion.state, "done")

    def test_the_absent_one_is_asked_last(self):
        """K3: who is present goes first, then the deputy, then who is away."""
        self._assign("engineering", self.engineer | self.producer)
        self._be_away(self.engineer, self.director)
        expected = self.producer | self.director | self.engineer
        self.assertEqual(self._get_people("engineering").ids, expected.ids)

    def test_the_deputy_of_the_salesperson_is_asked(self):
        """K3, B1: sales of an order is its salesperson, or their deputy."""
        self._create_template(["sales", "engineering"])
        self._be_away(self.seller, self.director)
        review = self._request_review(self._create_order())
        opinion = review.opinion_ids.filtered(lambda o: o.role_id == self._role("sales"))
        self.assertEqual(opinion.user_id, self.director)

    def test_a_scope_limits_the_deputy(self):
        """K3: for the roles that were named, and for no role that the absent one has not."""
        self._assign("quality", self.inspector | self.engineer)
        self._be_away(self.engineer, self.director, role_ids=self._role("quality").ids)
        self.assertIn(self.director, self._get_people("quality"))
        self.assertNotIn(self.director, self._get_people("engineering"))
        self.assertNotIn(self.director, self._get_people("production"))
        review = self._request_review(self._create_order())
        with self.assertRaises(AccessError):
            opinion = review.opinion_ids.filtered(lambda o: o.role_id == self._role("engineering"))
            review.record_id.with_user(self.director).action_sign_off(
                {opinion.id: {"answer": "agree", "reason": ""}}, []
            )

    def test_before_and_after_the_deputy_may_not(self):
        """K3: a period begins and ends."""
        self._be_away(self.engineer, self.director, days=(2, 3))
        self._be_away(self.engineer, self.director, days=(-9, -2))
        self.assertNotIn(self.director, self._get_people("engineering"))

    def test_days_are_those_where_the_absent_one_lives(self):
        """K3: midnight of the person's own time zone, to the minute."""
        self.engineer.tz = "Asia/Shanghai"
        self.env["quality.absence"].create(
            {
                "user_id": self.engineer.id,
                "deputy_id": self.director.id,
                "date_from": "2031-03-10",
                "date_to": "2031-03-10",
                "reason": "Visit",
            }
        )
        for moment, is_away in (
            ("2031-03-09 15:59:00", False),
            ("2031-03-09 16:00:00", True),
            ("2031-03-10 15:59:00", True),
            ("2031-03-10 16:00:00", False),
        ):
            with self.subTest(moment), freeze_time(moment):
                self.assertEqual(self.director in self._get_people("engineering"), is_away)

    def test_an_end_that_is_brought_forward_holds_at_once(self):
        """K3: what is kept in memory follows each change."""
        absence = self._be_away(self.engineer, self.director)
        self.assertIn(self.director, self._get_people("engineering"))
        absence.date_to = self.today - timedelta(days=1)
        self.assertNotIn(self.director, self._get_people("engineering"))
        absence.date_to = self.today
        self.assertIn(self.director, self._get_people("engineering"))
        absence.active = False
        self.assertNotIn(self.director, self._get_people("engineering"))
        absence.active = True
        absence.unlink()
        self.assertNotIn(self.director, self._get_people("engineering"))

    def test_a_deputy_of_another_company_stands_in_for_none_there(self):
        """DESIGN: Rights."""
        other = self.env["res.company"].create({"name": "Other Ltd."})
        stranger = self._create_user("stranger", "base.group_user", company=other)
        with self.assertRaises(ValidationError):
            self._be_away(self.engineer, stranger)
        self.engineer.sudo().company_ids |= other
        self._be_away(self.engineer, stranger)
        self.assertNotIn(stranger, self._get_people("engineering"))

    def test_who_may_enter_an_absence(self):
        """K3: the person, their head, or a quality manager."""
        self.engineer.action_create_employee()
        self.producer.action_create_employee()
        department = self.env["hr.department"].create(
            {
                "name": "Technical",
                "company_id": self.company.id,
                "manager_id": self.producer.employee_id.id,
            }
        )
        self.engineer.employee_id.department_id = department
        vals = {
            "user_id": self.engineer.id,
            "deputy_id": self.director.id,
            "reason": "Ill",
        }
        Absence = self.env["quality.absence"]
        for user in (self.engineer, self.producer, self.quality_manager):
            with self.subTest(user.login):
                self.assertTrue(Absence.with_user(user).create(vals))
        absence = Absence.create(vals)
        portal = self._create_user("portal_away", "base.group_portal")
        for user in (self.nobody, self.seller, self.director, self.inspector, portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                Absence.with_user(user).create(vals)
            with self.subTest(user.login), self.assertRaises(AccessError):
                absence.with_user(user).write({"date_to": "2099-01-01"})
            with self.subTest(user.login), self.assertRaises(AccessError):
                absence.with_user(user).unlink()
        with self.assertRaises(AccessError):
            own = Absence.with_user(self.nobody).create({**vals, "user_id": self.nobody.id})
            own.user_id = self.engineer

    @mute_logger("odoo.sql_db")
    def test_days_and_people_make_sense(self):
        """K3: what can't be is refused."""
        with self.assertRaisesRegex(Exception, "quality_absence_days_check"):
            self._be_away(self.engineer, self.director, days=(1, -1))

    @mute_logger("odoo.sql_db")
    def test_nobody_is_their_own_deputy(self):
        """K3: somebody else has to."""
        with self.assertRaisesRegex(Exception, "quality_absence_other_check"):
            self._be_away(self.engineer, self.engineer)

    def test_absences_cost_nothing_where_nobody_is_away(self):
        """DESIGN: kept in memory; one query after a change, none later."""
        roles = self.env["quality.role"].search([])
        roles._get_people(self.company)
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.env["quality.absence"]._get_deputies_by_user(roles[0])
        self.assertEqual(self.env.cr.sql_log_count, before)
