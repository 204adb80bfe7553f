from datetime import UTC, date, datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...lib.worktime import Clock
from .deadline_policy import SEVERITIES, UNITS, Promise
from .state_order import in_order

OPEN_STATES = ("open", "warned", "missed", "escalated")
STATES = [
    ("open", "Open"),
    ("warned", "Warned"),
    ("missed", "Missed"),
    ("escalated", "Escalated"),
    ("met", "Met"),
    ("cancelled", "Cancelled"),
]


class QualityDeadline(models.Model):
    """Until when something was promised, and whether the promise was kept (F3, A5, L1).

    Started, met, paused and cancelled by the documents; warned of, missed and escalated by the
    scheduled action (``deadline_process.py``). What was promised is kept on the deadline, so
    that a policy can change while its deadlines run.
    """

    _name = "quality.deadline"
    _description = "Deadline"
    _order = "date_due, id"
    _check_company_auto = True

    # What
    record_id = fields.Many2one(
        "quality.record", "Document", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="record_id.company_id", store=True, precompute=True, index=True
    )
    kind_id = fields.Many2one(
        "quality.deadline.kind", "For", required=True, readonly=True, ondelete="restrict"
    )
    policy_id = fields.Many2one(
        "quality.deadline.policy", readonly=True, ondelete="restrict", index="btree_not_null"
    )

    # Who
    user_id = fields.Many2one(
        "res.users", "Owner", readonly=True, index="btree_not_null", ondelete="set null"
    )
    role_id = fields.Many2one("quality.role", readonly=True, ondelete="restrict")
    partner_id = fields.Many2one(
        "res.partner", "Customer", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    severity = fields.Selection(SEVERITIES, readonly=True)

    # When
    unit = fields.Selection(UNITS, "Counted In", required=True, readonly=True, default="hours")
    calendar_id = fields.Many2one(
        "resource.calendar", "Working Time", readonly=True, ondelete="restrict"
    )
    date_start = fields.Datetime("Since", required=True, readonly=True)
    date_warn = fields.Datetime("Warns On", readonly=True)
    date_due = fields.Datetime("Due", required=True, readonly=True)
    date_escalate = fields.Datetime(
        "Escalation Counts From", readonly=True, help="The due date, later by pauses after it."
    )
    date_next = fields.Datetime("Next Step On", readonly=True)
    date_paused = fields.Datetime("Paused Since", readonly=True)
    date_met = fields.Datetime("Met On", readonly=True)

    # How it stands
    state = fields.Selection(
        STATES, default="open", required=True, readonly=True, group_expand=in_order
    )
    level = fields.Integer("Escalation Level", readonly=True, aggregator="max")
    result = fields.Selection(
        [("in_time", "In time"), ("late", "Late")],
        readonly=True,
        help="Whether the promise was kept; empty while that is open.",
    )
    is_late = fields.Boolean("Late", compute="_compute_is_late", search="_search_is_late")
    hours_gross = fields.Float("Hours in All", readonly=True, aggregator="avg")
    hours_paused = fields.Float(readonly=True, aggregator="avg")
    hours_net = fields.Float(
        "Hours without Pauses", readonly=True, aggregator="avg", help="Known once it is met."
    )
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, ondelete="set null", index="btree_not_null"
    )

    # What the scheduled action looks at: what is due, however many are open.
    _next_idx = models.Index("(date_next) WHERE date_next IS NOT NULL")
    _open_idx = models.Index("(record_id) WHERE state IN ('open', 'warned', 'missed', 'escalated')")
    _due_idx = models.Index("(date_due, id)")

    @api.depends("kind_id.name", "record_id.name")
    def _compute_display_name(self):
        for deadline in self:
            deadline.display_name = f"{deadline.record_id.name}: {deadline.kind_id.name}"

    @api.depends("state", "result", "date_due", "date_paused")
    def _compute_is_late(self):
        late = self.filtered_domain(self._get_late_domain())
        for deadline in self:
            deadline.is_late = deadline in late

    def _search_is_late(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return self._get_late_domain()

    @api.model
    def _get_late_domain(self):
        overdue = Domain("date_due", "<", fields.Datetime.now()) & Domain("date_paused", "=", False)
        return Domain("result", "=", "late") | (Domain("state", "in", OPEN_STATES) & overdue)

    def write(self, vals):
        """Let the activity on the document follow to a new owner."""
        result = super().write(vals)
        if vals.get("user_id"):
            activities = self.activity_id.with_context(mail_activity_quick_update=True)
            activities.write({"user_id": vals["user_id"]})
        return result

    # Start

    @api.model
    def _start(self, vals_list):
        """Start the deadlines of what was promised, where a policy says how long it may take.

        :param vals_list: list of dicts with ``record_id`` (id) and ``kind`` (code of a
            quality.deadline.kind), and optionally ``user_id``, ``role_id``, ``partner_id`` (ids;
            the customer is that of the record's order where not given), ``severity`` (code),
            ``date_start`` (now where not given) and ``date_due`` (a date or moment that was
            agreed: the policy then only says when to warn and to escalate)
        :return: the deadlines; none where no policy fits, or one of the kind already runs for
            the same record and role
        """
        Policy = self.env["quality.deadline.policy"]
        records = self.env["quality.record"].sudo()  # starts whatever its user may read
        records = records.browse(vals["record_id"] for vals in vals_list)
        asked = Policy._get_kinds_in_use() and [
            vals
            for vals, record in zip(vals_list, records, strict=True)
            if Policy._is_in_use(record.company_id, vals["kind"])
        ]
        if not asked:
            return self.browse()
        # a deadline follows from what happens; nobody has the right to write one
        return self.sudo()._start_asked(asked).sudo(False)

    def _start_asked(self, asked):
        records = self.env["quality.record"].browse(vals["record_id"] for vals in asked)
        Partner = self.env["res.partner"]
        promises = [
            Promise(
                vals["kind"],
                record.company_id,
                Partner.browse(vals.get("partner_id")) or record.order_id.partner_id,
                vals.get("severity"),
            )
            for vals, record in zip(asked, records, strict=True)
        ]
        policies = self.env["quality.deadline.policy"]._find(promises)
        running = self._get_running(records) if any(policies) else ()
        timelines = Timelines()
        vals_list = [
            self._prepare_start_vals(vals, promise, policy, timelines)
            for vals, promise, policy in zip(asked, promises, policies, strict=True)
            if policy
            and (vals["record_id"], policy.kind_id.id, vals.get("role_id") or False) not in running
        ]
        return self.create(vals_list)

    def _get_running(self, records):
        """Return what runs already on ``records``: set of ids (record, kind, role)."""
        return {
            (deadline.record_id.id, deadline.kind_id.id, deadline.role_id.id)
            for deadline in records._get_open_deadlines()
        }

    def _prepare_start_vals(self, vals, promise, policy, timelines):
        company = promise.company
        calendar = policy.unit != "hours" and (policy.calendar_id or company.resource_calendar_id)
        time_base = timelines.of(policy.unit, calendar, company)
        start = fields.Datetime.to_datetime(vals.get("date_start")) or fields.Datetime.now()
        due = self._get_due(vals.get("date_due"), calendar or company.resource_calendar_id)
        if not due and policy.unit == "work_days":
            due = time_base.add_days(start, int(policy.amount))
        due = (due or time_base.add_hours(start, policy.amount)).replace(microsecond=0)
        warn = policy.warn_hours and time_base.add_hours(due, -policy.warn_hours)
        warn = warn and warn > start and warn.replace(microsecond=0)
        return {
            "record_id": vals["record_id"],
            "kind_id": policy.kind_id.id,
            "policy_id": policy.id,
            "user_id": vals.get("user_id"),
            "role_id": vals.get("role_id"),
            "partner_id": promise.partner.id,
            "severity": promise.severity,
            "unit": policy.unit,
            "calendar_id": calendar and calendar.id,
            "date_start": start,
            "date_warn": warn,
            "date_due": due,
            "date_escalate": due,
            "date_next": warn or due,
        }

    @api.model
    def _get_due(self, due, calendar):
        """Return an agreed due date as moment: a mere day lasts until its end over there."""
        if isinstance(due, str):
            due = fields.Date.to_date(due) if len(due) <= 10 else fields.Datetime.to_datetime(due)
        if not isinstance(due, date) or isinstance(due, datetime):
            return due or False
        zone = pytz.timezone(calendar.tz or "UTC")
        end = zone.localize(datetime.combine(due, time(23, 59, 59)))
        return end.astimezone(UTC).replace(tzinfo=None)

    def _get_time_base(self, timelines):
        """Return what the hours of this deadline are counted with (Clock or Timeline)."""
        self.ensure_one()
        calendar = self.calendar_id or self.company_id.resource_calendar_id
        return timelines.of(self.unit, calendar, self.company_id)

    # Follow

    def _close(self, state):
        """Meet or cancel what still runs; what was paused goes on first.

        :param state: ``met`` or ``cancelled``
        """
        running = self.sudo().filtered(lambda deadline: deadline.state in OPEN_STATES)
        running._resume()
        now, timelines = fields.Datetime.now(), Timelines()
        for deadline in running:
            gross = deadline._get_time_base(timelines).hours_between(deadline.date_start, now)
            deadline.write(
                {
                    "state": state,
                    "date_next": False,
                    "date_met": state == "met" and now,
                    "result": deadline._get_result(state, now),
                    "hours_gross": gross,
                    "hours_net": max(gross - deadline.hours_paused, 0),
                }
            )
        running.activity_id.unlink()

    def _get_result(self, state, now):
        if state == "met":
            return "in_time" if now <= self.date_due else "late"
        return self.result  # what was missed stays missed

    def _reschedule(self, date_due):
        """Agree on another due date for what still runs.

        :param date_due: a date or a moment
        """
        timelines = Timelines()
        for deadline in self.sudo().filtered(lambda deadline: deadline.state in OPEN_STATES):
            calendar = deadline.calendar_id or deadline.company_id.resource_calendar_id
            due = self._get_due(date_due, calendar)
            hours = deadline.policy_id.warn_hours
            warn = hours and deadline._get_time_base(timelines).add_hours(due, -hours)
            deadline.write(
                {
                    "date_due": due,
                    "date_escalate": due,
                    "date_warn": warn and warn > deadline.date_start and warn,
                    **deadline._prepare_restart_vals(due),
                }
            )
        self.sudo()._schedule_next(timelines)
        self.sudo()._move_activities()

    def _prepare_restart_vals(self, due):
        """What lies ahead again is no longer missed; a new date is a new promise."""
        ahead = due > fields.Datetime.now()
        return {"state": "open", "level": 0, "result": False} if ahead else {}

    def _move_activities(self):
        """Let the activities of these deadlines fall due with them."""
        for deadline in self.filtered("activity_id"):
            deadline.activity_id.date_deadline = deadline._get_due_day(deadline.user_id)
        duties = self.filtered(lambda deadline: deadline.kind_id.is_duty)
        if duties:
            self.env["mail.activity"]._move_duty_deadlines(duties.record_id)

    @api.model
    def _get_duty_days(self, records):
        """Return until when each person owes a signature on ``records``.

        :return: dict of (quality.record id, res.users id) → date, of the most urgent one
        """
        days = {}
        for deadline in records._get_open_deadlines():
            if deadline.kind_id.is_duty:
                key = (deadline.record_id.id, deadline.user_id.id)
                days.setdefault(key, deadline._get_due_day(deadline.user_id))
        return days

    def _get_due_day(self, user):
        """Return the day on which this is due, where ``user`` is."""
        zone = pytz.timezone(user.tz or self.calendar_id.tz or "UTC")
        return self.date_due.replace(tzinfo=UTC).astimezone(zone).date()

    # Actions

    def action_open_document(self):
        """Open the document that the deadline belongs to."""
        self.ensure_one()
        return self.record_id.action_open_document()

    def action_pause(self):
        """Ask for the reason, and stop the clock until the customer answers (F3)."""
        self._ensure_may_pause()
        return self.env["quality.deadline.suspend"]._open(self)

    def action_resume(self):
        """Let the clock go on; what is due moves by the pause."""
        self._ensure_may_pause()
        self._resume()
        return True

    def _ensure_may_pause(self):
        """Check who stops the clock: its owner, or a quality officer.

        :raise AccessError: for anybody else
        :raise UserError: when nothing runs any more
        """
        self.check_access("read")
        others = self.filtered(lambda deadline: deadline.user_id != self.env.user)
        if others and not self.env.user.has_group("customer_quality.group_officer"):
            raise AccessError(
                self.env._(
                    "Only its owner or a quality officer stops the clock of “%(deadline)s”. "
                    "Ask one of them.",
                    deadline=others[0].display_name,
                )
            )
        ended = self.filtered(lambda deadline: deadline.state not in OPEN_STATES)
        if ended:
            raise UserError(
                self.env._(
                    "“%(deadline)s” has come to its end, so its clock no longer runs.",
                    deadline=ended[0].display_name,
                )
            )


class Timelines:
    """The time bases that one procedure counts with, each fetched once."""

    def __init__(self):
        self._known = {}

    def of(self, unit, calendar, company):
        """Return the Clock, or the Timeline of a calendar for a company."""
        if unit == "hours" or not calendar:
            return Clock()
        key = (calendar.id, company.id)
        if key not in self._known:
            self._known[key] = calendar._get_quality_timeline(company)
        return self._known[key]


class QualityRecord(models.Model):
    _inherit = "quality.record"  # pylint: disable=R8180  # each block adds its own chapter

    deadline_ids = fields.One2many("quality.deadline", "record_id", "Deadlines", readonly=True)
    deadline_count = fields.Integer(compute="_compute_deadline")
    deadline_state = fields.Selection(STATES, "Deadline", compute="_compute_deadline")
    date_due = fields.Datetime("Due", compute="_compute_deadline")
    is_late = fields.Boolean("Overdue", compute="_compute_deadline", search="_search_is_late")

    @api.depends("deadline_ids.state", "deadline_ids.date_due", "deadline_ids.date_paused")
    def _compute_deadline(self):
        """What is due next on each document, of all that runs."""
        running = self._get_open_deadlines().grouped("record_id")
        for record in self:
            deadlines = running.get(record, self.env["quality.deadline"])
            first = deadlines[:1]
            record.deadline_count = len(deadlines)
            record.deadline_state = first.state
            record.date_due = first.date_due
            record.is_late = any(deadline.is_late for deadline in deadlines)

    def _search_is_late(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        Deadline = self.env["quality.deadline"]
        late = Deadline._get_late_domain() & Domain("state", "in", OPEN_STATES)
        return [("deadline_ids", "any!", late)]

    def _get_open_deadlines(self, kind=None, role=None):
        """Return what runs on these records, the most urgent first, in sudo.

        :param kind: code of a quality.deadline.kind; every kind without it
        :param role: quality.role records; every role without it
        """
        Deadline = self.env["quality.deadline"].sudo()  # until when is no secret to who sees it
        Policy = self.env["quality.deadline.policy"]
        if not (Policy._get_kinds_in_use() and Policy._is_in_use(self.sudo().company_id, kind)):
            return Deadline
        domain = Domain("record_id", "in", self.ids) & Domain("state", "in", OPEN_STATES)
        if kind:
            domain &= Domain("kind_id.code", "=", kind)
        if role is not None:
            domain &= Domain("role_id", "in", role.ids)
        return Deadline.search(domain)

    def _meet_deadlines(self, kind, role=None):
        """Note that what was promised is done.

        :param kind: code of a quality.deadline.kind
        :param role: quality.role records, to meet the deadlines of these only
        """
        self._get_open_deadlines(kind, role)._close("met")

    def _cancel_deadlines(self, kind=None):
        """Note that nothing is promised any more, e.g. of a document that became void."""
        self._get_open_deadlines(kind)._close("cancelled")

    def _pause_deadlines(self, reason, kind=None):
        """Stop the clock, e.g. while the customer has to answer.

        :param reason: str, kept with the pause
        :param kind: code of the kind of deadline, all kinds if left out
        """
        self._get_open_deadlines(kind)._pause(reason)

    def _resume_deadlines(self, kind=None):
        """Let the clock go on; what is due moves by the pause."""
        self._get_open_deadlines(kind)._resume()

    def _reschedule_deadlines(self, kind, date_due):
        """Note that another date was agreed.

        :param kind: code of the kind of deadline
        :param date_due: a date or a moment
        """
        self._get_open_deadlines(kind)._reschedule(date_due)

    def action_open_deadlines(self):
        """Open the deadlines of these documents."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_quality.quality_deadline_action"
        )
        return {**action, "domain": [("record_id", "in", self.ids)], "context": {}}


class QualityRecordMixin(models.AbstractModel):
    _inherit = "quality.record.mixin"  # pylint: disable=R8180  # each block adds its own chapter

    def _set_phase(self, phase):
        """Nothing is promised on a void document any more."""
        result = super()._set_phase(phase)
        if phase == "void":
            self.record_id._cancel_deadlines()
        return result

    def action_open_deadlines(self):
        """Open the deadlines of these documents."""
        return self.record_id.action_open_deadlines()
