from datetime import datetime, time, timedelta

import pytz

from odoo import fields, models


class ResCompany(models.Model):
    """How a company follows what is being made (D2, D3)."""

    _inherit = "res.company"  # pylint: disable=R8180  # a chapter of its own

    quality_plan_check = fields.Boolean(
        "Engineering Checks the Plan",
        help="Engineering is asked to sign the stages of each production notice.",
    )
    quality_progress_report = fields.Boolean(
        "Daily Production Reports",
        help="Each workshop files one report a day about the notices in force; a missing one "
        "shows.",
    )
    quality_progress_hour = fields.Float(
        "Due Until",
        default=18.0,
        help="Hour of the day until which a daily report is filed; later it is missing.",
    )
    quality_progress_post = fields.Boolean(
        "Post Reported Quantities",
        help="What a finishing workshop reports is added to the quantity produced of the "
        "manufacturing order: never past what is planned, and the order is never closed by it.",
    )
    quality_idle_days = fields.Integer(
        "Without Movement After",
        default=5,
        help="Working days after which a production notice on which nothing has moved stands "
        "out. 0: never.",
    )
    quality_progress_digest = fields.Boolean(
        "Daily Digest for Salespeople",
        help="One mail a day to each salesperson about their orders in production.",
    )
    quality_portal_progress = fields.Boolean(
        "Progress on the Portal",
        help="The customer's page of an order shows how far it is, in plain words, and the "
        "promised date.",
    )
    quality_delay_watch = fields.Boolean(
        "Watch for Delays",
        help="A delay is opened as soon as the plan of a production notice ends after its "
        "promised date.",
    )

    _progress_hour_valid = models.Constraint(
        "CHECK (quality_progress_hour > 0 AND quality_progress_hour <= 24)",
        "Daily reports are due at an hour of the day, up to 24:00.",
    )
    _idle_days_positive = models.Constraint(
        "CHECK (quality_idle_days >= 0)", "Give a number of days from 0 on; 0 means never."
    )

    def _get_quality_idle_limit(self):
        """Return the moment before which the last movement is too long ago (D2).

        So many whole working days have passed since; without a calendar each day counts.

        :return: datetime in UTC (naive), or None where nothing ever stands out
        """
        self.ensure_one()
        return self._get_quality_day_limit(self.sudo().quality_idle_days)  # binds whoever looks

    def _get_quality_day_limit(self, days):
        """Return the moment since which ``days`` whole working days have passed.

        :return: datetime in UTC (naive), or None without days
        """
        if not days:
            return None
        zone = self.env["quality.progress.report"]._get_zone(self)
        today = pytz.utc.localize(fields.Datetime.now()).astimezone(zone).date()
        worked = self._get_quality_days_before(today, days, zone)
        first = zone.localize(datetime.combine(worked[:days][-1], time.min))
        return first.astimezone(pytz.utc).replace(tzinfo=None)

    def _get_quality_days_before(self, today, days, zone):
        """Return at least ``days`` working days before ``today``, the last one first."""
        calendar = self.sudo().resource_calendar_id
        plain = [today - timedelta(days=back) for back in range(1, days + 1)]
        if not calendar:
            return plain
        end = zone.localize(datetime.combine(today, time.min)).astimezone(pytz.utc)
        start = end - timedelta(days=days * 3 + 30)
        spans = calendar._get_quality_spans(
            self, start.replace(tzinfo=None), end.replace(tzinfo=None)
        )
        worked = {pytz.utc.localize(low).astimezone(zone).date() for low, _high in spans}
        found = sorted(worked, reverse=True)
        return found if len(found) >= days else plain
