from odoo import api, fields, models
from odoo.exceptions import UserError

from ...lib.canonical import digest
from ...lib.depth import CHOSEN
from ..review.depth import KIND_SELECTION
from .sale_order import INTERNAL

#: States of a review whose lines say what kind each order line is.
JUDGED = ("review", "decision", "objected", "approved")


class SaleOrderLine(models.Model):
    """What kind of line it is, which decides how deep it is reviewed (B8)."""

    _inherit = "sale.order.line"  # pylint: disable=R8180  # a chapter of its own

    quality_kind_choice = fields.Selection(
        [item for item in KIND_SELECTION if item[0] in CHOSEN],
        "Special Kind",
        copy=False,
        help="Sample, urgent or replacement, where sales know it. The other kinds are found out.",
    )
    quality_kind = fields.Selection(
        KIND_SELECTION,
        "Kind of Line",
        compute="_compute_quality_kind",
        compute_sudo=True,
        help="Decides which departments review the line.",
        groups=INTERNAL,
    )
    quality_depth_note = fields.Char(
        "Why This Depth", compute="_compute_quality_kind", compute_sudo=True, groups=INTERNAL
    )

    @api.depends("product_id", "product_uom_qty", "quality_kind_choice", "order_id.partner_id")
    @api.depends_context("lang")
    def _compute_quality_kind(self):
        self.quality_kind = False
        self.quality_depth_note = False
        lines = self.filtered(
            lambda line: (
                line.order_id.company_id.quality_depth_by_kind
                and line in line.order_id._get_quality_lines()
            )
        )
        judged = lines.order_id.quality_review_id.filtered(lambda r: r.state in JUDGED).line_ids
        for line in judged.filtered(lambda line: line.order_line_id in lines):
            line.order_line_id.quality_kind = line.kind
            line.order_line_id.quality_depth_note = line.depth_note
        fresh = lines - judged.order_line_id
        for line, verdict in self.env["quality.review.depth"]._judge(fresh).items():
            line.quality_kind = verdict.kind
            line.quality_depth_note = verdict.get_note(self.env)

    def write(self, vals):
        if "quality_kind_choice" in vals and not self.env.su:
            self._ensure_kind_open(vals["quality_kind_choice"])
        return super().write(vals)

    def _ensure_kind_open(self, kind):
        agreed = self.filtered(
            lambda line: line.order_id.state == "sale" and line.quality_kind_choice != kind
        )
        if agreed:
            raise UserError(
                self.env._(
                    "%(order)s is confirmed: what kind of line it has was decided by its review.",
                    order=agreed[0].order_id.name,
                )
            )

    def _get_quality_content(self, with_prices=True):
        content = super()._get_quality_content(with_prices)
        if self.quality_kind_choice:
            content["special_kind"] = self.quality_kind_choice
        return content

    def _is_quality_sample(self):
        """Tell whether the line is a sample: marked on its notice, in no on-time figure."""
        self.ensure_one()
        return self.quality_kind_choice == "sample"

    def _is_quality_replacement(self):
        """Tell whether the line replaces returned goods: its notice and delivery slip say so."""
        self.ensure_one()
        return self.quality_kind_choice == "replacement"

    def _get_quality_open_issues(self):
        """Hook: what is open on these lines' products with their customers (B8).

        :return: dict of line → list of sentences (complaint, CAPA, hold); others may be left out
        """
        return {}

    def _get_quality_drawings(self):
        """Return which revisions of the customer's drawings apply: sorted list of ids."""
        self.ensure_one()
        if "quality_document_revision_ids" not in self._fields:
            return []
        return sorted(self.quality_document_revision_ids.ids)

    def _get_quality_requirements(self):
        """Return what the customer requires of each line, as fingerprints without any text (M5).

        :return: dict of line → dict of fingerprint → code of the role that reviews it, or None
        """
        if "quality_requirement_ids" not in self.order_id._fields:
            return {line: {} for line in self}
        return {
            line: {
                digest(
                    [requirement.kind, requirement.text, requirement.characteristic]
                ): requirement.role_id.code or None
                for requirement in line.order_id.quality_requirement_ids
                if requirement.order_line_id in (line, line._origin, line.browse())
            }
            for line in self
        }
