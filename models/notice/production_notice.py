from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...lib.canonical import digest
from ..blocks.state_order import in_order

#: Who prints numbered copies and says what became of them.
PRINT_GROUPS = "customer_quality.group_user,sales_team.group_sale_salesman,mrp.group_mrp_user"

#: Who declares a notice carried out.
DONE_GROUPS = "customer_quality.group_user,mrp.group_mrp_user"


class QualityProductionNotice(models.Model):
    """Production notice: tells the departments what an order needs that stock does not cover.

    Clauses B3, C2 and D1. Issued when an order is confirmed, distributed to departments that
    sign for receipt, void when the order is. It carries no price (M5).
    """

    _name = "quality.production.notice"
    _description = "Production Notice"
    _inherit = ["quality.record.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _record_prefix = "PN"
    _work_template = "customer_quality.work_facts_production_notice"
    _duty_fields = ("acknowledgement_ids",)
    _content_fields = ("line_ids", "content_hash", "is_replenishment", "date_promised")

    # Identity and revisions
    revision = fields.Integer(default=1, readonly=True, copy=False)
    supersedes_id = fields.Many2one(
        "quality.production.notice",
        "Replaces",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    superseded_by_ids = fields.One2many(
        "quality.production.notice", "supersedes_id", "Replaced By", readonly=True
    )
    state = fields.Selection(
        [("draft", "Draft"), ("issued", "Issued"), ("done", "Done"), ("void", "Void")],
        group_expand=in_order,
        default="draft",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    is_replenishment = fields.Boolean(
        "Return Replacement",
        readonly=True,
        copy=False,
        help="Made to replace returned goods; printed as a mark on the notice.",
    )

    # What for
    partner_id = fields.Many2one(
        "res.partner", "Customer", readonly=True, ondelete="restrict", index=True
    )
    date_promised = fields.Datetime("Promised Date", readonly=True, index=True)
    date_issued = fields.Datetime("Issued On", readonly=True, copy=False)
    date_void = fields.Datetime("Void Since", readonly=True, copy=False)
    line_ids = fields.One2many("quality.production.notice.line", "notice_id", readonly=True)
    content_hash = fields.Char("Fingerprint", readonly=True, copy=False)

    has_sample = fields.Boolean(compute="_compute_has_sample")
    picking_count = fields.Integer(compute="_compute_picking_count", compute_sudo=True)

    # Manufacturing
    is_supply_missing = fields.Boolean(
        "Something Missing",
        compute="_compute_is_supply_missing",
        compute_sudo=True,
        search="_search_is_supply_missing",
        help="A manufacturing order was cancelled or made smaller, and nothing else supplies "
        "the goods.",
    )
    production_ids = fields.Many2many(
        "mrp.production", string="Manufacturing Orders", compute="_compute_production_ids"
    )
    production_count = fields.Integer(compute="_compute_production_ids")

    # Receipts and copies
    receipt_progress = fields.Char("Received", compute="_compute_receipts")
    receipt_summary = fields.Json(compute="_compute_receipts")
    is_receipt_missing = fields.Boolean(compute="_compute_receipts")
    copy_ids = fields.One2many("quality.production.notice.copy", "notice_id", readonly=True)
    last_copy = fields.Integer("Copies Printed", readonly=True, copy=False)
    outstanding_count = fields.Integer("Copies Out", compute="_compute_outstanding_count")
    message_text = fields.Char("Copy as Message", compute="_compute_message_text")

    @api.depends("line_ids.is_sample")
    def _compute_has_sample(self):
        for notice in self:
            notice.has_sample = any(notice.line_ids.mapped("is_sample"))

    def _compute_picking_count(self):
        for notice in self:
            notice.picking_count = len(notice.order_id.picking_ids)

    @api.depends("line_ids.allocation_ids.production_id")
    def _compute_production_ids(self):
        for notice in self:
            notice.production_ids = notice.line_ids.allocation_ids.production_id
            notice.production_count = len(notice.production_ids)

    @api.depends("line_ids.missing")
    def _compute_is_supply_missing(self):
        for notice in self:
            notice.is_supply_missing = any(notice.line_ids.mapped("missing"))

    @api.model
    def _search_is_supply_missing(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        # whoever searches need not read manufacturing orders; the result is filtered as usual
        issued_sudo = self.sudo().search([("state", "=", "issued")])
        return fields.Domain("id", "in", issued_sudo.filtered("is_supply_missing").ids)

    @api.depends("acknowledgement_ids.state", "state")
    def _compute_receipts(self):
        for notice in self:
            receipts = notice.acknowledgement_ids.filtered(lambda r: r.state != "void")
            received = receipts.filtered(lambda r: r.state == "done")
            notice.receipt_progress = f"{len(received)}/{len(receipts)}" if receipts else False
            notice.is_receipt_missing = receipts != received
            notice.receipt_summary = [
                {
                    "role": receipt.role_id.name,
                    "state": receipt.state,
                    "who": receipt.signed_by or receipt.user_id.name,
                    "when": receipt.signed_on and fields.Datetime.to_string(receipt.signed_on),
                }
                for receipt in receipts
            ]

    @api.depends("copy_ids.state")
    def _compute_outstanding_count(self):
        counts = dict(
            self.env["quality.production.notice.copy"]._read_group(
                [("notice_id", "in", self.ids), ("state", "=", "out")], ["notice_id"], ["__count"]
            )
        )
        for notice in self:
            notice.outstanding_count = counts.get(notice._origin, 0)

    @api.depends("name", "state", "line_ids.to_supply")
    @api.depends_context("lang")
    def _compute_message_text(self):
        for notice in self:
            notice.message_text = notice._get_message_text()

    @api.depends("name", "state")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for notice in self:
            notice.display_name = (
                self.env._("%(number)s (void)", number=notice.name)
                if notice.state == "void"
                else notice.name
            )

    # Actions

    def action_receive(self):
        """Sign for receipt of these notices for every role that I act for (D1, M2).

        :raise UserError: when I owe no receipt
        """
        return self.acknowledgement_ids.filtered("is_mine").action_receive()

    def action_open_order(self):
        """Open the sales order that the notice was issued for."""
        return self.order_id._get_records_action(name=self.env._("Sales Order"))

    def action_open_timeline(self):
        """Open the picture of the order over time."""
        return self.order_id.action_open_quality_timeline()

    def action_view_reviews(self):
        """Open the contract reviews that the order went through before."""
        return self.order_id.action_view_quality_reviews()

    def action_view_productions(self):
        """Open the manufacturing orders that carry out these notices."""
        return self.production_ids._get_records_action(name=self.env._("Manufacturing Orders"))

    def action_view_pickings(self):
        """Open the deliveries of the orders that the notices were issued for."""
        pickings_sudo = self.sudo().order_id.picking_ids  # the warehouse need not read orders
        return pickings_sudo.sudo(self.env.su)._get_records_action(name=self.env._("Deliveries"))

    def action_view_revisions(self):
        """Open the earlier and later notices of the same orders, void ones included."""
        notices = self.search([("order_id", "in", self.order_id.ids)])
        return notices._get_records_action(name=self.env._("Production Notices"))

    def action_print(self):
        """Choose the departments for which numbered copies are printed (C2).

        :return: action that opens the dialog
        :raise AccessError: for whoever may not print
        :raise UserError: for a draft
        """
        self._ensure_can_print()
        return self.env["quality.production.notice.print"]._open(self)

    def action_done(self):
        """Declare the notices carried out.

        :raise AccessError: for whoever is neither in production nor in quality
        :raise UserError: while manufacturing orders are open or goods are missing, naming them
        """
        self._ensure_group(DONE_GROUPS)
        for notice in self:
            notice._ensure_can_finish()
        # nobody writes a notice directly; the right was checked above
        self.sudo().state = "done"
        self._set_phase("closed")
        return True

    # Issue

    @api.model
    def _snapshot_coverage(self, orders):
        """Return what stock does not cover of ``orders``, looked at before they are confirmed.

        To be taken before Odoo's own procurement reserves and orders anything.

        :param orders: sale.order records
        :return: dict of order id → list of values of quality.production.notice.line
        """
        # whoever confirms needs no right to stock or bills of materials
        noticed = orders.sudo().filtered("company_id.quality_notice_on_confirm")
        Line = self.env["quality.production.notice.line"].sudo()
        snapshot = {}
        for company, company_orders in noticed.grouped("company_id").items():
            snapshot |= Line.with_company(company)._prepare_needs(
                company_orders.with_company(company)
            )
        return snapshot

    @api.model
    def _issue_for(self, orders, snapshot):
        """Issue the notices of orders that were just confirmed (B3, D1).

        Orders that stock covers completely get none.

        :param orders: sale.order records, confirmed
        :param snapshot: what :meth:`_snapshot_coverage` returned before
        :return: the issued notices
        """
        short = orders.filtered(
            lambda order: any(need["to_supply"] for need in snapshot.get(order.id, ()))
        )
        if not short:
            return self.browse()
        # the one who confirms issues the notice, without any right to write it
        notices_sudo = (
            self.sudo()
            .with_context(mail_create_nosubscribe=True)
            ._create_for(short.sudo(), snapshot)
        )
        notices_sudo.line_ids._supply()
        notices_sudo._issue()
        return notices_sudo.with_env(self.env)

    def _create_for(self, orders, snapshot):
        previous = self._get_previous(orders)
        return self.create(
            [
                {
                    **self._prepare_notice_vals(order, previous.get(order)),
                    "line_ids": [fields.Command.create(need) for need in snapshot[order.id]],
                }
                for order in orders
            ]
        )

    def _prepare_notice_vals(self, order, previous):
        vals = {
            "order_id": order.id,
            "company_id": order.company_id.id,
            "user_id": order.user_id.id,
            "partner_id": order.partner_id.id,
            "date_promised": order.commitment_date or order.expected_date,
            "is_replenishment": any(
                line._is_quality_replacement() for line in order._get_quality_lines()
            ),
        }
        if previous:
            vals |= {
                "name": f"{previous._get_base_number()}-{previous.revision + 1}",
                "revision": previous.revision + 1,
                "supersedes_id": previous.id,
            }
        return vals

    def _get_previous(self, orders):
        """Return the void notice that a new one of each order replaces: dict of order → notice."""
        notices = self.search(
            [
                ("order_id", "in", orders.ids),
                ("state", "=", "void"),
                ("superseded_by_ids", "=", False),
            ],
            order="id",
        )
        return {notice.order_id: notice for notice in notices}

    def _get_base_number(self):
        return self.name.rsplit("-", 1)[0] if self.revision > 1 else self.name

    @api.model
    def _get_in_force(self, orders):
        """Return the issued notices of ``orders``, in sudo: whoever asks need not read them."""
        return self.sudo().search([("order_id", "in", orders.ids), ("state", "=", "issued")])

    @api.model
    def _get_standing(self, orders):
        """Return the notices of ``orders`` that are issued or carried out, in sudo."""
        if not orders:
            return self.sudo().browse()
        return self.sudo().search(
            [("order_id", "in", orders.ids), ("state", "in", ("issued", "done"))]
        )

    def _issue(self):
        self.line_ids._note_incoming()
        for notice in self:
            notice.content_hash = digest(notice._get_content())
        self.with_context(mail_notrack=True).write(
            {"state": "issued", "date_issued": fields.Datetime.now()}
        )
        self.record_id._distribute()
        self._post_to_chat()
        self._message_log_batch(
            bodies={
                notice.id: self.env._("Issued for %(order)s.", order=notice.order_id.name)
                for notice in self
            }
        )

    def _get_content(self):
        """Return what is announced and signed for, as a JSON-able dict without any price."""
        self.ensure_one()
        return {
            "number": self.name,
            "revision": self.revision,
            "order": self.order_id.name,
            "replenishment": self.is_replenishment,
            "promised": self.date_promised or None,
            "lines": [line._get_content() for line in self.line_ids.sorted("id")],
        }

    def _get_basis(self, role):
        """Return the fingerprint of the notice; every department is shown the same."""
        return self.content_hash

    # Void

    @api.model
    def _void_for(self, orders):
        """Void the notices of orders that were cancelled or set back to draft.

        :param orders: sale.order records
        :return: the notices that are void now
        """
        # whoever may cancel the order voids its notice, without any right to write it
        notices_sudo = self.sudo().search([("order_id", "in", orders.ids), ("state", "!=", "void")])
        notices_sudo._void(self.env._("The sales order was cancelled or set back to draft."))
        return notices_sudo.with_env(self.env)

    def _void(self, reason):
        """Void the notices: nothing is owed on them any more, on screen and on paper.

        Manufacturing orders that were created for them alone and have not been started are
        cancelled; the others stay, with a warning to whoever is responsible.

        :param reason: sentence that is kept on the notice
        """
        self._retire(reason, release=True)

    def _retire(self, reason, release):
        """Void the notices; with ``release`` let go of their manufacturing orders, see _void."""
        pending_sudo = self.sudo().filtered(lambda notice: notice.state != "void")
        if not pending_sudo:
            return
        pending_sudo.acknowledgement_ids._void()
        pending_sudo.with_context(mail_notrack=True).write(
            {"state": "void", "date_void": fields.Datetime.now()}
        )
        pending_sudo._set_phase("void")
        if release:
            pending_sudo.line_ids.allocation_ids._release()
        pending_sudo._post_to_chat()
        pending_sudo._message_log_batch(
            bodies={notice.id: notice._get_void_message(reason) for notice in pending_sudo}
        )

    def _get_void_message(self, reason):
        self.ensure_one()
        out = self.copy_ids.filtered(lambda copy: copy.state == "out")
        if not out:
            return self.env._("Void: %(reason)s", reason=reason)
        return self.env._(
            "Void: %(reason)s Copies to collect or destroy: %(copies)s.",
            reason=reason,
            copies=", ".join(out.mapped("display_name")),
        )

    # Checks

    def _ensure_group(self, groups):
        if not (self.env.su or self.env.user.has_groups(groups)):
            raise AccessError(
                self.env._(
                    "This is done by sales, production or quality. Ask one of them, or ask an "
                    "administrator for the right."
                )
            )
        self.check_access("read")

    def _ensure_can_print(self):
        self._ensure_group(PRINT_GROUPS)
        if any(notice.state == "draft" for notice in self):
            raise UserError(
                self.env._("A draft is no notice yet. Copies are printed once it is issued.")
            )

    def _ensure_can_finish(self):
        if self.state != "issued":
            raise UserError(
                self.env._(
                    "%(number)s is not in force, so it can't be done. Open the notice that "
                    "replaced it.",
                    number=self.name,
                )
            )
        pending = self.sudo().production_ids.filtered(lambda mo: mo.state not in ("done", "cancel"))
        if pending:
            raise UserError(
                self.env._(
                    "%(number)s is not done yet: finish %(orders)s first.",
                    number=self.name,
                    orders=", ".join(pending.mapped("name")),
                )
            )
        self._ensure_nothing_missing()

    def _ensure_nothing_missing(self):
        missing = self.sudo().line_ids.filtered("missing")
        if missing:
            raise UserError(
                self.env._(
                    "%(number)s is not done yet, for nothing supplies %(goods)s any more. Deliver "
                    "the goods, or cancel the order and confirm it again: a new notice plans them.",
                    number=self.name,
                    goods=", ".join(line._get_message_text(line.missing) for line in missing),
                )
            )

    def _get_message_text(self):
        """Return number, goods and link as text for a chat message (M4)."""
        self.ensure_one()
        lines = [
            self.env._("Production notice %(number)s", number=self.display_name or ""),
            *(
                line._get_message_text(line.to_supply)
                for line in self.line_ids.filtered("to_supply")
            ),
            f"{self.get_base_url()}/quality/work/{self.record_id.id}",
        ]
        return "\n".join(lines)
