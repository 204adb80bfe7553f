from odoo import fields, models

#: What the customer master form holds besides Odoo's own fields (A6).
FORM_FIELDS = (
    "quality_class_id",
    "quality_is_key",
    "quality_profile",
    "quality_always_review",
    "quality_tolerance_under",
    "quality_tolerance_over",
)


class ResPartner(models.Model):
    """Customer master form (A6): carried by the company, shown on each of its contacts."""

    _inherit = "res.partner"

    quality_class_id = fields.Many2one(
        "quality.customer.class",
        "Class of Customer",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="Vehicle plant, service station, end user, … (A6).",
    )
    quality_is_key = fields.Boolean("Key Customer")
    quality_always_review = fields.Boolean(
        "Always Review",
        tracking=True,
        help="Every order of this customer is reviewed in full, also where stock covers it.",
    )
    quality_profile = fields.Text(
        "Profile", help="What the customer makes, how much of it, and what matters to them."
    )
    quality_tolerance_under = fields.Float(
        "Under-Delivery (%)", digits=(5, 2), help="Proposed on new order lines."
    )
    quality_tolerance_over = fields.Float(
        "Over-Delivery (%)", digits=(5, 2), help="Proposed on new order lines."
    )
    quality_merged_ids = fields.Json(
        "Merged From",
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="Ids of contacts that were merged into this one: reviews may name them.",
    )
    quality_contract_count = fields.Integer(
        "Contracts", compute="_compute_quality_registration_counts"
    )
    quality_customer_document_count = fields.Integer(
        "Customer Documents", compute="_compute_quality_registration_counts"
    )

    _quality_tolerance_range = models.Constraint(
        "CHECK (quality_tolerance_under >= 0 AND quality_tolerance_under <= 100"
        " AND quality_tolerance_over >= 0)",
        "A tolerance is a percentage that is not below zero; nobody delivers less than nothing.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "lang" in vals:
            self.env.registry.clear_cache()  # signatures name roles in the company's language
        return result

    def _compute_quality_registration_counts(self):
        for name, model in (
            ("quality_contract_count", "quality.contract"),
            ("quality_customer_document_count", "quality.customer.document"),
        ):
            records = self.env[model]
            groups = (
                records._read_group(
                    [("partner_id", "in", self.commercial_partner_id.ids)],
                    ["partner_id"],
                    ["__count"],
                )
                if records.has_access("read")
                else ()
            )
            counts = dict(groups)
            for partner in self:
                partner[name] = counts.get(partner.commercial_partner_id, 0)

    def _commercial_fields(self):
        return [*super()._commercial_fields(), *FORM_FIELDS]

    def _get_quality_class(self):
        """Return the class of the company behind this contact (quality.customer.class)."""
        return self.commercial_partner_id.quality_class_id

    def action_view_quality_contracts(self):
        """Open the contracts with the company behind these contacts."""
        contracts = self.env["quality.contract"].search(
            [("partner_id", "in", self.commercial_partner_id.ids)]
        )
        return contracts._get_records_action(name=self.env._("Contracts"))

    def action_view_quality_customer_documents(self):
        """Open the drawings and specifications of the company behind these contacts."""
        documents = self.env["quality.customer.document"].search(
            [("partner_id", "in", self.commercial_partner_id.ids)]
        )
        return documents._get_records_action(name=self.env._("Customer Documents"))
