from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, timedelta

from odoo import fields, models
from odoo.tools import SQL

from ...lib.promise import Centre

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

    def _read_capacity(self, network, now):
        """Return (Capacity, opening): opening is the Centre of the company's working time."""
        used = {
            option.centre
            for item in network.items.values()
            for operation in item.operations
            for option in operation.options
        }
        centres = self.env["mrp.workcenter"].browse(sorted(used))
        calendar = self.env.company.resource_calendar_id
        windows, opening = {}, []
        calendars = centres.resource_calendar_id | calendar
        for each in calendars:
            resources = centres.filtered(lambda c, each=each: c.resource_calendar_id == each)
            found = self._read_windows(each, resources.resource_id, now)
            for centre in resources:
                windows[centre.id] = found[centre.resource_id.id]
            if each == calendar:
                opening = found[False]
        capacity = Capacity(
            {
                # without working hours it works day and night, as Odoo's own resources do
                centre.id: Centre(windows.get(centre.id, [(now, now + HORIZON)]))
                for centre in centres
            },
            defaultdict(list),
        )
        self._load_workorders(centres, capacity, now)
        return capacity, Centre(opening) if opening else None

    def _read_windows(self, calendar, resources, now):
        """Return the working time without leaves: dict of resource id → list of (start, end)."""
        company = self.env.company.id
        intervals = calendar._work_intervals_batch(
            now.replace(tzinfo=UTC),
            (now + HORIZON).replace(tzinfo=UTC),
            resources=resources,
            domain=[("time_type", "=", "leave"), ("company_id", "in", (False, company))],
        )
        return {
            resource: [
                (
                    start.astimezone(UTC).replace(tzinfo=None),
                    stop.astimezone(UTC).replace(tzinfo=None),
                )
                for start, stop, _records in found
            ]
            for resource, found in intervals.items()
        }

    def _load_workorders(self, centres, capacity, now):
        """Plan the open work orders: as they are planned, the others where they fit first."""
        if not centres:
            return
        workorders = self.env["mrp.workorder"].search(
            [
                ("workcenter_id", "in", centres.ids),
                ("state", "in", ("blocked", "ready", "progress")),
                ("production_id.state", "not in", ("draft", "done", "cancel")),
            ],
            order="date_start, id",
        )
        waiting = []
        for workorder in workorders:
            centre = capacity.centres[workorder.workcenter_id.id]
            capacity.workorders.setdefault(workorder.workcenter_id.id, []).append(workorder)
            start, finish = workorder.date_start, workorder.date_finished
            if workorder.state != "progress" and start and finish and finish > now:
                centre.busy.append((max(start, now), finish))
            else:
                waiting.append(workorder)
        for centre in capacity.centres.values():
            centre.busy.sort()
        for workorder in waiting:
            minutes = max(workorder.duration_expected - workorder.duration, 0.0)
            begin = max(workorder.production_id.date_start or now, now)
            centre = capacity.centres[workorder.workcenter_id.id]
            centre.take(now if workorder.state == "progress" else begin, minutes)

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
                    "workorders": [
                        workorder.id for workorder in capacity.workorders.get(centre, ())
                    ],
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
        """Return the minutes of one cycle: dict of operation → float.

        Computed operations take the average of their last work orders, as Odoo does, but all
        of them in one query.
        """
        cycles = {operation: operation.time_cycle_manual for operation in operations}
        computed = operations.filtered(lambda operation: operation.time_mode == "auto")
        if computed:
            for operation, workorders in self._find_last_workorders(computed).items():
                duration = sum(workorders.mapped("duration"))
                count = sum(self._count_cycles(operation, workorder) for workorder in workorders)
                if count:
                    cycles[operation] = duration / count
        return cycles

    def _count_cycles(self, operation, workorder):
        capacity, _setup, _cleanup = workorder.workcenter_id._get_capacity(
            workorder.product_id, workorder.product_uom_id, operation.bom_id.product_qty or 1.0
        )
        return -(-workorder.qty_produced // capacity) if capacity else 0

    def _find_last_workorders(self, operations):
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
                operations.ids,
            )
        )
        return self.env["mrp.workorder"].browse([row[0] for row in rows]).grouped("operation_id")
