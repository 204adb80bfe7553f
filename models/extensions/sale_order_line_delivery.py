from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare
from odoo.tools.sql import column_exists, create_column


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

    def _auto_init(self):
        """Add the columns here: nothing is computed for the lines that are there already."""
        for name in ("quality_tolerance_under", "quality_tolerance_over"):
            if not column_exists(self.env.cr, "sale_order_line", name):
                create_column(self.env.cr, "sale_order_line", name, "numeric")
        return super()._auto_init()

    @api.constrains("quality_document_revision_ids")
    def _check_quality_documents(self):
        for line in self:
            customer = line.order_id.partner_id.commercial_partner_id
            # whoever writes the line need not read every document
            for revision in line.sudo().quality_document_revision_ids:
                if revision.partner_id != customer or revision.company_id != line.company_id:
                    raise ValidationError(
                        self.env._(
                            "%(document)s is a document of another customer or company. Choose "
                            "one of %(customer)s.",
                            document=revision.display_name,
                            customer=customer.display_name,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        self._propose_quality_documents(vals_list)
        return super().create(vals_list)

    # Documents

    @api.model
    def _propose_quality_documents(self, vals_list):
        """Give new lines the valid drawings of their customer and product, if they have none."""
        Document = self.env["quality.customer.document"]
        bare = [
            (self.env["sale.order"].browse(vals["order_id"]), vals)
            for vals in vals_list
            if vals.get("order_id")
            and vals.get("product_id")
            and not vals.get("quality_document_revision_ids")
        ]
        orders = self.env["sale.order"].union(*(order for order, _vals in bare))
        applying = {
            company: Document._get_applying(company, group.partner_id)
            for company, group in orders.grouped("company_id").items()
            if Document._is_used_in(company.id)
        }
        products = self.env["product.product"].browse({vals["product_id"] for _order, vals in bare})
        for order, vals in bare:
            product = products.browse(vals["product_id"]).with_prefetch(products.ids)
            documents = applying.get(order.company_id, {}).get(
                order.partner_id.commercial_partner_id.id
            )
            if documents and product.type == "consu":
                valid = documents._get_for_product(product).valid_revision_id
                vals["quality_document_revision_ids"] = [Command.set(valid.ids)]

    def _is_made_by_documents(self):
        """Tell whether the line is goods: nobody draws a delivery fee or a discount."""
        return not self.display_type and self.product_id.type == "consu"

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

    def _get_named_documents(self):
        """Return the revisions that these lines name (in sudo), asking nothing where the company
        registers none.
        """
        Document = self.env["quality.customer.document"]
        used = self.filtered(lambda line: Document._is_used_in(line.company_id.id))
        return used.sudo().quality_document_revision_ids

    def _get_outdated_documents(self):
        """Return the revisions of this line that a newer one has superseded (in sudo)."""
        return self._get_named_documents().filtered(lambda revision: revision.state == "superseded")

    def _update_quality_documents(self):
        """Take over the valid revision of every document that applies, or is named already."""
        for line, documents in self._get_quality_documents().items():
            named = line._get_named_documents()
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
        return [(self.order_id._get_quality_day(moment), self.product_uom_qty)]

    def _get_quality_schedule(self):
        """Return the delivery schedule (in sudo), asking nothing where the order has none."""
        self.ensure_one()
        if self.order_id.id and not self.order_id._has_quality("schedule"):
            return self.env["quality.delivery.schedule"].sudo()
        return self.sudo().quality_schedule_ids  # the same content, whoever looks at it

    def _get_schedule_difference(self):
        """Return scheduled minus ordered quantity; 0.0 where they agree or nothing is scheduled."""
        self.ensure_one()
        schedule = self._get_quality_schedule()
        if not schedule:
            return 0.0
        difference = sum(schedule.mapped("quantity")) - self.product_uom_qty
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return difference if float_compare(difference, 0.0, precision_digits=digits) else 0.0

    # Fingerprint

    def _get_quality_content(self, with_prices=True):
        content = super()._get_quality_content(with_prices)
        schedule = self._get_quality_schedule()
        terms = {
            "schedule": [
                [entry.date, entry.quantity, entry.note or None]
                for entry in schedule.sorted(lambda e: (e.date, e.id))
            ],
            "partial_delivery": self.quality_partial_delivery,
            "tolerance_under": self.quality_tolerance_under,
            "tolerance_over": self.quality_tolerance_over,
            "documents": [
                revision._get_line_content()
                for revision in self._get_named_documents().sorted("id")
            ],
        }
        # only what is there: what was approved without any stays as it was signed
        return content | {key: value for key, value in terms.items() if value}
