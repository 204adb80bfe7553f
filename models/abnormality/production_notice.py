from odoo import fields, models


class QualityProductionNotice(models.Model):
    """A notice shows what went wrong on the manufacturing orders that carry it out (D7)."""

    _inherit = "quality.production.notice"  # pylint: disable=R8180  # a chapter of its own

    abnormality_count = fields.Integer(
        "Abnormalities", compute="_compute_abnormality_count", compute_sudo=True
    )

    # without dependencies: looked at when a notice is opened
    def _compute_abnormality_count(self):
        counts = self.line_ids.allocation_ids.production_id._get_quality_abnormality_counts()
        for notice in self:
            productions = notice.line_ids.allocation_ids.production_id
            notice.abnormality_count = sum(counts.get(mo, 0) for mo in productions)

    def action_view_abnormalities(self):
        """Open the abnormalities of the manufacturing orders behind these notices."""
        productions_sudo = self.sudo().production_ids  # who sees the notice sees its sheets
        return productions_sudo.sudo(self.env.su).action_view_quality_abnormalities()
