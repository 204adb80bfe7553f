from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ...lib.canonical import digest
from ...lib.files import checksum

#: Who withdraws a waiver: quality managers, by the customer's word or their own judgement.
WITHDRAW_GROUPS = "customer_quality.group_manager"

APPROVAL_ITEM = "customer_quality.template_waiver_approval"


class QualityReviewWaiver(models.Model):
    """A customer's written authorisation to leave out the formal review (L6, IATF 8.2.3.1.1).

    For a scope and a time, with the customer's paper; management signs that it says so. Leaving
    out a department is an internal matter and no waiver.
    """

    _name = "quality.review.waiver"
    _description = "Waiver"
    _inherit = ["quality.record.filed.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _record_prefix = "WV"
    _work_template = "customer_quality.work_facts_waiver"
    _content_fields = (
        "partner_id",
        "scope",
        "product_ids",
        "categ_ids",
        "valid_from",
        "valid_until",
        "file",
        "checksum",
    )
    _user_fields = (
        "partner_id",
        "scope",
        "product_ids",
        "categ_ids",
        "valid_from",
        "valid_until",
        "file",
        "file_name",
        "user_id",
    )

    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("review", "To Approve"),
            ("approved", "In Force"),
            ("rejected", "Rejected"),
            ("withdrawn", "Withdrawn"),
            ("expired", "Expired"),
        ],
        default="draft",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("parent_id", "=", False)],
    )

    # Scope: empty lists stand for all products
    scope = fields.Text(required=True, help="What may be left out, in the customer's words.")
    product_ids = fields.Many2many("product.product", string="Products", check_company=True)
    categ_ids = fields.Many2many("product.category", string="Product Categories")
    valid_from = fields.Date(required=True, default=fields.Date.context_today)
    valid_until = fields.Date(required=True)

    # The customer's paper
    file = fields.Binary("Authorisation", attachment=True, copy=False)
    file_name = fields.Char(copy=False)
    checksum = fields.Char("SHA-256", readonly=True, copy=False)

    review_ids = fields.One2many("quality.contract.review", "waiver_id", readonly=True)
    review_count = fields.Integer(compute="_compute_review_count")

    _valid_period = models.Constraint(
        "CHECK (valid_until >= valid_from)", "A waiver ends after it begins."
    )

    def _compute_review_count(self):
        counts = dict(
            self.env["quality.contract.review"]._read_group(
                [("waiver_id", "in", self.ids)], ["waiver_id"], ["__count"]
            )
        )
        for waiver in self:
            waiver.review_count = counts.get(waiver._origin, 0)

    @api.constrains("partner_id")
    def _check_partner(self):
        if any(waiver.partner_id.commercial_partner_id != waiver.partner_id for waiver in self):
            raise ValidationError(
                self.env._("A waiver is given by a company. Choose the company of this contact.")
            )

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        waivers = super().create(vals_list)
        waivers.sudo()._keep_checksum()  # the fingerprint of the file is the procedure's
        return waivers

    def write(self, vals):
        result = super().write(vals)
        if "file" in vals:
            self.sudo()._keep_checksum()  # see create
        return result

    def _keep_checksum(self):
        for waiver in self:
            waiver.checksum = checksum(waiver.with_context(bin_size=False).file)

    def _ensure_unlocked(self):
        """Freeze what is being signed, and what was signed, whatever the phase."""
        locked = self.filtered(lambda waiver: waiver.state != "draft")
        if locked:
            raise UserError(
                self.env._(
                    "%(number)s was sent for approval, so it stays as it is. Register a new one "
                    "instead.",
                    number=locked[0].name,
                )
            )

    # Actions

    def action_request(self):
        """Ask management to approve these waivers.

        :raise AccessError: for whoever may not write them
        :raise UserError: without the customer's file, or when it was asked already
        """
        self.check_access("write")
        for waiver in self:
            waiver._ensure_can_request()
        item = self.env.ref(APPROVAL_ITEM)
        self.sudo().state = "review"  # written by the procedure only
        self.opinion_ids._request(
            [
                {
                    "record_id": waiver.record_id.id,
                    "role_id": item.role_id.id,
                    "item_id": item.id,
                    "meaning": "waiver",
                }
                for waiver in self
            ]
        )
        return True

    def action_withdraw(self):
        """Withdraw waivers; orders that are not confirmed yet need a review again.

        :raise AccessError: for whoever is no quality manager
        """
        self._ensure_can_withdraw()
        self.opinion_ids._void()
        self.sudo().state = "withdrawn"  # the right was checked above
        self._set_phase("closed")
        return True

    def action_view_reviews(self):
        """Open the reviews that were left out by these waivers."""
        reviews = self.env["quality.contract.review"].search([("waiver_id", "in", self.ids)])
        return reviews._get_records_action(name=self.env._("Contract Reviews"))

    # Business

    @api.model
    def _find_for(self, orders):
        """Return the waiver in force that covers all that each order promises.

        :param orders: sale.order records
        :return: dict of order → waiver; orders without one are left out
        """
        # it binds whoever requests the review
        orders_sudo = orders.sudo()
        waivers = self.sudo().search(
            Domain("state", "=", "approved")
            & Domain("company_id", "in", orders_sudo.company_id.ids)
            & Domain("partner_id", "in", orders_sudo.partner_id.commercial_partner_id.ids)
            & self._get_period_domain()
        )
        found = {}
        for order in orders_sudo if waivers else ():
            covering = waivers.filtered(lambda waiver, order=order: waiver._covers(order))
            if covering and not order._is_quality_always_reviewed():
                found[order] = covering[0]
        return found

    @api.model
    def _get_period_domain(self):
        today = fields.Date.context_today(self)
        return Domain("valid_from", "<=", today) & Domain("valid_until", ">=", today)

    def _covers(self, order):
        """Tell whether this waiver is in force and covers all that the order promises."""
        self.ensure_one()
        return (
            self.state == "approved"
            and self.valid_from <= fields.Date.context_today(self) <= self.valid_until
            and self.company_id == order.company_id
            and self.partner_id == order.partner_id.commercial_partner_id
            and all(self._has_in_scope(line.product_id) for line in order._get_quality_lines())
        )

    def _has_in_scope(self, product):
        if not (self.product_ids or self.categ_ids):
            return True
        above = {int(part) for part in (product.categ_id.parent_path or "").split("/") if part}
        return product in self.product_ids or not above.isdisjoint(self.categ_ids.ids)

    def _get_basis(self, role):
        """Return the fingerprint of what is signed: scope, time, and the file itself."""
        self.ensure_one()
        return digest(
            {
                "customer": self.partner_id.id,
                "scope": self.scope,
                "products": sorted(self.product_ids.ids),
                "categories": sorted(self.categ_ids.ids),
                "from": self.valid_from,
                "until": self.valid_until,
                "file": self.checksum,
            }
        )

    def _on_duties_signed(self, duties):
        """Put the waiver in force where it was agreed to; anything else rejects it."""
        for waiver_sudo in self.sudo().filtered(lambda w: w.state == "review"):  # by the signature
            answers = waiver_sudo.opinion_ids.filtered(lambda o: o.state == "done")
            if not answers:
                continue
            agreed = answers[-1].answer == "agree"
            waiver_sudo.state = "approved" if agreed else "rejected"
            if not agreed:
                waiver_sudo._set_phase("closed")
        return super()._on_duties_signed(duties)

    # Checks

    def _ensure_can_request(self):
        if self.state != "draft":
            raise UserError(
                self.env._(
                    "%(number)s was sent for approval already. Wait for the signature, or register "
                    "a new one.",
                    number=self.name,
                )
            )
        if not self.checksum:
            raise UserError(
                self.env._(
                    "Attach the customer's written authorisation to %(number)s first: without it "
                    "no review may be left out.",
                    number=self.name,
                )
            )

    def _ensure_can_withdraw(self):
        if not (self.env.su or self.env.user.has_groups(WITHDRAW_GROUPS)):
            raise AccessError(
                self.env._("Only a quality manager withdraws a waiver. Ask one of them.")
            )
        self.check_access("read")
        ended = self.filtered(lambda waiver: waiver.state not in ("draft", "review", "approved"))
        if ended:
            raise UserError(
                self.env._(
                    "%(number)s is not in force any more, so there is nothing to withdraw.",
                    number=ended[0].name,
                )
            )

    # Scheduled action

    @api.model
    def _cron_expire(self):
        """Close waivers whose time is over; from then on their retention runs (K1)."""
        today = fields.Date.context_today(self)
        expired = self.search([("state", "=", "approved"), ("valid_until", "<", today)])
        expired.with_context(mail_notrack=True).state = "expired"
        expired._set_phase("closed")
