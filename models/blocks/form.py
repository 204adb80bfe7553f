from odoo import api, fields, models, tools
from odoo.exceptions import UserError


class QualityForm(models.Model):
    """Master list of controlled forms with their revision history (K2)."""

    _name = "quality.form"
    _description = "Controlled Form"
    _order = "number, id"
    _check_company_auto = True

    name = fields.Char("Title", required=True, translate=True)
    number = fields.Char("Form Number", required=True)
    model = fields.Char("Document Model", required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", help="Leave empty for a form that every company uses."
    )
    active = fields.Boolean(default=True)
    version_ids = fields.One2many("quality.form.version", "form_id", "Revision History")
    version = fields.Char("Version in Force", compute="_compute_version")

    @api.depends("version_ids.version", "version_ids.date_from")
    def _compute_version(self):
        today = fields.Date.context_today(self)
        for form in self:
            in_force = form.version_ids.filtered(lambda v: v.date_from <= today)
            form.version = in_force[:1].version

    @api.model
    def _get_version(self, model, company):
        """Return the version of the form for ``model`` that is in force today in ``company``.

        :param model: technical name of the document's model
        :param company: res.company record; its own form goes before the shared one
        :return: quality.form.version record, empty where no form is defined
        """
        # every document prints its form version, whoever creates it
        return (
            self.env["quality.form.version"]
            .sudo()
            .search(
                [
                    ("form_id.model", "=", model),
                    ("form_id.active", "=", True),
                    ("form_id.company_id", "in", [company.id, False]),
                    ("date_from", "<=", fields.Date.context_today(self)),
                ],
                order="company_id, date_from desc, id desc",
                limit=1,
            )
        )

    def write(self, vals):
        """Forget what forms are called, which is kept in memory."""
        self.env.registry.clear_cache()
        return super().write(vals)


class QualityFormVersion(models.Model):
    """One version of a controlled form: who prepared, checked and approved it, and when."""

    _name = "quality.form.version"
    _description = "Version of a Controlled Form"
    _order = "form_id, date_from desc, id desc"

    form_id = fields.Many2one("quality.form", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="form_id.company_id", store=True)
    number = fields.Char(related="form_id.number")
    title = fields.Char(related="form_id.name")
    version = fields.Char(required=True)
    date_from = fields.Date("In Force From", required=True, default=fields.Date.context_today)
    prepared_by = fields.Char()
    prepared_on = fields.Date()
    checked_by = fields.Char()
    checked_on = fields.Date()
    approved_by = fields.Char()
    approved_on = fields.Date()
    note = fields.Char("What Changed")

    _version_uniq = models.Constraint(
        "UNIQUE (form_id, version)", "This form already has a version with that name."
    )

    def write(self, vals):
        """Refuse to edit a version with which records were made (K2).

        :raise UserError: naming the version
        """
        if vals.keys() - {"note"}:
            # whether a version is in use is true for everybody
            used = (
                self.env["quality.record"]
                .sudo()
                .search([("form_version_id", "in", self.ids)], limit=1)
            )
            if used:
                raise UserError(
                    self.env._(
                        "%(version)s is printed on %(number)s. Add a new version instead; "
                        "records print with the one in force when they were made.",
                        version=used.form_version_id.display_name,
                        number=used.name,
                    )
                )
        self.env.registry.clear_cache()
        return super().write(vals)

    @api.depends("form_id.number", "version")
    def _compute_display_name(self):
        for version in self:
            version.display_name = f"{version.form_id.number} {version.version}"

    @tools.ormcache("self.id")
    def _get_label(self):
        """Return number and version as they are signed; known without asking at each signature."""
        return self.display_name or ""
