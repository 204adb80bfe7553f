from odoo import api, models
from odoo.fields import Domain


class QualityComplaint(models.Model):
    """Complaints that are like the one that is being registered (F9)."""

    _name = "quality.complaint"
    _inherit = ["quality.complaint", "quality.similar.mixin"]

    _similar_fields = ("title", "description", "customer_reference")
    _similar_hints = ("partner_id", "product_id")

    @api.model
    def _get_similar_domain(self, values):
        return Domain("state", "!=", "void")

    def _get_similar_extra(self, values):
        extra = {complaint.id: [] for complaint in self}
        customer = self._get_similar_customer(values.get("partner_id"))
        product_id = values.get("product_id")
        for complaint in self:
            if customer and complaint.commercial_partner_id == customer:
                extra[complaint.id].append(self.env._("Same customer"))
            if product_id and product_id in complaint.line_ids.product_id.ids:
                extra[complaint.id].append(self.env._("Same product"))
        return extra

    @api.model
    def _get_similar_customer(self, partner_id):
        """Return the company behind a contact that the user may read."""
        partner = self.env["res.partner"].search([("id", "=", partner_id or 0)])
        return partner.sudo().commercial_partner_id  # the company behind it, to be compared

    def _get_similar_facts(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        return {
            **super()._get_similar_facts(),
            "number": self.name,
            "state": states[self.state],
            "date": self.date_received,
        }
