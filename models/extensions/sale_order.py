from odoo import api, fields, models
from odoo.exceptions import AccessError, RedirectWarning, UserError

from ..blocks.price import PRICE_GROUPS
from ..review.contract_review import RUNNING

#: What only the procedure itself writes on an order.
PROCEDURE_FIELDS = frozenset({"quality_review_id", "quality_accepted_on", "quality_accepted_hash"})

#: What core writes when it confirms an order; anything else is looked at again.
CONFIRMATION_FIELDS = frozenset({"state", "date_order"})


#: Customers read their orders on the portal, but not what our departments say of them.
INTERNAL = "base.group_user"


class ContractReviewRequired(UserError):
    """The gate: an order can't be confirmed before its contract review is approved (B6)."""


class SaleOrder(models.Model):
    """The order screens that sales knows: request a review, see it, confirm what is approved.

    Nothing changes while the company's gate is set to *never*.
    """

    _inherit = "sale.order"

    quality_review_id = fields.Many2one(
        "quality.contract.review",
        "Contract Review",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    quality_review_status = fields.Selection(
        [
            ("none", "No review"),
            ("draft", "To request"),
            ("review", "In review"),
            ("decision", "To decide"),
            ("objected", "Objected"),
            ("approved", "Approved"),
            ("stale", "Stale approval"),
            ("void", "Void"),
        ],
        "Review Status",
        compute="_compute_quality_review_status",
        compute_sudo=True,
        groups=INTERNAL,
    )
    quality_gate_error = fields.Char(
        "Before Confirmation",
        compute="_compute_quality_gate_error",
        compute_sudo=True,
        groups=INTERNAL,
        help="What is still missing before the order may be confirmed.",
    )
    quality_can_request = fields.Boolean(
        compute="_compute_quality_gate_error", compute_sudo=True, groups=INTERNAL
    )
    quality_signoff_summary = fields.Json(
        related="quality_review_id.signoff_summary", groups=INTERNAL
    )
    quality_review_count = fields.Integer(
        compute="_compute_quality_record_counts", compute_sudo=True
    )
    quality_notice_count = fields.Integer(
        compute="_compute_quality_record_counts", compute_sudo=True
    )
    quality_accepted_on = fields.Datetime(
        "Accepted by Customer",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The customer signed or paid online while the order was under review. It is "
        "confirmed as soon as the review is approved.",
    )
    quality_accepted_hash = fields.Char(
        "What the Customer Accepted",
        readonly=True,
        copy=False,
        groups=PRICE_GROUPS,
        help="Fingerprint of the order as the customer signed or paid it.",
    )

    # Computed as superuser: warehouse and accounting read orders without any right to reviews

    @api.depends("quality_review_id.state", "quality_review_id.is_stale")
    def _compute_quality_review_status(self):
        for order in self:
            review = order.quality_review_id
            if review.state in ("superseded", "void"):
                order.quality_review_status = "void"
            elif review.is_stale:
                order.quality_review_status = "stale"
            else:
                order.quality_review_status = review.state or "none"

    @api.depends("state", "quality_review_id.state", "quality_review_id.is_stale")
    @api.depends_context("lang")
    def _compute_quality_gate_error(self):
        self.quality_gate_error = False
        self.quality_can_request = False
        for order in self.filtered(lambda o: o.state in ("draft", "sent") and o.id):
            order.quality_gate_error = order._get_quality_gate_error()
            review = order.quality_review_id
            order.quality_can_request = (
                review.state in (False, "draft", "objected", "void", "superseded")
                or review.is_stale
            )

    def _compute_quality_record_counts(self):
        groups = self.env["quality.record"]._read_group(
            [("order_id", "in", self.ids)], ["order_id", "res_model"], ["__count"]
        )
        counts = {(order, model): count for order, model, count in groups}
        for order in self:
            order.quality_review_count = counts.get((order, "quality.contract.review"), 0)
            order.quality_notice_count = counts.get((order, "quality.production.notice"), 0)
            order.quality_action_count = counts.get((order, "quality.action"), 0)

    # CRUD: the gate stands where every way to confirm passes

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        # not every seller may read what the customer accepted
        if not self.env.su and any(
            order[name] for order in orders.sudo() for name in PROCEDURE_FIELDS
        ):
            self._refuse_procedure_fields()
        confirmed = [
            order.id
            for order, vals in zip(orders, vals_list, strict=True)
            if vals.get("state") == "sale"
        ]
        orders.browse(confirmed)._check_quality_gate()
        return orders

    def write(self, vals):
        if not self.env.su and PROCEDURE_FIELDS & vals.keys():
            self._refuse_procedure_fields()
        state = vals.get("state")
        fresh = self.filtered(lambda order: order.state != "sale") if state == "sale" else self
        leaving = self.filtered(lambda order: order.state == "sale") if state else self.browse()
        if state == "sale":
            fresh._check_quality_gate()
        elif state == "sent":
            self._check_quality_offer()
        result = super().write(vals)
        if state == "sale" and vals.keys() - CONFIRMATION_FIELDS:
            fresh._check_quality_gate(confirmed=True)  # what was written beside the state counts
        if state in ("draft", "cancel"):
            self._void_quality_documents()
        elif state == "sent":
            leaving._void_quality_documents()
        return result

    def _refuse_procedure_fields(self):
        raise AccessError(
            self.env._(
                "Which review covers an order, and what the customer accepted, follows from the "
                "procedure. Request the contract review instead."
            )
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_quality_records(self):
        kept = self.env["quality.record"].sudo().search([("order_id", "in", self.ids)], limit=1)
        if kept:
            raise UserError(
                self.env._(
                    "%(order)s has the quality record %(number)s, which must be kept. "
                    "Cancel the order instead of deleting it.",
                    order=kept.order_id.name,
                    number=kept.name,
                )
            )

    # Actions

    def action_confirm(self):
        """Confirm; where the gate refuses, say what is missing and offer the review (B6).

        :raise RedirectWarning: leading to the contract review
        """
        try:
            return super().action_confirm()
        except ContractReviewRequired as error:
            raise RedirectWarning(
                str(error),
                self.env["ir.model.data"]._xmlid_to_res_id(
                    "customer_quality.sale_order_action_request_review"
                ),
                self.env._("Go to the contract review"),
                {"active_model": "sale.order", "active_ids": self.ids, "active_id": self[:1].id},
            ) from error

    def action_quotation_send(self):
        """Send the offer; one that could be accepted online only once it is reviewed (B6).

        :raise UserError: naming what is missing, where the company guards its offers
        """
        self._check_quality_offer()
        return super().action_quotation_send()

    def action_request_quality_review(self):
        """Request the contract review, or open the one that runs or stands (B1).

        Reviews that are objected to or stale are revised; departments whose part is unchanged
        are not asked again.

        :return: action that opens the current reviews
        :raise AccessError: for whoever is not in sales
        :raise UserError: when nothing can be reviewed or no template says who reviews
        """
        self._check_quality_seller()
        fresh = self.filtered(
            lambda order: order.quality_review_id.state in (False, "void", "superseded")
        )
        self.env["quality.contract.review"]._create_for(fresh)._request_checked()
        for review in (self - fresh).quality_review_id:
            if review.state == "draft":
                review.action_request()
            elif review.state == "objected" or review._filter_stale():
                review.action_revise()
        return self.quality_review_id._get_records_action(name=self.env._("Contract Review"))

    def _check_quality_seller(self):
        """Leave reviews and what they promise to sales: stock, production and accounting may
        write orders, too.

        :raise AccessError: for anybody else, and for orders of others
        """
        self.check_access("write")
        if not (self.env.su or self.env.user.has_group("sales_team.group_sale_salesman")):
            raise AccessError(
                self.env._(
                    "Sales preside over the review of an order and over what it promises. Ask "
                    "the salesperson of %(order)s.",
                    order=self[:1].name or "–",
                )
            )

    def action_view_quality_reviews(self):
        """Open all revisions of the reviews of these orders."""
        reviews = self.env["quality.contract.review"].search([("order_id", "in", self.ids)])
        return reviews._get_records_action(name=self.env._("Contract Reviews"))

    def action_view_quality_notices(self):
        """Open the production notices of these orders, void ones included."""
        notices = self.env["quality.production.notice"].search([("order_id", "in", self.ids)])
        return notices._get_records_action(name=self.env._("Production Notices"))

    # Confirmation

    def _action_confirm(self):
        """Issue production notices for what stock does not cover, where the company wants it.

        What stock covers is looked at before Odoo reserves it; what is left to make is known
        after Odoo's own procurement has run (B3, D1).
        """
        notices = self.env["quality.production.notice"]
        snapshot = notices._snapshot_coverage(self)
        result = super()._action_confirm()
        notices._issue_for(self, snapshot)
        accepted = self.filtered("quality_accepted_on")
        # paid long ago: booked and invoiced as superuser, as core does in its payment run
        accepted.sudo().transaction_ids._invoice_reviewed_orders()
        return result

    # The gate

    def _get_quality_gate_error(self, is_short=None, obstacles=None):
        """Return why the gate refuses to confirm this order (B6).

        A review that was asked for counts, whatever stock says: nothing is confirmed while a
        department objects. Stock only spares an order its review where none runs.

        :param is_short: whether stock leaves the order uncovered, where that is known
        :param obstacles: what :meth:`_get_quality_obstacles` says, where that is known
        :return: a sentence, or False where the company's setting lets it pass
        """
        self.ensure_one()
        gate = self.company_id.quality_review_gate
        if gate == "never":
            return False
        review_sudo = self.sudo().quality_review_id  # portal customers and cashiers pass too
        if review_sudo.order_id == self and review_sudo.state in (*RUNNING, "approved"):
            return review_sudo._get_refusal() or self._get_quality_obstacle(obstacles)
        if gate == "shortage" and not (
            self._needs_quality_form()
            or (self._filter_quality_short() if is_short is None else is_short)
        ):
            return self._get_quality_obstacle(obstacles)  # such as an open question
        if review_sudo.order_id == self:
            return review_sudo._get_refusal()
        return self.env._(
            "%(order)s needs a contract review before it is confirmed. Request one; the "
            "departments are asked at once.",
            order=self.name,
        )

    def _get_quality_obstacle(self, obstacles=None):
        """Return what stands in the way of confirming this order, as one text, or False."""
        if obstacles is None:
            obstacles = self._get_quality_obstacles("confirmation")
        return "\n".join(obstacles.get(self, ())) or False

    def _get_quality_obstacles(self, stage):
        """Hook: what else stands in the way of these orders, besides the departments' answers.

        :param stage: ``approval`` (of the review), ``confirmation`` or ``shipment``
        :return: dict of order → list of sentences; orders without any may be left out
        """
        return {}

    def _get_quality_review_roles(self):
        """Hook: return the roles that must review these orders, whatever the template asks.

        :return: dict of order → quality.role records; orders without any may be left out
        """
        return {}

    def _check_quality_gate(self, confirmed=False):
        """Refuse to confirm what is not reviewed, looking at the orders under a row lock.

        :param confirmed: True where the state is written already and stock is reserved
        :raise ContractReviewRequired: naming what is missing, for all refused orders
        """
        guarded = self.filtered(lambda order: order.company_id.quality_review_gate != "never")
        if not guarded:
            return
        guarded._lock_for_quality()
        if not confirmed:
            guarded._lock_quality_stock()
        by_stock = guarded.filtered(lambda o: o.company_id.quality_review_gate == "shortage")
        short = self.browse() if confirmed else by_stock._filter_quality_short()
        obstacles = guarded._get_quality_obstacles("confirmation")
        errors = [
            error
            for order in guarded
            if (error := order._get_quality_gate_error(order in short, obstacles))
        ]
        if errors:
            raise ContractReviewRequired("\n".join(dict.fromkeys(errors)))

    def _lock_for_quality(self):
        """Hold the rows, so that what is hashed is what is confirmed."""
        self.env.cr.execute(
            "SELECT id FROM sale_order WHERE id IN %s ORDER BY id FOR NO KEY UPDATE",
            [tuple(self.ids)],
        )

    def _check_quality_offer(self):
        """Refuse to send an unreviewed offer that the customer could accept online.

        :raise UserError: where the company guards its offers
        """
        if self.env.su:
            return  # payment and portal run as superuser: the customer has the offer already
        for order in self:
            if not (order.company_id.quality_guard_offer and order.state in ("draft", "sent")):
                continue
            if not (order.require_signature or order.require_payment):
                continue
            if error := order._get_quality_gate_error():
                raise UserError(
                    self.env._(
                        "%(order)s can be signed or paid online, so it is only sent once it is "
                        "reviewed. Request the review, or switch off online signature and "
                        "payment on this offer.\n%(missing)s",
                        order=order.name,
                        missing=error,
                    )
                )

    # Cancel, reset

    def _void_quality_documents(self):
        """Void what was reviewed and announced: the order is no longer agreed."""
        reviewed = self.sudo().filtered("quality_review_id")  # whoever may cancel the order
        reviewed.quality_review_id._void()
        reviewed.filtered("quality_accepted_on").write(
            {"quality_accepted_on": False, "quality_accepted_hash": False}
        )
        self.env["quality.production.notice"]._void_for(self)
