from dataclasses import dataclass, field
from types import SimpleNamespace

from odoo import fields, models
from odoo.tools import SQL

from ...lib.promise import MAX_DEPTH
from .promise_items import Source

#: What the queries of this chapter read past the cache.
READ_MODELS = (
    "mrp.bom",
    "mrp.bom.line",
    "mrp.routing.workcenter",
    "mrp.workcenter",
    "mrp.workcenter.capacity",
    "product.category",
    "product.product",
    "product.supplierinfo",
    "product.template",
    "stock.route",
    "stock.rule",
)


@dataclass
class Network:
    """How everything that the lines need is supplied.

    A key is (product id, ids of the attribute values that make no variant, made to order).

    :ivar items: dict of key → lib.promise.Item
    :ivar keys: dict of order line → key; lines of kits are in ``kits`` instead
    :ivar kits: dict of order line → list of (key, quantity for one)
    :ivar facts: dict of product id → what was read of it, everything that can be needed
    :ivar centres: dict of work center id → what was read of it
    """

    facts: dict
    centres: dict
    items: dict = field(default_factory=dict)
    keys: dict = field(default_factory=dict)
    kits: dict = field(default_factory=dict)

    def get_cost(self, line, quantity):
        """Return the cost of a line, and where it comes from: the product, its bill, nowhere.

        A bill of materials of which a part's cost is not known adds up to nothing.

        :return: (cost, ``product``, ``bom`` or ``none``)
        """
        fact = self.facts.get(line.product_id.id)
        own = fact.cost if fact else line.product_id.standard_price
        if own:
            return own * quantity, "product"
        if line in self.kits:
            parts = [self._add_up(key, each * quantity) for key, each in self.kits[line]]
        else:
            parts = [self._add_up(self.keys.get(line), quantity)]
        if not parts or None in parts:
            return 0.0, "none"
        return sum(parts), "bom"

    def _add_up(self, key, quantity, depth=0):
        if key is None or depth > MAX_DEPTH:
            return None
        item = self.items[key]
        own = self.facts[item.product].cost * quantity
        if own:
            return own
        if item.how != "make" or not (item.components or item.operations):
            return None
        parts = [self._add_up(part, each * quantity, depth + 1) for part, each in item.components]
        if None in parts:
            return None
        work = [operation.options[0] for operation in item.operations]
        return sum(parts) + sum(
            option.get_minutes(quantity) / 60 * self.centres[option.centre].costs_hour
            for option in work
        )


class QualityPromise(models.AbstractModel):
    """How things are supplied: the chapter about bills of materials, routes and vendors (B5).

    Read in a fixed number of queries, however many lines ask and however deep the bills are.
    """

    _inherit = "quality.promise"  # pylint: disable=R8180  # a chapter of its own

    def _read_network(self, lines):
        """Return the Network of what these lines need."""
        for model in READ_MODELS:
            self.env[model].flush_model()
        goods = lines.filtered(lambda line: line.product_id.type == "consu")
        source = Source(self, goods.product_id, lines.warehouse_id)
        network = Network(source.facts, source.centres)
        for line in goods:
            never = line.product_no_variant_attribute_value_ids
            product = source.facts[line.product_id.id]
            kit = source.kits.get(product.id)
            if kit:
                network.kits[line] = [
                    (source.add(network, part, to_order=self._is_to_order(line, part.id)), each)
                    for part, each in source.explode(kit, product, 1.0, never)[0]
                ]
            else:
                network.keys[line] = source.add(
                    network,
                    product,
                    never,
                    line._is_made_to_order(line.product_id),
                    self._find_first_action(line.route_ids),
                )
        return network

    def _is_to_order(self, line, product_id):
        return line._is_made_to_order(self.env["product.product"].browse(product_id))

    def _find_first_action(self, routes):
        """Return ``buy`` or ``manufacture``, whichever these routes say first, or None."""
        for route in routes.sorted("sequence"):
            for rule in route.rule_ids:
                if rule.action in ("buy", "manufacture"):
                    return rule.action
        return None

    def _read_products(self, product_ids, order_routes):
        """Return what is known of these products and of all below them: dict of id → facts.

        ``action`` is what their routes say first, ``to_order`` whether one of them replenishes
        on order.

        :param order_routes: stock.route records by which warehouses replenish on order
        """
        if not product_ids:
            return {}
        company = self.env.company
        rows = self.env.execute_query_dict(
            SQL(
                """
                WITH RECURSIVE reached (product_id) AS (
                    SELECT UNNEST(%(products)s)
                     UNION
                    SELECT line.product_id
                      FROM reached
                      JOIN product_product product ON product.id = reached.product_id
                      JOIN mrp_bom bom ON bom.product_tmpl_id = product.product_tmpl_id
                       AND (bom.product_id IS NULL OR bom.product_id = product.id)
                       AND (bom.company_id IS NULL OR bom.company_id = %(company)s)
                       AND bom.active
                      JOIN mrp_bom_line line ON line.bom_id = bom.id
                )
                SELECT product.id, template.id AS template, template.type,
                       template.is_storable, template.uom_id AS uom,
                       COALESCE((product.standard_price->>%(key)s)::float, 0.0) AS cost,
                       COALESCE(routed.to_order, FALSE) AS to_order,
                       routed.actions[1] AS action
                  FROM reached
                  JOIN product_product product ON product.id = reached.product_id
                  JOIN product_template template ON template.id = product.product_tmpl_id
             LEFT JOIN LATERAL (
                    SELECT BOOL_OR(route.id = ANY(%(to_order)s)) AS to_order,
                           ARRAY_AGG(rule.action ORDER BY route.sequence, route.id,
                                                          rule.sequence, rule.id)
                           FILTER (WHERE rule.action IN ('buy', 'manufacture')) AS actions
                      FROM stock_route route
                 LEFT JOIN stock_rule rule ON rule.route_id = route.id AND rule.active
                     WHERE route.active AND route.id IN (
                        SELECT route_id FROM stock_route_product
                         WHERE product_id = template.id
                         UNION
                        SELECT link.route_id
                          FROM product_category category
                          JOIN product_category above
                            ON category.parent_path LIKE above.parent_path || '%%'
                          JOIN stock_route_categ link ON link.categ_id = above.id
                         WHERE category.id = template.categ_id
                    )
                  ) routed ON TRUE
                """,
                products=list(product_ids),
                company=company.id,
                key=str(company.id),
                to_order=order_routes.ids,
            )
        )
        return {row["id"]: SimpleNamespace(**row) for row in rows}

    def _read_boms(self, templates):
        """Return the bills of materials of these templates, in the order Odoo prefers them.

        :return: list of facts with ``lines`` and ``operations``
        """
        fields_ = self.env["mrp.routing.workcenter"]._fields
        operations = fields_["bom_product_template_attribute_value_ids"]
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT bom.id, bom.type, bom.product_tmpl_id AS template,
                       bom.product_id AS product, bom.product_qty::float AS quantity,
                       bom.product_uom_id AS uom, bom.produce_delay AS days,
                       bom.allow_operation_dependencies AS has_dependencies,
                       (
                        SELECT JSON_AGG(JSON_BUILD_OBJECT(
                               'product', line.product_id,
                               'quantity', line.product_qty,
                               'uom', line.product_uom_id,
                               'values', ARRAY(
                                   SELECT product_template_attribute_value_id
                                     FROM mrp_bom_line_product_template_attribute_value_rel
                                    WHERE mrp_bom_line_id = line.id
                               )) ORDER BY line.sequence, line.id)
                          FROM mrp_bom_line line WHERE line.bom_id = bom.id
                       ) AS lines,
                       (
                        SELECT JSON_AGG(JSON_BUILD_OBJECT(
                               'id', operation.id,
                               'name', operation.name,
                               'centre', operation.workcenter_id,
                               'is_computed', operation.time_mode = 'auto',
                               'minutes', operation.time_cycle_manual,
                               'blockers', ARRAY(
                                   SELECT blocked_by_id
                                     FROM mrp_routing_workcenter_dependencies_rel
                                    WHERE operation_id = operation.id
                               ),
                               'values', ARRAY(
                                   SELECT product_template_attribute_value_id FROM %(for_variants)s
                                    WHERE mrp_routing_workcenter_id = operation.id
                               )) ORDER BY operation.sequence, operation.id)
                          FROM mrp_routing_workcenter operation
                         WHERE operation.bom_id = bom.id AND operation.active
                       ) AS operations
                  FROM mrp_bom bom
                 WHERE bom.active AND bom.product_tmpl_id = ANY(%(templates)s)
                   AND (bom.company_id IS NULL OR bom.company_id = %(company)s)
                   AND bom.type IN ('normal', 'phantom')
              ORDER BY bom.sequence, bom.product_id, bom.id
                """,
                templates=templates,
                company=self.env.company.id,
                for_variants=SQL.identifier(operations.relation),
            )
        )
        for row in rows:
            for name in ("lines", "operations"):
                row[name] = [SimpleNamespace(**each) for each in row[name] or ()]
        return [SimpleNamespace(**row) for row in rows]

    def _read_vendors(self, facts):
        """Return the calendar days until a vendor delivers: dict of product id → days.

        The vendor is the one Odoo would order from; products without one are left out.
        """
        today = fields.Date.context_today(self)
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT info.product_tmpl_id AS template, info.product_id AS product,
                       info.partner_id AS partner, info.delay, info.sequence, info.id,
                       info.min_qty::float AS least, info.currency_id AS currency,
                       info.price::float AS price, COALESCE(info.discount, 0)::float AS discount
                  FROM product_supplierinfo info
                  JOIN res_partner partner ON partner.id = info.partner_id AND partner.active
                 WHERE info.product_tmpl_id = ANY(%(templates)s)
                   AND (info.company_id IS NULL OR info.company_id = %(company)s)
                   AND (info.date_start IS NULL OR info.date_start <= %(today)s)
                   AND (info.date_end IS NULL OR info.date_end >= %(today)s)
                """,
                templates=list({fact.template for fact in facts.values()}),
                company=self.env.company.id,
                today=today,
            )
        )
        company = self.env.company
        ordering = company.days_to_purchase if "days_to_purchase" in company._fields else 0.0
        days = {}
        for fact in facts.values():
            offers = [
                row
                for row in rows
                if row["template"] == fact.template and row["product"] in (None, fact.id)
            ]
            if offers:
                days[fact.id] = self._choose_offer(offers, today)["delay"] + ordering
        return days

    def _choose_offer(self, offers, today):
        """Return the offer that ``product._select_seller`` would, without its queries."""
        offers.sort(key=lambda row: (row["sequence"], -row["least"], row["price"], row["id"]))
        mine = [row for row in offers if row["partner"] == offers[0]["partner"]]
        rates = {None: 1.0}
        currencies = {row["currency"] for row in mine}
        if len(currencies) > 1:
            company = self.env.company
            for currency in self.env["res.currency"].browse(filter(None, currencies)):
                rates[currency.id] = currency._convert(
                    1.0, company.currency_id, company, today, round=False
                )
        return min(
            mine,
            key=lambda row: (
                row["price"] * (1 - row["discount"] / 100) * rates.get(row["currency"], 1.0),
                row["sequence"],
                row["id"],
            ),
        )
