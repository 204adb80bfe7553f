from odoo import api, models

from ..change.order_change_apply import APPLYING


class StockRule(models.Model):
    """Procurement leaves manufacturing orders under a notice as they were announced (C5, D1).

    Never refuses anything: an error inside a reordering rule would stop the whole scheduler.
    """

    _inherit = "stock.rule"

    def _make_mo_get_domain(self, procurement, bom):
        """Take orders under an issued notice out of those that procurement may enlarge.

        Core enlarges the first order that fits, silently and as superuser.
        """
        domain = super()._make_mo_get_domain(procurement, bom)
        if self.env.context.get("customer_quality_applying") is APPLYING:
            # only what is cancelled and made anew afterwards, see quality.order.change
            replaced = self.env.context.get("customer_quality_replaced") or ()
            return (*domain, ("id", "in", list(replaced)))
        if not procurement.company_id.quality_guard_orders:
            return domain
        announced = [("notice_id.state", "=", "issued")]
        return (*domain, ("quality_allocation_ids", "not any", announced))

    @api.model
    def _run_manufacture(self, procurements):
        """Mark what is made in addition for an order whose notice is out already."""
        self._mark_outside_notice(procurements)
        return super()._run_manufacture(procurements)

    @api.model
    def _mark_outside_notice(self, procurements):
        """Mark the procurements whose goods an issued notice of the same order names."""
        guarded = [
            procurement
            for procurement, _rule in procurements
            if procurement.company_id.quality_guard_orders
            and procurement.values.get("reference_ids")
        ]
        if not guarded:
            return
        named = self.env["quality.production.notice.line"]._get_announced(
            self.env["stock.reference"].union(*(p.values["reference_ids"] for p in guarded)),
            self.env["product.product"].union(*(p.product_id for p in guarded)),
        )
        for procurement in guarded:
            references = procurement.values["reference_ids"]
            if named & {(reference, procurement.product_id) for reference in references}:
                procurement.values["quality_outside_notice"] = True

    def _prepare_mo_vals(
        self, product_id, product_qty, product_uom, location_dest_id, name, origin, company_id,
        values, bom,
    ):  # fmt: skip
        """Flag the order that comes of a marked procurement as outside the notice."""
        vals = super()._prepare_mo_vals(
            product_id, product_qty, product_uom, location_dest_id, name, origin, company_id,
            values, bom,
        )  # fmt: skip
        if values.get("quality_outside_notice"):
            vals["is_outside_notice"] = True
        return vals
