from odoo import fields, models

from ..blocks.price import PRICE_GROUPS


class QualityContractReviewLine(models.Model):
    """What an order line asked for, and what could be promised, when the review was requested.

    A snapshot: the stock fields of an order line mean something else once it is confirmed. Its
    figures (see quality.promise.figures) can be refreshed; they are no part of what is signed.
    """

    _name = "quality.contract.review.line"
    _inherit = "quality.promise.figures"
    _description = "Contract Review Line"
    _order = "review_id, sequence, id"

    review_id = fields.Many2one(
        "quality.contract.review", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="review_id.record_id.company_id", store=True, precompute=True
    )
    currency_id = fields.Many2one(related="review_id.currency_id")
    order_line_id = fields.Many2one(
        "sale.order.line", readonly=True, ondelete="set null", index="btree_not_null"
    )
    product_id = fields.Many2one(index="btree_not_null")
    name = fields.Text("Description", readonly=True)
    price_unit = fields.Float(digits="Product Price", readonly=True, groups=PRICE_GROUPS)
    discount = fields.Float("Discount (%)", readonly=True, groups=PRICE_GROUPS)
    price_subtotal = fields.Monetary("Amount", readonly=True, groups=PRICE_GROUPS)
