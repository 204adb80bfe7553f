from ...lib.promise import Item, Operation, Option


class Source:
    """Makes items of what was read.

    Kits are exploded wherever they stand; their operations join the route of what they are in.

    :ivar facts: dict of product id → facts
    :ivar kits: dict of product id → bill of materials of a kit
    :ivar centres: dict of work center id → facts
    """

    def __init__(self, promise, products, warehouses):
        self.env = promise.env
        self.facts = promise._read_products(products.ids, warehouses.mto_pull_id.route_id)
        templates = list({fact.template for fact in self.facts.values()})
        boms = promise._read_boms(templates) if templates else []
        self.boms = self._choose(boms, "normal")
        self.kits = self._choose(boms, "phantom")
        self.vendors = promise._read_vendors(self.facts) if templates else {}
        operations = [operation for bom in boms for operation in bom.operations]
        self.centres = promise._read_centres({operation.centre for operation in operations})
        self.cycles = promise._get_cycle_times(operations)
        uoms = {fact.uom for fact in self.facts.values()} | {bom.uom for bom in boms}
        uoms |= {line.uom for bom in boms for line in bom.lines}
        self.uoms = {uom.id: uom for uom in self.env["uom.uom"].browse(sorted(uoms))}

    def _choose(self, boms, kind):
        """Return the first bill of a kind for each product: of the variant, or of all."""
        chosen = {}
        by_template = {}
        for bom in boms:
            if bom.type == kind:
                by_template.setdefault(bom.template, []).append(bom)
        for fact in self.facts.values():
            for bom in by_template.get(fact.template, ()):
                if bom.product in (None, fact.id):
                    chosen[fact.id] = bom
                    break
        return chosen

    def add(self, network, product, never=(), to_order=None, action=None):
        """Make the item of a product, and of all below it; return its key.

        :param never: attribute values of the order line that make no variant
        :param to_order: whether nothing is taken from stock, where the line says so
        :param action: ``buy`` or ``manufacture`` where the line says so
        """
        if to_order is None:
            to_order = product.to_order
        bom = self.boms.get(product.id)
        key = (product.id, tuple(never.ids) if bom and never else (), to_order)
        if key not in network.items:
            network.items[key] = Item(product.id)  # a bill that contains itself finds this one
            network.items[key] = self._make_item(network, product, bom, never, to_order, action)
        return key

    def _make_item(self, network, product, bom, never, to_order, action):
        if product.type != "consu" or not (product.is_storable or to_order):
            return Item(product.id, "free")
        days = self.vendors.get(product.id)
        is_bought = days is not None and (action or product.action) == "buy"
        if bom and not is_bought:
            parts, operations = self.explode(bom, product, 1.0, never)
            components = tuple((self.add(network, part), each) for part, each in parts)
            return Item(product.id, "make", bom.days, components, operations, to_order)
        if days is not None:
            return Item(product.id, "buy", days, to_order=to_order)
        return Item(product.id, to_order=to_order)

    def _convert(self, quantity, uom, to_uom):
        if uom == to_uom:
            return quantity
        return self.uoms[uom]._compute_quantity(quantity, self.uoms[to_uom], round=False)

    def explode(self, bom, product, quantity, never=(), path=()):
        """Return what ``quantity`` of ``product`` takes: (parts, operations).

        :return: list of (product facts, quantity in its unit), tuple of lib.promise.Operation
        """
        runs = self._convert(quantity, product.uom, bom.uom) / bom.quantity
        parts, operations = [], ()
        for line in bom.lines:
            if self._is_skipped(line, product, never):
                continue
            part = self.facts[line.product]
            amount = self._convert(line.quantity * runs, line.uom, part.uom)
            kit = self.kits.get(part.id)
            if kit and kit.id not in path:
                below, steps = self.explode(kit, part, amount, never, (*path, bom.id))
                parts += below
                operations = chain(operations, steps)
            elif part.type == "consu":
                parts.append((part, amount))
        return parts, chain(operations, self._make_route(bom, product, quantity, never))

    def _is_skipped(self, line, product, never):
        """Tell whether a line or operation is for other variants, by Odoo's own rule."""
        return bool(line.values) and self.env["mrp.bom"]._skip_for_no_variant(
            self.env["product.product"].browse(product.id),
            self.env["product.template.attribute.value"].browse(line.values),
            never,
        )

    def _make_route(self, bom, product, quantity, never):
        """Return the operations of a bill: one after the other, or as they depend."""
        kept = [each for each in bom.operations if not self._is_skipped(each, product, never)]
        route = []
        order = self._sort(kept) if bom.has_dependencies else kept
        places = {operation.id: index for index, operation in enumerate(order)}
        for index, operation in enumerate(order):
            after = (index - 1,) if index else ()
            if bom.has_dependencies:
                after = tuple(places[other] for other in operation.blockers if other in places)
            options = self._get_options(bom, product, operation, quantity)
            route.append(Operation(operation.name, options, after))
        return route

    def _sort(self, operations):
        """Return the operations so that each stands after those it waits for."""
        order, left = [], list(operations)
        while left:
            waiting = {operation.id for operation in left}
            ready = [each for each in left if not waiting.intersection(each.blockers)] or left
            order += ready
            left = [operation for operation in left if operation not in ready]
        return order

    def _get_options(self, bom, product, operation, ratio):
        """Return the work centers that can do it; quantities count in what is made of it."""
        centre = self.centres[operation.centre]
        options = []
        for id_ in (centre.id, *(other for other in centre.alternatives if other in self.centres)):
            each = self.centres[id_]
            capacity, setup, cleanup = self._get_capacity(each, bom, product)
            capacity = self._convert(capacity, bom.uom, product.uom)
            minutes = self.cycles[operation.id] * 100.0 / (each.efficiency or 100.0)
            spent = (setup or 0.0) + (cleanup or 0.0)  # the columns may be empty
            options.append(Option(id_, spent, minutes, capacity / (ratio or 1.0)))
        return tuple(options)

    def _get_capacity(self, centre, bom, product):
        if not centre.has_capacities:
            return bom.quantity or 1.0, centre.setup, centre.cleanup
        return (
            self.env["mrp.workcenter"]
            .browse(centre.id)
            ._get_capacity(
                self.env["product.product"].browse(product.id),
                self.uoms[bom.uom],
                bom.quantity or 1.0,
            )
        )


def chain(first, then):
    """Return one route: ``then`` begins when the last operation of ``first`` is done."""
    shift = len(first)
    if not shift:
        return tuple(then)
    return (
        *first,
        *(
            Operation(
                step.name,
                step.options,
                tuple(index + shift for index in step.after) or (shift - 1,),
            )
            for step in then
        ),
    )
