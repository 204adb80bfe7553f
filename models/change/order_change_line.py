from odoo import api, fields, models
from odoo.exceptions import UserError

from ...lib.change import Delta
from ..blocks.price import PRICE_GROUPS
from ..requirement.kinds import REQUIREMENT_KINDS

#: Commercial requirements are about money (M5): they change with the terms and conditions.
CHANGEABLE_KINDS = [kind for kind in REQUIREMENT_KINDS if kind[0] != "commercial"]


class QualityOrderChangePart(models.AbstractModel):
    """A row of an order change: what it is now, and what it becomes.

    Rows are written by whoever may write the draft; what they say now follows from the order.
    """

    _name = "quality.order.change.part"
    _description = "Part of an Order Change"
    _order = "change_id, id"

    _user_fields = frozenset()

    change_id = fields.Many2one(
        "quality.order.change", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="change_id.record_id.company_id", store=True, index=True)
    state = fields.Selection(related="change_id.state")

    @api.model_create_multi
    def create(self, vals_list):
        """Add rows to a draft.

        :raise AccessError: for whoever may not change the order, or gives what follows from it
        :raise UserError: for a change that was submitted
        """
        if not self.env.su:
            changes = self.env["quality.order.change"].browse(
                vals.get("change_id") for vals in vals_list
            )
            changes._ensure_may_change()
            changes._ensure_draft()
            vals_list = [self._filter_vals(vals) for vals in vals_list]
        return super().create(vals_list)

    def _filter_vals(self, vals):
        return {
            name: value
            for name, value in vals.items()
            if name in self._user_fields or name == "change_id"
        }

    def write(self, vals):
        """Change what the rows of a draft become; see create."""
        if not self.env.su:
            self.change_id._ensure_may_change()
            self.change_id._ensure_draft()
            vals = {name: value for name, value in vals.items() if name in self._user_fields}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        self.change_id._ensure_may_change()
        self.change_id._ensure_draft()

    def _get_deltas(self):
        """Return what these rows make different: list of Delta."""
        raise NotImplementedError


class QualityOrderChangeLine(models.Model):
    """What becomes of one order line: quantity, product, price, drawings; or a new line (C1)."""

    _name = "quality.order.change.line"
    _description = "Order Change Line"
    _inherit = ["quality.order.change.part"]
    _order = "change_id, sequence, id"

    _user_fields = frozenset(
        {
            "new_product_id",
            "new_quantity",
            "new_price_unit",
            "new_discount",
            "new_customer_lead",
            "new_document_ids",
            "cancels",
            "sequence",
        }
    )

    sequence = fields.Integer(default=1000)
    order_line_id = fields.Many2one(
        "sale.order.line", readonly=True, ondelete="set null", index="btree_not_null"
    )
    currency_id = fields.Many2one(related="change_id.currency_id")

    # As it is
    product_id = fields.Many2one("product.product", readonly=True, ondelete="restrict")
    quantity = fields.Float("Ordered", digits="Product Unit", readonly=True)
    delivered = fields.Float(related="order_line_id.qty_delivered", string="Delivered Already")
    uom_id = fields.Many2one("uom.uom", "Unit", readonly=True, ondelete="restrict")
    price_unit = fields.Float(
        "Unit Price", digits="Product Price", readonly=True, groups=PRICE_GROUPS
    )
    discount = fields.Float("Discount (%)", readonly=True, groups=PRICE_GROUPS)
    customer_lead = fields.Float("Lead Time", readonly=True)
    document_ids = fields.Many2many(
        "quality.customer.document.revision",
        "quality_order_change_line_document_rel",
        string="Drawings",
        readonly=True,
    )

    # As it becomes
    new_product_id = fields.Many2one(
        "product.product",
        ondelete="restrict",
        check_company=True,
        domain=[("sale_ok", "=", True)],
    )
    new_quantity = fields.Float(digits="Product Unit")
    new_price_unit = fields.Float(
        "New Unit Price",
        digits="Product Price",
        compute="_compute_new_price_unit",
        store=True,
        readonly=False,
        precompute=True,
        groups=PRICE_GROUPS,
    )
    new_discount = fields.Float("New Discount (%)", groups=PRICE_GROUPS)
    new_customer_lead = fields.Float("New Lead Time")
    new_document_ids = fields.Many2many(
        "quality.customer.document.revision",
        "quality_order_change_line_new_document_rel",
        string="New Drawings",
        compute="_compute_new_document_ids",
        store=True,
        readonly=False,
        precompute=True,
    )
    cancels = fields.Boolean("Cancel")
    is_changed = fields.Boolean(compute="_compute_is_changed")

    _quantity_not_negative = models.Constraint(
        "CHECK (new_quantity >= 0)", "The new quantity can't be negative. Tick Cancel instead."
    )

    @api.depends("new_product_id", "new_quantity", "cancels", "new_document_ids")
    def _compute_is_changed(self):
        for line in self:
            # prices are looked at whoever looks at the row: only whether one changes is told
            line.is_changed = bool(line.sudo()._get_deltas())

    @api.depends("new_product_id")
    def _compute_new_price_unit(self):
        """Propose for a new line the price that Odoo would take: what is seen is what is signed."""
        for row in self:
            price = row.new_price_unit
            if row.new_product_id and not row.order_line_id:
                order = row.change_id.order_id
                price = order.pricelist_id._get_product_price(
                    row.new_product_id, row.new_quantity or 1.0, currency=order.currency_id
                )
            row.new_price_unit = price

    @api.depends("new_product_id")
    def _compute_new_document_ids(self):
        """Propose the drawings by which the customer's product is made (L1)."""
        Document = self.env["quality.customer.document"]
        for row in self:
            order = row.change_id.order_id
            if row.new_product_id == row.product_id:
                row.new_document_ids = row.document_ids
            elif not Document._is_used_in(order.company_id.id):
                row.new_document_ids = False
            else:
                row.new_document_ids = row._get_valid_documents(order)

    def _get_valid_documents(self, order):
        """Return the revisions in force of what the order's customer has drawn of the product."""
        customer = order.partner_id.commercial_partner_id
        applying = self.env["quality.customer.document"]._get_applying(
            order.company_id, order.partner_id
        )
        if customer.id not in applying:
            return self.env["quality.customer.document.revision"]
        return applying[customer.id]._get_for_product(self.new_product_id).valid_revision_id

    @api.onchange("new_product_id")
    def _onchange_new_product(self):
        """Propose one piece of what is added."""
        if self.new_product_id and not self.order_line_id:
            self.new_quantity = self.new_quantity or 1.0

    @api.model
    def _prepare_line_vals(self, line):
        """Return the values of a row for an order line, with everything as it is now."""
        return {
            "order_line_id": line.id,
            "sequence": line.sequence,
            "product_id": line.product_id.id,
            "quantity": line.product_uom_qty,
            "uom_id": line.product_uom_id.id,
            "price_unit": line.price_unit,
            "discount": line.discount,
            "customer_lead": line.customer_lead,
            "document_ids": [fields.Command.set(line.quality_document_revision_ids.ids)],
            "new_product_id": line.product_id.id,
            "new_quantity": line.product_uom_qty,
            "new_price_unit": line.price_unit,
            "new_discount": line.discount,
            "new_customer_lead": line.customer_lead,
            "new_document_ids": [fields.Command.set(line.quality_document_revision_ids.ids)],
        }

    def _get_deltas(self):
        return [delta for line in self for delta in line._get_line_deltas()]

    def _get_line_deltas(self):
        if not self.order_line_id:
            return self._get_added_deltas()
        if self.cancels:
            # what is delivered stays ordered
            kept = min(self.order_line_id.qty_delivered, self.order_line_id.product_uom_qty)
            return self._compare("cancel_line", "product_uom_qty", kept)
        return [
            *self._compare("product", "product_id", self.new_product_id.id),
            *self._compare("quantity", "product_uom_qty", self.new_quantity),
            *self._compare("price", "price_unit", self.new_price_unit),
            *self._compare("price", "discount", self.new_discount),
            *self._get_lead_deltas(),
            *self._compare(
                "drawing", "quality_document_revision_ids", sorted(self.new_document_ids.ids)
            ),
        ]

    def _get_lead_deltas(self):
        if self.change_id.order_id.commitment_date:
            return []  # the promised date tells when it is delivered
        return self._compare("date", "customer_lead", self.new_customer_lead)

    def _compare(self, kind, field, after):
        """Return the delta of one field, if it becomes another value: list of Delta."""
        before = self.order_line_id._get_quality_value(field)
        if self.order_line_id._is_quality_same_value(field, before, after):
            return []
        return [Delta(kind, "sale.order.line", self.order_line_id.id, field, before, after)]

    def _get_added_deltas(self):
        if not self.new_product_id or self.cancels or not self.new_quantity:
            return []
        added = {
            "product_id": self.new_product_id.id,
            "product_uom_qty": self.new_quantity,
            "row": self.id,
            # also none: what was signed is not filled up when it is applied
            "quality_document_revision_ids": sorted(self.new_document_ids.ids),
        }
        if self.new_customer_lead:
            added["customer_lead"] = self.new_customer_lead
        price = {"price_unit": self.new_price_unit, "discount": self.new_discount}
        return [
            Delta("add", "sale.order.line", None, f"row {self.id}", None, added),
            Delta("price", "sale.order.line", None, f"row {self.id}", None, price),
        ]


class QualityOrderChangeDelivery(models.Model):
    """One delivery of the schedule as it becomes (A1, C1)."""

    _name = "quality.order.change.delivery"
    _description = "Delivery of an Order Change"
    _inherit = ["quality.order.change.part"]
    _order = "change_id, order_line_id, date, id"

    _user_fields = frozenset({"order_line_id", "date", "quantity"})

    order_line_id = fields.Many2one("sale.order.line", required=True, ondelete="cascade")
    date = fields.Date(required=True)
    quantity = fields.Float(digits="Product Unit", required=True)
    uom_id = fields.Many2one(related="order_line_id.product_uom_id", string="Unit")

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "A delivery has a quantity above zero."
    )

    @api.constrains("order_line_id", "change_id")
    def _check_order(self):
        for delivery in self:
            if delivery.order_line_id.order_id != delivery.change_id.order_id:
                raise UserError(
                    self.env._("A delivery belongs to a line of the order that changes.")
                )

    @api.model
    def _prepare_delivery_vals(self, delivery):
        return {
            "order_line_id": delivery.order_line_id.id,
            "date": delivery.date,
            "quantity": delivery.quantity,
        }

    def _get_schedule(self):
        """Return the schedule that these rows make: list of [line id, date, quantity]."""
        return sorted(
            [row.order_line_id.id, fields.Date.to_string(row.date), row.quantity] for row in self
        )

    def _get_deltas(self):
        raise NotImplementedError  # compared as a whole, see quality.order.change._get_deltas


class QualityOrderChangeRequirement(models.Model):
    """What becomes of one requirement of the customer's; or a new one (C1)."""

    _name = "quality.order.change.requirement"
    _description = "Requirement of an Order Change"
    _inherit = ["quality.order.change.part"]

    _user_fields = frozenset({"new_text", "drops", "kind", "order_line_id"})

    requirement_id = fields.Many2one(
        "quality.requirement", "Requirement of the Order", readonly=True, ondelete="set null"
    )
    order_line_id = fields.Many2one("sale.order.line", "For Line", ondelete="set null")
    kind = fields.Selection(CHANGEABLE_KINDS, default="specification", required=True)
    text = fields.Text("Requirement", readonly=True)
    new_text = fields.Text("Becomes")
    drops = fields.Boolean("Drop")

    @api.model
    def _prepare_requirement_vals(self, requirement):
        return {
            "requirement_id": requirement.id,
            "order_line_id": requirement.order_line_id.id,
            "kind": requirement.kind,
            "text": requirement.text,
            "new_text": requirement.text,
        }

    def _get_deltas(self):
        return [delta for row in self for delta in row._get_requirement_deltas()]

    def _get_requirement_deltas(self):
        source, kind = self.requirement_id, "requirement"
        text = "" if self.drops else (self.new_text or "").strip()
        if source and text != source.text.strip():
            return [
                Delta(kind, "quality.requirement", source.id, "text", source.text, text or None)
            ]
        if source or not text:
            return []
        new = {"kind": self.kind, "text": text, "line": self.order_line_id.id or None}
        return [Delta(kind, "quality.requirement", None, f"row {self.id}", None, new)]


class QualityOrderChangeProduction(models.Model):
    """What becomes of a manufacturing order that is in work already: chosen, never guessed (C2)."""

    _name = "quality.order.change.production"
    _description = "Manufacturing Order in Work"
    _inherit = ["quality.order.change.part"]

    _user_fields = frozenset({"choice", "new_quantity"})

    production_id = fields.Many2one(
        "mrp.production", "Manufacturing Order", readonly=True, ondelete="set null"
    )
    name = fields.Char("Number", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True, ondelete="restrict")
    quantity = fields.Float("To Produce", digits="Product Unit", readonly=True)
    produced = fields.Float(digits="Product Unit", readonly=True)
    choice = fields.Selection(
        [
            ("finish", "Finish it as it is, make the rest anew"),
            ("reduce", "Reduce it"),
            ("stop", "Stop it and keep what is done"),
        ],
        "What Becomes of It",
        default="finish",
        required=True,
    )
    new_quantity = fields.Float("Reduce To", digits="Product Unit")

    _reduced_not_negative = models.Constraint(
        "CHECK (new_quantity >= 0)", "A manufacturing order can't be reduced below zero."
    )

    @api.model
    def _prepare_production_vals(self, production):
        return {
            "production_id": production.id,
            "name": production.name,
            "product_id": production.product_id.id,
            "quantity": production.product_qty,
            "produced": max(production.qty_producing, production.qty_produced),
            "new_quantity": production.product_qty,
        }

    def _get_content(self):
        """Return what was chosen, as it is signed (JSON-able)."""
        self.ensure_one()
        reduced = self.new_quantity if self.choice == "reduce" else None
        return {"production": self.production_id.id, "choice": self.choice, "to": reduced}

    def _ensure_possible(self):
        for row in self:
            if row.choice == "reduce" and not row.produced <= row.new_quantity < row.quantity:
                raise UserError(
                    self.env._(
                        "%(number)s has produced %(produced)g of %(quantity)g. Reduce it to a "
                        "quantity between these, or choose to stop it.",
                        number=row.name,
                        produced=row.produced,
                        quantity=row.quantity,
                    )
                )

    def _get_deltas(self):
        return []  # chosen, but no difference of the order


class QualityOrderChangeItem(models.Model):
    """One difference of an order change in words, before and after (C1).

    Texts, so that they say what they said whatever becomes of the order. What names a price stands
    in fields of its own (M5).
    """

    _name = "quality.order.change.item"
    _description = "Difference of an Order Change"
    _order = "change_id, id"

    change_id = fields.Many2one(
        "quality.order.change", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="change_id.record_id.company_id", store=True, index=True)
    order_line_id = fields.Many2one(
        "sale.order.line", readonly=True, ondelete="set null", index="btree_not_null"
    )
    kind_id = fields.Many2one("quality.change.kind", readonly=True, ondelete="restrict")
    what = fields.Char("Of", readonly=True)
    before = fields.Char(readonly=True)
    after = fields.Char(readonly=True)
    price_before = fields.Char(readonly=True, groups=PRICE_GROUPS)
    price_after = fields.Char(readonly=True, groups=PRICE_GROUPS)

    def _get_text(self):
        """Return the difference as one line of text, without any price (M5)."""
        self.ensure_one()
        if not (self.before or self.after):
            return f"{self.kind_id.name}: {self.what or ''}".rstrip(": ")
        values = f"{self.before or '–'} → {self.after or '–'}"
        return f"{self.kind_id.name}: {self.what or ''} {values}".replace("  ", " ")
