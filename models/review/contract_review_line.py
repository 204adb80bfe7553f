from odoo import fields, models

from ..blocks.price import PRICE_GROUPS


class QualityContractReviewLine(models.Model):
    """What an order line asked for, and what stock could give, when the review was requested.

    A snapshot: the stock fields of an order line mean something else once it is confirmed.
    """

    _name = "quality.contract.review.line"
    _description = "Contract Review Line"
    _order = "review_id, sequence, id"

    review_id = fields.Many2one(
        "quality.contract.review", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="review_id.record_id.company_id", store=True)
    currency_id = fields.Many2one(related="review_id.currency_id")
    order_line_id = fields.Many2one(
        "sale.order.line", readonly=True, ondelete="set null", index="btree_not_null"
    )
    sequence = fields.Integer(readonly=True)
    product_id = fields.Many2one(
        "product.product", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    name = fields.Text("Description", readonly=True)
    quantity = fields.Float(digits="Product Unit", readonly=True)
    uom_id = fields.Many2one("uom.uom", "Unit", readonly=True, ondelete="restrict")
    date_expected = fields.Datetime("Delivery", readonly=True)
    free_qty = fields.Float("Free Stock", digits="Product Unit", readonly=True)
    shortage = fields.Float(
        digits="Product Unit", readonly=True, help="What free stock does not cover."
    )
    price_unit = fields.Float(digits="Product Price", readonly=True, groups=PRICE_GROUPS)
    discount = fields.Float("Discount (%)", readonly=True, groups=PRICE_GROUPS)
    price_subtotal = fields.Monetary("Amount", readonly=True, groups=PRICE_GROUPS)
