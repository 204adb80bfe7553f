from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_list, formatLang

from ..blocks.price import PRICE_GROUPS

#: What can determine the earliest date; the last ones say why there is none.
LIMITS = [
    ("stock", "In Stock"),
    ("incoming", "Receipt on Its Way"),
    ("purchase", "Supplier's Lead Time"),
    ("manufacture", "Manufacturing Lead Time"),
    ("operation", "Work Center"),
    ("delivery", "Time to Deliver"),
    ("none", "Nothing to Supply"),
    ("unknown", "No Source Known"),
    ("capacity", "No Free Capacity"),
    ("cycle", "Bill of Materials in a Circle"),
]


class QualityPromiseFigures(models.AbstractModel):
    """What decides on a promise, per order line: a snapshot that can be refreshed (B4, B5).

    Written by quality.promise only. The detail (``figures``) holds ids, quantities and dates,
    never an amount; costs are fields of their own, for those who may see them (M5).
    """

    _name = "quality.promise.figures"
    _description = "Figures of a Promise"

    sequence = fields.Integer(readonly=True)
    product_id = fields.Many2one("product.product", readonly=True, ondelete="restrict")
    quantity = fields.Float(digits="Product Unit", readonly=True)
    uom_id = fields.Many2one("uom.uom", "Unit", readonly=True, ondelete="restrict")
    date_expected = fields.Datetime("Delivery", readonly=True)

    # What there is
    free_qty = fields.Float(
        "Free Stock",
        digits="Product Unit",
        readonly=True,
        help="Without what is reserved, held or expired.",
    )
    shortage = fields.Float(
        digits="Product Unit", readonly=True, help="What free stock does not cover."
    )
    incoming_qty = fields.Float(
        "Incoming",
        digits="Product Unit",
        readonly=True,
        help="Open receipts and manufacturing orders, in the product's unit.",
    )
    parts_short = fields.Integer(
        "Components Short",
        readonly=True,
        help="Components that are neither in stock nor on their way.",
    )
    load = fields.Float(
        "Load (%)",
        readonly=True,
        aggregator="max",
        help="Of the fullest work center of the route, until the promised date.",
    )

    # What can be promised
    date_earliest = fields.Datetime("Earliest", readonly=True)
    limit_kind = fields.Selection(LIMITS, "Limited By", readonly=True)
    is_late = fields.Boolean(
        "Promised Too Early", readonly=True, help="The promised date is before the earliest one."
    )
    promise_count = fields.Integer("Past Promises", readonly=True, aggregator=None)
    kept_count = fields.Integer("Number of Promises Held", readonly=True, aggregator=None)
    date_figures = fields.Datetime("Figures Of", readonly=True)
    figures = fields.Json(readonly=True)

    # What it costs (B4)
    cost = fields.Monetary(readonly=True, groups=PRICE_GROUPS)
    cost_source = fields.Selection(
        [("product", "Product's Cost"), ("bom", "Bill of Materials"), ("none", "Not Known")],
        readonly=True,
        groups=PRICE_GROUPS,
    )
    margin = fields.Monetary(readonly=True, groups=PRICE_GROUPS)
    margin_percent = fields.Float("Margin (%)", readonly=True, groups=PRICE_GROUPS, aggregator=None)
    currency_id = fields.Many2one("res.currency", readonly=True)

    # In words
    limit_text = fields.Char("What Limits It", compute="_compute_texts")
    incoming_text = fields.Char("Incoming by Date", compute="_compute_texts")
    kept_text = fields.Char("Promises Held", compute="_compute_texts")
    has_parts = fields.Boolean(compute="_compute_facts")
    has_load = fields.Boolean(compute="_compute_facts")
    facts = fields.Json(compute="_compute_facts")
    facts_html = fields.Html(
        "Components and Capacity", compute="_compute_facts_html", sanitize=False
    )

    @api.depends("figures", "limit_kind", "kept_count", "promise_count")
    @api.depends_context("lang", "tz")
    def _compute_texts(self):
        names = self._get_names()
        for line in self:
            line.limit_text = line._get_limit_text(names)
            line.incoming_text = line._get_incoming_text()
            line.kept_text = (
                self.env._("%(kept)s of %(all)s", kept=line.kept_count, all=line.promise_count)
                if line.promise_count
                else False
            )

    @api.depends("figures")
    @api.depends_context("lang", "tz")
    def _compute_facts(self):
        """Components, route and load with their names, for screens and paper."""
        names = self._get_names()
        for line in self:
            line.facts = {
                kind: [line._name_fact(fact, names) for fact in (line.figures or {}).get(kind, ())]
                for kind in ("parts", "load", "route")
            }
            line.has_parts = bool(line.facts["parts"])
            line.has_load = bool(line.facts["load"])

    @api.depends("facts")
    @api.depends_context("lang", "tz")
    def _compute_facts_html(self):
        for line in self:
            line.facts_html = self.env["ir.qweb"]._render(
                "customer_quality.promise_facts", {"line": line}
            )

    def _name_fact(self, fact, names):
        """Return a fact with the name of what it is about and its days in words."""
        name = names["product"].get(fact.get("product")) or names["centre"].get(fact.get("centre"))
        days = {
            f"{key}_text": self._format_day(fact.get(key))
            for key in ("date", "until", "start", "finish")
            if key in fact
        }
        return {**fact, **days, "name": name or "–"}

    def _get_names(self):
        """Return the names of what the figures name: dict of kind → id → name.

        Whoever reads the figures is told the names, without any right to stock or manufacturing.
        """
        products, centres = set(), set()
        for figures in self.mapped("figures"):
            limit = (figures or {}).get("limit") or {}
            products.add(limit.get("product"))
            centres.add(limit.get("centre"))
            products |= {part["product"] for part in (figures or {}).get("parts", ())}
            centres |= {step["centre"] for step in (figures or {}).get("route", ())}
            centres |= {load["centre"] for load in (figures or {}).get("load", ())}
        return {
            kind: {
                record.id: record.display_name
                for record in self.env[model].sudo().browse(filter(None, ids)).exists()
            }
            for kind, model, ids in (
                ("product", "product.product", products),
                ("centre", "mrp.workcenter", centres),
            )
        }

    def _get_limit_text(self, names):
        self.ensure_one()
        limit = (self.figures or {}).get("limit") or {}
        sentences = {
            "stock": self.env._("In stock now"),
            "incoming": self.env._("%(product)s: due on %(date)s (%(label)s)"),
            "purchase": self.env._("%(product)s: supplier's lead time, %(days)s days"),
            "manufacture": self.env._("%(product)s: manufacturing lead time, %(days)s days"),
            "operation": self.env._("%(centre)s: %(label)s ends on %(date)s"),
            "delivery": self.env._("%(days)s days from the goods being ready to the delivery"),
            "none": self.env._("Nothing has to be supplied"),
            "unknown": self.env._(
                "No date: nobody is known to supply %(product)s. Enter a vendor or a bill of "
                "materials."
            ),
            "capacity": self.env._("No date: %(centre)s has no free time within a year"),
            "cycle": self.env._("No date: the bill of materials of %(product)s contains itself"),
        }
        return sentences.get(self.limit_kind, "") % {
            "product": names["product"].get(limit.get("product"), "–"),
            "centre": names["centre"].get(limit.get("centre"), "–"),
            "date": self._format_day(limit.get("date")),
            "days": f"{limit.get('days') or 0:g}",
            "label": limit.get("label") or "–",
        }

    def _get_incoming_text(self):
        return format_list(
            self.env,
            [
                self.env._(
                    "%(quantity)s on %(date)s (%(document)s)",
                    quantity=formatLang(self.env, supply["quantity"], dp="Product Unit"),
                    date=self._format_day(supply["date"]),
                    document=supply["label"] or "–",
                )
                for supply in (self.figures or {}).get("incoming", ())
            ],
        )

    def _format_day(self, value):
        date = fields.Datetime.to_datetime(value)
        if not date:
            return "–"
        return format_date(self.env, fields.Datetime.context_timestamp(self, date).date())

    # What the figures were computed from; the reader's own rights apply to it

    def action_open_stock(self):
        """Open the stock that was counted as free."""
        return self._open_source("stock.quant", "quants", self.env._("Free Stock"))

    def action_open_incoming(self):
        """Open the receipts and manufacturing orders that were counted."""
        ids = [supply["move"] for supply in (self.figures or {}).get("incoming", ())]
        return self._open_ids("stock.move", ids, self.env._("Incoming"))

    def action_open_components(self):
        """Open the components that were looked at."""
        ids = [part["product"] for part in (self.figures or {}).get("parts", ())]
        return self._open_ids("product.product", ids, self.env._("Components"))

    def action_open_workorders(self):
        """Open the work orders that load the work centers of the route."""
        ids = [id_ for load in (self.figures or {}).get("load", ()) for id_ in load["workorders"]]
        return self._open_ids("mrp.workorder", ids, self.env._("Planned Work Orders"))

    def _open_source(self, model, key, name):
        return self._open_ids(model, (self.figures or {}).get(key, []), name)

    def _open_ids(self, model, ids, name):
        self.ensure_one()
        self.check_access("read")
        if not self.env[model].has_access("read"):
            raise UserError(
                self.env._(
                    "You have no right to see %(name)s. Ask the department that keeps it.",
                    name=name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", sorted(set(ids)))],
            "context": {"create": False},
        }
