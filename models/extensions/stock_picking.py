from odoo import fields, models


class StockPicking(models.Model):
    """A delivery that replaces returned goods says so, on screen and on paper (D1, F7)."""

    _inherit = "stock.picking"

    quality_notice_count = fields.Integer(
        compute="_compute_quality_notices", compute_sudo=True, export_string_translation=False
    )
    quality_replenishment = fields.Boolean(
        "Return Replacement", compute="_compute_quality_notices", compute_sudo=True
    )

    # without dependencies: looked at when a delivery is opened or printed, at no other time
    def _compute_quality_notices(self):
        delivered = self.filtered(lambda picking: picking.picking_type_code == "outgoing")
        notices = self.env["quality.production.notice"]._get_standing(delivered.sale_id)
        for picking in self:
            own = notices.filtered(
                lambda notice, picking=picking: (
                    picking in delivered and notice.order_id == picking.sale_id
                )
            )
            picking.quality_notice_count = len(own)
            # what stock covers has no notice; the order's line says it, too
            lines = picking.move_ids.sale_line_id if picking in delivered else ()
            picking.quality_replenishment = any(own.mapped("is_replenishment")) or any(
                line._is_quality_replacement() for line in lines
            )

    def action_view_quality_notices(self):
        """Open the production notices of the orders that are delivered."""
        orders_sudo = self.sudo().sale_id  # the warehouse need not read orders
        notices = self.env["quality.production.notice"]._get_standing(orders_sudo)
        return notices.sudo(self.env.su)._get_records_action(name=self.env._("Production Notices"))
