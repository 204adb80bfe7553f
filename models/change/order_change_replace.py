from odoo import models
from odoo.fields import Command


class QualityOrderChange(models.Model):
    """What becomes of a line whose product is replaced: a new line takes its place (C1).

    Price, lead time, unit and tolerances are those that were agreed; drawings those that were
    signed. Taxes follow the new product, as Odoo computes them. What the customer requires and
    the delivery schedule go over to the new line; with what is delivered already, they stay.
    """

    _inherit = "quality.order.change"  # pylint: disable=R8180  # a chapter of its own

    def _hand_over(self, deltas, known):
        """Give each line that takes another one's place what was agreed of that one.

        :param deltas: list of Delta, written on the order
        :param known: the lines that the order had before
        """
        lines = self.env["sale.order.line"]
        added = (self.order_id.order_line - known).sorted("id")
        for key, new in zip(self._get_added_keys(deltas), added, strict=False):
            if isinstance(key, int):
                lines.browse(key)._hand_over_quality(new)

    def _get_added_keys(self, deltas):
        """Return of what each new line came, in the order in which they were created.

        :return: list of the ids of replaced lines, and of the names of new rows
        """
        keys = {
            delta.field if delta.id is None else delta.id: None
            for delta in deltas
            if delta.model == "sale.order.line"
            and (delta.id is None or delta.field == "product_id")
        }
        return list(keys)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"  # pylint: disable=R8180  # a chapter of its own

    def _prepare_quality_handover(self):
        """Return what a line that takes the place of this one keeps of it, as values."""
        self.ensure_one()
        return {
            "route_ids": [Command.set(self.route_ids.ids)],
            "quality_document_revision_ids": [Command.set(self.quality_document_revision_ids.ids)],
            "quality_partial_delivery": self.quality_partial_delivery,
            "quality_tolerance_under": self.quality_tolerance_under,
            "quality_tolerance_over": self.quality_tolerance_over,
            "quality_kind_choice": self.quality_kind_choice,
        }

    def _hand_over_quality(self, new):
        """Move the delivery schedule and the requirements of this line to ``new``.

        What is delivered stays ordered on this line: so does its share of the schedule.
        """
        self.ensure_one()
        delivered = self.product_uom_qty
        for entry in self.quality_schedule_ids.sorted(lambda entry: (entry.date, entry.id)):
            kept = min(entry.quantity, delivered)
            delivered -= kept
            entry._split_quality(kept, new)
        requirements = self.order_id.quality_requirement_ids.filtered(
            lambda requirement: requirement.order_line_id == self
        )
        if self.product_uom_qty:
            for requirement in requirements:
                requirement.copy({"order_id": new.order_id.id, "order_line_id": new.id})
        else:
            requirements.order_line_id = new
        if not new.analytic_distribution:
            new.analytic_distribution = self.analytic_distribution


class QualityDeliverySchedule(models.Model):
    _inherit = "quality.delivery.schedule"  # pylint: disable=R8180  # a chapter of its own

    def _split_quality(self, kept, line):
        """Keep so much of this delivery where it is, and give the rest to another line."""
        self.ensure_one()
        rest = self.quantity - kept
        if self.uom_id.compare(kept, 0.0) <= 0:
            self.order_line_id = line
        elif self.uom_id.compare(rest, 0.0) > 0:
            self.quantity = kept
            self.copy({"order_line_id": line.id, "quantity": rest})
