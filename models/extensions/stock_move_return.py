from odoo import fields, models
from odoo.exceptions import UserError

#: Places that goods leave by a decision only.
GUARDED = ("inspection", "nonconforming")


class StockMove(models.Model):
    """Returned goods go to inspection, and leave it by a signed decision only (F6).

    Where no warehouse has a place for returned goods, nothing is looked up.
    """

    _inherit = "stock.move"  # pylint: disable=R8180  # a chapter of its own

    quality_return_id = fields.Many2one(
        "quality.return",
        "Return",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Copied with the move, so that a rest that comes later belongs to it, too.",
    )
    quality_disposition_id = fields.Many2one(
        "quality.return.disposition",
        "Disposition",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    def _prepare_move_split_vals(self, qty):
        vals = super()._prepare_move_split_vals(qty)
        if self.quality_disposition_id:
            vals["quality_disposition_id"] = self.quality_disposition_id.id
        return vals

    def _action_done(self, cancel_backorder=False):
        """Move, and let returns follow.

        :raise UserError: where returned goods would go past their inspection
        """
        if not self.env["stock.location"]._get_quality_places():
            return super()._action_done(cancel_backorder=cancel_backorder)
        self._join_quality_return()
        self._check_quality_places()
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        moves.sudo()._settle_quality_returns()  # who moves goods need not see returns
        return moves

    def _action_cancel(self):
        concerned = self.filtered(
            lambda move: move.state not in ("done", "cancel") and move.quality_return_id
        )
        result = super()._action_cancel()
        concerned.sudo()._settle_quality_returns()  # who cancels transfers need not see returns
        return result

    def _join_quality_return(self):
        """Count what was added to a return transfer by hand among what came back."""
        for move in self.filtered(lambda m: not m.quality_return_id and m.picking_id):
            joined = move.picking_id.move_ids.quality_return_id[:1]
            if joined and move.location_id.usage in ("customer", "transit"):
                move.sudo().quality_return_id = joined  # whoever receives need not see it

    def _check_quality_places(self):
        """Refuse what would take returned goods past inspection or decision.

        :raise UserError: naming the goods and what to do
        """
        for move in self:
            if move.state in ("done", "cancel") or move.is_inventory:
                continue
            lines = move.move_line_ids.filtered("quantity")
            leaves = {line.location_id._get_quality_place_kind() for line in lines}
            if not leaves.isdisjoint(GUARDED):
                # what the signed inspection rejects is set apart by the procedure
                if not (self.env.su and move._is_quality_separation()):
                    move._check_quality_leaving()
            elif move.quality_return_id:
                move._check_quality_arriving(lines)

    def _is_quality_separation(self):
        return self.quality_return_id and (
            self.location_dest_id._get_quality_place_kind() == "nonconforming"
        )

    def _check_quality_leaving(self):
        disposition_sudo = self.sudo().quality_disposition_id  # asked of whoever moves goods
        if not disposition_sudo:
            raise UserError(
                self.env._(
                    "%(product)s was returned and is not released: it leaves inspection by a "
                    "decision only. Decide on the return's inspection sheet what becomes of it.",
                    product=self.product_id.display_name,
                )
            )
        quantity = self.product_uom._compute_quantity(self.quantity, self.product_id.uom_id)
        allowed = disposition_sudo._get_left(but=self)
        if self.product_id.uom_id.compare(quantity, allowed) > 0:
            raise UserError(
                self.env._(
                    "Decided was on %(allowed)g %(unit)s of %(product)s, not on %(quantity)g. "
                    "Move what was decided on, and decide on the rest.",
                    allowed=allowed,
                    unit=self.product_id.uom_id.name,
                    product=self.product_id.display_name,
                    quantity=quantity,
                )
            )

    def _check_quality_arriving(self, lines):
        if self.location_id.usage not in ("customer", "transit"):
            return
        astray = lines.filtered(
            lambda line: line.location_dest_id._get_quality_place_kind() != "inspection"
        )
        if astray:
            raise UserError(
                self.env._(
                    "%(product)s comes back from a customer: it goes to %(place)s first. Choose "
                    "that destination.",
                    product=self.product_id.display_name,
                    place=self.sudo().quality_return_id._get_place("inspection").display_name,
                )
            )

    def _settle_quality_returns(self):
        """Let returns and decisions follow what these moves did, in sudo."""
        self.quality_disposition_id._follow()
        self.quality_return_id._settle()
