from odoo import http
from odoo.exceptions import UserError, ValidationError
from odoo.http import request

#: Photos that may be added to one report, and how large each may be.
MAX_PHOTOS = 6
MAX_BYTES = 10 * 1024 * 1024

#: What the page asks for, besides the place.
TEXTS = ("kind", "description")

#: What may be read of the place where something happened: parameter → model.
PLACES = {"production": "mrp.production", "workorder": "mrp.workorder"}


class QualityAbnormalityPages(http.Controller):
    """Report an abnormality on the spot, and take the next step: pages for phones (D7).

    Plain HTML, as the signing page. On a login that several people share, badge or number and PIN
    say who it is.
    """

    @http.route("/quality/abnormality/new", type="http", auth="user", methods=["GET"])
    def new(self, production=None, workorder=None, **_kwargs):
        """Show the form for a report.

        :param production: id of the manufacturing order, if it is about one
        :param workorder: id of the work order, if it is about one
        """
        return self._render_new({"production": production, "workorder": workorder})

    @http.route("/quality/abnormality/new", type="http", auth="user", methods=["POST"])
    def report(self, **post):
        """Report what was typed and photographed; what is refused is shown again."""
        sheets = request.env["quality.abnormality"]
        try:
            with request.env.cr.savepoint():
                vals = self._get_vals(post)
                sheet = sheets._report(vals, self._get_credentials(post), self._get_photos())
                sheet.flush_recordset()
        except (UserError, ValidationError) as error:
            return self._render_new(post, error=str(error))
        return request.redirect(f"/quality/abnormality/{sheet.id}?done=reported")

    @http.route("/quality/abnormality/<int:sheet_id>", type="http", auth="user", methods=["GET"])
    def show(self, sheet_id, done=None, **_kwargs):
        """Show the sheet and its next step.

        :param sheet_id: id of the quality.abnormality
        :param done: set after a step, to say thank you
        """
        return self._render(self._get_sheet(sheet_id), done=done)

    @http.route("/quality/abnormality/<int:sheet_id>", type="http", auth="user", methods=["POST"])
    def step(self, sheet_id, step=None, **post):
        """Take the next step; what is refused is shown again with what was typed.

        :param step: ``resume``, ``remedy``, ``close`` or ``reopen``
        """
        sheet = self._get_sheet(sheet_id)
        credentials = self._get_credentials(post)
        steps = {
            "resume": lambda: sheet.action_resume(credentials),
            "remedy": lambda: sheet.action_remedy(post.get("remedy"), credentials),
            "close": lambda: sheet.action_close(credentials),
            "reopen": lambda: sheet.action_reopen(post.get("reason"), credentials),
        }
        if step not in steps:
            raise request.not_found()
        try:
            with request.env.cr.savepoint():
                steps[step]()
        except UserError as error:
            return self._render(sheet, post=post, error=str(error))
        return request.redirect(f"/quality/abnormality/{sheet.id}?done={step}")

    # Reading

    def _get_sheet(self, sheet_id):
        sheets = request.env["quality.abnormality"]
        sheet = sheets.has_access("read") and sheets.search([("id", "=", sheet_id)])
        if not sheet:
            raise request.not_found()
        return sheet

    def _get_place(self, post):
        """Return where it happened, as far as the user may read it: dict of parameter → record."""
        place = {}
        for name, model in PLACES.items():
            ids = self._read_id(post.get(name))
            records = request.env[model]
            place[name] = records
            if ids:
                place[name] = records.has_access("read") and records.search([("id", "in", ids)])
                if not place[name]:
                    raise request.not_found()
        place["production"] = place["production"] or place["workorder"].production_id
        return place

    def _read_id(self, text):
        """Return the id that a parameter names, as list: empty where it names none."""
        text = str(text or "")
        return [int(text)] if text.isdecimal() and len(text) < 10 else []

    def _get_vals(self, post):
        """Return the values of the report.

        :raise UserError: when what is needed is missing, or can't be read
        """
        place = self._get_place(post)
        vals = {name: (post.get(name) or "").strip() for name in TEXTS}
        kinds = dict(request.env["quality.abnormality"]._fields["kind"].selection)
        if vals["kind"] not in kinds:
            raise UserError(request.env._("Choose what it is about: material, equipment, …"))
        if not vals["description"]:
            raise UserError(request.env._("Write in a few words what happened."))
        chosen = self._read_id(post.get("role"))
        if chosen and chosen[0] in dict(self._get_roles()):
            vals["role_id"] = chosen[0]
        return {
            **vals,
            **{f"{name}_id": record.id for name, record in place.items() if record},
            "is_stopped": bool(post.get("is_stopped")),
            "quantity": self._get_quantity(post),
        }

    def _get_quantity(self, post):
        text = (post.get("quantity") or "").strip().replace(",", ".")
        try:
            quantity = float(text or 0)
        except ValueError as error:
            raise UserError(request.env._("Give the quantity as a number.")) from error
        if not 0 <= quantity < 1e12:
            raise UserError(request.env._("Give the quantity as a number."))
        return quantity

    def _get_credentials(self, post):
        names = ("badge", "pin")
        return {name: str(post[name]) for name in names if post.get(name)}

    def _get_photos(self):
        """Return the photos that came along, as values of attachments.

        :raise UserError: when there are too many, or one is too large
        """
        uploaded = [file for file in request.httprequest.files.getlist("photos") if file.filename]
        if len(uploaded) > MAX_PHOTOS:
            raise UserError(request.env._("Please add at most %(count)s photos.", count=MAX_PHOTOS))
        photos = [
            {"name": file.filename, "raw": file.stream.read(MAX_BYTES + 1)} for file in uploaded
        ]
        if any(len(photo["raw"]) > MAX_BYTES for photo in photos):
            raise UserError(request.env._("A photo is larger than 10 MB. Add a smaller one."))
        return photos

    # Showing

    def _render_new(self, post, error=None):
        sheets = request.env["quality.abnormality"]
        if not sheets.has_access("create"):
            raise request.not_found()
        values = {
            **self._get_place(post),
            "post": post,
            "error": error,
            "kinds": sheets._fields["kind"]._description_selection(request.env),
            "roles": self._get_roles(),
            "is_shared": self._is_shared(),
        }
        return request.render("customer_quality.abnormality_new_page", values)

    def _render(self, sheet, post=None, error=None, done=None):
        values = {
            "document": sheet,
            "record": sheet.record_id,
            "post": post or {},
            "error": error,
            "done": done,
            "is_shared": self._is_shared(),
        }
        return request.render("customer_quality.abnormality_page", values)

    def _get_roles(self):
        """Return the departments that can be concerned: list of (id, name)."""
        roles = request.env["quality.role"].sudo().search([("is_personal", "=", False)])
        return [(role.id, role.name) for role in roles._filter_applicable(request.env.company)]

    def _is_shared(self):
        return request.env.user.sudo().quality_shared_login  # whoever uses it need not see the mark
