from odoo import api, fields, models

from ...lib.framework import Terms
from ..blocks.price import PRICE_GROUPS


class QualityFrameworkContractLine(models.Model):
    """What may be called off of a product, and on which terms (B9)."""

    _name = "quality.framework.contract.line"
    _description = "Framework Contract Line"
    _order = "contract_id, sequence, id"

    contract_id = fields.Many2one(
        "quality.framework.contract", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="contract_id.record_id.company_id", store=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    sequence = fields.Integer(default=10)
    product_id = fields.Many2one(
        "product.product", required=True, index=True, ondelete="restrict", check_company=True
    )
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit")
    price = fields.Float(digits="Product Price", groups=PRICE_GROUPS)
    weekly_max = fields.Float("Weekly Maximum", digits="Product Unit", required=True)
    tolerance = fields.Float(
        "Tolerance (%)", help="By how much a week may exceed its maximum, in percent."
    )
    lead_days = fields.Integer("Lead Time (Days)")
    packaging = fields.Char()

    _product_uniq = models.Constraint(
        "UNIQUE (contract_id, product_id)", "A framework contract names each product once."
    )
    _amounts_positive = models.Constraint(
        "CHECK (weekly_max > 0 AND tolerance >= 0 AND lead_days >= 0)",
        "Give a weekly maximum above 0, and tolerance and lead time from 0.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.contract_id._ensure_unlocked()
        return lines

    def write(self, vals):
        self.contract_id._ensure_unlocked()
        result = super().write(vals)
        self.contract_id._ensure_unlocked()  # also the contract that the line was moved to
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_reviewed(self):
        self.contract_id._ensure_unlocked()

    def _get_terms(self):
        """Return what was agreed as a value, see lib.framework.Terms."""
        self.ensure_one()
        contract = self.contract_id
        return Terms(
            price=self.price,
            currency=contract.currency_id.id,
            weekly_max=self.weekly_max,
            lead_days=self.lead_days,
            tolerance=self.tolerance,
            valid_from=contract.valid_from,
            valid_until=contract.valid_until,
            firm_weeks=contract.firm_weeks,
        )

    def _get_content(self, with_prices):
        return {
            "id": self.id,
            "product": self.product_id.id,
            "price": self.price if with_prices else None,
            "weekly_max": self.weekly_max,
            "tolerance": self.tolerance,
            "lead_days": self.lead_days,
            "packaging": self.packaging or None,
        }
