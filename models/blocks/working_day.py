from odoo import api, fields, models

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class QualityWorkingDay(models.Model):
    """A day off that is worked all the same, to make up for a bridge day (F3).

    Odoo's calendars know weekly hours and time off, but no single day that is worked besides.
    """

    _name = "quality.working.day"
    _description = "Make-up Working Day"
    _order = "date desc, id"
    _check_company_auto = True

    name = fields.Char("For")
    date = fields.Date(required=True)
    weekday = fields.Selection(
        WEEKDAYS, "Hours as On", default="4", required=True, help="Worked by the hours of that day."
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Time",
        check_company=True,
        ondelete="cascade",
        help="Leave empty where it holds for every working time of the company.",
    )

    _date_idx = models.Index("(company_id, date)")

    @api.depends("date", "name")
    def _compute_display_name(self):
        for day in self:
            day.display_name = " ".join(filter(None, (str(day.date or ""), day.name)))

    @api.model
    def _find(self, calendar, company, first, last):
        """Return the make-up days of a calendar in a company, from ``first`` to ``last``."""
        return self.search(
            [
                ("company_id", "=", company.id),
                ("calendar_id", "in", [calendar.id, False]),
                ("date", ">=", first),
                ("date", "<=", last),
            ]
        )
