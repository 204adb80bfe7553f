from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...lib.canonical import digest

#: What is agreed, and frozen once it is asked for.
CONTENT = (
    "partner_id",
    "currency_id",
    "valid_from",
    "valid_until",
    "firm_weeks",
    "note",
    "line_ids",
)


class QualityFrameworkContract(models.Model):
    """Framework contract: reviewed once, called off many times (B9).

    Prices, weekly maximum, lead time, packaging and tolerance per product. A call-off inside it
    needs the signature of sales only; what is outside goes to the department concerned.
    """

    _name = "quality.framework.contract"
    _description = "Framework Contract"
    _inherit = ["quality.record.filed.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _record_prefix = "FC"
    _work_template = "customer_quality.work_facts_framework_contract"
    _content_fields = CONTENT
    _user_fields = (*CONTENT, "template_id", "customer_reference", "user_id")

    revision = fields.Integer(default=1, readonly=True, copy=False)
    supersedes_id = fields.Many2one(
        "quality.framework.contract",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("review", "In Review"),
            ("objected", "Objected"),
            ("approved", "In Force"),
            ("superseded", "Superseded"),
            ("ended", "Ended"),
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
    customer_reference = fields.Char("Customer's Reference")
    template_id = fields.Many2one(
        "quality.opinion.template",
        check_company=True,
        ondelete="restrict",
        domain=[("model", "=", "quality.framework.contract")],
        help="Who reviews it; by default the first template for framework contracts.",
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    valid_from = fields.Date(required=True, default=fields.Date.context_today)
    valid_until = fields.Date(required=True)
    firm_weeks = fields.Integer(
        "Firm Zone (Weeks)",
        help="Call-offs for later weeks are forecasts, which bind nobody. 0: everything is firm.",
    )
    note = fields.Text("Terms")
    line_ids = fields.One2many("quality.framework.contract.line", "contract_id", copy=True)
    date_requested = fields.Datetime(readonly=True, copy=False)
    date_decided = fields.Datetime(readonly=True, copy=False)

    order_ids = fields.One2many("sale.order", "quality_framework_id", "Call-offs", readonly=True)
    order_count = fields.Integer(compute="_compute_order_count", compute_sudo=True)

    _valid_period = models.Constraint(
        "CHECK (valid_until >= valid_from)", "A framework contract ends after it begins."
    )
    _firm_positive = models.Constraint(
        "CHECK (firm_weeks >= 0)", "The firm zone is a number of weeks from 0."
    )

    def _compute_order_count(self):
        counts = dict(
            self.env["sale.order"]._read_group(
                [("quality_framework_id", "in", self.ids)], ["quality_framework_id"], ["__count"]
            )
        )
        for contract in self:
            contract.order_count = counts.get(contract._origin, 0)

    @api.depends("name", "partner_id.name")
    def _compute_display_name(self):
        for contract in self:
            customer = contract.sudo().partner_id.name  # whoever may see the contract
            contract.display_name = f"{contract.name} {customer or ''}".strip()

    @api.constrains("partner_id")
    def _check_partner(self):
        if any(c.partner_id.commercial_partner_id != c.partner_id for c in self):
            raise ValidationError(
                self.env._("A contract is made with a company. Choose the company of the contact.")
            )

    def _ensure_unlocked(self):
        """Freeze what is under review, and what was reviewed, whatever the phase."""
        locked = self.filtered(lambda contract: contract.state != "draft")
        if locked:
            raise UserError(
                self.env._(
                    "%(number)s is reviewed as it stands. Revise it to change it.",
                    number=locked[0].name,
                )
            )

    # Actions

    def action_request(self):
        """Ask the departments for their opinion on these contracts.

        :raise AccessError: for whoever may not write them
        :raise UserError: without lines or template, or when it was asked already
        """
        self.check_access("write")
        for contract in self:
            contract._ensure_can_request()
        self.sudo()._request()  # opinions are the procedure's
        return True

    def action_revise(self):
        """Start the next revision, after an objection or to change what was agreed.

        :return: action that opens the drafts; what is in force stays so until they are approved
        :raise UserError: for one that is neither objected to nor in force
        """
        self.check_access("write")
        revisions = self.browse()
        for contract in self:
            if contract.state not in ("objected", "approved", "expired"):
                raise UserError(
                    self.env._(
                        "%(number)s is neither objected to nor in force, so there is nothing to "
                        "revise.",
                        number=contract.name,
                    )
                )
            revisions |= contract.sudo()._revise().sudo(False)
        return revisions._get_records_action(name=self.env._("Framework Contracts"))

    def action_end(self):
        """End contracts before their time: what is called off from now on is reviewed in full.

        :raise AccessError: for whoever may not write them
        """
        self.check_access("write")
        self.opinion_ids._void()
        live = self.sudo().filtered(
            lambda c: c.state in ("draft", "review", "objected", "approved")
        )
        live.state = "ended"
        live._set_phase("closed")
        return True

    def action_view_orders(self):
        """Open the orders that call off from these contracts."""
        orders = self.env["sale.order"].search([("quality_framework_id", "in", self.ids)])
        return orders._get_records_action(name=self.env._("Call-offs"))

    # Review

    def _ensure_can_request(self):
        if self.state != "draft":
            raise UserError(
                self.env._(
                    "%(number)s was requested already. Wait for the departments' answers.",
                    number=self.name,
                )
            )
        if not self.line_ids:
            raise UserError(
                self.env._(
                    "%(number)s has no products yet. Add what may be called off.", number=self.name
                )
            )
        if not self._get_template():
            raise UserError(
                self.env._(
                    "There is no template that says who reviews framework contracts. Ask a quality "
                    "manager to set one up."
                )
            )

    def _get_template(self):
        # it binds everybody, and archived ones nobody
        templates_sudo = self.env["quality.opinion.template"].sudo().with_context(active_test=True)
        return self.sudo().template_id or templates_sudo._get_default(self._name, self.company_id)

    def _request(self):
        for contract in self:
            contract.template_id = contract._get_template()
        vals_list = [vals for contract in self for vals in contract._prepare_opinions_vals()]
        asked = {vals["record_id"] for vals in vals_list}
        if set(self.record_id.ids) - asked:
            raise UserError(
                self.env._(
                    "The template asks nobody. Ask a quality manager to add questions to it, or "
                    "to set which roles the company has."
                )
            )
        self.write({"state": "review", "date_requested": fields.Datetime.now()})
        self.opinion_ids._request(vals_list)
        for revision in self.filtered("supersedes_id"):
            revision.opinion_ids._carry_over(revision.supersedes_id.opinion_ids)
        self._settle()

    def _prepare_opinions_vals(self):
        items = self.template_id.item_ids
        roles = items.role_id._filter_applicable(self.company_id)
        people = roles._get_people(self.company_id)
        return [
            {
                "record_id": self.record_id.id,
                "role_id": item.role_id.id,
                "item_id": item.id,
                "sequence": item.sequence,
                "user_id": people[item.role_id][0][:1].id,
            }
            for item in items
            if item.role_id in roles
        ]

    def _on_duties_signed(self, duties):
        """Put in force what all agreed to; two last signers are settled by the action."""
        self._settle()
        if any(contract.state == "review" for contract in self):
            self.env.ref("customer_quality.ir_cron_framework").sudo()._trigger()
        return super()._on_duties_signed(duties)

    def _settle(self):
        for contract_sudo in self.sudo():  # the answers decide, not the rights of who came last
            opinions = contract_sudo.opinion_ids.filtered(lambda o: o.state != "void")
            if contract_sudo.state != "review" or not opinions:
                continue
            if opinions._get_objections():
                opinions._void()
                contract_sudo.state = "objected"
            elif all(opinion.state == "done" for opinion in opinions):
                contract_sudo._approve()

    def _approve(self):
        self.write({"state": "approved", "date_decided": fields.Datetime.now()})
        replaced = self.supersedes_id.filtered(lambda c: c.state in ("approved", "expired"))
        replaced.state = "superseded"
        replaced._set_phase("closed")

    def _revise(self):
        self.ensure_one()
        revision = self.copy(
            {
                "name": f"{self._get_base_number()}-{self.revision + 1}",
                "revision": self.revision + 1,
                "supersedes_id": self.id,
                "company_id": self.company_id.id,
            }
        )
        if self.state == "objected":
            self.state = "superseded"
            self._set_phase("void")
        return revision

    def _get_base_number(self):
        return self.name.rsplit("-", 1)[0] if self.revision > 1 else self.name

    def _get_basis(self, role):
        """Return the fingerprint of what ``role`` is shown: without prices for most (M5)."""
        return digest(self._get_content(role.sees_prices))

    def _get_content(self, with_prices):
        self.ensure_one()
        return {
            "customer": self.partner_id.id,
            "currency": self.currency_id.name if with_prices else None,
            "from": self.valid_from,
            "until": self.valid_until,
            "firm_weeks": self.firm_weeks,
            "note": self.note or None,
            "lines": [line._get_content(with_prices) for line in self.line_ids.sorted("id")],
        }

    # Scheduled action

    @api.model
    def _cron_follow_up(self):
        """Settle what was answered at the same moment; close what has expired."""
        running = self.search([("state", "=", "review")])
        running.try_lock_for_update()._settle()
        today = fields.Date.context_today(self)
        expired = self.search([("state", "=", "approved"), ("valid_until", "<", today)])
        expired.with_context(mail_notrack=True).state = "expired"
        expired._set_phase("closed")
