from odoo import api, fields, models
from odoo.tools import ormcache

from ..blocks.deadline_policy import SEVERITIES

URGENCIES = [("low", "Can wait"), ("normal", "Normal"), ("high", "Urgent")]
PRIORITIES = [("0", "Low"), ("1", "Normal"), ("2", "High"), ("3", "Urgent")]


class QualityComplaintPriority(models.Model):
    """The matrix by which severity and urgency make a priority (F2); a company may have its own."""

    _name = "quality.complaint.priority"
    _description = "Priority of Complaints"
    _order = "company_id, severity, urgency, id"

    severity = fields.Selection(SEVERITIES, required=True)
    urgency = fields.Selection(URGENCIES, required=True)
    priority = fields.Selection(PRIORITIES, required=True)
    company_id = fields.Many2one("res.company", index=True, help="Leave empty to share it.")

    _cell_uniq = models.UniqueIndex(
        "(severity, urgency, COALESCE(company_id, 0))",
        "This pair of severity and urgency has its priority already. Change that one.",
    )

    @api.depends("severity", "urgency")
    @api.depends_context("lang")
    def _compute_display_name(self):
        severities = dict(self._fields["severity"]._description_selection(self.env))
        urgencies = dict(self._fields["urgency"]._description_selection(self.env))
        for cell in self:
            names = (severities.get(cell.severity), urgencies.get(cell.urgency))
            cell.display_name = " × ".join(filter(None, names))

    @api.model_create_multi
    def create(self, vals_list):
        cells = super().create(vals_list)
        self.env.registry.clear_cache()
        return cells

    def write(self, vals):
        """Let new complaints follow the matrix; what was rated before stays."""
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    @ormcache("company_id")
    def _get_matrix(self, company_id):
        """Return the matrix of a company: its own cells before the shared ones.

        :param company_id: id of a res.company
        :return: dict of (severity, urgency) → priority, all of them codes
        """
        # how urgent something is does not depend on who may read the matrix
        cells = self.sudo().search([("company_id", "in", [company_id, False])])
        shared = cells.filtered(lambda cell: not cell.company_id)
        return {(c.severity, c.urgency): c.priority for c in (*shared, *(cells - shared))}
