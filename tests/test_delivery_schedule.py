from datetime import date

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..lib.canonical import digest
from .common import BASE, QualityCase


@tagged("post_install", "-at_install")
class TestDeliverySchedule(QualityCase):
    """Delivery schedule, tolerance, export, and the customer form (A1, A6)."""

    def _schedule(self, order, *deliveries, line=None):
        line = line or order.order_line[0]
        return (
            self.env["quality.delivery.schedule"]
            .with_user(self.seller)
            .create(
                [
                    {"order_line_id": line.id, "date": day, "quantity": quantity}
                    for day, quantity in deliveries
                ]
            )
        )

    def _create_scheduled_order(self):
        order = self._create_order(10)
        self._schedule(order, ("2027-03-01", 4), ("2027-02-01", 6))
        return order

    # Schedule

    def test_dates_and_quantities_of_a_line(self):
        """A1: date × quantity per line, earliest first."""
        order = self._create_scheduled_order()
        self.assertEqual(
            order.order_line._get_quality_dates(), [(date(2027, 2, 1), 6), (date(2027, 3, 1), 4)]
        )
        self.assertEqual(order.quality_schedule_ids.order_id, order)

    def test_without_a_schedule_the_whole_line_is_due_once(self):
        """A1: the commitment date holds where nothing else was agreed."""
        order = self._create_order(10, commitment_date="2027-05-05 12:00:00")
        self.assertEqual(order.order_line._get_quality_dates(), [(date(2027, 5, 5), 10)])

    def test_a_schedule_that_does_not_add_up_is_not_reviewed(self):
        """A1: shown as a warning, refused when the review is requested, by any way."""
        order = self._create_order(10)
        self._schedule(order, ("2027-02-01", 6))
        seen = order.with_user(self.seller)
        self.assertIn("Machine", seen.quality_schedule_warning)
        with self.assertRaisesRegex(UserError, "does not add up"):
            self._request_review(order)
        self._schedule(order, ("2027-03-01", 4))
        self.assertFalse(seen.quality_schedule_warning)
        self.assertEqual(self._request_review(order).state, "review")

    def test_a_line_without_a_schedule_needs_none(self):
        """A1: the schedule is optional, line by line."""
        order = self._create_order(10, 5)
        self._schedule(order, ("2027-02-01", 10))
        self.assertEqual(self._request_review(order).state, "review")

    def test_the_form_takes_a_schedule(self):
        """A1: sales enter it on the quotation."""
        order = self._create_order(10)
        with Form(order.with_user(self.seller)) as form:
            with form.quality_schedule_ids.new() as delivery:
                delivery.order_line_id = order.order_line
                delivery.date = "2027-02-01"
                delivery.quantity = 10
            form.quality_latest_shipment = "2027-01-15"
        self.assertEqual(order.order_line.quality_schedule_ids.quantity, 10)

    def test_the_review_keeps_the_schedule_as_it_was(self):
        """A1: a snapshot on the review line; the earliest delivery is the date promised."""
        order = self._create_scheduled_order()
        order.order_line.quality_tolerance_over = 5
        review = self._request_review(order)
        line = review.line_ids
        self.assertEqual(line.schedule, [["2027-02-01", 6], ["2027-03-01", 4]])
        self.assertEqual(line.date_expected.date(), date(2027, 2, 1))
        order.quality_schedule_ids[0].date = "2027-04-01"
        self.assertEqual(line.schedule[0], ["2027-02-01", 6])
        self.assertIn("02/01/2027", line.delivery_summary)
        self.assertIn("5", line.delivery_summary)

    def test_the_review_form_prints_schedule_and_export(self):
        """A1: on the printed form."""
        order = self._create_scheduled_order()
        order.quality_export_law = "CE marking"
        review = self._request_review(order)
        html = self.env["ir.actions.report"]._render_qweb_html(
            "customer_quality.report_contract_review", review.ids
        )[0]
        self.assertIn("02/01/2027", html.decode())
        self.assertIn("CE marking", html.decode())

    def test_a_commitment_date_stays_the_promised_date(self):
        """A1: what sales promised for the order goes first."""
        order = self._create_scheduled_order()
        order.commitment_date = "2027-01-10 12:00:00"
        review = self._request_review(order)
        self.assertEqual(review.line_ids.date_expected.date(), date(2027, 1, 10))

    def test_a_copied_order_has_no_old_dates(self):
        """A1: dates belong to one order; packing rules and tolerances go with the copy."""
        order = self._create_scheduled_order()
        order.write({"quality_latest_shipment": "2027-01-01", "quality_packing_rules": "Pallets"})
        order.order_line.quality_tolerance_under = 3
        copy = order.copy()
        self.assertFalse(copy.quality_schedule_ids)
        self.assertFalse(copy.quality_latest_shipment)
        self.assertEqual(copy.quality_packing_rules, "Pallets")
        self.assertEqual(copy.order_line.quality_tolerance_under, 3)

    def test_a_deleted_line_takes_its_schedule_along(self):
        """A1: a draft line is deleted as ever."""
        order = self._create_scheduled_order()
        order.order_line.with_user(self.seller).unlink()
        self.assertFalse(order.quality_schedule_ids)

    def test_a_delivery_stays_within_its_order(self):
        """A1: the line belongs to the same order."""
        order, other = self._create_order(), self._create_order()
        delivery = self._schedule(order, ("2027-02-01", 5))
        with self.assertRaises(ValidationError):
            delivery.order_line_id = other.order_line

    # Fingerprint

    def _digests(self, order):
        order.env.invalidate_all()
        return tuple(digest(order._get_quality_content(prices)) for prices in (True, False))

    def test_an_order_without_any_of_it_is_fingerprinted_as_before(self):
        """B6: approvals given before these fields existed stay valid."""
        content = self._create_order()._get_quality_content()
        self.assertNotIn("export", content)
        self.assertNotIn("contract", content)
        added = {"schedule", "partial_delivery", "tolerance_under", "tolerance_over", "documents"}
        self.assertFalse(added & content["lines"][0].keys())

    def test_any_change_of_delivery_is_another_order(self):
        """B6, A1: schedule, tolerance, partial delivery and export are what is reviewed."""
        order = self._create_scheduled_order()
        delivery, line = order.quality_schedule_ids[0], order.order_line
        changes = (
            (delivery, {"date": "2027-02-02"}),
            (delivery, {"quantity": 5.5}),
            (delivery, {"note": "Gate 4"}),
            (line, {"quality_tolerance_under": 1}),
            (line, {"quality_tolerance_over": 1}),
            (line, {"quality_partial_delivery": "no"}),
            (line, {"quality_partial_delivery": "yes"}),
            (order, {"quality_export_law": "CE"}),
            (order, {"quality_latest_shipment": "2027-01-01"}),
            (order, {"quality_packing_rules": "Pallets"}),
            (order, {"quality_label_rules": "VDA 4902"}),
        )
        before = self._digests(order)
        seen = {before}
        for record, vals in changes:
            record.write(vals)
            after = self._digests(order)
            with self.subTest(vals):
                self.assertNotIn(after, seen)
                self.assertNotEqual(after[1], before[1])
            seen.add(after)
            before = after
        delivery.unlink()
        self.assertNotIn(self._digests(order), seen)

    def test_nothing_else_is_another_order(self):
        """B6: the same values, and what nobody reviews, leave the fingerprint as it is."""
        order = self._create_scheduled_order()
        before = self._digests(order)
        self.customer.write({"quality_profile": "Trucks", "quality_tolerance_over": 9})
        order.quality_schedule_ids[0].quantity = order.quality_schedule_ids[0].quantity
        order.write({"quality_packing_rules": False, "origin": "Fair"})
        self.assertEqual(self._digests(order), before)

    def test_the_fingerprint_is_the_same_for_everybody(self):
        """B6: whoever looks, with whatever rights, sees the same content."""
        order = self._create_scheduled_order()
        manager = self._create_user("salesmanager", f"{BASE},sales_team.group_sale_manager")
        self.assertEqual(
            digest(order.with_user(manager)._get_quality_content()),
            digest(order.sudo()._get_quality_content()),
        )

    def test_the_fingerprint_of_many_orders_costs_a_flat_number_of_queries(self):
        """DESIGN: at most one query per model and batch for schedules and drawings."""

        def count(orders):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            for order in orders:
                order._get_quality_content()
            return self.env.cr.sql_log_count - before

        orders = self.env["sale.order"].union(
            *(self._create_scheduled_order() for _index in range(12))
        )
        count(orders)
        self.assertLessEqual(count(orders), count(orders[:1]) + 2)

    # Customer form

    def test_the_tolerance_of_the_customer_is_proposed_on_new_lines(self):
        """A1, A6: default from the company behind the contact; what sales enter stays."""
        self.customer.write({"quality_tolerance_under": 2, "quality_tolerance_over": 5})
        buyer = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        order = self._create_order(partner_id=buyer.id)
        self.assertEqual(order.order_line.quality_tolerance_under, 2)
        self.assertEqual(order.order_line.quality_tolerance_over, 5)
        order.order_line.quality_tolerance_over = 0
        order.order_line.product_uom_qty = 8
        self.assertEqual(order.order_line.quality_tolerance_over, 0)

    def test_contacts_show_what_the_company_carries(self):
        """A6: the particulars are the company's, also where the contact comes later."""
        classes = self.env["quality.customer.class"].create([{"name": "OEM"}, {"name": "End"}])
        buyer = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        self.customer.write(
            {"quality_class_id": classes[0].id, "quality_is_key": True, "quality_profile": "Trucks"}
        )
        late = self.env["res.partner"].create({"name": "Late", "parent_id": self.customer.id})
        for contact in buyer | late:
            self.assertEqual(contact.quality_class_id, classes[0])
            self.assertTrue(contact.quality_is_key)
            self.assertEqual(contact.quality_profile, "Trucks")

    def test_the_customer_master_form_prints_address_contacts_and_class(self):
        """A6: the form as PDF, for a contact that of its company."""
        self.customer.write(
            {
                "street": "Works Road 1",
                "quality_class_id": self.env["quality.customer.class"].create({"name": "OEM"}).id,
                "quality_profile": "Builds trucks",
            }
        )
        buyer = self.env["res.partner"].create(
            {"name": "Berta Buyer", "parent_id": self.customer.id, "function": "Purchasing"}
        )
        html = (
            self.env["ir.actions.report"]
            .with_user(self.seller)
            ._render_qweb_html("customer_quality.report_customer_master", buyer.ids)[0]
            .decode()
        )
        for text in ("Vehicle Plant", "Works Road 1", "OEM", "Builds trucks", "Berta Buyer"):
            self.assertIn(text, html)
        self.assertIn("QF-22", html)

    def test_a_negative_tolerance_is_refused(self):
        """A1: nobody delivers less than nothing."""
        line = self._create_order().order_line
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            line.quality_tolerance_under = 101
            line.flush_recordset()

    # Rights

    def test_only_sales_schedule_and_only_their_own_orders(self):
        """Rights: departments read the schedule; colleagues and portal do not."""
        order = self._create_scheduled_order()
        delivery = order.quality_schedule_ids[0]
        self.assertTrue(delivery.with_user(self.producer).date)
        portal = self._create_user("portal_schedule", "base.group_portal")
        for user in self.producer | self.engineer | self.auditor | self.nobody | portal:
            with self.subTest(user.login), self.assertRaises(AccessError):
                delivery.with_user(user).quantity = 1
            with self.subTest(user.login), self.assertRaises(AccessError):
                delivery.with_user(user).unlink()
        colleague = self._create_user("colleague", f"{BASE},sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            delivery.with_user(colleague).read(["date"])
        with self.assertRaises(AccessError):
            self.env["quality.delivery.schedule"].with_user(colleague).create(
                {"order_line_id": order.order_line.id, "date": "2027-01-01", "quantity": 1}
            )

    def test_another_company_sees_no_schedule(self):
        """Multi-company: as the order itself."""
        self._create_scheduled_order()
        other = self.env["res.company"].create({"name": "Elsewhere Ltd."})
        stranger = self._create_user(
            "stranger_schedule", f"{BASE},sales_team.group_sale_manager", other
        )
        env = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        self.assertFalse(env["quality.delivery.schedule"].search([]))
