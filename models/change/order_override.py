from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...lib.canonical import digest

#: Which change of an order each mark lets pass: kind of Difference → field.
ALLOWANCES = {
    "quantity": "allows_quantity",
    "cancel": "allows_cancel",
    "cancel_order": "allows_cancel_order",
    "add": "allows_add",
    "product": "allows_product",
    "date": "allows_date",
    "requirement": "allows_requirement",
    "price": "allows_price",
    "terms": "allows_terms",
}

#: What its users write, while it is a draft.
DRAFT_FIELDS = ("reason", "description", *ALLOWANCES.values())

#: Type of the activities that tell of an override.
CHANGED_TYPE = "customer_quality.mail_activity_type_order_changed"


class QualityOrderOverride(models.Model):
    """Override (特批放行): lets an agreed order be changed, by a reason that is signed (C5).

    Somebody whom the authority table names signs it. For some hours, and for this order only,
    the guard then lets pass what is ticked, for whoever asked and whoever signed; what was
    changed is noted here, before and after.
    """

    _name = "quality.order.override"
    _description = "Override"
    _inherit = ["quality.record.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _record_prefix = "OV"
    _work_template = "customer_quality.work_facts_order_override"
    _content_fields = (*DRAFT_FIELDS, "hours", "content_hash", "change_ids")
    _user_fields = DRAFT_FIELDS

    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("requested", "To Sign"),
            ("released", "Released"),
            ("closed", "Closed"),
            ("refused", "Refused"),
            ("void", "Void"),
        ],
        default="draft",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", readonly=True, ondelete="restrict", index=True
    )
    requested_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict", index=True)

    # Why, and what
    reason = fields.Text(help="Why the order has to be changed before its change is reviewed.")
    description = fields.Text("What Will Change", help="In words, for whoever signs.")
    allows_quantity = fields.Boolean("Quantities")
    allows_date = fields.Boolean("Dates")
    allows_cancel = fields.Boolean("Cancel Lines")
    allows_cancel_order = fields.Boolean("Cancel the Order")
    allows_add = fields.Boolean("Add Lines")
    allows_product = fields.Boolean("Products and Variants")
    allows_requirement = fields.Boolean("Requirements and Drawings")
    allows_price = fields.Boolean("Prices")
    allows_terms = fields.Boolean("Terms and Addresses")
    hours = fields.Integer("Valid for Hours", readonly=True)
    content_hash = fields.Char("Fingerprint", readonly=True, copy=False)

    # Release
    role_id = fields.Many2one("quality.role", "Signed For", readonly=True, ondelete="restrict")
    released_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict", index="btree_not_null"
    )
    date_requested = fields.Datetime(readonly=True, copy=False)
    date_released = fields.Datetime(readonly=True, copy=False)
    date_expires = fields.Datetime("Valid Until", readonly=True, copy=False)
    is_valid = fields.Boolean("In Force", compute="_compute_is_valid", search="_search_is_valid")

    # What was done with it
    change_ids = fields.One2many("quality.order.override.change", "override_id", readonly=True)
    change_count = fields.Integer("Changes", compute="_compute_change_count", store=True)

    _released_idx = models.Index("(date_expires) WHERE state = 'released'")

    @api.depends("state", "date_expires")
    def _compute_is_valid(self):
        now = fields.Datetime.now()
        for override in self:
            override.is_valid = override.state == "released" and override.date_expires > now

    @api.model
    def _search_is_valid(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return [("state", "=", "released"), ("date_expires", ">", fields.Datetime.now())]

    @api.depends("change_ids")
    def _compute_change_count(self):
        for override in self:
            override.change_count = len(override.change_ids)

    # CRUD

    def write(self, vals):
        """Keep what was submitted: what was asked for is what is signed.

        :raise UserError: naming the override that is no draft any more
        """
        late = self.filtered(lambda override: override.state != "draft")
        if late and not self.env.su and not vals.keys().isdisjoint(DRAFT_FIELDS):
            raise UserError(
                self.env._(
                    "%(number)s was submitted already. Withdraw it and request another one.",
                    number=late[0].name,
                )
            )
        return super().write(vals)

    # Actions

    def action_request(self):
        """Ask whom the authority table names to sign (C5).

        :raise UserError: when something is missing, or nobody can sign
        """
        for override in self:
            override.order_id._ensure_may_override()
            override._ensure_can_request()
        # nobody writes an override directly; the right to change the order was checked above
        self.sudo()._request()
        return True

    def action_open_order(self):
        """Open the sales order that may be changed."""
        return self.order_id._get_records_action(name=self.env._("Sales Order"))

    def action_withdraw(self):
        """Take back an override that nobody has signed yet.

        :raise UserError: once it is signed or over
        """
        for override in self:
            override._ensure_own()
            if override.state not in ("draft", "requested"):
                raise UserError(
                    self.env._(
                        "%(number)s is signed or over; it can only be closed.", number=override.name
                    )
                )
        self._retire("void")
        return True

    def action_close(self):
        """End the override: nothing passes by it any more.

        :raise UserError: when it is not released
        """
        for override in self:
            override._ensure_own()
            if override.state != "released":
                raise UserError(
                    self.env._(
                        "%(number)s is not released, so it can't be closed.", number=override.name
                    )
                )
        self._retire("closed")
        return True

    # Business

    @api.model
    def _open_for(self, order):
        """Return the override of ``order`` that is under way, else a new draft.

        :raise UserError: for an order that may be changed without
        """
        if not order._filter_quality_guarded():
            raise UserError(
                self.env._(
                    "%(order)s is not guarded: it can be changed without an override.",
                    order=order.name,
                )
            )
        overrides_sudo = self.sudo()  # requested by whoever may change the order
        running = overrides_sudo.search(
            [
                ("order_id", "=", order.id),
                "|",
                ("state", "in", ("draft", "requested")),
                "&",
                ("is_valid", "=", True),
                ("requested_by_id", "=", self.env.uid),
            ],
            limit=1,
        )
        created = running or overrides_sudo.create(self._prepare_override_vals(order))
        return created.sudo(self.env.su)

    @api.model
    def _prepare_override_vals(self, order):
        return {
            "order_id": order.id,
            "company_id": order.company_id.id,
            "user_id": order.user_id.id or self.env.uid,
            "partner_id": order.partner_id.id,
            "requested_by_id": self.env.uid,
        }

    def _ensure_own(self):
        """Check that the user asked for it, may change the order, or manages quality."""
        self.ensure_one()
        if self.env.su or self.env.user.has_group("customer_quality.group_manager"):
            return
        if self.env.user in (self.requested_by_id, self.released_by_id):
            return
        raise AccessError(
            self.env._(
                "%(number)s was requested by %(person)s. Ask them, or a quality manager.",
                number=self.name,
                person=self.sudo().requested_by_id.name,
            )
        )

    def _ensure_can_request(self):
        self.ensure_one()
        if self.state != "draft":
            raise UserError(self.env._("%(number)s was submitted already.", number=self.name))
        if not (self.reason or "").strip():
            raise UserError(
                self.env._("Write the reason: it is what is signed, and what an auditor reads.")
            )
        if not any(self[name] for name in ALLOWANCES.values()):
            raise UserError(self.env._("Tick what may be changed by this override."))
        role = self._get_role()
        users, employees = role._get_people(self.company_id)[role]
        able = users.filtered(lambda user: self.with_user(user).sudo(False).has_access("read"))
        if not (able or employees - users.employee_ids):
            raise UserError(
                self.env._(
                    "Nobody can sign for %(role)s in %(company)s. Ask a quality manager to map "
                    "the role to people who have the right to sign.",
                    role=role.name,
                    company=self.company_id.name,
                )
            )

    def _get_role(self):
        """Return the role that signs: by the authority table, else management."""
        self.ensure_one()
        order_sudo = self.sudo().order_id  # who asks need not see what the order amounts to
        amount = order_sudo.amount_untaxed / (order_sudo.currency_rate or 1.0)
        Authority = self.env["quality.authority"].sudo()
        lowest = Authority.search(
            [("company_id", "=", self.company_id.id), ("criterion", "=", "amount")],
            order="amount_from",
            limit=1,
        )
        named = Authority._get_approver(max(amount, lowest.amount_from), self.company_id)
        return named.sudo(False) or self.env["quality.role"].search(
            [("code", "=", "management")], limit=1
        )

    def _request(self):
        item = self.env.ref("customer_quality.template_override_item")
        for override in self:
            override.write(
                {
                    "state": "requested",
                    "date_requested": fields.Datetime.now(),
                    "requested_by_id": self.env.uid,
                    "role_id": override._get_role().id,
                    "hours": override.company_id.quality_override_hours,
                }
            )
            override.content_hash = digest(override._get_content())
        self.opinion_ids._request(
            [
                {
                    "record_id": override.record_id.id,
                    "role_id": override.role_id.id,
                    "meaning": "override",
                    "item_id": item.id,
                    "sequence": item.sequence,
                }
                for override in self
            ]
        )

    def _get_content(self):
        """Return what is signed, as a JSON-able dict without any price."""
        self.ensure_one()
        return {
            "number": self.name,
            "order": self.order_id.id,
            "requested_by": self.requested_by_id.id,
            "reason": self.reason,
            "description": self.description or None,
            "allows": sorted(name for name in ALLOWANCES.values() if self[name]),
            "hours": self.hours,
        }

    def _get_allowed_labels(self):
        """Return in words what may be changed: list of str."""
        return [
            self._fields[name]._description_string(self.env)
            for name in ALLOWANCES.values()
            if self[name]
        ]

    def _get_basis(self, role):
        """Return the fingerprint of what may be changed and why."""
        return self.content_hash

    @api.model
    def _find_altered_documents(self, company):
        """Return the quality records of overrides that no longer say what was signed (M1)."""
        signed = self.search([("company_id", "=", company.id), ("content_hash", "!=", False)])
        altered = signed.filtered(
            lambda override: digest(override._get_content()) != override.content_hash
        )
        return super()._find_altered_documents(company) + altered.record_id.ids

    def _on_duties_signed(self, duties):
        """Release or refuse: one signature decides (C5)."""
        for override_sudo in self.sudo():  # the answer decides, not the rights of who gave it
            opinion = override_sudo.opinion_ids.filtered(lambda o: o.meaning == "override")[-1:]
            if override_sudo.state != "requested" or opinion.state != "done":
                continue
            if opinion.answer != "agree":  # a condition would hold back nothing any more
                override_sudo._retire("refused")
            else:
                override_sudo._release(opinion)
        return super()._on_duties_signed(duties)

    def _release(self, opinion):
        now = fields.Datetime.now()
        self.write(
            {
                "state": "released",
                "date_released": now,
                "date_expires": now + timedelta(hours=self.hours),
                "released_by_id": opinion.signature_id.signer_uid or False,
            }
        )
        if self.requested_by_id != self.released_by_id:
            self._tell(self, self.requested_by_id, self._get_release_summary)

    def _retire(self, state):
        """Close, refuse or void: nothing is owed on these overrides any more."""
        if not self:
            return
        self.opinion_ids._void()
        self.sudo().state = state  # by the procedure, whoever triggered it
        self._set_phase("void" if state == "void" else "closed")
        self.sudo().activity_unlink([CHANGED_TYPE])

    @api.model
    def _void_for(self, orders):
        """Void the overrides of orders that were cancelled or set back to draft."""
        running_sudo = self.sudo().search(
            [
                ("order_id", "in", orders.ids),
                ("state", "in", ("draft", "requested", "released")),
            ]
        )
        running_sudo._retire("void")
