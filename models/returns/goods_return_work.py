from odoo import api, fields, models
from odoo.tools import SQL


class QualityReturn(models.Model):
    """What is owed on a return, for My Work."""

    _inherit = "quality.return"  # pylint: disable=R8180  # a chapter of its own

    next_step = fields.Char(compute="_compute_next_step")

    @api.depends("state")
    @api.depends_context("lang")
    def _compute_next_step(self):
        steps = {
            "requested": self.env._("Authorise"),
            "authorised": self.env._("Receive"),
            "received": self.env._("Inspect"),
            "inspected": self.env._("Decide"),
            "settled": self.env._("Close"),
        }
        for back in self:
            back.next_step = steps.get(back.state, False)

    def _get_duty_subject(self):
        """Return what is owed in a few words, for My Work."""
        self.ensure_one()
        return self.env._("Return: %(step)s", step=self.next_step)


class QualityDuty(models.Model):
    """My Work lists returns that wait for quality (F6, M3)."""

    _inherit = "quality.duty"  # pylint: disable=R8180  # a chapter of its own

    _depends = {"quality.return": ["record_id", "state"]}

    @api.model
    def _get_tables(self):
        return [*super()._get_tables(), "quality.return"]

    @api.model
    def _get_parts(self):
        tables = self._get_tables()
        part = SQL(
            """
            SELECT %(tables)s * owed.id + %(place)s, owed.record_id, record.company_id, quality.id,
                   record.user_id, 'step', 1, owed.write_date, %(due)s
              FROM quality_return owed
              JOIN quality_record record ON record.id = owed.record_id
              JOIN quality_role quality ON quality.code = 'quality'
             WHERE owed.state IN ('requested', 'received', 'inspected', 'settled')
            """,
            tables=len(tables),
            place=tables.index("quality.return"),
            due=SQL(
                """(
                SELECT MIN(deadline.date_due)
                  FROM quality_deadline deadline
                 WHERE deadline.record_id = owed.record_id
                   AND deadline.state IN ('open', 'warned', 'missed', 'escalated')
                )"""
            ),
        )
        return [*super()._get_parts(), part]
