from odoo import api, fields, models


class QualityRegion(models.Model):
    """Where a customer is, as far as promises differ by it (F3)."""

    _name = "quality.region"
    _description = "Region"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Leave empty to share it.")
    scope = fields.Selection(
        [
            ("any", "Anywhere"),
            ("home", "The company's own state or province"),
            ("abroad", "Any other country than the company's"),
        ],
        default="any",
        required=True,
    )
    country_ids = fields.Many2many("res.country", string="Countries")
    state_ids = fields.Many2many("res.country.state", string="States or Provinces")
    category_ids = fields.Many2many(
        "res.partner.category",
        string="Tags of the Contact",
        help="Contacts with one of these tags, e.g. places that are hard to reach.",
    )

    @api.model
    def _get_regions(self, partners, company):
        """Return the region of each address: the first one that fits, all it names together.

        :param partners: res.partner records, the places of use
        :param company: res.company record, whose regions count and which is at home
        :return: dict of partner → quality.region, empty where none fits
        """
        # promises depend on the region also for those who may not read the list
        in_use = self.sudo().with_context(active_test=True)
        regions = in_use.search([("company_id", "in", [company.id, False])])
        return {
            partner: next(
                (region for region in regions if region._fits(partner.sudo(), company.sudo())),
                regions.browse(),
            )
            for partner in partners
        }

    def _fits(self, partner, company):
        self.ensure_one()
        country, state = partner.country_id, partner.state_id
        if self.scope == "home" and not (state and state == company.state_id):
            return False
        if self.scope == "abroad" and not (country and country != company.country_id):
            return False
        return all(
            not asked or given & asked
            for asked, given in (
                (self.country_ids, country),
                (self.state_ids, state),
                (self.category_ids, partner.category_id),
            )
        )
