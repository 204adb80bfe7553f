from odoo import fields, models
from odoo.tools import SQL


class IrSequence(models.Model):
    """Numbers for many documents at once: a query in all, not three for each."""

    _inherit = "ir.sequence"

    def _create_date_range_seq(self, date):
        """Begin the numbers of a year.

        Two first documents at the same moment would both begin it. A row that was written since
        a transaction began can't be written by it, so that Odoo starts the second one over.
        """
        if (self.code or "").startswith("quality."):
            self.env.cr.execute(SQL("UPDATE ir_sequence SET id = id WHERE id = %s", self.id))
        return super()._create_date_range_seq(date)

    def _get_quality_numbers(self, count):
        """Draw ``count`` numbers of this sequence, as ``_next`` would one after the other.

        :return: list of str
        """
        self.ensure_one()
        if self.implementation != "standard":
            return [self._next() for _index in range(count)]
        sequence, name = self, f"ir_sequence_{self.id:03d}"
        if self.use_date_range:
            today = fields.Date.today()
            ranges = self.date_range_ids.filtered(lambda r: r.date_from <= today <= r.date_to)
            if not ranges:
                return [self._next() for _index in range(count)]
            name += f"_{ranges[0].id:03d}"
            sequence = self.with_context(ir_sequence_date_range=ranges[0].date_from)
        rows = self.env.execute_query(
            SQL("SELECT nextval(%s) FROM generate_series(1, %s)", name, count)
        )
        return [sequence.get_next_char(number) for [number] in rows]
