import base64
import re
import secrets

from reportlab.graphics.barcode.qr import QrCodeWidget

from odoo import api, fields, models
from odoo.exceptions import UserError

from .production_notice import PRINT_GROUPS

#: What secrets.token_urlsafe(24) looks like; anything else was never printed.
TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


class QualityProductionNoticeCopy(models.Model):
    """A numbered paper copy of a notice: who holds it, and what became of it (C2, D1)."""

    _name = "quality.production.notice.copy"
    _description = "Copy of a Production Notice"
    _order = "notice_id, number"
    _check_company_auto = True

    notice_id = fields.Many2one(
        "quality.production.notice",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="notice_id.record_id.company_id", store=True, index=True)
    number = fields.Integer("Copy", required=True, readonly=True, aggregator=None)
    role_id = fields.Many2one(
        "quality.role", "Held By", required=True, readonly=True, ondelete="restrict"
    )
    token = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        groups="base.group_system",
        default=lambda self: secrets.token_urlsafe(24),
    )
    printed_by = fields.Char(required=True, readonly=True)
    printed_on = fields.Datetime(required=True, readonly=True)
    state = fields.Selection(
        [("out", "Out"), ("returned", "Handed Back"), ("destroyed", "Destroyed")],
        default="out",
        required=True,
        readonly=True,
        index=True,
    )
    closed_by = fields.Char(readonly=True)
    closed_on = fields.Datetime(readonly=True)
    notice_state = fields.Selection(related="notice_id.state", string="Notice Status")

    _token_uniq = models.UniqueIndex("(token)", "Each copy has a code of its own.")
    _number_uniq = models.UniqueIndex(
        "(notice_id, number)", "Each copy of a notice has a number of its own."
    )

    @api.depends("notice_id.name", "number", "role_id.name")
    def _compute_display_name(self):
        for copy in self:
            copy.display_name = f"{copy.notice_id.name} #{copy.number} {copy.role_id.name}"

    # Actions

    def action_return(self):
        """Note that the copies were handed back."""
        return self._close("returned")

    def action_destroy(self):
        """Note that the copies were destroyed."""
        return self._close("destroyed")

    # Business

    @api.model
    def _print_for(self, notices, roles):
        """Create one numbered copy of each notice for each role.

        :param notices: issued or void notices
        :param roles: quality.role records, the departments that get a copy
        :return: the copies, to be rendered by the report
        """
        # copies are numbered by whoever may print, checked by the caller
        notices_sudo = notices.sudo()
        vals_list = []
        for notice in notices_sudo:
            vals_list += [
                {
                    "notice_id": notice.id,
                    "number": notice.last_copy + index,
                    "role_id": role.id,
                    "printed_by": self.env.user.name,
                    "printed_on": fields.Datetime.now(),
                }
                for index, role in enumerate(roles, start=1)
            ]
            notice.last_copy += len(roles)  # two who print at once wait for each other here
        return self.sudo().create(vals_list).with_env(self.env)

    def _close(self, state):
        self.notice_id._ensure_group(PRINT_GROUPS)
        if any(copy.state != "out" for copy in self):
            raise UserError(
                self.env._("What became of this copy is noted already. Reload the page.")
            )
        # nobody writes a copy directly; the right was checked above
        self.sudo().write(
            {
                "state": state,
                "closed_by": self.env.user.name,
                "closed_on": fields.Datetime.now(),
            }
        )
        return True

    def _get_print_name(self):
        """Return the name of the PDF's file."""
        self.ensure_one()
        return f"{self.notice_id.name.replace('/', '-')}-{self.number}"

    # Check without login

    @api.model
    def _find(self, token):
        """Return the copy with this code, in sudo: whoever holds the paper may ask."""
        if not TOKEN.fullmatch(token or ""):
            return self.browse()  # anybody may write anything there, even what no text can hold
        return self.sudo().search([("token", "=", token)], limit=1)

    def _get_check_values(self):
        """Return all that the public check page says: no price, no customer, no product.

        :return: dict with ``valid``, ``number``, ``revision``, ``copy``, ``replaced_by`` and
            ``withdrawn``
        """
        self.ensure_one()
        notice = self.notice_id
        return {
            "valid": notice.state in ("issued", "done") and self.state == "out",
            "number": notice.name,
            "revision": notice.revision,
            "copy": self.number,
            "replaced_by": ", ".join(notice.superseded_by_ids.mapped("name")),
            "withdrawn": self.state != "out",
        }

    def _get_check_url(self):
        """Return the address behind the QR code.

        :raise AccessError: for whoever may not print
        """
        self.ensure_one()
        self.notice_id._ensure_group(PRINT_GROUPS)
        token = self.sudo().token  # the right was checked above
        return f"{self.get_base_url()}/quality/check/{token}"

    def _get_qr_code(self):
        """Return the QR code of the check page as a data URI, so that no fetch is needed."""
        image = base64.b64encode(self._draw_qr_code(self._get_check_url()).encode())
        return f"data:image/svg+xml;base64,{image.decode()}"

    @api.model
    def _draw_qr_code(self, text):
        """Return the QR code of ``text`` as SVG; PNG would need a renderer that may be missing.

        :param text: str
        :return: str
        """
        code = QrCodeWidget(text, barLevel="M").qr
        code.make()
        size = range(code.getModuleCount())
        dots = "".join(f"M{x} {y}h1v1h-1z" for y in size for x in size if code.isDark(y, x))
        box = f"-4 -4 {len(size) + 8} {len(size) + 8}"  # a quiet zone of four, as the norm asks
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="220" height="220" '
            f'shape-rendering="crispEdges"><path d="{dots}"/></svg>'
        )
