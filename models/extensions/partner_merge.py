from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging contacts: what was reviewed for one of them was reviewed for the one that stays."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_values(self, src_partners, dst_partner):
        """Note under which entries the contact that stays was known, see the reviews (B6)."""
        # noted by the merge, whoever may merge
        merged = src_partners.sudo() | dst_partner.sudo()
        known = {id_ for partner in merged for id_ in partner.quality_merged_ids or ()}
        result = super()._update_values(src_partners, dst_partner)
        dst_partner.sudo().quality_merged_ids = sorted(known | set(src_partners.ids))
        return result
