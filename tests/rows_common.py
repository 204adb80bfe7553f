from .common import QualityCase


class RowsCase(QualityCase):
    """Rows of every document of the order, as many as a test wants."""

    def _create_orders(self, count, lines=1):
        line = {"product_id": self.product.id, "product_uom_qty": 5}
        vals = {
            "partner_id": self.customer.id,
            "user_id": self.seller.id,
            "company_id": self.company.id,
            "warehouse_id": self.warehouse.id,
            "order_line": [(0, 0, line)] * lines,
        }
        return self.env["sale.order"].create([vals] * count)

    def _fill_lists(self, count, only=None):
        """Make that many rows of each list, each of an order, customer and product of its own.

        :return: the names of the models
        """
        self._rows = getattr(self, "_rows", {})
        values = self._prepare_rows(count)
        for name, vals_list in values.items():
            if only in (None, name):
                self._rows[name] = self.env[name].create(vals_list).ids
        return list(values)

    def _prepare_rows(self, count):
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(count)]
        )
        orders = self._create_orders(count)
        for order, partner in zip(orders, partners, strict=True):
            order.partner_id = partner
        reviews = self.env["quality.contract.review"]._create_for(orders)
        notices = self.env["quality.production.notice"].create(
            [{"order_id": order.id, "company_id": self.company.id} for order in orders]
        )
        documents = self.env["quality.customer.document"].create(
            [{"number": p.name, "name": "D", "partner_id": p.id} for p in partners]
        )
        rows = zip(orders, partners, reviews, notices, documents, strict=True)
        made = {}
        for order, partner, review, notice, document in rows:
            own = {"order_id": order.id, "company_id": self.company.id, "user_id": self.seller.id}
            for name, vals in {
                "quality.clarification": {"order_id": order.id, "question": "Which steel?"},
                "quality.inbound.document": {"order_id": order.id, "kind": "drawing"},
                "quality.contract": {
                    "partner_id": partner.id,
                    "title": "Frame",
                    "order_ids": [(6, 0, order.ids)],
                },
                "quality.framework.contract": {
                    "partner_id": partner.id,
                    "valid_until": "2040-01-01",
                },
                "quality.review.waiver": {
                    "partner_id": partner.id,
                    "scope": "All",
                    "valid_until": "2040-01-01",
                },
                "quality.urgent.release": {**own, "partner_id": partner.id},
                "quality.review.omission": {**own, "review_id": review.id},
                "quality.order.meeting": {
                    **own,
                    "kind": "strategy",
                    "partner_id": partner.id,
                    "attendee_ids": [(6, 0, partner.ids)],
                },
                "quality.contract.review.risk": {
                    "review_id": review.id,
                    "kind": "market",
                    "description": "Late",
                },
                "quality.production.notice.stage": {
                    "notice_id": notice.id,
                    "name": "Weld",
                    "role_id": self._role("production").id,
                    "date_due": "2020-01-01",
                },
                "quality.requirement": {"order_id": order.id, "text": "Blue"},
                "quality.customer.requirement": {"partner_id": partner.id, "text": "Blue"},
                "quality.customer.document.revision": {
                    "document_id": document.id,
                    "revision": "A",
                },
                "quality.delivery.schedule": {
                    "order_line_id": order.order_line.id,
                    "date": "2031-01-01",
                    "quantity": 5,
                },
                "quality.action": {**own, "title": "Do", "date_due": "2020-01-01"},
                "quality.complaint": {
                    "order_id": order.id,
                    "partner_id": partner.id,
                    "title": "Does not fit",
                    "line_ids": [(0, 0, {"product_id": self.product.id, "quantity": 1})],
                },
            }.items():
                made.setdefault(name, []).append(vals)
        return made
