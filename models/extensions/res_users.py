from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    quality_shared_login = fields.Boolean(
        "Shared Login",
        groups="base.group_erp_manager,customer_quality.group_manager",
        help="Several people use this login, e.g. on a tablet in the workshop. Whoever signs on "
        "it gives a badge or employee number and a PIN.",
    )
