from odoo import api, fields, models

from ..blocks.state_order import in_order

STATES = [
    ("draft", "To Inspect"),
    ("signing", "To Sign"),
    ("signed", "To Decide"),
    ("settled", "Settled"),
    ("void", "Void"),
]


class QualityReturnInspection(models.Model):
    """Return inspection (退货检验): all that arrived is inspected, and the result signed (F6)."""

    _name = "quality.return.inspection"
    _description = "Return Inspection"
    _inherit = ["quality.record.filed.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _record_prefix = "RI"
    _work_template = "customer_quality.work_facts_return_inspection"
    _content_fields = ("line_ids", "photo_ids", "note", "content_hash")
    _user_fields = ("line_ids", "photo_ids", "note", "disposition_ids")

    state = fields.Selection(
        STATES,
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    return_id = fields.Many2one(
        "quality.return", required=True, readonly=True, index=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(related="return_id.partner_id", string="Customer")
    line_ids = fields.One2many("quality.return.inspection.line", "inspection_id", "Results")
    photo_ids = fields.Many2many(
        "ir.attachment", "quality_return_inspection_photo_rel", string="Photos", copy=False
    )
    note = fields.Text("Remark")
    content_hash = fields.Char("Fingerprint", readonly=True, copy=False)
    date_signed = fields.Datetime("Signed On", readonly=True, copy=False, index=True)
    inspected_by = fields.Char(readonly=True, copy=False)
    disposition_ids = fields.One2many(
        "quality.return.disposition", "inspection_id", "Decisions", copy=False
    )

    @api.model
    def _start_for(self, back):
        """Start the sheet for what arrived with a return and is on no sheet yet, in sudo.

        :raise UserError: where nothing is left to inspect
        """
        left = back._get_uninspected()
        if not left:
            back._refuse_inspection()
        return self.create(
            {
                "return_id": back.id,
                "company_id": back.company_id.id,
                "order_id": back.order_id.id,
                "line_ids": [
                    fields.Command.create(
                        {"product_id": product.id, "lot_id": lot.id, "received": quantity}
                    )
                    for (product, lot), quantity in left.items()
                ],
            }
        )

    def _get_customer(self):
        """Return whose goods are inspected (K1)."""
        return self.return_id.partner_id or super()._get_customer()

    def _get_products(self):
        """Return what is inspected (K1)."""
        return self.line_ids.product_id or super()._get_products()


class QualityReturnInspectionLine(models.Model):
    """The result of inspecting one product and lot; quantities in the product's unit (F6)."""

    _name = "quality.return.inspection.line"
    _description = "Result of a Return Inspection"
    _order = "inspection_id, id"
    _check_company_auto = True

    inspection_id = fields.Many2one(
        "quality.return.inspection", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="inspection_id.record_id.company_id", store=True, precompute=True, index=True
    )
    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, index=True, ondelete="restrict"
    )
    lot_id = fields.Many2one(
        "stock.lot", "Lot", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    lot_name = fields.Char("Lot or Serial Number", related="lot_id.name", related_sudo=True)
    uom_id = fields.Many2one(related="product_id.uom_id")
    received = fields.Float(digits="Product Unit", readonly=True)
    inspected = fields.Float(digits="Product Unit")
    accepted = fields.Float(digits="Product Unit")
    reject_ids = fields.One2many("quality.return.reject", "line_id", "Rejected by Defect")
    rejected = fields.Float(digits="Product Unit", compute="_compute_rejected")

    # Failure analysis (L4)
    finding = fields.Selection(
        [("found", "Cause found"), ("ntf", "No trouble found"), ("open", "Not analysed yet")],
        default="open",
        required=True,
    )
    method = fields.Char("Tested How")
    test_count = fields.Integer("Tests Repeated")
    cause = fields.Text()

    _not_negative = models.Constraint(
        "CHECK (received >= 0 AND inspected >= 0 AND accepted >= 0)",
        "Less than nothing can't be inspected.",
    )

    @api.depends("reject_ids.quantity")
    def _compute_rejected(self):
        for line in self:
            line.rejected = sum(line.reject_ids.mapped("quantity"))

    @api.model_create_multi
    def create(self, vals_list):
        sheets = self.env["quality.return.inspection"].browse(v["inspection_id"] for v in vals_list)
        if not self.env.su:
            sheets._refuse_other_goods()
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            if not {"product_id", "lot_id", "received", "inspection_id"}.isdisjoint(vals):
                self.inspection_id._refuse_other_goods()
            self.inspection_id._ensure_inspecting()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not self.env.su:
            self.inspection_id._refuse_other_goods()


class QualityReturnReject(models.Model):
    """So many of a result that show one defect (F6)."""

    _name = "quality.return.reject"
    _description = "Rejected Quantity"
    _order = "line_id, id"

    line_id = fields.Many2one(
        "quality.return.inspection.line", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="line_id.company_id", store=True, precompute=True)
    defect_id = fields.Many2one(
        "quality.defect", required=True, index=True, ondelete="restrict", check_company=True
    )
    quantity = fields.Float(digits="Product Unit", required=True)
    note = fields.Char()

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "Enter how many show the defect."
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = self.env["quality.return.inspection.line"].browse(v["line_id"] for v in vals_list)
        self._ensure_may_write(lines)
        return super().create(vals_list)

    def write(self, vals):
        lines = self.line_id
        if "line_id" in vals:
            lines |= lines.browse(vals["line_id"])
        self._ensure_may_write(lines)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self._ensure_may_write(self.line_id)

    def _ensure_may_write(self, lines):
        if not self.env.su:
            lines.check_access("write")
            lines.inspection_id._ensure_inspecting()
