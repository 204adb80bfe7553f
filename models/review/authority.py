from odoo import api, fields, models
from odoo.exceptions import ValidationError


class QualityAuthority(models.Model):
    """Authority table: who approves what a company is about to promise (B1).

    Each row names one reason for which a role approves: an amount, a low margin, a high risk, a
    product that was never reviewed, terms of payment. Of the amounts only the highest that is
    reached counts; of the other reasons every one that applies.
    """

    _name = "quality.authority"
    _description = "Authority to Approve"
    _order = "company_id, sequence, amount_from desc, id"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    sequence = fields.Integer(
        default=10, help="Where several roles approve, they are asked in this order."
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    criterion = fields.Selection(
        [
            ("amount", "Amount"),
            ("margin", "Margin below"),
            ("risk", "Risk from"),
            ("new_product", "New product"),
            ("payment_term", "Terms of payment"),
        ],
        "Because Of",
        default="amount",
        required=True,
    )
    amount_from = fields.Monetary(
        "From Amount",
        help="Untaxed amount of the order, in the company's currency, from which this role "
        "approves. Below the smallest amount the last opinion approves. In rows for another "
        "reason: the amount from which the reason counts.",
    )
    margin_below = fields.Float(
        "Margin below (%)",
        help="Margin in percent of the untaxed amount below which it counts. A margin that is "
        "not known counts too.",
    )
    risk_from = fields.Integer(
        "Risk from", help="Rating of the highest risk (1 to 25) from which it counts."
    )
    payment_days_from = fields.Integer(
        "Days from", help="Days until the last instalment is due, from which it counts."
    )
    payment_term_ids = fields.Many2many(
        "account.payment.term",
        string="Payment Terms",
        check_company=True,
        help="These terms, however many days they give.",
    )
    role_id = fields.Many2one("quality.role", "Approver", required=True, ondelete="restrict")

    _amount_uniq = models.UniqueIndex(
        "(company_id, amount_from) WHERE criterion = 'amount'",
        "One role approves from each amount.",
    )

    @api.constrains("criterion", "risk_from", "payment_days_from", "payment_term_ids")
    def _check_criterion(self):
        for row in self:
            terms = row.payment_term_ids or row.payment_days_from > 0
            if (row.criterion == "risk" and not 1 <= row.risk_from <= 25) or (
                row.criterion == "payment_term" and not terms
            ):
                raise ValidationError(
                    self.env._(
                        "Say from where on %(role)s approves: a risk from 1 to 25, or days or "
                        "terms of payment.",
                        role=row.role_id.name,
                    )
                )

    @api.depends("criterion", "amount_from", "margin_below", "risk_from", "role_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        criteria = dict(self._fields["criterion"]._description_selection(self.env))
        for row in self:
            limit = {
                "amount": f"≥ {row.amount_from:,.2f}",
                "margin": f"< {row.margin_below:g} %",
                "risk": f"≥ {row.risk_from}",
            }.get(row.criterion, "")
            reason = "" if row.criterion == "amount" else criteria[row.criterion]
            row.display_name = " ".join(filter(None, (row.role_id.name, reason, limit)))

    @api.model
    def _get_approver(self, amount, company):
        """Return the role that approves ``amount`` in ``company``.

        :param amount: float, untaxed, in the company's currency
        :param company: res.company record, whose table holds
        :return: quality.role record, the next lower one where the company has set a role as
            not applicable; empty below the smallest limit
        """
        return self._get_approvers(amount, {}, company)

    @api.model
    def _get_approvers(self, amount, facts, company):
        """Return the roles that approve an order in ``company``, in the order of asking.

        :param amount: float, untaxed, in the company's currency
        :param facts: dict of functions that look a fact up when a row asks for it: ``margin``
            (percent, None if unknown), ``risk`` (highest rating), ``new_product`` (bool) and
            ``payment_term`` (account.payment.term record)
        :param company: res.company record, whose table holds
        :return: quality.role records, each once; empty where no row applies
        """
        # the table binds everybody, also those who may not read it
        rows = self.sudo().search([("company_id", "=", company.id), ("amount_from", "<=", amount)])
        rows = rows.filtered(lambda row: row._applies(facts))
        amounts = rows.filtered(lambda row: row.criterion == "amount")
        amounts = amounts.sorted("amount_from", reverse=True)
        kept = amounts._filter_applicable(company)[:1]
        kept |= (rows - amounts)._filter_applicable(company)
        return kept.sorted("sequence").role_id.sudo(False)

    def _filter_applicable(self, company):
        """Return the rows whose role the company has.

        Never skipped: where nobody in the table applies, the review waits until it is mended.
        """
        if not self:
            return self
        applicable = self.role_id._filter_applicable(company)
        return self.filtered(lambda row: row.role_id in applicable) or self

    def _applies(self, facts):
        """Tell whether this row counts for an order that reaches its amount."""
        self.ensure_one()
        if self.criterion == "amount":
            return True
        if self.criterion not in facts:
            return False
        fact = facts[self.criterion]()
        if self.criterion == "margin":
            return fact is None or fact < self.margin_below  # an unknown one shows nothing
        if self.criterion == "risk":
            return fact >= self.risk_from
        if self.criterion == "payment_term":
            days = max(fact.line_ids.mapped("nb_days"), default=0)
            return fact in self.payment_term_ids or 0 < self.payment_days_from <= days
        return fact
