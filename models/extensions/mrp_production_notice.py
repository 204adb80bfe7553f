from odoo import api, fields, models
from odoo.fields import Domain


class MrpProduction(models.Model):
    """What the customer requires, where it is made: drawings, characteristics, marks (D1)."""

    _inherit = "mrp.production"  # pylint: disable=R8180  # a chapter of its own

    quality_requirement_ids = fields.Many2many(
        "quality.production.notice.requirement",
        string="Requirements",
        compute="_compute_quality_carried",
        compute_sudo=True,
    )
    quality_drawing_ids = fields.Many2many(
        "quality.production.notice.drawing",
        string="Drawings",
        compute="_compute_quality_carried",
        compute_sudo=True,
    )
    quality_delivery_ids = fields.Many2many(
        "quality.production.notice.delivery",
        string="Deliveries",
        compute="_compute_quality_carried",
        compute_sudo=True,
    )
    quality_drawing_superseded = fields.Boolean(
        compute="_compute_quality_carried", compute_sudo=True
    )
    quality_replenishment = fields.Boolean(
        "Return Replacement",
        compute="_compute_quality_marks",
        compute_sudo=True,
        search="_search_quality_replenishment",
        help="Made to replace returned goods, says the production notice.",
    )
    quality_sample = fields.Boolean(
        "Sample",
        compute="_compute_quality_marks",
        compute_sudo=True,
        search="_search_quality_sample",
    )

    def _get_quality_claims(self):
        """Return the allocations of this order whose notices are not void."""
        return self.quality_allocation_ids.filtered(lambda claim: claim.notice_state != "void")

    def _get_quality_orders(self):
        """Return the sales orders that wait for what these orders make, in sudo."""
        productions_sudo = self.sudo()  # whoever asks need not see orders
        claims = productions_sudo._get_quality_claims()
        return claims.order_id | productions_sudo.sale_line_id.order_id

    @api.depends("quality_allocation_ids.notice_id.state")
    def _compute_quality_carried(self):
        for production in self:
            claims = production._get_quality_claims()
            lines = claims.line_id.order_line_id
            for name in ("requirement_ids", "drawing_ids", "delivery_ids"):
                production[f"quality_{name}"] = claims.notice_id[name].filtered(
                    lambda row, lines=lines: not row.order_line_id or row.order_line_id in lines
                )
            production.quality_drawing_superseded = any(
                production.quality_drawing_ids.mapped("is_superseded")
            )

    @api.depends("quality_allocation_ids.notice_id.state")
    def _compute_quality_marks(self):
        for production in self:
            claims = production._get_quality_claims()
            # an order made without a notice has the mark of the line that it is made for
            production.quality_replenishment = any(
                claims.notice_id.mapped("is_replenishment")
            ) or bool(production.sale_line_id and production.sale_line_id._is_quality_replacement())
            production.quality_sample = any(claims.line_id.mapped("is_sample"))

    @api.model
    def _search_quality_replenishment(self, operator, value):
        noticed = self._search_quality_mark("notice_id.is_replenishment", operator, value)
        if noticed is NotImplemented:
            return NotImplemented
        marked = [("sale_line_id.quality_kind_choice", "=", "replacement")]
        return Domain(noticed) | Domain(marked)

    @api.model
    def _search_quality_sample(self, operator, value):
        return self._search_quality_mark("line_id.is_sample", operator, value)

    def _search_quality_mark(self, path, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        claims = [(path, "=", True), ("notice_id.state", "!=", "void")]
        return [("quality_allocation_ids", "any!", claims)]
