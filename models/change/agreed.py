from odoo import api, fields, models

from ..requirement.kinds import REQUIREMENT_KINDS
from .difference import Difference

COMMERCIAL = "commercial"


class QualityAgreedMixin(models.AbstractModel):
    """A row that belongs to what was agreed on an order: guarded like the order itself (C5).

    A model declares ``_agreed_fields`` and says in words what a row agrees.
    """

    _name = "quality.agreed.mixin"
    _description = "Agreed on an Order"

    _agreed_fields = frozenset()
    _agreed_kind = "requirement"

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse new rows on an order whose content is agreed (C5).

        :raise UserError: naming the row
        """
        rows = super().create(vals_list)
        rows.order_id._guard_quality(
            [row._prepare_difference("", row._get_agreed_text()) for row in rows._filter_agreed()]
        )
        return rows

    def write(self, vals):
        """Refuse to change a row of what was agreed (C5).

        :raise UserError: naming what differs
        """
        if not self._agreed_fields.isdisjoint(vals):
            self.order_id._guard_quality(
                [
                    row._prepare_difference(row._get_agreed_text(), row._get_agreed_text(vals))
                    for row in self._filter_agreed(vals)
                    if row._is_agreement_changed(vals)
                ]
            )
            self._guard_arrivals(vals)
        result = super().write(vals)
        if not vals.keys().isdisjoint(("order_id", "order_line_id")):
            self.check_access("write")  # nothing is moved out of the user's reach
        return result

    def _guard_arrivals(self, vals):
        """Refuse to move rows into an order that is agreed; see create."""
        target = self.env["sale.order"].browse(vals.get("order_id") or ())
        arriving = self.filtered(lambda row: row.order_id != target) if target else self.browse()
        if arriving and target._filter_quality_guarded():
            line = self.env["sale.order.line"].browse(vals.get("order_line_id") or ())
            kind = self._agreed_kind
            target._guard_quality(
                [Difference(target, line, kind, "", row._get_agreed_text(vals)) for row in arriving]
            )

    def unlink(self):
        """Refuse to drop a row of what was agreed (C5).

        :raise UserError: naming the row
        """
        self.order_id._guard_quality(
            [row._prepare_difference(row._get_agreed_text(), "") for row in self._filter_agreed()]
        )
        return super().unlink()

    def _filter_agreed(self, vals=None):
        """Return the rows of guarded orders, without those of lines that promise nothing.

        :param vals: what is about to be written, where that is so
        """
        guarded = self.order_id._filter_quality_guarded()
        return self.filtered(lambda row: row.order_id in guarded and row._is_agreed(vals or {}))

    def _is_agreed(self, vals):
        """Tell whether the row, or what it would become, is part of what is agreed."""
        return not self.order_line_id or self.order_line_id._is_quality_promised()

    def _prepare_difference(self, before, after):
        return Difference(self.order_id, self.order_line_id, self._agreed_kind, before, after)

    def _is_agreement_changed(self, vals):
        """Tell whether writing ``vals`` would change a value, not only write it again."""
        for name in self._agreed_fields & vals.keys():
            field = self._fields[name]
            value = field.convert_to_cache(vals[name], self)
            if field.convert_to_record(value, self) != self[name]:
                return True
        return False

    def _get_agreed_text(self, vals=None):
        """Return in words what the row agrees, or would with ``vals``; without any price."""
        raise NotImplementedError


class QualityRequirement(models.Model):
    """What the customer requires of an order that is agreed stays as it was reviewed (C5)."""

    _name = "quality.requirement"
    _inherit = ["quality.requirement", "quality.agreed.mixin"]

    _agreed_fields = frozenset({"order_id", "order_line_id", "kind", "text", "characteristic"})

    def _get_agreed_text(self, vals=None):
        vals = vals or {}
        if vals.get("kind", self.kind) == COMMERCIAL:
            return dict(REQUIREMENT_KINDS)[COMMERCIAL]  # its text may be about money (M5)
        return (vals.get("text", self.text) or "").strip()


class QualityDeliverySchedule(models.Model):
    """The delivery schedule of an order that is agreed stays as it was reviewed (C5, A1)."""

    _name = "quality.delivery.schedule"
    _inherit = ["quality.delivery.schedule", "quality.agreed.mixin"]

    _agreed_fields = frozenset({"order_id", "order_line_id", "date", "quantity"})
    _agreed_kind = "date"

    def _is_agreed(self, vals):
        """Deliveries beyond the firm zone bind nobody, until they are moved into it (B9)."""
        line = self.order_line_id
        if not line._is_quality_ordered():
            return False
        days = {self.date, fields.Date.to_date(vals.get("date", self.date))}
        return any(line._is_quality_firm(day) for day in days if day)

    def _get_agreed_text(self, vals=None):
        vals = vals or {}
        return self.env._(
            "%(date)s: %(quantity)g %(unit)s",
            date=vals.get("date", self.date),
            quantity=vals.get("quantity", self.quantity) or 0.0,
            unit=self.uom_id.name,
        )
