from dataclasses import dataclass, field

from odoo import models
from odoo.tools import SQL

from ...lib.promise import MAX_DEPTH, Item, Operation, Option


@dataclass
class Network:
    """How everything that the lines need is supplied.

    A key is (product id, ids of the attribute values that make no variant, made to order).

    :ivar items: dict of key → lib.promise.Item
    :ivar keys: dict of order line → key; lines of kits are in ``kits`` instead
    :ivar kits: dict of order line → list of (key, quantity for one)
    :ivar products: product.product records, everything that can be needed
    :ivar costs: dict of product id → cost of one
    :ivar rates: dict of work center id → cost of an hour
    """

    products: object
    items: dict = field(default_factory=dict)
    keys: dict = field(default_factory=dict)
    kits: dict = field(default_factory=dict)
    costs: dict = field(default_factory=dict)
    rates: dict = field(default_factory=dict)

    def get_cost(self, line, quantity):
        """Return what the bill of materials adds up to, 0.0 where a part of it is not known."""
        if line in self.kits:
            parts = [self._add_up(key, each * quantity) for key, each in self.kits[line]]
            return sum(parts) if all(part is not None for part in parts) else 0.0
        key = self.keys.get(line)
        return (key and self._add_up(key, quantity, top=True)) or 0.0

    def _add_up(self, key, quantity, depth=0, top=False):
        item = self.items[key]
        cost = self.costs.get(item.product, 0.0) * quantity
        if cost and not top:
            return cost
        if item.how != "make" or depth > MAX_DEPTH or not (item.components or item.operations):
            return None
        total = 0.0
        for part, each in item.components:
            cost = self._add_up(part, each * quantity, depth + 1)
            if cost is None:
                return None
            total += cost
        for operation in item.operations:
            option = operation.options[0]
            total += option.get_minutes(quantity) / 60 * self.rates.get(option.centre, 0.0)
        return total


class QualityPromise(models.AbstractModel):
    """How things are supplied: the chapter about bills of materials, routes and vendors (B5)."""

    _inherit = "quality.promise"  # pylint: disable=R8180  # a chapter of its own

    def _read_network(self, lines):
        """Return the Network of what these lines need, read in a fixed number of queries."""
        goods = lines.filtered(lambda line: line.product_id.type == "consu")
        products = self._find_reachable(goods.product_id)
        network = Network(products)
        source = _Source(self, products)
        network.costs = {product.id: product.standard_price for product in products}
        for line in goods:
            never = line.product_no_variant_attribute_value_ids
            product = source.by_id[line.product_id.id]
            kit = source.kits.get(product)
            if kit:
                parts, _operations = source.explode(kit, product, 1.0, never)
                network.kits[line] = [
                    (
                        source.add(
                            network,
                            part,
                            to_order=line._is_made_to_order(part),
                        ),
                        each,
                    )
                    for part, each in parts
                ]
            else:
                network.keys[line] = source.add(
                    network,
                    product,
                    never,
                    line._is_made_to_order(product),
                    line._get_supply_routes(product),
                )
        network.rates = {centre.id: centre.costs_hour for centre in source.centres}
        return network

    def _find_reachable(self, products):
        """Return the products and everything below them, by whatever bill of materials."""
        for model in ("mrp.bom", "mrp.bom.line", "product.product"):
            self.env[model].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE reached (product_id) AS (
                    SELECT UNNEST(%(products)s::integer[])
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
                SELECT product_id FROM reached
                """,
                products=products.ids,
                company=self.env.company.id,
            )
        )
        return self.env["product.product"].browse(sorted(row[0] for row in rows))


class _Source:
    """Reads bills of materials once, and makes items of them.

    Kits are exploded wherever they stand; their operations join the route of what they are in.
    """

    def __init__(self, promise, products):
        self.promise = promise
        self.env = promise.env
        self.by_id = {product.id: product for product in products}
        self.boms, self.kits = self._find_boms(products)
        boms = self.env["mrp.bom"].union(*self.boms.values(), *self.kits.values())
        self.lines = self._group("mrp.bom.line", boms)
        self.operations = self._group("mrp.routing.workcenter", boms)
        operations = self.env["mrp.routing.workcenter"].union(*self.operations.values())
        self.cycles = promise._get_cycle_times(operations)
        self.centres = self._find_centres(operations)
        to_order = self.env["stock.warehouse"].search([("company_id", "=", self.env.company.id)])
        self.order_routes = to_order.mto_pull_id.route_id

    def _find_boms(self, products):
        """Return (normal, kits): dicts of product → mrp.bom, chosen the way Odoo does."""
        if not products:
            return {}, {}
        model = self.env["mrp.bom"]
        domain = model._bom_find_domain(products, company_id=self.env.company.id)
        found = {"normal": {}, "phantom": {}}
        by_template = products.grouped("product_tmpl_id")
        for bom in model.search(domain, order="sequence, product_id, id"):
            variants = by_template.get(bom.product_tmpl_id, ())
            for product in bom.product_id or variants:
                found.get(bom.type, {}).setdefault(self.by_id[product.id], bom)
        return found["normal"], found["phantom"]

    def _group(self, model, boms):
        if not boms:
            return {}
        return self.env[model].search([("bom_id", "in", boms.ids)]).grouped("bom_id")

    def _find_centres(self, operations):
        centres = operations.workcenter_id
        return centres | centres.alternative_workcenter_ids.filtered("active")

    def add(self, network, product, never=(), to_order=None, routes=None):
        """Make the item of a product, and of all below it; return its key."""
        if routes is None:
            routes = product.route_ids | product.categ_id.total_route_ids
        if to_order is None:
            to_order = bool(routes & self.order_routes)
        bom = self.boms.get(product)
        key = (product.id, tuple(never.ids) if bom and never else (), to_order)
        if key not in network.items:
            network.items[key] = Item(product.id)  # a bill that contains itself finds this one
            network.items[key] = self._make_item(network, product, bom, never, to_order, routes)
        return key

    def _make_item(self, network, product, bom, never, to_order, routes):
        if product.type != "consu" or not (product.is_storable or to_order):
            return Item(product.id, "free")
        days = self._get_vendor_days(product)
        if bom and not (days is not None and self._is_bought(routes)):
            parts, operations = self.explode(bom, product, 1.0, never)
            return Item(
                product.id,
                "make",
                bom.produce_delay,
                tuple((self.add(network, part), each) for part, each in parts),
                operations,
                to_order,
            )
        if days is not None:
            return Item(product.id, "buy", days, to_order=to_order)
        return Item(product.id, to_order=to_order)

    def _is_bought(self, routes):
        actions = [
            rule.action
            for route in routes.sorted("sequence")
            for rule in route.rule_ids
            if rule.action in ("buy", "manufacture")
        ]
        return actions[:1] == ["buy"]

    def _get_vendor_days(self, product):
        """Return the calendar days until a vendor delivers, None where there is none."""
        vendor = product._select_seller(quantity=None) if product.seller_ids else None
        if not vendor:
            return None
        company = self.env.company
        ordering = company.days_to_purchase if "days_to_purchase" in company._fields else 0.0
        return vendor.delay + ordering

    def explode(self, bom, product, quantity, never=(), path=()):
        """Return what ``quantity`` of ``product`` takes: (parts, operations).

        :return: list of (product, quantity in its unit), tuple of lib.promise.Operation
        """
        runs = product.uom_id._compute_quantity(quantity, bom.product_uom_id, round=False)
        runs /= bom.product_qty
        parts, operations = [], []
        for line in self.lines.get(bom, ()):
            if self._is_skipped(line, product, never):
                continue
            part = self.by_id[line.product_id.id]
            amount = line.product_uom_id._compute_quantity(
                line.product_qty * runs, part.uom_id, round=False
            )
            kit = self.kits.get(part)
            if kit and kit not in path:
                below, steps = self.explode(kit, part, amount, never, (*path, bom))
                parts += below
                operations = _chain(operations, steps)
            elif part.type == "consu":
                parts.append((part, amount))
        return parts, tuple(_chain(operations, self._make_route(bom, product, quantity, never)))

    def _is_skipped(self, line, product, never):
        """Tell whether a line or operation is for other variants."""
        values = line.bom_product_template_attribute_value_ids
        return bool(values) and self.env["mrp.bom"]._skip_for_no_variant(product, values, never)

    def _make_route(self, bom, product, quantity, never):
        """Return the operations of a bill: one after the other, or as they depend."""
        kept = [
            operation
            for operation in self.operations.get(bom, ())
            if not self._is_skipped(operation, product, never)
        ]
        order = self._sort(kept) if bom.allow_operation_dependencies else kept
        route = []
        for index, operation in enumerate(order):
            after = (index - 1,) if index else ()
            if bom.allow_operation_dependencies:
                blockers = operation.blocked_by_operation_ids
                after = tuple(order.index(other) for other in blockers if other in order)
            route.append(
                Operation(
                    operation.name, self._get_options(bom, product, operation, quantity), after
                )
            )
        return route

    def _sort(self, operations):
        """Return the operations so that each stands after those it waits for."""
        order, left = [], list(operations)
        while left:
            ready = [
                operation
                for operation in left
                if not any(other in left for other in operation.blocked_by_operation_ids)
            ]
            order += ready or left
            left = [operation for operation in left if operation not in order]
        return order

    def _get_options(self, bom, product, operation, ratio):
        """Return the work centers that can do it; quantities count in what is made of it."""
        options = []
        for centre in operation.workcenter_id | operation.workcenter_id.alternative_workcenter_ids:
            if centre not in self.centres:
                continue
            capacity, setup, cleanup = centre._get_capacity(
                product, bom.product_uom_id, bom.product_qty or 1.0
            )
            capacity = bom.product_uom_id._compute_quantity(capacity, product.uom_id, round=False)
            minutes = self.cycles[operation] * 100.0 / (centre.time_efficiency or 100.0)
            options.append(Option(centre.id, setup + cleanup, minutes, capacity / (ratio or 1.0)))
        return tuple(options)


def _chain(first, then):
    """Return one route: ``then`` begins when the last operation of ``first`` is done."""
    shift = len(first)
    if not shift:
        return list(then)
    return [
        *first,
        *(
            Operation(
                step.name,
                step.options,
                tuple(index + shift for index in step.after) or (shift - 1,),
            )
            for step in then
        ),
    ]
