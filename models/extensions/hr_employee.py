from odoo import fields, models


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    quality_employee_number = fields.Char(
        "Employee Number",
        copy=False,
        groups="hr.group_hr_user",
        help="With the PIN it signs on shared devices, as the badge does.",
    )

    _quality_employee_number_uniq = models.UniqueIndex(
        "(company_id, quality_employee_number) WHERE quality_employee_number IS NOT NULL",
        "Another employee of the company has this number.",
    )
