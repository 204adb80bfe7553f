from odoo import api, fields, models
from odoo.exceptions import UserError

from ...lib.canonical import digest

OMISSION_ITEM = "customer_quality.template_omission_item"


class QualityReviewOmission(models.Model):
    """A department that is left out of one review: who decided it, why, signed (L6).

    An internal decision by the authority table; never a waiver, which only a customer gives.
    """

    _name = "quality.review.omission"
    _description = "Department Left Out"
    _inherit = ["quality.record.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _record_prefix = "LO"
    _work_template = "customer_quality.work_facts_omission"
    _content_fields = ("role_id", "reason", "content_hash")
    _user_fields = ("role_id", "reason")

    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("requested", "To Sign"),
            ("granted", "Left Out"),
            ("refused", "Refused"),
            ("void", "Void"),
        ],
        default="draft",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    review_id = fields.Many2one(
        "quality.contract.review", required=True, readonly=True, index=True, ondelete="restrict"
    )
    open_role_ids = fields.Many2many("quality.role", compute="_compute_open_role_ids")
    role_id = fields.Many2one(
        "quality.role",
        "Department Left Out",
        ondelete="restrict",
        domain="[('id', 'in', open_role_ids)]",
        help="Whose opinion is not waited for.",
    )
    reason = fields.Text()
    content_hash = fields.Char("Fingerprint", readonly=True, copy=False)

    @api.depends("review_id.opinion_ids.state")
    def _compute_open_role_ids(self):
        for omission in self:
            omission.open_role_ids = omission._get_open_opinions().role_id

    def write(self, vals):
        """Keep what was submitted: what was asked for is what is signed.

        :raise UserError: naming the one that is no draft any more
        """
        if not self.env.su and not vals.keys().isdisjoint(self._user_fields):
            self._ensure_draft()
        return super().write(vals)

    def _ensure_draft(self):
        late = self.filtered(lambda omission: omission.state != "draft")
        if late:
            raise UserError(
                self.env._(
                    "%(number)s was submitted already, so it stays. Wait for the signature.",
                    number=late[0].name,
                )
            )

    # Actions

    def action_request(self):
        """Ask whom the authority table names, else management, to sign (L6).

        :raise AccessError: for whoever is not in sales
        :raise UserError: without department or reason, and where nobody would be left
        """
        self.check_access("write")
        for omission in self:
            omission._ensure_draft()
            omission._ensure_can_request()
        self.sudo()._request()  # nobody writes it directly; the right was checked above
        return True

    def action_open_review(self):
        """Open the review."""
        return self.review_id._get_records_action(name=self.env._("Contract Review"))

    # Business

    @api.model
    def _open_for(self, review):
        """Return the omission of ``review`` that is a draft, else a new one.

        :raise UserError: where no department is waited for
        """
        if review.state != "review":
            raise UserError(
                self.env._(
                    "%(number)s waits for no department, so none can be left out.",
                    number=review.name,
                )
            )
        omissions_sudo = self.sudo()  # asked for by whoever may change the order
        draft = omissions_sudo.search(
            [("review_id", "=", review.id), ("state", "=", "draft")], limit=1
        )
        omission = draft or omissions_sudo.create(
            {
                "review_id": review.id,
                "order_id": review.order_id.id,
                "company_id": review.company_id.id,
                "user_id": self.env.uid,
            }
        )
        return omission.sudo(self.env.su)

    def _get_open_opinions(self):
        self.ensure_one()
        opinions = self.review_id.opinion_ids
        return opinions.filtered(lambda o: o.state == "open" and o.meaning == "opinion")

    def _ensure_can_request(self):
        if not self.role_id or not (self.reason or "").strip():
            raise UserError(
                self.env._("Choose the department, and write why it is not waited for.")
            )
        if self.role_id not in self.open_role_ids:
            raise UserError(
                self.env._(
                    "%(number)s does not wait for %(role)s.",
                    number=self.review_id.name,
                    role=self.role_id.name,
                )
            )
        if self.role_id == self._get_approver():
            raise UserError(
                self.env._(
                    "%(role)s would sign for being left out itself. Have the review answered.",
                    role=self.role_id.name,
                )
            )
        left = self.review_id.opinion_ids.filtered(lambda o: o.state != "void")
        if not left.role_id - self.role_id:
            raise UserError(
                self.env._("Nobody would review the order any more. That needs a waiver.")
            )

    def _get_approver(self):
        order_sudo = self.sudo().order_id  # who asks need not see what the order amounts to
        amount = order_sudo.amount_untaxed / (order_sudo.currency_rate or 1.0)
        named = self.env["quality.authority"]._get_approver(amount, self.company_id)
        return named[-1:] or self.env["quality.role"].search([("code", "=", "management")])

    def _request(self):
        item_id = self.env["ir.model.data"]._xmlid_to_res_id(OMISSION_ITEM)
        self.state = "requested"
        for omission in self:
            omission.content_hash = digest(
                {
                    "number": omission.name,
                    "review": omission.review_id.name,
                    "role": omission.role_id.id,
                    "reason": omission.reason,
                }
            )
        self.opinion_ids._request(
            [
                {
                    "record_id": omission.record_id.id,
                    "role_id": omission._get_approver().id,
                    "meaning": "override",
                    "item_id": item_id,
                }
                for omission in self
            ]
        )

    def _get_basis(self, role):
        """Return the fingerprint of who is left out of which review, and why."""
        return self.content_hash

    def _on_duties_signed(self, duties):
        """Leave the department out where it was agreed to."""
        for omission_sudo in self.sudo().filtered(lambda o: o.state == "requested"):
            answer = omission_sudo.opinion_ids.filtered(lambda o: o.state == "done")[-1:].answer
            if answer == "agree":
                omission_sudo._grant()
            elif answer:
                omission_sudo.state = "refused"
            if answer:
                omission_sudo._set_phase("closed")
        return super()._on_duties_signed(duties)

    def _grant(self):
        """Withdraw what the department was asked; the review goes on without it."""
        review = self.review_id
        asked = self._get_open_opinions().filtered(lambda o: o.role_id == self.role_id)
        others = review.opinion_ids.filtered(lambda o: o.state != "void") - asked
        if review.state != "review" or not asked or not others:
            # answered, revised, or others left out meanwhile: nobody is left out
            self.state = "void"
            return
        self.state = "granted"
        asked._void()
        review._message_log(
            body=self.env._(
                "%(role)s was left out by %(number)s: %(reason)s",
                role=self.role_id.name,
                number=self.name,
                reason=self.reason,
            )
        )
        review._settle()
