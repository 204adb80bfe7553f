import logging
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from .deadline import Timelines

_logger = logging.getLogger(__name__)

BATCH = 200
#: How often a batch is tried again that another worker was writing at the same moment.
TRIES = 5
COLLISIONS = (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, ConcurrencyError)
#: How many marks a deadline has passed in each state; each escalation is one more.
PASSED = {"open": 0, "warned": 1, "missed": 2, "escalated": 2}


class Mark(NamedTuple):
    """A moment in the life of a deadline: the state and level it brings, and who hears of it."""

    date: fields.Datetime
    state: str
    level: int
    step: models.Model


class QualityDeadline(models.Model):
    """The chapter of deadlines about the scheduled action: warned, missed, escalated."""

    _inherit = "quality.deadline"  # pylint: disable=R8180  # a chapter of its own

    @api.model
    def _cron_process(self):
        """Warn, note what is missed, escalate, and tell everybody once.

        Touches only what is due. Each batch is claimed with row locks, and what happened is
        noted together with whom to tell, in one transaction; a second step sends one message
        per person. So nothing is lost and nothing is sent twice, wherever it is killed.
        """
        now = fields.Datetime.now()
        progress = self.env["ir.cron"]._commit_progress
        if progress(remaining=self._count_due(now)):
            self._work_off(
                lambda skipped, limit: self._claim_due(now, skipped, limit),
                lambda claimed: claimed._advance(now),
            )
        Notice = self.env["quality.deadline.notice"]
        if progress(remaining=self._count_due(now) + Notice._count_waiting()):
            Notice._send_waiting()

    @api.model
    def _work_off(self, claim, work):
        """Claim and work off batch by batch; one by one only after a failure.

        :param claim: function of (ids to leave alone, limit) that returns locked records
        :param work: function of records; its transaction is committed afterwards
        """
        skipped, single, tries = [], 0, TRIES
        time_left = True
        while time_left:
            ids = []
            try:
                claimed = claim(skipped, 1 if single else BATCH)
                ids = claimed.ids
                if not ids:
                    break
                work(claimed)
                self.env.flush_all()  # what the database refuses, it refuses here
            except COLLISIONS:
                # somebody else was a moment faster on the same rows: look again
                self.env.cr.rollback()
                tries -= 1
                if not tries:
                    break
                continue
            except Exception:
                self.env.cr.rollback()
                if not ids:
                    raise
                if single:
                    _logger.exception("%s: tried again in the next pass", claimed)
                    skipped += ids
                    single -= 1
                else:
                    single = len(ids)
                continue
            single, tries = max(single - 1, 0), TRIES
            time_left = self.env["ir.cron"]._commit_progress(len(ids))

    @api.model
    def _count_due(self, now):
        return self.search_count([("date_next", "<=", now)])

    @api.model
    def _claim_due(self, now, skipped, limit):
        """Lock the first due deadlines that no other worker has locked."""
        self.flush_model(["date_next"])
        query = SQL(
            """
            SELECT id
              FROM quality_deadline
             WHERE date_next <= %s AND id != ALL(%s)
          ORDER BY date_next, id
             LIMIT %s
               FOR NO KEY UPDATE SKIP LOCKED
            """,
            now,
            skipped,
            limit,
        )
        return self.browse(row_id for [row_id] in self.env.execute_query(query))

    def _advance(self, now):
        """Move each deadline to where it stands now, and note whom to tell.

        What was passed while no scheduled action ran is made up for at once, without a message
        for each step.
        """
        timelines = Timelines()
        passed = {}
        for deadline in self:
            marks = deadline._get_marks(timelines)
            reached = [mark for mark in marks if mark.date <= now]
            ahead = marks[len(reached) :]
            vals = {"date_next": ahead[0].date if ahead else False}
            if reached:
                passed[deadline] = reached
                vals |= {"state": reached[-1].state, "level": reached[-1].level}
                if reached[-1].state != "warned":
                    vals["result"] = "late"
            deadline.write(vals)
        self.env["quality.deadline.notice"]._note(passed)
        self.browse(deadline.id for deadline in passed)._show_activities()

    def _get_marks(self, timelines):
        """Return the marks that still lie ahead of the present state, in their order."""
        self.ensure_one()
        steps = self.policy_id.step_ids
        time_base = self._get_time_base(timelines)
        marks = [
            Mark(self.date_warn, "warned", 0, steps.browse()),
            Mark(self.date_due, "missed", 0, steps.browse()),
        ]
        marks += [
            Mark(time_base.add_hours(self.date_escalate, step.hours), "escalated", level, step)
            for level, step in enumerate(steps, 1)
        ]
        return [mark for mark in marks[PASSED[self.state] + self.level :] if mark.date]

    def _schedule_next(self, timelines):
        """Note when the scheduled action has to look at these open deadlines again."""
        for deadline in self:
            marks = not deadline.date_paused and deadline._get_marks(timelines)
            deadline.date_next = marks[0].date if marks else False

    # Who hears of it

    def _get_owners(self):
        """Return who owes each deadline: the one asked, else the first who acts for the role,
        else who is responsible for the document.

        :return: dict of deadline → res.users, empty where nobody is left
        """
        owners = {}
        people = self._get_role_people(self.role_id)
        for deadline in self:
            users = people.get((deadline.company_id, deadline.role_id), deadline.user_id.browse())
            responsible = deadline.record_id.user_id
            candidates = (deadline.user_id, users[:1], responsible)
            owners[deadline] = next(
                (user for user in candidates if user.active), deadline.user_id.browse()
            )
        return owners

    def _get_role_people(self, roles):
        """Return the users who act for roles: dict of (company, role) → res.users, in sudo."""
        return {
            (company, role): users.filtered("active")
            for company in self.company_id
            for role, (users, _employees) in roles._get_people(company).items()
        }

    # The activity on the document

    def _show_activities(self):
        """Give the owner an activity on the document, once, where its kind wants one."""
        shown = self.filtered(
            lambda deadline: (
                deadline.kind_id.has_activity
                and not deadline.activity_id
                and deadline.record_id.res_id
                and "activity_ids" in self.env[deadline.record_id.res_model]
            )
        )
        pairs = [(deadline, owner) for deadline, owner in shown._get_owners().items() if owner]
        activities = (
            self.env["mail.activity"]
            .with_context(mail_activity_quick_update=True)
            .create([deadline._prepare_activity_vals(owner) for deadline, owner in pairs])
        )
        for (deadline, _owner), activity in zip(pairs, activities, strict=True):
            deadline.activity_id = activity

    def _prepare_activity_vals(self, owner):
        todo = self.env["ir.model.data"]._xmlid_to_res_id("mail.mail_activity_data_todo")
        return {
            "activity_type_id": todo,
            "res_model_id": self.env["ir.model"]._get_id(self.record_id.res_model),
            "res_id": self.record_id.res_id,
            "user_id": owner.id,
            "summary": self.kind_id.with_context(lang=owner.lang).name,
            "date_deadline": self._get_due_day(owner),
            "automated": True,
        }
