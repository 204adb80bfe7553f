from datetime import datetime, time, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..models.extensions.sale_order_guard import AgreedOrderChanged
from .guard_common import PROMISED, GuardCase
from .test_framework_contract import FrameworkCase

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestGuardBypass(GuardCase):
    """Ways around the guard that end at its refusal (C5)."""

    def setUp(self):
        super().setUp()
        self.order = self._create_agreed_order(5)
        self.line = self.order.order_line.with_user(self.seller)

    def test_goods_that_look_like_a_down_payment_are_not_deleted(self):
        """C5: core lets down payments be deleted on confirmed orders; goods stay goods."""
        order = self._create_order(5, commitment_date=PROMISED)
        order.order_line.is_downpayment = True
        self._approve(self._request_review(order))
        self._confirm(order)
        with self.assertRaises(UserError):
            order.order_line.with_user(self.seller).unlink()

    def test_core_s_own_lines_are_deleted_as_ever(self):
        """C5: neither notes nor down payments are what was agreed."""
        self.order.order_line = [Command.create({"display_type": "line_note", "name": "Mind"})]
        self.order.order_line.filtered("display_type").with_user(self.seller).unlink()

    def test_rows_are_not_moved_in_from_another_order(self):
        """C5: a requirement of a quotation does not become one of an agreed order."""
        draft = self._create_order(1)
        draft.quality_requirement_ids = [Command.create({"kind": "quality", "text": "Free"})]
        row = draft.quality_requirement_ids.with_user(self.seller)
        with self.assertRaises(AgreedOrderChanged):
            row.order_id = self.order

    def test_what_is_made_is_not_worded_anew(self):
        """C5: the customer's own text of a configured product stays, on the line and alone."""
        attribute = self.env["product.attribute"].create(
            {
                "name": "Engraving",
                "create_variant": "no_variant",
                "value_ids": [Command.create({"name": "Text", "is_custom": True})],
            }
        )
        plate = self.env["product.template"].create(
            {
                "name": "Plate",
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
        chosen = plate.attribute_line_ids.product_template_value_ids
        order = self._create_order(1, product=plate.product_variant_id, commitment_date=PROMISED)
        text = {"custom_product_template_attribute_value_id": chosen.id}
        order.order_line.product_custom_attribute_value_ids = [
            Command.create({**text, "custom_value": "FIRE EXIT"})
        ]
        self._approve(self._request_review(order))
        self._confirm(order)
        bare = self._create_agreed_order(1, product=plate.product_variant_id)
        line = order.order_line.with_user(self.seller)
        custom = line.product_custom_attribute_value_ids
        with self.assertRaises(AgreedOrderChanged):
            custom.custom_value = "WAY OUT"
        with self.assertRaises(AgreedOrderChanged):
            line.product_custom_attribute_value_ids = [
                Command.update(custom.id, {"custom_value": "WAY OUT"})
            ]
        with self.assertRaises(AgreedOrderChanged):
            line.product_custom_attribute_value_ids = [Command.clear()]
        with self.assertRaises(AgreedOrderChanged):
            custom.unlink()
        with self.assertRaises(AgreedOrderChanged):
            self.env["product.attribute.custom.value"].with_user(self.seller).create(
                {**text, "custom_value": "MORE", "sale_order_line_id": bare.order_line.id}
            )
        custom.custom_value = "FIRE EXIT"  # the same again is no change

    def test_a_charge_added_after_the_confirmation_leaves_the_approval(self):
        """B6: core's own lines on a confirmed order are nothing that was reviewed."""
        review = self.order.quality_review_id
        self.service.expense_policy = "cost"
        self.order.order_line = [
            Command.create(
                {"product_id": self.service.id, "product_uom_qty": 1, "is_expense": True}
            ),
            Command.create({"product_id": self.bought.id, "product_uom_qty": 0}),
        ]
        self.assertFalse(review._filter_stale())
        self.assertEqual(self.order.quality_review_status, "approved")
        self.order.order_line[0].name = "Other text"
        self.assertTrue(review._filter_stale())


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 08:00:00")
class TestForecastGuard(FrameworkCase):
    """Only the firm zone is guarded, and nobody makes a forecast of what is firm (B9, C5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.quality_guard_orders = True

    def _agree(self, order):
        self._approve_all(self._request_review(order))
        self._confirm(order)
        self.assertEqual(order.state, "sale")
        return order.with_user(self.seller)

    def test_an_agreed_order_is_not_called_a_forecast(self):
        """B9, C5: another framework contract would take an order out of the guard."""
        framework = self._put_in_force(self._create_framework(firm_weeks=1))
        moment = datetime.combine(fields.Date.today() + 60 * DAY, time(12))
        order = self._agree(self._create_order(5, commitment_date=moment))
        with self.assertRaises(AgreedOrderChanged):
            order.quality_framework_id = framework
        with self.assertRaises(AgreedOrderChanged):
            order.write({"quality_framework_id": framework.id, "client_order_ref": "x"})
        order.quality_framework_id = False  # as it is: no change
        with self.assertRaises(AgreedOrderChanged):
            order.order_line.product_uom_qty = 500

    def test_a_draft_contract_makes_no_forecast(self):
        """B9: its firm zone was reviewed by nobody."""
        framework = self._create_framework(firm_weeks=1)
        order = self._call_off(framework, 5, days=60)
        self.assertTrue(order.order_line._is_quality_promised())
        self.assertFalse(order.order_line.quality_is_forecast)

    def test_another_customers_contract_makes_no_forecast(self):
        """B9: a contract binds who made it."""
        framework = self._put_in_force(self._create_framework(firm_weeks=1))
        other = self.customer.create({"name": "Other"})
        order = self._call_off(framework, 5, days=60, partner_id=other.id)
        self.assertTrue(order.order_line._is_quality_promised())

    def test_a_forecast_may_be_changed_but_not_made_firm(self):
        """B9: nobody compared it, so it is not moved into the firm zone without an override."""
        framework = self._put_in_force(self._create_framework())
        order = self._agree(self._call_off(framework, 500, days=60))
        order.order_line.product_uom_qty = 400
        order.commitment_date = order.commitment_date + 7 * DAY
        with self.assertRaises(AgreedOrderChanged):
            order.commitment_date = datetime.combine(fields.Date.today() + 7 * DAY, time(12))

    def test_deliveries_beyond_the_firm_zone_may_be_changed(self):
        """B9: of a line with both, only the firm deliveries are guarded."""
        framework = self._put_in_force(self._create_framework())
        order = self._call_off(framework, 8, days=7)
        today = fields.Date.today()
        order.order_line.quality_schedule_ids = [
            Command.create({"date": today + 7 * DAY, "quantity": 5}),
            Command.create({"date": today + 60 * DAY, "quantity": 3}),
        ]
        order = self._agree(order)
        firm, forecast = order.order_line.quality_schedule_ids.sorted("date")
        forecast.date = today + 70 * DAY
        forecast.quantity = 4
        with self.assertRaises(AgreedOrderChanged):
            firm.quantity = 1
        with self.assertRaises(AgreedOrderChanged):
            firm.date = today + 70 * DAY
        with self.assertRaises(AgreedOrderChanged):
            forecast.date = today + 8 * DAY
        with self.assertRaises(AgreedOrderChanged):
            firm.unlink()
        forecast.unlink()

    def test_what_was_a_forecast_is_not_shipped_unreviewed(self):
        """B9: come into the firm zone, it is reviewed before it leaves."""
        self.company.quality_review_gate = "always"
        framework = self._put_in_force(self._create_framework())
        order = self._agree(self._call_off(framework, 500, days=60))
        self._put_in_stock(self.product, 500)
        with freeze_time("2026-04-20 08:00:00"):
            order.picking_ids.action_assign()
            move = order.picking_ids.move_ids
            move.quantity = 500
            move.picked = True
            with self.assertRaises(UserError) as refusal:
                move._action_done()
            self.assertIn(order.quality_review_id.name, str(refusal.exception))
            order.action_request_quality_review()
            with self.assertRaises(UserError):
                move._action_done()  # while the departments are asked, too
            review = order.quality_review_id
            self.assertEqual(review.line_ids.conditions["missing"], ["quantity"])
            self._approve(review, self.producer)  # what sales signed stands
            self.assertEqual(review.state, "approved")
            move._action_done()
        self.assertEqual(move.state, "done")
