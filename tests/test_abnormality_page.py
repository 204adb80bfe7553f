from lxml import html

from odoo.tests import HttpCase, tagged

from .abnormality_common import AbnormalityCase
from .test_abnormality import PIXEL


@tagged("post_install", "-at_install")
class TestAbnormalityPage(AbnormalityCase, HttpCase):
    """D7, M2: reported by phone, also on a tablet that several people share."""

    def _open(self, user, path="new", **params):
        self.authenticate(user.login, user.login)
        return self.url_open(f"/quality/abnormality/{path}", params=params)

    def _parse(self, response):
        self.assertEqual(response.status_code, 200, response.text[:500])
        return html.fromstring(response.text)

    def _post(self, response, values, files=None, form=0):
        """Send a form of a page with these values, as a browser would."""
        node = self._parse(response).xpath("//form[@method='post']")[form]
        hidden = {
            field.get("name"): field.get("value") or ""
            for field in node.xpath(".//input[@type='hidden']")
        }
        url = response.url.split("?")[0]
        return self.url_open(url, data={**hidden, **values}, files=files or {"none": ""})

    def _alert(self, response):
        nodes = self._parse(response).xpath("//div[@role='alert']")
        return " ".join(" ".join(node.text_content().split()) for node in nodes)

    def _last(self):
        return self.env["quality.abnormality"].search([], limit=1)

    def _share(self, user, number="4711"):
        """Let ``user`` be the login of a tablet, and return somebody with badge and PIN."""
        user.quality_shared_login = True
        return self.env["hr.employee"].create(
            {
                "name": "Wanda Worker",
                "company_id": self.company.id,
                "quality_employee_number": number,
                "pin": "1357",
            }
        )

    def test_reported_with_photos_from_the_work_order(self):
        """D7: the button leads to a page that knows the place; photos come from the camera."""
        url = self.workorder.with_user(self.worker).action_report_quality_abnormality()["url"]
        self.assertEqual(url, f"/quality/abnormality/new?workorder={self.workorder.id}")
        page = self._open(self.worker, workorder=self.workorder.id)
        self.assertIn("Mill", page.text)
        self.assertIn(self.production.name, page.text)
        camera = self._parse(page).xpath("//input[@type='file']")[0]
        self.assertEqual(camera.get("capture"), "environment")
        response = self._post(
            page,
            {"kind": "equipment", "description": "Spindle", "is_stopped": "on", "quantity": "2,5"},
            [("photos", ("a.png", PIXEL, "image/png")), ("photos", ("b.png", PIXEL, "image/png"))],
        )
        sheet = self._last()
        self.assertIn(sheet.name, response.text)
        self.assertEqual(sheet.production_id, self.production)
        self.assertEqual(sheet.workcenter_id, self.workcenter)
        self.assertEqual((sheet.quantity, sheet.is_standing), (2.5, True))
        self.assertEqual(len(sheet.photo_ids), 2)
        self.assertEqual(set(sheet.photo_ids.mapped("res_id")), {sheet.id})
        self.assertEqual(sheet.reporter_id, self.worker)
        self.assertEqual(sheet.acknowledgement_ids.user_id, self.producer)

    def test_what_is_refused_is_shown_again(self):
        """M2: nothing typed is lost, and nothing half reported stays."""
        page = self._open(self.worker, production=self.production.id)
        before = self.env["quality.abnormality"].search_count([])
        for values, files, said in (
            ({"description": "Bore"}, None, "what it is about"),
            ({"kind": "quality", "description": " "}, None, "what happened"),
            ({"kind": "quality", "description": "Bore", "quantity": "two"}, None, "number"),
            ({"kind": "quality", "description": "Bore", "quantity": "nan"}, None, "number"),
            (
                {"kind": "quality", "description": "Bore"},
                [("photos", ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg"))],
                "image or a PDF",
            ),
        ):
            with self.subTest(said):
                response = self._post(page, values, files)
                self.assertIn(said, self._alert(response))
                self.assertIn(values["description"].strip(), response.text)
        self.assertEqual(self.env["quality.abnormality"].search_count([]), before)

    def test_a_shared_tablet_asks_for_badge_and_pin(self):
        """M1, D7: the report names the person, not the device."""
        employee = self._share(self.worker)
        page = self._open(self.worker, production=self.production.id)
        values = {"kind": "quality", "description": "Burr"}
        self.assertIn("shared", self._alert(self._post(page, values)))
        wrong = self._post(page, {**values, "badge": "4711", "pin": "0000"})
        self.assertIn("do not belong together", self._alert(wrong))
        self._post(page, {**values, "badge": "4711", "pin": "1357"})
        sheet = self._last()
        self.assertEqual(sheet.reporter_name, "Wanda Worker")
        self.assertEqual(sheet.reporter_employee_id, employee.id)
        self.assertFalse(sheet.reporter_id)

    def test_the_next_steps_on_the_tablet(self):
        """D7, M1: remedied and confirmed with badge and PIN, by whom it concerns only."""
        employee = self._share(self.worker)
        department = self.env["hr.department"].create(
            {"name": "Inspection", "company_id": self.company.id}
        )
        head = self.env["hr.employee"].create(
            {
                "name": "Ina Inspector",
                "company_id": self.company.id,
                "quality_employee_number": "4712",
                "pin": "2468",
            }
        )
        department.manager_id = head
        self._assign("quality", self.env["res.users"]).department_id = department
        own, other = {"badge": "4711", "pin": "1357"}, {"badge": "4712", "pin": "2468"}
        page = self._open(self.worker, production=self.production.id)
        self._post(page, {"kind": "quality", "description": "Burr", "is_stopped": "on", **own})
        sheet = self._last()
        sheet.record_id.with_user(self.worker).action_sign_off(
            {}, sheet.acknowledgement_ids.ids, other
        )
        self.assertEqual(sheet.state, "received")
        page = self._open(self.worker, sheet.id)
        refused = self._post(page, {"remedy": "Deburred", **own})
        self.assertIn("does not act", self._alert(refused))
        page = self._post(page, {"remedy": "Deburred", **other})
        self.assertEqual((sheet.state, sheet.remedied_by), ("remedied", "Ina Inspector"))
        page = self._post(page, own)  # the line runs again
        self.assertFalse(sheet.is_standing)
        self._post(page, own)
        self.assertEqual((sheet.state, sheet.closed_by), ("closed", employee.name))

    def test_receipt_is_signed_on_the_signing_page(self):
        """D7, M2: one click for the department; what is wrong is on the page."""
        sheet = self._report()
        self.authenticate(self.inspector.login, self.inspector.login)
        response = self.url_open(f"/quality/work/{sheet.record_id.id}")
        self.assertIn("Bore too wide", response.text)
        self._post(response, {f"receipt_{sheet.acknowledgement_ids.id}": "on"})
        self.assertEqual(sheet.state, "received")
        page = self._open(self.inspector, sheet.id)
        self._post(page, {"remedy": "Reamed"})
        self.assertEqual(sheet.remedied_by, self.inspector.name)
        page = self._open(self.worker, sheet.id)
        self._post(page, {"reason": "Still too wide"}, form=1)
        self.assertEqual((sheet.state, sheet.reopen_count), ("received", 1))

    def test_who_may_not_sees_nothing(self):
        """Rights: pages of others, of other places and of things that are not there."""
        sheet = self._report()
        for user in (self.nobody, self.auditor):
            with self.subTest(user.login):
                self.assertEqual(self._open(user).status_code, 404)
        self.assertEqual(self._open(self.nobody, sheet.id).status_code, 404)
        for params in ({"production": 999999999}, {"workorder": 999999999}):
            with self.subTest(params):
                self.assertEqual(self._open(self.worker, **params).status_code, 404)
        self.assertEqual(self._open(self.worker, production="1e9; DROP").status_code, 200)
        self.assertEqual(self._open(self.worker, 2**31 - 2).status_code, 404)
        other = self.env["res.company"].create({"name": "Elsewhere Ltd."})
        groups = "base.group_user,mrp.group_mrp_user"
        stranger = self._create_user("stranger", groups, other)
        for path, params in ((sheet.id, {}), ("new", {"production": self.production.id})):
            with self.subTest(path):
                self.assertEqual(self._open(stranger, path, **params).status_code, 404)
