from odoo import fields, models


class SaleOrder(models.Model):
    """Orders that call off from a framework contract (B9)."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_framework_id = fields.Many2one(
        "quality.framework.contract",
        "Framework Contract",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('state', '=', 'approved'), ('partner_id', 'parent_of', partner_id)]",
        help="Lines inside what it allows need the signature of sales only.",
    )

    def _get_quality_content(self, with_prices=True):
        content = super()._get_quality_content(with_prices)
        if self.quality_framework_id:
            content["framework"] = self.quality_framework_id.id
        return content
