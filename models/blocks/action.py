from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...lib.canonical import digest
from .defaults import check_nested
from .state_order import in_order

STATES = [
    ("open", "Open"),
    ("done", "Done"),
    ("verified", "Verified"),
    ("cancelled", "Cancelled"),
]

HOLDS = [
    ("none", "Nothing"),
    ("confirmation", "Confirmation of the Order"),
    ("shipment", "Shipment"),
]

#: What users write on the anchor, through the action.
ANCHOR_FIELDS = frozenset({"user_id", "department_id"})

#: Created and reassigned by procedures, in batches: the chatter of each says nothing then.
QUIET = {
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "mail_auto_subscribe_no_notify": True,
}


class QualityAction(models.Model):
    """A task that somebody owes, whatever it follows from (K3, and every procedure).

    A condition, a countermeasure, a milestone: it has one owner, is done with evidence, and is
    verified by somebody else where that is asked for. What must wait for it waits.
    """

    _name = "quality.action"
    _description = "Action"
    _inherit = ["quality.record.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_due, id"
    _check_company_auto = True
    _record_prefix = "ACT"
    _work_template = "customer_quality.work_facts_action"
    _content_fields = (
        "title",
        "description",
        "source_record_id",
        "hold",
        "needs_verification",
        "evidence",
        "evidence_ids",
        "content_hash",
    )
    _user_fields = (
        "title",
        "description",
        "user_id",
        "department_id",
        "role_id",
        "date_due",
        "depends_on_ids",
        "hold",
        "needs_verification",
        "verifier_id",
        "verifier_role_id",
    )

    # What is to be done
    title = fields.Char("Task", required=True, tracking=True)
    description = fields.Text()
    source_record_id = fields.Many2one(
        "quality.record",
        "Follows From",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    hold = fields.Selection(
        HOLDS,
        "Holds Back",
        default="none",
        required=True,
        tracking=True,
        help="What has to wait until the action is done, and verified where that is asked for.",
    )
    depends_on_ids = fields.Many2many(
        "quality.action",
        "quality_action_dependency_rel",
        "action_id",
        "depends_on_id",
        "Waits For",
        check_company=True,
        copy=False,
    )

    # By whom, until when
    owner_id = fields.Many2one(
        related="record_id.user_id",
        string="Owner",
        store=True,
        help="The responsible of the record, kept here too for an index on what is whose.",
    )
    role_id = fields.Many2one(
        "quality.role", ondelete="restrict", help="Whoever acts for the role may do it too."
    )
    date_due = fields.Date("Due", tracking=True)

    # How it went
    state = fields.Selection(
        STATES, default="open", required=True, readonly=True, group_expand=in_order
    )
    is_late = fields.Boolean("Late", compute="_compute_is_late", search="_search_is_late")
    is_settled = fields.Boolean(
        compute="_compute_is_settled",
        search="_search_is_settled",
        help="Nothing has to wait for it any more.",
    )
    waiting_for = fields.Char(compute="_compute_waiting_for")
    evidence = fields.Text(readonly=True, copy=False)
    evidence_ids = fields.Many2many(
        "ir.attachment",
        "quality_action_evidence_rel",
        string="Evidence Files",
        readonly=True,
        copy=False,
    )
    content_hash = fields.Char("Fingerprint", readonly=True, copy=False)
    date_done = fields.Datetime("Done On", readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="set null")
    date_verified = fields.Datetime("Verified On", readonly=True, copy=False)
    reopen_count = fields.Integer("Times Reopened", readonly=True, copy=False)
    reason = fields.Char("Reopened or Cancelled Because", readonly=True, copy=False)

    # By whom it is verified
    needs_verification = fields.Boolean(
        tracking=True, help="Somebody else looks whether it was done, and signs."
    )
    verifier_id = fields.Many2one("res.users", domain=[("share", "=", False)])
    verifier_role_id = fields.Many2one(
        "quality.role",
        "Verified by Role",
        ondelete="restrict",
        help="Quality control, where nothing is chosen.",
    )
    can_do = fields.Boolean(compute="_compute_can_do")

    _mine_idx = models.Index("(owner_id, date_due) WHERE state = 'open'")
    _role_idx = models.Index("(role_id) WHERE state = 'open'")
    _due_idx = models.Index("(date_due, id)")

    @api.depends("name", "title")
    def _compute_display_name(self):
        for action in self:
            action.display_name = " ".join(filter(None, (action.name, action.title)))

    @api.depends("state", "date_due")
    @api.depends_context("tz")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for action in self:
            action.is_late = bool(
                action.state == "open" and action.date_due and action.date_due < today
            )

    def _search_is_late(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        today = fields.Date.context_today(self)
        return Domain("state", "=", "open") & Domain("date_due", "<", today)

    @api.depends("state", "needs_verification")
    def _compute_is_settled(self):
        settled = self.filtered_domain(self._get_settled_domain())
        for action in self:
            action.is_settled = action in settled

    def _search_is_settled(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return self._get_settled_domain()

    @api.model
    def _get_settled_domain(self):
        return Domain("state", "in", ("verified", "cancelled")) | (
            Domain("state", "=", "done") & Domain("needs_verification", "=", False)
        )

    @api.depends("depends_on_ids.is_settled")
    def _compute_waiting_for(self):
        for action in self:
            # that something is waited for is no secret to who sees what waits
            pending = action.sudo().depends_on_ids.filtered(lambda other: not other.is_settled)
            action.waiting_for = ", ".join(pending.mapped("display_name"))

    @api.depends("user_id", "role_id", "state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_can_do(self):
        doers = self._get_doers()
        officer = self.env.user.has_group("customer_quality.group_officer")
        for action in self:
            action.can_do = action.state == "open" and (officer or self.env.user in doers[action])

    @api.constrains("depends_on_ids")
    def _check_no_cycle(self):
        if self._has_cycle("depends_on_ids"):
            raise ValidationError(
                self.env._("Actions can't wait for each other in a circle. Leave one of them out.")
            )

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Let officers add actions by hand; all others come from procedures.

        :raise AccessError: when the user may not add actions, or gives what only follows from
            the procedure
        """
        if self.env.su:
            return super().create(vals_list)
        self.check_access("create")
        for vals in vals_list:
            self._check_user_fields(
                {key: value for key, value in vals.items() if key != "source_record_id"}
            )
            check_nested(self, vals)
        sources = [vals.get("source_record_id") for vals in vals_list]
        self.env["quality.record"].browse(filter(None, sources)).check_access("read")
        # the anchor is nobody's to create; the values were checked above
        return self.sudo()._create_for(vals_list).sudo(False)

    def write(self, vals):
        """Keep what is done as it is; a new owner or date reaches activity and deadline.

        :raise UserError: when a user changes an action that is no longer open
        """
        rest = dict(vals)
        if not self.env.su and vals.keys() & set(self._user_fields):
            self.check_access("write")
            self._ensure_open()
            self._ensure_holds_as_signed(vals)
            # the anchor is nobody's to write: its part is written for who may write the action
            anchor = {name: rest.pop(name) for name in ANCHOR_FIELDS & vals.keys()}
            self.record_id.sudo().write(anchor)
        result = super().write(rest)
        # what follows from a change is the procedure's, whoever may change the action
        if "user_id" in vals:
            self.sudo()._on_owner_changed()
        if "date_due" in vals:
            self.sudo()._on_due_changed()
        return result

    def _ensure_open(self):
        closed = self.filtered(lambda action: action.state != "open")
        if closed:
            raise UserError(
                self.env._(
                    "%(action)s is not open any more. Reopen it first.",
                    action=closed[0].display_name,
                )
            )

    # Create

    @api.model
    def _create_for(self, vals_list):
        """Ask for actions: create them, tell their owners, and start their deadlines.

        :param vals_list: list of dicts with ``name`` (what is to be done) and optionally
            ``source_record_id``, ``description``, ``user_id``, ``role_id``, ``department_id``
            (ids), ``date_due`` (date), ``hold`` (none, confirmation, shipment),
            ``needs_verification``, ``verifier_id``, ``verifier_role_id``, ``order_id``,
            ``company_id``; order and company are the source's where not given, the owner is the
            first of the role's people
        :return: the actions, in the order of ``vals_list``
        """
        if not vals_list:
            return self.browse()
        prepared = self._prepare_actions_vals(vals_list)
        # nobody but procedures and officers asks for actions; both were checked before
        actions_sudo = self.sudo().with_context(**QUIET).create(prepared)
        actions_sudo._mirror_activities()
        actions_sudo._start_deadlines()
        return actions_sudo.with_env(self.env).sudo(False)

    def _prepare_actions_vals(self, vals_list):
        """Return the values of actions, with what follows from their source and role."""
        Record = self.env["quality.record"].sudo()  # number, order and company of the source only
        sources = Record.browse(
            {vals.get("source_record_id") for vals in vals_list} - {None, False}
        )
        sources = {source.id: source for source in sources}
        prepared = [
            self._prepare_action_vals(vals, sources.get(vals.get("source_record_id"), Record))
            for vals in vals_list
        ]
        self._set_default_owners(prepared)
        return prepared

    def _prepare_action_vals(self, vals, source):
        vals = dict(vals)
        company = source.company_id.id or self.env.company.id
        return {
            "title": vals.pop("name", None) or vals.get("title"),
            "order_id": source.order_id.id,
            **vals,
            "company_id": vals.get("company_id") or company,
        }

    def _set_default_owners(self, vals_list):
        """Give each action without owner to the first of its role's people."""
        by_company = defaultdict(set)
        unowned = [vals for vals in vals_list if vals.get("role_id") and not vals.get("user_id")]
        for vals in unowned:
            by_company[vals["company_id"]].add(vals["role_id"])
        people = {}
        for company_id, role_ids in by_company.items():
            company = self.env["res.company"].browse(company_id)
            roles = self.env["quality.role"].browse(role_ids)
            for role, (users, _employees) in roles._get_people(company).items():
                people[company_id, role.id] = users[:1].id
        for vals in unowned:
            vals["user_id"] = people[vals["company_id"], vals["role_id"]]

    def _start_deadlines(self):
        """Promise each action by its date, where a policy says when to warn (see deadline)."""
        if "quality.deadline" not in self.env:
            return
        self.env["quality.deadline"]._start(
            [
                {
                    "record_id": action.record_id.id,
                    "kind": "action",
                    "user_id": action.user_id.id,
                    "role_id": action.role_id.id,
                    "date_due": action.date_due,
                }
                for action in self
                if action.date_due
            ]
        )

    def _get_doers(self):
        """Return who may say that these actions are done.

        :return: dict of action → res.users: owner, deputies of an absent owner, and whoever
            acts for the role
        """
        absence = self.env["quality.absence"]
        people = {
            company: actions.role_id._get_people(company)
            for company, actions in self.grouped("company_id").items()
        }
        return {
            action: action.user_id.sudo()
            | absence._get_deputies(action.user_id, action.role_id)
            | people[action.company_id].get(action.role_id, [action.user_id.sudo()])[0]
            for action in self
        }

    # What is signed on at verification

    def _get_basis(self, role):
        """Return the fingerprint of what was done, as it is shown to the verifier."""
        return self.content_hash

    def _get_content(self):
        """Return what was to be done and what was shown for it, JSON-able."""
        self.ensure_one()
        return {
            "title": self.title,
            "description": self.description or None,
            "source": self.source_record_id.name or None,
            "evidence": self.evidence or None,
            "files": sorted(filter(None, self.evidence_ids.mapped("checksum"))),
            "done_on": fields.Datetime.to_string(self.date_done) or None,
        }

    @api.model
    def _find_altered_documents(self, company):
        """Return the quality records of verified actions that no longer say what was signed."""
        verified = self.search([("company_id", "=", company.id), ("state", "=", "verified")])
        return [
            action.record_id.id
            for action in verified
            if action.content_hash != digest(action._get_content())
        ]

    def _get_message_text(self):
        """Return what is to be done, and where, as text for a chat message (M4)."""
        self.ensure_one()
        if self.state != "open":
            return super()._get_message_text()
        due = self.date_due and fields.Date.to_string(self.date_due)
        title = " · ".join(filter(None, (self.display_name, due)))
        return f"{title}\n{self.get_base_url()}/odoo/quality-actions/{self.id}"

    def action_open_source(self):
        """Open the document from which this action follows.

        :raise UserError: where somebody added the action by hand
        """
        self.ensure_one()
        if not self.source_record_id:
            raise UserError(
                self.env._(
                    "%(action)s was added by hand and follows from no document. What is to be "
                    "done stands in its description.",
                    action=self.display_name,
                )
            )
        return self.source_record_id.action_open_document()
