from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...lib.depth import get_signers
from ...lib.framework import CallOff, find_outside, get_firm_dates, get_week
from .depth import Verdict

#: States of a review whose order counts in its week.
COUNTED = ("review", "decision", "approved")


class QualityFrameworkContract(models.Model):
    """What is called off, compared with what was agreed (B9)."""

    _inherit = "quality.framework.contract"  # pylint: disable=R8180  # a chapter of its own

    @api.model
    def _judge(self, lines):
        """Return how deep lines of call-offs have to be reviewed.

        :param lines: sale.order.line records of orders that name a framework contract
        :return: dict of line → Verdict
        """
        if not lines:
            return {}
        today = fields.Date.context_today(self)
        parts = {line: line._get_quality_parts() for line in lines}
        weeks = self._get_weeks(lines, parts)
        roles = self._get_requirement_roles(lines.order_id)
        return {line: self._judge_line(line, parts[line], weeks, roles, today) for line in lines}

    @api.model
    def _judge_line(self, line, parts, weeks, roles, today):
        contract = line.order_id.quality_framework_id
        agreed = contract._get_line_for(line.product_id)
        if contract.state != "approved" or not contract._is_with(line.order_id):
            return Verdict("new", framework=contract, missing=("expired",))
        if not agreed:
            return Verdict("new", framework=contract, missing=("product",))
        terms = agreed._get_terms()
        call_off = CallOff(
            price=self.env["quality.review.depth"]._get_net_price(
                line.price_unit, line.discount, line.product_uom_id, line.product_id.uom_id
            ),
            currency=line.currency_id.id,
            dates=tuple(day for day, _quantity in parts if day),
            weeks=weeks[contract._get_revisions()[-1:], line.product_id],
        )
        outside = find_outside(call_off, terms, today, line.product_id.uom_id.compare)
        if "expired" in outside:
            return Verdict("new", framework=contract, missing=("expired",))
        asked = roles.get(line.order_id, [])
        missing = (*outside, "requirement") if asked else outside
        return Verdict(
            "call_off",
            get_signers("call_off", missing, asked),
            framework=contract,
            missing=missing,
            is_forecast=not get_firm_dates(call_off.dates, today, terms.firm_weeks)
            and bool(call_off.dates),
        )

    @api.model
    def _find_exceeding(self, lines):
        """Return the lines that are firm by now and exceed their framework contract (B9).

        Its lead time counts no more: they were called off long ago.

        :param lines: sale.order.line records of orders that name a framework contract
        """
        parts = {line: line._get_quality_parts() for line in lines}
        firm = lines.filtered(
            lambda line: any(line._is_quality_firm(day) for day, _quantity in parts[line] if day)
        )
        weeks = self._get_weeks(firm, parts) if firm else {}
        return firm.filtered(lambda line: self._exceeds(line, parts[line], weeks))

    @api.model
    def _exceeds(self, line, parts, weeks):
        contract = line.order_id.quality_framework_id
        agreed = contract._get_line_for(line.product_id)
        if not agreed:
            return True
        unit = line.product_id.uom_id
        call_off = CallOff(
            price=self.env["quality.review.depth"]._get_net_price(
                line.price_unit, line.discount, line.product_uom_id, unit
            ),
            currency=line.currency_id.id,
            dates=tuple(day for day, _quantity in parts if day and line._is_quality_firm(day)),
            weeks=weeks[contract._get_revisions()[-1:], line.product_id],
        )
        terms = replace(agreed._get_terms(), firm_weeks=0)
        today = min(max(fields.Date.context_today(self), terms.valid_from), terms.valid_until)
        return bool({*find_outside(call_off, terms, today, unit.compare)} - {"date"})

    def _is_with(self, order):
        """Tell whether the contract was made with the customer of the order, by its company."""
        return (
            self.partner_id == order.partner_id.commercial_partner_id
            and self.company_id == order.company_id
        )

    def _get_line_for(self, product):
        return self.line_ids.filtered(lambda line: line.product_id == product)

    @api.model
    def _get_weeks(self, lines, parts):
        """Return what is called off by week: dict of (contract, product) → dict of week → quantity.

        The contract is the first revision of each: what was called off from one counts in all.

        These lines, and those of orders that are confirmed or under review.
        """
        weeks = defaultdict(lambda: defaultdict(float))
        for line in lines | self._find_other_call_offs(lines):
            key = line.order_id.quality_framework_id._get_revisions()[-1:], line.product_id
            unit = line.product_id.uom_id
            for day, quantity in parts.get(line) or line._get_quality_parts():
                if day:
                    weeks[key][get_week(day)] += line.product_uom_id._compute_quantity(
                        quantity, unit, round=False
                    )
        return weeks

    def _get_revisions(self):
        """Return these contracts, then what they replaced: each one agreement with a customer."""
        revisions = self
        while earlier := revisions.supersedes_id - revisions:
            revisions |= earlier
        return revisions

    @api.model
    def _find_other_call_offs(self, lines):
        contracts = lines.order_id.quality_framework_id
        since = fields.Datetime.now() - timedelta(days=90)
        found = self.env["sale.order.line"].search(
            Domain("order_id.quality_framework_id", "in", contracts._get_revisions().ids)
            & Domain("product_id", "in", lines.product_id.ids)
            & Domain("order_id", "not in", lines.order_id.ids)
            & Domain("order_id.state", "in", ("draft", "sent", "sale"))
            & (
                Domain("order_id.commitment_date", ">=", since)
                | Domain("order_id.commitment_date", "=", False)
            )
        )
        return found.filtered(
            lambda line: (
                line.order_id.state == "sale" or line.order_id.quality_review_id.state in COUNTED
            )
        )

    @api.model
    def _get_requirement_roles(self, orders):
        """Return who reviews what the customer requires beyond the contract.

        Standing requirements of the customer were known when it was reviewed.

        :return: dict of order → codes of roles, None for a requirement that names none
        """
        if "quality_requirement_ids" not in orders._fields:
            return {}
        return {
            order: [
                requirement.role_id.code or None
                for requirement in order.quality_requirement_ids
                if requirement.source != "library"
            ]
            for order in orders
        }
