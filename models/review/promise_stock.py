from collections import defaultdict
from dataclasses import dataclass

from odoo import api, fields, models
from odoo.tools import SQL

from ...lib.promise import Supply, net

#: Moves that still take or bring something.
OPEN_MOVES = ("waiting", "confirmed", "assigned", "partially_available")


@dataclass(frozen=True)
class Stock:
    """What a warehouse has and gets; all by product id.

    ``supplies`` is what earlier promises leave, ``incoming`` what comes in at all.
    """

    supplies: dict
    incoming: dict
    quants: dict


class QualityPromise(models.AbstractModel):
    """What there is: the chapter about stock, held stock and receipts (B3, B5)."""

    _inherit = "quality.promise"  # pylint: disable=R8180  # a chapter of its own

    def _read_stocks(self, warehouses, product_ids, network, now):
        """Return the Stock of each warehouse the lines are delivered from."""
        products = self.env["product.product"].browse(sorted({*product_ids, *network.facts}))
        return {
            warehouse: self._read_stock(warehouse, products, now) for warehouse in warehouses
        } | {self.env["stock.warehouse"]: Stock({}, defaultdict(list), defaultdict(list))}

    def _read_stock(self, warehouse, products, now):
        quants, supplies = defaultdict(list), defaultdict(list)
        for quant_id, product_id, quantity, reserved, withheld in self._read_quants(
            products.ids, warehouse, now
        ):
            if not withheld:
                quants[product_id].append(quant_id)
                supplies[product_id].append(Supply(now, quantity - reserved))
        incoming, demands = self._read_moves(warehouse, products, now)
        return Stock(
            {
                product: net(
                    self._sum_stock(supplies[product], now) + incoming[product], demands[product]
                )
                for product in supplies.keys() | incoming.keys()
            },
            incoming,
            quants,
        )

    def _sum_stock(self, supplies, now):
        """Return stock on hand as one supply: what is reserved too much leaves nothing."""
        return [Supply(now, max(sum(supply.quantity for supply in supplies), 0.0))]

    def _read_moves(self, warehouse, products, now):
        """Return (incoming, demands) of a warehouse: dicts of product id → list.

        What is late already is expected now. Reserved goods are no longer part of free stock.
        """
        located = products.with_context(warehouse_id=warehouse.id)
        _quants, moves_in, moves_out = located._get_domain_locations()
        domain = fields.Domain([("product_id", "in", products.ids), ("state", "in", OPEN_MOVES)])
        move = self.env["stock.move"]
        move.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, product_id, GREATEST(date, %(now)s), product_qty::float,
                       (COALESCE(quantity, 0) * product_qty
                        / NULLIF(product_uom_qty, 0))::float,
                       COALESCE(reference, ''), id IN %(incoming)s
                  FROM stock_move
                 WHERE id IN %(incoming)s OR id IN %(outgoing)s
              ORDER BY date, id
                """,
                now=now,
                incoming=move._search(moves_in & domain).subselect(),
                outgoing=move._search(moves_out & domain).subselect(),
            )
        )
        incoming, demands = defaultdict(list), defaultdict(list)
        for move_id, product, date, quantity, reserved, label, is_incoming in rows:
            if is_incoming:
                incoming[product].append(Supply(date, quantity, move_id, label))
            else:
                demands[product].append((date, max(quantity - (reserved or 0.0), 0.0)))
        return incoming, demands

    @api.model
    def _read_quants(self, product_ids, warehouse, now):
        """Return the stock inside a warehouse.

        Withheld is what must not be promised: expired or due for removal, a lot on hold, or in
        a place that holds goods, such as inspection.

        :return: list of (quant id, product id, quantity, reserved quantity, is withheld)
        """
        for model in ("stock.quant", "stock.location", "stock.lot"):
            self.env[model].flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT quant.id, quant.product_id,
                       COALESCE(quant.quantity, 0), COALESCE(quant.reserved_quantity, 0),
                       COALESCE(lot.quality_hold, FALSE) OR %(expired)s
                       OR EXISTS (
                           SELECT 1 FROM stock_location held
                            WHERE held.quality_hold
                              AND location.parent_path LIKE held.parent_path || '%%'
                       )
                  FROM stock_quant quant
                  JOIN stock_location location ON location.id = quant.location_id
                  JOIN stock_location view ON view.id = %(view)s
             LEFT JOIN stock_lot lot ON lot.id = quant.lot_id
                 WHERE quant.product_id = ANY(%(products)s)
                   AND location.parent_path LIKE view.parent_path || '%%'
              ORDER BY quant.in_date, quant.id
                """,
                expired=self._get_expired(now),
                products=list(product_ids),
                view=warehouse.view_location_id.id,
            )
        )

    def _get_expired(self, now):
        """Return the condition on ``lot`` for goods past their removal or expiration date."""
        columns = [
            name
            for name in ("removal_date", "expiration_date")
            if name in self.env["stock.lot"]._fields
        ]
        if not columns:
            return SQL("FALSE")
        dates = SQL(", ").join(SQL.identifier("lot", name) for name in columns)
        return SQL("COALESCE(LEAST(%s) <= %s, FALSE)", dates, now)

    @api.model
    def _get_withheld(self, products, warehouse, is_forecast=False):
        """Return how much of the stock must not be promised (B8).

        :param is_forecast: True to count what is reserved too: a forecast deducts the demand
            it is reserved for once more, free stock does not
        :return: dict of product id → quantity, without products of which nothing is withheld
        """
        withheld = defaultdict(float)
        if products and warehouse:
            rows = self.sudo()._read_quants(products.ids, warehouse, fields.Datetime.now())
            for _quant, product, quantity, reserved, is_withheld in rows:
                if is_withheld:
                    withheld[product] += quantity if is_forecast else quantity - reserved
        return dict(withheld)

    @api.model
    def _get_unreserved_demand(self, products, warehouse):
        """Return what open deliveries will take from stock, though nothing is reserved for them.

        Odoo may reserve by hand, or by date only. What is made or bought for a delivery takes
        nothing from stock.

        :return: dict of product id → quantity in the product's unit
        """
        if not (products and warehouse):
            return {}
        located = products.sudo().with_context(warehouse_id=warehouse.id)
        _quants, _moves_in, moves_out = located._get_domain_locations()
        move = self.env["stock.move"].sudo()  # whoever confirms
        move.flush_model()
        taking = moves_out & fields.Domain(
            [
                ("product_id", "in", products.ids),
                ("state", "in", OPEN_MOVES),
                ("procure_method", "=", "make_to_stock"),
            ]
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT product_id,
                       SUM(GREATEST(product_qty - COALESCE(quantity, 0) * product_qty
                                    / NULLIF(product_uom_qty, 0), 0))::float
                  FROM stock_move
                 WHERE id IN %s
              GROUP BY product_id
                """,
                move._search(taking).subselect(),
            )
        )
        return {product: quantity for product, quantity in rows if quantity}

    def _get_delivery_days(self, warehouses):
        """Return the days that the delivery route of each warehouse takes."""
        self.env["stock.rule"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT warehouse.id, SUM(rule.delay)
                  FROM stock_warehouse warehouse
                  JOIN stock_rule rule ON rule.route_id = warehouse.delivery_route_id
                 WHERE warehouse.id = ANY(%s) AND rule.active
                   AND rule.action IN ('pull', 'pull_push')
              GROUP BY warehouse.id
                """,
                warehouses.ids,
            )
        )
        days = defaultdict(float, rows)
        return defaultdict(float, {warehouse: days[warehouse.id] for warehouse in warehouses})
