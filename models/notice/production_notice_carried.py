from odoo import api, fields, models

from ..requirement.kinds import CHARACTERISTICS, MARKS, REQUIREMENT_KINDS

#: What is never carried to production: it is about money (M5).
COMMERCIAL = "commercial"


class QualityProductionNoticeCarried(models.AbstractModel):
    """What a notice carries of its order, as it was when it was issued (D1, L1, L2)."""

    _name = "quality.production.notice.carried"
    _description = "Carried to a Production Notice"
    _order = "notice_id, id"

    notice_id = fields.Many2one(
        "quality.production.notice", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="notice_id.record_id.company_id", store=True, index=True)
    order_line_id = fields.Many2one(
        "sale.order.line", readonly=True, index="btree_not_null", ondelete="set null"
    )
    product_id = fields.Many2one("product.product", readonly=True, ondelete="restrict")

    @api.model
    def _carry(self, notices):
        """Copy what the orders of ``notices`` say, for the lines that the notices name."""
        self.create([vals for notice in notices for vals in self._prepare_carried(notice)])

    @api.model
    def _prepare_carried(self, notice):
        """Return the values of what is carried to one notice: list of dicts."""
        return []

    @api.model
    def _prepare_line_vals(self, notice, order_line):
        return {
            "notice_id": notice.id,
            "order_line_id": order_line.id,
            "product_id": order_line.product_id.id,
        }

    def _get_content(self):
        """Return what is announced by this row, as a JSON-able dict without any price."""
        return {"order_line": self.order_line_id.id or None}


class QualityProductionNoticeRequirement(models.Model):
    """A requirement of the customer's that production has to keep (D1, L2)."""

    _name = "quality.production.notice.requirement"
    _description = "Requirement on a Production Notice"
    _inherit = ["quality.production.notice.carried"]

    kind = fields.Selection(REQUIREMENT_KINDS, required=True, readonly=True)
    text = fields.Text("Requirement", required=True, readonly=True)
    characteristic = fields.Selection(CHARACTERISTICS, required=True, readonly=True, default="none")
    mark = fields.Char(compute="_compute_mark")

    @api.depends("characteristic")
    def _compute_mark(self):
        for requirement in self:
            requirement.mark = MARKS.get(requirement.characteristic)

    @api.model
    def _prepare_carried(self, notice):
        lines = notice.line_ids.order_line_id
        return [
            {
                **self._prepare_line_vals(notice, requirement.order_line_id),
                "kind": requirement.kind,
                "text": requirement.text,
                "characteristic": requirement.characteristic,
            }
            for requirement in notice.order_id.quality_requirement_ids
            if requirement.kind != COMMERCIAL
            and (not requirement.order_line_id or requirement.order_line_id in lines)
        ]

    def _get_content(self):
        return super()._get_content() | {
            "kind": self.kind,
            "text": self.text,
            "characteristic": self.characteristic,
        }


class QualityProductionNoticeDrawing(models.Model):
    """A drawing or specification, with the revision by which the goods are made (D1, L1)."""

    _name = "quality.production.notice.drawing"
    _description = "Drawing on a Production Notice"
    _inherit = ["quality.production.notice.carried"]
    _rec_name = "number"

    revision_id = fields.Many2one(
        "quality.customer.document.revision",
        "Document",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    number = fields.Char(required=True, readonly=True)
    title = fields.Char(readonly=True)
    revision = fields.Char(required=True, readonly=True)
    is_superseded = fields.Boolean(
        "Newer Revision",
        compute="_compute_is_superseded",
        compute_sudo=True,
        help="The customer has a newer revision since.",
    )

    @api.depends("revision_id.state")
    def _compute_is_superseded(self):
        for drawing in self:
            drawing.is_superseded = drawing.revision_id.state == "superseded"

    @api.model
    def _prepare_carried(self, notice):
        return [
            {
                **self._prepare_line_vals(notice, line),
                "revision_id": revision.id,
                "number": revision.document_id.number,
                "title": revision.document_id.name,
                "revision": revision.revision,
            }
            for line in notice.line_ids.order_line_id
            for revision in line.quality_document_revision_ids
        ]

    def _get_content(self):
        return super()._get_content() | {"number": self.number, "revision": self.revision}


class QualityProductionNoticeDelivery(models.Model):
    """One delivery of the agreed schedule: how much by which date (D1, A1)."""

    _name = "quality.production.notice.delivery"
    _description = "Delivery on a Production Notice"
    _inherit = ["quality.production.notice.carried"]
    _order = "notice_id, date, id"

    date = fields.Date(required=True, readonly=True)
    quantity = fields.Float(digits="Product Unit", required=True, readonly=True)
    uom_id = fields.Many2one("uom.uom", "Unit", readonly=True, ondelete="restrict")
    note = fields.Char("Place or Remark", readonly=True)

    @api.model
    def _prepare_carried(self, notice):
        return [
            {
                **self._prepare_line_vals(notice, line),
                "date": entry.date,
                "quantity": entry.quantity,
                "uom_id": line.product_uom_id.id,
                "note": entry.note,
            }
            for line in notice.line_ids.order_line_id
            for entry in line.quality_schedule_ids
        ]

    def _get_content(self):
        return super()._get_content() | {
            "date": self.date,
            "quantity": self.quantity,
            "unit": self.uom_id.id,
        }


class QualityProductionNotice(models.Model):
    """What the customer requires travels with the notice (D1)."""

    _inherit = "quality.production.notice"  # pylint: disable=R8180  # a chapter of its own

    requirement_ids = fields.One2many(
        "quality.production.notice.requirement", "notice_id", readonly=True
    )
    drawing_ids = fields.One2many("quality.production.notice.drawing", "notice_id", readonly=True)
    delivery_ids = fields.One2many(
        "quality.production.notice.delivery", "notice_id", "Delivery Schedule", readonly=True
    )
    is_drawing_superseded = fields.Boolean(
        compute="_compute_is_drawing_superseded", compute_sudo=True
    )

    @api.depends("drawing_ids.is_superseded", "state")
    def _compute_is_drawing_superseded(self):
        for notice in self:
            notice.is_drawing_superseded = notice.state == "issued" and any(
                notice.drawing_ids.mapped("is_superseded")
            )

    def _issue(self):
        """Carry what the orders say before it is fingerprinted and announced."""
        for name in ("requirement", "drawing", "delivery"):
            self.env[f"quality.production.notice.{name}"]._carry(self)
        return super()._issue()

    def _get_content(self):
        content = super()._get_content()
        # only what is there: notices of before say what they said
        for name in ("requirement_ids", "drawing_ids", "delivery_ids"):
            if self[name]:
                content[name] = [row._get_content() for row in self[name].sorted("id")]
        return content
