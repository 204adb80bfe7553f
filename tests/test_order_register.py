from odoo.tests import tagged

from .common import QualityCase


@tagged("post_install", "-at_install")
class TestOrderRegister(QualityCase):
    FIELDS = (
        "date_order",
        "name",
        "partner_id",
        "quality_products",
        "quality_quantity",
        "quality_channel_id",
        "quality_inbound_numbers",
        "quality_review_status",
        "state",
    )

    def _print(self, orders, user):
        report = self.env["ir.actions.report"].with_user(user)
        return report._render_qweb_pdf("customer_quality.report_order_register", orders.ids)[0]

    def test_each_order_stands_in_the_register(self):
        """A4: products, quantity and the numbers of what came in, on one line."""
        order = self._create_order(5, 7)
        document = self.env["quality.inbound.document"].create({"order_id": order.id})
        self.assertEqual(order.quality_quantity, 12)
        self.assertEqual(order.quality_products.count("Machine"), 2)
        self.assertEqual(order.quality_inbound_numbers, document.name)

    def test_the_list_costs_the_same_for_few_and_for_many_orders(self):
        """A4: no query per row."""
        orders = self.env["sale.order"].concat(*(self._create_order(5, 7) for _n in range(15)))
        self.env["quality.inbound.document"].create([{"order_id": order.id} for order in orders])
        specification = {name: {} for name in self.FIELDS}
        specification["partner_id"] = {"fields": {"display_name": {}}}
        counts = []
        for some in (orders[:1], orders[:3], orders):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.with_user(self.seller).web_read(specification)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_the_register_prints_as_a_controlled_form(self):
        """A4, K2: period, form number, orders by date."""
        orders = self._create_order() | self._create_order(7)
        content = self._print(orders, self.seller)
        for text in ("QF-04", "Order Register", orders[0].name, orders[1].name, "Machine × 7"):
            self.assertIn(text.encode(), content)

    def test_amounts_are_printed_for_those_who_see_prices(self):
        """M5: production prints the register without amounts."""
        order = self._create_order(5)
        self.assertIn(b"500.00", self._print(order, self.seller))
        self.assertNotIn(b"500.00", self._print(order, self.producer))

    def test_amounts_are_not_in_the_list_of_production(self):
        """M5: the column is for those who see prices."""
        view = self.env.ref("customer_quality.order_register_view_list")
        for user, sees in ((self.seller, True), (self.producer, False)):
            arch = self.env["sale.order"].with_user(user).get_view(view.id, "list")["arch"]
            self.assertEqual("amount_untaxed" in arch, sees)
