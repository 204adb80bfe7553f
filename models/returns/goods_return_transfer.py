from odoo import api, fields, models
from odoo.fields import Command

#: Under this key the wizard of Odoo is told where returned goods go: a record, which no client
#: can send.
PLACE = "customer_quality_return_place"


class QualityReturn(models.Model):
    """The transfers that bring returned goods to inspection (F6), made in sudo."""

    _inherit = "quality.return"  # pylint: disable=R8180  # a chapter of its own

    def _create_transfers(self):
        """Create the return of each delivery, and one receipt for what has no known delivery."""
        self.ensure_one()
        known = self.line_ids.filtered(lambda line: line.move_id and line.quantity)
        for picking, lines in known.grouped(lambda line: line.move_id.picking_id).items():
            self._return_delivery(picking, lines)
        unknown = self.line_ids.filtered(lambda line: not line.move_id and line.quantity)
        if unknown:
            self._receive_unknown(unknown)

    def _return_delivery(self, picking, lines):
        """Return a delivery as Odoo does, with lots, to the inspection of returns."""
        place = self._get_place("inspection")
        wizard = (
            self.env["stock.return.picking"]
            .with_company(self.company_id)
            .with_context(**{PLACE: place})
            .create({"picking_id": picking.id})
        )
        for row in wizard.product_return_moves:
            mine = lines.filtered(lambda line, row=row: line.move_id == row.move_id)
            quantity = sum(mine.mapped("quantity"))
            row.quantity = row.product_id.uom_id._compute_quantity(quantity, row.uom_id)
            row.to_refund = self.remedy == "credit"
        transfer = wizard._create_return()
        transfer.move_ids.quality_return_id = self
        for move in transfer.move_ids:
            mine = lines.filtered(lambda line, m=move: line.move_id == m.origin_returned_move_id)
            self._name_lots(move, mine)

    def _receive_unknown(self, lines):
        """Expect goods whose delivery is unknown, from the customers' location."""
        kind = self.warehouse_id.in_type_id
        source = self.partner_id.with_company(self.company_id).property_stock_customer
        place = self._get_place("inspection")
        moves = [
            {
                "product_id": line.product_id.id,
                "product_uom_qty": line.quantity,
                "product_uom": line.uom_id.id,
                "location_id": source.id,
                "location_dest_id": place.id,
                "company_id": self.company_id.id,
                "quality_return_id": self.id,
                "to_refund": False,
            }
            for line in lines
        ]
        transfer = self.env["stock.picking"].create(
            {
                "picking_type_id": kind.id,
                "partner_id": self.partner_id.id,
                "location_id": source.id,
                "location_dest_id": place.id,
                "company_id": self.company_id.id,
                "origin": self.name,
                "move_ids": [Command.create(vals) for vals in moves],
            }
        )
        transfer.move_ids._action_confirm(merge=False)
        transfer.action_assign()
        for move, line in zip(transfer.move_ids.sorted("id"), lines, strict=True):
            self._name_lots(move, line)

    def _name_lots(self, move, lines):
        """Expect the lots that the positions name; what names none is left as Odoo proposes."""
        if not lines.lot_id or len(lines.filtered("lot_id")) != len(lines):
            return
        move.move_line_ids.unlink()
        self.env["stock.move.line"].create(
            [
                {
                    **move._prepare_move_line_vals(),
                    "lot_id": line.lot_id.id,
                    "quantity": line.quantity,
                    "product_uom_id": line.uom_id.id,
                }
                for line in lines
            ]
        )

    def _cancel_transfers(self):
        """Expect nothing more: what did not arrive is cancelled."""
        open_moves = self.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))
        open_moves._action_cancel()

    def _get_arrived(self):
        """Return the moves that brought goods to the inspection of returns (stock.move)."""
        return self.move_ids.filtered(
            lambda move: (
                move.state == "done"
                and move.location_dest_id._get_quality_place_kind() == "inspection"
            )
        )

    def _is_expecting(self):
        """Tell whether something is still on its way to inspection."""
        return any(
            move.state not in ("done", "cancel")
            and move.location_dest_id._get_quality_place_kind() == "inspection"
            for move in self.move_ids
        )


class StockReturnPicking(models.TransientModel):
    """Odoo's return of a delivery goes where the procedure says."""

    _inherit = "stock.return.picking"

    @api.model
    def _prepare_picking_default_values_based_on(self, picking):
        vals = super()._prepare_picking_default_values_based_on(picking)
        place = self.env.context.get(PLACE)
        if isinstance(place, models.Model):
            vals["location_dest_id"] = place.id
            vals["scheduled_date"] = fields.Datetime.now()
        return vals
