from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

from odoo import fields, models
from odoo.tools import SQL

from ...lib.promise import Centre, subtract

#: So far ahead working time is looked at.
HORIZON = timedelta(days=365)


@dataclass(frozen=True)
class Capacity:
    """Work centres as they are planned, by id, and the work orders that load them."""

    centres: dict
    workorders: dict


class QualityPromise(models.AbstractModel):
    """When work centers are free: the chapter about calendars and work orders (B5)."""

    _inherit = "quality.promise"  # pylint: disable=R8180  # a chapter of its own

    def _read_centres(self, centre_ids):
        """Return what is known of these work centers and of those that can stand in for them.

        :return: dict of id → facts
        """
        if not centre_ids:
            return {}
        rows = self.env.execute_query_dict(
            SQL(
                """
                WITH used AS (
                    SELECT UNNEST(%(centres)s) AS id
                     UNION
                    SELECT alternative_workcenter_id FROM mrp_workcenter_alternative_rel
                     WHERE workcenter_id = ANY(%(centres)s)
                )
                SELECT centre.id, centre.resource_id AS resource,
                       centre.resource_calendar_id AS calendar,
                       centre.time_efficiency AS efficiency, centre.costs_hour,
                       centre.time_start AS setup, centre.time_stop AS cleanup,
                       EXISTS (
                           SELECT 1 FROM mrp_workcenter_capacity capacity
                            WHERE capacity.workcenter_id = centre.id
                       ) AS has_capacities,
                       ARRAY(
                           SELECT alternative_workcenter_id FROM mrp_workcenter_alternative_rel
                            WHERE workcenter_id = centre.id ORDER BY 1
                       ) AS alternatives
                  FROM mrp_workcenter centre
                  JOIN used ON used.id = centre.id
                 WHERE centre.active OR centre.id = ANY(%(centres)s)
                """,
                centres=sorted(centre_ids),
            )
        )
        return {row["id"]: SimpleNamespace(**row) for row in rows}

    def _read_capacity(self, network, now):
        """Return (Capacity, opening): opening is the Centre of the company's working time."""
        company = self.env.company
        calendars = {centre.calendar for centre in network.centres.values()}
        calendars = self.env["resource.calendar"].browse(
            sorted(filter(None, calendars | {company.resource_calendar_id.id}))
        )
        spans = {
            calendar.id: calendar._get_quality_spans(company, now, now + HORIZON)
            for calendar in calendars
        }
        closed = self._read_closures(network, now)
        capacity = Capacity(
            {
                # without working hours it works day and night, as Odoo's own resources do
                centre.id: Centre(
                    subtract(
                        spans.get(centre.calendar, [(now, now + HORIZON)]),
                        closed[centre.resource],
                    )
                )
                for centre in network.centres.values()
            },
            defaultdict(list),
        )
        self._load_workorders(capacity, now)
        opening = spans.get(company.resource_calendar_id.id)
        return capacity, Centre(opening) if opening else None

    def _read_closures(self, network, now):
        """Return when single work centers are closed: dict of resource id → intervals."""
        closed = defaultdict(list)
        if network.centres:
            leaves = self.env["resource.calendar.leaves"].search_fetch(
                [
                    ("resource_id", "in", [c.resource for c in network.centres.values()]),
                    ("time_type", "=", "leave"),
                    ("date_to", ">", now),
                    ("date_from", "<", now + HORIZON),
                ],
                ["resource_id", "date_from", "date_to"],
                order="date_from, id",
            )
            for leave in leaves:
                closed[leave.resource_id.id].append((leave.date_from, leave.date_to))
        return closed

    def _load_workorders(self, capacity, now):
        """Plan the open work orders: as they are planned, the others where they fit first."""
        waiting, planned = [], defaultdict(list)
        for row in self._read_workorders(capacity.centres):
            capacity.workorders[row.centre].append(row.id)
            if row.state != "progress" and row.start and row.finish and row.finish > now:
                planned[row.centre].append((max(row.start, now), row.finish))
            else:
                waiting.append(row)
        for centre, slots in planned.items():
            capacity.centres[centre].block(slots)
        for row in waiting:
            begin = now if row.state == "progress" else max(row.released or now, now)
            capacity.centres[row.centre].take(begin, max(row.expected - row.duration, 0.0))

    def _read_workorders(self, centre_ids):
        if not centre_ids:
            return []
        for model in ("mrp.workorder", "mrp.production"):
            self.env[model].flush_model()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT workorder.id, workorder.workcenter_id AS centre, workorder.state,
                       workorder.date_start AS start, workorder.date_finished AS finish,
                       COALESCE(workorder.duration_expected, 0)::float AS expected,
                       COALESCE(workorder.duration, 0)::float AS duration,
                       production.date_start AS released
                  FROM mrp_workorder workorder
                  JOIN mrp_production production ON production.id = workorder.production_id
                 WHERE workorder.workcenter_id = ANY(%s)
                   AND workorder.state IN ('blocked', 'ready', 'progress')
                   AND production.state NOT IN ('draft', 'done', 'cancel')
              ORDER BY workorder.state = 'progress' DESC, production.date_start, workorder.id
                """,
                list(centre_ids),
            )
        )
        return [SimpleNamespace(**row) for row in rows]

    def _prepare_load(self, line, network, capacity, now, known):
        """Return the load of each work centre on the line's route until the promised date.

        :param known: what was computed for other lines already: dict of (centre, date) → dict
        """
        until = line.order_id.commitment_date or line._expected_date()
        load = []
        for centre in self._get_centres_of(line, network):
            if (centre, until) not in known:
                opened, planned = capacity.centres[centre].get_load(now, max(until or now, now))
                known[centre, until] = {
                    "centre": centre,
                    "until": fields.Datetime.to_string(until),
                    "open": round(opened, 2),
                    "planned": round(planned, 2),
                    "free": round(opened - planned, 2),
                    "load": round(100 * planned / opened, 1) if opened else 0.0,
                    "workorders": capacity.workorders.get(centre, []),
                }
            load.append(known[centre, until])
        return load

    def _get_centres_of(self, line, network):
        """Return the ids of the work centers that the line and what is made for it need."""
        keys = [key for key, _each in network.kits.get(line, ())] or [network.keys.get(line)]
        seen, centres = set(), {}
        while keys:
            key = keys.pop(0)
            if key is None or key in seen:
                continue
            seen.add(key)
            item = network.items[key]
            keys += [part for part, _each in item.components]
            centres.update(
                (operation.options[0].centre, True)
                for operation in item.operations
                if operation.options
            )
        return list(centres)

    def _get_cycle_times(self, operations):
        """Return the minutes of one cycle: dict of operation id → float.

        Computed operations take the average of their last work orders, as Odoo does, but all
        of them in one query.

        :param operations: facts of operations, see ``_read_boms``
        """
        cycles = {operation.id: operation.minutes for operation in operations}
        computed = [operation.id for operation in operations if operation.is_computed]
        if computed:
            for operation, workorders in self._find_last_workorders(computed).items():
                duration = sum(workorders.mapped("duration"))
                count = sum(self._count_cycles(operation, workorder) for workorder in workorders)
                if count:
                    cycles[operation.id] = duration / count
        return cycles

    def _count_cycles(self, operation, workorder):
        capacity, _setup, _cleanup = workorder.workcenter_id._get_capacity(
            workorder.product_id, workorder.product_uom_id, operation.bom_id.product_qty or 1.0
        )
        return -(-workorder.qty_produced // capacity) if capacity else 0

    def _find_last_workorders(self, operation_ids):
        self.env["mrp.workorder"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM (
                    SELECT workorder.id, operation.time_mode_batch,
                           ROW_NUMBER() OVER (
                               PARTITION BY workorder.operation_id
                               ORDER BY workorder.date_finished DESC, workorder.id DESC
                           ) AS place
                      FROM mrp_workorder workorder
                      JOIN mrp_routing_workcenter operation
                        ON operation.id = workorder.operation_id
                     WHERE workorder.operation_id = ANY(%s)
                       AND workorder.state = 'done' AND workorder.qty_produced > 0
                ) ranked
                 WHERE place <= time_mode_batch
                """,
                operation_ids,
            )
        )
        return self.env["mrp.workorder"].browse([row[0] for row in rows]).grouped("operation_id")
