from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    """Settings about how complaints come in (F1)."""

    _inherit = "res.config.settings"  # pylint: disable=R8180  # a chapter of its own

    quality_complaint_portal = fields.Boolean(
        related="company_id.quality_complaint_portal", readonly=False
    )
    quality_complaint_qr = fields.Boolean(related="company_id.quality_complaint_qr", readonly=False)
    quality_complaint_alias = fields.Char(
        "Address for Complaints",
        compute="_compute_quality_complaint_alias",
        store=True,
        readonly=False,
        help="What stands before the @; mails to this address become complaints.",
    )
    quality_complaint_alias_domain_id = fields.Many2one(
        "mail.alias.domain",
        compute="_compute_quality_complaint_alias",
        store=True,
        readonly=False,
    )

    @api.depends("company_id")
    def _compute_quality_complaint_alias(self):
        boxes = self.env["quality.complaint.mailbox"]._get_for(self.company_id)
        for settings in self:
            box = boxes.get(settings.company_id)
            domain = settings.company_id.alias_domain_id
            settings.quality_complaint_alias = box and box.alias_name
            settings.quality_complaint_alias_domain_id = (box and box.alias_domain_id) or domain

    def set_values(self):
        """Open, move or close the mailbox of the company."""
        result = super().set_values()
        boxes = self.env["quality.complaint.mailbox"]
        box = boxes._get_for(self.company_id).get(self.company_id, boxes)
        wanted = (self.quality_complaint_alias or False, self.quality_complaint_alias_domain_id)
        if wanted != (box.alias_name, box.alias_domain_id) and (wanted[0] or box.alias_name):
            boxes._set_address(self.company_id, *wanted)
        return result
