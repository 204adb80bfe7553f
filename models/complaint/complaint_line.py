from odoo import api, fields, models
from odoo.exceptions import ValidationError


class QualityComplaintLine(models.Model):
    """A position of a complaint: so much of a product and lot, with its defect (F1).

    Written by whoever may write the complaint, while that is open.
    """

    _name = "quality.complaint.line"
    _description = "Position of a Complaint"
    _order = "complaint_id, sequence, id"
    _check_company_auto = True

    complaint_id = fields.Many2one(
        "quality.complaint", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="complaint_id.record_id.company_id", store=True, precompute=True, index=True
    )
    sequence = fields.Integer(default=10)
    product_id = fields.Many2one(
        "product.product",
        compute="_compute_product_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    lot_id = fields.Many2one(
        "stock.lot",
        "Lot or Serial Number",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('product_id', '=', product_id)]",
    )
    quantity = fields.Float(digits="Product Unit", help="How many the customer complains about.")
    uom_id = fields.Many2one(related="product_id.uom_id")
    move_id = fields.Many2one(
        "stock.move",
        "Delivered With",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The line of the delivery.",
    )
    quantity_delivered = fields.Float(
        "Delivered", digits="Product Unit", readonly=True, help="By that line of the delivery."
    )
    defect_id = fields.Many2one(
        "quality.defect", index="btree_not_null", ondelete="restrict", check_company=True
    )
    note = fields.Char()

    _quantity_positive = models.Constraint(
        "CHECK (quantity >= 0)", "A position can't be about less than nothing."
    )

    @api.depends("move_id", "lot_id")
    def _compute_product_id(self):
        for line in self:
            found = line.move_id.sudo().product_id or line.lot_id.sudo().product_id
            line.product_id = found.sudo(False) or line.product_id

    @api.depends("product_id", "lot_id", "quantity")
    def _compute_display_name(self):
        for line in self:
            lot = line.lot_id and f"({line.lot_id.name})"
            quantity = line.quantity and f"{line.quantity:g} ×"
            parts = filter(None, (quantity, line.product_id.display_name, lot))
            line.display_name = " ".join(parts) or line.note or self.env._("Position")

    @api.constrains("product_id", "lot_id")
    def _check_lot(self):
        for line in self.sudo():  # whether they belong together, whoever may read lots
            if line.lot_id and line.product_id and line.lot_id.product_id != line.product_id:
                raise ValidationError(
                    self.env._(
                        "Lot %(lot)s is not of %(product)s. Choose a lot of that product.",
                        lot=line.lot_id.name,
                        product=line.product_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Add positions to open complaints, see :meth:`_ensure_may_write`."""
        self._ensure_may_link(vals_list)
        complaints = self.env["quality.complaint"].browse(
            vals.get("complaint_id") for vals in vals_list
        )
        self._ensure_may_write(complaints)
        return super().create(self._add_delivered(vals_list))

    def write(self, vals):
        """Change positions of open complaints."""
        self._ensure_may_link([vals])
        complaints = self.complaint_id
        if "complaint_id" in vals:
            complaints |= complaints.browse(vals["complaint_id"])
        self._ensure_may_write(complaints)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept(self):
        self._ensure_may_write(self.complaint_id)

    def _ensure_may_write(self, complaints):
        """Positions are part of what was reported.

        :raise AccessError: for whoever may not write the complaint
        :raise UserError: once it is over
        """
        if not self.env.su:
            complaints.check_access("write")
        complaints._ensure_unlocked()

    def _ensure_may_link(self, vals_list):
        """Refuse links to what the user may not read.

        Lines of a delivery are shown with it: who may read the delivery may name them.
        """
        if self.env.su:
            return
        for name in ("product_id", "move_id"):
            ids = [vals[name] for vals in vals_list if vals.get(name)]
            if ids:
                linked = self.env[self._fields[name].comodel_name].browse(ids)
                (linked.picking_id if name == "move_id" else linked).check_access("read")

    @api.model
    def _add_delivered(self, vals_list):
        """Return the values with how much the line of the delivery brought."""
        moves = self.env["stock.move"].sudo()  # a quantity of a line that may be named
        return [
            {**vals, "quantity_delivered": moves.browse(vals["move_id"]).quantity}
            if vals.get("move_id") and "quantity_delivered" not in vals
            else vals
            for vals in vals_list
        ]

    @api.model
    def _prepare_delivered_vals(self, picking):
        """Return the values of positions for all that a delivery brought, lot by lot (F1).

        :param picking: stock.picking record, in sudo
        :return: list of dict; the quantity complained about is for the user to say
        """
        brought = {}
        for row in picking.move_line_ids.filtered("quantity"):
            key = (row.move_id, row.lot_id)
            brought[key] = brought.get(key, 0.0) + row.quantity_product_uom
        return [
            {
                "product_id": move.product_id.id,
                "lot_id": lot.id,
                "move_id": move.id,
                "quantity": 0.0,
                "quantity_delivered": quantity,
            }
            for (move, lot), quantity in brought.items()
        ]
