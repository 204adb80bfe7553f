from odoo.tests import HttpCase, tagged

from .notice_common import NoticeCase


@tagged("post_install", "-at_install")
class TestNoticeCheck(NoticeCase, HttpCase):
    """The page behind the QR code on a paper copy."""

    def setUp(self):
        super().setUp()
        self.notice = self._confirm(self._create_order(5))
        self.copy = self.env["quality.production.notice.copy"]._print_for(
            self.notice, self._role("production")
        )

    def _open(self, token=None):
        return self.url_open(f"/quality/check/{token or self.copy.token}")

    def test_valid(self):
        """C2: without login, a copy in force is valid."""
        page = self._open()
        self.assertEqual(page.status_code, 200)
        self.assertIn("Valid", page.text)
        self.assertNotIn("VOID", page.text)
        self.assertIn(self.notice.name, page.text)
        self.assertNotIn("/quality/work/", page.text)

    def test_says_no_more(self):
        """C2, M5: no price, no customer and no product without login."""
        page = self._open().text
        for secret in (self.customer.name, self.product.name, self.notice.order_id.name, "100.0"):
            self.assertNotIn(secret, page)

    def test_void(self):
        """C2: a void copy says so, and what replaces it."""
        order = self.notice.order_id
        self._cancel(order)
        self.assertIn("VOID", self._open().text)
        order.with_user(self.seller).action_draft()
        revision = self._confirm(order) - self.notice
        page = self._open().text
        self.assertIn("VOID", page)
        self.assertIn(f"Replaced by: {revision.name}", " ".join(page.split()))

    def test_unknown(self):
        """C2: a code that was never printed is not found, whatever it looks like."""
        for token in ("nonsense", "x" * 500, "%25%27", "%00", self.copy.token[:-1]):
            page = self._open(token)
            self.assertEqual(page.status_code, 404)
            self.assertIn("Unknown", page.text)
            self.assertNotIn("PN/", page.text)

    def test_handed_back(self):
        """C2: a copy that was handed back is not valid any more."""
        self.copy.with_user(self.producer).action_return()
        page = self._open().text
        self.assertIn("VOID", page)
        self.assertIn("handed back", page)

    def test_receipt_page(self):
        """M2: whoever is logged in gets from the paper to the receipt page."""
        self.authenticate(self.producer.login, self.producer.login)
        self.assertIn(f"/quality/work/{self.notice.record_id.id}", self._open().text)

    def test_qr_code(self):
        """C2: the QR code is drawn without any fetch, and leads to the page."""
        self.assertTrue(self.copy._get_qr_code().startswith("data:image/svg+xml;base64,"))
        self.assertTrue(self.copy._get_check_url().endswith(f"/quality/check/{self.copy.token}"))
