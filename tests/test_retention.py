import base64
from unittest.mock import patch

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..models.blocks import retention
from .common import QualityCase


@tagged("post_install", "-at_install")
class TestRetention(QualityCase):
    """K1: records are kept as long as the rule for their kind and customer says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["quality.retention.rule"].search([]).active = False
        cls.review = cls._close_review()

    @classmethod
    def _close_review(cls):
        """Return the approved review of an order."""
        order = cls._create_order()
        order.with_user(cls.seller).action_request_quality_review()
        review = order.quality_review_id
        for user in (cls.engineer, cls.producer, cls.inspector):
            record = review.record_id.with_user(user)
            mine = record.opinion_ids.filtered("is_mine")
            record.action_sign_off({o.id: {"answer": "agree", "reason": ""} for o in mine})
        return review

    def _rule(self, **vals):
        return self.env["quality.retention.rule"].create(vals)

    def _kind(self, name="quality.contract.review"):
        return self.env["ir.model"]._get(name).id

    def _until(self, review=None):
        record = (review or self.review).record_id
        record.invalidate_recordset(["date_retain_until", "custodian_id", "is_retention_over"])
        return record.date_retain_until

    def _age(self, years, review=None):
        """Let the review have been closed that many years ago."""
        record = (review or self.review).record_id
        record.date_closed = fields.Datetime.now() - relativedelta(years=years, days=1)
        record.invalidate_recordset()

    def _attach(self, document, name="drawing.pdf", raw=b"as received", **vals):
        return self.env["ir.attachment"].create(
            {"name": name, "raw": raw, "res_model": document._name, "res_id": document.id, **vals}
        )

    # How long

    def test_two_years_from_closing_where_no_rule_is(self):
        """K1: two years, counted from closing."""
        self.assertEqual(self._until(), self.review.date_closed.date() + relativedelta(years=2))

    def test_an_open_record_is_kept_without_an_end(self):
        """K1: the clock starts at closing."""
        review = self._request_review(self._create_order())
        self.assertFalse(self._until(review))
        self.assertFalse(review.record_id.is_retention_over)

    def test_a_document_that_is_being_made_is_kept(self):
        """K1: a blank form has neither kind nor customer yet, and no end."""
        for model in self.env["quality.retention.rule"]._get_kinds():
            blank = self.env[model].new({})
            with self.subTest(model):
                self.assertFalse(blank.date_retain_until or blank.is_retention_over)

    def test_the_most_particular_rule_holds(self):
        """K1: company before shared, class of customer before all, kind before all kinds."""
        plant = self.env["quality.customer.class"].create({"name": "Plant"})
        self.customer.quality_class_id = plant
        closed = self.review.date_closed.date()
        for vals, years in (
            ({"years": 3}, 3),
            ({"years": 4, "model_id": self._kind()}, 4),
            ({"years": 5, "class_id": plant.id}, 5),
            ({"years": 6, "class_id": plant.id, "model_id": self._kind()}, 6),
            ({"years": 7, "company_id": self.company.id}, 7),
            ({"years": 9, "model_id": self._kind("quality.production.notice")}, 7),
        ):
            self._rule(**vals)
            self.assertEqual(self._until(), closed + relativedelta(years=years), vals)

    def test_the_life_of_the_product_counts_where_it_is_longer(self):
        """K1, IATF 7.5.3.2.1: life of the product plus one calendar year."""
        self._rule(years=2, by_product_life=True)
        self.assertFalse(self._until(), "the end of the product is not known yet")
        closed = self.review.date_closed.date()
        template = self.product.product_tmpl_id
        template.quality_end_of_life = closed + relativedelta(years=6, month=3, day=10)
        self.assertEqual(self._until(), fields.Date.to_date(f"{closed.year + 7}-12-31"))
        template.quality_end_of_life = closed - relativedelta(years=4)
        self.assertEqual(self._until(), closed + relativedelta(years=2))

    def test_the_custodian_is_named(self):
        """K1: each kind of record has its custodian department."""
        department = self.env["hr.department"].create(
            {"name": "Archive", "company_id": self.company.id}
        )
        self._rule(custodian_id=department.id, company_id=self.company.id)
        self._until()
        self.assertEqual(self.review.record_id.with_user(self.auditor).custodian_id.name, "Archive")

    def test_two_rules_for_the_same_are_refused(self):
        """K1: one answer to how long."""
        self._rule(model_id=self._kind())
        with self.assertRaises(ValidationError):
            self._rule(model_id=self._kind())

    def test_whose_time_is_over_can_be_searched(self):
        """K1: what may be disposed of is found."""
        over = [("is_retention_over", "=", True), ("company_id", "=", self.company.id)]
        self.assertFalse(self.env["quality.record"].search(over))
        self._age(2)
        self.assertEqual(self.env["quality.record"].search(over), self.review.record_id)

    def test_all_that_are_closed_are_searched(self):
        """K1: what must be kept for longer does not hide what was closed after it."""
        kept = self._close_review()
        self._age(5, kept)
        self._age(3)
        self._rule(years=9, class_id=self._give_class(kept).id)
        with patch.object(retention, "LOOK_AT_ONCE", 1):
            found = self.env["quality.record"].search(
                [("is_retention_over", "=", True), ("company_id", "=", self.company.id)]
            )
        self.assertEqual(found, self.review.record_id)

    def _give_class(self, review):
        """Let the customer of a review be of a class of its own."""
        customer = self.env["res.partner"].create({"name": "Plant"})
        customer.quality_class_id = self.env["quality.customer.class"].create({"name": "Plant"})
        review.order_id.partner_id = review.partner_id = customer
        return customer.quality_class_id

    # A rule has a history

    def test_a_changed_rule_says_who_changed_what(self):
        """K1: nobody shortens the time without a trace."""
        rule = self._rule(years=15, model_id=self._kind())
        self._flush_tracking()
        rule = rule.with_user(self.quality_manager).with_context(tracking_disable=False)
        rule.write({"years": 1, "by_product_life": True})
        self._flush_tracking()
        values = rule.message_ids.sudo().tracking_value_ids
        changes = {value.field_id.name: value for value in values}
        self.assertEqual(set(changes), {"years", "by_product_life"})
        self.assertEqual(
            (changes["years"].old_value_integer, changes["years"].new_value_integer), (15, 1)
        )
        self.assertEqual(rule.message_ids[0].author_id, self.quality_manager.partner_id)

    def test_a_rule_is_archived_not_deleted(self):
        """K1: its history stays; an archived one binds nobody, whatever the context."""
        rule = self._rule(years=15, model_id=self._kind())
        with self.assertRaisesRegex(UserError, "Archive"):
            rule.with_user(self.quality_manager).unlink()
        rule.with_user(self.quality_manager).action_archive()
        self.assertEqual(self._until(), self.review.date_closed.date() + relativedelta(years=2))
        record = self.review.record_id.with_context(active_test=False)
        record.invalidate_recordset()
        self.assertEqual(record.date_retain_until, self._until())
        self._rule(years=3, model_id=self._kind())

    def test_what_decides_on_the_time_leaves_a_trace(self):
        """K1: class of the customer and end of the product's life are tracked, too."""
        self._flush_tracking()
        customer = self.customer.with_context(tracking_disable=False)
        customer.quality_class_id = self.env["quality.customer.class"].create({"name": "Plant"})
        template = self.product.product_tmpl_id.with_context(tracking_disable=False)
        template.quality_end_of_life = "2031-01-01"
        self._flush_tracking()
        for record, name in (
            (customer, "quality_class_id"),
            (template, "quality_end_of_life"),
        ):
            tracked = record.message_ids.tracking_value_ids.field_id.mapped("name")
            self.assertIn(name, tracked)

    def _flush_tracking(self):
        self.env.cr.flush()
        self.env.invalidate_all()

    # Nobody deletes earlier

    def test_nobody_deletes_a_record_or_its_order(self):
        """K1: neither by hand nor by a cascade, administrators included."""
        order = self.review.order_id
        order._action_cancel()
        for record in (self.review, self.review.record_id, order, self.review.line_ids):
            with self.subTest(record._name), self.assertRaises(UserError):
                if record == self.review.line_ids:
                    record.review_id.unlink()
                record.unlink()
        self.assertTrue(self.review.exists())

    def test_files_of_a_signed_or_closed_record_stay_as_they_are(self):
        """K1: attachments can't be deleted, replaced or moved away; more can be added."""
        file = self._attach(self.review)
        for refused in (
            lambda: file.unlink(),
            lambda: file.write({"raw": b"other"}),
            lambda: file.write({"datas": base64.b64encode(b"other")}),
            lambda: file.write({"res_id": self._request_review(self._create_order()).id}),
            lambda: file.write({"res_model": "res.partner"}),
            lambda: file.write({"type": "url", "url": "https://example.com"}),
        ):
            with self.assertRaises(UserError):
                refused()
        file.write({"raw": b"as received", "name": "Drawing.pdf"})
        self.assertEqual(file.raw, b"as received")
        self._attach(self.review, name="second.pdf").exists()

    def test_files_of_an_open_unsigned_record_can_be_corrected(self):
        """K1: a file attached by mistake can go while nobody signed."""
        review = self._request_review(self._create_order())
        file = self._attach(review)
        file.write({"raw": b"better"})
        file.unlink()
        file = self._attach(review)
        self._sign(review, self.engineer)
        with self.assertRaises(UserError):
            file.unlink()

    def test_files_elsewhere_are_nobodys_business(self):
        """K1: other attachments are deleted and replaced as ever."""
        file = self._attach(self.customer)
        with self.assertQueryCount(self._count_unlink_queries()):
            file.write({"res_id": self.customer.id})
        file.write({"raw": b"other"})
        file.unlink()

    def _count_unlink_queries(self):
        return 3  # the row is read and written; nothing of ours is asked

    def test_a_merge_of_customers_keeps_the_records(self):
        """K1: the records of both customers belong to the one that stays."""
        other = self.env["res.partner"].create({"name": "Vehicle Plant, again"})
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([self.customer.id, other.id], other)
        self.review.invalidate_recordset()
        self.assertTrue(self.review.exists())
        self.assertEqual(self.review.partner_id, other)

    def test_a_mapped_department_says_what_it_signs_for(self):
        """K1: no bare error of the database."""
        department = self.env["hr.department"].create(
            {"name": "Engineering", "company_id": self.company.id}
        )
        self._assign("engineering", self.engineer).department_id = department
        with self.assertRaisesRegex(UserError, "Engineering signs for Engineering"):
            department.unlink()

    # Disposal

    def _dispose(self, user, records=None, reason="Two years are over."):
        dialog = self.env["quality.record.dispose"].with_user(user)
        records = records or self.review.record_id
        return dialog.create({"record_ids": records.ids, "reason": reason}).action_dispose()

    def test_disposal_deletes_files_once_the_time_is_over(self):
        """K1: number, dates and signatures stay as proof."""
        file = self._attach(self.review)
        with self.assertRaises(UserError):
            self._dispose(self.quality_manager)
        self._age(2)
        signatures = self.env["quality.signature"].search(
            [("record_id", "=", self.review.record_id.id)]
        )
        self._dispose(self.quality_manager)
        self.assertFalse(file.exists())
        self.assertFalse(self.review.message_ids)
        self.assertEqual(self.review.record_id.disposed_by, self.quality_manager.name)
        self.assertTrue(signatures.exists())

    def test_disposal_deletes_files_behind_fields_too(self):
        """K1: the drawing itself goes, not only what was attached beside it."""
        document = self.env["quality.customer.document"].create(
            {"number": "D-1", "name": "Housing", "partner_id": self.customer.id}
        )
        revision = self.env["quality.customer.document.revision"].create(
            {"document_id": document.id, "revision": "A", "file": base64.b64encode(b"drawing")}
        )
        revision.with_user(self.seller).action_reject()
        self._age(2, revision)
        self._dispose(self.quality_manager, revision.record_id)
        revision.invalidate_recordset()
        self.assertFalse(revision.file)
        self.assertTrue(revision.checksum)

    def test_what_is_disposed_of_stays_noted(self):
        """K1: nobody writes another name or reason over it."""
        self._age(2)
        self._dispose(self.quality_manager)
        noted = self.review.record_id.date_disposed
        with self.assertRaisesRegex(UserError, "disposed of"):
            self._dispose(self.quality_manager, reason="Something else")
        self.assertEqual(self.review.record_id.disposal_reason, "Two years are over.")
        self.assertEqual(self.review.record_id.date_disposed, noted)

    def test_only_managers_dispose(self):
        """K1: not the officer, the seller, the auditor, or nobody."""
        self._age(2)
        for user in (self.inspector, self.seller, self.auditor, self.nobody):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._dispose(user)
        self.assertFalse(self.review.record_id.date_disposed)

    def test_only_managers_set_rules(self):
        """K1: how long records are kept is the quality manager's to say."""
        for user in (self.inspector, self.seller, self.auditor, self.nobody):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["quality.retention.rule"].with_user(user).create({"years": 0})
        self.env["quality.retention.rule"].with_user(self.quality_manager).create({"years": 4})

    # Record list

    def test_the_record_list_is_printed(self):
        """K1: record list as PDF."""
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html("customer_quality.report_record_list", self.review.record_id.ids)[0]
            .decode()
        )
        self.assertIn(self.review.name, html)
        self.assertIn("Contract Review", html)

    def test_the_list_costs_the_same_for_many(self):
        """DESIGN: one query per table, not per row."""
        self._rule(by_product_life=True)
        names = ["kind", "custodian_id", "date_retain_until"]

        def read(records):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.read(names)
            return self.env.cr.sql_log_count - before

        read(self.review.record_id)
        few = read(self.review.record_id)
        reviews = self.review + self._close_review() + self._close_review()
        records = self.env["quality.record"].browse(reviews.record_id.ids)
        self.assertLessEqual(read(records), few)
