from odoo import api, fields, models
from odoo.tools import SQL, format_datetime

from .deadline import OPEN_STATES

#: People who are told in one transaction; each gets one message.
PEOPLE = 100


class QualityDeadlineNotice(models.Model):
    """Who has to hear, or has heard, that a deadline warns, was missed or escalates.

    Written in the transaction that moves the deadline, sent by the second step of the scheduled
    action: one message per person and pass, whatever crashes in between.
    """

    _name = "quality.deadline.notice"
    _description = "Message about a Deadline"
    _order = "id"

    deadline_id = fields.Many2one(
        "quality.deadline", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="deadline_id.company_id", store=True, precompute=True, index=True
    )
    user_id = fields.Many2one("res.users", "Told", required=True, readonly=True, ondelete="cascade")
    event = fields.Selection(
        [("warned", "Warning"), ("missed", "Missed"), ("escalated", "Escalation")],
        required=True,
        readonly=True,
    )
    level = fields.Integer(readonly=True, aggregator=None)
    date_sent = fields.Datetime("Sent On", readonly=True)

    _waiting_idx = models.Index("(user_id) WHERE date_sent IS NULL")

    # Noting

    @api.model
    def _note(self, passed):
        """Note whom to tell: the owner, and those to whom it escalates.

        :param passed: dict of quality.deadline → list of the marks that were just passed
        """
        deadlines = self.env["quality.deadline"].browse(deadline.id for deadline in passed)
        owners = deadlines._get_owners()
        above = self._get_people_above(deadlines, passed, owners)
        vals_list = []
        for deadline, marks in passed.items():
            told = {}
            own = [mark for mark in marks if mark.state != "escalated"]
            if own and owners[deadline]:
                told[owners[deadline].id] = own[-1]
            for mark in marks:
                if mark.state == "escalated":
                    told |= {user.id: mark for user in above[deadline, mark.step]}
            self._tell_deputies(told, deadline.role_id)
            vals_list += [
                {
                    "deadline_id": deadline.id,
                    "user_id": user_id,
                    "event": mark.state,
                    "level": mark.level,
                }
                for user_id, mark in told.items()
            ]
        self.create(vals_list)

    def _tell_deputies(self, told, role):
        """Tell those, too, who act for whoever is away (K3).

        :param told: dict of user id → mark, to which the deputies are added
        """
        absence, users = self.env["quality.absence"], self.env["res.users"]
        for user_id, mark in list(told.items()):
            for deputy in absence._get_deputies(users.browse(user_id), role):
                told.setdefault(deputy.id, mark)

    def _get_people_above(self, deadlines, passed, owners):
        """Return who hears of each escalation: dict of (deadline, step) → res.users."""
        pairs = [
            (deadline, mark.step)
            for deadline, marks in passed.items()
            for mark in marks
            if mark.step
        ]
        if not pairs:
            return {}
        Role = self.env["quality.role"]
        roles = Role.union(*(step.role_id for _deadline, step in pairs))
        management = Role.search([("code", "=", "management")])
        people = deadlines._get_role_people(roles | management)
        above = {}
        for deadline, step in pairs:
            company = deadline.company_id
            found = (
                self._get_manager(owners[deadline], company)
                if step.target == "manager"
                else (people[company, step.role_id])
            )
            # nobody is above, or the role has nobody: management hears of it
            above[deadline, step] = found or people[company, management]
        return above

    def _get_manager(self, owner, company):
        """Return the user above an owner: manager, else head of the department."""
        employee = owner.employee_ids.filtered(lambda employee: employee.company_id == company)[:1]
        above = employee.parent_id.user_id or employee.department_id.manager_id.user_id
        return (above - owner).filtered("active")

    # Sending

    @api.model
    def _count_waiting(self):
        return self.search_count([("date_sent", "=", False)])

    @api.model
    def _send_waiting(self):
        """Send what waits, one message per person, a hundred people at a time."""
        self.env["quality.deadline"]._work_off(self._claim_waiting, lambda notices: notices._send())

    @api.model
    def _claim_waiting(self, skipped, limit):
        """Lock all that waits for the next people, as far as no other worker sends it.

        :param skipped: ids of notices whose sending has failed in this pass
        :param limit: 1 for one person alone
        """
        self.flush_model(["date_sent", "user_id"])
        query = SQL(
            """
            SELECT id
              FROM quality_deadline_notice
             WHERE date_sent IS NULL AND user_id IN (
                    SELECT DISTINCT user_id
                      FROM quality_deadline_notice
                     WHERE date_sent IS NULL AND id != ALL(%s)
                  ORDER BY user_id
                     LIMIT %s
             )
          ORDER BY id
               FOR NO KEY UPDATE SKIP LOCKED
            """,
            skipped,
            1 if limit == 1 else PEOPLE,
        )
        return self.browse(row_id for [row_id] in self.env.execute_query(query))

    def _send(self):
        """Queue one mail per person about what is still open, and note that it was sent."""
        self.date_sent = fields.Datetime.now()
        valid = self.filtered(
            lambda notice: notice.deadline_id.state in OPEN_STATES and notice.user_id.email
        )
        groups = valid.grouped("user_id")
        self.env["mail.mail"].create(
            [notices._prepare_mail_vals(user) for user, notices in groups.items()]
        )
        if groups:
            cron = self.env["ir.model.data"]._xmlid_to_res_id("mail.ir_cron_mail_scheduler_action")
            self.env["ir.cron"].browse(cron)._trigger()

    def _prepare_mail_vals(self, user):
        """Return the message to one person about these notices, in their language."""
        notices = self.with_context(lang=user.lang)
        late = [notice for notice in notices if notice.event != "warned"]
        subject = (
            notices.env._("%(count)s deadlines are late or due soon", count=len(notices))
            if len(notices) > 1
            else notices._get_line()["sentence"]
        )
        body = notices.env["ir.qweb"]._render(
            "customer_quality.deadline_message",
            {"lines": [notice._get_line() for notice in notices], "late": len(late)},
        )
        return {
            "subject": subject,
            "body_html": body,
            "email_from": user.company_id.email_formatted or self.env.user.email_formatted,
            "recipient_ids": user.partner_id.ids,
            "auto_delete": True,
        }

    def _get_line(self):
        """Return one line of a message: dict with what, how it stands, and where it is."""
        self.ensure_one()
        deadline = self.deadline_id
        values = {
            "document": deadline.record_id.name,
            "kind": deadline.kind_id.name,
            "due": format_datetime(self.env, deadline.date_due, tz=self.user_id.tz),
            "owner": deadline.user_id.name or deadline.role_id.name or "",
        }
        sentences = {
            "warned": self.env._("%(kind)s for %(document)s is due on %(due)s.", **values),
            "missed": self.env._("%(kind)s for %(document)s was due on %(due)s.", **values),
            "escalated": self.env._(
                "%(kind)s for %(document)s was due on %(due)s and is still owed: %(owner)s.",
                **values,
            ),
        }
        record = deadline.record_id
        return {
            "sentence": sentences[self.event],
            "is_late": self.event != "warned",
            "url": f"{record.get_base_url()}/mail/view?model={record.res_model}"
            f"&res_id={record.res_id}",
        }


class QualityDeadline(models.Model):
    _inherit = "quality.deadline"  # pylint: disable=R8180  # a chapter of its own

    notice_ids = fields.One2many("quality.deadline.notice", "deadline_id", readonly=True)
