from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class QualityReturnLine(models.Model):
    """So much of a product and lot that comes back, with the delivery that brought it (F6)."""

    _name = "quality.return.line"
    _description = "Position of a Return"
    _order = "return_id, sequence, id"
    _check_company_auto = True

    return_id = fields.Many2one("quality.return", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(
        related="return_id.record_id.company_id", store=True, precompute=True, index=True
    )
    sequence = fields.Integer(default=10)
    product_id = fields.Many2one(
        "product.product", required=True, index=True, ondelete="restrict", check_company=True
    )
    lot_id = fields.Many2one(
        "stock.lot",
        "Lot or Serial Number",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('product_id', '=', product_id)]",
    )
    quantity = fields.Float(digits="Product Unit", required=True)
    uom_id = fields.Many2one(related="product_id.uom_id")
    move_id = fields.Many2one(
        "stock.move",
        "Delivered With",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Leave empty where the delivery is unknown: the goods are then received as such.",
    )
    delivery_name = fields.Char("Delivery", compute="_compute_delivery_name", compute_sudo=True)
    defect_id = fields.Many2one(
        "quality.defect", index="btree_not_null", ondelete="restrict", check_company=True
    )
    note = fields.Char()

    _quantity_positive = models.Constraint(
        "CHECK (quantity >= 0)", "Less than nothing can't come back."
    )

    @api.depends("move_id")
    def _compute_delivery_name(self):
        for line in self:
            line.delivery_name = line.move_id.picking_id.name

    @api.constrains("product_id", "lot_id", "move_id")
    def _check_delivered(self):
        for line in self.sudo():  # whether they belong together, whoever may read them
            move, partner = line.move_id, line.return_id.partner_id.commercial_partner_id
            if line.lot_id and line.lot_id.product_id != line.product_id:
                raise ValidationError(
                    self.env._(
                        "Lot %(lot)s is not of %(product)s. Choose a lot of that product.",
                        lot=line.lot_id.name,
                        product=line.product_id.display_name,
                    )
                )
            fits = (
                move.state == "done"
                and move.location_dest_id.usage == "customer"
                and move.product_id == line.product_id
                and move.picking_id.partner_id.commercial_partner_id == partner
            )
            if move and not fits:
                raise ValidationError(
                    self.env._(
                        "%(product)s did not leave for %(customer)s with that delivery. Leave the "
                        "delivery empty where you don't know it.",
                        product=line.product_id.display_name,
                        customer=partner.display_name,
                    )
                )

    # Positions are part of what is asked for

    @api.model_create_multi
    def create(self, vals_list):
        self._check_links(vals_list)
        returns = self.env["quality.return"].browse(vals["return_id"] for vals in vals_list)
        self._ensure_may_write(returns)
        return super().create(vals_list)

    def write(self, vals):
        self._check_links([vals])
        returns = self.return_id
        if "return_id" in vals:
            returns |= returns.browse(vals["return_id"])
        self._ensure_may_write(returns)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_authorised(self):
        self._ensure_may_write(self.return_id)

    def _ensure_may_write(self, returns):
        if not self.env.su:
            returns.check_access("write")
        returns._ensure_unlocked()

    @api.model
    def _check_links(self, vals_list):
        """Refuse deliveries and products that the user may not read.

        The lines of a delivery, and its lots, are shown with it.
        """
        if self.env.su:
            return
        for name in ("product_id", "move_id"):
            ids = [vals[name] for vals in vals_list if vals.get(name)]
            if ids:
                linked = self.env[self._fields[name].comodel_name].browse(ids)
                if name == "move_id":
                    # what is known of a complaint may be named again
                    linked = (linked.sudo() - self._get_complained(linked)).picking_id.sudo(False)
                linked.check_access("read")

    @api.model
    def _get_complained(self, moves):
        """Return those of the moves that a complaint or return names which the user may read."""
        known = self.env["quality.return.line"].search([("move_id", "in", moves.ids)])
        complained = self.env["quality.complaint.line"].search([("move_id", "in", moves.ids)])
        return (known.sudo().move_id | complained.sudo().move_id) & moves.sudo()

    # What was delivered

    @api.model
    def _prepare_delivered_vals(self, moves):
        """Return values of positions for all that may still come back of deliveries, by lot.

        :param moves: stock.move records in sudo, done, to a customer
        :return: list of dict
        """
        left = self._get_returnable(moves)
        return [
            {
                "product_id": move.product_id.id,
                "lot_id": lot.id,
                "move_id": move.id,
                "quantity": quantity,
            }
            for (move, lot), quantity in left.items()
            if move.product_id.uom_id.compare(quantity, 0.0) > 0
        ]

    @api.model
    def _get_returnable(self, moves):
        """Return how much of deliveries may still come back, in the products' units (F6).

        :param moves: stock.move records in sudo
        :return: dict of (move, lot) → quantity
        """
        moves = moves.filtered(
            lambda move: move.state == "done" and move.location_dest_id.usage == "customer"
        )
        left = {}
        for row in moves.move_line_ids:
            key = (row.move_id, row.lot_id)
            left[key] = left.get(key, 0.0) + row.quantity_product_uom
        backs = moves.returned_move_ids.filtered(lambda move: move.state != "cancel")
        for row in backs.move_line_ids:
            key = (row.move_id.origin_returned_move_id, row.lot_id)
            sign = 1 if row.location_dest_id.usage == "customer" else -1
            left[key] = left.get(key, 0.0) + sign * row.quantity_product_uom
        return left

    def _check_returnable(self):
        """Refuse more than was delivered and did not come back yet.

        :raise UserError: naming the first position
        """
        asked = {}
        for line in self.filtered("move_id"):
            key = (line.move_id, line.lot_id)
            asked[key] = asked.get(key, 0.0) + line.quantity
        left = self._get_returnable(self.move_id)
        for (move, lot), quantity in asked.items():
            rows = [
                rest
                for (brought_by, brought), rest in left.items()
                if brought_by == move and (not lot or brought == lot)
            ]
            if move.product_id.uom_id.compare(quantity, sum(rows)) > 0:
                raise UserError(
                    self.env._(
                        "%(delivery)s brought %(left)g %(unit)s of %(product)s that may still "
                        "come back, not %(asked)g. Correct the quantity, or put the rest in a "
                        "position of its own without a delivery.",
                        delivery=move.picking_id.name,
                        left=max(sum(rows), 0.0),
                        unit=move.product_id.uom_id.name,
                        product=" ".join(
                            filter(None, (move.product_id.display_name, lot.name or ""))
                        ),
                        asked=quantity,
                    )
                )
