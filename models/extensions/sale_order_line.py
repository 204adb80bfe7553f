from collections import defaultdict

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import formatLang


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.depends_context("customer_quality_within_order")
    def _compute_display_name(self):
        """On its own order a line is called by what it sells; order and customer are plain."""
        result = super()._compute_display_name()
        if self.env.context.get("customer_quality_within_order"):
            for line in self:
                name = (line.name or "").split("\n", 1)[0]
                line.display_name = name or line.display_name
        return result

    @api.model_create_multi
    def create(self, vals_list):
        stated = [vals["order_id"] for vals in vals_list if "state" in vals and "order_id" in vals]
        self._refuse_state(self.env["sale.order"].browse(stated))
        return super().create(vals_list)

    def write(self, vals):
        if "state" in vals:
            self._refuse_state(self.order_id)
        return super().write(vals)

    def _refuse_state(self, orders):
        """A line's state follows its order's: written alone, it would ship past the gate (B6)."""
        gates = set(orders.company_id.mapped("quality_review_gate"))
        if gates - {"never"} and not self.env.su:
            raise AccessError(
                self.env._("The state of a line is that of its order. Confirm the order instead.")
            )

    def _is_only_downpayment(self):
        """Tell whether the line is a down payment and promises no goods."""
        return self.is_downpayment and self.product_id.type != "consu"

    def _get_quality_content(self, with_prices=True):
        """Return what is reviewed of this line, see sale.order._get_quality_content."""
        self.ensure_one()
        content = {
            "id": self.id,
            "kind": self.display_type or None,
            "product": self.product_id.id or None,
            "text": self.name,
            "quantity": self.product_uom_qty,
            "unit": self.product_uom_id.id or None,
            "lead_days": self.customer_lead,
            "routes": sorted(self.route_ids.ids),
            "attributes": sorted(self.product_no_variant_attribute_value_ids.ids),
            "custom_values": sorted(
                self._get_custom_text(value) for value in self.product_custom_attribute_value_ids
            ),
        }
        if with_prices:
            content |= {
                "price_unit": self.price_unit,
                "discount": self.discount,
                "taxes": sorted(self.tax_ids.ids),
            }
        return content

    @api.model
    def _get_custom_text(self, value):
        """Return what the customer worded of a product, the same in every language (B6).

        :param value: product.attribute.custom.value record
        """
        chosen = value.custom_product_template_attribute_value_id.with_context(lang=None)
        text = (value.custom_value or "").strip()
        return f"{chosen.attribute_id.name}: {chosen.name}: {text}"

    def _get_quality_coverage(self, apart=False):
        """Return what free stock gives to each line, and what it leaves uncovered (B2, B3).

        Lines of the same product share the stock in the order in which they stand. Make-to-order
        lines take nothing from stock; services and goods that are not stocked lack nothing.
        Held and expired goods are no free stock (B8). What is delivered or reserved for a
        confirmed line already is covered.

        :param apart: True to look at each order as if it came next, False for all together
        :return: dict of line → (free quantity, shortage), both floats in the line's unit
        """
        coverage = {line: (0.0, 0.0) for line in self}
        stocked = self.filtered(lambda line: line.product_id.is_storable or line.product_id.is_kits)
        secured = stocked._get_quality_secured()
        for warehouse, lines in stocked.grouped("warehouse_id").items():
            free = lines.product_id._get_quality_free(warehouse)
            taken = defaultdict(lambda: defaultdict(float))
            for line in lines:
                own = secured[line, line.product_id]
                coverage[line] = line._get_coverage(free, taken[apart and line.order_id], own)
        return coverage

    def _get_quality_secured(self):
        """Return what is delivered, picked or reserved for these lines, of confirmed orders only.

        :return: defaultdict of (line, product) → quantity in the product's unit
        """
        secured = defaultdict(float)
        confirmed = self.filtered(lambda line: line.state == "sale")
        if not confirmed:
            return secured
        moves_sudo = confirmed.sudo().move_ids  # sales need not read moves
        moves_sudo._rollup_move_origs_fetch()
        chain_sudo = moves_sudo._get_quality_chain()  # read together
        chain_sudo.fetch(["state", "quantity", "product_id", "location_id", "location_dest_id"])
        for line_sudo in confirmed.sudo():
            line = line_sudo.sudo(self.env.su)
            chain = line_sudo.move_ids._get_quality_chain()
            for move in chain:
                secured[line, move.product_id.sudo(self.env.su)] += move._get_quality_secured()
            for product, quantity in chain._get_quality_between().items():
                secured[line, product.sudo(self.env.su)] += quantity
        return secured

    def _get_remark(self):
        """Return what the line says beyond the name of its product.

        Core writes that name in the customer's language, as it was when the line was made.
        """
        self.ensure_one()
        text = self.name or ""
        for lang in (self.order_id.partner_id.lang, self.env.lang, "en_US"):
            name = self.product_id.with_context(lang=lang).display_name
            if text.startswith(name):
                return text.removeprefix(name).strip()
        return text

    def _get_register_text(self):
        """Return product, quantity and unit, as the order register prints them (A4)."""
        self.ensure_one()
        quantity = formatLang(self.env, self.product_uom_qty, dp="Product Unit")
        text = f"{self.product_id.display_name or self.name} × {quantity}"
        return f"{text} {self.product_uom_id.name or ''}".strip()

    def _is_made_to_order(self, product):
        """Tell whether nothing is taken from stock for this line.

        Core's ``is_mto`` can't be asked: it is unset between the confirmation of the order and
        the creation of its moves.

        :param product: product.product of the line, or a component of its kit
        """
        return bool(self.warehouse_id.mto_pull_id.route_id & self._get_supply_routes(product))

    def _get_supply_routes(self, product):
        """Return the routes that supply ``product`` for this line (stock.route)."""
        return self.route_ids or product.route_ids | product.categ_id.total_route_ids

    def _get_coverage(self, free, taken, secured=0.0):
        product, unit = self.product_id, self.product_id.uom_id
        to_order = self._is_made_to_order(product)
        available = 0.0 if to_order else max(free[product.id] - taken[product.id], 0.0)
        demand = self.product_uom_id._compute_quantity(
            max(self.product_uom_qty, 0.0), unit, rounding_method="HALF-UP"
        )
        lacking = max(demand - secured, 0.0)
        taken[product.id] += min(available, lacking)
        shortage = max(lacking - available, 0.0)
        if unit.is_zero(shortage):
            shortage = 0.0
        to_line = self.product_uom_id
        return (
            unit._compute_quantity(available, to_line, round=False),
            unit._compute_quantity(shortage, to_line, round=False),
        )
