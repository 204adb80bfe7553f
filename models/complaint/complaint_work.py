from odoo import api, fields, models
from odoo.tools import SQL

from .complaint import RUNNING


class QualityComplaint(models.Model):
    """What is owed on a complaint, by whom, and where it belongs."""

    _inherit = "quality.complaint"  # pylint: disable=R8180  # a chapter of its own

    next_step = fields.Char(compute="_compute_next_step")

    @api.depends("state", "kind")
    @api.depends_context("lang")
    def _compute_next_step(self):
        steps = {
            "registered": self.env._("Accept"),
            "accepted": self.env._("Look for the cause"),
            "investigating": self.env._("Find cause and responsibility"),
            "solving": self.env._("Solve and answer"),
            "answered": self.env._("Close"),
        }
        for complaint in self:
            short = complaint.is_short and complaint.state in ("registered", "accepted")
            answer = self.env._("Answer")
            complaint.next_step = answer if short else steps.get(complaint.state, False)

    def _get_duty_subject(self):
        """Return what is owed in a few words, for My Work."""
        self.ensure_one()
        return f"{self.next_step}: {self.title}"

    def action_view_order(self):
        """Open the order that these complaints are about."""
        return self.order_id._get_records_action(name=self.env._("Sales Order"))

    def action_view_picking(self):
        """Open the delivery that these complaints are about."""
        return self.picking_id._get_records_action(name=self.env._("Delivery"))

    def _get_message_text(self):
        """Return what happened as text for a chat message, without any price (M4, M5)."""
        self.ensure_one()
        customer = self.sudo().partner_id.display_name  # named to who sees the complaint
        title = " · ".join(filter(None, (self.display_name, customer)))
        words = (self.description or "").strip()[:200]
        link = f"{self.get_base_url()}/odoo/complaints/{self.id}"
        return "\n".join(filter(None, (title, words, link)))


class QualityDuty(models.Model):
    """My Work lists the complaints whose next step is mine (M3)."""

    _inherit = "quality.duty"  # pylint: disable=R8180  # a chapter of its own

    _depends = {"quality.complaint": ["record_id", "state", "date_received", "is_waiting"]}

    @api.model
    def _get_tables(self):
        return [*super()._get_tables(), "quality.complaint"]

    @api.model
    def _get_parts(self):
        tables = self._get_tables()
        part = SQL(
            """
            SELECT %(tables)s * owed.id + %(place)s, owed.record_id, record.company_id,
                   NULL::int, record.user_id, 'step', 1, owed.date_received,
                   (SELECT MIN(deadline.date_due)
                      FROM quality_deadline deadline
                     WHERE deadline.record_id = owed.record_id
                       AND deadline.state IN ('open', 'warned', 'missed', 'escalated')
                       AND deadline.date_paused IS NULL)
              FROM quality_complaint owed
              JOIN quality_record record ON record.id = owed.record_id
             WHERE owed.state IN %(running)s AND owed.is_waiting IS NOT TRUE
            """,
            tables=len(tables),
            place=tables.index("quality.complaint"),
            running=RUNNING,
        )
        return [*super()._get_parts(), part]
