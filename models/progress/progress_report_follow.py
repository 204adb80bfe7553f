from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.tools.date_utils import float_to_time

from ..blocks.signer import PROOFS

MISSING_TYPE = "customer_quality.mail_activity_type_report_missing"

#: Opened and reminded of by the scheduled action, in batches.
QUIET = {"mail_create_nolog": True, "mail_create_nosubscribe": True, "mail_notrack": True}


class QualityProgressReport(models.Model):
    """The scheduled action: each working day asks for its reports and misses what is not filed."""

    _inherit = "quality.progress.report"  # pylint: disable=R8180  # a chapter of its own

    @api.model
    def _cron_follow(self):
        """Ask for today's reports, and remind the heads of those that are missing (D2)."""
        progress = self.env["ir.cron"]._commit_progress
        companies = self.env["res.company"].search([("quality_progress_report", "=", True)])
        progress(remaining=len(companies) + 1)
        for company in companies:
            self._open_day(company)
            if not progress(1):
                return
        missing = self.search([("is_missing", "=", True), ("date_reminded", "=", False)], limit=500)
        missing._remind()
        progress(1)

    @api.model
    def _open_day(self, company):
        """Ask each workshop of ``company`` that has something open for its report of today."""
        day = self._get_today(company)
        if not self._is_worked(company, day):
            return self.browse()
        workshops = self.env["quality.workshop"].search([("company_id", "=", company.id)])
        asked = self.search([("workshop_id", "in", workshops.ids), ("date", "=", day)]).workshop_id
        productions = (workshops - asked)._get_productions()
        busy = [workshop.id for workshop, open_orders in productions.items() if open_orders]
        return self._open_for(workshops.browse(busy), day)

    @api.model
    def _open_for(self, workshops, day):
        """Open the reports of ``workshops`` for a day, and start their deadlines."""
        reports = (
            self.sudo()  # asked for by the procedure, filed by whoever belongs to the workshop
            .with_context(**QUIET)
            .create(
                [
                    {
                        "workshop_id": workshop.id,
                        "date": day,
                        "date_due": self._get_due(workshop.company_id, day),
                        "company_id": workshop.company_id.id,
                        "department_id": workshop.department_id.id,
                        "user_id": head.id,
                    }
                    for workshop, head in workshops.sudo()._get_heads().items()
                ]
            )
        )
        self.env["quality.deadline"]._start(
            [
                {
                    "record_id": report.record_id.id,
                    "kind": "progress_report",
                    "user_id": report.user_id.id,
                    "date_due": report.date_due,
                }
                for report in reports
            ]
        )
        return reports

    # The day

    @api.model
    def _get_zone(self, company):
        company_sudo = company.sudo()  # when a company works is no secret
        return pytz.timezone(
            company_sudo.resource_calendar_id.tz or company_sudo.partner_id.tz or "UTC"
        )

    @api.model
    def _get_today(self, company):
        """Return what day it is where ``company`` works (date)."""
        zone = self._get_zone(company)
        return pytz.utc.localize(fields.Datetime.now()).astimezone(zone).date()

    @api.model
    def _get_due(self, company, day):
        """Return until when the report of a day is due, in UTC (naive)."""
        hour = company.sudo().quality_progress_hour
        local = datetime.combine(day, float_to_time(hour) if hour < 24 else time.max)
        return self._get_zone(company).localize(local).astimezone(pytz.utc).replace(tzinfo=None)

    @api.model
    def _is_worked(self, company, day):
        """Tell whether ``company`` works on a day; each day, where it has no calendar (F3)."""
        calendar = company.sudo().resource_calendar_id
        if not calendar:
            return True
        zone = self._get_zone(company)
        start, end = (
            zone.localize(datetime.combine(day + timedelta(days=days), time.min))
            .astimezone(pytz.utc)
            .replace(tzinfo=None)
            for days in (0, 1)
        )
        return bool(calendar._get_quality_spans(company, start, end))

    # Reminders

    def _remind(self):
        """Give the head of each workshop one activity about its missing report."""
        kind = self.env["ir.model.data"]._xmlid_to_res_id(MISSING_TYPE)
        heads = self.workshop_id._get_heads()
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": kind,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": report.id,
                    "user_id": heads[report.workshop_id].id,
                    "automated": True,
                    "date_deadline": report.date,
                }
                for report in self
                if heads[report.workshop_id]
            ]
        )
        self.with_context(**QUIET).date_reminded = fields.Datetime.now()

    def _settle_reminders(self, outcome):
        """Take reminders back; the deadlines are met or cancelled.

        :param outcome: ``met`` or ``cancelled``
        """
        kind = self.env["ir.model.data"]._xmlid_to_res_id(MISSING_TYPE)
        self.activity_ids.filtered(lambda act: act.activity_type_id.id == kind).unlink()
        if outcome == "met":
            self.record_id._meet_deadlines("progress_report")
        else:
            self.record_id._cancel_deadlines("progress_report")

    # For the page of the workshops

    @api.model
    def _find_report(self, workshop, day):
        """Return the report of ``workshop`` for a day, if there is one."""
        return self.search([("workshop_id", "=", workshop.id), ("date", "=", day)])

    @api.model
    def _find_missing(self, workshops):
        """Return the missing reports of ``workshops`` of days before today, the oldest first."""
        reports = self.search(
            [("workshop_id", "in", workshops.ids), ("is_missing", "=", True)], order="date, id"
        )
        return reports.filtered(lambda report: report.date < self._get_today(report.company_id))

    @api.model
    def _find_filed_today(self, workshops):
        """Return those of ``workshops`` whose report of today is filed or not needed."""
        days = {company: self._get_today(company) for company in workshops.company_id}
        reports = self.search(
            [
                ("workshop_id", "in", workshops.ids),
                ("date", "in", list(days.values())),
                ("state", "!=", "open"),
            ]
        )
        return reports.filtered(lambda report: report.date == days[report.company_id]).workshop_id

    @api.model
    def _find_next(self, workshops):
        """Return the workshop whose report is filed next: the first that has not filed today."""
        reports = self.sudo()  # which of one's own workshops have filed
        return (workshops - reports._find_filed_today(workshops))[:1] or workshops[:1]

    @api.model
    def _is_asked(self, workshop, day, report):
        """Tell whether a report can be filed for that day: today's, or one that is missing."""
        if report:
            return report.state == "open"
        return day == self._get_today(workshop.company_id)

    @api.model
    def _needs_password(self, workshop):
        """Tell whether filing asks for the user's password now (M1)."""
        proven = self.env["quality.signature"]._prove_password({})
        policy = workshop.sudo().company_id.quality_password_policy or "none"
        return PROOFS.index(proven) < PROOFS.index(policy)
