from collections import defaultdict

from odoo import api, fields, models

from .distribution import distribute

#: States of manufacturing orders that may still supply something.
OPEN_PRODUCTION = ("draft", "confirmed", "progress", "to_close")


class QualityProductionNoticeLine(models.Model):
    """What one order line lacks, in the product's own unit, and who makes it.

    A kit is exploded: its components are announced, not the kit.
    """

    _name = "quality.production.notice.line"
    _description = "Production Notice Line"
    _order = "notice_id, sequence, id"
    _check_company_auto = True

    notice_id = fields.Many2one(
        "quality.production.notice", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="notice_id.record_id.company_id", store=True, index=True)
    order_line_id = fields.Many2one(
        "sale.order.line",
        readonly=True,
        index=True,
        ondelete="set null",  # a void notice does not keep anybody from changing the order
        check_company=True,
    )
    sequence = fields.Integer(readonly=True)
    product_id = fields.Many2one(
        "product.product",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    kit_id = fields.Many2one(
        "product.product", "Component Of", readonly=True, ondelete="restrict", check_company=True
    )
    name = fields.Text("Description", readonly=True)
    is_sample = fields.Boolean(
        "Sample", readonly=True, help="Made as a sample; printed as a mark on the notice."
    )
    kind = fields.Selection(
        [
            ("make", "Make"),
            ("buy", "Buy"),
            ("kit", "Kit Component"),
            ("not_stocked", "Not Stocked"),
        ],
        required=True,
        readonly=True,
    )
    quantity = fields.Float("Ordered", digits="Product Unit", readonly=True)
    covered = fields.Float(
        "From Stock",
        digits="Product Unit",
        readonly=True,
        help="What free stock covered when the order was confirmed.",
    )
    to_supply = fields.Float(
        digits="Product Unit", readonly=True, help="What stock does not cover."
    )
    uom_id = fields.Many2one("uom.uom", "Unit", readonly=True, ondelete="restrict")
    date_due = fields.Datetime("Due", readonly=True)
    allocation_ids = fields.One2many(
        "quality.production.notice.allocation", "line_id", readonly=True
    )
    allocated = fields.Float(
        "In Manufacturing",
        digits="Product Unit",
        compute="_compute_allocated",
        compute_sudo=True,
        help="What the manufacturing orders make for this line.",
    )
    incoming = fields.Float(
        "Other Supply",
        digits="Product Unit",
        compute="_compute_incoming",
        store=True,
        help="Covered by supply that was planned already when the notice was issued, such as "
        "purchases; no manufacturing order is allocated to it.",
    )
    missing = fields.Float(
        digits="Product Unit",
        compute="_compute_missing",
        compute_sudo=True,
        help="What nothing supplies any more: a manufacturing order was cancelled or made "
        "smaller after the notice was issued.",
    )
    production_names = fields.Char(
        "Manufacturing Orders", compute="_compute_allocated", compute_sudo=True
    )

    @api.depends(
        "allocation_ids.notice_id.state",
        "allocation_ids.quantity",
        "allocation_ids.production_id.name",
        "allocation_ids.production_id.product_uom_qty",
        "allocation_ids.production_id.quality_allocation_ids",
        "allocation_ids.production_id.state",
    )
    def _compute_allocated(self):
        supply = self.allocation_ids.production_id._get_quality_supply()
        for line in self:
            claims = line.allocation_ids
            live = claims.production_id.filtered(lambda mo: mo.state != "cancel")
            line.allocated = sum(supply.get(claim, 0.0) for claim in claims)
            line.production_names = ", ".join(live.mapped("name"))

    @api.depends("to_supply")
    def _compute_incoming(self):
        # deliberately blind to what becomes of the manufacturing orders, see _note_incoming
        for line in self:
            line.incoming = max(line.to_supply - line.allocated, 0.0)

    @api.depends(
        "to_supply",
        "allocated",
        "incoming",
        "notice_id.state",
        "order_line_id.product_uom_qty",
        "order_line_id.qty_delivered",
    )
    def _compute_missing(self):
        for line in self:
            missing = line.to_supply - line.allocated - line.incoming
            is_short = line._is_awaited() and line.uom_id.compare(missing, 0.0) > 0
            line.missing = missing if is_short else 0.0

    def _is_awaited(self):
        """Tell whether the notice is in force and its goods are not delivered yet."""
        if self.notice_id.state != "issued":
            return False
        ordered = self.order_line_id
        return not ordered or (
            ordered.product_uom_id.compare(ordered.qty_delivered, ordered.product_uom_qty) < 0
        )

    # Needs: looked at before confirmation

    @api.model
    def _prepare_needs(self, orders):
        """Return the lines of a notice for each order, see _snapshot_coverage of the notice.

        :param orders: sale.order records of one company, which is the current one
        """
        lines = orders._get_quality_lines().filtered(lambda line: line.product_id.type == "consu")
        kits = self.env["mrp.bom"]._bom_find(
            lines.product_id, company_id=self.env.company.id, bom_type="phantom"
        )
        plain = lines.filtered(lambda line: line.product_id not in kits)
        needs = {order.id: [] for order in orders}
        taken = defaultdict(float)
        for line, need in self._prepare_plain_needs(plain, taken):
            needs[line.order_id.id].append(need)
        for line, need in self._prepare_kit_needs(lines - plain, kits, taken):
            needs[line.order_id.id].append(need)
        return needs

    def _prepare_plain_needs(self, lines, taken):
        """Yield (order line, need), and note in ``taken`` what each takes from stock."""
        coverage = lines._get_quality_coverage()
        secured = lines._get_quality_secured()
        made = self._find_made(lines.product_id)
        for line in lines:
            product = line.product_id
            demand = self._get_demand(line, product.uom_id)
            to_order = line._is_made_to_order(product)
            if not (product.is_storable or to_order):
                yield line, self._prepare_need(line, product, demand, 0.0, "not_stocked")
                continue
            own = min(secured[line, product], demand)
            short = (
                demand - own
                if to_order
                else line.product_uom_id._compute_quantity(
                    coverage[line][1], product.uom_id, rounding_method="HALF-UP"
                )
            )
            taken[line.warehouse_id, product] += demand - own - short
            if product.uom_id.compare(short, 0.0) > 0:
                kind = "make" if product in made and not self._is_bought(line, product) else "buy"
                yield line, self._prepare_need(line, product, demand, short, kind)

    def _prepare_kit_needs(self, lines, kits, taken):
        """Yield (order line, need) for each component of the kits that stock falls short of."""
        demands = [
            (line, product, quantity)
            for line in lines
            for product, quantity in self._explode(line, kits[line.product_id]).items()
        ]
        free = self._get_free(demands)
        secured = lines._get_quality_secured()
        for line, product, demand in demands:
            own = min(secured[line, product], demand)
            left = max(free[line.warehouse_id, product] - taken[line.warehouse_id, product], 0.0)
            covered = 0.0 if line._is_made_to_order(product) else min(left, demand - own)
            taken[line.warehouse_id, product] += covered
            if product.uom_id.compare(demand, own + covered) > 0:
                yield line, self._prepare_need(line, product, demand, demand - own - covered, "kit")

    def _explode(self, line, kit):
        """Return the stocked components of a kit: dict of product → quantity in its unit."""
        quantity = self._get_demand(line, kit.product_uom_id) / kit.product_qty
        never = line.product_no_variant_attribute_value_ids
        components = defaultdict(float)
        for part, data in kit.explode(line.product_id, quantity, never_attribute_values=never)[1]:
            if part.product_id.is_storable:
                components[part.product_id] += part.product_uom_id._compute_quantity(
                    data["qty"], part.product_id.uom_id, rounding_method="HALF-UP"
                )
        return components

    def _get_free(self, demands):
        """Return the free stock of what is demanded: dict of (warehouse, product) → quantity."""
        products = defaultdict(lambda: self.env["product.product"])
        for line, product, _quantity in demands:
            products[line.warehouse_id] |= product
        return {
            (warehouse, product): free[product.id]
            for warehouse, asked in products.items()
            for free in [asked._get_quality_free(warehouse)]
            for product in asked
        }

    def _prepare_need(self, line, product, demand, short, kind):
        return {
            "order_line_id": line.id,
            "sequence": line.sequence,
            "product_id": product.id,
            "kit_id": line.product_id.id if product != line.product_id else False,
            "name": line._get_remark() if product == line.product_id else False,
            "kind": kind,
            "quantity": demand,
            "covered": 0.0 if kind == "not_stocked" else demand - short,
            "to_supply": short,
            "uom_id": product.uom_id.id,
            "is_sample": line._is_quality_sample(),
            "date_due": line.order_id.commitment_date or line._expected_date(),
        }

    def _get_demand(self, order_line, unit):
        """Return the ordered quantity of an order line in another unit."""
        return order_line.product_uom_id._compute_quantity(
            order_line.product_uom_qty, unit, rounding_method="HALF-UP"
        )

    def _is_bought(self, order_line, product):
        """Tell whether routes say to buy a product although it has a bill of materials."""
        actions = [
            rule.action
            for route in order_line._get_supply_routes(product).sorted("sequence")
            for rule in route.rule_ids
            if rule.action in ("buy", "manufacture")
        ]
        return actions[:1] == ["buy"]

    def _find_made(self, products):
        """Return the bill of materials of each product that is manufactured."""
        return self.env["mrp.bom"]._bom_find(
            products, company_id=self.env.company.id, bom_type="normal"
        )

    # Supply: after Odoo's own procurement has run

    def _supply(self):
        """Allocate manufacturing orders to these lines; create them only for the remainder.

        First what Odoo itself made for the order line, then what reordering made and nobody's
        notice has claimed, at last new orders, as far as the forecast is negative: purchases
        and other planned supply are left to do their part.
        """
        for company, lines in self.grouped("company_id").items():
            made = lines.with_company(company)._filter_made()
            if made:
                made._allocate(made._get_reached_productions())
                made._allocate(made._get_reordering_productions())
                made._manufacture()

    def _note_incoming(self):
        """Keep what other supply covers, as it is when the notice is issued.

        What manufacturing orders lose after that is missing; nothing else has been planned.
        """
        self._compute_incoming()

    def _filter_made(self):
        boms = self._find_made(self.product_id)
        return self.filtered(
            lambda line: (
                line.to_supply > 0
                and line.kind in ("make", "kit")
                and line.product_id in boms
                and not self._is_bought(line.order_line_id, line.product_id)
            )
        )

    def _get_need(self):
        """Return what is still to be supplied by manufacturing: list of (line, quantity)."""
        return [(line, line.to_supply - line.allocated) for line in self]

    def _allocate(self, candidates, is_own=False):
        """Allocate to each line from its candidates what nobody else's notice has claimed.

        :param candidates: dict of line → mrp.production records, the best first
        :param is_own: the manufacturing orders were created for these notices
        """
        productions = self.env["mrp.production"].union(*candidates.values())
        left = productions._get_quality_capacity()
        given = []
        for line, quantity in self._get_need():
            supplies = [(mo, left[mo]) for mo in candidates.get(line, ())]
            for _line, production, part in distribute([(line, quantity)], supplies):
                left[production] -= part
                given.append((line, production, part))
        self.env["quality.production.notice.allocation"]._add(given, is_own)

    def _get_reached_productions(self):
        """Return the manufacturing orders that lead to each line: dict of line → orders.

        By the chain of moves, by the order line that they name, and by the shared reference.
        """
        order_lines = self.order_line_id
        order_lines.move_ids._rollup_move_origs_fetch()
        productions = self.env["mrp.production"].search(
            [
                ("product_id", "in", self.product_id.ids),
                ("state", "in", OPEN_PRODUCTION),
                "|",
                "|",
                ("sale_line_id", "in", order_lines.ids),
                ("reference_ids", "in", order_lines.order_id.stock_reference_ids.ids),
                ("move_finished_ids", "in", list(order_lines.move_ids._rollup_move_origs())),
            ],
            order="id",
        )
        return {line: line._sort_reached(productions) for line in self}

    def _sort_reached(self, productions):
        order_line = self.order_line_id
        origins = set(order_line.move_ids._rollup_move_origs())
        references = order_line.order_id.stock_reference_ids
        own = productions.filtered(
            lambda mo: (
                mo.product_id == self.product_id
                and (mo.sale_line_id == order_line or origins & set(mo.move_finished_ids.ids))
            )
        )
        return own | productions.filtered(
            lambda mo: mo.product_id == self.product_id and mo.reference_ids & references
        )

    def _get_reordering_productions(self):
        """Return what reordering rules have ordered in each line's warehouse."""
        productions = self.env["mrp.production"].search(
            [
                ("product_id", "in", self.product_id.ids),
                ("state", "in", OPEN_PRODUCTION),
                ("orderpoint_id", "!=", False),
                ("company_id", "=", self.env.company.id),
            ],
            order="id",
        )
        return {
            line: productions.filtered(
                lambda mo, line=line: (
                    mo.product_id == line.product_id
                    and mo.picking_type_id.warehouse_id == line.order_line_id.warehouse_id
                )
            )
            for line in self
        }

    def _manufacture(self):
        """Create manufacturing orders for the remainder, the way Odoo's procurement does."""
        procurements = self._prepare_procurements()
        if not procurements:
            return
        newest = self.env["mrp.production"].search([], order="id desc", limit=1).id or 0
        # as in stock.rule: a salesperson confirms, procurement manufactures
        self.env["stock.rule"].sudo()._run_manufacture(procurements)
        reached = self._get_reached_productions()
        created = (
            self.env["mrp.production"].union(*reached.values()).filtered(lambda mo: mo.id > newest)
        )
        created.filtered(lambda mo: mo.state == "draft").action_confirm()
        self._allocate({line: mos & created for line, mos in reached.items()}, is_own=True)
        self._allocate(reached)

    def _prepare_procurements(self):
        """Return the (procurement, rule) of what neither stock nor planned supply gives."""
        deficits = self._get_deficits()
        boms = self._find_made(self.product_id)
        procurements = []
        for line, quantity in self._get_need():
            warehouse = line.order_line_id.warehouse_id
            quantity = min(quantity, deficits[warehouse, line.product_id])
            rule = warehouse.manufacture_pull_id
            if rule and line.uom_id.compare(quantity, 0.0) > 0:
                deficits[warehouse, line.product_id] -= quantity
                bom = boms[line.product_id]
                procurements.append((line._prepare_procurement(quantity, bom), rule))
        return procurements

    def _get_deficits(self):
        """Return by how much the forecast is negative: dict of (warehouse, product) → quantity.

        Requests for quotation count as supply, as they do for reordering rules.
        """
        deficits = {}
        for warehouse, lines in self.grouped(lambda line: line.order_line_id.warehouse_id).items():
            products = lines.product_id.with_context(warehouse_id=warehouse.id)
            requested = products._get_quantity_in_progress(warehouse_ids=warehouse.ids)[1]
            # held and expired goods supply nobody, see _get_quality_free of the product
            promise = self.env["quality.promise"]
            withheld = promise._get_withheld(products, warehouse, is_forecast=True)
            for product in products:
                forecast = product.virtual_available + requested[product.id, warehouse.id]
                forecast -= withheld.get(product.id, 0.0)
                deficits[warehouse, product] = max(-forecast, 0.0)
        return deficits

    def _prepare_procurement(self, quantity, bom):
        order_line = self.order_line_id
        values = {**order_line._prepare_procurement_values(), "bom_id": bom}
        return self.env["stock.rule"].Procurement(
            self.product_id,
            quantity,
            self.uom_id,
            order_line.warehouse_id.lot_stock_id,
            self.product_id.display_name,
            order_line.order_id.name,
            self.company_id,
            values,
        )

    # For procurement

    @api.model
    def _get_announced(self, references, products):
        """Return what issued notices of the orders behind ``references`` name already.

        :param references: stock.reference records
        :param products: product.product records
        :return: set of (reference, product)
        """
        # procurement asks, for whoever triggered it
        lines_sudo = self.sudo().search(
            [
                ("notice_id.state", "=", "issued"),
                ("notice_id.order_id.stock_reference_ids", "in", references.ids),
                ("product_id", "in", products.ids),
            ]
        )
        return {
            (reference, line.product_id)
            for line in lines_sudo
            for reference in line.notice_id.order_id.stock_reference_ids & references
        }

    # Texts

    def _get_content(self):
        """Return what is announced in this line, as a JSON-able dict without any price."""
        content = {
            "order_line": self.order_line_id.id,
            "product": self.product_id.id,
            "text": self.name,
            "kind": self.kind,
            "quantity": self.quantity,
            "to_supply": self.to_supply,
            "unit": self.uom_id.id,
            "due": self.date_due or None,
        }
        # only where it is so: notices of before say what they said
        return content | ({"sample": True} if self.is_sample else {})

    def _get_message_text(self, quantity):
        return self.env._(
            "%(quantity)g %(unit)s %(product)s",
            quantity=quantity,
            unit=self.uom_id.name,
            product=self.product_id.display_name,
        )
