from odoo import api, models

from ..change.difference import Difference
from .sale_order_line_guard import MAKING


class ProductAttributeCustomValue(models.Model):
    """What the customer worded of a configured product stays as it was agreed (C5)."""

    _inherit = "product.attribute.custom.value"

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse further texts on an agreed line; a line's own come with it.

        :raise UserError: naming the text
        """
        values = super().create(vals_list)
        if self.env.context.get("customer_quality_making") is not MAKING:
            values._guard_agreed(lambda value: ("", value.custom_value or ""))
        return values

    def write(self, vals):
        """Refuse another text than agreed.

        :raise UserError: naming the text
        """
        if "custom_value" in vals:
            after = vals["custom_value"] or ""
            changed = self.filtered(lambda value: (value.custom_value or "") != after)
            changed._guard_agreed(lambda value: (value.custom_value or "", after))
        if not vals.keys().isdisjoint(
            {"sale_order_line_id", "custom_product_template_attribute_value_id"}
        ):
            return self._move_agreed(vals)
        return super().write(vals)

    def unlink(self):
        """Refuse to drop a text that is agreed.

        :raise UserError: naming the text
        """
        self._guard_agreed(lambda value: (value.custom_value or "", ""))
        return super().unlink()

    def _move_agreed(self, vals):
        """Write where a text belongs to; it neither leaves nor enters what is agreed."""
        names = ("sale_order_line_id", "custom_product_template_attribute_value_id")
        moved = self.filtered(
            lambda value: any(name in vals and value[name].id != vals[name] for name in names)
        )
        moved._guard_agreed(lambda value: (value.custom_value or "", ""))
        result = super().write(vals)
        if self.env.context.get("customer_quality_making") is not MAKING:
            moved._guard_agreed(lambda value: ("", value.custom_value or ""))
        return result

    def _guard_agreed(self, get_texts):
        """Let the guard of the orders decide.

        :param get_texts: function of a value that returns what it says before and after
        """
        values_sudo = self.sudo()  # whoever words it need not see the order that decides
        orders_sudo = values_sudo.sale_order_line_id.order_id
        guarded = orders_sudo._filter_quality_guarded()
        orders_sudo._guard_quality(
            [
                Difference(line.order_id, line, "product", *get_texts(value))
                for value in values_sudo
                for line in value.sale_order_line_id
                if line.order_id in guarded and line._is_quality_promised()
            ]
        )
