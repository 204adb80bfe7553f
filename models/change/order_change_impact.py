from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...lib.change import SECTIONS
from ..blocks.price import PRICE_GROUPS
from ..blocks.rehearsal import rehearsal


class QualityOrderChange(models.Model):
    """What a change would do, before anybody decides: the real thing, rehearsed (C1 to C3)."""

    _inherit = "quality.order.change"  # pylint: disable=R8180  # a chapter of its own

    impact = fields.Json("Impact Data", readonly=True, copy=False)
    outcome = fields.Json("Outcome Data", readonly=True, copy=False)
    impact_money = fields.Json(readonly=True, copy=False, groups=PRICE_GROUPS)
    date_impact = fields.Datetime("Impact As Of", readonly=True, copy=False)
    impact_error = fields.Text("Can't Be Applied", readonly=True, copy=False)
    impact_html = fields.Html("Impact", compute="_compute_impact_html", sanitize=False)
    outcome_html = fields.Html("Outcome", compute="_compute_impact_html", sanitize=False)
    has_surprises = fields.Boolean(
        "Other Than Foreseen",
        readonly=True,
        copy=False,
        help="Something had moved between the look at the impact and the change.",
    )

    @api.depends("impact", "outcome")
    @api.depends_context("lang", "uid")
    def _compute_impact_html(self):
        for change in self:
            money = change.impact_money if change.sees_prices else None
            change.impact_html = change._render_impact(change.impact, money)
            change.outcome_html = change._render_impact(change.outcome, None)

    def _render_impact(self, impact, money):
        if impact is False or impact is None:
            return False
        return self.env["ir.qweb"]._render(
            "customer_quality.order_change_impact",
            {"impact": impact, "money": money, "sections": SECTIONS, "change": self},
        )

    def action_show_impact(self):
        """Look at what the change would do now. Nothing is written but the answer.

        :raise AccessError: for whoever may not change the order
        :raise UserError: where nothing changes yet, or somebody else is changing the order
        """
        changes = self._get_running_members() or self
        changes._ensure_may_change()
        changes._ensure_running()
        for change in changes.filtered(lambda change: change.state == "draft"):
            change.sudo()._ensure_something_changes()
        changes._predict()
        for change in changes:
            change.sudo()._note_started()  # what is in work is production's, chosen by sales
        return True

    def _note_started(self):
        """List the manufacturing orders in work that the change concerns, to be chosen about."""
        if self.state != "draft":
            return
        started = self._get_started_productions()
        (self.production_ids.filtered(lambda row: row.production_id not in started)).unlink()
        new = started - self.production_ids.production_id
        self.write(
            {
                "production_ids": [
                    Command.create(self.production_ids._prepare_production_vals(production))
                    for production in new
                ]
            }
        )

    def _get_started_productions(self):
        deltas = self._get_deltas()
        codes = {delta.kind for delta in deltas}
        kinds = self.env["quality.change.kind"]._get_for(codes, self.company_id)
        if not any(kinds.mapped("reissues_notice")):
            return self.env["mrp.production"]
        productions = self._get_productions_of(self._get_affected_lines(deltas))
        return (productions - productions._filter_quality_idle()).filtered(
            lambda mo: mo.state != "done"
        )

    # Rehearse

    def _predict(self):
        """Rehearse these changes and keep what they would do.

        All are rehearsed before anything is written here: a rehearsal would wait for the rows
        that this transaction has written.

        :raise UserError: when somebody else is writing the same rows
        """
        changes = self._get_running_members() or self
        foreseen = [(change, *change._rehearse()) for change in changes]
        for change, outcome, money, error in foreseen:
            # the answer of the procedure; who asks has no right to write it
            change.sudo().write(
                {
                    "impact": outcome,
                    "impact_money": money,
                    "impact_error": error,
                    "date_impact": fields.Datetime.now(),
                }
            )

    def _rehearse(self):
        """Carry the change out on a cursor of its own, and take it back.

        :return: (what it makes different, the same in money, or why it can't be done)
        """
        with rehearsal(self.env) as env:
            # as superuser: what it does in stock and production is the procedure's
            change = self.with_env(env).sudo().exists()
            if not change:
                return None, None, None
            try:
                if change.state == "draft":
                    change._freeze()
                before = change._survey_money()
                outcome = change._carry_out()
                env.flush_all()
                return outcome, {"before": before, "after": change._survey_money()}, False
            except UserError as error:
                return None, None, str(error)

    # Survey: what there is, by keys that name no id of what may come into being

    def _survey(self):
        """Return what hangs on the order: dict of section → key → values, see lib.change.

        No amount is part of it, so that everybody may read it (M5).
        """
        self.env.flush_all()
        productions = self._survey_productions()
        return {
            "orders": {self.order_id.name: self._survey_order(productions)},
            "productions": self._key(productions, self._prepare_production),
            "transfers": self._survey_transfers(),
            "purchases": self._survey_purchases(),
            "others": self._survey_others(),
            "scrap": self._survey_scrap(productions),
        }

    def _survey_order(self, productions):
        ends = [mo.date_finished for mo in productions if mo.state not in ("done", "cancel")]
        return {
            "state": self.order_id.state,
            "promised": self._to_day(self.order_id.commitment_date or self.order_id.expected_date),
            "planned_end": self._to_day(max(filter(None, ends), default=None)),
        }

    def _survey_productions(self):
        """Return the manufacturing orders of the order, those that were re-issued included."""
        domain = [("reference_ids", "in", self.order_id.stock_reference_ids.ids)]
        allocated = self.env["quality.production.notice.line"].search(
            [("order_line_id", "in", self.order_id.order_line.ids)]
        )
        return (
            self.env["mrp.production"].search(domain) | allocated.allocation_ids.production_id
        ).sorted("id")

    @api.model
    def _key(self, records, prepare):
        """Return values of records by keys that are the same in a rehearsal and in earnest.

        What is there already goes by its name; what comes into being by its product, counted.
        """
        rows, counts = {}, {}
        for record in records:
            key = record.display_name
            if record.id > self._get_horizon(record._name):
                product = record.product_id.display_name
                counts[product] = counts.get(product, 0) + 1
                key = f"+ {product} {counts[product]}"
            rows[key] = prepare(record)
        return rows

    def _get_horizon(self, name):
        """Return the highest id that a model had when the survey before was made."""
        horizons = self.env.context.get("customer_quality_horizons") or {}
        return horizons.get(name, float("inf"))

    def _prepare_production(self, mo):
        return {
            "product": mo.product_id.display_name,
            "quantity": mo.product_qty,
            "unit": mo.product_uom_id.name,
            "state": mo.state,
            "produced": max(mo.qty_producing, mo.qty_produced) if mo.state != "cancel" else 0.0,
            "start": self._to_day(mo.date_start),
            "end": self._to_day(mo.date_finished),
        }

    def _survey_transfers(self):
        rows = {}
        for move in self.order_id.order_line.move_ids._filter_quality_transfers():
            key = f"{move.product_id.display_name} → {move.location_dest_id.display_name}"
            row = rows.setdefault(
                key, {"quantity": 0.0, "reserved": 0.0, "unit": move.product_uom.name, "date": None}
            )
            row["quantity"] += move.product_uom_qty
            row["reserved"] += move.quantity
            row["date"] = max(filter(None, (row["date"], self._to_day(move.date))))
        return rows

    def _survey_purchases(self):
        """Return the purchase lines that were ordered for this order, where that can be told."""
        if "purchase.order.line" not in self.env:
            return {}
        Line = self.env["purchase.order.line"]
        if "reference_ids" not in Line.order_id._fields:
            return {}
        lines = Line.search(
            [("order_id.reference_ids", "in", self.order_id.stock_reference_ids.ids)]
        )
        return {
            f"{line.order_id.name} · {line.product_id.display_name}": {
                "quantity": line.product_qty,
                "unit": line.product_uom_id.name,
                "state": line.state,
                "date": self._to_day(line.date_planned),
                "to_check": len(line.order_id.activity_ids),
            }
            for line in lines
        }

    def _survey_others(self):
        """Return what other customers' orders can count on of the same goods.

        By the same forecast that Odoo shows on their deliveries.
        """
        products = self.order_id.order_line.product_id | self.line_ids.new_product_id
        moves = self.env["stock.move"].search(
            [
                ("product_id", "in", products.filtered("is_storable").ids),
                ("state", "in", ("waiting", "confirmed", "partially_available", "assigned")),
                ("sale_line_id", "!=", False),
                ("sale_line_id.order_id", "!=", self.order_id.id),
                ("location_dest_id.usage", "=", "customer"),
                ("company_id", "=", self.company_id.id),
            ],
            limit=200,
        )
        moves.invalidate_recordset(["forecast_availability", "forecast_expected_date"])
        return {
            f"{move.sale_line_id.order_id.name} · {move.product_id.display_name} · {move.id}": {
                "order": move.sale_line_id.order_id.name,
                "product": move.product_id.display_name,
                "available": move.forecast_availability,
                "expected": self._to_day(move.forecast_expected_date),
            }
            for move in moves
        }

    def _survey_scrap(self, productions):
        """Return the components that manufacturing orders of this order have taken already."""
        rows = {}
        for move in productions.move_raw_ids:
            if move.picked and move.raw_material_production_id.state == "cancel":
                row = rows.setdefault(
                    move.product_id.display_name, {"quantity": 0.0, "unit": move.product_uom.name}
                )
                row["quantity"] += move.quantity
        for mo in productions.filtered(lambda mo: mo.state == "done"):
            surplus = mo.qty_produced - sum(
                claim.quantity
                for claim in mo.quality_allocation_ids
                if claim.notice_state != "void"
            )
            if surplus > 0 and mo.quality_allocation_ids:
                rows[mo.product_id.display_name] = {
                    "quantity": surplus,
                    "unit": mo.product_uom_id.name,
                }
        return rows

    def _survey_money(self):
        """Return amount, cost and margin of the order in the company's currency (B4)."""
        order = self.order_id
        rate = order.currency_rate or 1.0
        lines = order._get_quality_lines()
        amount = order.amount_untaxed / rate if order.state != "cancel" else 0.0
        cost = sum(
            line.product_id.standard_price
            * line.product_uom_id._compute_quantity(line.product_uom_qty, line.product_id.uom_id)
            for line in lines.with_company(order.company_id)
        )
        cost = cost if order.state != "cancel" else 0.0
        return {
            "currency": order.company_id.currency_id.name,
            "amount": round(amount, 2),
            "cost": round(cost, 2),
            "margin": round(amount - cost, 2),
        }

    @api.model
    def _to_day(self, date):
        return fields.Datetime.to_string(date)[:10] if date else None
