from odoo import fields, models


class ProductTemplate(models.Model):
    """Products whose orders are always reviewed in full (B2)."""

    _inherit = "product.template"  # pylint: disable=R8180  # a chapter of its own

    quality_special = fields.Boolean(
        "Always Review",
        help="A special product: every order of it is reviewed in full, also where stock covers "
        "it or it repeats an earlier one.",
    )
