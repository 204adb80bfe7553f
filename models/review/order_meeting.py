from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class QualityOrderMeeting(models.Model):
    """A meeting about an order: strategy before the offer, review, kick-off (B7, M2).

    The minutes are a controlled document: written while the meeting is planned or runs, shown in
    the contract review, and closed when the meeting was held.
    """

    _name = "quality.order.meeting"
    _description = "Meeting about an Order"
    _inherit = ["quality.record.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_start desc, id desc"
    _record_prefix = "MT"
    _content_fields = ("date_start", "attendee_ids", "present_ids", "guests", "minutes")
    _user_fields = (*_content_fields, "duration", "user_id")

    kind = fields.Selection(
        [("strategy", "Strategy"), ("review", "Review"), ("kickoff", "Kick-off")],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [("planned", "Planned"), ("held", "Held"), ("void", "Void")],
        default="planned",
        required=True,
        readonly=True,
        tracking=True,
    )
    review_id = fields.Many2one(
        "quality.contract.review", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, ondelete="restrict")
    date_start = fields.Datetime("Start", required=True, default=fields.Datetime.now)
    duration = fields.Float("Hours", default=1.0)
    event_id = fields.Many2one(
        "calendar.event", "Calendar", readonly=True, copy=False, ondelete="set null"
    )
    attendee_ids = fields.Many2many(
        "res.partner", "quality_order_meeting_attendee_rel", string="Invited"
    )
    present_ids = fields.Many2many("res.partner", "quality_order_meeting_present_rel")
    guests = fields.Char("Others Present", help="Those who are no contacts here.")
    minutes = fields.Text()
    date_held = fields.Datetime("Minutes Closed On", readonly=True, copy=False)

    _review_uniq = models.UniqueIndex(
        "(review_id) WHERE kind = 'review' AND state = 'planned'",
        "This review is already being discussed in a meeting.",
    )

    # Actions

    def action_invite(self):
        """Put the meeting into the calendar and invite; or open it there.

        :return: action that opens the calendar's event
        :raise UserError: when the meeting is over
        """
        self.ensure_one()
        self.check_access("write")
        if not self.event_id:
            self._ensure_planned()
            event = self.env["calendar.event"].create(self._prepare_event_vals())
            self.sudo().event_id = event  # follows from the invitation
        return self.event_id._get_records_action(name=self.env._("Meeting"))

    def action_close(self):
        """Close the minutes: the meeting was held.

        :return: True
        :raise UserError: when there are no minutes, or the meeting is over
        """
        self.check_access("write")
        self._ensure_planned()
        if empty := self.filtered(lambda meeting: not (meeting.minutes or "").strip()):
            raise UserError(
                self.env._(
                    "Write the minutes of %(number)s first: they are what remains of a meeting.",
                    number=empty[0].name,
                )
            )
        # the state follows from closing; the right to write the minutes was checked
        self.sudo().write({"state": "held", "date_held": fields.Datetime.now()})
        self._set_phase("closed")
        self.sudo().order_id.quality_review_id._settle()  # the minutes may have been awaited
        return True

    def action_cancel(self):
        """Cancel a meeting that does not take place."""
        self.check_access("write")
        self._ensure_planned()
        self._void()
        return True

    def action_open_order(self):
        """Open the sales order that the meeting is about."""
        return self.order_id._get_records_action(name=self.env._("Sales Order"))

    def _ensure_planned(self):
        if over := self.filtered(lambda meeting: meeting.state != "planned"):
            raise UserError(
                self.env._(
                    "%(number)s is closed. Plan another meeting if there is more to discuss.",
                    number=over[0].name,
                )
            )

    # Procedure

    @api.model
    def _create_for(self, orders, kind, roles, **vals):
        """Plan a meeting about each order and invite the people of some roles.

        :param orders: sale.order records
        :param kind: ``strategy``, ``review`` or ``kickoff``
        :param roles: quality.role records; the first person of each is invited
        :param vals: further values, the same for all
        :return: the meetings, in the order of ``orders``
        """
        invited = {
            company: self._get_invited(roles, company) for company in orders.sudo().company_id
        }
        # the document is created by the procedure; who may plan was checked by the caller
        return self.sudo().create(
            [
                {
                    "kind": kind,
                    "order_id": order.id,
                    "company_id": order.company_id.id,
                    "partner_id": order.partner_id.id,
                    "user_id": order.user_id.id,
                    "attendee_ids": [
                        Command.set((invited[order.company_id] | order.user_id.partner_id).ids)
                    ],
                    **vals,
                }
                for order in orders.sudo()
            ]
        )

    @api.model
    def _get_invited(self, roles, company):
        """Return the contact of who is asked first for each role, in sudo mode."""
        partners = self.env["res.partner"].sudo()
        for users, employees in roles._filter_applicable(company)._get_people(company).values():
            partners |= users[:1].partner_id or employees[:1].work_contact_id
        return partners

    def _prepare_event_vals(self):
        self.ensure_one()
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return {
            "name": f"{kinds[self.kind]} {self.sudo().order_id.name}",
            "start": self.date_start,
            "stop": fields.Datetime.add(self.date_start, hours=self.duration or 1),
            "partner_ids": [Command.set(self.attendee_ids.ids)],
            "user_id": self.user_id.id or self.env.uid,
        }

    def _plan_events(self):
        """Put these meetings into the calendar without mail: their tasks are told anyway."""
        quiet = {"no_mail_to_attendees": True, "mail_create_nolog": True}
        events = self.env["calendar.event"].with_context(**quiet)
        events = events.create([meeting._prepare_event_vals() for meeting in self])
        for meeting, event in zip(self, events, strict=True):
            meeting.event_id = event

    def _void(self):
        """Void meetings about what is not agreed any more; their tasks are called off."""
        standing_sudo = self.sudo().filtered(lambda meeting: meeting.state != "void")
        if not standing_sudo:
            return
        standing_sudo.state = "void"
        standing_sudo._set_phase("void")
        standing_sudo.record_id._cancel_actions(
            self.env._("The meeting that asked for it is void.")
        )


class QualityContractReview(models.Model):
    """Meetings in which a review is prepared or held: the chapter of contract review (M2)."""

    _inherit = "quality.contract.review"  # pylint: disable=R8180  # a chapter of its own

    meeting_ids = fields.Many2many(
        "quality.order.meeting",
        string="Meetings",
        compute="_compute_meeting_ids",
        compute_sudo=True,
        help="The strategy meeting about the order, and the meetings of this review.",
    )

    @api.depends("order_id")
    def _compute_meeting_ids(self):
        meetings = self.env["quality.order.meeting"].search(
            [("order_id", "in", self.order_id.ids), ("state", "!=", "void")]
        )
        for review in self:
            of_order = meetings.filtered(lambda m, order=review.order_id: m.order_id == order)
            review.meeting_ids = of_order.filtered(
                lambda m, review=review: m.kind == "strategy" or m.review_id == review
            )

    def action_open_meeting(self):
        """Open the screen on which those present see the facts and sign in turn (M2).

        :return: action that opens the page
        :raise UserError: when nobody is asked any more
        """
        self.ensure_one()
        if self.state not in ("review", "decision"):
            raise UserError(
                self.env._(
                    "%(number)s is not running, so there is nothing to sign in a meeting.",
                    number=self.name,
                )
            )
        self._get_meeting()
        return {
            "type": "ir.actions.act_url",
            "url": f"/quality/work/{self.record_id.id}?mode=meeting",
            "target": "self",
        }

    def _find_meeting(self):
        """Return the running meeting of this review that the user may see, if any."""
        self.ensure_one()
        meetings = self.env["quality.order.meeting"]
        if not meetings.has_access("read"):
            return meetings
        return meetings.search([("review_id", "=", self.id), ("state", "=", "planned")], limit=1)

    def _get_meeting(self):
        """Return the running meeting of this review, planned by whoever may lead it.

        :raise AccessError: for those who may not write minutes
        """
        meeting = self._find_meeting()
        if not meeting:
            meeting.check_access("write")
            roles = self.opinion_ids.filtered(lambda o: o.state != "void").role_id
            meeting = meeting._create_for(
                self.sudo().order_id, "review", roles, review_id=self.id
            ).sudo(False)
        return meeting
