from odoo import api, fields, models


class QualityPromisePreview(models.TransientModel):
    """What can be promised for an order, shown before its review is requested (B5)."""

    _name = "quality.promise.preview"
    _description = "What Can Be Promised"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="order_id.company_id")
    date_promised = fields.Datetime(readonly=True)
    date_earliest = fields.Datetime(readonly=True)
    line_ids = fields.One2many("quality.promise.preview.line", "preview_id", readonly=True)

    @api.model
    def _create_for(self, order):
        """Return the preview of one order, computed now."""
        lines = self.env["sale.order"].browse(order.id)._prepare_quality_review_lines()
        names = self.env["quality.promise.preview.line"]._fields
        dates = [vals["date_earliest"] for vals in lines if vals.get("date_earliest")]
        # computed for whoever may read the order; nobody else sees a preview, see its rule
        return self.create(
            {
                "order_id": order.id,
                "date_promised": order.commitment_date or order.expected_date,
                "date_earliest": max(dates, default=False),
                "line_ids": [
                    (0, 0, {name: value for name, value in vals.items() if name in names})
                    for vals in lines
                ],
            }
        )

    def action_promise_earliest(self):
        """Promise the earliest date on the order, see sale.order."""
        self.order_id.action_promise_earliest()
        return {"type": "ir.actions.act_window_close"}


class QualityPromisePreviewLine(models.TransientModel):
    """The figures of one order line in the preview: nothing is kept (B5)."""

    _name = "quality.promise.preview.line"
    _description = "What Can Be Promised of a Line"
    _inherit = "quality.promise.figures"
    _order = "sequence, id"

    preview_id = fields.Many2one("quality.promise.preview", readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="preview_id.order_id.currency_id")
