import re

from lxml import html

from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import BASE, QualityCase

PRICE, SUBTOTAL = "1,234.56", "8,641.92"
SCRIPT = "<script>alert(1)</script>"


class WorkPageCase(QualityCase, HttpCase):
    """A review of seven machines at a price that is easily found in a page."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.list_price = 1234.56
        cls.order = cls._create_order(7)
        cls.order.with_user(cls.seller).action_request_quality_review()
        cls.review = cls.order.quality_review_id
        cls.url = f"/quality/work/{cls.review.record_id.id}"

    def _opinion(self, code):
        return self.review.opinion_ids.filtered(lambda o: o.role_id.code == code)

    def _open(self, user, **params):
        """Log in and return the page as the server answers it."""
        self.authenticate(user.login, user.login)
        return self.url_open(self.url, params=params)

    def _parse(self, response):
        self.assertEqual(response.status_code, 200, response.text[:500])
        return html.fromstring(response.text)

    def _texts(self, page, path):
        return [" ".join(node.text_content().split()) for node in page.xpath(path)]

    def _get_alert(self, response):
        """Return the sentence that says why the page refuses."""
        return " ".join(self._texts(self._parse(response), "//div[@role='alert']"))

    def _post(self, response, values, files=None):
        """Send the form of a page with these values, as a browser would.

        :param values: dict of field → value
        """
        form = self._parse(response).xpath("//form[@method='post']")[0]
        hidden = {
            node.get("name"): node.get("value") for node in form.xpath(".//input[@type='hidden']")
        }
        return self.url_open(self.url, data={**hidden, **values}, files=files or {"none": ""})

    def _answer(self, code, answer="agree", reason=""):
        opinion = self._opinion(code)
        return {f"answer_{opinion.id}": answer, f"reason_{opinion.id}": reason}

    def _sign_as(self, user, code, answer="agree", reason="", **values):
        return self._post(self._open(user), {**self._answer(code, answer, reason), **values})


@tagged("post_install", "-at_install")
class TestWhoSeesThePage(WorkPageCase):
    def test_a_reviewer_is_shown_their_own_question_only(self):
        """M3: one page with what this person owes."""
        page = self._parse(self._open(self.engineer))
        self.assertEqual(
            self._texts(page, "//fieldset//legend"), ["Engineering Can engineering keep it?"]
        )
        self.assertIn(self.review.name, page.xpath("//h1")[0].text_content())

    def test_who_holds_two_roles_answers_both_on_one_page(self):
        """M3: one page, one click, and one signature per role."""
        self._assign("quality", self.engineer)
        values = self._answer("engineering") | self._answer("quality")
        self._post(self._open(self.engineer), values)
        signatures = (self._opinion("engineering") | self._opinion("quality")).signature_id
        self.assertEqual(sorted(signatures.mapped("role_code")), ["engineering", "quality"])

    def test_a_visitor_is_asked_to_log_in(self):
        """M1: nobody signs without being known."""
        response = self.url_open(self.url, allow_redirects=False)
        self.assertEqual(response.status_code, 303)
        self.assertIn("/web/login", response.headers["Location"])
        self.assertIn("quality%2Fwork", response.headers["Location"])

    @mute_logger(
        "odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access"
    )
    def test_who_has_no_part_in_it_finds_nothing(self):
        """B1: neither colleagues outside the procedure, customers nor other companies."""
        company = self.env["res.company"].create({"name": "Somebody Else"})
        reviewer = f"{BASE},customer_quality.group_reviewer"
        strangers = (
            self.nobody,
            new_test_user(self.env, "customer", groups="base.group_portal"),
            self._create_user("stranger", reviewer, company=company),
        )
        for user in strangers:
            with self.subTest(user.login):
                response = self._open(user)
                self.assertEqual(response.status_code, 404)
                self.assertNotIn(self.review.name, response.text)
                self.assertNotIn(self.order.name, response.text)

    @mute_logger("odoo.http")
    def test_who_has_no_part_in_it_signs_nothing(self):
        """B1: a form sent by hand is refused like the page."""
        self.authenticate(self.nobody.login, self.nobody.login)
        values = {**self._answer("engineering"), "csrf_token": Request.csrf_token(self)}
        self.assertEqual(self.url_open(self.url, data=values).status_code, 404)
        self.assertEqual(self._opinion("engineering").state, "open")

    @mute_logger("odoo.http")
    def test_another_record_number_is_not_found(self):
        """B1: what does not exist looks like what is not shown."""
        self.authenticate(self.engineer.login, self.engineer.login)
        self.assertEqual(self.url_open("/quality/work/999999999").status_code, 404)


@tagged("post_install", "-at_install")
class TestPrices(WorkPageCase):
    def test_departments_see_no_price(self):
        """M5: neither price nor amount is in the page at all."""
        for user in (self.engineer, self.producer, self.inspector, self.quality_manager):
            with self.subTest(user.login):
                text = self._open(user).text
                self.assertIn(self.review.name, text)
                for amount in (PRICE, SUBTOTAL, "1234.56", "8641.92"):
                    self.assertNotIn(amount, text)

    def test_sales_and_management_see_the_amounts(self):
        """M5: they decide on them."""
        for user in (self.seller, self.director):
            with self.subTest(user.login):
                self.assertIn(SUBTOTAL, self._open(user).text)


@tagged("post_install", "-at_install")
class TestSigning(WorkPageCase):
    def test_agreeing_signs_and_says_thank_you(self):
        """B1: the answer is signed with the own login; the page names who signed."""
        response = self._sign_as(self.engineer, "engineering")
        self.assertTrue(response.url.endswith("?done=1"))
        page = self._parse(response)
        self.assertIn("Signed. Thank you.", page.text_content())
        self.assertFalse(page.xpath("//button[contains(@class, 'o_quality_sign')]"))
        opinion = self._opinion("engineering")
        self.assertEqual((opinion.state, opinion.answer), ("done", "agree"))
        self.assertEqual(opinion.signature_id.way, "login")
        self.assertIn(self.engineer.name, " ".join(self._texts(page, "//li")))

    def test_the_next_document_is_offered(self):
        """M3: after signing, the next one is one click away."""
        other = self._create_order(3)
        other.with_user(self.seller).action_request_quality_review()
        page = self._parse(self._sign_as(self.engineer, "engineering"))
        record = other.quality_review_id.record_id
        self.assertIn(f"/quality/work/{record.id}", page.xpath("//div[@role='status']//a/@href"))

    def test_what_was_typed_survives_a_refusal(self):
        """B1: a missing reason is asked for, and the rest of the form is still there."""
        self._assign("quality", self.engineer)
        values = self._answer("engineering", "object") | self._answer(
            "quality", "condition", "Only with a new gauge"
        )
        response = self._post(self._open(self.engineer), values)
        self.assertIn("Write the condition or the reason", self._get_alert(response))
        page = self._parse(response)
        self.assertIn("Only with a new gauge", self._texts(page, "//textarea"))
        checked = page.xpath("//input[@type='radio'][@checked]/@value")
        self.assertEqual(sorted(checked), ["condition", "object"])
        self.assertEqual(set(self.review.opinion_ids.mapped("state")), {"open"})
        self.assertFalse(any(self.review.opinion_ids.mapped("answer")))

    def test_an_empty_form_is_refused(self):
        """B1: nothing chosen is nothing signed."""
        response = self._post(self._open(self.engineer), {})
        self.assertIn("Choose an answer", self._get_alert(response))

    def test_nonsense_is_refused_with_a_sentence(self):
        """B1: answers that don't exist, ids that are none, ids of others."""
        response = self._sign_as(self.engineer, "engineering", "whatever")
        self.assertIn("Choose agree", self._get_alert(response))
        response = self._post(self._open(self.engineer), {"answer_²": "agree"})
        self.assertIn("Choose an answer", self._get_alert(response))
        response = self._sign_as(self.engineer, "production")
        self.assertIn("does not act for Production", self._get_alert(response))
        self.assertEqual(set(self.review.opinion_ids.mapped("state")), {"open"})

    def test_a_form_sent_twice_signs_once(self):
        """B1: a double click or a second tab gets a sentence, not a second signature."""
        page = self._open(self.engineer)
        self._post(page, self._answer("engineering"))
        signature = self._opinion("engineering").signature_id
        response = self._post(page, self._answer("engineering", "object", "Too late"))
        self.assertIn("There is nothing left to sign here", self._get_alert(response))
        self.assertEqual(self._opinion("engineering").signature_id, signature)
        self.assertEqual(self._opinion("engineering").answer, "agree")

    @mute_logger("odoo.http")
    def test_a_form_from_another_site_is_refused(self):
        """M1: without the token of the page nothing is signed."""
        self.authenticate(self.engineer.login, self.engineer.login)
        response = self.url_open(self.url, data=self._answer("engineering"))
        self.assertEqual(response.status_code, 400)
        self.assertEqual(self._opinion("engineering").state, "open")

    def test_what_somebody_writes_is_text(self):
        """B1: a reason can't bring a script into others' pages, nor into the own form."""
        response = self._sign_as(self.engineer, "engineering", "whatever", SCRIPT)
        self.assertNotIn(SCRIPT, response.text)
        self.assertIn(SCRIPT, self._texts(self._parse(response), "//textarea"))
        self._sign_as(self.engineer, "engineering", "condition", SCRIPT)
        response = self._open(self.producer)
        self.assertNotIn(SCRIPT, response.text)
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;", response.text)

    def test_an_objection_shows_to_the_next_reader(self):
        """B6: what a department objects to is read by all."""
        self._sign_as(self.engineer, "engineering", "object", "No drawing")
        self.assertEqual(self.review.state, "objected")
        items = " ".join(self._texts(self._parse(self._open(self.producer)), "//li"))
        self.assertIn("No drawing", items)

    def test_a_changed_order_shows_before_signing(self):
        """B6: the reviewer is told that sales has to revise it."""
        self.order.order_line.product_uom_qty = 9
        self.assertIn("The order was changed", self._get_alert(self._open(self.engineer)))


@tagged("post_install", "-at_install")
class TestPassword(WorkPageCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.quality_password_policy = "each"

    def _get_password(self, user):
        """Return the password that the test framework gave to the user."""
        return user.login.ljust(8, "x")

    def _has_password_field(self, response):
        return bool(self._parse(response).xpath("//input[@name='password']"))

    def test_each_signature_takes_the_password(self):
        """M1: the field is there; a wrong or no password signs nothing; the right one does."""
        self.assertTrue(self._has_password_field(self._open(self.engineer)))
        with mute_logger("odoo.addons.base.models.res_users"):
            wrong = self._sign_as(self.engineer, "engineering", password="guess")
        self.assertIn("The password is wrong", self._get_alert(wrong))
        self.assertNotIn("guess", wrong.text)
        missing = self._sign_as(self.engineer, "engineering")
        self.assertIn("Give your password", self._get_alert(missing))
        self.assertEqual(self._opinion("engineering").state, "open")
        self._sign_as(self.engineer, "engineering", password=self._get_password(self.engineer))
        self.assertEqual(self._opinion("engineering").state, "done")

    def test_a_password_is_taken_as_it_is(self):
        """M1: spaces at its ends belong to it."""
        self.engineer.password = " two words "
        self._sign_as(self.engineer, "engineering", password=" two words ")
        self.assertEqual(self._opinion("engineering").state, "done")

    def test_a_recent_password_is_enough_where_the_company_says_so(self):
        """M1: within ten minutes it is not asked for again."""
        self.company.quality_password_policy = "recent"
        self._assign("quality", self.engineer)
        page = self._open(self.engineer)
        self.assertTrue(self._has_password_field(page))
        self._post(
            page, {**self._answer("engineering"), "password": self._get_password(self.engineer)}
        )
        page = self.url_open(self.url)
        self.assertFalse(self._has_password_field(page))
        self._post(page, self._answer("quality"))
        self.assertEqual(self._opinion("quality").state, "done")


@tagged("post_install", "-at_install")
class TestSharedDevice(WorkPageCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = cls.env["hr.employee"].create(
            {
                "name": "Wang Li",
                "company_id": cls.company.id,
                "barcode": "B4711",
                "quality_employee_number": "0815",
                "pin": "1234",
                "user_id": cls.producer.id,
            }
        )
        reviewer = f"{BASE},customer_quality.group_reviewer"
        cls.tablet = cls._create_user("workshop", reviewer)
        cls.tablet.quality_shared_login = True

    def setUp(self):
        super().setUp()
        self.addCleanup(self.env["quality.pin.attempt"]._forget, self.employee)

    def test_badge_or_number_and_pin_sign_on_a_shared_device(self):
        """M1: the signature is the person's, and names the device."""
        for number, code in (("B4711", "production"), ("0815", "quality")):
            with self.subTest(number):
                self._assign(code, self.producer)
                self._sign_as(self.tablet, code, badge=number, pin="1234")
                signature = self._opinion(code).signature_id
                self.assertEqual((signature.way, signature.signer_name), ("shared", "Wang Li"))
                self.assertEqual(signature.device_login, self.tablet.login)

    def test_a_shared_login_signs_nothing_by_itself(self):
        """M1: without a PIN, or with a wrong one, a sentence."""
        response = self._sign_as(self.tablet, "production")
        self.assertIn("is shared", self._get_alert(response))
        response = self._sign_as(self.tablet, "production", badge="B4711", pin="9999")
        self.assertIn("do not belong together", self._get_alert(response))
        self.assertNotIn("9999", response.text)
        self.assertEqual(self._opinion("production").state, "open")

    def test_the_page_of_a_shared_device_asks_for_badge_and_pin(self):
        """M1, M2: all open questions are shown, for those present to sign in turn."""
        page = self._parse(self._open(self.tablet))
        self.assertTrue(page.xpath("//input[@name='badge']") and page.xpath("//input[@name='pin']"))
        self.assertEqual(len(page.xpath("//fieldset")), 3)

    def test_those_present_sign_in_turn_on_one_screen(self):
        """M2: on a colleague's login, too; after each one the page is ready for the next."""
        page = self._parse(self._open(self.inspector))
        [link] = page.xpath("//a[contains(@href, 'mode=shared')]/@href")
        self.assertTrue(link.startswith(self.url))
        badge = {"badge": "B4711", "pin": "1234"}
        page = self._open(self.inspector, mode="shared")
        page = self._post(page, {**self._answer("production"), **badge})
        self.assertEqual(self._opinion("production").signature_id.signer_name, "Wang Li")
        self._assign("engineering", self.producer)
        self._post(page, {**self._answer("engineering"), **badge})
        signature = self._opinion("engineering").signature_id
        self.assertEqual((signature.way, signature.device_login), ("shared", self.inspector.login))

    def test_a_badge_signs_for_its_own_role_only(self):
        """M1: a PIN says who one is, not what one may."""
        response = self._sign_as(self.tablet, "quality", badge="B4711", pin="1234")
        self.assertIn("Wang Li does not act for Quality", self._get_alert(response))


@tagged("post_install", "-at_install")
class TestEnteredForSomebody(WorkPageCase):
    def _enter(self, code, name, files=None, user=None):
        page = self._open(user or self.inspector, mode="entered")
        people = {
            node.text_content().strip(): node.get("value")
            for node in self._parse(page).xpath("//select[@name='entered_for']/option")
        }
        values = {**self._answer(code), "entered_for": people.get(name, name)}
        return self._post(page, values, files)

    def test_a_paper_is_entered_with_its_photo(self):
        """M1: shown as entered by X for Y, never as Y's own; the photo is kept."""
        photo = {"evidence": ("slip.jpg", b"%PDF-1.4 a photo of the paper", "image/jpeg")}
        self._enter("production", self.producer.name, photo)
        opinion = self._opinion("production")
        self.assertEqual(opinion.state, "done")
        self.assertEqual(opinion.signature_id.way, "entered")
        self.assertEqual(opinion.signature_id.evidence_name, "slip.jpg")
        attachment = self.env["ir.attachment"].browse(opinion.signature_id.evidence_attachment_id)
        self.assertEqual(attachment.raw, b"%PDF-1.4 a photo of the paper")
        items = " ".join(self._texts(self._parse(self.url_open(self.url)), "//li"))
        sentence = f"entered by {self.inspector.name} for {self.producer.name}"
        self.assertIn(sentence, items)

    def test_a_worker_without_login_is_among_the_names(self):
        """M1: paper is for those who have no login."""
        department = self.env["hr.department"].create(
            {"name": "Workshop", "company_id": self.company.id}
        )
        department.manager_id = self.env["hr.employee"].create(
            {"name": "Zhao Gang", "company_id": self.company.id}
        )
        self._assign("production", self.env["res.users"]).department_id = department
        photo = {"evidence": ("slip.jpg", b"%PDF-1.4 a photo of the paper", "image/jpeg")}
        self._enter("production", "Zhao Gang", photo)
        signature = self._opinion("production").signature_id
        self.assertEqual(signature.signer_name, "Zhao Gang")

    def test_without_a_photo_nothing_is_entered(self):
        """M1: the paper has to be seen."""
        response = self._enter("production", self.producer.name)
        self.assertIn("Add a photo or scan", self._get_alert(response))
        self.assertEqual(self._opinion("production").state, "open")

    def test_only_who_acts_for_the_role_is_entered(self):
        """M1: neither an invented name nor somebody else's."""
        photo = {"evidence": ("slip.jpg", b"%PDF-1.4 a photo of the paper", "image/jpeg")}
        for name in ("Mister X", self.engineer.name):
            with self.subTest(name):
                response = self._enter("production", name, photo)
                self.assertIn("does not act for Production", self._get_alert(response))

    def test_an_invented_name_does_not_sign_for_a_role_without_people(self):
        """M1: nobody was asked, so nobody in particular is not the one who was asked."""
        opinion = self._opinion("production")
        opinion.user_id = False
        self._assign("production", self.env["res.users"])
        opinion.role_id.group_id = False
        photo = {"evidence": ("slip.jpg", b"%PDF-1.4 a photo of the paper", "image/jpeg")}
        response = self._enter("production", "Mister X", photo)
        self.assertIn("does not act for Production", self._get_alert(response))

    def test_decisions_are_not_entered_for_anybody(self):
        """M1: conclusion and approval are signed by the person."""
        self._sign(self.review, self.engineer, "condition", "With a new drawing")
        self._sign(self.review, self.producer)
        self._sign(self.review, self.inspector)
        self.assertEqual(self.review.state, "decision")
        page = self._parse(self._open(self.inspector, mode="entered"))
        self.assertFalse(page.xpath("//fieldset"))


@tagged("post_install", "-at_install")
class TestReceipts(WorkPageCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.quality_notice_on_confirm = True
        cls.order.with_user(cls.seller).action_confirm()
        cls.notice = cls.env["quality.production.notice"].search([("order_id", "=", cls.order.id)])
        cls.url = f"/quality/work/{cls.notice.record_id.id}"

    def _receipt(self, code):
        return self.notice.acknowledgement_ids.filtered(lambda a: a.role_id.code == code)

    def test_one_click_confirms_receipt(self):
        """D1, M2: the box is ticked already; who received it shows at once."""
        page = self._open(self.producer)
        box = f"receipt_{self._receipt('production').id}"
        self.assertTrue(self._parse(page).xpath(f"//input[@name='{box}'][@checked]"))
        response = self._post(page, {box: "on"})
        self.assertEqual(self._receipt("production").state, "done")
        items = " ".join(self._texts(self._parse(response), "//li"))
        self.assertRegex(items, "Production received " + re.escape(self.producer.name))

    def test_a_notice_names_goods_and_no_price(self):
        """M5, D1: for nobody, not even for sales."""
        for user in (self.producer, self.director):
            with self.subTest(user.login):
                text = self._open(user).text
                self.assertIn("Machine", text)
                self.assertNotIn(SUBTOTAL, text)

    def test_a_receipt_signed_twice_is_refused(self):
        """D1: the second one gets a sentence."""
        page = self._open(self.producer)
        values = {f"receipt_{self._receipt('production').id}": "on"}
        self._post(page, values)
        self.assertIn("nothing left to sign", self._get_alert(self._post(page, values)))
