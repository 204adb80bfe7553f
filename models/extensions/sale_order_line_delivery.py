from odoo import Command, api, fields, models
from odoo.tools import float_compare


class SaleOrderLine(models.Model):
    """When, how much and by which drawing a line is delivered (A1, L1)."""

    _inherit = "sale.order.line"  # pylint: disable=R8180  # a chapter of its own

    quality_schedule_ids = fields.One2many(
        "quality.delivery.schedule", "order_line_id", "Delivery Schedule"
    )
    quality_partial_delivery = fields.Selection(
        [("yes", "Allowed"), ("no", "Not allowed")],
        "Partial Deliveries",
        help="Whether the customer accepts this line in several deliveries.",
    )
    quality_tolerance_under = fields.Float(
        "Under-Delivery (%)",
        digits=(5, 2),
        compute="_compute_quality_tolerance",
        store=True,
        readonly=False,
        precompute=True,
        help="How much less than ordered the customer accepts.",
    )
    quality_tolerance_over = fields.Float(
        "Over-Delivery (%)",
        digits=(5, 2),
        compute="_compute_quality_tolerance",
        store=True,
        readonly=False,
        precompute=True,
        help="How much more than ordered the customer accepts.",
    )
    quality_document_revision_ids = fields.Many2many(
        "quality.customer.document.revision",
        "quality_sale_order_line_document_rel",
        string="Customer Documents",
        copy=False,
        domain="[('company_id', '=', company_id),"
        " ('state', 'in', ('registered', 'review', 'valid')),"
        " ('partner_id', 'parent_of', order_partner_id)]",
        help="Drawings and specifications, with their revision, by which the line is made.",
    )

    _quality_tolerance_range = models.Constraint(
        "CHECK (quality_tolerance_under >= 0 AND quality_tolerance_under <= 100"
        " AND quality_tolerance_over >= 0)",
        "A tolerance is a percentage that is not below zero; nobody delivers less than nothing.",
    )

    # without dependencies: taken from the customer once, when the line is made, and asked of no
    # later write of Odoo's own
    def _compute_quality_tolerance(self):
        for line in self:
            customer = line.order_id.partner_id.commercial_partner_id
            line.quality_tolerance_under = customer.quality_tolerance_under
            line.quality_tolerance_over = customer.quality_tolerance_over

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._propose_quality_documents()
        return lines

    # Documents

    def _propose_quality_documents(self):
        """Give these lines the valid drawings of their customer and product, if they have none."""
        Document = self.env["quality.customer.document"]
        bare = self.filtered(
            lambda line: (
                line.product_id
                and not line.display_type
                and Document._is_used_in(line.company_id.id)
                and not line.quality_document_revision_ids
            )
        )
        for line, documents in bare._get_quality_documents().items():
            if documents:
                line.quality_document_revision_ids = documents.valid_revision_id.ids

    def _get_quality_documents(self):
        """Return the documents of customer and product that apply to these lines.

        :return: dict of line → quality.customer.document records with a valid revision (in sudo)
        """
        Document = self.env["quality.customer.document"]
        applying = {
            company: Document._get_applying(company, lines.order_id.partner_id)
            for company, lines in self.grouped("company_id").items()
            if Document._is_used_in(company.id)
        }
        nothing = Document.sudo()
        return {
            line: applying.get(line.company_id, {})
            .get(line.order_id.partner_id.commercial_partner_id.id, nothing)
            ._get_for_product(line.product_id)
            for line in self
        }

    def _get_outdated_documents(self):
        """Return the revisions of this line that a newer one has superseded (in sudo)."""
        self.ensure_one()
        return self.sudo().quality_document_revision_ids.filtered(
            lambda revision: revision.state == "superseded"
        )

    def _update_quality_documents(self):
        """Take over the valid revision of every document that applies, or is named already."""
        for line, documents in self._get_quality_documents().items():
            named = line.sudo().quality_document_revision_ids
            customer = line.order_id.partner_id.commercial_partner_id
            kept = named.filtered(
                lambda revision, customer=customer: (
                    revision.partner_id == customer
                    and revision.state in ("registered", "review", "valid")
                )
            )
            newer = (line._get_outdated_documents().document_id | documents).filtered(
                lambda document, customer=customer: document.partner_id == customer
            ) - kept.document_id
            revisions = kept | newer.valid_revision_id
            if revisions != named:
                line.quality_document_revision_ids = [Command.set(revisions.ids)]

    # Delivery

    def _get_quality_dates(self):
        """Return when how much of this line is to be delivered (A1).

        :return: list of (date, quantity in the line's unit), earliest first; where no schedule
            was agreed, one entry with the order's commitment date, else Odoo's expected date
        """
        self.ensure_one()
        schedule = self.sudo().quality_schedule_ids
        if schedule:
            return [(entry.date, entry.quantity) for entry in schedule.sorted("date")]
        moment = self.order_id.commitment_date or self._expected_date()
        return [(moment and fields.Date.to_date(moment), self.product_uom_qty)]

    def _get_schedule_difference(self):
        """Return scheduled minus ordered quantity; 0.0 where they agree or nothing is scheduled."""
        self.ensure_one()
        schedule = self.sudo().quality_schedule_ids
        if not schedule:
            return 0.0
        difference = sum(schedule.mapped("quantity")) - self.product_uom_qty
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return difference if float_compare(difference, 0.0, precision_digits=digits) else 0.0

    # Fingerprint

    def _get_quality_content(self, with_prices=True):
        content = super()._get_quality_content(with_prices)
        line_sudo = self.sudo()  # the same content, whoever looks at it
        terms = {
            "schedule": [
                [entry.date, entry.quantity, entry.note or None]
                for entry in line_sudo.quality_schedule_ids.sorted(lambda e: (e.date, e.id))
            ],
            "partial_delivery": self.quality_partial_delivery,
            "tolerance_under": self.quality_tolerance_under,
            "tolerance_over": self.quality_tolerance_over,
            "documents": [
                revision._get_line_content()
                for revision in line_sudo.quality_document_revision_ids.sorted("id")
            ],
        }
        # only what is there: what was approved without any stays as it was signed
        return content | {key: value for key, value in terms.items() if value}
