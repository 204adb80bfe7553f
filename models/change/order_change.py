from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_list

from ..blocks.price import PRICE_GROUPS
from .order_change_line import CHANGEABLE_KINDS

#: What its users write while it is a draft.
DRAFT_FIELDS = (
    "origin",
    "cause_id",
    "is_avoidable",
    "reason",
    "remedy",
    "requested_by",
    "customer_text",
    "line_ids",
    "delivery_ids",
    "requirement_ids",
    "production_ids",
    "member_ids",
    "cancels_order",
    "new_commitment_date",
    "new_client_order_ref",
    "new_shipping_partner_id",
    "new_invoice_partner_id",
    "new_payment_term_id",
    "new_incoterm_id",
    "new_incoterm_location",
    "new_note",
)

#: What whoever reported a delay may still write, though they don't sell.
REPORT_FIELDS = frozenset({"cause_id", "is_avoidable", "reason", "remedy", "new_commitment_date"})

#: Where nothing more becomes of a change.
OVER = ("applied", "rejected", "void")

STATES = [
    ("draft", "Draft"),
    ("review", "In Review"),
    ("approved", "Approved"),
    ("applied", "Applied"),
    ("rejected", "Rejected"),
    ("void", "Void"),
]

#: Who changes what was agreed: sales, for their orders.
SALES_GROUP = "sales_team.group_sale_salesman"


class QualityOrderChange(models.Model):
    """Order change: one entry of the register through which agreed orders change (C1 to C4).

    Says what it was, what it becomes, who asked and why. Which departments review it, whether the
    customer has to consent and whether a new production notice goes out follows from the kinds of
    its differences (quality.change.kind). Nothing on the order changes before it is applied; then
    everything does, in one transaction.

    One cause that hits many orders is one entry: it has a member for each order, with a consent of
    its own; the departments review the entry (C2).
    """

    _name = "quality.order.change"
    _description = "Order Change"
    _inherit = ["quality.record.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _record_prefix = "OC"
    _work_template = "customer_quality.work_facts_order_change"
    _content_fields = (*DRAFT_FIELDS, "content", "content_hash", "public_hash", "item_ids")
    _user_fields = DRAFT_FIELDS

    state = fields.Selection(
        STATES, default="draft", required=True, readonly=True, tracking=True, index=True
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", readonly=True, ondelete="restrict", index=True
    )
    currency_id = fields.Many2one(related="order_id.currency_id")

    # One entry for many orders
    is_collective = fields.Boolean("For Several Orders", readonly=True)
    collective_id = fields.Many2one(
        "quality.order.change",
        "Part of",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    member_ids = fields.One2many("quality.order.change", "collective_id", "Orders")
    supersedes_id = fields.Many2one(
        "quality.order.change",
        "Revises",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )

    # Why
    origin = fields.Selection(
        [
            ("customer", "The customer"),
            ("company", "Us"),
            ("improvement", "An improvement of ours"),
        ],
        "Comes From",
        default="customer",
        required=True,
        tracking=True,
        help="A change of ours needs the customer's consent before it is applied; so does an "
        "improvement of product or process.",
    )
    cause_id = fields.Many2one(
        "quality.change.cause", ondelete="restrict", check_company=True, tracking=True
    )
    is_avoidable = fields.Boolean(
        "Avoidable", compute="_compute_is_avoidable", store=True, readonly=False
    )
    reason = fields.Text(help="Why the order has to change.")
    remedy = fields.Text(help="What is done so that it does not happen again.")
    requested_by = fields.Char(
        "Asked By", help="Who wants the change: a name at the customer's, or of ours."
    )
    customer_text = fields.Text(
        "To the Customer", help="What the customer reads when asked for consent, in their words."
    )
    production_id = fields.Many2one(
        "mrp.production",
        "Reported From",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )

    # What becomes different
    line_ids = fields.One2many("quality.order.change.line", "change_id", "Lines")
    delivery_ids = fields.One2many(
        "quality.order.change.delivery", "change_id", "New Delivery Schedule"
    )
    requirement_ids = fields.One2many("quality.order.change.requirement", "change_id")
    production_ids = fields.One2many(
        "quality.order.change.production", "change_id", "Manufacturing Orders in Work"
    )
    cancels_order = fields.Boolean("Cancel the Order")
    new_commitment_date = fields.Datetime("Promised Date")
    new_client_order_ref = fields.Char("Customer Reference")
    new_shipping_partner_id = fields.Many2one("res.partner", "Delivery Address")
    new_invoice_partner_id = fields.Many2one("res.partner", "Invoice Address")
    new_payment_term_id = fields.Many2one(
        "account.payment.term", "Payment Terms", groups=PRICE_GROUPS
    )
    new_incoterm_id = fields.Many2one("account.incoterms", "Incoterm")
    new_incoterm_location = fields.Char("Incoterm Location")
    new_note = fields.Html("Terms and Conditions")

    # What was asked for, as it is signed
    content = fields.Text(readonly=True, copy=False, groups=PRICE_GROUPS)
    content_hash = fields.Char("Fingerprint", readonly=True, copy=False, groups=PRICE_GROUPS)
    public_hash = fields.Char("Fingerprint without Prices", readonly=True, copy=False)
    item_ids = fields.One2many(
        "quality.order.change.item", "change_id", "Differences", readonly=True
    )
    kind_ids = fields.Many2many("quality.change.kind", string="Kinds", readonly=True, copy=False)
    needs_notice = fields.Boolean("New Notice", readonly=True, copy=False)
    misfit = fields.Text(
        "No Longer Fits",
        readonly=True,
        copy=False,
        help="What another change made different since: revise this one.",
    )
    date_requested = fields.Datetime("Requested On", readonly=True, copy=False)
    requested_by_id = fields.Many2one(
        "res.users", "Entered By", readonly=True, copy=False, ondelete="restrict", index=True
    )
    date_decided = fields.Datetime("Decided On", readonly=True, copy=False)
    date_applied = fields.Datetime("Applied On", readonly=True, copy=False)
    applied_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    days_later = fields.Integer(
        readonly=True,
        copy=False,
        aggregator="sum",
        help="By how many days the promised date moves; negative where it moves forward.",
    )
    notice_before_id = fields.Many2one(
        "quality.production.notice",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    notice_after_id = fields.Many2one(
        "quality.production.notice",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    review_id = fields.Many2one(
        "quality.contract.review",
        "Review After",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    member_count = fields.Integer(compute="_compute_member_count")
    signoff_summary = fields.Json(compute="_compute_signoff_summary")
    sees_prices = fields.Boolean(compute="_compute_sees_prices")
    missing = fields.Char("What Is Missing", compute="_compute_missing")

    _queue_idx = models.Index("(record_id) WHERE state IN ('draft', 'review', 'approved')")

    @api.depends("cause_id")
    def _compute_is_avoidable(self):
        for change in self:
            change.is_avoidable = change.cause_id.is_avoidable

    @api.depends("member_ids")
    def _compute_member_count(self):
        for change in self:
            change.member_count = len(change.member_ids)

    @api.depends_context("uid")
    def _compute_sees_prices(self):
        self.sees_prices = self.env.user.has_groups(PRICE_GROUPS)

    @api.depends("opinion_ids.state", "opinion_ids.answer", "opinion_ids.role_id")
    @api.depends_context("lang")
    def _compute_signoff_summary(self):
        for change in self:
            asked = change.opinion_ids.filtered(lambda opinion: opinion.state != "void")
            change.signoff_summary = [
                {
                    "role": opinion.role_id.name,
                    "state": opinion.answer if opinion.state == "done" else "open",
                    "who": opinion.signed_by or opinion.user_id.name,
                    "when": opinion.signed_on and fields.Datetime.to_string(opinion.signed_on),
                }
                for opinion in asked
            ]

    @api.depends("state", "misfit", "opinion_ids.state", "consent_state", "collective_id.state")
    @api.depends_context("lang")
    def _compute_missing(self):
        for change in self:
            change.missing = "\n".join(change._get_missing()) or False

    # CRUD

    def write(self, vals):
        """Keep what was submitted: what was asked for is what is signed.

        :raise AccessError: for whoever may not change the order
        :raise UserError: naming the change that is no draft any more
        """
        if not self.env.su and not vals.keys().isdisjoint(DRAFT_FIELDS):
            if not self._is_own_report(vals):
                self._ensure_may_change()
            self._ensure_draft()
        return super().write(vals)

    def _is_own_report(self, vals):
        """Tell whether somebody completes the delay that they reported themselves."""
        return vals.keys() <= REPORT_FIELDS and self.requested_by_id == self.env.user

    def _ensure_draft(self):
        late = self.filtered(lambda change: change.state != "draft")
        if late:
            raise UserError(
                self.env._(
                    "%(number)s was submitted already, so it stays as it was signed. Revise it to "
                    "change it.",
                    number=late[0].name,
                )
            )

    def _ensure_may_change(self):
        """Check that the user sells, and may write the orders that are to change.

        :raise AccessError: for anybody else
        """
        if self.env.su:
            return
        if not self.env.user.has_group(SALES_GROUP):
            raise AccessError(
                self.env._(
                    "Changes of an order are entered and applied by sales. Ask the salesperson "
                    "of the order."
                )
            )
        (self | self.member_ids).order_id.check_access("write")

    # Opening

    @api.model
    def _open_for(self, order, **vals):
        """Return a new draft that says what the order says now, to be changed.

        :param order: sale.order record, confirmed
        :param vals: what is known of the change already
        :raise UserError: for an order that is not confirmed
        """
        order._ensure_quality_changeable()
        # nobody creates an entry directly; the right to ask was checked by the caller
        change_sudo = self.sudo().create({**self._prepare_change_vals(order.sudo()), **vals})
        return change_sudo.with_env(self.env).sudo(self.env.su)

    @api.model
    def _prepare_change_vals(self, order):
        """Return the values of an entry for ``order``, with everything as it is now."""
        return {
            "order_id": order.id,
            "company_id": order.company_id.id,
            "user_id": order.user_id.id or self.env.uid,
            "partner_id": order.partner_id.id,
            "requested_by_id": self.env.uid,
            "new_commitment_date": order.commitment_date,
            "new_client_order_ref": order.client_order_ref,
            "new_shipping_partner_id": order.partner_shipping_id.id,
            "new_invoice_partner_id": order.partner_invoice_id.id,
            "new_payment_term_id": order.payment_term_id.id,
            "new_incoterm_id": order.incoterm.id,
            "new_incoterm_location": order.incoterm_location,
            "new_note": order.note,
            "line_ids": [
                fields.Command.create(self.line_ids._prepare_line_vals(line))
                for line in order._get_quality_lines()
                if line._is_quality_ordered()
            ],
            "delivery_ids": [
                fields.Command.create(self.delivery_ids._prepare_delivery_vals(delivery))
                for delivery in order.quality_schedule_ids
            ],
            "requirement_ids": [
                fields.Command.create(self.requirement_ids._prepare_requirement_vals(requirement))
                for requirement in order.quality_requirement_ids
                if requirement.kind in dict(CHANGEABLE_KINDS)
            ],
        }

    @api.model
    def _open_collective(self, orders, **vals):
        """Return a new entry for one cause that hits several orders, with a member for each (C2).

        :param orders: sale.order records of one company, confirmed
        :param vals: what is known of the cause already
        """
        for order in orders:
            order._ensure_quality_changeable()
        entry_sudo = self.sudo().create(  # see _open_for
            {
                "company_id": orders.company_id.id,
                "user_id": self.env.uid,
                "requested_by_id": self.env.uid,
                "origin": "company",
                "is_collective": True,
                **vals,
            }
        )
        revised = {member.order_id: member.id for member in entry_sudo.supersedes_id.member_ids}
        self.sudo().create(
            [
                {
                    **self._prepare_change_vals(order),
                    "name": f"{entry_sudo.name}/{number}",
                    "collective_id": entry_sudo.id,
                    "origin": entry_sudo.origin,
                    **vals,
                    "supersedes_id": revised.get(order),
                }
                for number, order in enumerate(orders.sudo(), start=1)
            ]
        )
        return entry_sudo.with_env(self.env).sudo(self.env.su)

    # Actions

    def action_open_order(self):
        """Open the sales orders that change."""
        orders = (self | self.member_ids).order_id
        return orders._get_records_action(name=self.env._("Sales Orders"))

    def action_open(self):
        """Open what changes on this one order."""
        return self._get_records_action(name=self.env._("Order Change"))

    def action_open_members(self):
        """Open what this entry changes, order by order."""
        return self.member_ids._get_records_action(name=self.env._("Orders Concerned"))

    def action_view_notices(self):
        """Open the notices that this change made void and issued."""
        notices = self.notice_before_id | self.notice_after_id
        return notices._get_records_action(name=self.env._("Production Notices"))

    def action_compare(self):
        """Open what was reviewed before and after this change, side by side."""
        self.ensure_one()
        return self.order_id.action_compare_quality_revisions()

    def action_withdraw(self):
        """Take back a change that has not been applied.

        :raise UserError: once it is applied or over
        """
        self._ensure_may_change()
        self._ensure_running()
        self._retire("void")
        return True

    def action_revise(self):
        """Start anew from a change that was objected to, refused, or no longer fits.

        :return: action that opens the new draft
        :raise UserError: where nothing stands in the way of this one
        """
        self.ensure_one()
        self._ensure_may_change()
        if not (self.state == "rejected" or self.misfit):
            raise UserError(
                self.env._(
                    "%(number)s does not need a revision. Withdraw it if it is not wanted any "
                    "more.",
                    number=self.name,
                )
            )
        kept = {
            name: self._fields[name].convert_to_write(self.sudo()[name], self.sudo())
            for name in ("origin", "cause_id", "is_avoidable", "reason", "remedy", "requested_by")
        }
        if self.state != "rejected":
            self._retire("void")
        open_anew = self._open_collective if self.is_collective else self._open_for
        orders = (self.order_id | self.member_ids.order_id).filtered(lambda o: o.state == "sale")
        revision = open_anew(orders, supersedes_id=self.id, **kept)
        return revision._get_records_action(name=self.env._("Order Change"))

    def _ensure_running(self):
        over = self.filtered(lambda change: change.state in OVER)
        if over:
            raise UserError(
                self.env._(
                    "%(number)s is %(state)s: nothing more becomes of it.",
                    number=over[0].name,
                    state=dict(over._fields["state"]._description_selection(self.env))[
                        over[0].state
                    ].lower(),
                )
            )

    def _get_running_members(self):
        """Return the members of these entries of which something may still become."""
        return self.member_ids.filtered(lambda member: member.state not in OVER)

    # Retire

    def _retire(self, state):
        """Reject or void: nothing is owed on these changes any more."""
        running = (self | self.member_ids).filtered(lambda change: change.state not in OVER)
        if not running:
            return
        running.opinion_ids._void()
        # by the procedure, whoever triggered it
        running.sudo().write({"state": state, "date_decided": fields.Datetime.now()})
        running._set_phase("void" if state == "void" else "closed")
        (running.sudo().collective_id - running.sudo())._settle_collective()

    @api.model
    def _void_for(self, orders, applied=None):
        """Void what runs for orders that were cancelled or set back to draft."""
        running_sudo = self.sudo().search(
            [("order_id", "in", orders.ids), ("state", "in", ("draft", "review", "approved"))]
        )
        (running_sudo - (applied or self))._retire("void")

    # What is missing

    def _get_missing(self):
        """Return what this change still waits for: list of sentences."""
        self.ensure_one()
        if self.state not in ("review", "approved"):
            return []
        sentences = [self.misfit] if self.misfit else []
        asked = self.opinion_ids | self.collective_id.opinion_ids
        waiting = asked.filtered(lambda opinion: opinion.state == "open").role_id
        if waiting:
            sentences.append(
                self.env._(
                    "%(number)s waits for %(roles)s.",
                    number=self.name,
                    roles=format_list(self.env, waiting.mapped("name")),
                )
            )
        return sentences + self._get_consent_missing()

    def _get_message_text(self):
        """Return number, what changes and link as text for a chat message (M4)."""
        self.ensure_one()
        lines = [
            f"{self.env._('Order change')} {self.name} · {self.order_id.name or ''}".rstrip(" ·"),
            *(item._get_text() for item in self.item_ids),
            f"{self.get_base_url()}/quality/work/{self.record_id.id}",
        ]
        return "\n".join(lines)
