from odoo import fields, models


class QualityComplaint(models.Model):
    """A complaint asks for the return of its goods, and knows its returns (F6)."""

    _inherit = "quality.complaint"  # pylint: disable=R8180  # a chapter of its own

    return_count = fields.Integer("Returns", compute="_compute_return_count")

    # without dependencies: looked at when a complaint is opened
    def _compute_return_count(self):
        groups = self.env["quality.return"]._read_group(
            [("complaint_id", "in", self.ids)], ["complaint_id"], ["__count"]
        )
        counts = dict(groups)
        for complaint in self:
            complaint.return_count = counts.get(complaint._origin, 0)

    def action_return(self):
        """Ask for the return of what this complaint is about, and open it (F6).

        :raise AccessError: for whoever may not ask for returns
        :raise UserError: without customer, or positions with product and quantity
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["quality.return"]._open_for_complaint(self)

    def action_view_returns(self):
        """Open the returns of these complaints."""
        returns = self.env["quality.return"].search([("complaint_id", "in", self.ids)])
        return returns._get_records_action(name=self.env._("Returns"))
