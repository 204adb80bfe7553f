import base64
import hashlib

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import QualityCase
from .test_registration import PICTURE


@tagged("post_install", "-at_install")
class TestInboundDocument(QualityCase):
    def _file(self, user=None, **vals):
        documents = self.env["quality.inbound.document"].with_user(user or self.seller)
        return documents.create({"file": PICTURE, "filename": "order.png", **vals})

    # Filing

    def test_each_paper_gets_a_running_serial_number_and_a_checksum(self):
        """A3: serial number, file kept with its SHA-256; no order is needed."""
        first, second = self._file(), self._file(kind="drawing")
        numbers = [int(document.name.rsplit("/", 1)[1]) for document in first | second]
        self.assertEqual(numbers[1], numbers[0] + 1)
        self.assertTrue(first.name.startswith("IN/"))
        self.assertEqual(first.checksum, hashlib.sha256(base64.b64decode(PICTURE)).hexdigest())
        self.assertEqual((first.mimetype, first.preview), ("image/png", "image"))
        self.assertFalse(first.order_id)
        self.assertEqual(first.same_ids, second)

    def test_files_dropped_onto_the_register_are_filed_one_by_one(self):
        """A3: each dropped file under a number of its own; the upload leaves nothing behind."""
        files = (
            self.env["ir.attachment"]
            .with_user(self.seller)
            .create([{"name": f"{n}.png", "datas": PICTURE} for n in range(3)])
        )
        documents = self.env["quality.inbound.document"].with_user(self.seller)
        action = documents.create_document_from_attachment(files.ids)
        filed = documents.search([("filename", "in", ("0.png", "1.png", "2.png"))])
        self.assertEqual(len(set(filed.mapped("name"))), 3)
        self.assertEqual(action["res_model"], "quality.inbound.document")
        self.assertFalse(files.exists())
        with self.assertRaises(UserError):
            documents.create_document_from_attachment(files.ids)

    def test_files_of_other_documents_are_not_filed(self):
        """A3: the upload can't be pointed at somebody else's files."""
        own = self.env["ir.attachment"].create({"name": "secret.png", "datas": PICTURE})
        with self.assertRaises(UserError):
            self.env["quality.inbound.document"].with_user(
                self.seller
            ).create_document_from_attachment(own.ids)

    def test_a_pasted_screenshot_is_filed_with_the_order(self):
        """A3: pasted on the order, it belongs to it and its customer."""
        order = self._create_order()
        numbers = (
            self.env["quality.inbound.document"]
            .with_user(self.seller)
            .create_from_pasted([{"name": "image.png", "data": PICTURE.decode()}], order.id)
        )
        document = order.quality_inbound_ids
        self.assertEqual(document.mapped("name"), numbers)
        self.assertEqual(document.partner_id, self.customer)
        self.assertEqual(order.quality_inbound_count, 1)

    def test_the_file_stays_as_it_came_in(self):
        """A3, K1: a file is neither replaced nor taken away; number and checksum stay."""
        document = self._file()
        for vals in (
            {"file": base64.b64encode(b"other")},
            {"file": False},
            {"checksum": "x"},
            {"filename": "other.png"},
            {"name": "IN/1"},
            {"comparison": "same"},
        ):
            with self.subTest(vals), self.assertRaises(UserError):
                document.with_user(self.seller).write(vals)
        with self.assertRaises(UserError):
            document.with_user(self.seller).unlink()
        document.with_user(self.seller).write({"file": PICTURE, "filename": "order.png"})
        self.assertEqual(document.with_context(bin_size=False).file, PICTURE)

    def test_a_paper_filed_without_its_file_gets_it_once(self):
        """A3: a fax is filed at once and scanned later."""
        document = self._file(file=False, filename=False)
        self.assertFalse(document.checksum)
        document.with_user(self.seller).write({"file": PICTURE, "filename": "scan.png"})
        self.assertTrue(document.checksum)
        with self.assertRaises(UserError):
            document.with_user(self.seller).write({"file": base64.b64encode(b"other")})

    def test_a_paper_is_linked_to_its_order_later(self):
        """A3: linked later by sales; a salesperson can't reach the orders of others."""
        document = self._file()
        order = self._create_order()
        with self._form(document, self.seller) as form:
            form.order_id = order
            form.note = "by fax"
        self.assertEqual(order.quality_inbound_ids, document)
        self.assertEqual(document.record_id.order_id, order)
        other = self._create_user("seller2", "base.group_user,sales_team.group_sale_salesman")
        foreign = self._create_order(user=other)
        with self.assertRaises(AccessError):
            self._file(order_id=foreign.id)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self._file().with_user(self.seller).order_id = foreign
        with self.assertRaises(AccessError):
            document.with_user(other).read(["filename"])

    def test_what_was_filed_by_mistake_is_voided_not_deleted(self):
        """A3: the serial number stays, marked as void."""
        document = self._file()
        document.with_user(self.seller).action_void()
        self.assertEqual(document.phase, "void")
        with self.assertRaises(UserError):
            document.with_user(self.seller).kind = "drawing"

    def test_papers_with_amounts_are_for_those_who_see_prices(self):
        """M5: departments see drawings and specifications, no orders and contracts."""
        order_paper, drawing = self._file(), self._file(kind="drawing")
        for user in (self.engineer, self.producer, self.inspector, self.auditor):
            with self.subTest(user.login):
                self.assertTrue(drawing.with_user(user).filename)
                with self.assertRaises(AccessError):
                    order_paper.with_user(user).read(["filename"])
        self.assertTrue(order_paper.with_user(self.director).filename)
        with self.assertRaises(AccessError):
            self._file(self.engineer)
        with self.assertRaises(AccessError):
            self._file(self.inspector)  # an officer files drawings only
        self.assertTrue(self._file(self.inspector, kind="drawing"))
        with self.assertRaises(AccessError):
            drawing.with_user(self.nobody).read(["filename"])

    def test_unreadable_data_is_refused(self):
        """A3: bad input is refused with a sentence."""
        with self.assertRaises(UserError):
            self._file(file="a")

    # Offer and order

    def _offer(self):
        order = self._create_order()
        order.state = "sent"
        return order

    def test_a_customers_order_is_compared_with_the_offer_before_anything_is_confirmed(self):
        """B6: an order paper that answers an offer stands in the way until it is compared."""
        self.company.quality_review_gate = "always"
        order = self._offer()
        document = self._file(order_id=order.id)
        self.assertEqual(document.comparison, "todo")
        review = self._request_review(order)
        self._approve(review)
        self.assertEqual(review.state, "review")
        self.assertIn(document.name, review.missing)
        document.with_user(self.seller).action_same()
        self.assertEqual(review.state, "approved")
        self.assertEqual(document.compared_by_id, self.seller)
        self._confirm(order)
        self.assertEqual(order.state, "sale")

    def test_a_difference_is_settled_before_confirmation(self):
        """B6: what differs is written down, and how it was settled, by whom."""
        self.company.quality_review_gate = "always"
        order = self._offer()
        self._approve(self._request_review(order))
        self.assertEqual(order.quality_review_id.state, "approved")
        document = self._file(order_id=order.id).with_user(self.seller)
        with self.assertRaises(UserError):
            document.action_differs()
        document.difference = "Payment in 90 days instead of 30"
        document.action_differs()
        with self.assertRaises(UserError):
            order.with_user(self.seller).write({"state": "sale"})
        with self.assertRaises(UserError):
            document.action_settle()
        document.settlement = "Ms. Wang accepts 30 days, by phone"
        document.action_settle()
        self.assertEqual(document.settled_by_id, self.seller)
        with self.assertRaises(UserError):
            document.settlement = "Something else"
        self._confirm(order)
        self.assertEqual(order.state, "sale")

    def test_a_paper_that_was_linked_wrongly_frees_the_review_when_it_leaves(self):
        """B6: linked to another order before it was compared, the first review goes on."""
        self.company.quality_review_gate = "always"
        order, other = self._offer(), self._create_order()
        document = self._file(order_id=order.id)
        review = self._request_review(order)
        self._approve(review)
        self.assertEqual(review.state, "review")
        document.with_user(self.seller).order_id = other
        self.assertEqual(review.state, "approved")
        self.assertFalse(document.comparison)

    def test_only_orders_that_answer_an_offer_are_compared(self):
        """B6: drawings, and orders without an offer, have nothing to compare."""
        self.assertFalse(self._file(order_id=self._create_order().id).comparison)
        offer = self._offer()
        drawing = self._file(order_id=offer.id, kind="drawing")
        self.assertFalse(drawing.comparison)
        drawing.with_user(self.seller).kind = "order"
        self.assertEqual(drawing.comparison, "todo")
        drawing.with_user(self.seller).kind = "specification"
        self.assertFalse(drawing.comparison)

    def test_a_compared_paper_stays_with_its_order(self):
        """B6: an unsettled difference isn't got rid of by moving or voiding the paper."""
        offer, other = self._offer(), self._create_order()
        document = self._file(order_id=offer.id).with_user(self.seller)
        document.difference = "Price"
        document.action_differs()
        with self.assertRaises(UserError):
            document.order_id = other
        with self.assertRaises(AccessError):
            document.with_user(self.inspector).action_settle()
        with self.assertRaisesRegex(UserError, "Settle"):
            document.action_void()
        self.assertTrue(offer._get_quality_obstacles("confirmation"))
        document.action_same()  # it was a mistake; somebody answers for that
        document.action_void()
        self.assertFalse(offer._get_quality_obstacles("confirmation"))
