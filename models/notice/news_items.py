from odoo import fields, models
from odoo.tools import format_date, format_list

from .news import News

#: How many things a sentence names before it says that there are more.
NAMED = 5


class QualityNews(models.AbstractModel):
    """What is said about each kind of news, for all that a transaction did at once (D4).

    In sudo, see ``_tell_noted``. No sentence holds a price (M5).
    """

    _inherit = "quality.news"  # pylint: disable=R8180  # a chapter of its own

    # Results of inspection

    def _collect_holds(self, facts):
        """Return the news of goods put on hold or released: lots and places."""
        changed = [record for record, before in facts.items() if record.quality_hold != before]
        concerned = self._get_concerned(changed)
        items = []
        for record in changed:
            productions, orders = concerned[record]
            companies = productions.company_id | orders.company_id or self.env.company
            for company in record.company_id or companies:
                if company.id in self._get_companies():
                    items.append(self._prepare_hold(record, company, productions, orders))
        return items

    def _prepare_hold(self, record, company, productions, orders):
        names = [*productions.mapped("name"), *orders.mapped("name")]
        return News(
            "hold", company, orders, lambda env, name: self._say_hold(env, name, record, names)
        )

    def _say_hold(self, env, name, record, names):
        what = {"goods": name(record), "orders": self._join(env, names)}
        if record._name == "stock.lot":
            what["goods"] = env._(
                "%(lot)s of %(product)s",
                lot=name(record),
                product=record.product_id.with_env(env).display_name,
            )
        if record.quality_hold:
            return env._("%(goods)s: put on hold. Concerned: %(orders)s.", **what)
        return env._("%(goods)s: released. Concerned: %(orders)s.", **what)

    def _get_concerned(self, records):
        """Return what goods on hold are used for, in a query per kind of record.

        :param records: list of stock.lot and stock.location records
        :return: dict of record → (mrp.production, sale.order)
        """
        concerned = {}
        for record, moves in self._get_moves(records).items():
            productions = moves.raw_material_production_id | moves.production_id
            orders = moves.sale_line_id.order_id | productions._get_quality_orders()
            concerned[record] = (productions.filtered(lambda mo: mo.state != "cancel"), orders)
        return concerned

    def _get_moves(self, records):
        """Return the moves that took or will take goods of each lot or place."""
        lots = self.env["stock.lot"].union(*(r for r in records if r._name == "stock.lot"))
        places = self.env["stock.location"].union(
            *(record for record in records if record._name == "stock.location")
        )
        empty = self.env["stock.move"]
        moves = dict.fromkeys(records, empty)
        lines = self.env["stock.move.line"]
        moves |= {
            lot: found
            for lot, found in lines._read_group(
                [("lot_id", "in", lots.ids), ("state", "!=", "cancel")],
                ["lot_id"],
                ["move_id:recordset"],
            )
        }
        pending = lines.search(
            [("location_id", "child_of", places.ids), ("state", "not in", ("done", "cancel"))]
        )
        for place in places:
            inside = pending.filtered(
                lambda line, path=place.parent_path: line.location_id.parent_path.startswith(path)
            )
            moves[place] = inside.move_id
        return moves

    def _collect_scraps(self, facts):
        """Return the news of scrapped products of manufacturing orders."""
        return [
            News(
                "scrap",
                move.company_id,
                move.production_id._get_quality_orders(),
                lambda env, name, move=move: env._(
                    "%(production)s: %(goods)s scrapped.",
                    production=name(move.production_id),
                    goods=self._get_goods(env, move),
                ),
            )
            for move in facts
        ]

    # Material

    def _collect_arrivals(self, facts):
        """Return the news of receipts, with the manufacturing orders that need the goods."""
        moves = self.env["stock.move"].union(*facts)
        needs = self._get_needs(moves).grouped("product_id")
        items = []
        for picking, received in moves.grouped("picking_id").items():
            needed = self.env["stock.move"].union(
                *(needs[product] for product in received.product_id if product in needs)
            )
            needed = needed.filtered(lambda n, own=received.company_id: n.company_id in own)
            source = picking or received[0]
            items.append(
                News(
                    "arrival",
                    received.company_id,
                    self.env["sale.order"],
                    lambda env, name, source=source, received=received, needed=needed: (
                        self._say_arrival(env, name, source, received, needed)
                    ),
                )
            )
        return items

    def _say_arrival(self, env, name, source, received, needed):
        what = {"receipt": name(source), "goods": self._get_goods(env, received)}
        if not needed:
            return env._("%(receipt)s has arrived: %(goods)s.", **what)
        names = needed.raw_material_production_id.mapped("name")
        return env._(
            "%(receipt)s has arrived: %(goods)s. Needed for: %(orders)s.",
            orders=self._join(env, names),
            **what,
        )

    def _collect_delays(self, facts):
        """Return the news of receipts that come after a manufacturing order needs them."""
        late = {
            move: before
            for move, before in facts.items()
            if move.state not in ("done", "cancel") and move._get_quality_expected() > before
        }
        moves = self.env["stock.move"].union(*late)
        needs = self._get_needs(moves).filtered(lambda need: need.state != "assigned")
        by_product = needs.grouped(lambda need: (need.company_id, need.product_id))
        items = []
        for move, before in late.items():
            expected = move._get_quality_expected()
            needed = by_product.get((move.company_id, move.product_id), needs.browse())
            needed = needed.filtered(lambda need, expected=expected: need.date < expected)
            if needed:
                items.append(self._prepare_delay(move, before, needed))
        return items

    def _prepare_delay(self, move, before, needed):
        dates = (before, move._get_quality_expected(), min(needed.mapped("date")))
        source = move.picking_id or move
        return News(
            "delay",
            move.company_id,
            self.env["sale.order"],
            lambda env, name: env._(
                "%(receipt)s: %(product)s comes on %(after)s instead of %(before)s. Needed on "
                "%(need)s for: %(orders)s.",
                receipt=name(source),
                product=move.product_id.with_env(env).display_name,
                before=self._get_day(env, move.company_id, dates[0]),
                after=self._get_day(env, move.company_id, dates[1]),
                need=self._get_day(env, move.company_id, dates[2]),
                orders=self._join(env, needed.raw_material_production_id.mapped("name")),
            ),
        )

    def _get_needs(self, moves):
        """Return what open manufacturing orders under a notice still take of the same products."""
        if not moves:
            return moves
        return self.env["stock.move"].search(
            [
                ("product_id", "in", moves.product_id.ids),
                ("company_id", "in", moves.company_id.ids),
                ("state", "not in", ("done", "cancel")),
                ("raw_material_production_id.state", "in", ("confirmed", "progress")),
                (
                    "raw_material_production_id.quality_allocation_ids",
                    "any",
                    [("notice_id.state", "=", "issued")],
                ),
            ]
        )

    # Shipments

    def _collect_shipments(self, facts):
        """Return the news of goods that left for customers."""
        moves = self.env["stock.move"].union(*facts)
        return [
            News(
                "shipment",
                shipped.company_id,
                shipped.sale_line_id.order_id | picking.sale_id,
                lambda env, name, picking=picking, shipped=shipped: env._(
                    "%(delivery)s has left for %(customer)s: %(goods)s (%(orders)s).",
                    delivery=name(picking),
                    customer=picking.partner_id.display_name,
                    goods=self._get_goods(env, shipped),
                    orders=self._join(
                        env, (shipped.sale_line_id.order_id | picking.sale_id).mapped("name")
                    ),
                ),
            )
            for picking, shipped in moves.grouped("picking_id").items()
            if picking and (shipped.sale_line_id or picking.sale_id)
        ]

    # Words

    def _get_goods(self, env, moves):
        """Return quantities and products of moves, as text."""
        return self._join(
            env,
            [
                f"{move.quantity:g} {move.product_uom.with_env(env).name} "
                f"{move.product_id.with_env(env).display_name}"
                for move in moves
            ],
        )

    def _join(self, env, names):
        """Return names as a list in words; of many the first ones."""
        names = list(dict.fromkeys(names))
        shown = names[:NAMED]
        if len(names) > NAMED:
            shown.append(env._("%(count)s more", count=len(names) - NAMED))
        return format_list(env, shown) if shown else "–"

    def _get_day(self, env, company, moment):
        """Return the day of a moment where the company is, as text."""
        zone = company.resource_calendar_id.tz or company.partner_id.tz or "UTC"
        record = self.with_env(env).with_context(tz=zone)
        return format_date(env, fields.Datetime.context_timestamp(record, moment).date())
