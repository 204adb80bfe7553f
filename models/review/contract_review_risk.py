from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...lib.canonical import digest
from ...lib.risk import get_level, is_above, rate
from ..blocks.opinion_condition import HOLDS

SCORES = [(str(score), str(score)) for score in range(1, 6)]

#: Fields of a risk that users write while the review runs.
USER_FIELDS = frozenset(
    {
        "sequence",
        "kind",
        "description",
        "likelihood",
        "severity",
        "countermeasure",
        "role_id",
        "user_id",
        "date_due",
        "hold",
    }
)


class QualityContractReviewRisk(models.Model):
    """What may go wrong with an order: rated, with a countermeasure and its owner (B4).

    Entered by sales and by every department that is asked, while the departments answer. Who
    decides signs on the risks as they stand; from then on they are frozen.
    """

    _name = "quality.contract.review.risk"
    _description = "Risk of a Contract Review"
    _order = "rating desc, id"
    _check_company_auto = True

    review_id = fields.Many2one(
        "quality.contract.review", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="review_id.record_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("market", "Market"),
            ("technical", "Technical"),
            ("production", "Production"),
            ("quality", "Quality"),
            ("legal", "Legal"),
            ("delivery", "Delivery"),
            ("competition", "Competition"),
        ],
        required=True,
    )
    description = fields.Text(required=True)
    likelihood = fields.Selection(SCORES, required=True, default="3")
    severity = fields.Selection(SCORES, required=True, default="3")
    rating = fields.Integer(compute="_compute_rating", store=True, aggregator="max")
    level = fields.Selection(
        [("low", "Low"), ("medium", "Medium"), ("high", "High")], compute="_compute_level"
    )
    countermeasure = fields.Text()
    role_id = fields.Many2one("quality.role", "Department", ondelete="restrict")
    user_id = fields.Many2one(
        "res.users", "Owner", domain=[("share", "=", False)], check_company=True
    )
    date_due = fields.Date("Due")
    hold = fields.Selection(HOLDS, "To Be Done")
    action_id = fields.Many2one(
        "quality.action",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="What the countermeasure became when the review was approved.",
    )

    @api.depends("likelihood", "severity")
    def _compute_rating(self):
        for risk in self:
            scored = risk.likelihood and risk.severity
            risk.rating = rate(int(risk.likelihood), int(risk.severity)) if scored else 0

    @api.depends("rating")
    def _compute_level(self):
        for risk in self:
            risk.level = get_level(risk.rating)

    @api.depends("kind", "rating")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for risk in self:
            risk.display_name = f"{kinds.get(risk.kind, '')} {risk.rating}"

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Note a risk.

        :raise AccessError: for those who neither sell the order nor are asked
        :raise UserError: when the review is past its opinions
        """
        if not self.env.su:
            allowed = {"review_id", *USER_FIELDS}
            vals_list = [
                {name: value for name, value in vals.items() if name in allowed}
                for vals in vals_list
            ]
        risks = super().create(vals_list)
        risks._ensure_may_enter()
        return risks

    def write(self, vals):
        """Correct a risk; see :meth:`create`."""
        if not self.env.su and not vals.keys() <= USER_FIELDS:
            raise AccessError(self.env._("A risk stays with the review for which it was noted."))
        self._ensure_may_enter()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self._ensure_may_enter()
        officer = self.env.su or self.env.user.has_group("customer_quality.group_officer")
        if not officer and any(risk.create_uid != self.env.user for risk in self):
            raise AccessError(
                self.env._(
                    "A risk is deleted by whoever noted it, or by a quality officer. Rate it "
                    "lower if you see it otherwise."
                )
            )

    def _needs_action(self):
        """Tell whether the countermeasure is still to be done, as it is written now."""
        self.ensure_one()
        countermeasure = (self.countermeasure or "").strip()
        is_done = self.action_id.state in ("done", "verified")
        return bool(countermeasure) and not (
            is_done and self.action_id.description == self.countermeasure
        )

    def _ensure_may_enter(self):
        if self.env.su:
            return
        late = self.review_id.filtered(lambda review: review.state not in ("draft", "review"))
        if late:
            raise UserError(
                self.env._(
                    "%(number)s is being decided or is decided, so its risks stay as they are. "
                    "Revise the review to change them.",
                    number=late[0].name,
                )
            )
        if foreign := self.review_id.filtered(lambda review: not review._may_enter_risks()):
            raise AccessError(
                self.env._(
                    "Risks of %(number)s are noted by sales and by the departments that are "
                    "asked. Tell one of them.",
                    number=foreign[0].name,
                )
            )


class QualityContractReview(models.Model):
    """What may go wrong: the chapter of contract review about risks (B4)."""

    _inherit = "quality.contract.review"  # pylint: disable=R8180  # a chapter of its own

    risk_ids = fields.One2many("quality.contract.review.risk", "review_id")
    highest_risk = fields.Integer(compute="_compute_highest_risk")
    can_enter_risks = fields.Boolean(compute="_compute_can_enter_risks")

    @api.depends("risk_ids.rating")
    def _compute_highest_risk(self):
        for review in self:
            review.highest_risk = max(review.risk_ids.mapped("rating"), default=0)

    @api.depends("state", "opinion_ids.user_id", "opinion_ids.role_id")
    @api.depends_context("uid")
    def _compute_can_enter_risks(self):
        for review in self:
            review.can_enter_risks = (
                review.state in ("draft", "review") and review._may_enter_risks()
            )

    def action_view_risks(self):
        """Open the risks of this review, to note or correct them while it runs."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_quality.quality_contract_review_risk_action"
        )
        return action | {
            "domain": [("review_id", "=", self.id)],
            "context": {"default_review_id": self.id},
        }

    def _request(self):
        """Take over the risks of the revision before, to be looked at again."""
        for review_sudo in self.sudo().filtered("supersedes_id"):  # written by the procedure
            if not review_sudo.risk_ids:
                for risk in review_sudo.supersedes_id.risk_ids:
                    risk.copy({"review_id": review_sudo.id})
        return super()._request()

    def _may_enter_risks(self):
        """Tell whether the user sells the order or belongs to a department that is asked."""
        self.ensure_one()
        user = self.env.user
        asked = self.opinion_ids.filtered(lambda opinion: opinion.state != "void")
        if user in (self.user_id | asked.user_id) or self.env.su:
            return True
        roles = self.env["quality.role"]._get_roles_of(user, self.company_id)
        sales = roles.filtered(lambda role: role.code == "sales")
        return bool(sales or asked.role_id & roles)

    def _needs_risk_signature(self):
        """Tell whether the quality manager signs before the approval (B4)."""
        return is_above(self.highest_risk, self.company_id.quality_risk_threshold)

    def _get_risk_role(self):
        """Return the role that signs on high risks: the quality manager, else quality control."""
        roles = self.env["quality.role"].search([("code", "in", ("quality_manager", "quality"))])
        roles = roles.sorted(lambda role: role.code != "quality_manager")
        return (roles._filter_applicable(self.company_id) or roles)[:1]

    # What is signed

    def _prepare_decision_content(self, opinions):
        """Who decides signs on the risks as they stand (B4)."""
        content = super()._prepare_decision_content(opinions)
        decides = any(opinion.meaning != "opinion" for opinion in opinions)
        if decides and self.risk_ids:
            content["risks"] = self._get_risks_hash()
        return content

    def _get_risks_hash(self):
        """Return the fingerprint of the risks, as digits."""
        self.ensure_one()
        names = ("kind", "description", "likelihood", "severity", "countermeasure")
        return digest(
            [[risk[name] or None for name in names] for risk in self.risk_ids.sorted("id")]
        )

    @api.model
    def _find_altered_documents(self, company):
        """Find the reviews too whose risks are not those that were signed on (M1)."""
        found = super()._find_altered_documents(company)
        rows = self.env.execute_query(
            SQL(
                r"""
                SELECT DISTINCT review.id, substring(signature.content
                                FROM '"risks":"([0-9a-f]{64})"') AS risks
                  FROM quality_contract_review review
                  JOIN quality_record record ON record.id = review.record_id
                  JOIN quality_opinion opinion ON opinion.record_id = record.id
                  JOIN quality_signature signature ON signature.id = opinion.signature_id
                 WHERE record.company_id = %s
                   AND opinion.meaning != 'opinion'
                   AND signature.content ~ '"risks":"[0-9a-f]{64}"'
                """,
                company.id,
            )
        )
        reviews = self.browse(review_id for review_id, _risks in rows)
        altered = [
            review.record_id.id
            for review, (_id, risks) in zip(reviews, rows, strict=True)
            if review._get_risks_hash() != risks
        ]
        return list(dict.fromkeys([*found, *altered]))
