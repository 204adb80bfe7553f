from odoo import api, fields, models
from odoo.exceptions import UserError


class HrDepartment(models.Model):
    _inherit = "hr.department"

    quality_deputy_ids = fields.Many2many(
        "hr.employee",
        "quality_department_deputy_rel",
        string="Deputies",
        check_company=True,
        help="May sign for the department besides its head, e.g. contract reviews and receipts.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "name" in vals:
            self.env.registry.clear_cache()  # signatures name the department
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_quality_role(self):
        # who fills a role binds also those who may not read the table
        line = (
            self.env["quality.role.assignment"]
            .sudo()
            .search([("department_id", "in", self.ids)], limit=1)
        )
        if line:
            raise UserError(
                self.env._(
                    "%(department)s signs for %(role)s. Map the role to another department "
                    "first, under Quality → Configuration → Roles and Departments.",
                    department=line.department_id.name,
                    role=line.role_id.name,
                )
            )
