from odoo import models

#: Version of the layout of the reviewed content; a new layout gets a new number.
CONTENT_VERSION = 1


class SaleOrder(models.Model):
    """What is reviewed of an order, as one value that can be compared and signed on."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    def _get_quality_lines(self):
        """Return the lines that are promised: neither sections, notes nor down payments."""
        return self.order_line.filtered(
            lambda line: not line.display_type and not line._is_only_downpayment()
        )

    def _get_quality_content(self, with_prices=True):
        """Return what the departments review, as a JSON-able dict (B6).

        Language-neutral: ids, codes and the texts as they stand on the order. A different
        value here makes an approval stale, and nothing else does.

        :param with_prices: False for what roles without sight of prices sign on (M5)
        """
        self.ensure_one()
        content = {
            "version": CONTENT_VERSION,
            "company": self.company_id.id,
            "customer": self.partner_id.id,
            "delivery_address": self.partner_shipping_id.id,
            "customer_reference": self.client_order_ref or None,
            "commitment_date": self.commitment_date,
            "incoterm": self.incoterm.code or None,
            "incoterm_location": self.incoterm_location or None,
            "terms": str(self.note or "") or None,
            "warehouse": self.warehouse_id.id,
            "shipping_policy": self.picking_policy,
            "lines": [
                line._get_quality_content(with_prices)
                for line in self.order_line.sorted("id")
                if not line._is_only_downpayment()
            ],
        }
        if with_prices:
            content |= {
                "currency": self.currency_id.name,
                "payment_term": self.payment_term_id.id or None,
                "fiscal_position": self.fiscal_position_id.id or None,
                "invoice_address": self.partner_invoice_id.id,
            }
        return content

    def _check_quality_request(self):
        """Hook: refuse to ask for the review of orders that can't be reviewed as they stand.

        :raise UserError: saying what to correct
        """

    def _prepare_quality_review_lines(self):
        """Return the values of the review lines: demand, stock and price as they are now.

        The orders are read together, but each is looked at on its own (B5).
        """
        lines = self._get_quality_lines()
        coverage = lines._get_quality_coverage(apart=True)
        figures = self.env["quality.promise"]._get_figures(lines)
        return [
            {
                "order_line_id": line.id,
                "customer_id": line.order_id.partner_id.commercial_partner_id.id,
                "sequence": line.sequence,
                "product_id": line.product_id.id,
                "name": line._get_remark(),
                "quantity": line.product_uom_qty,
                "uom_id": line.product_uom_id.id,
                "date_expected": line.order_id.commitment_date or line._expected_date(),
                "free_qty": coverage[line][0],
                "shortage": coverage[line][1],
                "price_unit": line.price_unit,
                "discount": line.discount,
                "price_subtotal": line.price_subtotal,
                **figures[line],
            }
            for line in lines
        ]

    def _filter_quality_short(self):
        """Return the orders that free stock leaves uncovered, all taken together (B2, B3).

        The same calculation as the production notice's: kits by component, orders one after
        the other.
        """
        # whoever confirms needs no right to stock or bills of materials
        lines = self.env["quality.production.notice.line"].sudo()
        short = set()
        for company, orders in self.sudo().grouped("company_id").items():
            needs = lines.with_company(company)._prepare_needs(orders.with_company(company))
            short |= {
                order_id
                for order_id, order_needs in needs.items()
                if any(need["to_supply"] > 0 for need in order_needs)
            }
        return self.filtered(lambda order: order.id in short)
