from datetime import date, datetime

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ..lib.canonical import digest
from .common import BASE, QualityCase


@tagged("post_install", "-at_install")
class TestFingerprint(QualityCase):
    """Whatever was reviewed and is changed makes an approval stale; nothing else does (B6)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.address = cls.env["res.partner"].create(
            {"name": "Plant 2", "parent_id": cls.customer.id, "type": "delivery"}
        )
        cls.configured = cls._create_configured()
        cls.free_text = cls.configured.product_variant_id
        cls.other = cls.env["product.product"].create(
            {"name": "Other Machine", "is_storable": True, "list_price": 100, "taxes_id": False}
        )

    @classmethod
    def _create_configured(cls):
        """Return a product whose engraving the customer words."""
        attribute = cls.env["product.attribute"].create(
            {
                "name": "Engraving",
                "create_variant": "no_variant",
                "value_ids": [Command.create({"name": "Text", "is_custom": True})],
            }
        )
        cls.engraving = attribute.value_ids
        template = cls.env["product.template"].create(
            {
                "name": "Plate",
                "taxes_id": False,
                "attribute_line_ids": [
                    Command.create(
                        {
                            "attribute_id": attribute.id,
                            "value_ids": [Command.set(attribute.value_ids.ids)],
                        }
                    )
                ],
            }
        )
        cls.chosen = template.attribute_line_ids.product_template_value_ids
        return template

    def setUp(self):
        super().setUp()
        self.order = self._create_order(5, 3, commitment_date=datetime(2031, 5, 20, 10))
        self.line = self.order.order_line[0]
        self.order.quality_requirement_ids = [
            Command.create({"kind": "packaging", "text": "Wooden crate"})
        ]
        self.requirement = self.order.quality_requirement_ids
        self.line.quality_schedule_ids = [
            Command.create({"date": "2031-05-02", "quantity": 2, "note": "Gate 1"}),
            Command.create({"date": "2031-05-09", "quantity": 3}),
        ]
        self.plate = self._add_plate(self.order)
        self._approve(self._request_review(self.order))
        self.review = self.order.quality_review_id
        self.assertEqual(self.review.state, "approved")

    def _add_plate(self, order):
        order.order_line = [
            Command.create(
                {
                    "product_id": self.free_text.id,
                    "product_uom_qty": 1,
                    "product_no_variant_attribute_value_ids": [Command.set(self.chosen.ids)],
                    "product_custom_attribute_value_ids": [
                        Command.create(
                            {
                                "custom_product_template_attribute_value_id": self.chosen.id,
                                "custom_value": "FIRE EXIT",
                            }
                        )
                    ],
                }
            )
        ]
        return order.order_line[-1]

    def _is_stale(self, change):
        """Tell whether ``change`` makes the approval stale; it is undone afterwards."""
        savepoint = self.env.cr.savepoint()
        change()
        self.env.flush_all()
        self.env.invalidate_all()
        stale = bool(self.review._filter_stale())
        savepoint.close(rollback=True)
        self.env.invalidate_all()
        return stale

    def _changes_of_the_order(self):
        order = self.order
        currency = self.env["res.currency"].search([("id", "!=", order.currency_id.id)], limit=1)
        writes = {
            "partner_id": self.customer.create({"name": "Another"}).id,
            "partner_shipping_id": self.customer.id,
            "partner_invoice_id": self.address.id,
            "client_order_ref": "PO 4711",
            "commitment_date": datetime(2031, 5, 21, 10),
            "incoterm": self.env.ref("account.incoterm_FCA").id,
            "incoterm_location": "Hamburg",
            "note": "Payment in advance",
            "picking_policy": "one",
            "payment_term_id": self.env["account.payment.term"].create({"name": "60 days"}).id,
            "fiscal_position_id": self.env["account.fiscal.position"]
            .create({"name": "Export", "company_id": self.company.id})
            .id,
            "currency_id": currency.id,
            "quality_export_law": "CCC",
            "quality_latest_shipment": date(2031, 5, 1),
            "quality_packing_rules": "ISPM 15",
            "quality_label_rules": "Cyrillic",
        }
        return {name: (order, {name: value}) for name, value in writes.items()}

    def _changes_of_the_lines(self):
        route = self.env["stock.route"].create({"name": "Cross-dock", "sale_selectable": True})
        dozen = self.env.ref("uom.product_uom_dozen")
        tax = self.env["account.tax"].search([("company_id", "=", self.company.id)], limit=1)
        writes = {
            "product_id": self.other.id,
            "name": "Machine, painted red",
            "product_uom_qty": 6,
            "product_uom_id": dozen.id,
            "price_unit": 99,
            "discount": 3,
            "customer_lead": 9,
            "route_ids": [Command.set(route.ids)],
            "quality_partial_delivery": "no",
            "quality_tolerance_under": 2,
            "quality_tolerance_over": 2,
            "quality_kind_choice": "sample",
        }
        if tax:
            writes["tax_ids"] = [Command.set(tax.ids)]
        changes = {name: (self.line, {name: value}) for name, value in writes.items()}
        custom = self.plate.product_custom_attribute_value_ids
        first = self.line.quality_schedule_ids[0]
        return {
            **changes,
            "custom text": (custom, {"custom_value": "WAY OUT"}),
            "delivery date": (first, {"date": "2031-05-03"}),
            "delivery quantity": (first, {"quantity": 1}),
            "delivery place": (first, {"note": "Gate 2"}),
            "requirement text": (self.requirement, {"text": "Steel crate"}),
            "requirement kind": (self.requirement, {"kind": "quality"}),
            "requirement line": (self.requirement, {"order_line_id": self.line.id}),
            "characteristic": (self.requirement, {"characteristic": "safety"}),
            "requirement role": (self.requirement, {"role_id": self._role("quality").id}),
        }

    def test_whatever_is_reviewed_makes_it_stale(self):
        """B6, A1: each value alone, of order, line, requirement, schedule and configuration."""
        self.assertFalse(self.review._filter_stale())
        changes = self._changes_of_the_order() | self._changes_of_the_lines()
        for name, (record, vals) in changes.items():
            with self.subTest(name):
                self.assertTrue(self._is_stale(lambda r=record, v=vals: r.write(v)))

    def test_rows_that_come_or_go_make_it_stale(self):
        """B6: lines, sections, requirements and deliveries."""
        order, line = self.order, self.line
        add = Command.create
        changes = {
            "line": lambda: order.write(
                {"order_line": [add({"product_id": self.service.id, "product_uom_qty": 1})]}
            ),
            "note": lambda: order.write(
                {"order_line": [add({"display_type": "line_note", "name": "Urgent"})]}
            ),
            "line gone": lambda: order.order_line[1].unlink(),
            "requirement": lambda: order.write(
                {"quality_requirement_ids": [add({"kind": "quality", "text": "PPAP"})]}
            ),
            "requirement gone": self.requirement.unlink,
            "delivery gone": line.quality_schedule_ids[0].unlink,
            "custom text gone": self.plate.product_custom_attribute_value_ids.unlink,
        }
        for name, change in changes.items():
            with self.subTest(name):
                self.assertTrue(self._is_stale(change))

    def test_nothing_else_makes_it_stale(self):
        """B6: neither what nobody reviews, nor master data, nor the same values again."""
        order, line = self.order, self.line
        changes = {
            "salesperson": (order, {"user_id": self.env.user.id}),
            "expiration": (order, {"validity_date": date(2032, 1, 1)}),
            "source": (order, {"origin": "Fair"}),
            "online": (order, {"require_signature": True, "require_payment": True}),
            "sent": (order, {"state": "sent"}),
            "in hand": (order, {"quality_order_in_hand": True}),
            "order of lines": (line, {"sequence": 99}),
            "order of requirements": (self.requirement, {"sequence": 99}),
            "same quantity": (line, {"product_uom_qty": 5.0}),
            "same date": (order, {"commitment_date": "2031-05-20 10:00:00"}),
            "same text": (self.requirement, {"text": "Wooden crate"}),
            "product's name": (self.product, {"name": "Renamed", "list_price": 1}),
            "product's cost": (self.product, {"standard_price": 12}),
            "customer's name": (self.customer, {"name": "Vehicle Plant Ltd."}),
            "customer's street": (self.customer, {"street": "Other Street 1"}),
            "name of the warehouse": (self.warehouse, {"name": "Hall 2"}),
        }
        for name, (record, vals) in changes.items():
            with self.subTest(name):
                self.assertFalse(self._is_stale(lambda r=record, v=vals: r.write(v)))

    def test_merged_contacts_are_the_same_customer(self):
        """B6: whom the order names is whom the review names, under whichever entry."""
        contacts = self._create_user(
            "contacts", f"{BASE},sales_team.group_sale_manager,base.group_partner_manager"
        )
        again, twice = self.env["res.partner"].create([{"name": "Again"}, {"name": "Twice"}])
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(contacts).create({})
        for source, target in ((self.customer, again), (again, twice)):
            wizard._merge([source.id, target.id], target.with_user(contacts))
        self.env.invalidate_all()
        self.assertEqual(self.order.partner_id, twice)
        self.assertFalse(self.review._filter_stale())
        other = self.env["res.partner"].create({"name": "Another"})
        with self.assertRaises(AccessError):  # nobody says so but the merge
            other.with_user(contacts).quality_merged_ids = [self.review.partner_id.id]
        self.assertTrue(self._is_stale(lambda: self.order.write({"partner_id": other.id})))
        self.assertTrue(self._is_stale(lambda: self.line.write({"product_uom_qty": 9})))

    def test_what_stock_does_makes_it_no_staler(self):
        """B6: figures of the moment are no part of what is signed."""
        self.assertFalse(self._is_stale(lambda: self._put_in_stock(self.product, 40)))

    def test_every_language_reads_the_same(self):
        """B6: what a product's values are called in a language is no part of it."""
        self.engraving.with_context(lang="fr_FR").name = "Texte"
        self.engraving.attribute_id.with_context(lang="fr_FR").name = "Gravure"
        digests = set()
        for lang in ("fr_FR", "en_US", None):
            self.env.flush_all()
            self.env.invalidate_all()
            order = self.order.with_context(lang=lang)
            for with_prices in (True, False):
                digests.add((with_prices, digest(order._get_quality_content(with_prices))))
        self.assertEqual(len(digests), 2)
        self.assertFalse(self.review.with_context(lang="fr_FR")._filter_stale())

    def test_prices_are_no_part_of_what_others_sign(self):
        """M5: another price leaves the fingerprint of the departments without prices."""
        before = digest(self.order._get_quality_content(with_prices=False))
        self.line.write({"price_unit": 1, "discount": 5})
        self.order.payment_term_id = self.env["account.payment.term"].create({"name": "60 days"})
        self.assertEqual(digest(self.order._get_quality_content(with_prices=False)), before)
