from odoo import api, fields, models


class QualityAuthority(models.Model):
    """Authority table: who approves what a company is about to promise, by amount (B1)."""

    _name = "quality.authority"
    _description = "Authority to Approve"
    _order = "company_id, amount_from desc, id"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_from = fields.Monetary(
        "From Amount",
        required=True,
        help="Untaxed amount of the order, in the company's currency, from which this role "
        "approves. Below the smallest amount the last opinion approves.",
    )
    role_id = fields.Many2one("quality.role", "Approver", required=True, ondelete="restrict")

    _amount_uniq = models.Constraint(
        "UNIQUE (company_id, amount_from)", "One role approves from each amount."
    )

    @api.depends("amount_from", "role_id.name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.role_id.name} ≥ {line.amount_from:,.2f}"

    @api.model
    def _get_approver(self, amount, company):
        """Return the role that approves ``amount`` in ``company``.

        :param amount: float, untaxed, in the company's currency
        :return: quality.role record, the next lower one where the company has set a role as
            not applicable; empty below the smallest limit
        """
        # the table binds everybody, also those who may not read it
        roles = (
            self.sudo()
            .search([("company_id", "=", company.id), ("amount_from", "<=", amount)])
            .role_id.sudo(False)
        )
        # never skipped: where nobody in the table applies, the review waits until it is mended
        return (roles._filter_applicable(company) or roles)[:1]
