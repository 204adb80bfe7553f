from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

KINDS = [
    ("stock", "To stock"),
    ("rework", "Rework"),
    ("scrap", "Scrap"),
    ("concession", "Concession"),
    ("supplier", "Back to supplier"),
    ("customer", "Back to customer"),
]

#: What needs the customer's authorisation (L5).
AUTHORISED = ("concession", "rework")

MANAGER = "customer_quality.group_manager"


class QualityReturnDisposition(models.Model):
    """What becomes of returned goods: each decision is a real move (F6, L5).

    Carried out all together or not at all. What is done is reversed by a new move only.
    """

    _name = "quality.return.disposition"
    _description = "Disposition of Returned Goods"
    _order = "inspection_id, id"
    _check_company_auto = True

    inspection_id = fields.Many2one(
        "quality.return.inspection", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="inspection_id.record_id.company_id", store=True, precompute=True, index=True
    )
    line_id = fields.Many2one(
        "quality.return.inspection.line",
        "Goods",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('inspection_id', '=', inspection_id)]",
    )
    product_id = fields.Many2one(related="line_id.product_id")
    uom_id = fields.Many2one(related="line_id.product_id.uom_id")
    is_rejected = fields.Boolean("Rejected Goods")
    kind = fields.Selection(KINDS, "What Becomes of It", required=True)
    quantity = fields.Float(digits="Product Unit", required=True)
    note = fields.Char("Why, or How")
    supplier_id = fields.Many2one(
        "res.partner", index="btree_not_null", ondelete="restrict", check_company=True
    )

    # The customer's authorisation (L5)
    permitted_by = fields.Char("Authorised By", help="The person at the customer.")
    date_permitted = fields.Date("Authorised On")
    permitted_until = fields.Date("Until")
    permitted_quantity = fields.Float("How Many", digits="Product Unit")
    file_ids = fields.Many2many(
        "ir.attachment", "quality_return_disposition_file_rel", string="Authorisation", copy=False
    )

    # What it did
    state = fields.Selection(
        [("planned", "Planned"), ("decided", "On Its Way"), ("done", "Done")],
        default="planned",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    decided_by = fields.Char(readonly=True, copy=False)
    date_decided = fields.Datetime("Decided On", readonly=True, copy=False)
    move_ids = fields.One2many("stock.move", "quality_disposition_id", "Moves", readonly=True)
    production_id = fields.Many2one(
        "mrp.production", "Rework Order", readonly=True, copy=False, index="btree_not_null"
    )

    _quantity_positive = models.Constraint("CHECK (quantity > 0)", "Enter how many.")

    # Decisions are written by officers until they are carried out

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            self._check_given(*vals_list)
            sheets = self.env["quality.return.inspection"]
            sheets.browse(vals["inspection_id"] for vals in vals_list)._ensure_deciding()
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_given(vals)
            self._ensure_planned()
            sheets = self.inspection_id
            if "inspection_id" in vals:
                sheets |= sheets.browse(vals["inspection_id"])
            sheets._ensure_deciding()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_carried_out(self):
        self._ensure_planned()

    def _check_given(self, *vals_list):
        procedure = {"state", "decided_by", "date_decided", "move_ids", "production_id"}
        if any(
            value and name in procedure
            for v in vals_list
            for name, value in v.items()
            if (name, value) != ("state", "planned")
        ):
            raise AccessError(
                self.env._("What a decision did follows from its moves. Carry it out instead.")
            )

    def _ensure_planned(self):
        kept = self.filtered(lambda row: row.state != "planned")
        if kept:
            raise UserError(
                self.env._(
                    "What was decided on %(product)s was carried out. A new move reverses it, "
                    "nothing else does.",
                    product=kept[0].product_id.display_name,
                )
            )

    # Checks before anything moves

    def _check_authorised(self):
        """Check that the customer authorised what needs it, by whom and how far (L5).

        :raise UserError: naming what is missing or not covered
        :raise AccessError: where a concession is not granted by a quality manager
        """
        today = fields.Date.context_today(self)
        for row in self.filtered(lambda row: row.kind in AUTHORISED):
            names = {"product": row.product_id.display_name}
            if not (row.permitted_by and row.date_permitted and row.file_ids):
                raise UserError(
                    self.env._(
                        "%(product)s: concession and rework need the customer's authorisation: "
                        "who gave it, when, and the file.",
                        **names,
                    )
                )
            if not (row.permitted_until or row.permitted_quantity):
                raise UserError(
                    self.env._(
                        "%(product)s: say until when the authorisation holds, or for how many.",
                        **names,
                    )
                )
            over = row.permitted_quantity and row.quantity > row.permitted_quantity
            if over or (row.permitted_until and row.permitted_until < today):
                raise UserError(
                    self.env._(
                        "%(product)s: the customer's authorisation does not cover this quantity, "
                        "or its time is over. Ask the customer anew.",
                        **names,
                    )
                )
        if "concession" in self.mapped("kind") and not self._may_concede():
            raise AccessError(
                self.env._("A concession is granted by a quality manager. Ask one of them.")
            )

    def _may_concede(self):
        return self.env.su or self.env.user.has_group(MANAGER)

    def _check_kind(self):
        for row in self:
            names = {"product": row.product_id.display_name}
            if row.line_id.inspection_id != row.inspection_id:
                raise UserError(
                    self.env._("%(product)s stands on another inspection sheet.", **names)
                )
            if row.kind == "stock" and row.is_rejected:
                raise UserError(
                    self.env._(
                        "%(product)s was rejected: it does not go to stock. Rework it, or ask the "
                        "customer for a concession.",
                        **names,
                    )
                )
            if row.kind == "concession" and not row.is_rejected:
                raise UserError(
                    self.env._("%(product)s was accepted: it needs no concession.", **names)
                )
            if row.kind == "supplier" and not row.supplier_id:
                raise UserError(self.env._("Choose the supplier of %(product)s.", **names))

    # Carrying out, in sudo

    def _carry_out(self, name):
        """Move the goods as decided; the rights were checked before."""
        for row in self:
            getattr(row, f"_carry_out_{row.kind}")()
            row.write(
                {
                    "state": "done" if row._is_over() else "decided",
                    "decided_by": name,
                    "date_decided": fields.Datetime.now(),
                }
            )

    def _get_source(self):
        kind = "nonconforming" if self.is_rejected else "inspection"
        return self.inspection_id.return_id._get_place(kind)

    def _carry_out_stock(self):
        self._move_now(self.inspection_id.return_id.warehouse_id.lot_stock_id)

    def _carry_out_scrap(self):
        scrap = self.env["stock.scrap"].create(
            {
                "product_id": self.product_id.id,
                "product_uom_id": self.uom_id.id,
                "lot_id": self.line_id.lot_id.id,
                "scrap_qty": self.quantity,
                "location_id": self._get_source().id,
                "company_id": self.company_id.id,
                "origin": self.inspection_id.name,
                "quality_disposition_id": self.id,
            }
        )
        self.inspection_id._check_there(self._get_source(), self.line_id, self.quantity)
        scrap.do_scrap()

    def _carry_out_rework(self):
        """Make a manufacturing order that consumes the goods; they come back to inspection."""
        back = self.inspection_id.return_id
        place = back._get_place("rework")
        self._move_now(place)
        production = (
            self.env["mrp.production"]
            .with_company(self.company_id)
            .create(
                {
                    "product_id": self.product_id.id,
                    "product_qty": self.quantity,
                    "product_uom_id": self.uom_id.id,
                    "bom_id": False,
                    "picking_type_id": back.warehouse_id.manu_type_id.id,
                    "location_src_id": place.id,
                    "location_dest_id": back._get_place("inspection").id,
                    "company_id": self.company_id.id,
                    "origin": self.inspection_id.name,
                    "move_raw_ids": [
                        Command.create(
                            {
                                "product_id": self.product_id.id,
                                "product_uom_qty": self.quantity,
                                "product_uom": self.uom_id.id,
                                "location_id": place.id,
                            }
                        )
                    ],
                }
            )
        )
        if self.line_id.lot_id:
            production.lot_producing_ids = self.line_id.lot_id
        production.action_confirm()
        production.action_assign()
        production.move_finished_ids.quality_return_id = back
        self.production_id = production

    def _carry_out_customer(self):
        partner = self.inspection_id.return_id.partner_id
        place = partner.with_company(self.company_id).property_stock_customer
        self._ship(partner, place, self._get_arrival())

    def _carry_out_concession(self):
        """What the customer accepts as it is goes to that customer, to nobody else."""
        self._carry_out_customer()

    def _carry_out_supplier(self):
        place = self.supplier_id.with_company(self.company_id).property_stock_supplier
        self._ship(self.supplier_id, place, self.env["stock.move"])

    def _get_arrival(self):
        """Return the move that brought these goods back, as far as its delivery is known."""
        arrived = self.inspection_id.return_id._get_arrived()
        return arrived.filtered(
            lambda move: (
                move.product_id == self.product_id
                and move.origin_returned_move_id
                and (not self.line_id.lot_id or self.line_id.lot_id in move.move_line_ids.lot_id)
            )
        )[:1]

    def _ship(self, partner, place, arrival):
        """Prepare the transfer that takes the goods away; the warehouse ships it."""
        back = self.inspection_id.return_id
        kind = back.warehouse_id.out_type_id
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": kind.id,
                "partner_id": partner.id,
                "location_id": self._get_source().id,
                "location_dest_id": place.id,
                "company_id": self.company_id.id,
                "origin": self.inspection_id.name,
                "return_id": arrival.picking_id.id,
            }
        )
        move = self.env["stock.move"].create(
            {
                **self._prepare_move_vals(place),
                "picking_id": picking.id,
                "picking_type_id": kind.id,
                "origin_returned_move_id": arrival.id,
                "sale_line_id": arrival.sale_line_id.id,
                "to_refund": arrival.to_refund,
            }
        )
        move._action_confirm(merge=False)
        self._fill(move)

    def _move_now(self, place):
        move = self.env["stock.move"].create(self._prepare_move_vals(place))
        move._action_confirm(merge=False)
        self._fill(move)
        move.picked = True
        move._action_done()

    def _prepare_move_vals(self, place):
        return {
            "product_id": self.product_id.id,
            "product_uom": self.uom_id.id,
            "product_uom_qty": self.quantity,
            "location_id": self._get_source().id,
            "location_dest_id": place.id,
            "company_id": self.company_id.id,
            "origin": self.inspection_id.name,
            "quality_disposition_id": self.id,
        }

    def _fill(self, move):
        self.inspection_id._fill_move(move, self.line_id.lot_id, self.quantity)

    # What follows

    def _get_left(self, but):
        """Return how much may still leave by this decision, besides what ``but`` takes."""
        self.ensure_one()
        gone = (self.move_ids - but).filtered(lambda move: move.state == "done")
        return self.quantity - sum(gone.mapped("product_qty"))

    def _is_over(self):
        gone = self.move_ids.filtered(lambda move: move.state == "done")
        return self.uom_id.compare(sum(gone.mapped("product_qty")), self.quantity) >= 0

    def _follow(self):
        """Follow what moves did: done once all has left, planned again once they are cancelled."""
        for row in self.filtered(lambda row: row.state == "decided"):
            if row._is_over():
                row.state = "done"
            elif row.move_ids and all(m.state in ("done", "cancel") for m in row.move_ids):
                row._take_back()
        self.inspection_id._settle()

    def _take_back(self):
        """Open what did not leave for another decision."""
        gone = sum(self.move_ids.filtered(lambda m: m.state == "done").mapped("product_qty"))
        if self.uom_id.is_zero(gone):
            self.state = "planned"
        else:
            self.write({"quantity": gone, "state": "done"})


class QualityReturnInspection(models.Model):
    """Deciding what becomes of inspected goods (F6)."""

    _inherit = "quality.return.inspection"  # pylint: disable=R8180  # a chapter of its own

    def _ensure_deciding(self):
        self._ensure_officer()
        early = self.filtered(lambda sheet: sheet.state != "signed")
        if early:
            raise UserError(
                self.env._(
                    "%(number)s is not signed yet, or settled: decided is on what was inspected "
                    "and signed for.",
                    number=early[0].name,
                )
            )

    def action_carry_out(self):
        """Carry out what is planned, all of it or nothing (F6, L5).

        :raise AccessError: for whoever is no quality officer; no quality manager, for concessions
        :raise UserError: where a decision is not possible, or not covered by the customer
        """
        self._ensure_deciding()
        rows = self.disposition_ids.filtered(lambda row: row.state == "planned")
        if not rows:
            raise UserError(self.env._("Say first what becomes of the goods, and how many."))
        rows._check_kind()
        rows._check_authorised()
        self.sudo()._check_quantities()  # quantities of goods that the user decides on
        rows_sudo = rows.sudo()  # the rights were checked above; officers have none to stock
        for row in rows_sudo:
            row.file_ids.filtered(lambda file: not file.res_id).write(
                {"res_model": row._name, "res_id": row.id}
            )
        rows_sudo._carry_out(self.env.user.name)
        self.sudo()._settle()
        return True

    def _check_quantities(self):
        for line in self.line_ids:
            for is_rejected, found in ((False, line.accepted), (True, line.rejected)):
                rows = self.disposition_ids.filtered(
                    lambda row, line=line, bad=is_rejected: (
                        row.line_id == line and row.is_rejected == bad
                    )
                )
                decided = sum(rows.mapped("quantity"))
                if line.uom_id.compare(decided, found) > 0:
                    raise UserError(
                        self.env._(
                            "%(product)s: decided would be on %(decided)g %(unit)s, and there are "
                            "%(found)g. Correct the quantities.",
                            product=line.product_id.display_name,
                            decided=decided,
                            found=found,
                            unit=line.uom_id.name,
                        )
                    )

    def _settle(self):
        """Close sheets of which all has left inspection, in sudo."""
        for sheet in self.filtered(lambda sheet: sheet.state == "signed"):
            if all(sheet._is_decided(line) for line in sheet.line_ids):
                sheet.state = "settled"
                sheet._set_phase("closed")
        self.return_id._settle()

    def _is_decided(self, line):
        rows = self.disposition_ids.filtered(lambda r: r.line_id == line and r.state == "done")
        return line.uom_id.compare(sum(rows.mapped("quantity")), line.received) >= 0

    # Moves of inspected goods, in sudo

    def _separate(self):
        """Move what was rejected to the nonconforming goods (F6)."""
        self.ensure_one()
        back = self.return_id
        for line in self.line_ids.filtered("rejected"):
            move = self.env["stock.move"].create(
                {
                    "product_id": line.product_id.id,
                    "product_uom": line.uom_id.id,
                    "product_uom_qty": line.rejected,
                    "location_id": back._get_place("inspection").id,
                    "location_dest_id": back._get_place("nonconforming").id,
                    "company_id": self.company_id.id,
                    "origin": self.name,
                    "quality_return_id": back.id,
                }
            )
            move._action_confirm(merge=False)
            self._fill_move(move, line.lot_id, line.rejected)
            move.picked = True
            move._action_done()

    def _fill_move(self, move, lot, quantity):
        """Take exactly these goods.

        :raise UserError: where they are not there any more, e.g. after a count
        """
        line = self.line_ids.filtered(
            lambda line: line.product_id == move.product_id and line.lot_id == lot
        )[:1]
        move.move_line_ids.unlink()  # what confirming reserved for this very move is free again
        self._check_there(move.location_id, line, quantity)
        self.env["stock.move.line"].create(
            {
                **move._prepare_move_line_vals(),
                "lot_id": lot.id,
                "quantity": quantity,
                "product_uom_id": move.product_id.uom_id.id,
            }
        )

    def _check_there(self, place, line, quantity):
        product = line.product_id
        if not product.is_storable:
            return
        there = self.env["stock.quant"]._get_available_quantity(
            product, place, lot_id=line.lot_id or None, strict=bool(line.lot_id)
        )
        if product.uom_id.compare(quantity, there) > 0:
            raise UserError(
                self.env._(
                    "%(place)s holds %(there)g %(unit)s of %(product)s, not %(quantity)g. Count "
                    "the place, and decide on what is there.",
                    place=place.display_name,
                    there=there,
                    unit=product.uom_id.name,
                    product=product.display_name,
                    quantity=quantity,
                )
            )


class StockScrap(models.Model):
    """Scrap that was decided on names its decision (F6)."""

    _inherit = "stock.scrap"

    quality_disposition_id = fields.Many2one(
        "quality.return.disposition", readonly=True, copy=False, index="btree_not_null"
    )

    def _prepare_move_values(self):
        vals = super()._prepare_move_values()
        if self.env.su and self.quality_disposition_id:
            vals["quality_disposition_id"] = self.quality_disposition_id.id
        return vals
