from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import format_list

from .defaults import check_nested


class QualityRecordFiledMixin(models.AbstractModel):
    """A controlled document that its users file themselves, such as a drawing or a contract.

    Numbers, anchors and states still follow from the procedure only: a document declares in
    ``_filing_fields`` what may be given when it is filed, besides ``_user_fields``.
    """

    _name = "quality.record.filed.mixin"
    _description = "Controlled Document Filed by Its Users"
    _inherit = ["quality.record.mixin"]

    _filing_fields = ()

    @api.model_create_multi
    def create(self, vals_list):
        """File documents with what their users may give.

        :raise AccessError: without the right to file, for a document of somebody else's order,
            and for values that follow from the procedure
        """
        if self.env.su:
            return super().create(vals_list)
        self.check_access("create")
        vals_list = [self._filter_filing_vals(vals) for vals in vals_list]
        # the anchor is nobody's to create: it comes into being with its document
        documents = super(QualityRecordFiledMixin, self.sudo()).create(vals_list).sudo(False)
        documents.check_access("create")
        return documents

    def _filter_filing_vals(self, vals):
        """Return what a user may give of ``vals``; a form also sends what a field starts with."""
        allowed = {*self._user_fields, *self._filing_fields, "company_id"}
        self._check_filing_fields(vals, allowed)
        check_nested(self, vals)
        return {name: value for name, value in vals.items() if name in allowed}

    def _check_filing_fields(self, vals, allowed):
        forbidden = [
            name
            for name, value in vals.items()
            if value and name not in allowed and not self._is_initial(name, value)
        ]
        if forbidden:
            raise AccessError(
                self.env._(
                    "%(fields)s can't be given: it follows from the procedure.",
                    fields=format_list(self.env, forbidden),
                )
            )

    def _is_initial(self, name, value):
        """Tell whether ``value`` is what the field starts with anyway, as a form sends it."""
        field = self._fields.get(name)
        if not field:
            return False
        default = field.default and field.default(self)
        return value == default or name.startswith(("message_", "activity_"))
