from odoo import fields, models

from .deadline import OPEN_STATES, Timelines


class QualityDeadlinePause(models.Model):
    """A time in which the clock of a deadline stood still, and why (F3)."""

    _name = "quality.deadline.pause"
    _description = "Pause of a Deadline"
    _order = "date_from desc, id desc"

    deadline_id = fields.Many2one(
        "quality.deadline", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="deadline_id.company_id", store=True, precompute=True, index=True
    )
    date_from = fields.Datetime("From", required=True, readonly=True)
    date_to = fields.Datetime("To", readonly=True)
    hours = fields.Float(readonly=True, help="In the hours that the deadline counts.")
    reason = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Paused By", readonly=True, ondelete="set null")


class QualityDeadline(models.Model):
    """The chapter of deadlines about pausing."""

    _inherit = "quality.deadline"  # pylint: disable=R8180  # a chapter of its own

    pause_ids = fields.One2many("quality.deadline.pause", "deadline_id", readonly=True)

    def _pause(self, reason):
        """Stop the clock of what runs and is not paused already: nothing is sent meanwhile.

        :param reason: str, what is waited for
        """
        running_sudo = self.sudo().filtered(  # by the procedure; nobody writes a deadline
            lambda deadline: deadline.state in OPEN_STATES and not deadline.date_paused
        )
        now = fields.Datetime.now()
        running_sudo.write({"date_paused": now, "date_next": False})
        self.env["quality.deadline.pause"].sudo().create(
            [
                {
                    "deadline_id": deadline.id,
                    "date_from": now,
                    "reason": reason,
                    "user_id": self.env.uid,
                }
                for deadline in running_sudo
            ]
        )

    def _resume(self):
        """Let the clock go on: what lies ahead moves by the time of the pause.

        What was late when the clock was stopped stays late; only its escalation is put off.
        """
        paused_sudo = self.sudo().filtered("date_paused")  # by the procedure, as above
        if not paused_sudo:
            return
        now, timelines = fields.Datetime.now(), Timelines()
        for deadline in paused_sudo:
            time_base = deadline._get_time_base(timelines)
            hours = time_base.hours_between(deadline.date_paused, now)
            deadline.pause_ids.filtered(lambda pause: not pause.date_to).write(
                {"date_to": now, "hours": hours}
            )
            deadline.write(deadline._prepare_resume_vals(time_base, hours))
        paused_sudo._schedule_next(timelines)
        paused_sudo._move_activities()

    def _prepare_resume_vals(self, time_base, hours):
        """Return what a pause of that many hours moves."""
        vals = {
            "date_paused": False,
            "hours_paused": self.hours_paused + hours,
            "date_escalate": time_base.add_hours(self.date_escalate, hours),
        }
        if self.date_paused <= self.date_due:
            vals["date_due"] = time_base.add_hours(self.date_due, hours)
            if self.date_warn and self.date_paused <= self.date_warn:
                # as long before the due date as it was
                ahead = time_base.hours_between(self.date_warn, self.date_due)
                vals["date_warn"] = time_base.add_hours(vals["date_due"], -ahead)
        return vals
