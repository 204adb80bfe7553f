from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import Form, tagged

from ..models.extensions.sale_order_guard import AgreedOrderChanged
from .common import BASE
from .guard_common import PROMISED, GuardCase


@tagged("post_install", "-at_install")
class TestGuard(GuardCase):
    """What was agreed on a reviewed, confirmed order stays as it is (C5)."""

    def setUp(self):
        super().setUp()
        self.order = self._create_agreed_order(5)
        self.line = self.order.order_line

    @contextmanager
    def _refused(self, *words):
        with self.assertRaises(AgreedOrderChanged) as refusal:
            yield refusal
        for word in words:
            self.assertIn(word, str(refusal.exception))

    # Refused

    def test_another_quantity_is_refused_and_named(self):
        """C5: the refusal names order, goods, what was agreed and what it would become."""
        with self._refused(self.order.name, "Machine", "5", "7", "override"):
            self.line.with_user(self.seller).product_uom_qty = 7
        with self._refused("5", "3"):
            self.line.with_user(self.seller).write({"product_uom_qty": 3})
        self.assertEqual(self.line.product_uom_qty, 5)

    def test_the_form_is_refused(self):
        """C5: a change typed on the order form is refused, and led to the register."""
        form = Form(self.order.with_user(self.seller))
        with form.order_line.edit(0) as line:
            line.product_uom_qty = 8
        with self.assertRaisesRegex(RedirectWarning, "8"):
            form.save()

    def test_lines_given_with_the_order_are_refused(self):
        """C5: RPC writes lines through the order, too."""
        commands = [Command.update(self.line.id, {"product_uom_qty": 6})]
        with self._refused("6"):
            self.order.with_user(self.seller).write({"order_line": commands})

    def test_an_import_is_refused(self):
        """C5: an import reports the refusal and writes nothing."""
        xmlid = self.line.export_data(["id"])["datas"][0][0]
        result = (
            self.env["sale.order.line"]
            .with_user(self.seller)
            .load(["id", "product_uom_qty"], [[xmlid, "9"]])
        )
        self.assertFalse(result["ids"])
        self.assertIn("9", result["messages"][0]["message"])
        self.line.invalidate_recordset()
        self.assertEqual(self.line.product_uom_qty, 5)

    def test_another_date_is_refused(self):
        """C5: the promised date stays; so does none at all."""
        for date in (PROMISED + timedelta(days=7), False):
            with self.subTest(date=date), self._refused("2031-05-20"):
                self.order.with_user(self.seller).commitment_date = date

    def test_the_lead_time_tells_the_date_where_none_is_promised(self):
        """C5: without a promised date, the lead time of the line is what was agreed."""
        order = self._create_agreed_order(2, commitment_date=False)
        with self._refused("days"):
            order.order_line.with_user(self.seller).customer_lead = 30
        self.line.with_user(self.seller).customer_lead = 30  # there, a date was promised

    def test_cancelling_a_line_is_refused(self):
        """C5: quantity zero is a cancelled line; deleting one is core's own refusal."""
        with self._refused("cancelled"):
            self.line.with_user(self.seller).product_uom_qty = 0
        with self.assertRaises(UserError):
            self.line.with_user(self.seller).unlink()

    def test_a_new_line_is_refused(self):
        """C5: neither on the order nor on its own, neither goods nor services."""
        with self._refused("Bought Pump", "added"):
            self.order.with_user(self.seller).order_line = [self._prepare_line(self.bought, 2)]
        with self._refused("Assembly"):
            self.env["sale.order.line"].with_user(self.seller).create(
                {"order_id": self.order.id, "product_id": self.service.id}
            )

    def test_another_product_is_refused(self):
        """C5: a service, whose line core lets change, becomes no other product."""
        order = self._create_agreed_order(1, product=self.service)
        other = self.env["product.product"].create({"name": "Training", "type": "service"})
        with self._refused("Assembly", "Training"):
            order.order_line.with_user(self.seller).product_id = other

    def test_a_line_is_not_moved_in_or_out(self):
        """C5: neither does it leave for another order, nor come from one."""
        draft = self._create_order(2)
        with self._refused("cancelled"):
            self.line.order_id = draft
        with self._refused("added"):
            draft.order_line.order_id = self.order

    def test_a_mark_of_core_is_no_way_out(self):
        """C5: goods that are marked as delivery or down payment stay agreed goods."""
        with self._refused():
            self.line.is_downpayment = True
        with self._refused():
            self.line.is_expense = True
        with self._refused():
            self.order.order_line = [self._prepare_line(self.bought, 2, is_expense=True)]
        with patch.object(type(self.line), "_is_delivery", lambda line: True), self._refused("7"):
            self.line.product_uom_qty = 7

    def test_many_orders_at_once_are_refused_together(self):
        """C5: one refusal names all that would differ; an order without review passes."""
        other = self._create_agreed_order(4)
        free = self._create_order(4)
        lines = (self.order | other | free).order_line
        with self._refused(self.order.name, other.name) as _:
            lines.product_uom_qty = 9
        free.order_line.product_uom_qty = 9

    def test_an_adopted_order_is_guarded(self):
        """C5: what was agreed before the go-live is the baseline."""
        order = self._create_order(3)
        order.action_confirm()
        order.order_line.product_uom_qty = 4
        self.env["quality.contract.review"]._adopt(order)
        with self._refused("4", "5"):
            order.order_line.product_uom_qty = 5

    def test_switching_the_guard_on_offers_to_adopt_open_orders(self):
        """C5: what is open and was never reviewed is adopted in one step at the go-live."""
        self.company.quality_guard_orders = False
        order = self._create_order(3)
        order.action_confirm()
        settings = self.env["res.config.settings"].create({"quality_guard_orders": True})
        action = settings.execute()
        self.env[action["res_model"]].browse(action["res_id"]).action_adopt()
        self.assertTrue(order.quality_is_guarded)
        with self._refused("3", "4"):
            order.order_line.product_uom_qty = 4

    def test_an_order_stays_guarded_while_its_review_is_revised(self):
        """C5, B6: another text makes the review stale; the goods stay agreed meanwhile."""
        self.line.name = "Machine, another text"
        self.order.quality_review_id.with_user(self.seller).action_revise()
        self.assertEqual(self.order.quality_review_id.state, "review")
        with self._refused("6"):
            self.line.product_uom_qty = 6

    def test_superuser_code_is_refused_too(self):
        """C5: neither server action nor scheduled action changes what was agreed."""
        with self._refused("6"):
            self.line.sudo().with_user(self.env.ref("base.user_root")).product_uom_qty = 6

    # No change

    def test_the_same_value_written_again_is_no_change(self):
        """C5: values are compared, not writes."""
        self.line.with_user(self.seller).write(
            {"product_uom_qty": 5.0, "product_id": self.product.id, "customer_lead": 99}
        )
        self.order.with_user(self.seller).commitment_date = fields.Datetime.to_string(PROMISED)

    def test_the_same_quantity_in_another_unit_is_no_change(self):
        """C5: 12 units are a dozen; two dozen are not."""
        order = self._create_agreed_order(12)
        dozen = self.env.ref("uom.product_uom_dozen")
        order.order_line.with_user(self.seller).write(
            {"product_uom_qty": 1, "product_uom_id": dozen.id}
        )
        with self._refused("2"):
            order.order_line.product_uom_qty = 2
        with self._refused():
            order.order_line.product_uom_id = self.env.ref("uom.product_uom_unit")

    def test_what_is_not_agreed_moves_freely(self):
        """C1, C5: texts are not what the guard holds; the review shows them."""
        self.line.with_user(self.seller).name = "Machine, blue"
        self.assertTrue(self.order.quality_review_id.is_stale)

    def test_the_order_is_cancelled_through_the_register_only(self):
        """C1, C5: neither cancelled nor set back, by button, list or RPC."""
        order = self.order.with_user(self.seller)
        for cancel in (
            lambda: order._action_cancel(),
            lambda: order.write({"state": "cancel"}),
            lambda: order.write({"state": "draft"}),
            lambda: order.write({"state": "sent"}),
        ):
            with self._refused(self.order.name):
                cancel()
        with self.assertRaisesRegex(RedirectWarning, self.order.name):
            order.with_context(disable_cancel_warning=True).action_cancel()
        self.assertEqual(self.order.state, "sale")

    def test_prices_and_terms_stay_as_agreed(self):
        """C1, C5, M5: they are guarded like the goods, and no sentence names an amount."""
        for record, values in (
            (self.line, {"price_unit": 87.5}),
            (self.line, {"discount": 12.5}),
            (self.order, {"client_order_ref": "PO 4711"}),
            (self.order, {"note": "<p>Other terms</p>"}),
            (self.order, {"partner_shipping_id": self.env.user.partner_id.id}),
        ):
            with self.subTest(values=values), self._refused() as refusal:
                record.with_user(self.seller).write(values)
            self.assertNotIn("87", str(refusal.exception))
        self.line.with_user(self.seller).write({"price_unit": 100, "discount": 0})
        self.order.with_user(self.seller).write({"partner_id": self.order.partner_id.id})

    def test_the_setting_off_changes_nothing(self):
        """C5: a company that does not guard its orders works as before."""
        self.company.quality_guard_orders = False
        self.line.with_user(self.seller).product_uom_qty = 7
        self.order.with_user(self.seller).commitment_date = False
        self.order.order_line = [self._prepare_line(self.bought)]
        self.assertFalse(self.order.quality_is_guarded)

    def test_an_order_that_was_never_reviewed_is_free(self):
        """C5: neither a quotation nor an order confirmed without review is guarded."""
        order = self._create_order(3)
        order.order_line.product_uom_qty = 4
        order.action_confirm()
        order.order_line.product_uom_qty = 5
        order.commitment_date = PROMISED

    def test_another_company_is_not_bound(self):
        """C5: the setting binds the orders of its own company only."""
        other = self.env["res.company"].create({"name": "Sister Ltd."})
        self.env.user.company_ids |= other
        order = (
            self.env["sale.order"]
            .with_company(other)
            .create(
                {
                    "partner_id": self.customer.id,
                    "company_id": other.id,
                    "order_line": [self._prepare_line(self.service)],
                }
            )
        )
        order.action_confirm()
        self.env["quality.contract.review"]._adopt(order)
        order.order_line.product_uom_qty = 3
        other.quality_guard_orders = True
        with self._refused("3", "4"):
            order.order_line.product_uom_qty = 4

    def test_a_cancelled_order_is_free_again(self):
        """C5: cancelling voids review and notice; the order starts anew."""
        self._cancel(self.order)
        self.order.with_user(self.seller).action_draft()
        self.line.with_user(self.seller).product_uom_qty = 8
        self.assertEqual(self.order.quality_review_id.state, "void")

    # Rights

    def test_no_group_changes_what_was_agreed(self):
        """C5: over RPC, each group that may write orders at all is refused by the guard."""
        salesmanager = self._create_user("sales_lead", f"{BASE},sales_team.group_sale_manager")
        for user in (self.seller, salesmanager):
            with self.subTest(user=user.login), self._refused("6"):
                self.line.with_user(user).write({"product_uom_qty": 6})
        portal = self._create_user("portal_buyer", "base.group_portal")
        for user in (self.producer, self.storekeeper, self.inspector, self.nobody, portal):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self.line.with_user(user).write({"product_uom_qty": 6})
        self.assertEqual(self.line.product_uom_qty, 5)

    # Cost

    def _count(self, write):
        """Return what ``write`` costs, with the company in the cache as in every request."""
        self.env.flush_all()
        self.env.invalidate_all()
        self.company.fetch(["quality_guard_orders"])
        start = self.env.cr.sql_log_count
        write()
        self.env.flush_all()
        return self.env.cr.sql_log_count - start

    def _count_without_guard(self, write):
        cls = type(self.env["sale.order"])
        with patch.object(cls, "_filter_quality_guarded", lambda orders: orders.browse()):
            return self._count(write)

    def test_the_guard_costs_nothing_while_it_is_off(self):
        """C5: with the setting off a write asks the database nothing more than plain Odoo."""
        self.company.quality_guard_orders = False
        orders = self._create_order(1) | self._create_order(2)
        orders.action_confirm()
        orders.order_line.product_uom_qty = 3

        def write_line():
            orders.order_line.write({"product_uom_qty": 3, "customer_lead": 1})

        def write_date():
            orders.write({"commitment_date": PROMISED})

        for write in (write_line, write_date):
            write()
            self.assertEqual(self._count(write), self._count_without_guard(write))

    def test_the_guard_costs_two_queries_for_one_order_and_for_many(self):
        """C5: a write on reviewed orders asks for their reviews, whatever their number."""
        many = self.env["sale.order"].union(*(self._create_agreed_order(5) for _ in range(4)))
        for orders in (self.order, many):

            def write_line(lines=orders.order_line):
                lines.write({"product_uom_qty": 5})

            def write_date(orders=orders):
                orders.write({"commitment_date": PROMISED})

            for write in (write_line, write_date):
                cost = self._count(write) - self._count_without_guard(write)
                self.assertLessEqual(cost, 2)


@tagged("post_install", "-at_install")
class TestGuardRegistration(GuardCase):
    """Requirements, drawings and schedule of an agreed order stay, too (C5, L1)."""

    def setUp(self):
        super().setUp()
        order = self._create_order(5, commitment_date=PROMISED)
        self.line = order.order_line
        order.quality_requirement_ids = [
            Command.create({"kind": "packaging", "text": "Wooden crate"}),
            Command.create({"kind": "commercial", "text": "Discount of 3 %"}),
        ]
        self.line.quality_schedule_ids = [Command.create({"date": "2031-05-02", "quantity": 5})]
        self._approve(self._request_review(order))
        self._confirm(order)
        self.order = order.with_user(self.seller)
        self.requirement = order.quality_requirement_ids[0].with_user(self.seller)
        self.delivery = self.line.quality_schedule_ids.with_user(self.seller)

    def test_changed_rows_are_refused(self):
        """C5: neither changed, nor added, nor dropped; the same text again is no change."""
        with self.assertRaises(AgreedOrderChanged) as refusal:
            self.requirement.text = "Cardboard"
        self.assertIn("Wooden crate", str(refusal.exception))
        with self.assertRaises(AgreedOrderChanged):
            self.delivery.date = "2031-06-02"
        with self.assertRaises(AgreedOrderChanged):
            self.delivery.quantity = 4
        with self.assertRaises(AgreedOrderChanged):
            self.order.quality_requirement_ids = [
                Command.create({"kind": "quality", "text": "100 % inspected"})
            ]
        for row in (self.requirement, self.delivery):
            with self.assertRaises(AgreedOrderChanged):
                row.unlink()
        self.requirement.write({"text": "Wooden crate", "kind": "packaging"})
        self.delivery.write({"date": "2031-05-02", "quantity": 5.0})

    def test_what_is_about_money_is_not_told(self):
        """M5: refusal and override name no commercial text."""
        with self.assertRaises(AgreedOrderChanged) as refusal:
            self.order.quality_requirement_ids[1].text = "Discount of 9 %"
        self.assertNotIn("%", str(refusal.exception))

    def test_drawings_are_refused(self):
        """C5, L1: another revision is another product."""
        document = self.env["quality.customer.document"].create(
            {
                "number": "D-100",
                "name": "Housing",
                "kind": "drawing",
                "partner_id": self.customer.id,
                "company_id": self.company.id,
            }
        )
        revision = self.env["quality.customer.document.revision"].create(
            {"document_id": document.id, "revision": "B", "company_id": self.company.id}
        )
        with self.assertRaises(AgreedOrderChanged) as refusal:
            self.line.quality_document_revision_ids = revision
        self.assertIn("D-100", str(refusal.exception))
        self.line.quality_document_revision_ids = [Command.clear()]  # as it is

    def test_an_override_lets_them_pass(self):
        """C5: ticked as requirements and dates, noted before and after."""
        override = self._release_override(self.order, allows_requirement=True, allows_date=True)
        self.requirement.text = "Cardboard"
        self.delivery.date = "2031-06-02"
        self.assertEqual(
            [(change.kind, change.before, change.after) for change in override.change_ids],
            [
                ("requirement", "Wooden crate", "Cardboard"),
                ("date", "2031-05-02: 5 Units", "2031-06-02: 5 Units"),
            ],
        )

    def test_free_while_nothing_is_agreed(self):
        """C5: on a quotation, and where nothing is guarded, they move freely."""
        self.company.quality_guard_orders = False
        self.requirement.text = "Cardboard"
        self.delivery.unlink()
