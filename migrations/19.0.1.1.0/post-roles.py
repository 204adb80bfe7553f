"""Give each company a line for the roles that came with this version, to be mapped."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["res.company"].search([])._create_quality_roles()
