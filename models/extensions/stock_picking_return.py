from odoo import fields, models


class StockPicking(models.Model):
    """Deliveries and return transfers know their returns (F6)."""

    _inherit = "stock.picking"  # pylint: disable=R8180  # a chapter of its own

    quality_return_count = fields.Integer(
        "Returns", compute="_compute_quality_return_count", compute_sudo=True
    )

    # without dependencies: looked at when a transfer is opened
    def _compute_quality_return_count(self):
        found = self._get_quality_returns()
        for picking in self:
            picking.quality_return_count = len(found.get(picking._origin, ()))

    def _get_quality_returns(self):
        """Return the returns that these transfers bring, or whose goods they delivered.

        :return: dict of picking → quality.return records, in sudo
        """
        Return = self.env["quality.return"].sudo()  # that there are some is told to who sees it
        moves = self.env["stock.move"].sudo()
        found = {}
        for picking, back in moves._read_group(
            [("picking_id", "in", self.ids), ("quality_return_id", "!=", False)],
            ["picking_id", "quality_return_id"],
        ):
            found[picking.sudo(False)] = found.get(picking.sudo(False), Return) | back
        lines = self.env["quality.return.line"].sudo()
        for line in lines.search([("move_id.picking_id", "in", self.ids)]):
            picking = line.move_id.picking_id.sudo(False)
            found[picking] = found.get(picking, Return) | line.return_id
        return found

    def action_view_quality_returns(self):
        """Open the returns of these transfers."""
        Return = self.env["quality.return"]
        returns = Return.union(
            *(back.with_env(self.env) for back in self._get_quality_returns().values())
        )
        return returns._get_records_action(name=self.env._("Returns"))

    def action_quality_return(self):
        """Ask for a return of what these deliveries brought, and open it (F6).

        :return: action that opens the return
        :raise AccessError: for whoever may not ask for returns
        :raise UserError: for what is no delivery that has left
        """
        self.check_access("read")
        return self.env["quality.return"]._open_for(self)
