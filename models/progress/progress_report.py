from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...lib.canonical import digest


class QualityProgressReport(models.Model):
    """Daily production report (生产进度报表): one a day from each workshop, signed (D2).

    Opened by the scheduled action on each working day, filed on a phone, and frozen with the
    signature. What was not filed in time shows as missing until it is.
    """

    _name = "quality.progress.report"
    _description = "Daily Production Report"
    _inherit = ["quality.record.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _record_prefix = "DR"
    _work_template = "customer_quality.work_facts_progress_report"
    _content_fields = ("workshop_id", "date", "line_ids", "is_unchanged", "note", "content_hash")

    workshop_id = fields.Many2one(
        "quality.workshop", required=True, readonly=True, index=True, ondelete="restrict"
    )
    date = fields.Date("Day", required=True, readonly=True, index=True)
    date_due = fields.Datetime("Due Until", readonly=True)
    state = fields.Selection(
        [("open", "To File"), ("filed", "Filed"), ("void", "Not Needed")],
        default="open",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    is_missing = fields.Boolean(
        "Missing", compute="_compute_is_missing", search="_search_is_missing"
    )
    date_reminded = fields.Datetime("Reminded On", readonly=True, copy=False)

    # What it says
    line_ids = fields.One2many("quality.progress.report.line", "report_id", readonly=True)
    is_unchanged = fields.Boolean(
        "No Change", readonly=True, help="The workshop states that nothing has changed that day."
    )
    note = fields.Text("Remark", readonly=True)
    problem_count = fields.Integer("Problems", readonly=True)

    # Who says it
    signature_id = fields.Many2one(
        "quality.signature", readonly=True, copy=False, ondelete="restrict", index="btree_not_null"
    )
    filed_by = fields.Char(related="signature_id.display_name", string="Filed By")
    date_filed = fields.Datetime("Filed On", readonly=True, copy=False)
    is_late = fields.Boolean("Filed Late", readonly=True)
    content_hash = fields.Char("Fingerprint", readonly=True, copy=False)

    _day_uniq = models.UniqueIndex(
        "(workshop_id, date)", "There is a report of this workshop for this day already."
    )
    _missing_idx = models.Index("(date_due) WHERE state = 'open'")

    @api.depends("state", "date_due")
    def _compute_is_missing(self):
        now = fields.Datetime.now()
        for report in self:
            report.is_missing = bool(
                report.state == "open" and report.date_due and report.date_due < now
            )

    @api.model
    def _search_is_missing(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return Domain("state", "=", "open") & Domain("date_due", "<", fields.Datetime.now())

    @api.depends("name", "workshop_id", "date")
    def _compute_display_name(self):
        for report in self:
            report.display_name = " ".join(
                filter(None, (report.name, report.workshop_id.display_name))
            )

    # Actions

    def action_open_page(self):
        """Open the page on which the report is filed.

        :raise UserError: when it is filed or not needed
        """
        self.ensure_one()
        if self.state != "open":
            raise UserError(
                self.env._("%(number)s is filed already, or not needed.", number=self.name)
            )
        return {
            "type": "ir.actions.act_url",
            "url": f"/quality/progress?workshop={self.workshop_id.id}&day={self.date}",
            "target": "self",
        }

    def action_void(self):
        """Say that these reports are not needed, e.g. because the workshop was closed.

        :raise AccessError: for whoever is no quality officer
        :raise UserError: for a report that was filed
        """
        self._ensure_officer()
        filed = self.filtered(lambda report: report.state == "filed")
        if filed:
            raise UserError(
                self.env._("%(number)s was filed and signed, so it is kept.", number=filed[0].name)
            )
        reports_sudo = self.sudo()  # the right was checked above
        reports_sudo.filtered(lambda report: report.state == "open").state = "void"
        reports_sudo._set_phase("void")
        reports_sudo._settle_reminders("cancelled")
        return True

    def _ensure_officer(self):
        if not (self.env.su or self.env.user.has_group("customer_quality.group_officer")):
            raise AccessError(
                self.env._(
                    "Only a quality officer may say that a daily report is not needed. Ask one, "
                    "or file the report with “No change today”."
                )
            )
        self.check_access("read")

    # Content

    def _get_content(self):
        """Return what is signed, as a JSON-able dict without language or price."""
        self.ensure_one()
        return {
            "number": self.name,
            "workshop": self.workshop_id.id,
            "department": self.workshop_id.department_id.id,
            "day": fields.Date.to_string(self.date),
            "unchanged": self.is_unchanged,
            "note": self.note or None,
            "lines": [line._get_content() for line in self.line_ids.sorted("id")],
        }

    def _get_basis(self, role):
        """Return the fingerprint of what was reported."""
        return self.content_hash

    @api.model
    def _find_altered_documents(self, company):
        """Return the quality records of reports that no longer say what was signed (M1)."""
        signed = self.search([("company_id", "=", company.id), ("state", "=", "filed")])
        altered = signed.filtered(
            lambda report: digest(report._get_content()) != report.content_hash
        )
        return super()._find_altered_documents(company) + altered.record_id.ids

    def _get_products(self):
        """Return the products that the report is about."""
        return self.line_ids.product_id
