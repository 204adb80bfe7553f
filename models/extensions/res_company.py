from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..blocks.chat_message import sign_dingtalk


class ResCompany(models.Model):
    _inherit = "res.company"

    quality_review_gate = fields.Selection(
        [
            ("never", "Never"),
            ("shortage", "When stock does not cover the order"),
            ("always", "Always"),
        ],
        "Contract Review before Confirmation",
        default="never",
        required=True,
    )
    quality_baseline_due = fields.Boolean(
        help="The gate was switched on and open orders have not been offered for adoption yet."
    )
    quality_guard_offer = fields.Boolean(
        "Review before Online Acceptance",
        help="An offer that the customer can sign or pay online is only sent once its contract "
        "review is approved.",
    )
    quality_notice_on_confirm = fields.Boolean(
        "Issue Production Notices",
        help="Confirming an order issues the production notice for what stock does not cover.",
    )
    quality_fast_path = fields.Boolean(
        "Fast Path from Stock",
        help="Where released stock covers the order, sales alone sign. Orders that stock covers "
        "need this signature then, too.",
    )
    quality_depth_by_kind = fields.Boolean(
        "Depth by Kind of Line",
        help="Repeat orders, call-offs and samples are reviewed by those departments only whom "
        "they concern.",
    )
    quality_guard_orders = fields.Boolean(
        "Guard Agreed Orders",
        help="What was agreed on a reviewed, confirmed order stays: quantity, product, date, "
        "lines, prices and terms change through the register, or by a signed override.",
    )
    quality_override_hours = fields.Integer(
        "Override Valid For", default=24, help="Hours for which a signed override is in force."
    )
    quality_password_policy = fields.Selection(
        [
            ("none", "No password"),
            ("recent", "Password within 10 minutes"),
            ("each", "Password at each signature"),
        ],
        "Password When Signing",
        default="none",
        required=True,
    )

    quality_chat_kind = fields.Selection(
        [("none", "None"), ("wecom", "WeCom"), ("dingtalk", "DingTalk"), ("feishu", "Feishu")],
        "Chat Group",
        default="none",
        required=True,
    )
    quality_chat_url = fields.Char("Webhook Address", groups="base.group_system")
    quality_chat_secret = fields.Char("Webhook Secret", groups="base.group_system")

    _override_hours_positive = models.Constraint(
        "CHECK (quality_override_hours > 0)", "An override is valid for one hour at least."
    )

    @api.constrains("quality_chat_url")
    def _check_quality_chat_url(self):
        for company in self:
            url = company.quality_chat_url
            if url and not url.startswith("https://"):
                raise ValidationError(
                    self.env._("The webhook address of a chat group starts with https://.")
                )

    def write(self, vals):
        """Remember to offer open orders as baseline when gate or guard is switched on."""
        if vals.get("quality_review_gate", "never") != "never":
            self.filtered(lambda c: c.quality_review_gate == "never").quality_baseline_due = True
        if vals.get("quality_guard_orders"):
            self.filtered(lambda c: not c.quality_guard_orders).quality_baseline_due = True
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._set_up_quality()
        return companies

    def _set_up_quality(self):
        """Prepare these companies: a line per role to map, a run of numbers per document."""
        self._create_quality_roles()
        for name in self.env.registry.descendants(["quality.record.mixin"], "_inherit"):
            if not self.env[name]._abstract:
                self.env[name]._create_sequences(self)

    def _create_quality_roles(self):
        """Give each company a line per role, to be mapped to its departments (B1)."""
        # companies are created by administrators who need no quality rights
        roles = self.env["quality.role"].sudo().search([("is_personal", "=", False)])
        Assignment = self.env["quality.role.assignment"].sudo()
        taken = {
            (line.company_id.id, line.role_id.id)
            for line in Assignment.search([("company_id", "in", self.ids)])
        }
        Assignment.create(
            [
                {"company_id": company.id, "role_id": role.id}
                for company in self
                for role in roles
                if (company.id, role.id) not in taken
            ]
        )

    def _get_quality_chat_address(self):
        """Return the address to which messages for the chat group are posted (M4)."""
        self.ensure_one()
        settings = self.sudo()  # the address is a secret; whoever sends does not show it
        url, secret = settings.quality_chat_url, settings.quality_chat_secret
        if settings.quality_chat_kind == "dingtalk" and secret:
            return sign_dingtalk(url, secret)
        return url
