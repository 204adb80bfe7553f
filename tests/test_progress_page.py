from datetime import timedelta

from lxml import html

from odoo.http import Request
from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from .common import BASE
from .progress_common import WEDNESDAY, ProgressCase

URL = "/quality/progress"


@tagged("post_install", "-at_install")
class TestProgressPage(ProgressCase, HttpCase):
    """The page on which a workshop files its report, on a phone (D2)."""

    def setUp(self):
        super().setUp()
        self.notice, self.production = self._start_order(10)

    def _open(self, user, **params):
        self.authenticate(user.login, user.login)
        return self.url_open(URL, params=params)

    def _parse(self, response):
        self.assertEqual(response.status_code, 200, response.text[:500])
        return html.fromstring(response.text)

    def _text(self, response):
        return " ".join(self._parse(response).text_content().split())

    def _post(self, response, values, button="o_quality_file"):
        """Press a button of the page with these values, as a browser would."""
        page = self._parse(response)
        [form] = page.xpath(f"//form[.//button[contains(@class, '{button}')]]")
        hidden = {
            node.get("name"): node.get("value") for node in form.xpath(".//input[@type='hidden']")
        }
        [pressed] = form.xpath(f".//button[contains(@class, '{button}')]")
        if pressed.get("name"):
            hidden[pressed.get("name")] = pressed.get("value")
        return self.url_open(URL, data={**hidden, **values})

    def _report(self):
        return self._find("quality.progress.report")

    def test_filed_from_the_page(self):
        """D2: what is open stands there; one figure and one click file the report."""
        page = self._open(self.welder)
        self.assertIn(self.production.name, page.text)
        self.assertIn(self.notice.name, page.text)
        answer = self._post(page, {f"done_{self.production.id}": "4"})
        self.assertIn("Thank you", self._text(answer))
        self.assertEqual((self._report().state, self._report().line_ids.done), ("filed", 4))
        self.assertIn("Filed by", self._text(self._open(self.welder)))

    def test_one_click_says_no_change(self):
        """D2: nothing has to be typed to say that nothing has changed."""
        self._post(self._open(self.welder), {}, "o_quality_unchanged")
        self.assertTrue(self._report().is_unchanged)

    def test_what_was_typed_survives_a_refusal(self):
        """D2: the sentence says what is wrong, and everything stands there again."""
        key = self.production.id
        answer = self._post(
            self._open(self.welder),
            {
                f"done_{key}": "many",
                f"problem_{key}": "on",
                f"text_{key}": "No <b>gas</b>",
                "note": "Two ill",
            },
        )
        page = self._parse(answer)
        self.assertIn("many", page.xpath("//div[@role='alert']")[0].text_content())
        self.assertEqual(page.xpath(f"//input[@id='done_{key}']")[0].get("value"), "many")
        self.assertTrue(page.xpath(f"//input[@id='problem_{key}']")[0].get("checked"))
        texts = [node.text for node in page.xpath("//textarea")]
        self.assertEqual(texts, ["No <b>gas</b>", "Two ill"])
        self.assertFalse(self._report())

    def test_missing_days_are_offered(self):
        """D2: who opens the page sees in red what is still missing, and files it."""
        self._run_cron("ir_cron_progress_report")
        with freeze_time(WEDNESDAY + timedelta(days=1)):
            page = self._open(self.welder)
            [link] = self._parse(page).xpath("//a[contains(@href, 'day=2031-03-05')]")
            answer = self.url_open(link.get("href"))
            self.assertIn("Done that day", self._text(answer))
            self._post(answer, {f"done_{self.production.id}": "4"})
        self.assertEqual(self._report().date, WEDNESDAY.date())
        self.assertTrue(self._report().is_late)

    def test_each_workshop_in_turn(self):
        """D2: who belongs to two workshops is led to the one that has not filed."""
        paint = self.env["hr.department"].create(
            {
                "name": "Paint",
                "company_id": self.company.id,
                "manager_id": self.welder.employee_id.id,
            }
        )
        self.env["quality.workshop"].create({"department_id": paint.id, "sequence": 99})
        answer = self._post(self._open(self.welder), {f"done_{self.production.id}": "4"})
        self.assertIn("Paint ·", self._text(answer))

    def test_a_shared_device_asks_for_badge_and_pin(self):
        """D2, M1: the terminal files for the person whose badge and PIN are given."""
        terminal = self._create_user("terminal", BASE)
        terminal.quality_shared_login = True
        self.welder.employee_id.write({"barcode": "W7", "pin": "4711"})
        page = self._open(terminal)
        self.assertTrue(self._parse(page).xpath("//input[@name='badge']"))
        values = {f"done_{self.production.id}": "4", "badge": "W7"}
        wrong = self._post(page, {**values, "pin": "1111"})
        self.assertIn("do not belong together", self._text(wrong))
        self.assertFalse(self._parse(wrong).xpath("//input[@value='1111' or @value='W7']"))
        self._post(page, {**values, "pin": "4711"})
        self.assertEqual(self._report().signature_id.device_login, terminal.login)

    def test_the_password_policy_holds(self):
        """D2, M1: where each signature takes the password, filing does."""
        self.company.quality_password_policy = "each"
        page = self._open(self.welder)
        values = {f"done_{self.production.id}": "4"}
        self._post(page, values)
        self.assertFalse(self._report())
        self._post(page, {**values, "password": self.welder.login})
        self.assertTrue(self._report())

    @mute_logger("odoo.http")
    def test_who_has_no_part_in_it_sees_and_files_nothing(self):
        """D2: other departments, customers, other companies, made-up numbers and days."""
        page = self._open(self.nobody)
        self.assertIn("You belong to no workshop", self._text(page))
        self.assertNotIn(self.production.name, page.text)
        values = {"workshop": self.workshop.id, "unchanged": "1"}
        for user in (self.nobody, self._create_user("portal_buyer", "base.group_portal")):
            self.assertEqual(self._open(user, workshop=self.workshop.id).status_code, 404)
            values["csrf_token"] = Request.csrf_token(self)
            self.assertEqual(self.url_open(URL, data=values).status_code, 404)
        for params in ({"workshop": "x"}, {"workshop": "0"}, {"day": "soon"}):
            self.assertEqual(self._open(self.welder, **params).status_code, 404)
        self.assertFalse(self._report())

    def test_a_visitor_is_asked_to_log_in(self):
        """M1: nobody files without being known."""
        response = self.url_open(URL, allow_redirects=False)
        self.assertEqual(response.status_code, 303)
        self.assertIn("/web/login", response.headers["Location"])

    def test_a_form_sent_twice_is_told_so(self):
        """D2: the second click does no harm."""
        page = self._open(self.welder)
        values = {f"done_{self.production.id}": "4"}
        self._post(page, values)
        self.assertIn("filed already", self._text(self._post(page, values)))
        self.assertEqual(len(self._report()), 1)
