from odoo import api, fields, models


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

    quality_has_framework = fields.Boolean(compute="_compute_quality_has_framework")

    @api.depends("partner_id", "quality_framework_id")
    def _compute_quality_has_framework(self):
        customers = self.partner_id.commercial_partner_id
        contracts = self.env["quality.framework.contract"].sudo()  # whether there is one, no more
        approved = [("partner_id", "in", customers.ids), ("state", "=", "approved")]
        having = {(c.partner_id, c.company_id) for c in contracts.search(approved)}
        for order in self:
            key = (order.partner_id.commercial_partner_id, order.company_id)
            order.quality_has_framework = bool(order.quality_framework_id) or key in having

    def _get_quality_content(self, with_prices=True):
        content = super()._get_quality_content(with_prices)
        if self.quality_framework_id:
            content["framework"] = self.quality_framework_id.id
        return content

    def _get_quality_obstacles(self, stage):
        """A forecast that became firm is not shipped before it is reviewed (B9)."""
        obstacles = super()._get_quality_obstacles(stage)
        if stage == "shipment":
            # told to whoever ships
            for order_sudo in self.sudo().filtered("quality_framework_id"):
                if refusal := order_sudo.quality_review_id._get_forecast_refusal():
                    obstacles.setdefault(order_sudo.sudo(self.env.su), []).append(refusal)
        return obstacles
