from odoo import fields, models


class StockPicking(models.Model):
    """The warehouse sees that a delivery was complained about (F1)."""

    _inherit = "stock.picking"  # pylint: disable=R8180  # a chapter of its own

    quality_complaint_count = fields.Integer(
        "Complaints", compute="_compute_quality_complaint_count", compute_sudo=True
    )

    # without dependencies: looked at when a delivery is opened
    def _compute_quality_complaint_count(self):
        groups = self.env["quality.complaint"]._read_group(
            [("picking_id", "in", self.ids), ("state", "!=", "void")], ["picking_id"], ["__count"]
        )
        counts = dict(groups)
        for picking in self:
            picking.quality_complaint_count = counts.get(picking._origin, 0)

    def action_view_quality_complaints(self):
        """Open the complaints about these deliveries."""
        complaints = self.env["quality.complaint"].search([("picking_id", "in", self.ids)])
        return complaints._get_records_action(name=self.env._("Complaints"))

    def action_register_quality_complaint(self):
        """Open a new complaint about this delivery: customer, order and positions are there."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Complaint"),
            "res_model": "quality.complaint",
            "view_mode": "form",
            "context": {"default_picking_id": self.id},
        }
