from odoo import fields, models


class QualityAgreedValue(models.AbstractModel):
    """Values of what was agreed as JSON-able ones, so that they can be stored and compared (C1)."""

    _name = "quality.agreed.value"
    _description = "Value of What Was Agreed"

    def _get_quality_value(self, name):
        """Return the value of a field as a JSON-able one: ids sorted, dates as text."""
        self.ensure_one()
        return self.env["quality.agreed.value"]._to_json(self, name)

    def _to_json(self, record, name):
        field, value = record._fields[name], record[name]
        if field.type == "many2one":
            return value.id or None
        if field.relational:
            return sorted(value.ids)
        if field.type in ("date", "datetime"):
            return fields.Datetime.to_string(value) if value else None
        if field.type == "html":
            return str(value or "") or None
        return value if value or field.type in ("float", "monetary") else None

    def _is_quality_same_value(self, name, before, after):
        """Tell whether two JSON-able values of a field are the same; quantities in their unit."""
        return (before or None) == (after or None)


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "quality.agreed.value"]

    def _get_quality_value(self, name):
        """Return the delivery schedule as a whole, everything else field by field."""
        if name != "quality_schedule_ids":
            return super()._get_quality_value(name)
        return sorted(
            [row.order_line_id.id, fields.Date.to_string(row.date), row.quantity]
            for row in self.quality_schedule_ids
        )


class SaleOrderLine(models.Model):
    _name = "sale.order.line"
    _inherit = ["sale.order.line", "quality.agreed.value"]

    def _is_quality_same_value(self, name, before, after):
        if name == "product_uom_qty":
            return not self.product_uom_id.compare(before or 0.0, after or 0.0)
        if name in ("price_unit", "discount", "customer_lead"):
            digits = self._fields[name].get_digits(self.env)
            return round(before or 0.0, digits[1] if digits else 2) == round(
                after or 0.0, digits[1] if digits else 2
            )
        return super()._is_quality_same_value(name, before, after)


class QualityRequirement(models.Model):
    _name = "quality.requirement"
    _inherit = ["quality.requirement", "quality.agreed.value"]
