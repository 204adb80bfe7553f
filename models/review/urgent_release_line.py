from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: What sales tick; the rest comes with the order line.
TICKS = ("allows_buy", "allows_prepare", "make_qty")


class QualityUrgentReleaseLine(models.Model):
    """What may begin of an order line before its review is done (B10)."""

    _name = "quality.urgent.release.line"
    _description = "Urgent Release Line"
    _order = "release_id, id"

    release_id = fields.Many2one(
        "quality.urgent.release", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="release_id.record_id.company_id", store=True)
    order_line_id = fields.Many2one(
        "sale.order.line", readonly=True, ondelete="set null", index="btree_not_null"
    )
    product_id = fields.Many2one(
        "product.product", compute="_compute_ordered", store=True, ondelete="restrict"
    )
    quantity = fields.Float(
        "Ordered", digits="Product Unit", compute="_compute_ordered", store=True
    )
    uom_id = fields.Many2one("uom.uom", "Unit", compute="_compute_ordered", store=True)
    allows_buy = fields.Boolean("Buy")
    allows_prepare = fields.Boolean("Prepare")
    make_qty = fields.Float("Make", digits="Product Unit", help="So many pieces may be made.")

    @api.depends("order_line_id")
    def _compute_ordered(self):
        # as they were when the release was opened: deliberately blind to later changes
        for line in self:
            ordered = line.order_line_id
            line.product_id = ordered.product_id
            line.quantity = ordered.product_uom_qty
            line.uom_id = ordered.product_uom_id

    def write(self, vals):
        if not self.env.su:
            self.release_id._ensure_draft()
            if vals.keys() - set(TICKS):
                raise AccessError(self.env._("Only what may begin is ticked here."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        self.release_id._ensure_draft()

    def _is_ticked(self):
        self.ensure_one()
        return self.allows_buy or self.allows_prepare or self.make_qty > 0

    def _check_quantity(self):
        """Refuse to make more than is ordered, and what is not made here.

        :raise UserError: naming the product
        """
        self.ensure_one()
        if not self.make_qty:
            return
        line_sudo = self.sudo()  # who asks need not read bills of materials
        product = line_sudo.product_id
        left = self.quantity - line_sudo._get_released_qty()
        if self.make_qty < 0 or line_sudo.uom_id.compare(self.make_qty, left) > 0:
            raise UserError(
                self.env._(
                    "%(product)s: make at most the %(quantity)g that are ordered and not released "
                    "yet.",
                    product=product.display_name,
                    quantity=max(left, 0.0),
                )
            )
        lines = line_sudo.env["quality.production.notice.line"].with_company(self.company_id)
        if product not in lines._find_made(product):
            raise UserError(
                self.env._(
                    "%(product)s is not made here, so nothing of it can be made early: it has no "
                    "bill of materials. Tick to buy or to prepare.",
                    product=product.display_name,
                )
            )

    def _get_released_qty(self):
        """Return what other urgent releases let make of the same order line, in its unit."""
        others = self.search(
            [
                ("order_line_id", "=", self.order_line_id.id),
                ("release_id.state", "=", "released"),
                ("id", "!=", self.id),
            ]
        )
        return sum(others.mapped("make_qty"))

    def _prepare_needs(self):
        """Return the values of the notice lines for what is ticked: a list of one or none."""
        self.ensure_one()
        if not (self._is_ticked() and self.order_line_id):
            return []
        product = self.product_id
        convert = self.uom_id._compute_quantity
        make = convert(self.make_qty, product.uom_id, rounding_method="HALF-UP")
        ordered = self.order_line_id
        return [
            {
                "order_line_id": ordered.id,
                "sequence": ordered.sequence,
                "product_id": product.id,
                "name": self._get_permission(),
                "kind": "make" if make else "not_stocked",
                "quantity": convert(self.quantity, product.uom_id, rounding_method="HALF-UP"),
                "covered": 0.0,
                "to_supply": make,
                "uom_id": product.uom_id.id,
                "date_due": ordered.order_id.commitment_date or ordered._expected_date(),
            }
        ]

    def _get_permission(self):
        """Return in words what may begin, and nothing else."""
        texts = [
            self.allows_buy and self.env._("Buy materials."),
            self.allows_prepare and self.env._("Prepare production."),
            self.make_qty
            and self.env._(
                "Make %(quantity)g %(unit)s.", quantity=self.make_qty, unit=self.uom_id.name
            ),
        ]
        return " ".join(filter(None, texts))

    def _get_content(self):
        return {
            "order_line": self.order_line_id.id,
            "product": self.product_id.id,
            "quantity": self.quantity,
            "buy": self.allows_buy,
            "prepare": self.allows_prepare,
            "make": self.make_qty,
        }
