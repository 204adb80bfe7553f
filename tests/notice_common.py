from .common import BASE, QualityCase


class NoticeCase(QualityCase):
    """A company that issues production notices, and verbs to follow them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.quality_notice_on_confirm = True
        cls.storekeeper = cls._create_user("storekeeper", f"{BASE},stock.group_stock_user")
        cls._assign("warehouse", cls.storekeeper)
        cls._assign("purchasing", cls.engineer)
        cls.bought = cls.env["product.product"].create(
            {"name": "Bought Pump", "is_storable": True, "taxes_id": False}
        )

    @classmethod
    def _create_made(cls, name, **vals):
        """Create a product with a bill of materials of its own."""
        product = cls.env["product.product"].create(
            {"name": name, "is_storable": True, "taxes_id": False, **vals}
        )
        cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": product.product_tmpl_id.id,
                "bom_line_ids": [(0, 0, {"product_id": cls.part.id, "product_qty": 1})],
            }
        )
        return product

    @classmethod
    def _create_orderpoint(cls, product, minimum=0.0):
        return cls.env["stock.warehouse.orderpoint"].create(
            {
                "product_id": product.id,
                "warehouse_id": cls.warehouse.id,
                "location_id": cls.warehouse.lot_stock_id.id,
                "product_min_qty": minimum,
                "product_max_qty": minimum,
                "trigger": "auto",
            }
        )

    @classmethod
    def _route_to_order(cls, product):
        route = cls.env.ref("stock.route_warehouse0_mto")
        route.active = True
        cls.warehouse._create_or_update_global_routes_rules()
        product.route_ids = route | cls.warehouse.manufacture_pull_id.route_id

    def _confirm(self, *orders, user=None):
        """Confirm as the salesperson and return the notices, the oldest first."""
        records = self.env["sale.order"].union(*orders)
        records.with_user(user or self.seller).action_confirm()
        return self._notices(records)

    def _notices(self, orders):
        return self.env["quality.production.notice"].search(
            [("order_id", "in", orders.ids)], order="id"
        )

    def _productions(self, product=None):
        return self.env["mrp.production"].search(
            [
                ("company_id", "=", self.company.id),
                ("product_id", "=", (product or self.product).id),
            ],
            order="id",
        )

    def _allocations(self, notice):
        """Return what is allocated: list of (manufacturing order, quantity)."""
        return [(a.production_id, a.quantity) for a in notice.line_ids.allocation_ids]

    def _cancel(self, order):
        order.with_user(self.seller).with_context(disable_cancel_warning=True).action_cancel()

    def _finish(self, productions):
        self._put_in_stock(self.part, 1000)
        for production in productions:
            production.qty_producing = production.product_qty
            production._set_qty_producing()
            production.move_raw_ids.picked = True
        productions.button_mark_done()
