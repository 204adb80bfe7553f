import base64

from lxml import html

from odoo.tests import Form, HttpCase, tagged

from .common import BASE, QualityCase


@tagged("post_install", "-at_install")
class TestRegistrationPages(QualityCase, HttpCase):
    """What who signs for a drawing or a contract is shown (L1, A5, M5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("customer_quality.template_customer_document").active = True
        cls.lawyer = cls._create_user(
            "lawyer", f"{BASE},customer_quality.group_reviewer,customer_quality.group_price"
        )
        cls._assign("legal", cls.lawyer)

    def _open(self, document, user):
        self.authenticate(user.login, user.login)
        response = self.url_open(f"/quality/work/{document.record_id.id}")
        self.assertEqual(response.status_code, 200, response.text[:500])
        return html.fromstring(response.text)

    def _text(self, page):
        return " ".join(page.text_content().split())

    def _create_contract(self):
        order = self._create_order(7).with_user(self.seller)
        order.action_create_quality_contract()
        contract = order.quality_contract_id
        contract.write(
            {
                "amount": 8641.92,
                "delivery": "In March",
                "draft_file": base64.b64encode(b"We supply."),
                "draft_name": "agreement.txt",
            }
        )
        contract.action_request_legal()
        return contract

    def test_legal_opens_the_file_that_it_signs_on(self):
        """A5: legal reads the file itself, and sees its fingerprint and the amount."""
        contract = self._create_contract()
        page = self._open(contract, self.lawyer)
        self.assertIn("8,641.92", self._text(page))
        self.assertIn(contract.draft_checksum, self._text(page))
        [link] = page.xpath("//a[contains(@href, '/draft_file')]/@href")
        self.assertEqual(self.url_open(link).content, b"We supply.")

    def test_departments_receive_content_and_delivery_without_prices(self):
        """A5, M5: a department's copy names neither amount nor text."""
        contract = self._create_contract()
        self._sign(contract, self.lawyer)
        contract.write(
            {"date_signed": "2026-01-01", "signed_file": base64.b64encode(b"We supply.")}
        )
        contract.action_sign()
        page = self._open(contract, self.producer)
        self.assertIn("In March", self._text(page))
        self.assertNotIn("8,641.92", self._text(page))
        self.assertFalse(page.xpath("//a[contains(@href, '_file')]"))
        self.assertTrue(page.xpath("//input[starts-with(@name, 'receipt_')]"))
        url = f"/web/content/quality.contract/{contract.id}/signed_file"
        self.assertNotIn(b"We supply.", self.url_open(url).content)

    def test_engineering_opens_the_drawing_that_it_reviews(self):
        """L1: number, revision, date received and the file."""
        document = self.env["quality.customer.document"].create(
            {
                "number": "D-100",
                "name": "Housing",
                "partner_id": self.customer.id,
                "company_id": self.company.id,
            }
        )
        revision = (
            self.env["quality.customer.document.revision"]
            .with_user(self.seller)
            .create(
                {
                    "document_id": document.id,
                    "revision": "B",
                    "file": base64.b64encode(b"a drawing"),
                    "file_name": "housing.txt",
                    "note": "Bore is 8 mm",
                }
            )
        )
        revision.action_request_review()
        page = self._open(revision, self.engineer)
        for text in ("D-100", "Housing", "Vehicle Plant", "Bore is 8 mm"):
            self.assertIn(text, self._text(page))
        [link] = page.xpath("//a[contains(@href, '/file?')]/@href")
        self.assertEqual(self.url_open(link).content, b"a drawing")

    def test_readers_of_orders_open_them_without_rights_to_registration(self):
        """Rights: billing and warehouse read an order form as ever."""
        order = self._create_order()
        for login, group in (
            ("billing", "account.group_account_invoice"),
            ("warehouse", "stock.group_stock_user"),
        ):
            user = self._create_user(login, f"{BASE},{group}")
            view = self.env["sale.order"].with_user(user).get_view(view_type="form")
            arch = html.fromstring(view["arch"])
            shown = arch.xpath("//field[not(ancestor::list) and not(ancestor::kanban)]/@name")
            names = [name for name in shown if name in order._fields]
            readable = set(order.with_user(user).fields_get())
            with self.subTest(login):
                self.assertNotIn("quality_schedule_ids", names)
                ours = [n for n in names if n.startswith("quality_") and n in readable]
                order.with_user(user).web_read({name: {} for name in ours})

    def test_the_forms_open_for_who_sees_no_price(self):
        """M5: a form that lacks the amount still opens for its readers."""
        contract = self._create_contract()
        for user in self.inspector | self.producer | self.auditor | self.lawyer:
            with self.subTest(user.login):
                form = Form(contract.with_user(user))
                self.assertEqual(form.title, contract.title)
        head = self._create_user("head_of_sales", f"{BASE},sales_team.group_sale_manager")
        with Form(self.customer.with_user(head)) as form:
            form.quality_profile = "Trucks"
            form.quality_tolerance_under = 2
        self.assertEqual(self.customer.quality_profile, "Trucks")

    def test_a_revision_is_registered_on_its_form(self):
        """L1: from the document, with its file."""
        with Form(self.env["quality.customer.document"].with_user(self.seller)) as form:
            form.number = "D-7"
            form.name = "Cover"
            form.partner_id = self.customer
        action = form.record.action_register_revision()
        revisions = self.env[action["res_model"]].with_user(self.seller)
        with Form(revisions.with_context(**action["context"])) as form:
            form.revision = "A"
            form.file = base64.b64encode(b"drawing")
        self.assertEqual(form.record.document_number, "D-7")
        self.assertTrue(form.record.checksum)
