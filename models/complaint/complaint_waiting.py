from odoo import fields, models


class QualityComplaint(models.Model):
    """How long a complaint waited for the customer: net handling times leave it out (F3, F9)."""

    _inherit = "quality.complaint"  # pylint: disable=R8180  # a chapter of its own

    date_waiting = fields.Datetime("Waiting Since", readonly=True, copy=False)
    hours_waited = fields.Float(
        "Hours Waited for the Customer",
        readonly=True,
        copy=False,
        help="Round the clock, without the time that it waits now.",
    )

    def write(self, vals):
        """Count the time as soon as nobody waits for the customer any more."""
        if "is_waiting" in vals:
            self._count_waiting(bool(vals["is_waiting"]))
        return super().write(vals)

    def _count_waiting(self, waits):
        now = fields.Datetime.now()
        for complaint in self.filtered(lambda complaint: complaint.is_waiting != waits):
            # each one waited for a time of its own
            waited = now - (complaint.date_waiting or now)
            complaint.write(
                {
                    "date_waiting": waits and now,
                    "hours_waited": complaint.hours_waited + waited.total_seconds() / 3600,
                }
            )
