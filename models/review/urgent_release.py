from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...lib.canonical import digest
from .contract_review import RUNNING

#: By when the order has to be reviewed after its release.
REVIEW_WITHIN = timedelta(hours=24)

RELEASE_ITEM = "customer_quality.template_release_item"
POLICY = "customer_quality.deadline_policy_urgent_release"


class QualityUrgentRelease(models.Model):
    """Urgent release (先行生产): begin before the review is done, by an authorised signature (B10).

    Somebody whom the authority table names, else management, signs what is ticked: buy, prepare,
    make so many pieces. A provisional notice goes out, the review is due within 24 hours, and
    nothing is shipped before it is approved. Towards the customer it accepts nothing.
    """

    _name = "quality.urgent.release"
    _description = "Urgent Release"
    _inherit = ["quality.record.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _record_prefix = "UR"
    _work_template = "customer_quality.work_facts_urgent_release"
    _content_fields = ("reason", "line_ids", "content_hash")
    _user_fields = ("reason", "line_ids")

    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("requested", "To Sign"),
            ("released", "Released"),
            ("reviewed", "Reviewed"),
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
    requested_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    reason = fields.Text(help="Why it can't wait for the review.")
    line_ids = fields.One2many("quality.urgent.release.line", "release_id")
    content_hash = fields.Char("Fingerprint", readonly=True, copy=False)
    notice_id = fields.Many2one(
        "quality.production.notice",
        "Provisional Notice",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    date_requested = fields.Datetime(readonly=True, copy=False)
    date_released = fields.Datetime("Released On", readonly=True, copy=False)
    date_review_due = fields.Datetime("Review Due", readonly=True, copy=False)
    date_reviewed = fields.Datetime("Reviewed On", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        "Review Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    _notice_uniq = models.UniqueIndex(
        "(notice_id) WHERE notice_id IS NOT NULL", "A provisional notice has one release."
    )

    @api.depends("state", "date_review_due")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for release in self:
            due = release.date_review_due
            release.is_overdue = release.state == "released" and due < now

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return [("state", "=", "released"), ("date_review_due", "<", fields.Datetime.now())]

    def write(self, vals):
        """Keep what was submitted: what was asked for is what is signed.

        :raise UserError: naming the release that is no draft any more
        """
        if not self.env.su and not vals.keys().isdisjoint(self._user_fields):
            self._ensure_draft()
        return super().write(vals)

    def _ensure_draft(self):
        late = self.filtered(lambda release: release.state != "draft")
        if late:
            raise UserError(
                self.env._(
                    "%(number)s was submitted already. Withdraw it and ask for another one.",
                    number=late[0].name,
                )
            )

    # Actions

    def action_request(self):
        """Ask whom the authority table names to sign, and the departments to review (B10).

        :raise UserError: when something is missing, or there is nothing left to release
        """
        self.check_access("write")
        for release in self:
            release._ensure_draft()
            release._ensure_can_request()
            release._ensure_review_runs()
        self.sudo()._request()  # nobody writes it directly; the right was checked above
        return True

    def action_withdraw(self):
        """Take back releases; a provisional notice that went out is void.

        :raise AccessError: for whoever is not in sales
        :raise UserError: once the order is reviewed
        """
        self.check_access("write")
        over = self.filtered(lambda r: r.state not in ("draft", "requested", "released"))
        if over:
            raise UserError(
                self.env._(
                    "%(number)s is over already. Ask for another release if something still has to "
                    "begin early.",
                    number=over[0].name,
                )
            )
        self._void(self.env._("The urgent release was withdrawn."))
        return True

    def action_open_order(self):
        """Open the quotation that is begun early."""
        return self.order_id._get_records_action(name=self.env._("Sales Order"))

    def action_open_notice(self):
        """Open the provisional notice."""
        return self.notice_id._get_records_action(name=self.env._("Production Notices"))

    # Request

    @api.model
    def _open_for(self, order):
        """Return the release of ``order`` that is not signed yet, else a new draft.

        :raise UserError: for an order for which none is needed or possible
        """
        order._ensure_can_release()
        releases_sudo = self.sudo()  # asked for by whoever may change the order
        pending = releases_sudo.search(
            [("order_id", "=", order.id), ("state", "in", ("draft", "requested"))], limit=1
        )
        release = pending or releases_sudo.create(self._prepare_release_vals(order))
        return release.sudo(self.env.su)

    @api.model
    def _prepare_release_vals(self, order):
        goods = order._get_quality_lines().filtered(lambda line: line.product_id.type == "consu")
        return {
            "order_id": order.id,
            "company_id": order.company_id.id,
            "user_id": order.user_id.id or self.env.uid,
            "partner_id": order.partner_id.id,
            "requested_by_id": self.env.uid,
            "line_ids": [fields.Command.create({"order_line_id": line.id}) for line in goods],
        }

    def _ensure_can_request(self):
        self.order_id._ensure_can_release()
        if not (self.reason or "").strip():
            raise UserError(
                self.env._("Write why it can't wait: it is what is signed, and what is counted.")
            )
        if not any(line._is_ticked() for line in self.line_ids):
            raise UserError(
                self.env._("Tick what may begin: buy, prepare, or make so many pieces.")
            )
        for line in self.line_ids:
            line._check_quantity()
        role = self._get_role()
        if not any(role._get_people(self.company_id)[role]):
            raise UserError(
                self.env._(
                    "Nobody can sign for %(role)s. Ask a quality manager to map the role.",
                    role=role.name,
                )
            )

    def _ensure_review_runs(self):
        """Have the departments asked now: the review is due within a day of the release."""
        order = self.order_id
        if order.quality_review_id.state not in RUNNING:
            order.action_request_quality_review()
        order._ensure_can_release()  # stock or a waiver may have approved it at once

    def _get_role(self):
        """Return the role that signs: by the authority table, else management."""
        order_sudo = self.sudo().order_id  # who asks need not see what the order amounts to
        amount = order_sudo.amount_untaxed / (order_sudo.currency_rate or 1.0)
        named = self.env["quality.authority"]._get_approver(amount, self.company_id)
        return named[-1:] or self.env["quality.role"].search([("code", "=", "management")])

    def _request(self):
        item_id = self.env["ir.model.data"]._xmlid_to_res_id(RELEASE_ITEM)
        for release in self:
            release.write({"state": "requested", "date_requested": fields.Datetime.now()})
            release.content_hash = digest(release._get_content())
        self.opinion_ids._request(
            [
                {
                    "record_id": release.record_id.id,
                    "role_id": release._get_role().id,
                    "meaning": "release",
                    "item_id": item_id,
                }
                for release in self
            ]
        )

    def _get_content(self):
        """Return what is signed, as a JSON-able dict without any price."""
        self.ensure_one()
        return {
            "number": self.name,
            "order": self.order_id.name,
            "reason": self.reason,
            "lines": [line._get_content() for line in self.line_ids.sorted("id")],
        }

    def _get_basis(self, role):
        """Return the fingerprint of what is released and why."""
        return self.content_hash

    # Release and what follows

    def _on_duties_signed(self, duties):
        """Issue the provisional notice where it was agreed to; anything else refuses it."""
        for release_sudo in self.sudo().filtered(lambda r: r.state == "requested"):
            answer = release_sudo.opinion_ids.filtered(lambda o: o.state == "done")[-1:].answer
            if answer == "agree":
                release_sudo._release()
            elif answer:
                release_sudo.state = "refused"
                release_sudo._set_phase("closed")
        return super()._on_duties_signed(duties)

    def _release(self):
        self.order_id._ensure_can_release()
        now = fields.Datetime.now()
        needs = [need for line in self.line_ids for need in line._prepare_needs()]
        notice = self.env["quality.production.notice"]._issue_provisional(self.order_id, needs)
        self.write(
            {
                "state": "released",
                "date_released": now,
                "date_review_due": now + REVIEW_WITHIN,
                "notice_id": notice.id,
            }
        )
        self._start_deadline()

    def _start_deadline(self):
        """Follow up the review; there is no release without its deadline (B10)."""
        vals = {
            "record_id": self.record_id.id,
            "kind": "urgent_release",
            "user_id": self.user_id.id,
            "date_due": self.date_review_due,
        }
        deadlines = self.env["quality.deadline"]
        policy = self.env.ref(POLICY, raise_if_not_found=False)
        if not deadlines._start([vals]) and policy and not policy.active:
            policy.active = True
            deadlines._start([vals])

    @api.model
    def _on_reviewed(self, orders):
        """The review of ``orders`` is approved: nothing waits any more for these releases."""
        # by the procedure, whoever signed last
        pending = self.sudo().search(
            [("order_id", "in", orders.ids), ("state", "in", ("draft", "requested", "released"))]
        )
        if not pending:
            return
        released = pending.filtered(lambda release: release.state == "released")
        (pending - released)._void(self.env._("The order is reviewed."))
        released.write({"state": "reviewed", "date_reviewed": fields.Datetime.now()})
        released.record_id._meet_deadlines("urgent_release")
        released._set_phase("closed")

    @api.model
    def _on_refused(self, orders, reason):
        """The review of ``orders`` was negative: what was released is void."""
        self.sudo().search(  # see _on_reviewed
            [("order_id", "in", orders.ids), ("state", "in", ("draft", "requested", "released"))]
        )._void(reason)

    def _void(self, reason):
        releases_sudo = self.sudo()  # the caller checked the right, or it is the procedure
        if not releases_sudo:
            return
        releases_sudo.opinion_ids._void()
        releases_sudo.notice_id.filtered(lambda notice: notice.state == "issued")._void(reason)
        releases_sudo.record_id._cancel_deadlines()
        releases_sudo.state = "void"
        releases_sudo._set_phase("void")
        releases_sudo._message_log_batch(bodies=dict.fromkeys(releases_sudo.ids, reason))

    @api.model
    def _get_waiting(self, orders):
        """Return the releases whose review is not approved: dict of order → release."""
        # told to whoever ships
        released = self.sudo().search([("order_id", "in", orders.ids), ("state", "=", "released")])
        return {release.order_id.id: release for release in released}
