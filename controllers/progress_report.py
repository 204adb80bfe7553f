from odoo import fields, http
from odoo.exceptions import UserError
from odoo.http import request

from ..lib.quantity import format_quantity

#: What is typed about each manufacturing order; the ids follow behind the name.
LINE_FIELDS = ("done", "problem", "text")


class QualityProgressReportPage(http.Controller):
    """The page on which a workshop files its daily production report, on a phone (D2).

    Plain HTML like the signing page: what is refused is shown again with what was typed.
    """

    @http.route("/quality/progress", type="http", auth="user", methods=["GET"])
    def progress(self, workshop=None, day=None, mode=None, done=None, **_kwargs):
        """Show the report of a workshop that the visitor may file.

        :param workshop: id of the quality.workshop; the first that is still to file by default
        :param day: day of a missing report; today by default
        :param mode: ``shared`` to sign with badge and PIN
        :param done: set after filing, to say thank you
        """
        return self._render(*self._get_place(workshop, day), mode=mode, done=done)

    @http.route("/quality/progress", type="http", auth="user", methods=["POST"])
    def file(self, workshop=None, day=None, mode=None, **post):
        """File the report; what is refused is shown again with nothing lost."""
        workshops, workshop, day = self._get_place(workshop, day)
        if not workshop:
            raise request.not_found()
        try:
            with request.env.cr.savepoint():
                request.env["quality.progress.report"]._file(
                    workshop, day, self._get_values(post), self._get_credentials(post)
                )
        except UserError as error:
            return self._render(workshops, workshop, day, mode=mode, post=post, error=str(error))
        turn = "&mode=shared" if mode == "shared" else ""
        return request.redirect(f"/quality/progress?done={workshop.id}{turn}")

    def _get_place(self, workshop_id, day):
        """Return the visitor's workshops, the chosen one and the day."""
        Report = request.env["quality.progress.report"]
        workshops = request.env["quality.workshop"]._get_own()
        if workshop_id:
            chosen = workshops.filtered(lambda own: str(own.id) == str(workshop_id))
            if not chosen:
                raise request.not_found()
        else:
            chosen = Report._find_next(workshops)
        today = Report._get_today(chosen.company_id or request.env.company)
        try:
            return workshops, chosen, fields.Date.to_date(day) or today
        except ValueError as error:
            raise request.not_found() from error

    def _render(self, workshops, workshop, day, mode=None, post=None, error=None, done=None):
        Report = request.env["quality.progress.report"]
        is_shared = mode == "shared" or request.env.user.sudo().quality_shared_login
        # shown to whoever belongs to the workshop, or stands before its shared device
        report_sudo = Report.sudo()._find_report(workshop, day)
        is_open = bool(workshop) and Report.sudo()._is_asked(workshop, day, report_sudo)
        lines = Report.sudo()._prepare_lines(workshop) if is_open else []
        values = {
            "workshops": workshops,
            "workshop": workshop,
            "day": day,
            "is_today": workshop and day == Report._get_today(workshop.company_id),
            "report": report_sudo,
            "is_open": is_open,
            "lines": [self._name_line(line) for line in lines],
            "missing": Report.sudo()._find_missing(workshops),
            "filed": Report.sudo()._find_filed_today(workshops),
            "thanks": workshops.filtered(lambda own: str(own.id) == str(done)),
            "quantity": format_quantity,
            "mode": "shared" if is_shared else "",
            "needs_password": not is_shared and Report._needs_password(workshop),
            "post": post or {},
            "error": error,
        }
        return request.render("customer_quality.progress_page", values)

    def _name_line(self, line):
        """Return a line with what its ids are called, for people without rights to them."""
        env = request.env(su=True)
        return {
            **line,
            "product": env["product.product"].browse(line["product_id"]).display_name,
            "unit": env["uom.uom"].browse(line["uom_id"]).name,
        }

    def _get_values(self, post):
        lines = {}
        for key, value in post.items():
            name, _line, number = key.rpartition("_")
            if name in LINE_FIELDS and number.isdecimal():
                lines.setdefault(int(number), {})[name] = value
        return {
            "lines": {
                number: {
                    "done": line.get("done", ""),
                    "has_problem": bool(line.get("problem")),
                    "problem": line.get("text", ""),
                }
                for number, line in lines.items()
            },
            "is_unchanged": bool(post.get("unchanged")),
            "note": post.get("note"),
        }

    def _get_credentials(self, post):
        return {name: str(post[name]) for name in ("password", "badge", "pin") if post.get(name)}
