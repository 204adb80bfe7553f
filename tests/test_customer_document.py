import base64
from datetime import date

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import BASE, QualityCase


@tagged("post_install", "-at_install")
class TestCustomerDocument(QualityCase):
    """Customer drawings with revision: registered, reviewed, distributed, used (L1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("customer_quality.template_customer_document").active = True
        cls.drawing = cls._create_document()

    @classmethod
    def _create_document(cls, number="D-100", product=None, partner=None, **vals):
        return cls.env["quality.customer.document"].create(
            {
                "number": number,
                "name": "Housing",
                "partner_id": (partner or cls.customer).id,
                "company_id": cls.company.id,
                "product_ids": (product or cls.product).ids,
                **vals,
            }
        )

    def _register(self, revision, text="drawing", document=None, user=None, **vals):
        return (
            self.env["quality.customer.document.revision"]
            .with_user(user or self.seller)
            .create(
                {
                    "document_id": (document or self.drawing).id,
                    "revision": revision,
                    "file": base64.b64encode(f"{text} {revision}".encode()),
                    "file_name": f"{revision}.pdf",
                    **vals,
                }
            )
        )

    def _make_valid(self, revision, document=None, **vals):
        registered = self._register(revision, document=document, **vals)
        registered.action_request_review()
        for user in (self.engineer, self.inspector):
            self._sign(registered, user)
        return registered

    def test_its_time_counts_from_the_day_it_came_in_over_here(self):
        """L1: west of Greenwich the day of receipt is no day earlier."""
        self.company.resource_calendar_id.tz = "America/New_York"
        self.seller.tz = "America/New_York"
        self.env["quality.deadline.policy"].create(
            {
                "name": "Drawings",
                "kind_id": self.env.ref("customer_quality.deadline_kind_customer_document").id,
                "company_id": self.company.id,
                "sequence": 1,
                "amount": 2,
                "unit": "work_days",
            }
        )
        revision = self._register("A", date_received="2031-03-04")  # a Tuesday
        due = revision.sudo().deadline_ids.date_due
        self.assertEqual(str(due.date()), "2031-03-06")  # Thursday evening

    # Registration and review

    def test_a_revision_is_registered_with_number_date_and_fingerprint(self):
        """L1: number, revision and date received; the file is known by its SHA-256."""
        revision = self._register("A")
        self.assertRegex(revision.name, r"^CD/\d{4}/\d{4}$")
        self.assertEqual(revision.state, "registered")
        self.assertEqual(revision.date_received, date.today())
        self.assertEqual(len(revision.checksum), 64)
        self.assertEqual(revision.display_name, "D-100 rev. A")
        self.assertEqual(revision.partner_id, self.customer)

    def test_a_revision_is_reviewed_distributed_and_received(self):
        """L1: reviewed by engineering and quality, then distributed and confirmed."""
        revision = self._register("A")
        revision.action_request_review()
        self.assertEqual(revision.state, "review")
        self.assertEqual(
            revision.opinion_ids.role_id, self._role("engineering") | self._role("quality")
        )
        self._sign(revision, self.engineer)
        self.assertEqual(revision.state, "review")
        self.assertFalse(self.drawing.valid_revision_id)
        self._sign(revision, self.inspector)
        self.assertEqual(revision.state, "valid")
        self.assertEqual(self.drawing.valid_revision_id, revision.sudo())
        self.assertIn(self._role("production"), revision.acknowledgement_ids.role_id)
        receipt = revision.acknowledgement_ids.filtered(
            lambda r: r.role_id == self._role("production")
        )
        receipt.with_user(self.producer).action_receive()
        self.assertEqual(receipt.state, "done")

    def test_an_objection_rejects_the_revision(self):
        """L1: what can't be made is not put into use; whoever registered it is told why."""
        revision = self._register("A")
        revision.action_request_review()
        self._sign(revision, self.engineer, "object", "Bore is missing")
        self.assertEqual(revision.state, "rejected")
        self.assertFalse(self.drawing.valid_revision_id)
        self.assertIn(self.seller, revision.activity_ids.user_id)
        self.assertEqual(set(revision.opinion_ids.mapped("state")), {"done", "void"})
        self._register("A", "corrected")  # the customer sends it again, corrected

    def test_a_new_valid_revision_supersedes_the_one_before(self):
        """L1: one revision is valid at a time; the old one stays readable."""
        old, new = self._make_valid("A"), self._make_valid("B")
        self.assertEqual(old.state, "superseded")
        self.assertEqual(old.superseded_by_id, new)
        self.assertEqual(self.drawing.valid_revision_id, new.sudo())
        self.assertTrue(old.with_user(self.engineer).file)
        self.assertNotIn("open", old.acknowledgement_ids.mapped("state"))

    def test_an_older_revision_that_is_reviewed_late_does_not_win(self):
        """L1: the revision received last is the valid one."""
        late = self._register("A", date_received="2026-01-01")
        new = self._make_valid("B", date_received="2026-02-01")
        late.action_request_review()
        for user in (self.engineer, self.inspector):
            self._sign(late, user)
        self.assertEqual(late.state, "superseded")
        self.assertEqual(self.drawing.valid_revision_id, new.sudo())

    def test_what_is_under_review_is_not_exchanged(self):
        """L1: the departments sign on the file that they were shown."""
        revision = self._register("A")
        revision.file = base64.b64encode(b"corrected before review")
        first = revision.checksum
        revision.action_request_review()
        with self.assertRaisesRegex(UserError, "revision of its own"):
            revision.file = base64.b64encode(b"another")
        self.assertEqual(revision.checksum, first)

    def test_a_revision_is_registered_once(self):
        """L1: number and revision are one thing."""
        with self.assertRaises(ValidationError):
            self._create_document()
        self._register("A")
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self._register("A")

    # Orders

    def test_a_line_gets_the_valid_revisions_of_customer_and_product(self):
        """L1: the order line names the drawing by which it is made."""
        valid = self._make_valid("A")
        self._make_valid("X", self._create_document("D-200", product=self.part))
        general = self._make_valid("1", self._create_document("SPEC", product_ids=False))
        elsewhere = self.env["res.partner"].create({"name": "Another Plant"})
        self._make_valid("Z", self._create_document("D-300", partner=elsewhere))
        order = self._create_order()
        self.assertEqual(order.order_line.quality_document_revision_ids, (valid | general).sudo())
        self.assertFalse(order.with_user(self.seller).quality_document_hint)

    def test_a_contact_of_the_customer_orders_by_the_same_drawings(self):
        """L1, A6: documents belong to the company behind the contact."""
        valid = self._make_valid("A")
        buyer = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        order = self._create_order(partner_id=buyer.id)
        self.assertEqual(order.order_line.quality_document_revision_ids, valid.sudo())

    def test_a_new_revision_makes_a_running_review_stale(self):
        """L1: the departments decide on the drawing that holds."""
        self._make_valid("A")
        order = self._create_order()
        review = self._request_review(order)
        self.assertFalse(review._filter_stale())
        self._make_valid("B")
        self.assertTrue(review._filter_stale())

    def test_a_new_revision_makes_an_approval_stale_and_one_click_takes_it_over(self):
        """L1, B6: newer revision exists: shown, taken over, reviewed again."""
        self.company.quality_review_gate = "always"
        self._make_valid("A")
        order = self._create_reviewed_order()
        new = self._make_valid("B")
        self.assertEqual(order.quality_review_status, "stale")
        self.assertIn("D-100 rev. B", order.with_user(self.seller).quality_document_hint)
        self.assertIn(self.seller, order.activity_ids.user_id)
        with self.assertRaises(RedirectWarning):
            self._confirm(order)
        order.with_user(self.seller).action_update_quality_documents()
        self.assertEqual(order.order_line.quality_document_revision_ids, new.sudo())
        self.assertFalse(order.with_user(self.seller).quality_document_hint)
        self.assertEqual(order.quality_review_status, "stale")
        self._approve(self._request_review(order))
        self._confirm(order)
        self.assertEqual(order.state, "sale")

    def test_staying_with_the_old_revision_is_reviewed_too(self):
        """L1: an order may stay with the old drawing, knowing of the new one."""
        self._make_valid("A")
        order = self._create_reviewed_order()
        self._make_valid("B")
        self._approve(self._request_review(order))
        self.assertEqual(order.quality_review_status, "approved")
        self._make_valid("C")
        self.assertEqual(order.quality_review_status, "stale")

    def test_sales_are_told_of_confirmed_orders(self):
        """L1: a confirmed order does not silently keep an old drawing."""
        self._make_valid("A")
        order = self._create_order()
        self._confirm(order)
        self._make_valid("B")
        self.assertEqual(order.activity_ids.user_id, self.seller)
        self.assertIn("D-100 rev. B", order.activity_ids.summary)

    def test_a_drawing_that_is_not_reviewed_holds_the_approval(self):
        """L1, B6: the review of the order waits for the review of its drawing, and goes on."""
        revision = self._register("A")
        order = self._create_order()
        order.order_line.with_user(self.seller).quality_document_revision_ids = revision.ids
        review = self._request_review(order)
        self._approve(review)
        self.assertEqual(review.state, "review")
        self.assertIn("D-100 rev. A", review.missing)
        revision.action_request_review()
        self._sign(revision, self.engineer)
        self._sign(revision, self.inspector)
        self.assertEqual(review.state, "approved")

    def test_the_review_form_shows_number_and_revision(self):
        """L1: order line, review and its printed form show the revision."""
        self._make_valid("A")
        review = self._request_review(self._create_order())
        self.assertEqual(review.line_ids.document_summary, "D-100 rev. A")
        html = self.env["ir.actions.report"]._render_qweb_html(
            "customer_quality.report_contract_review", review.ids
        )[0]
        self.assertIn("D-100 rev. A", html.decode())

    def test_a_line_names_documents_of_its_own_customer_only(self):
        """L1: a drawing of somebody else's is refused, by any way."""
        other = self.env["res.partner"].create({"name": "Another Plant"})
        foreign = self._make_valid("A", self._create_document("D-9", partner=other))
        with self.assertRaises(ValidationError):
            self._create_order().order_line.quality_document_revision_ids = foreign.ids

    def test_services_and_fees_get_no_drawing(self):
        """L1: a general specification applies to goods."""
        self._make_valid("1", self._create_document("SPEC", product_ids=False))
        order = self._create_order(product=self.service)
        self.assertFalse(order.order_line.quality_document_revision_ids)
        self.assertFalse(order.with_user(self.seller).quality_document_hint)

    def test_documents_registered_later_are_offered_on_open_quotations(self):
        """L1: the order says what applies and is not named yet; one click names it."""
        order = self._create_order()
        valid = self._make_valid("A")
        seen = order.with_user(self.seller)
        seen.invalidate_recordset()
        self.assertIn("D-100 rev. A", seen.quality_document_hint)
        with Form(seen) as form:
            form.client_order_ref = "PO 1"
        seen.action_update_quality_documents()
        self.assertEqual(order.order_line.quality_document_revision_ids, valid.sudo())

    def test_a_reviewed_document_keeps_its_number(self):
        """L1: number and revision are what was signed."""
        self.drawing.with_user(self.seller).number = "D-101"
        self._make_valid("A")
        with self.assertRaises(UserError):
            self.drawing.with_user(self.seller).number = "D-102"
        self.drawing.with_user(self.seller).write({"number": "D-101", "name": "Gear housing"})

    def test_each_new_revision_tells_an_order_once(self):
        """L1: an order that stays with an old drawing is told of each newer one, once."""
        self._make_valid("A")
        order = self._create_order()
        self._make_valid("B")
        self.assertEqual(len(order.activity_ids), 1)
        self._make_valid("Z", self._create_document("D-200", product=self.part))
        self.assertEqual(len(order.activity_ids), 1)

    def test_a_copied_order_names_what_is_valid_now(self):
        """L1: a copy of an old order does not bring its old drawing."""
        self._make_valid("A")
        order = self._create_order()
        new = self._make_valid("B")
        self.assertEqual(order.copy().order_line.quality_document_revision_ids, new.sudo())

    # Rights

    def test_only_sales_and_quality_register(self):
        """Rights: reviewers, production, auditors and portal register nothing."""
        portal = self._create_user("portal_drawing", "base.group_portal")
        for user in self.engineer | self.producer | self.auditor | self.nobody | portal:
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._register("A", user=user)
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.drawing.with_user(user).name = "Changed"
        self._register("A", user=self.inspector)

    def test_nobody_makes_a_revision_valid_by_writing(self):
        """L1: what is valid follows from what is signed."""
        revision = self._register("A")
        for user in self.seller | self.engineer | self.quality_manager:
            with self.subTest(user.login), self.assertRaises(AccessError):
                revision.with_user(user).state = "valid"
        with self.assertRaises(AccessError):
            self.drawing.with_user(self.seller).valid_revision_id = revision
        with self.assertRaises(AccessError):
            self._register("B", state="valid")
        with self.assertRaises(AccessError):
            self._register("B", name="CD/1")

    def test_another_company_sees_nothing(self):
        """Multi-company: drawings stay within the company."""
        revision = self._register("A")
        other = self.env["res.company"].create({"name": "Elsewhere Ltd."})
        groups = f"{BASE},customer_quality.group_manager,sales_team.group_sale_manager"
        stranger = self._create_user("stranger_drawing", groups, other)
        env = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        self.assertFalse(env["quality.customer.document"].search([]))
        with self.assertRaises(AccessError):
            revision.with_env(env).read(["revision"])
        with self.assertRaises(AccessError):
            revision.with_env(env).action_request_review()

    def test_nothing_registered_is_deleted(self):
        """K1: a revision is kept, and the document with it."""
        revision = self._register("A")
        for record in (revision.sudo(), self.drawing):
            with self.assertRaises(UserError):
                record.unlink()

    # Queries

    def _count(self, function, *args):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function(*args)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_the_list_of_revisions_costs_the_same_for_one_and_for_many(self):
        """DESIGN: no query per row."""

        def read():
            view = self.env["quality.customer.document.revision"].get_view(view_type="list")
            names = view["models"]["quality.customer.document.revision"]
            records = self.env["quality.customer.document.revision"].with_user(self.engineer)
            records.web_search_read([], {name: {} for name in names if name in records._fields})

        self._make_valid("A")
        read()
        few = self._count(read)
        for number in range(10):
            self._register(f"R{number}").action_request_review()
        self.assertLessEqual(self._count(read), few + 1)

    def test_telling_many_orders_costs_no_query_each(self):
        """DESIGN, batch first: one valid revision, many orders that name the old one."""
        self._make_valid("A")
        self._create_order()
        self._make_valid("B")
        costs = []
        for count, revision in ((1, "C"), (20, "D")):
            for _index in range(count):
                self._create_order()
            registered = self._register(revision)
            registered.action_request_review()
            self._sign(registered, self.engineer)
            costs.append(self._count(self._sign, registered, self.inspector))
        self.assertLessEqual((costs[1] - costs[0]) / 19, 2)
