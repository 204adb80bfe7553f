from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain

from ...lib.canonical import digest

DELAY_TYPE = "customer_quality.mail_activity_type_delay"

#: What its users write while it is open.
DELAY_FIELDS = (
    "cause_id",
    "reason",
    "remedy",
    "is_avoidable",
    "date_expected",
    "role_id",
    "owner_id",
    "concerned_role_ids",
)

#: Who reports, works on and closes delays by hand.
DELAY_GROUPS = "customer_quality.group_user,sales_team.group_sale_salesman,mrp.group_mrp_user"


class QualityDelay(models.Model):
    """A delay of what was promised: cause, remedy, owner, and how long it was (D3).

    Seen by the scheduled action as soon as a plan ends after the promise, or reported from a
    manufacturing order or a notice. It closes by itself: when the goods have left, when the plan
    is back inside the promise, or when another date was agreed. Its days are counted.
    """

    _name = "quality.delay"
    _description = "Delay"
    _inherit = ["quality.record.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _record_prefix = "DL"
    _work_template = "customer_quality.work_facts_delay"
    _content_fields = (*DELAY_FIELDS, "date_promised", "days", "outcome", "content_hash")
    _user_fields = DELAY_FIELDS

    state = fields.Selection(
        [("open", "Open"), ("closed", "Closed")],
        default="open",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    source = fields.Selection(
        [("foreseen", "Seen in the plan"), ("reported", "Reported")],
        default="foreseen",
        required=True,
        readonly=True,
    )

    # Of what
    change_id = fields.Many2one(
        "quality.order.change",
        "Other Date Asked For",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    notice_id = fields.Many2one(
        "quality.production.notice", required=True, readonly=True, index=True, ondelete="restrict"
    )
    production_id = fields.Many2one(
        "mrp.production",
        "Manufacturing Order",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    stage_id = fields.Many2one(
        "quality.production.notice.stage", readonly=True, ondelete="set null"
    )
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, ondelete="restrict")

    # How long
    date_promised = fields.Date("Promised Date", readonly=True)
    date_expected = fields.Date("Expected On", tracking=True)
    days = fields.Integer(
        readonly=True,
        aggregator="sum",
        help="Days after the promise: expected while it is open, real once it is closed; 0 where "
        "the plan came back inside the promise.",
    )
    days_most = fields.Integer(
        "Days at Worst", readonly=True, aggregator="max", help="The most that was ever expected."
    )

    # Why, and what is done
    cause_id = fields.Many2one(
        "quality.change.cause", index="btree_not_null", ondelete="restrict", tracking=True
    )
    is_avoidable = fields.Boolean(
        "Avoidable", compute="_compute_is_avoidable", store=True, readonly=False
    )
    reason = fields.Text("What Happened")
    remedy = fields.Text(help="What is done so that the goods leave as soon as possible.")
    role_id = fields.Many2one(
        "quality.role",
        "Originating Department",
        ondelete="restrict",
        help="Where the delay comes from.",
    )
    owner_id = fields.Many2one(
        "res.users", index="btree_not_null", domain=[("share", "=", False)], tracking=True
    )
    concerned_role_ids = fields.Many2many(
        "quality.role",
        "quality_delay_role_rel",
        string="Departments Concerned",
        help="Called together about the delay.",
    )
    event_id = fields.Many2one(
        "calendar.event", "Meeting", readonly=True, copy=False, ondelete="set null"
    )

    # What became of it
    date_told = fields.Datetime("Customer Told On", readonly=True, copy=False)
    outcome = fields.Selection(
        [
            ("shipped", "Shipped"),
            ("averted", "Back inside the promise"),
            ("agreed", "Another date was agreed"),
            ("cancelled", "Order cancelled"),
            ("withdrawn", "Withdrawn"),
        ],
        readonly=True,
        copy=False,
    )
    withdrawn_reason = fields.Char("Withdrawn Because", readonly=True, copy=False)
    content_hash = fields.Char("Fingerprint", readonly=True, copy=False)

    _open_uniq = models.UniqueIndex(
        "(notice_id) WHERE state = 'open'", "There is an open delay of this notice already."
    )

    @api.depends("cause_id")
    def _compute_is_avoidable(self):
        for delay in self:
            delay.is_avoidable = delay.cause_id.is_avoidable

    @api.depends("name", "notice_id")
    def _compute_display_name(self):
        for delay in self:
            delay.display_name = delay.name

    # CRUD

    def write(self, vals):
        """Count the days anew when another date is expected.

        :raise UserError: when a user changes a delay that is closed
        """
        if not self.env.su and not vals.keys().isdisjoint(DELAY_FIELDS):
            self.check_access("write")
            self._ensure_open()
        result = super().write(vals)
        if "date_expected" in vals:
            self.sudo()._count_days()  # follows from the date, whoever expects it
        return result

    def _ensure_open(self):
        closed = self.filtered(lambda delay: delay.state != "open")
        if closed:
            raise UserError(
                self.env._("%(number)s is closed, so it stays as it is.", number=closed[0].name)
            )

    def _count_days(self):
        for delay in self.filtered(lambda d: d.state == "open"):
            days = delay._get_days(delay.date_expected)
            delay.write({"days": days, "days_most": max(days, delay.days_most)})

    def _get_days(self, date):
        """Return by how many days ``date`` is after the promise (int)."""
        if not (date and self.date_promised):
            return 0
        return max((date - self.date_promised).days, 0)

    # Opening

    @api.model
    def _report(self, vals_list):
        """Open delays, or complete those that are open already of the same notices.

        :param vals_list: list of dicts with ``notice_id`` and optionally ``production_id``,
            ``stage_id``, ``source`` and what users write of a delay
        :return: the delays, in the order of ``vals_list``
        """
        known = {
            delay.notice_id.id: delay
            for delay in self.search(
                [
                    ("state", "=", "open"),
                    ("notice_id", "in", [vals["notice_id"] for vals in vals_list]),
                ]
            )
        }
        new = [vals for vals in vals_list if vals["notice_id"] not in known]
        created = self.with_context(mail_create_nosubscribe=True).create(
            self._prepare_delays_vals(new)
        )
        created._count_days()
        created._ask_for_remedy()
        created._tell()
        known |= {delay.notice_id.id: delay for delay in created}
        for vals in vals_list:
            delay = known[vals["notice_id"]]
            if delay not in created:
                delay._complete(vals)
        return self.union(*(known[vals["notice_id"]] for vals in vals_list))

    def _prepare_delays_vals(self, vals_list):
        notices = self.env["quality.production.notice"].browse(
            vals["notice_id"] for vals in vals_list
        )
        people = {
            company: self._get_production_role()._get_people(company)
            for company in notices.company_id
        }
        return [
            {
                **self._prepare_delay_vals(notice, people[notice.company_id]),
                **{name: value for name, value in vals.items() if value},
            }
            for notice, vals in zip(notices, vals_list, strict=True)
        ]

    def _prepare_delay_vals(self, notice, people):
        """Return what follows from the notice.

        :param people: dict of the role of production → (users, employees)
        """
        role = self._get_production_role()
        late = notice.stage_ids.filtered(lambda stage: not stage.date_done)
        return {
            "order_id": notice.order_id.id,
            "company_id": notice.company_id.id,
            "user_id": notice.user_id.id,
            "partner_id": notice.partner_id.id,
            "date_promised": notice._get_promised_day(),
            "role_id": role.id,
            "owner_id": people[role][0][:1].id if role else False,
            "concerned_role_ids": [Command.set((late.role_id | role).ids)],
        }

    @api.model
    def _get_production_role(self):
        return self.env["quality.role"].search([("code", "=", "production")], limit=1)

    def _complete(self, vals):
        """Write down what somebody reports of a delay that is open already."""
        self.ensure_one()
        given = {name: vals[name] for name in DELAY_FIELDS if vals.get(name)}
        if vals.get("source") == "reported":
            given["source"] = "reported"
        self.write(given)

    def _ask_for_remedy(self):
        """Ask for cause, remedy and owner: an action of production, due in one working day."""
        role = self._get_production_role()
        self.env["quality.action"]._create_for(
            [
                {
                    "source_record_id": delay.record_id.id,
                    "name": self.env._(
                        "Delay of %(order)s: find cause, remedy and owner",
                        order=delay.order_id.name,
                    ),
                    "user_id": delay.owner_id.id,
                    "role_id": role.id,
                    "date_due": delay.company_id._get_working_morning(1).date(),
                }
                for delay in self
            ]
        )

    def _tell(self):
        """Tell whoever answers for the notice, and note it there (D3)."""
        kind = self.env["ir.model.data"]._xmlid_to_res_id(DELAY_TYPE)
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": kind,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": delay.id,
                    "user_id": delay.user_id.id,
                    "note": delay._get_sentence(),
                    "automated": True,
                    "date_deadline": fields.Date.context_today(self),
                }
                for delay in self
                if delay.user_id
            ]
        )
        self.notice_id._message_log_batch(
            bodies={delay.notice_id.id: delay._get_sentence() for delay in self}
        )

    def _get_sentence(self):
        """Return in one sentence what is late and by how much."""
        self.ensure_one()
        delay_sudo = self.sudo()  # numbers only, for readers without a right to orders
        return self.env._(
            "%(order)s is expected %(days)s days after its promise (%(what)s).",
            order=delay_sudo.order_id.name,
            days=self.days,
            what=delay_sudo.production_id.name
            or delay_sudo.stage_id.name
            or delay_sudo.notice_id.name,
        )

    # Actions

    def action_call_together(self):
        """Put a meeting with the departments concerned into the calendar, or open it there (D3).

        :return: action that opens the calendar's event
        :raise AccessError: for whoever may not work on delays
        :raise UserError: when the delay is closed, or nobody is concerned
        """
        self.ensure_one()
        self._ensure_may_work()
        if not self.event_id:
            self._ensure_open()
            event = self.env["calendar.event"].create(self._prepare_event_vals())
            self.sudo().event_id = event  # follows from the invitation
        return self.event_id._get_records_action(name=self.env._("Meeting"))

    def _prepare_event_vals(self):
        Meeting = self.env["quality.order.meeting"]
        people = Meeting._get_invited(self.concerned_role_ids, self.company_id)
        people |= self.sudo().user_id.partner_id | self.sudo().owner_id.partner_id
        if not people:
            raise UserError(
                self.env._("Choose the departments concerned: nobody would be called together.")
            )
        start = self.company_id._get_working_morning(1)
        return {
            "name": self.env._(
                "Delay of %(order)s (%(number)s)",
                order=self.sudo().order_id.name,
                number=self.name,
            ),
            "description": self._get_sentence(),  # in the invitation
            "notes": self._get_sentence(),  # on the screen
            "start": start,
            "stop": fields.Datetime.add(start, hours=1),
            "partner_ids": [Command.set(people.ids)],
            "user_id": self.env.uid,
        }

    def action_change_date(self):
        """Ask for another date through the change register, or open what was asked for (C2, D3).

        The customer consents there before the promise moves.

        :return: action that opens the order change
        :raise AccessError: for whoever may not work on delays
        :raise UserError: when the delay is closed
        """
        self.ensure_one()
        self._ensure_may_work()
        change_sudo = self.sudo().change_id
        if not change_sudo or change_sudo.state in ("rejected", "void"):
            self._ensure_open()
            vals = self._prepare_change_vals()
            change_sudo = self.env["quality.order.change"]._report_delay(
                self.sudo().order_id, vals.pop("date"), **vals
            )
            self.sudo().change_id = change_sudo  # follows from the report
        return change_sudo.sudo(self.env.su)._get_records_action(name=self.env._("Order Change"))

    def action_message_customer(self):
        """Open a ready mail to the customer, in their language.

        :raise AccessError: for whoever may not work on delays
        """
        self.ensure_one()
        self._ensure_may_work()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Message to the Customer"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_composition_mode": "comment",
                "default_template_id": self.env.ref("customer_quality.mail_template_delay").id,
                "force_email": True,
                "customer_quality_delay_told": self.id,
            },
        }

    def message_post(self, **kwargs):
        """Note that the customer was told.

        The context key ``customer_quality_delay_told``, set by :meth:`action_message_customer`,
        names the delay that the message is about.
        """
        message = super().message_post(**kwargs)
        if self.env.context.get("customer_quality_delay_told") == self.id:
            if self.has_access("write"):
                self.sudo().date_told = fields.Datetime.now()  # by whoever may write it
        return message

    def action_withdraw(self, reason=None):
        """Close delays that were none, e.g. because the plan was wrong.

        :param reason: str; without it, it is asked for in a dialog
        :raise AccessError: for whoever may not work on delays
        :raise UserError: when a delay is closed
        """
        self._ensure_may_work()
        self._ensure_open()
        if not (reason or "").strip():
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Withdraw the Delay"),
                "res_model": "quality.delay.withdraw",
                "view_mode": "form",
                "target": "new",
                "context": {"default_delay_ids": self.ids},
            }
        self.sudo()._close("withdrawn", withdrawn_reason=reason.strip())  # checked above
        return True

    def action_open_order(self):
        """Open the sales order that is late."""
        return self.order_id._get_records_action(name=self.env._("Sales Order"))

    def action_open_notice(self):
        """Open the production notices that are late."""
        return self.notice_id._get_records_action(name=self.env._("Production Notice"))

    def _ensure_may_work(self):
        self.check_access("write")
        if not (self.env.su or self.env.user.has_groups(DELAY_GROUPS)):
            raise AccessError(
                self.env._(
                    "Delays are worked on by sales, production and quality. Ask one of them."
                )
            )

    # For a change of the date

    def _prepare_change_vals(self):
        """Return what a change of the order's date is made of.

        :return: dict with ``date`` (date, or False), and values of the change: ``cause_id``,
            ``is_avoidable``, ``reason``, ``remedy`` and ``production_id``
        """
        self.ensure_one()
        return {
            "date": self.date_expected,
            "production_id": self.sudo().production_id.id,
            "is_avoidable": self.is_avoidable,
            "cause_id": self.cause_id.id,
            "reason": self.reason,
            "remedy": self.remedy,
        }

    # Closing

    def _close(self, outcome, days=0, **vals):
        """Close delays: nobody owes cause and remedy any more; what was found out is kept.

        :param outcome: value of the field
        :param days: by how many days they were late in the end
        """
        for delay in self.filtered(lambda d: d.state == "open"):
            delay.write(
                {
                    "days": days,
                    "days_most": max(days, delay.days_most),
                    "outcome": outcome,
                    "state": "closed",
                    **vals,
                }
            )
            delay.content_hash = digest(delay._get_content())
        self._set_phase("closed")
        self.activity_unlink([DELAY_TYPE])
        if outcome in ("averted", "cancelled", "withdrawn"):
            self.record_id._cancel_actions(self.env._("The delay is over."))

    def _get_content(self):
        """Return what the delay says once it is closed, JSON-able, without any price."""
        self.ensure_one()
        return {
            "number": self.name,
            "notice": self.notice_id.id,
            "promised": fields.Date.to_string(self.date_promised) or None,
            "expected": fields.Date.to_string(self.date_expected) or None,
            "days": self.days,
            "outcome": self.outcome,
            "cause": self.cause_id.id or None,
            "reason": self.reason or None,
            "remedy": self.remedy or None,
            "department": self.role_id.code or None,
            "owner": self.owner_id.id or None,
        }

    @api.model
    def _find_altered_documents(self, company):
        """Return the quality records of closed delays that no longer say what they said (K1)."""
        closed = self.search([("company_id", "=", company.id), ("state", "=", "closed")])
        altered = closed.filtered(lambda delay: digest(delay._get_content()) != delay.content_hash)
        return super()._find_altered_documents(company) + altered.record_id.ids

    def _get_message_text(self):
        """Return the delay as text for a chat message, without any price (M4)."""
        self.ensure_one()
        if self.state != "open":
            return super()._get_message_text()
        return "\n".join(
            filter(
                None,
                (
                    self._get_sentence(),
                    self.remedy,
                    f"{self.get_base_url()}/odoo/delays/{self.id}",
                ),
            )
        )


class QualityProductionNotice(models.Model):
    """Notices know their delays (D3)."""

    _inherit = "quality.production.notice"  # pylint: disable=R8180  # a chapter of its own

    delay_ids = fields.One2many("quality.delay", "notice_id", "Delays", readonly=True)
    delay_count = fields.Integer("Delays Counted", compute="_compute_delay_count")
    delay_days = fields.Integer("Days Late", compute="_compute_delay_count")
    is_delayed = fields.Boolean(
        "Delayed", compute="_compute_delay_count", search="_search_is_delayed"
    )

    @api.depends("delay_ids.state", "delay_ids.days")
    def _compute_delay_count(self):
        for notice in self:
            running = notice.delay_ids.filtered(lambda delay: delay.state == "open")
            notice.delay_count = len(notice.delay_ids)
            notice.is_delayed = bool(running)
            notice.delay_days = sum(running.mapped("days"))

    @api.model
    def _search_is_delayed(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return Domain("delay_ids", "any", [("state", "=", "open")])

    def _get_promised_day(self):
        """Return the day that the customer is promised now, where the order is kept.

        That of the order, which may have moved since; else what the notice announced.

        :return: date, or False
        """
        self.ensure_one()
        order_sudo = self.sudo().order_id  # the promise stands on the notice for all its readers
        return order_sudo._get_quality_day(order_sudo.commitment_date or self.date_promised)

    def action_report_delay(self):
        """Open the dialog in which a delay of these notices is reported (D3)."""
        return self.env["quality.delay.report"]._open(self)

    def action_view_delays(self):
        """Open the delays of these notices, closed ones included."""
        return self.delay_ids._get_records_action(name=self.env._("Delays"))
