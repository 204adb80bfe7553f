from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    quality_class_id = fields.Many2one(
        "quality.customer.class",
        "Class of Customer",
        index="btree_not_null",
        ondelete="restrict",
        help="Vehicle plant, service station, end user, … (A6).",
    )
    quality_is_key = fields.Boolean("Key Customer")
    quality_always_review = fields.Boolean(
        "Always Review",
        help="Every order of this customer is reviewed in full, also where stock covers it.",
    )

    def _get_quality_class(self):
        """Return the class of the company behind this contact (quality.customer.class)."""
        return self.commercial_partner_id.quality_class_id
