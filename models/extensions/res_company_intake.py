from odoo import fields, models


class ResCompany(models.Model):
    """By which ways customers of the company may complain (F1)."""

    _inherit = "res.company"  # pylint: disable=R8180  # a chapter of its own

    quality_complaint_portal = fields.Boolean(
        "Complaints on the Portal",
        help="Customers register complaints about their own deliveries on the portal, with photos.",
    )
    quality_complaint_qr = fields.Boolean(
        "QR Code on Delivery Slips",
        help="The delivery slip carries a link by which its customer complains about this "
        "delivery, without a login, too.",
    )
