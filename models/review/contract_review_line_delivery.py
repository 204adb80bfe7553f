from odoo import api, fields, models
from odoo.tools import format_date, formatLang


class QualityContractReviewLine(models.Model):
    """What a review line says of delivery and drawings: a snapshot too (A1, L1)."""

    _inherit = "quality.contract.review.line"  # pylint: disable=R8180  # a chapter of its own

    schedule = fields.Json(readonly=True, help="List of [date, quantity].")
    tolerance_under = fields.Float("Under-Delivery (%)", digits=(5, 2), readonly=True)
    tolerance_over = fields.Float("Over-Delivery (%)", digits=(5, 2), readonly=True)
    partial_delivery = fields.Selection(
        [("yes", "Allowed"), ("no", "Not allowed")], "Partial Deliveries", readonly=True
    )
    document_revision_ids = fields.Many2many(
        "quality.customer.document.revision",
        "quality_contract_review_line_document_rel",
        string="Customer Documents",
        readonly=True,
    )
    delivery_summary = fields.Char("Delivery Terms", compute="_compute_delivery_summary")
    document_summary = fields.Char(
        "Drawings", compute="_compute_document_summary", compute_sudo=True
    )

    @api.depends("schedule", "tolerance_under", "tolerance_over", "partial_delivery")
    @api.depends_context("lang")
    def _compute_delivery_summary(self):
        for line in self:
            parts = [
                self.env._(
                    "%(date)s: %(quantity)s",
                    date=format_date(self.env, date),
                    quantity=formatLang(self.env, quantity, dp="Product Unit"),
                )
                for date, quantity in line.schedule or ()
            ]
            if line.tolerance_under or line.tolerance_over:
                parts.append(
                    self.env._(
                        "tolerance −%(under)s %% / +%(over)s %%",
                        under=self._format_percent(line.tolerance_under),
                        over=self._format_percent(line.tolerance_over),
                    )
                )
            if line.partial_delivery == "no":
                parts.append(self.env._("no partial deliveries"))
            line.delivery_summary = "; ".join(parts) or False

    def _format_percent(self, value):
        return formatLang(self.env, value, digits=0 if value == int(value) else 2)

    @api.depends("document_revision_ids")
    @api.depends_context("lang")
    def _compute_document_summary(self):
        for line in self:
            names = line.document_revision_ids.mapped("display_name")
            line.document_summary = ", ".join(names) or False
