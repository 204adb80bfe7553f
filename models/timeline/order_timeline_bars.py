from collections import defaultdict
from datetime import datetime

from odoo import fields, models
from odoo.tools import SQL, format_list

from ..review.contract_review import RUNNING

#: How a bar looks, by the state of its document; what is not named is only planned.
LOOKS = {
    "quality.contract.review": {
        **dict.fromkeys(RUNNING, "running"),
        "approved": "done",
        "superseded": "void",
        "void": "void",
    },
    "quality.production.notice": {"issued": "running", "done": "done", "void": "void"},
    "mrp.production": {
        "progress": "running",
        "to_close": "running",
        "done": "done",
        "cancel": "void",
    },
    "stock.picking": {"done": "done"},
}

#: What reaches the customer too late when it ends after the promise; papers may be closed later.
WORK = ("stage", "production", "delivery")


class QualityOrderTimeline(models.Model):
    """What is drawn for each order: reviews, notices, stages, manufacturing, deliveries (D2)."""

    _inherit = "quality.order.timeline"  # pylint: disable=R8180  # a chapter of its own

    def _get_timeline_bars(self):
        """Return what is drawn for these orders, in a fixed number of queries.

        Documents of a kind that the user may not read are left out.

        :return: dict of order id → list of bars, see :meth:`_prepare_bar`
        """
        bars = defaultdict(list)
        limits = {row.id: self._get_local_day(row.date_promised) for row in self}
        for collect in self._get_bar_collectors():
            for order_id, vals in collect():
                vals["late"] = vals.get("late") or self._is_late_work(vals, limits[order_id])
                bars[order_id].append(self._prepare_bar(**vals))
        orders = self.env["sale.order"].browse(self.ids)
        for order, extra in orders._get_quality_timeline_extra().items():
            bars[order.id] += [self._prepare_bar(**{"kind": "other", **vals}) for vals in extra]
        return {row_id: bars[row_id] for row_id in self.ids}

    def _get_bar_collectors(self):
        collectors = {
            "quality.contract.review": self._collect_reviews,
            "quality.production.notice": self._collect_notices,
            "quality.production.notice.stage": self._collect_stages,
            "mrp.production": self._collect_productions,
            "stock.picking": self._collect_deliveries,
        }
        return [
            collect for name, collect in collectors.items() if self.env[name].has_access("read")
        ]

    def _prepare_bar(self, kind, record, name, **vals):
        """Return a bar: what it is about, from when to when, and how it looks.

        :param kind: ``review``, ``notice``, ``stage``, ``production``, ``delivery`` or ``other``
        :param record: the document that a click opens
        :param name: what it is called
        :param vals: ``start`` (without one it is a mark), ``end`` (when it ended or is planned to;
            without one it lasts until today), ``planned`` (until when it should have ended),
            ``look`` (``planned``, ``running``, ``done`` or ``void``), ``state`` and ``note`` in
            words, ``progress`` (0 to 100), ``late``, ``facts`` (list of (label, text)), ``opens``
            (False where a click would show the user no document but an error)
        """
        return {
            "kind": kind,
            "model": record._name,
            "id": record.id,
            "name": name,
            "look": vals.get("look", "planned"),
            "state": vals.get("state") or "",
            "note": vals.get("note") or "",
            "progress": vals.get("progress"),
            "late": bool(vals.get("late")),
            "opens": vals.get("opens", True),
            "facts": [[label, text] for label, text in vals.get("facts", ()) if text],
            **{key: self._to_text(vals.get(key)) for key in ("start", "end", "planned")},
        }

    def _to_text(self, moment):
        kind = fields.Datetime if isinstance(moment, datetime) else fields.Date
        return kind.to_string(moment) or False

    def _get_local_day(self, moment):
        """Return the day of a moment in the reader's zone; a day stays what it is."""
        if isinstance(moment, datetime):
            return fields.Datetime.context_timestamp(self, moment).date()
        return moment or False

    def _is_late_work(self, vals, limit):
        """Tell whether a piece of work is overdue, or ends after the promise.

        :param vals: as for :meth:`_prepare_bar`
        :param limit: the promised day, or False
        """
        end = self._get_local_day(vals.get("end"))
        if vals["kind"] not in WORK or vals["look"] == "void" or not end:
            return False
        is_overdue = vals["look"] != "done" and end < fields.Date.context_today(self)
        return is_overdue or bool(limit and end > limit)

    def _prepare_state(self, record):
        """Return how the state of a document looks, and what it is called."""
        names = dict(record._fields["state"]._description_selection(self.env))
        return {
            "look": LOOKS[record._name].get(record.state, "planned"),
            "state": names[record.state],
        }

    # One method per kind of document: pairs of order id and values of a bar

    def _collect_reviews(self):
        domain = [("order_id", "in", self.ids), ("date_requested", "!=", False)]
        for review in self.env["quality.contract.review"].search(domain, order="id"):
            is_running = review.state in RUNNING
            waiting = review.opinion_ids.filtered(lambda opinion: opinion.state == "open")
            roles = list(dict.fromkeys(waiting.role_id.mapped("name")))
            ended = review.date_decided or review.record_id.date_closed or review.date_requested
            yield (
                review.order_id.id,
                {
                    "kind": "review",
                    "record": review,
                    "name": review.name,
                    "start": review.date_requested,
                    "end": not is_running and ended,
                    "planned": is_running and review.date_due,
                    "late": is_running and review.is_late,
                    "facts": [
                        (self.env._("Waiting for"), roles and format_list(self.env, roles)),
                    ],
                    **self._prepare_state(review),
                },
            )

    def _collect_notices(self):
        domain = [("order_id", "in", self.ids), ("date_issued", "!=", False)]
        for notice in self.env["quality.production.notice"].search(domain, order="id"):
            ends = {"done": notice.record_id.date_closed, "void": notice.date_void}
            yield (
                notice.order_id.id,
                {
                    "kind": "notice",
                    "record": notice,
                    "name": notice.name,
                    "start": notice.date_issued,
                    "end": ends.get(notice.state, False),
                    "planned": notice.date_promised,
                    "facts": [
                        (self.env._("Received"), notice.receipt_progress),
                        (self.env._("Stages done"), notice.stage_progress),
                    ],
                    **self._prepare_state(notice),
                },
            )

    def _collect_stages(self):
        Stage = self.env["quality.production.notice.stage"]
        domain = [("notice_id.order_id", "in", self.ids), ("notice_id.state", "!=", "void")]
        for stage in Stage.search(domain, order="date_due, sequence, id"):
            if not (stage.date_done or stage.date_due):
                continue
            yield (
                stage.notice_id.order_id.id,
                {
                    "kind": "stage",
                    "record": stage.notice_id,
                    "name": stage.name,
                    "note": stage.role_id.name,
                    "end": stage.date_done or stage.date_due,
                    "planned": stage.date_due,
                    "look": "done" if stage.date_done else "planned",
                    "state": stage.date_done and self.env._("Done"),
                    "facts": [
                        (self.env._("Department"), stage.role_id.name),
                        (self.env._("Owner"), stage.user_id.name),
                        (self.env._("Done by"), stage.done_by),
                    ],
                },
            )

    def _collect_productions(self):
        links = self._get_productions_of_orders()
        opens = self._can_open_stock()
        domain = [("id", "in", list(links))]
        for production in self.env["mrp.production"].search(domain, order="date_start, id"):
            unit = production.product_uom_id
            made = max(production.qty_producing, production.qty_produced)
            ordered = production.product_qty
            is_done = production.state == "done"
            vals = {
                "kind": "production",
                "record": production,
                "name": production.name,
                "note": production.product_id.display_name,
                "start": production.date_start,
                "end": production.date_finished or production.date_start,
                "planned": production.date_deadline,
                "opens": opens,
                "progress": 100 if is_done else round(100 * min(made / (ordered or 1), 1)),
                "facts": [
                    (self.env._("Product"), production.product_id.display_name),
                    (
                        self.env._("Quantity"),
                        self.env._(
                            "%(made)s of %(ordered)s %(unit)s",
                            made=_format(made),
                            ordered=_format(ordered),
                            unit=unit.name,
                        ),
                    ),
                    (self.env._("Responsible"), production.user_id.name),
                ],
                **self._prepare_state(production),
            }
            for order_id in links[production.id]:
                yield order_id, dict(vals)

    def _can_open_stock(self):
        """Tell whether the user can open manufacturing orders and deliveries.

        Salespeople may read both, but not the lots that Odoo shows on their forms.
        """
        return self.env["stock.lot"].has_access("read")

    def _get_productions_of_orders(self):
        """Return whose manufacturing orders are whose: dict of their id → ids of orders.

        The links alone; what the user may not read is left out by whoever reads them.
        """
        links = defaultdict(set)
        if self:
            self.env["quality.production.notice.allocation"].flush_model()
            self.env["stock.reference"].flush_model()
            query = SQL(
                "SELECT order_id, production_id FROM (%s) link WHERE order_id IN %s",
                self._get_production_links(),
                self._ids,
            )
            for order_id, production_id in self.env.execute_query(query):
                links[production_id].add(order_id)
        links.pop(None, None)  # allocations outlive manufacturing orders that were deleted
        return links

    def _collect_deliveries(self):
        domain = [
            ("sale_id", "in", self.ids),
            ("picking_type_id.code", "in", ("outgoing", "dropship")),
            ("state", "!=", "cancel"),
        ]
        opens = self._can_open_stock()
        for picking in self.env["stock.picking"].search(domain, order="scheduled_date, id"):
            is_done = picking.state == "done"
            yield (
                picking.sale_id.id,
                {
                    "kind": "delivery",
                    "record": picking,
                    "name": picking.name,
                    "end": picking.date_done if is_done else picking.scheduled_date,
                    "planned": picking.date_deadline,
                    "opens": opens,
                    **self._prepare_state(picking),
                },
            )


def _format(quantity):
    """Return a quantity without zeros that say nothing."""
    return f"{quantity:.3f}".rstrip("0").rstrip(".")
