from datetime import UTC, datetime, time

import pytz

from odoo import models
from odoo.fields import Domain
from odoo.tools.date_utils import float_to_time

from ...lib.worktime import Timeline, merge


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def _get_quality_timeline(self, company):
        """Return the working time of this calendar, to count in (F3).

        Weekly hours less the company's time off, plus its make-up working days.

        :param company: res.company record, whose holidays and make-up days count
        :return: :class:`Timeline`
        """
        self.ensure_one()
        calendar_sudo = self.sudo()  # when others work is needed by whoever is promised something
        zone = pytz.timezone(calendar_sudo.tz or "UTC")
        return Timeline(
            lambda start, end: calendar_sudo._get_quality_spans(company, start, end),
            lambda moment: moment.replace(tzinfo=UTC).astimezone(zone).date(),
        )

    def _get_quality_spans(self, company, start, end):
        """Return the working time between two moments, as list of naive moments in UTC."""
        low, high = (pytz.utc.localize(moment) for moment in (start, end))
        # without the company, Odoo takes the holidays of every company that name no calendar
        domain = Domain("time_type", "=", "leave") & Domain("company_id", "in", [company.id, False])
        intervals = self._work_intervals_batch(low, high, domain=list(domain))[False]
        intervals = [(begin, stop) for begin, stop, _attendance in intervals]
        intervals += self._get_quality_makeup_spans(company, low, high)
        return merge(
            tuple(
                moment.astimezone(UTC).replace(tzinfo=None)
                for moment in (max(begin, low), min(stop, high))
            )
            for begin, stop in intervals
            if begin < high and stop > low
        )

    def _get_quality_makeup_spans(self, company, low, high):
        """Return the hours of the make-up working days, by the hours of another weekday."""
        zone = pytz.timezone(self.tz or "UTC")
        days = self.env["quality.working.day"]._find(
            self, company, low.astimezone(zone).date(), high.astimezone(zone).date()
        )
        return [
            tuple(
                zone.localize(datetime.combine(makeup.date, _to_time(hour)))
                for hour in (attendance.hour_from, attendance.hour_to)
            )
            for makeup in days
            for attendance in self._get_quality_attendances(makeup)
        ]

    def _get_quality_attendances(self, makeup):
        """Return the weekly hours by which a make-up day is worked."""
        week_type = str(self.env["resource.calendar.attendance"].get_week_type(makeup.date))
        return self.attendance_ids.filtered(
            lambda attendance: (
                not attendance.display_type
                and attendance.day_period != "lunch"
                and attendance.dayofweek == makeup.weekday
                and attendance.week_type in (False, week_type)
            )
        )


def _to_time(hour):
    return float_to_time(hour) if hour < 24 else time.max
