from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _get_quality_free(self, warehouse):
        """Return the stock of a warehouse that may be promised (B3, B8).

        Odoo's own free quantity, without what is held or expired; of a kit, what its components
        still allow. Under the context key ``customer_quality_unclaimed`` also without what open
        deliveries will take.

        :return: dict of product id → quantity in the product's unit, never negative
        """
        products = self.with_context(warehouse_id=warehouse.id)
        kits = products.filtered("is_kits")
        parts = kits._get_quality_kit_parts()
        promise = self.env["quality.promise"]
        withheld = promise._get_withheld(products | parts, warehouse)
        if self.env.context.get("customer_quality_unclaimed"):
            for id_, quantity in promise._get_unreserved_demand(
                products | parts, warehouse
            ).items():
                withheld[id_] = withheld.get(id_, 0.0) + quantity
        free = {product.id: product.free_qty for product in products}
        for product_id, quantity in withheld.items():
            if product_id in free:
                free[product_id] -= quantity
        affected = parts.filtered(lambda part: part.id in withheld)
        if affected:
            free.update(kits._get_quality_kit_free(parts, withheld))
        return {product_id: max(quantity, 0.0) for product_id, quantity in free.items()}

    def _get_quality_kit_parts(self):
        """Return the components of these kits, at whatever depth."""
        boms = self.env["mrp.bom"]._bom_find(self, bom_type="phantom") if self else {}
        parts = self.browse()
        for kit, bom in boms.items():
            for line, _data in bom.explode(kit, 1.0)[1]:
                parts |= line.product_id.with_env(self.env)
        return parts

    def _get_quality_kit_free(self, parts, withheld):
        """Return how many of these kits can be put together without what is withheld.

        :param parts: product.product records, all components of the kits
        :param withheld: dict of product id → quantity
        :return: dict of kit id → quantity
        """
        names = ("virtual_available", "qty_available", "incoming_qty", "outgoing_qty", "free_qty")
        known = {
            part.id: dict.fromkeys(names, part.free_qty - withheld.get(part.id, 0.0))
            for part in parts
        }
        # Odoo's own calculation for kits, with these figures of the components
        kits = self.with_context(mrp_compute_quantities=known)
        quantities = kits._compute_quantities_dict(None, None, None)
        return {kit.id: quantities[kit.id]["free_qty"] for kit in self}
