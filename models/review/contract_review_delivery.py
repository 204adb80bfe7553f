from odoo import api, fields, models


class QualityContractReview(models.Model):
    """What a review says of export: a snapshot, as its lines are (A1)."""

    _inherit = "quality.contract.review"  # pylint: disable=R8180  # a chapter of its own

    export_terms = fields.Json(readonly=True, copy=False)
    export_summary = fields.Text("Export", compute="_compute_export_summary")

    @api.depends("export_terms")
    @api.depends_context("lang")
    def _compute_export_summary(self):
        Order = self.env["sale.order"]
        for review in self:
            review.export_summary = (
                "\n".join(
                    f"{Order._fields[name]._description_string(self.env)}: {value}"
                    for name, value in (review.export_terms or {}).items()
                )
                or False
            )

    def _prepare_snapshot_vals(self):
        return super()._prepare_snapshot_vals() | {
            "export_terms": self.order_id._get_quality_export() or False
        }
