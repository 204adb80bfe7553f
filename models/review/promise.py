from odoo import api, fields, models

from ...lib.promise import Planner

#: So many receipts, components and steps are kept of each line; nobody reads more.
KEPT = 40


class QualityPromise(models.AbstractModel):
    """Gathers, in batch, what can be promised for order lines (B4, B5); see lib/promise.py.

    Chapters: what there is (stock), how things are supplied (network), when work centers are
    free (capacity), how past promises were held (history). Runs as superuser: whoever asks for
    a review needs no right to stock or manufacturing, and the figures name no amount but cost.
    """

    _name = "quality.promise"
    _description = "Earliest Date That Can Be Promised"

    @api.model
    def _get_figures(self, lines):
        """Return what decides on each promise, as of now.

        Each order is looked at on its own, as if it came next; its lines share stock and
        capacity in the order in which they stand. Orders that are confirmed already have their
        demand among the others', so nothing is computed for them.

        :param lines: sale.order.line records
        :return: dict of line → values of the fields of quality.promise.figures
        """
        figures = {line: {} for line in lines}
        # the superuser counts what there is; the fields decide who sees what
        open_lines = lines.sudo().filtered(lambda line: line.state in ("draft", "sent"))
        for company, company_lines in open_lines.grouped("company_id").items():
            promise = self.sudo().with_company(company)
            found = promise._get_company_figures(company_lines.with_company(company))
            figures.update((line.sudo(False), vals) for line, vals in found.items())
        return {line: figures[line] for line in lines}

    def _get_company_figures(self, lines):
        now = fields.Datetime.now()
        network = self._read_network(lines)
        centres, opening = self._read_capacity(network, now)
        stocks = self._read_stocks(lines.warehouse_id, lines.product_id.ids, network, now)
        delays = self._get_delivery_days(lines.warehouse_id)
        history = self._get_history(lines.product_id, now)
        loads = {}
        figures = {}
        for order_lines in lines.grouped("order_id").values():
            for warehouse, shared in order_lines.grouped("warehouse_id").items():
                stock = stocks[warehouse]
                planner = Planner(now, network.items, stock.supplies, centres.centres, opening)
                for line in shared.sorted(lambda line: (line.sequence, line.id)):
                    outcome = self._promise(planner, network, line, delays[warehouse])
                    figures[line] = {
                        **self._prepare_date_vals(line, outcome, now),
                        **self._prepare_stock_vals(line, network, stock),
                        **self._prepare_cost_vals(line, network),
                        **history.get(line.product_id, {}),
                        "date_figures": now,
                    }
                    load = self._prepare_load(line, network, centres, now, loads)
                    figures[line]["load"] = max((entry["load"] for entry in load), default=0.0)
                    figures[line]["figures"] = {
                        **self._prepare_detail(line, outcome, stock, network),
                        "load": load,
                    }
        return figures

    def _promise(self, planner, network, line, days):
        """Return the outcome for a line, which keeps what it takes."""
        if line.product_id.type != "consu":
            return None
        days += self.env.company.security_lead
        quantity = self._get_demand(line)
        if line in network.kits:
            parts = [(key, each * quantity, False) for key, each in network.kits[line]]
            return planner.promise_together(parts, days)
        return planner.promise(network.keys[line], quantity, after_days=days)

    def _get_demand(self, line):
        """Return the ordered quantity in the product's unit."""
        return line.product_uom_id._compute_quantity(
            max(line.product_uom_qty, 0.0), line.product_id.uom_id, round=False
        )

    def _prepare_date_vals(self, line, outcome, now):
        if outcome is None:
            return {"limit_kind": "none", "date_earliest": now}
        limit = outcome.get_limit()
        promised = line.order_id.commitment_date or line._expected_date()
        zone = self.env.company.resource_calendar_id.tz or "UTC"
        return {
            "date_earliest": outcome.date,
            "limit_kind": outcome.reason or (limit.kind if limit else "stock"),
            "is_late": bool(
                outcome.date
                and promised
                and self._get_day(promised, zone) < self._get_day(outcome.date, zone)
            ),
            "parts_short": len({part.product for part in outcome.parts if part.short > 0}),
        }

    def _get_day(self, date, zone):
        return fields.Datetime.context_timestamp(self.with_context(tz=zone), date).date()

    def _prepare_detail(self, line, outcome, stock, network):
        """Return what the figures were computed from, as JSON without any amount (M5)."""
        product = line.product_id
        parts = outcome.parts if outcome else ()
        products = {product.id, *(part.product for part in parts)}
        return {
            "limit": self._prepare_limit(outcome),
            "incoming": [
                {
                    "move": supply.source,
                    "quantity": supply.quantity,
                    "date": fields.Datetime.to_string(supply.date),
                    "label": supply.label,
                }
                for supply in stock.incoming[product.id][:KEPT]
            ],
            "quants": [id_ for key in sorted(products) for id_ in stock.quants[key]][: 5 * KEPT],
            "parts": [
                {
                    "product": part.product,
                    "level": part.level,
                    "needed": part.needed,
                    "free": part.free,
                    "incoming": part.incoming,
                    "short": part.short,
                    "how": part.how,
                    "days": part.days,
                    "date": fields.Datetime.to_string(part.date) if part.date else False,
                }
                for part in parts[:KEPT]
            ],
            "route": [
                {
                    "centre": step.centre,
                    "operation": step.label,
                    "start": fields.Datetime.to_string(step.start),
                    "finish": fields.Datetime.to_string(step.finish),
                }
                for step in (outcome.route if outcome else ())[:KEPT]
            ],
        }

    def _prepare_limit(self, outcome):
        if outcome is None:
            return {}
        if outcome.reason:
            kind = "centre" if outcome.reason == "capacity" else "product"
            return {kind: outcome.blocker}
        step = outcome.get_limit()
        return step and {
            "product": step.product,
            "centre": step.centre,
            "days": step.days,
            "label": step.label,
            "date": fields.Datetime.to_string(step.finish),
        }

    def _prepare_stock_vals(self, line, network, stock):
        if line in network.kits:
            return {"incoming_qty": 0.0}
        incoming = stock.incoming[line.product_id.id]
        return {"incoming_qty": sum(supply.quantity for supply in incoming)}

    def _prepare_cost_vals(self, line, network):
        """Return cost and margin in the order's currency (B4): the product's cost where the
        company keeps one, else what its bill of materials adds up to."""
        quantity = self._get_demand(line)
        cost, source = network.get_cost(line, quantity)
        if source == "none":
            return {"cost": 0.0, "margin": 0.0, "margin_percent": 0.0, "cost_source": "none"}
        cost *= line.order_id.currency_rate or 1.0
        margin = line.price_subtotal - cost
        return {
            "cost": cost,
            "margin": margin,
            "margin_percent": 100 * margin / line.price_subtotal if line.price_subtotal else 0.0,
            "cost_source": source,
        }
