from odoo.http import Request
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_work_page import TestSharedDevice, WorkPageCase


@tagged("post_install", "-at_install")
class TestConditionsAndRisksOnThePage(WorkPageCase):
    """What reviewers choose and note on the signing page."""

    def test_the_condition_says_what_waits_and_who_acts(self):
        """B1: both are chosen on the page, with the company's and the own role proposed."""
        page = self._parse(self._open(self.engineer))
        opinion = self._opinion("engineering")
        chosen = page.xpath(f"//select[@name='hold_{opinion.id}']/option[@selected]/@value")
        self.assertEqual(chosen, ["confirmation"])
        chosen = page.xpath(f"//select[@name='responsible_{opinion.id}']/option[@selected]/@value")
        self.assertEqual(chosen, ["engineering"])
        self._sign_as(
            self.engineer,
            "engineering",
            "condition",
            "New gauge",
            **{f"hold_{opinion.id}": "shipment", f"responsible_{opinion.id}": "production"},
        )
        self.assertEqual(opinion.condition_hold, "shipment")
        self.assertEqual(opinion.condition_role_id.code, "production")

    def test_what_was_chosen_is_shown_again_when_refused(self):
        """B1: nothing is lost: the reason is missing, the choice stays."""
        opinion = self._opinion("engineering")
        response = self._sign_as(
            self.engineer, "engineering", "condition", "", **{f"hold_{opinion.id}": "shipment"}
        )
        self.assertIn("Write the condition", self._get_alert(response))
        chosen = self._parse(response).xpath(
            f"//select[@name='hold_{opinion.id}']/option[@selected]/@value"
        )
        self.assertEqual(chosen, ["shipment"])

    def _note(self, user, **values):
        self.authenticate(user.login, user.login)
        return self.url_open(
            f"/quality/review/{self.review.id}/risk",
            data={
                "csrf_token": Request.csrf_token(self),
                "kind": "technical",
                "description": "New <b>alloy</b>",
                "likelihood": "4",
                "severity": "5",
                "countermeasure": "Trial melt",
                **values,
            },
        )

    def test_a_department_notes_a_risk_and_all_see_it(self):
        """B4: without leaving the page, escaped."""
        response = self._note(self.engineer)
        self.assertEqual(self.review.risk_ids.rating, 20)
        text = self._parse(response).xpath("//div[contains(@class,'o_quality_risks')]")[0]
        self.assertIn("New <b>alloy</b>", text.text_content())
        self.assertIn("Trial melt", self._open(self.producer).text)

    def test_odd_risks_are_refused_and_shown_again(self):
        """B4: off the scale, or without text."""
        for odd in ({"likelihood": "9"}, {"kind": "weather"}, {"description": ""}):
            with self.subTest(odd), mute_logger("odoo.sql_db"):
                response = self._note(self.engineer, **odd)
                self.assertTrue(self._get_alert(response))
                self.assertIn("Trial melt", response.text)
        self.assertFalse(self.review.risk_ids)

    @mute_logger("odoo.http")
    def test_who_is_not_asked_notes_nothing(self):
        """B4: the page refuses like the model."""
        response = self._note(self.director)
        self.assertIn("by the departments that are asked", self._get_alert(response))
        self.assertEqual(self._note(self.nobody).status_code, 404)
        self.assertFalse(self.review.risk_ids)
        page = self._parse(self._open(self.director))
        self.assertFalse(page.xpath("//form[contains(@action, '/risk')]"))


@tagged("post_install", "-at_install")
class TestReviewMeeting(TestSharedDevice):
    """One screen in the meeting: facts, minutes, and a form for each department."""

    def setUp(self):
        super().setUp()
        self.review.with_user(self.seller).action_open_meeting()
        self.meeting = self.review.meeting_ids

    def test_each_department_has_its_form(self):
        """M2: three departments, three forms, each with badge and PIN."""
        page = self._parse(self._open(self.seller, mode="meeting"))
        forms = page.xpath("//form[.//button[contains(@class, 'o_quality_sign')]]")
        self.assertEqual(len(forms), 3)
        for form in forms:
            self.assertTrue(form.xpath(".//input[@name='badge']"))
            self.assertEqual(len(form.xpath(".//fieldset")), 1)
        ids = page.xpath("//*[@id]/@id")
        self.assertEqual(len(ids), len(set(ids)))

    def test_the_next_one_signs_on_the_same_page(self):
        """M2: after a signature the meeting goes on, with the answer shown."""
        page = self._open(self.seller, mode="meeting")
        badge = {"badge": "B4711", "pin": "1234"}
        response = self._post(page, {**self._answer("production"), **badge, "mode": "meeting"})
        self.assertIn("mode=meeting", response.url)
        self.assertEqual(self._opinion("production").signature_id.signer_name, "Wang Li")
        page = self._parse(response)
        self.assertEqual(len(page.xpath("//fieldset")), 2)
        self.assertIn("Wang Li", page.text_content())

    def test_the_minutes_and_who_is_present_are_kept(self):
        """M2: saved, then closed; a closed meeting is not written any more."""
        self.authenticate(self.seller.login, self.seller.login)
        url = f"/quality/meeting/{self.meeting.id}"
        person = self.meeting.attendee_ids[:1]
        data = {
            "csrf_token": Request.csrf_token(self),
            "minutes": "Capacity is there.",
            "guests": "Mr. Li of the customer",
            f"present_{person.id}": "on",
            "present_999999999": "on",
        }
        self.url_open(url, data=data)
        self.assertEqual(self.meeting.minutes, "Capacity is there.")
        self.assertEqual(self.meeting.present_ids, person)
        self.url_open(url, data={**data, "close": "1"})
        self.assertEqual(self.meeting.state, "held")
        response = self.url_open(url, data={**data, "minutes": "Other"})
        self.assertIn("closed", self._get_alert(response))
        self.assertEqual(self.meeting.minutes, "Capacity is there.")

    @mute_logger("odoo.http")
    def test_who_may_not_write_minutes_is_refused(self):
        """M2: reviewers sign, sales and quality lead; strangers find nothing."""
        for user, status in ((self.engineer, 200), (self.nobody, 404)):
            self.authenticate(user.login, user.login)
            response = self.url_open(
                f"/quality/meeting/{self.meeting.id}",
                data={"csrf_token": Request.csrf_token(self), "minutes": "Mine"},
            )
            self.assertEqual(response.status_code, status)
            self.assertFalse(self.meeting.minutes)
        page = self._parse(self._open(self.engineer, mode="meeting"))
        self.assertFalse(page.xpath("//textarea[@name='minutes']"))

    def test_a_shared_device_stays_one_in_the_meeting(self):
        """M1, M2: without badge and PIN the tablet signs nothing."""
        page = self._open(self.tablet, mode="meeting")
        response = self._post(page, {**self._answer("production"), "mode": "meeting"})
        self.assertIn("is shared", self._get_alert(response))
        self.assertEqual(self._opinion("production").state, "open")

    def test_the_page_of_a_notice_knows_no_meeting(self):
        """M2: an unknown mode falls back to signing in turn."""
        meeting_template = type(self.review)._meeting_template
        self.addCleanup(setattr, type(self.review), "_meeting_template", meeting_template)
        type(self.review)._meeting_template = None
        page = self._parse(self._open(self.seller, mode="meeting"))
        self.assertEqual(len(page.xpath("//form[.//button[contains(@class,'o_quality_sign')]]")), 1)
