from collections import defaultdict
from dataclasses import dataclass, field

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...lib.depth import BASES, KINDS, Base, Line, find_missing, get_new_requirements, get_signers

#: For how long an approved line can be repeated (B8).
MEMORY = relativedelta(months=12)

KIND_SELECTION = list(
    zip(
        KINDS,
        ("New", "Repeat", "Call-off", "Sample", "Urgent", "Replacement", "Export"),
        strict=True,
    )
)


@dataclass
class Verdict:
    """How deep a line is reviewed, and why."""

    kind: str
    signers: frozenset | None = None  # codes of roles; None: everybody in the template
    base: object = None  # quality.contract.review.line that it repeats
    framework: object = None  # quality.framework.contract that it is called off from
    missing: tuple = ()
    texts: list = field(default_factory=list)  # sentences that come with it, e.g. open issues
    is_forecast: bool = False
    is_special: bool = False  # a sample or the like, of what is always reviewed in full

    def prepare_vals(self):
        """Return the values that a review line keeps."""
        return {
            "kind": self.kind,
            "base_line_id": self.base.id if self.base else False,
            "framework_id": self.framework.id if self.framework else False,
            "signers": False if self.signers is None else ",".join(sorted(self.signers)),
            "conditions": {
                "missing": list(self.missing),
                "texts": self.texts,
                "is_forecast": self.is_forecast,
                "is_special": self.is_special,
            },
        }

    def get_note(self, env):
        """Return in the user's language why the line is reviewed as deep as it is."""
        vals = self.prepare_vals()
        return get_note(env, self.kind, self.get_number(), vals["conditions"])

    def get_number(self):
        """Return the number of what is repeated or called off from, or None."""
        if self.framework:
            return self.framework.sudo().name
        return self.base.sudo().review_id.name if self.base else None


def get_note(env, kind, number, conditions):
    """Return why a line is reviewed as deep as it is.

    :param kind: one of lib.depth.KINDS
    :param number: number of the review that is repeated, or of the framework contract
    :param conditions: what a review line keeps: ``missing`` (codes of the conditions that are
        not met), ``texts`` (sentences that come with it), ``is_forecast``, ``is_special``
    """
    missing, texts = conditions.get("missing", ()), conditions.get("texts", ())
    names = {
        "drawing": env._("another drawing or revision"),
        "quantity": env._("more than the reviewed quantity"),
        "date": env._("earlier than can be promised"),
        "price": env._("another price"),
        "requirement": env._("new requirements"),
        "issue": env._("something is open on the product"),
    }
    sentences = {
        "new": env._("No line like it was approved in the last 12 months."),
        "repeat": env._("Repeats %(number)s.", number=number),
        "call_off": env._("Called off from %(number)s.", number=number),
        "sample": env._("Sample: sales and engineering sign."),
        "urgent": env._("Urgent: everybody signs."),
        "replacement": env._("Replacement of what was returned."),
        "export": env._("Export: everybody signs."),
    }
    void = {
        "expired": env._("%(number)s is not in force.", number=number),
        "product": env._("Not a product of %(number)s.", number=number),
    }
    notes = [void[code] for code in missing if code in void] or [sentences[kind]]
    if conditions.get("is_special"):
        notes = [env._("Customer or product is always reviewed in full: everybody signs.")]
    if conditions.get("is_forecast"):
        notes.append(env._("A forecast, which binds nobody."))
    what = ", ".join(names[code] for code in missing if code in names)
    if what:
        notes.append(env._("Not as agreed: %(what)s.", what=what))
    return " ".join([*notes, *texts])


class QualityReviewDepth(models.AbstractModel):
    """Judges order lines: what kind each is, what it repeats, and who has to sign (B8)."""

    _name = "quality.review.depth"
    _description = "Depth of Review"

    @api.model
    def _judge(self, lines, earliest=None):
        """Return how deep each line has to be reviewed.

        :param lines: sale.order.line records that promise something
        :param earliest: dict of line → (date asked for, earliest date), where that is known
        :return: dict of line → Verdict
        """
        lines = lines.sudo()  # what was approved before binds whoever requests the review
        verdicts = {line: self._judge_alone(line) for line in lines}
        called = lines.filtered(
            lambda line: verdicts[line] is None and line.order_id.quality_framework_id
        )
        verdicts |= self.env["quality.framework.contract"]._judge(called)
        repeatable = lines.filtered(lambda line: verdicts[line] is None)
        bases = self._find_bases(repeatable)
        issues = repeatable._get_quality_open_issues()
        comparisons = self._prepare_comparisons(repeatable, earliest or {}, issues)
        for line in repeatable:
            verdicts[line] = self._judge_repeat(
                line, comparisons[line], bases.get(line), issues.get(line, [])
            )
        return verdicts

    @api.model
    def _judge_alone(self, line):
        """Return the verdict on a line whose kind needs no look at what was agreed, or None."""
        kind = line.quality_kind_choice
        if line.order_id._is_quality_always_reviewed():
            return Verdict(kind or "new", is_special=bool(kind))  # everybody signs
        # what is called off was reviewed with its destination
        if not kind and line.order_id._is_quality_export():
            kind = not line.order_id.quality_framework_id and "export"
        return Verdict(kind, get_signers(kind)) if kind else None

    @api.model
    def _judge_repeat(self, line, current, base, issues):
        if not base:
            return Verdict("new", texts=list(issues))
        base_line, approved = base
        missing = find_missing(current, approved, line.product_id.uom_id.compare)
        roles = get_new_requirements(current, approved).values()
        return Verdict(
            "repeat",
            get_signers("repeat", missing, roles),
            base=base_line,
            missing=missing,
            texts=list(issues),
        )

    # What was approved

    @api.model
    def _find_bases(self, lines):
        """Return what each line can repeat: dict of line → (review line, lib.depth.Base)."""
        lines = lines.filtered(lambda line: line.product_id and line.order_id.partner_id)
        if not lines:
            return {}
        found = {
            (company, customer, product): (latest, most)
            for company, customer, product, latest, most in self.env.execute_query(
                self._get_bases_query(lines)
            )
        }
        latest_lines = self.env["quality.contract.review.line"].browse(
            latest for latest, _most in found.values()
        )
        latest_lines = {line.id: line for line in latest_lines.sudo()}
        bases = {}
        for line in lines:
            latest, most = found.get(self._get_key(line), (None, None))
            if latest:
                base_line = latest_lines[latest]
                bases[line] = (base_line, self._prepare_base(base_line, most))
        return bases

    @api.model
    def _get_key(self, line):
        order = line.order_id
        return order.company_id.id, order.partner_id.commercial_partner_id.id, line.product_id.id

    @api.model
    def _get_bases_query(self, lines):
        """Return the query of the latest approved line, and the largest quantity of a review.

        Adopted and waived orders, and what was sold from stock, were reviewed by nobody.
        """
        companies, customers, products = zip(*{self._get_key(line) for line in lines}, strict=True)
        self.env["uom.uom"].flush_model(["factor"])
        self.env["quality.contract.review"].flush_model()
        self.env["quality.contract.review.line"].flush_model()
        return SQL(
            """
            SELECT company_id, customer_id, product_id, MAX(latest), MAX(quantity)
              FROM (
                SELECT line.company_id, line.customer_id, line.product_id, MAX(line.id) AS latest,
                       SUM(line.quantity * uom.factor) AS quantity
                  FROM quality_contract_review_line line
                  JOIN quality_contract_review review ON review.id = line.review_id
                  JOIN uom_uom uom ON uom.id = line.uom_id
                 WHERE (line.company_id, line.customer_id, line.product_id) IN (
                           SELECT * FROM unnest(%(companies)s, %(customers)s, %(products)s)
                       )
                   AND review.state = 'approved'
                   AND review.date_decided >= %(since)s
                   AND review.is_baseline IS NOT TRUE
                   AND COALESCE(review.depth, 'full') IN ('full', 'reduced')
                   AND COALESCE(line.kind, 'new') IN %(bases)s
              GROUP BY line.review_id, line.company_id, line.customer_id, line.product_id
              ) approved
          GROUP BY company_id, customer_id, product_id
            """,
            companies=list(companies),
            customers=list(customers),
            products=list(products),
            since=fields.Datetime.now() - MEMORY,
            bases=BASES,
        )

    @api.model
    def _prepare_base(self, line, most):
        unit = line.product_id.uom_id
        return Base(
            quantity=float(most) / unit.factor,
            price=self._get_net_price(line.price_unit, line.discount, line.uom_id, unit),
            currency=line.review_id.currency_id.id,
            drawings=frozenset(line.drawings or ()),
            requirements=frozenset(line.requirements or ()),
        )

    # What is asked for now

    @api.model
    def _prepare_comparisons(self, lines, earliest, issues):
        """Return what is compared of each line: dict of line → lib.depth.Line.

        Lines of one order with the same product are one quantity.
        """
        requirements = lines._get_quality_requirements()
        quantities = defaultdict(float)
        for line in lines.order_id._get_quality_lines():
            quantity = line.product_uom_qty * line.product_uom_id.factor
            quantities[line.order_id, line.product_id] += quantity
        return {
            line: self._prepare_comparison(
                line,
                quantities[line.order_id, line.product_id],
                requirements[line],
                earliest.get(line, (None, None)),
                line in issues,
            )
            for line in lines
        }

    @api.model
    def _prepare_comparison(self, line, quantity, requirements, dates, has_issue):
        unit = line.product_id.uom_id
        return Line(
            quantity=quantity / (unit.factor or 1.0),
            price=self._get_net_price(line.price_unit, line.discount, line.product_uom_id, unit),
            currency=line.currency_id.id,
            drawings=frozenset(line._get_quality_drawings()),
            requirements=requirements,
            date=dates[0] or None,
            earliest=dates[1] or None,
            has_issue=has_issue,
        )

    @api.model
    def _get_net_price(self, price, discount, unit, product_unit):
        """Return the price of one unit of the product, less the discount."""
        return unit._compute_price(price, product_unit) * (1 - (discount or 0.0) / 100)
