from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    quality_end_of_life = fields.Date(
        "End of Production and Service",
        tracking=True,
        help="When the product is neither made nor serviced any more. Records that are kept for "
        "the life of the product are kept to the end of the following calendar year (K1).",
    )
