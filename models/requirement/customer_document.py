from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError, ValidationError

#: What a revision was reviewed as, besides its own code and file.
IDENTITY_FIELDS = frozenset({"number", "partner_id", "company_id"})


class QualityCustomerDocument(models.Model):
    """A drawing, specification or standard of a customer, through all its revisions (L1)."""

    _name = "quality.customer.document"
    _description = "Customer Document"
    _order = "partner_id, number, id"
    _check_company_auto = True
    _rec_names_search = ["number", "name"]

    number = fields.Char(required=True, index="trigram")
    name = fields.Char("Title", required=True)
    kind = fields.Selection(
        [
            ("drawing", "Drawing"),
            ("specification", "Specification"),
            ("standard", "Standard"),
            ("change", "Change Notice"),
        ],
        default="drawing",
        required=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="restrict"
    )
    product_ids = fields.Many2many(
        "product.product",
        "quality_customer_document_product_rel",
        string="Products",
        check_company=True,
        help="Leave empty where the document applies to everything the customer orders.",
    )
    revision_ids = fields.One2many("quality.customer.document.revision", "document_id", "Revisions")
    valid_revision_id = fields.Many2one(
        "quality.customer.document.revision",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    active = fields.Boolean(default=True)

    _apply_idx = models.Index("(company_id, partner_id) WHERE valid_revision_id IS NOT NULL")

    @api.constrains("number", "partner_id", "company_id")
    def _check_number(self):
        # no UNIQUE: merging two contacts would delete what is in the way
        for (company, partner), documents in self.grouped(
            lambda document: (document.company_id, document.partner_id)
        ).items():
            numbers = documents.mapped("number")
            same = self.with_context(active_test=False).search(
                [
                    ("company_id", "=", company.id),
                    ("partner_id", "=", partner.id),
                    ("number", "in", numbers),
                ]
            )
            if len(same) > len(set(numbers)):
                raise ValidationError(
                    self.env._(
                        "%(customer)s already has a document with this number. Register a new "
                        "revision of it instead.",
                        customer=partner.display_name,
                    )
                )

    @api.depends("number", "name")
    def _compute_display_name(self):
        for document in self:
            parts = (document.number, document.name)
            document.display_name = " ".join(part for part in parts if part)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._use_commercial_partner(vals)
            if not self.env.su:
                vals["valid_revision_id"] = False  # whatever the context says
        documents = super().create(vals_list)
        if not all(self._is_used_in(company.id) for company in documents.company_id):
            self.env.registry.clear_cache()
        return documents

    def write(self, vals):
        """Keep the identity of a document that has revisions (L1).

        :raise UserError: when customer or company of such a document would change
        """
        self._use_commercial_partner(vals)
        if "valid_revision_id" in vals and not self.env.su:
            raise AccessError(
                self.env._("Which revision is valid follows from its review. Register a new one.")
            )
        if IDENTITY_FIELDS & vals.keys():
            self.filtered(lambda document: document._is_other_identity(vals))._ensure_unreviewed()
        result = super().write(vals)
        if "company_id" in vals:
            self.env.registry.clear_cache()  # which companies register documents
            self.check_access("write")  # nothing is moved out of the user's reach
            self.sudo().revision_ids._check_company()  # they are numbered by company, and stay
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_registered(self):
        if self.revision_ids:
            raise UserError(
                self.env._("A document with revisions is kept. Archive it instead of deleting it.")
            )

    def _is_other_identity(self, vals):
        return any(
            self._fields[name].convert_to_write(self[name], self) != vals[name]
            for name in IDENTITY_FIELDS & vals.keys()
        )

    def _ensure_unreviewed(self):
        if self.revision_ids.filtered(lambda revision: revision.state != "registered"):
            raise UserError(
                self.env._(
                    "A document whose revisions were reviewed keeps its number and customer. "
                    "Register another one."
                )
            )

    def _use_commercial_partner(self, vals):
        if vals.get("partner_id"):
            partner = self.env["res.partner"].browse(vals["partner_id"])
            vals["partner_id"] = partner.commercial_partner_id.id

    @api.model
    @tools.ormcache("company_id")
    def _is_used_in(self, company_id):
        """Tell whether the company registers customer documents at all; where not, lines ask
        nothing of this table.
        """
        found = self.sudo().with_context(active_test=False)
        return bool(found.search_count([("company_id", "=", company_id)], limit=1))

    @api.model
    def _get_applying(self, company, partners):
        """Return the documents in force of these customers.

        :param company: res.company record
        :param partners: res.partner records
        :return: dict of commercial partner id → documents with a valid revision (in sudo)
        """
        # which drawing applies is needed by whoever writes the order
        in_use = self.sudo().with_context(active_test=True)
        documents = in_use.search(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", partners.commercial_partner_id.ids),
                ("valid_revision_id", "!=", False),
            ]
        )
        return {partner.id: group for partner, group in documents.grouped("partner_id").items()}

    def _get_for_product(self, product):
        """Return those of the documents that apply to ``product``."""
        return self.filtered(
            lambda document: not document.product_ids or product in document.product_ids
        )

    def action_view_revisions(self):
        """Open the revisions of these documents."""
        return self.revision_ids._get_records_action(name=self.env._("Revisions"))

    def action_register_revision(self):
        """Open the form on which a new revision of this document is registered (L1)."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Register a Revision"),
            "res_model": "quality.customer.document.revision",
            "view_mode": "form",
            "context": {"default_document_id": self.id},
        }
