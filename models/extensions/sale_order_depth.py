from odoo import fields, models
from odoo.tools import SQL


class SaleOrder(models.Model):
    """How deep an order is reviewed: what the rules look at (B1, B2, B8)."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_depth_by_kind = fields.Boolean(related="company_id.quality_depth_by_kind")

    def _get_quality_rule_facts(self):
        """Return what the rules for the choice of a template look at, see lib.depth.matches."""
        self.ensure_one()
        order_sudo = self.sudo()  # the rules look at it, whoever requests the review
        products = order_sudo._get_quality_lines().product_id
        return {
            "categories": {
                int(category)
                for path in products.categ_id.mapped("parent_path")
                for category in (path or "").split("/")
                if category
            },
            "classes": set(order_sudo.partner_id._get_quality_class().ids),
            "amount": order_sudo.amount_untaxed / (order_sudo.currency_rate or 1.0),
            "is_special": any(products.mapped("quality_special")),
            "is_export": order_sudo._is_quality_export(),
        }

    def _is_quality_export(self):
        """Tell whether the goods go to another country."""
        self.ensure_one()
        origin, destination = self.company_id.country_id, self.partner_shipping_id.country_id
        return bool(origin and destination and origin != destination)

    def _is_quality_always_reviewed(self):
        """Tell whether customer or product is one whose orders are always reviewed in full (B2)."""
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id
        return customer.quality_always_review or any(
            self._get_quality_lines().product_id.mapped("quality_special")
        )

    # From stock

    def _filter_quality_stocked(self):
        """Return the orders that finished stock covers, so that sales alone sign (B2).

        Stock that quality has released, and that nobody has reserved or waits for, see
        ``_get_quality_coverage``; the orders share it one after the other. Never for products
        and customers that are always reviewed, for samples, and for what goes abroad.
        """
        candidates = self.sudo().filtered(  # whoever requests the review or confirms
            lambda order: (
                order.company_id.quality_fast_path
                and order._is_quality_stockable()
                and not order._is_quality_always_reviewed()
                and not order._is_quality_export()
            )
        )
        candidates -= candidates._filter_quality_outdated_stock()
        if not candidates:
            return self.browse()
        unclaimed = candidates.with_context(customer_quality_unclaimed=True)
        return (candidates - unclaimed._filter_quality_short()).sudo(self.env.su)

    def _lock_quality_stock(self):
        """Hold the products whose stock decides on the confirmation of these orders (B2).

        Two confirmations at the same moment don't see each other's reservations. A row that was
        written since a transaction began can't be written by it, so that Odoo starts the second
        one over: it then looks at what the first one left.
        """
        relying = self.sudo().filtered(  # whoever confirms
            lambda order: (
                order.company_id.quality_fast_path
                or order.company_id.quality_review_gate == "shortage"
            )
        )
        products = relying._get_quality_lines().product_id
        products |= products.filtered("is_kits")._get_quality_kit_parts()
        if not products:
            return
        self.env.cr.execute(
            SQL(
                """
                WITH held AS (
                    SELECT id FROM product_product WHERE id IN %s ORDER BY id FOR NO KEY UPDATE
                )
                UPDATE product_product SET id = held.id
                  FROM held WHERE product_product.id = held.id
                """,
                products._ids,
            )
        )

    def _filter_quality_outdated_stock(self):
        """Return the orders whose stock is older than a revision of their drawings (B2, L1).

        What came into stock before a revision was received was made by an earlier one.
        """
        lines = self.order_line.filtered(lambda line: line._get_quality_drawings())
        if not lines:
            return self.browse()
        oldest = {}
        for location, product, entry in self.env["stock.quant"]._read_group(
            [
                ("product_id", "in", lines.product_id.ids),
                ("quantity", ">", 0),
                ("location_id.usage", "=", "internal"),
                ("location_id.warehouse_id", "in", lines.warehouse_id.ids),
            ],
            ["location_id", "product_id"],
            ["in_date:min"],
        ):
            key = location.warehouse_id, product
            oldest[key] = min(entry, oldest.get(key, entry))
        return lines.filtered(
            lambda line: (
                (entry := oldest.get((line.warehouse_id, line.product_id)))
                and entry.date() < max(line.quality_document_revision_ids.mapped("date_received"))
            )
        ).order_id

    def _is_quality_stockable(self):
        """Tell whether all goods of the order are such as are taken from stock."""
        lines = self._get_quality_lines()
        goods = lines.filtered(lambda line: line.product_id.type == "consu")
        return bool(goods) and all(
            (line.product_id.is_storable or line.product_id.is_kits)
            and not line._is_quality_sample()
            for line in goods
        )

    def _needs_quality_form(self):
        """Tell whether the order needs a review, or a short form, although stock covers it (B2)."""
        self.ensure_one()
        order_sudo = self.sudo()  # portal customers and cashiers pass the gate too
        if order_sudo._is_quality_always_reviewed():
            return True
        return order_sudo.company_id.quality_fast_path and any(
            line.product_id.type == "consu" for line in order_sudo._get_quality_lines()
        )

    def _get_quality_obstacles(self, stage):
        obstacles = super()._get_quality_obstacles(stage)
        if stage == "confirmation":
            for order in self._filter_quality_lapsed():
                obstacles.setdefault(order, []).append(
                    self.env._(
                        "%(order)s was reviewed by sales alone because stock covered it. Together "
                        "with the other orders it does not any more: revise the review.",
                        order=order.name,
                    )
                )
        return obstacles

    def _filter_quality_lapsed(self):
        """Return the orders reviewed from stock that stock does not cover, all taken together."""
        fresh = self.sudo().filtered(lambda order: order.state in ("draft", "sent"))
        from_stock = fresh.filtered(
            lambda order: (
                order.quality_review_id.depth == "stock"
                and order.quality_review_id.state == "approved"
            )
        )
        # one alone is looked at by its review
        unclaimed = fresh.with_context(customer_quality_unclaimed=True)
        many = from_stock and len(fresh) > 1
        short = unclaimed._filter_quality_short() if many else fresh.browse()
        return self & short.sudo(self.env.su) & from_stock.sudo(self.env.su)
