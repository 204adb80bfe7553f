import base64

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..lib.canonical import digest
from .common import QualityCase

PICTURE = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
)


@tagged("post_install", "-at_install")
class TestRequirements(QualityCase):
    def _require(self, order, text="Hardness 58 HRC", user=None, **vals):
        return (
            self.env["quality.requirement"]
            .with_user(user or self.seller)
            .create({"order_id": order.id, "text": text, **vals})
        )

    # What is required

    def test_any_change_of_a_requirement_makes_an_approval_stale(self):
        """A1, B6: a requirement added, changed or taken away is another content; rest is not."""
        order = self._create_reviewed_order()
        self.assertEqual(order.quality_review_status, "approved")
        requirement = self._require(order)
        self.env.invalidate_all()
        self.assertEqual(order.quality_review_status, "stale")
        contents = [digest(order._get_quality_content())]
        for vals in (
            {"kind": "quality"},
            {"text": "Hardness 60 HRC"},
            {"role_id": self._role("quality").id},
            {"characteristic": "safety"},
            {"order_line_id": order.order_line[0].id},
        ):
            requirement.write(vals)
            contents.append(digest(order._get_quality_content()))
        self.assertEqual(len(set(contents)), len(contents))
        requirement.write({"sequence": 99, "source": "ours"})
        self.assertEqual(digest(order._get_quality_content()), contents[-1])
        requirement.unlink()
        self.env.invalidate_all()
        self.assertEqual(order.quality_review_status, "approved")

    def test_the_same_requirements_in_another_order_are_the_same_content(self):
        """A1, B6: what is required counts, not the order in which it was typed."""
        order = self._create_order()
        first = self._require(order, "Blue paint")
        second = self._require(order, "Red caps")
        content = digest(order._get_quality_content())
        first.sequence, second.sequence = 20, 10
        (first | second).unlink()
        self._require(order, "Red caps")
        self._require(order, "Blue paint")
        self.assertEqual(digest(order._get_quality_content()), content)

    def test_what_is_commercial_is_reviewed_and_seen_by_those_who_see_prices(self):
        """M5: engineering neither signs on a commercial requirement nor reads it."""
        order = self._create_order()
        public = digest(order._get_quality_content(with_prices=False))
        full = digest(order._get_quality_content())
        terms = self._require(order, "5 % retention", kind="commercial")
        packing = self._require(order, "Wooden box", kind="packaging")
        self.assertNotEqual(digest(order._get_quality_content()), full)
        packing.unlink()
        self.assertEqual(digest(order._get_quality_content(with_prices=False)), public)
        self.assertEqual(terms.with_user(self.director).text, "5 % retention")
        for user in (self.engineer, self.producer, self.inspector, self.auditor):
            with self.subTest(user.login):
                found = self.env["quality.requirement"].with_user(user).search([])
                self.assertNotIn(terms, found)
                with self.assertRaises(AccessError):
                    terms.with_user(user).read(["text"])

    def test_the_review_shows_what_its_reader_may_see(self):
        """A1, L2, M5: page, form and PDF of the review carry the requirements with their mark."""
        order = self._create_order()
        self._require(order, "Crash tested bolt", characteristic="safety")
        self._require(order, "Bonus of the buyer", kind="commercial")
        review = self._request_review(order)
        for user, sees in ((self.engineer, False), (self.director, True)):
            html = str(review.with_user(user).requirements)
            self.assertIn("Crash tested bolt", html)
            self.assertIn("▲", html)
            self.assertEqual("Bonus of the buyer" in html, sees)
            report = self.env["ir.actions.report"].with_user(user)
            content, _kind = report._render_qweb_pdf(
                "customer_quality.report_contract_review", review.ids
            )
            self.assertIn(b"Crash tested bolt", content)
            self.assertEqual(b"Bonus of the buyer" in content, sees)

    def test_a_review_keeps_what_it_was_about(self):
        """B6: a review shows the requirements that were signed, not those of today."""
        order = self._create_order()
        requirement = self._require(order, "Blue paint")
        review = self._request_review(order)
        requirement.text = "Red paint"
        self.env.invalidate_all()
        self.assertIn("Blue paint", str(review.requirements))
        self.assertNotIn("Red paint", str(review.requirements))

    def test_the_named_department_must_review(self):
        """A1: a requirement names a department that the template does not ask."""
        order = self._create_order()
        self._assign("purchasing", self.director)
        role = self._role("purchasing")
        self._require(order, "Steel of mill X", role_id=role.id)
        self.assertEqual(order._get_quality_review_roles()[order], role)
        review = self._request_review(order)
        self.assertIn(role, review.opinion_ids.role_id)

    def test_a_hint_names_what_has_no_entry_yet(self):
        """A1: sales sees which kinds of requirements are missing; nothing is blocked by it."""
        order = self._create_order()
        self._require(order, "Wooden box", kind="packaging")
        self.assertIn("Delivery", order.quality_missing_kinds)
        self.assertNotIn("Packaging", order.quality_missing_kinds)
        self._approve(self._request_review(order))
        self.assertEqual(order.quality_review_status, "approved")

    def test_a_copied_order_copies_its_requirements_to_its_own_lines(self):
        """A1: a copy is asked the same; its requirements belong to its own lines."""
        order = self._create_order(5, 7)
        self._require(order, "For all")
        self._require(order, "For the second", order_line_id=order.order_line[1].id)
        copy = order.with_user(self.seller).copy()
        by_text = {r.text: r for r in copy.quality_requirement_ids}
        self.assertEqual(set(by_text), {"For all", "For the second"})
        self.assertFalse(by_text["For all"].order_line_id)
        self.assertEqual(by_text["For the second"].order_line_id, copy.order_line[1])
        self.assertEqual(len(order.quality_requirement_ids), 2)

    def test_a_requirement_belongs_to_a_line_of_its_order(self):
        """A1: a line of another order is refused."""
        order, other = self._create_order(), self._create_order()
        with self.assertRaises(ValidationError):
            self._require(order, order_line_id=other.order_line.id)

    def test_sales_types_requirements_on_the_order(self):
        """A1: the page on the order takes channel and requirements."""
        order = self._create_order()
        with self._form(order, self.seller) as form:
            form.quality_channel_id = self.env.ref("customer_quality.channel_phone")
            with form.quality_requirement_ids.new() as line:
                line.kind = "packaging"
                line.text = "Wooden box"
                line.order_line_id = order.order_line
        self.assertEqual(order.quality_requirement_ids.text, "Wooden box")
        self.assertEqual(order.quality_channel_id.name, "Phone")

    def test_only_sales_writes_requirements(self):
        """A1: market and sales record the requirements; others read them."""
        order = self._create_order()
        requirement = self._require(order)
        for user in (self.engineer, self.producer, self.inspector, self.director, self.auditor):
            with self.subTest(user.login):
                self.assertTrue(requirement.with_user(user).text)
                with self.assertRaises(AccessError):
                    requirement.with_user(user).text = "x"
                with self.assertRaises(AccessError):
                    self._require(order, user=user)
                with self.assertRaises(AccessError):
                    requirement.with_user(user).unlink()
        with self.assertRaises(AccessError):
            requirement.with_user(self.nobody).read(["text"])

    def test_other_companies_and_portal_see_nothing(self):
        """A1: no requirement, question, paper or confirmation leaves the company."""
        order = self._create_order(partner_id=self._create_portal().partner_id.id)
        requirement = self._require(order)
        document = self.env["quality.inbound.document"].create({"order_id": order.id})
        question = self.env["quality.clarification"].create(
            {"order_id": order.id, "question": "Which colour?"}
        )
        company = self.env["res.company"].create({"name": "Other Ltd."})
        stranger = self._create_user(
            "stranger",
            "base.group_user,sales_team.group_sale_manager,customer_quality.group_manager",
            company=company,
        )
        for user in (stranger, self.portal, self.nobody):
            for record in (requirement, document, question):
                with self.subTest(f"{user.login} {record._name}"), self.assertRaises(AccessError):
                    record.with_user(user).read(["id", "create_date"])
        with self.assertRaises(AccessError):
            self._require(order, user=stranger)
        for model in ("quality.inbound.document", "quality.clarification"):
            with self.subTest(model), self.assertRaises(UserError):
                self.env[model].with_user(stranger).create(
                    {"order_id": order.id, "question": "x"}
                    if model == "quality.clarification"
                    else {"order_id": order.id}
                )

    def _create_portal(self):
        self.portal = self._create_user("portal", "base.group_portal")
        return self.portal

    # Standing requirements

    def _stand(self, text="PPAP level 3", **vals):
        return (
            self.env["quality.customer.requirement"]
            .with_user(self.seller)
            .create({"partner_id": self.customer.id, "text": text, "kind": "quality", **vals})
        )

    def test_what_a_customer_always_asks_for_is_taken_over_in_one_click(self):
        """A1: standing requirements are proposed on a new order, and taken over once."""
        self._stand(characteristic="special")
        self._stand("Only for parts", product_id=self.part.id)
        self._stand("Only machines", product_id=self.product.id)
        other = self.env["res.partner"].create({"name": "Other"})
        self._stand("Of somebody else", partner_id=other.id)
        order = self._create_order(5, 7)
        self.assertEqual(order.quality_proposed_count, 3)
        order.with_user(self.seller).action_take_over_requirements()
        taken = order.quality_requirement_ids
        self.assertEqual(
            sorted(taken.mapped("text")), ["Only machines", "Only machines", "PPAP level 3"]
        )
        self.assertEqual(taken.order_line_id, order.order_line)
        self.assertEqual(set(taken.mapped("source")), {"library"})
        self.assertEqual(order.quality_proposed_count, 0)
        order.with_user(self.seller).action_take_over_requirements()
        self.assertEqual(len(order.quality_requirement_ids), 3)

    def test_a_contact_of_the_customer_gets_the_companys_requirements(self):
        """A1: an order of a contact person is an order of the company behind."""
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        standing = self._stand(partner_id=contact.id)
        self.assertEqual(standing.partner_id, self.customer)
        order = self._create_order(partner_id=contact.id)
        self.assertEqual(order.quality_proposed_count, 1)

    def test_a_category_reaches_the_products_below_it(self):
        """A1: a requirement on a category holds for all products in it."""
        above = self.env["product.category"].create({"name": "Above"})
        below = self.env["product.category"].create({"name": "Below", "parent_id": above.id})
        self._stand(categ_id=above.id)
        order = self._create_order()
        self.assertEqual(order.quality_proposed_count, 0)
        self.product.categ_id = below
        self.env.invalidate_all()
        self.assertEqual(order.quality_proposed_count, 1)

    def test_a_new_version_is_shown_on_orders_that_have_the_old_one(self):
        """A1: the old version stays readable; the order shows it, one click renews it."""
        old = self._stand()
        order = self._create_order()
        order.with_user(self.seller).action_take_over_requirements()
        action = old.with_user(self.seller).action_new_version()
        new = self.env["quality.customer.requirement"].browse(action["res_id"])
        new.with_user(self.seller).text = "PPAP level 4"
        self.env.invalidate_all()
        self.assertEqual((new.version, new.root_id), (2, old))
        self.assertEqual(new.version_ids, old | new)
        self.assertFalse(old.is_current)
        self.assertTrue(order.quality_requirement_ids.is_outdated)
        self.assertEqual(order.quality_requirement_ids.text, "PPAP level 3")
        self.assertEqual(order.quality_proposed_count, 1)
        order.with_user(self.seller).action_take_over_requirements()
        self.assertEqual(order.quality_requirement_ids.text, "PPAP level 4")
        self.assertFalse(order.quality_requirement_ids.is_outdated)

    def test_a_version_in_use_stays_as_it_is(self):
        """A1: what an order was made with is neither changed nor deleted."""
        standing = self._stand()
        standing.text = "PPAP level 2"
        order = self._create_order()
        order.with_user(self.seller).action_take_over_requirements()
        with self.assertRaises(UserError):
            standing.text = "PPAP level 1"
        with self.assertRaises(UserError):
            standing.unlink()
        with self.assertRaises(UserError):
            standing.write({"is_current": False})
        standing.date_to = "2999-12-31"
        standing.action_new_version()
        with self.assertRaises(UserError):
            standing.action_new_version()

    def test_what_is_not_valid_yet_or_any_more_is_not_proposed(self):
        """A1: validity from and until."""
        self._stand("Later", date_from="2999-01-01")
        self._stand("Over", date_from="2000-01-01", date_to="2000-12-31")
        self.assertEqual(self._create_order().quality_proposed_count, 0)

    def test_proposals_cost_the_same_for_one_order_and_for_many(self):
        """A1: batch; the library is searched once."""
        self._stand()
        orders = self.env["sale.order"].concat(*(self._create_order() for _n in range(12)))
        counts = []
        for some in (orders[:2], orders):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("quality_proposed_count")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_requirements_of_confirmed_orders_are_not_taken_over(self):
        """C5: what is agreed stays; a standing requirement waits for the next order."""
        self._stand()
        order = self._create_reviewed_order()
        self._confirm(order)
        self.assertEqual(order.quality_proposed_count, 0)
        with self.assertRaises(UserError):
            order.with_user(self.seller).action_take_over_requirements()

    def test_the_library_is_kept_by_sales_and_officers(self):
        """A1: reviewers read it, without what is commercial (M5)."""
        standing = self._stand()
        terms = self._stand("3 % bonus", kind="commercial")
        self.assertEqual(standing.with_user(self.engineer).text, "PPAP level 3")
        with self.assertRaises(AccessError):
            standing.with_user(self.engineer).text = "x"
        with self.assertRaises(AccessError):
            terms.with_user(self.engineer).read(["text"])
        with self.assertRaises(AccessError):
            standing.with_user(self.nobody).read(["text"])

    def test_the_requirement_register_prints_per_order(self):
        """A1, K2, M5: the register of an order as a controlled form."""
        order = self._create_order()
        self._require(order, "Wooden box", kind="packaging")
        self._require(order, "5 % retention", kind="commercial")
        report = self.env["ir.actions.report"].with_user(self.seller)
        content, _kind = report._render_qweb_pdf(
            "customer_quality.report_requirement_register", order.ids
        )
        for text in (b"Customer Requirement Register", b"QF-03", b"Wooden box", b"5 % retention"):
            self.assertIn(text, content)


@tagged("post_install", "-at_install")
class TestConfirmedBack(QualityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.quality_review_gate = "always"
        cls.customer.email = "buyer@example.com"
        cls.phone = cls.env.ref("customer_quality.channel_phone")

    def _order_by_phone(self):
        return self._create_order(quality_channel_id=self.phone.id)

    def _wizard(self, order, user=None, **vals):
        user = user or self.seller
        wizards = self.env["quality.order.confirm.back"].with_user(user)
        return wizards.create({"order_id": order.id, **vals})

    def test_an_order_by_phone_is_not_approved_before_the_customer_confirms(self):
        """A2: without the customer's answer there is no approval; with it, the review goes on."""
        order = self._order_by_phone()
        self.assertEqual(order.quality_confirmation_state, "todo")
        review = self._request_review(order)
        self._approve(review)
        self.assertEqual(review.state, "review")
        self.assertIn("in writing", review.missing)
        self._wizard(order).action_mark_chat()
        self.assertEqual(order.quality_confirmation_state, "sent")
        self.assertEqual(review.state, "review")
        self._wizard(
            order, confirmed_by="Mr. Li", confirmed_how="screenshot", file=PICTURE, filename="a.png"
        ).action_record()
        self.assertEqual(order.quality_confirmation_state, "confirmed")
        self.assertEqual(review.state, "approved")
        row = order.quality_confirmation_ids
        self.assertEqual((row.confirmed_by, row.document_id.kind), ("Mr. Li", "confirmation"))
        self.assertTrue(row.document_id.name.startswith("IN/"))

    def test_a_written_order_needs_no_confirmation(self):
        """A2: only what did not come in writing is confirmed back."""
        order = self._create_order(
            quality_channel_id=self.env.ref("customer_quality.channel_fax").id
        )
        self._approve(self._request_review(order))
        self.assertEqual(order.quality_review_id.state, "approved")
        self.assertEqual(order.quality_confirmation_state, "none")

    def test_nothing_is_asked_while_the_gate_is_off(self):
        """A2: Odoo's own way does not change before a setting switches it on."""
        self.company.quality_review_gate = "never"
        order = self._order_by_phone()
        self._approve(self._request_review(order))
        self.assertEqual(order.quality_review_id.state, "approved")

    def test_what_was_changed_since_is_confirmed_again(self):
        """A2: the customer confirmed another quantity; our own remarks don't matter."""
        order = self._order_by_phone()
        self._wizard(order).action_mark_paper()
        self._wizard(order, confirmed_by="Mr. Li", file=PICTURE).action_record()
        self.env["quality.requirement"].create(
            {"order_id": order.id, "text": "Inspect twice", "source": "ours"}
        )
        self.env.invalidate_all()
        self.assertEqual(order.quality_confirmation_state, "confirmed")
        order.order_line.product_uom_qty = 50
        self.env.invalidate_all()
        self.assertEqual(order.quality_confirmation_state, "changed")

    def test_the_mail_goes_out_from_the_chatter_in_the_customers_language(self):
        """A2: mail with the order, kept in the order's thread."""
        order = self._order_by_phone()
        order = order.with_context(tracking_disable=False)
        before = order.message_ids
        self._wizard(order).action_send_mail()
        message = order.message_ids - before
        self.assertIn(self.customer, message.partner_ids)
        self.assertTrue(message.attachment_ids)
        self.assertEqual(order.quality_confirmation_ids.way, "mail")
        self.customer.email = False
        with self.assertRaises(UserError):
            self._wizard(order).action_send_mail()

    def test_the_text_to_paste_says_what_is_ordered(self):
        """A2: text for a chat: product, quantity, price and the page of the order."""
        text = self._wizard(self._order_by_phone()).text
        for part in ("Machine", "5", "500", "/my/orders/"):
            self.assertIn(part, text)

    def test_nothing_is_recorded_without_name_and_file(self):
        """A2: who confirmed, and the proof, are filed; an answer to nothing is refused."""
        order = self._order_by_phone()
        with self.assertRaises(UserError):
            self._wizard(order, confirmed_by="Mr. Li", file=PICTURE).action_record()
        self._wizard(order).action_mark_paper()
        for vals in ({"confirmed_by": "Mr. Li"}, {"file": PICTURE}):
            with self.assertRaises(UserError):
                self._wizard(order, **vals).action_record()
        empty = self._create_order()
        empty.order_line.unlink()
        with self.assertRaises(UserError):
            self._wizard(empty).action_mark_chat()

    def test_confirmations_are_written_by_the_procedure_only(self):
        """A2: nobody writes, creates or deletes a confirmation directly."""
        order = self._order_by_phone()
        self._wizard(order).action_mark_paper()
        row = order.quality_confirmation_ids
        for user in (self.seller, self.quality_manager, self.director):
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    row.with_user(user).state = "confirmed"
                with self.assertRaises(AccessError):
                    row.with_user(user).copy()
                with self.assertRaises(AccessError):
                    row.with_user(user).unlink()
        with self.assertRaises(AccessError):
            self._wizard(order, self.engineer)
        with self.assertRaises(AccessError):
            order.with_user(self.seller).write(
                {"quality_confirmation_ids": [Command.update(row.id, {"state": "confirmed"})]}
            )

    def test_an_order_that_was_sent_for_confirmation_is_kept(self):
        """K1: the order is cancelled, not deleted."""
        order = self._order_by_phone()
        self._wizard(order).action_mark_paper()
        with self.assertRaises(UserError):
            order.with_user(self.seller).unlink()
