from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

SEVERITIES = [
    ("low", "Low"),
    ("medium", "Medium"),
    ("high", "High"),
    ("critical", "Critical"),
]
RANKS = {code: rank for rank, (code, _label) in enumerate(SEVERITIES)}
UNITS = [
    ("hours", "Hours round the clock"),
    ("work_hours", "Working hours"),
    ("work_days", "Working days"),
]


class Promise(NamedTuple):
    """What a policy is looked for: kind and severity (codes), company and partner (records)."""

    kind: str
    company: models.Model
    partner: models.Model
    severity: str | bool = False


class QualityDeadlineKind(models.Model):
    """What is promised: an opinion, a receipt, an action, … Documents bring their own kinds."""

    _name = "quality.deadline.kind"
    _description = "Kind of Deadline"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    is_duty = fields.Boolean(
        help="Follows what people have to sign, and shows on the activity of that signature."
    )
    has_activity = fields.Boolean(
        "Activity", help="Its owner gets an activity on the document once it warns or is late."
    )

    _code_uniq = models.Constraint("UNIQUE (code)", "A kind's code is unique.")


class QualityDeadlinePolicy(models.Model):
    """How long something may take, for whom, and who hears of it when it takes longer (F3).

    Of the policies of a kind that fit, the first one by sequence holds. Without any policy
    nothing has a deadline.
    """

    _name = "quality.deadline.policy"
    _description = "Deadline Policy"
    _order = "kind_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind_id = fields.Many2one(
        "quality.deadline.kind", "For", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", help="Leave empty to share it.")
    date_in_force = fields.Datetime("In Force Since", readonly=True, copy=False)

    # For whom
    region_ids = fields.Many2many("quality.region", string="Regions")
    severity_from = fields.Selection(
        SEVERITIES, "From Severity", help="Holds for this severity and graver ones."
    )
    class_ids = fields.Many2many("quality.customer.class", string="Classes of Customers")
    key_only = fields.Boolean("Key Customers Only")

    # How long
    amount = fields.Float("Within", required=True, default=1)
    unit = fields.Selection(UNITS, required=True, default="work_days")
    calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Time",
        check_company=True,
        ondelete="restrict",
        help="Leave empty for the working time of the company.",
    )

    # Who hears of it
    warn_hours = fields.Float(
        "Hours to Warn Before", help="Hours before the due date: working hours where these count."
    )
    step_ids = fields.One2many("quality.deadline.step", "policy_id", "Escalation", copy=True)

    _amount_positive = models.Constraint("CHECK (amount > 0)", "Give more time than nothing.")
    _warn_positive = models.Constraint(
        "CHECK (warn_hours >= 0)", "A warning comes before the due date: give hours from 0 on."
    )

    @api.constrains("amount", "unit")
    def _check_whole_days(self):
        for policy in self:
            if policy.unit == "work_days" and policy.amount % 1:
                raise ValidationError(
                    self.env._(
                        "Working days are whole days. Give “%(policy)s” its time in working hours.",
                        policy=policy.name,
                    )
                )

    @api.constrains("warn_hours", "amount", "unit")
    def _check_warning(self):
        for policy in self:
            if policy.unit != "work_days" and policy.warn_hours >= policy.amount:
                raise ValidationError(
                    self.env._(
                        "“%(policy)s” would warn before it starts. Warn less than "
                        "%(amount)g hours before.",
                        policy=policy.name,
                        amount=policy.amount,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        policies = super().create(vals_list)
        policies._note_in_force()
        return policies

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(("active", "company_id", "kind_id")):
            self._note_in_force()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    def _note_in_force(self):
        """Remember which policies were ever in force: their deadlines have to be followed."""
        started = self.filtered(lambda policy: policy.active and not policy.date_in_force)
        started.date_in_force = fields.Datetime.now()
        self.env.registry.clear_cache()

    @api.model
    @ormcache()
    def _get_kinds_in_use(self):
        """Return the kinds that have, or had, a policy in force: what is looked at at all.

        :return: dict of company id, or False for shared ones → frozenset of codes
        """
        # whether something has a deadline does not depend on who does it
        policies = (
            self.sudo().with_context(active_test=False).search([("date_in_force", "!=", False)])
        )
        return {
            company.id: frozenset(found.kind_id.mapped("code"))
            for company, found in policies.grouped("company_id").items()
        }

    @api.model
    def _is_in_use(self, companies, kind=None):
        """Tell whether deadlines have to be looked for; costs nothing where there are none.

        :param companies: res.company records
        :param kind: code of a quality.deadline.kind; any kind without it
        """
        in_use = self._get_kinds_in_use()
        if not in_use:
            return False
        found = frozenset().union(*(in_use.get(key, ()) for key in (False, *companies.ids)))
        return kind in found if kind else bool(found)

    @api.model
    def _find(self, promises):
        """Return the policy that holds for each promise: the first one by sequence that fits.

        :param promises: list of :class:`Promise`
        :return: list of quality.deadline.policy, each with one record or none, in sudo
        """
        companies = {promise.company for promise in promises}
        # what was promised holds also for those who may not read the policies
        in_force = self.sudo().with_context(active_test=True)
        policies = in_force.search(
            [
                ("kind_id.code", "in", list({promise.kind for promise in promises})),
                ("company_id", "in", [False, *(company.id for company in companies)]),
            ]
        )
        regions = policies._get_regions(promises) if policies.region_ids else {}
        return [
            next(
                (policy for policy in policies if policy._fits(promise, regions)),
                policies.browse(),
            )
            for promise in promises
        ]

    def _get_regions(self, promises):
        """Return the region of each promise: dict of (company, partner) → quality.region."""
        partners = {}
        for promise in promises:
            empty = promise.partner.browse()
            partners[promise.company] = partners.get(promise.company, empty) | promise.partner
        Region = self.env["quality.region"]
        return {
            (company, partner): region
            for company, found in partners.items()
            for partner, region in Region._get_regions(found, company).items()
        }

    def _fits(self, promise, regions):
        self.ensure_one()
        partner = promise.partner
        return (
            self.kind_id.code == promise.kind
            and self.company_id in (promise.company, self.company_id.browse())
            and (not self.severity_from or self._is_grave_enough(promise.severity))
            and (not self.key_only or partner.commercial_partner_id.quality_is_key)
            and (not self.class_ids or partner._get_quality_class() in self.class_ids)
            and (
                not self.region_ids
                or bool(regions.get((promise.company, partner), self.region_ids.browse()))
                and regions[promise.company, partner] in self.region_ids
            )
        )

    def _is_grave_enough(self, severity):
        return RANKS.get(severity, -1) >= RANKS[self.severity_from]


class QualityDeadlineStep(models.Model):
    """Who hears of it that long after a deadline was missed."""

    _name = "quality.deadline.step"
    _description = "Escalation of a Deadline"
    _order = "policy_id, hours, id"

    policy_id = fields.Many2one(
        "quality.deadline.policy", required=True, index=True, ondelete="cascade"
    )
    hours = fields.Float(
        "Hours After", help="Hours past the due date: working hours where the policy counts these."
    )
    target = fields.Selection(
        [("role", "Role"), ("manager", "Manager of the owner")],
        "Tell",
        default="role",
        required=True,
    )
    role_id = fields.Many2one("quality.role", ondelete="restrict")

    _hours_positive = models.Constraint(
        "CHECK (hours >= 0)", "An escalation comes after the due date: give hours from 0 on."
    )
    _role_given = models.Constraint(
        "CHECK (target != 'role' OR role_id IS NOT NULL)",
        "Say which role hears of the missed deadline.",
    )
