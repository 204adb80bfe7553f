from odoo import fields, models
from odoo.fields import Domain

from .sale_order import INTERNAL


class SaleOrder(models.Model):
    """Sales see what the customer complained about on the order that it is about (F1)."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_complaint_count = fields.Integer(
        "Complaints", compute="_compute_quality_complaint_count", compute_sudo=True, groups=INTERNAL
    )

    # without dependencies: looked at when an order is opened
    def _compute_quality_complaint_count(self):
        groups = self.env["quality.complaint"]._read_group(
            [("order_id", "in", self.ids), ("state", "!=", "void")], ["order_id"], ["__count"]
        )
        counts = dict(groups)
        for order in self:
            order.quality_complaint_count = counts.get(order._origin, 0)

    def action_view_quality_complaints(self):
        """Open the complaints about these orders."""
        complaints = self.env["quality.complaint"].search([("order_id", "in", self.ids)])
        return complaints._get_records_action(name=self.env._("Complaints"))


class SaleOrderLine(models.Model):
    """What is complained about is no mere repetition (B8)."""

    _inherit = "sale.order.line"  # pylint: disable=R8180  # a chapter of its own

    def _get_quality_open_issues(self):
        """Return which complaints of their customers are open on these lines' products.

        :return: dict of line → list of sentences
        """
        issues = {line: list(texts) for line, texts in super()._get_quality_open_issues().items()}
        if not self:
            return issues
        # that something is open is no secret to whoever reviews the product
        positions = (
            self.env["quality.complaint.line"]
            .sudo()
            .search(
                [
                    ("complaint_id", "any", self._get_quality_complaint_domain()),
                    ("product_id", "in", self.product_id.ids),
                ]
            )
        )
        for line in self:
            customer = line.order_id.partner_id.commercial_partner_id
            found = positions.filtered(
                lambda position, line=line, customer=customer: (
                    position.product_id == line.product_id
                    and position.complaint_id.commercial_partner_id == customer
                )
            )
            for complaint in found.complaint_id:
                issues.setdefault(line, []).append(
                    self.env._("%(number)s is open on this product.", number=complaint.name)
                )
        return issues

    def _get_quality_complaint_domain(self):
        """Return the domain of open complaints of these lines' customers."""
        customers = self.order_id.partner_id.commercial_partner_id
        return self.env["quality.complaint"]._get_running_domain() & Domain(
            [
                ("kind", "in", ("complaint", "return")),
                ("commercial_partner_id", "in", customers.ids),
                ("company_id", "in", self.company_id.ids),
            ]
        )
