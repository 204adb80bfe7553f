from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_list

from ...lib.canonical import digest

#: The roles in which people sign, and the questions that they answer.
PARTS = ("leaver", "successor", "head")


class QualityHandover(models.Model):
    """Somebody moves or leaves, and named successors take over what is open (K3).

    What is listed is signed by both and by the head; only then it changes hands. Records that
    are signed keep the old name.
    """

    _name = "quality.handover"
    _description = "Handover"
    _inherit = ["quality.record.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _record_prefix = "HO"
    _work_template = "customer_quality.work_facts_handover"
    _content_fields = (
        "leaver_id",
        "head_id",
        "date_handover",
        "reason",
        "is_leaver_gone",
        "gone_reason",
        "line_ids",
        "content_hash",
    )
    _user_fields = (
        "leaver_id",
        "head_id",
        "successor_id",
        "date_handover",
        "reason",
        "is_leaver_gone",
        "gone_reason",
        "line_ids",
    )

    leaver_id = fields.Many2one(
        "res.users",
        "Hands Over",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
        context={"active_test": False},
    )
    head_id = fields.Many2one(
        "res.users",
        required=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
        help="Of the department; signs that the handover is complete.",
    )
    successor_id = fields.Many2one(
        "res.users",
        "Takes Over",
        ondelete="restrict",
        domain=[("share", "=", False)],
        help="Takes over each line for which nobody else is named.",
    )
    date_handover = fields.Date(
        "From", required=True, default=fields.Date.context_today, tracking=True
    )
    reason = fields.Char(required=True, help="E.g. leaves the company, moves to purchasing.")
    is_leaver_gone = fields.Boolean(
        "Can't Sign", help="Has left already; the head states why and signs alone for this side."
    )
    gone_reason = fields.Char("Why Not")
    state = fields.Selection(
        [
            ("draft", "To List"),
            ("signing", "To Sign"),
            ("done", "Handed Over"),
            ("void", "Void"),
        ],
        default="draft",
        required=True,
        readonly=True,
        tracking=True,
    )
    line_ids = fields.One2many("quality.handover.line", "handover_id", "What Is Open")
    line_count = fields.Integer(compute="_compute_line_count")
    date_done = fields.Datetime("Handed Over On", readonly=True, copy=False)
    content_hash = fields.Char("Fingerprint", readonly=True, copy=False)
    can_manage = fields.Boolean(compute="_compute_can_manage")

    @api.depends("line_ids")
    def _compute_line_count(self):
        for handover in self:
            handover.line_count = len(handover.line_ids)

    @api.depends("head_id")
    @api.depends_context("uid")
    def _compute_can_manage(self):
        is_manager = self.env.user.has_group("customer_quality.group_manager")
        for handover in self:
            handover.can_manage = is_manager or handover.head_id == self.env.user

    @api.constrains("leaver_id", "head_id", "successor_id")
    def _check_people(self):
        for handover in self:
            if handover.leaver_id in handover.head_id | handover.successor_id:
                raise ValidationError(
                    self.env._(
                        "%(person)s hands over, so somebody else has to take over and to sign as "
                        "head.",
                        person=handover.leaver_id.name,
                    )
                )

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Start handovers, as head of the leaver's department or quality manager.

        :raise AccessError: for everybody else, and for what only follows from signatures
        """
        if self.env.su:
            return super().create(vals_list)
        self.check_access("create")
        for vals in vals_list:
            self._check_user_fields({key: vals[key] for key in vals if key != "company_id"})
            self._check_nothing_listed(vals)
            self._ensure_may_start(vals)
        # the anchor is nobody's to create; the right was checked above
        return super(QualityHandover, self.sudo()).create(vals_list).sudo(False)

    def write(self, vals):
        """Change the list while nobody has been asked to sign it.

        :raise AccessError: when neither the head nor a quality manager writes
        :raise UserError: when signatures are asked for already
        """
        if not self.env.su and vals.keys() & set(self._user_fields):
            self._ensure_may_manage()
            self._ensure_draft()
            if not vals.keys().isdisjoint(("leaver_id", "head_id")):
                self.filtered(lambda handover: not handover._may_start(vals))._refuse_start()
        return super().write(vals)

    def _check_nothing_listed(self, vals):
        if vals.get("line_ids"):
            raise AccessError(
                self.env._("What is open is collected once the handover is there, not given.")
            )

    def _ensure_may_start(self, vals):
        leaver = self.env["res.users"].browse(vals.get("leaver_id"))
        if not self._may_start_for(leaver, vals.get("head_id") or self.env.uid):
            self._refuse_start(leaver)

    def _may_start(self, vals):
        """Tell whether the user may hand over what is the leaver's of ``vals``."""
        leaver = self.env["res.users"].browse(vals.get("leaver_id") or self.leaver_id.id)
        return self._may_start_for(leaver, vals.get("head_id") or self.head_id.id)

    @api.model
    def _may_start_for(self, leaver, head_id):
        if self.env.user.has_group("customer_quality.group_manager"):
            return True
        heads = self.env["quality.absence"]._get_heads_of(leaver)
        return self.env.user in heads and head_id in heads.ids

    def _refuse_start(self, leaver=None):
        leavers = self.leaver_id if leaver is None else leaver
        if self or leaver is not None:
            raise AccessError(
                self.env._(
                    "A handover of %(person)s is made out by the head of their department, who "
                    "signs it too, or by a quality manager.",
                    person=leavers[:1].sudo().name or "–",
                )
            )

    def _ensure_may_manage(self):
        if not all(handover.can_manage for handover in self):
            raise AccessError(
                self.env._("A handover is made out by the head who signs it, or a quality manager.")
            )

    def _ensure_draft(self):
        late = self.filtered(lambda handover: handover.state != "draft")
        if late:
            raise UserError(
                self.env._(
                    "Signatures for %(number)s are asked for already. Take it back first.",
                    number=late[0].name,
                )
            )

    # Actions

    def action_collect(self):
        """List all that is open with the leaver, anew; successors that were named stay."""
        self._ensure_may_manage()
        self._ensure_draft()
        for handover_sudo in self.sudo():  # what is the leaver's, whoever may see it
            handover_sudo._collect()
        return True

    def action_request(self):
        """Ask leaver, successors and head for their signatures.

        :raise UserError: saying what is missing
        """
        self._ensure_may_manage()
        self._ensure_draft()
        for handover_sudo in self.sudo():  # the right was checked above
            handover_sudo._ensure_complete()
            handover_sudo._request()
        return True

    def action_take_back(self):
        """Withdraw the list before all have signed, to correct it."""
        self._ensure_may_manage()
        if any(handover.state != "signing" for handover in self):
            raise UserError(self.env._("Only what waits for signatures can be taken back."))
        self.sudo()._take_back(self.env._("Taken back by %(user)s.", user=self.env.user.name))
        return True

    def action_void(self):
        """Void a handover that does not take place."""
        self._ensure_may_manage()
        if any(handover.state in ("done", "void") for handover in self):
            raise UserError(self.env._("What was handed over stays handed over."))
        self.opinion_ids._void()
        self.sudo().state = "void"
        self._set_phase("void")
        return True

    # Signing

    def _ensure_complete(self):
        self.ensure_one()
        if not (self.is_leaver_gone or self.leaver_id.active):
            raise UserError(
                self.env._(
                    "The login of %(person)s is archived. State that they can't sign, and why.",
                    person=self.leaver_id.name,
                )
            )
        if self.is_leaver_gone and not (self.gone_reason or "").strip():
            raise UserError(self.env._("State why the leaver can't sign; it is printed."))
        if not self.line_ids:
            raise UserError(self.env._("Nothing is listed. Collect what is open first."))
        orphans = self.line_ids.filtered(lambda line: not line._get_successor())
        if orphans:
            raise UserError(
                self.env._(
                    "Name who takes over: %(lines)s.",
                    lines=format_list(self.env, orphans[:5].mapped("name")),
                )
            )
        self._ensure_successors_can()

    def _ensure_successors_can(self):
        for user in self._get_successors():
            fits = user.active and not user.share and self.company_id in user.company_ids
            if not fits or user == self.leaver_id:
                raise UserError(
                    self.env._(
                        "%(person)s can't take over: they have to be an active user of %(company)s "
                        "other than who hands over.",
                        person=user.name,
                        company=self.company_id.name,
                    )
                )

    def _get_successors(self):
        users = self.env["res.users"]
        for line in self.line_ids:
            users |= line._get_successor()
        return users

    def _get_signers(self):
        """Return who signs in which part: list of (part, res.users)."""
        leaver = [] if self.is_leaver_gone else [("leaver", self.leaver_id)]
        return [
            *leaver,
            *(("successor", user) for user in self._get_successors()),
            ("head", self.head_id),
        ]

    def _request(self):
        items = {part: self.env.ref(f"customer_quality.template_handover_{part}") for part in PARTS}
        for line in self.line_ids:
            line.successor_id = line._get_successor()
        self.write({"state": "signing", "content_hash": digest(self._get_content())})
        self.opinion_ids._request(
            [
                {
                    "record_id": self.record_id.id,
                    "role_id": items[part].role_id.id,
                    "item_id": items[part].id,
                    "sequence": items[part].sequence,
                    "user_id": user.id,
                    "meaning": "approval" if part == "head" else "opinion",
                }
                for part, user in self._get_signers()
            ]
        )

    def _take_back(self, text):
        self.opinion_ids._void()
        self.write({"state": "draft"})
        self._message_log_batch({handover.id: text for handover in self})

    def _get_basis(self, role):
        """Return the fingerprint of the list that is signed."""
        return self.content_hash

    def _get_content(self):
        """Return what is signed: who hands over what to whom, and when (JSON-able)."""
        self.ensure_one()
        return {
            "leaver": self.leaver_id.id,
            "head": self.head_id.id,
            "date": fields.Date.to_string(self.date_handover),
            "reason": self.reason,
            "gone": self.gone_reason if self.is_leaver_gone else None,
            "lines": sorted(line._get_content() for line in self.line_ids),
        }

    @api.model
    def _find_altered_documents(self, company):
        """Return the quality records of handovers whose list is not the one that was signed."""
        signed = self.search(
            [("company_id", "=", company.id), ("state", "in", ("signing", "done"))]
        )
        return [
            handover.record_id.id
            for handover in signed
            if handover.content_hash != digest(handover._get_content())
        ]

    def _on_duties_signed(self, duties):
        """When all have signed, what is listed changes hands; an objection opens the list."""
        for handover_sudo in self.sudo().filtered(lambda handover: handover.state == "signing"):
            opinions = handover_sudo.opinion_ids.filtered(lambda o: o.state != "void")
            objected = (duties & opinions).filtered(lambda o: o.answer != "agree")
            if objected:
                reasons = format_list(self.env, objected.mapped("reason"))
                handover_sudo._take_back(
                    self.env._("Not agreed, so the list is open again: %(why)s", why=reasons)
                )
            elif all(opinion.state == "done" for opinion in opinions):
                handover_sudo._hand_over()
        return super()._on_duties_signed(duties)

    def _hand_over(self):
        """Give each line to its successor, as it was signed."""
        self.line_ids._hand_over()
        self.write({"state": "done", "date_done": fields.Datetime.now()})
        self._set_phase("closed")
