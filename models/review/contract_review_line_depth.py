from odoo import api, fields, models

from .depth import KIND_SELECTION, get_note


class QualityContractReviewLine(models.Model):
    """What kind of line was reviewed, what it repeats, and why it was reviewed as deep (B8)."""

    _inherit = "quality.contract.review.line"  # pylint: disable=R8180  # a chapter of its own

    customer_id = fields.Many2one(
        "res.partner", "Customer's Company", readonly=True, ondelete="restrict"
    )
    kind = fields.Selection(KIND_SELECTION, "Kind of Line", readonly=True)
    base_line_id = fields.Many2one(
        "quality.contract.review.line", "Repeats", readonly=True, ondelete="restrict"
    )
    base_review_id = fields.Many2one(related="base_line_id.review_id", string="Base Review")
    framework_id = fields.Many2one(
        "quality.framework.contract", "Called Off From", readonly=True, ondelete="restrict"
    )
    signers = fields.Char(
        "Asked", readonly=True, help="Codes of the roles that review the line; empty for all."
    )
    conditions = fields.Json(readonly=True)
    depth_note = fields.Char("Why This Depth", compute="_compute_depth_note", compute_sudo=True)
    drawings = fields.Json(
        "Drawing Revisions", readonly=True, help="Ids of the revisions of drawings that applied."
    )
    requirements = fields.Json(
        readonly=True, help="Fingerprints of the requirements that were reviewed."
    )

    _base_idx = models.Index("(product_id, customer_id, company_id)")
    _base_line_idx = models.Index("(base_line_id) WHERE base_line_id IS NOT NULL")

    @api.depends("kind", "conditions", "base_line_id.review_id.name", "framework_id.name")
    @api.depends_context("lang")
    def _compute_depth_note(self):
        for line in self:
            number = line.framework_id.name or line.base_line_id.review_id.name
            line.depth_note = line.kind and get_note(
                self.env, line.kind, number, line.conditions or {}
            )

    def _get_signers(self):
        self.ensure_one()
        return None if self.signers is False else frozenset(filter(None, self.signers.split(",")))

    def _get_dates(self):
        """Return the date asked for and the earliest possible one: dict of order line → dates."""
        if "date_earliest" not in self._fields:
            return {}
        return {
            line.order_line_id: (
                fields.Datetime.to_datetime(line.date_expected),
                fields.Datetime.to_datetime(line.date_earliest),
            )
            for line in self
        }
