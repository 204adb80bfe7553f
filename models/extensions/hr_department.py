from odoo import fields, models


class HrDepartment(models.Model):
    _inherit = "hr.department"

    quality_deputy_ids = fields.Many2many(
        "hr.employee",
        "quality_department_deputy_rel",
        string="Deputies",
        check_company=True,
        help="May sign for the department besides its head, e.g. contract reviews and receipts.",
    )
