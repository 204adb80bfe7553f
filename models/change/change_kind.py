from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_list

#: What can become different on an order. The codes stand in what is signed.
KINDS = [
    ("quantity", "Quantity"),
    ("date", "Date"),
    ("cancel_line", "Line Cancelled"),
    ("cancel_order", "Order Cancelled"),
    ("add", "Line Added"),
    ("product", "Product"),
    ("requirement", "Requirement"),
    ("drawing", "Drawing"),
    ("price", "Price"),
    ("payment", "Terms of Payment"),
    ("terms", "Other Terms"),
    ("address", "Address"),
    ("clerical", "Clerical"),
]


class QualityChangeKind(models.Model):
    """What a change needs, by its kind: who reviews, whose consent, a new notice or not (C1).

    As data: each company may have lines of its own, which hold before the shared ones.
    """

    _name = "quality.change.kind"
    _description = "Kind of Change"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Selection(KINDS, "What Changes", required=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", index=True, help="Leave empty to share it.")
    asks_everybody = fields.Boolean(
        "All Departments", help="Everybody whom the review of the order asked reviews the change."
    )
    role_ids = fields.Many2many(
        "quality.role", "quality_change_kind_role_rel", string="Reviewed By"
    )
    informed_role_ids = fields.Many2many(
        "quality.role", "quality_change_kind_informed_rel", string="Informed"
    )
    needs_consent = fields.Boolean(
        "Customer Must Consent",
        default=True,
        help="Where the change is ours: it is applied only once the customer agrees (C2).",
    )
    reissues_notice = fields.Boolean(
        "New Production Notice", help="The notice in force becomes void and is issued anew."
    )

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "There is a line for this kind of change already."
    )

    @api.constrains("role_ids", "asks_everybody")
    def _check_reviewed(self):
        for kind in self:
            if not (kind.role_ids or kind.asks_everybody):
                raise ValidationError(
                    self.env._(
                        "Name who reviews changes of the kind “%(kind)s”: nothing agreed changes "
                        "without somebody's signature.",
                        kind=kind.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_last(self):
        """Keep a line for each kind of change: without one nobody would be asked (C1).

        :raise UserError: naming the line
        """
        shared = self.search([("company_id", "=", False)]) - self
        for kind in self:
            if not kind.company_id or kind.code not in shared.mapped("code"):
                raise UserError(
                    self.env._(
                        "“%(kind)s” is the only line that says who reviews such changes. Change "
                        "who reviews them instead of deleting it.",
                        kind=kind.name,
                    )
                )

    @api.model
    def _ensure_covered(self, codes, company):
        """Check that somebody is asked about each kind of change.

        :param codes: set of codes
        :raise UserError: naming the kinds for which no line is set up
        """
        missing = set(codes) - set(self._get_for(codes, company).mapped("code"))
        if missing:
            names = dict(self._fields["code"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "Nobody is set up to review changes of the kind %(kinds)s in %(company)s. Ask "
                    "a quality manager to add it under Kinds of Change.",
                    kinds=format_list(self.env, [names[code] for code in sorted(missing)]),
                    company=company.name,
                )
            )

    @api.model
    def _get_for(self, codes, company):
        """Return the lines that hold for kinds of change in a company.

        :param codes: iterable of codes
        :param company: res.company record
        :return: quality.change.kind records, in sudo: they bind also those who may not read them
        """
        kinds_sudo = self.sudo().search(
            [("code", "in", list(codes)), ("company_id", "in", [company.id, False])],
            order="company_id",  # the company's own come first: no company sorts last
        )
        own = {}
        for kind in kinds_sudo:
            own.setdefault(kind.code, kind.id)
        return kinds_sudo.browse(own.values()).sorted()
