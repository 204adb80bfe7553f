from odoo import api, fields, models

from ...lib.depth import matches


class QualityContractReviewRule(models.Model):
    """Which template reviews which orders (B1); the first rule that matches decides."""

    _name = "quality.contract.review.rule"
    _description = "Rule for the Review Template"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    template_id = fields.Many2one(
        "quality.opinion.template",
        required=True,
        check_company=True,
        ondelete="restrict",
        domain=[("model", "=", "quality.contract.review")],
    )

    # Conditions: all of them have to be met
    categ_ids = fields.Many2many(
        "product.category",
        string="Product Categories",
        help="One product of the order is in one of them, or below it.",
    )
    class_ids = fields.Many2many("quality.customer.class", string="Classes of Customer")
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_from = fields.Monetary(
        "From Amount", help="Untaxed amount of the order, in the company's currency."
    )
    is_special = fields.Boolean(
        "Special Products", help="One product of the order is marked as special."
    )
    is_export = fields.Boolean("Export", help="The goods go to another country.")

    @api.model
    def _match(self, orders):
        """Return the first rule that meets each order.

        :param orders: sale.order records
        :return: dict of order → rule; orders that no rule meets are left out
        """
        # the rules bind everybody, also those who may not read them; archived ones bind nobody
        rules = (
            self.sudo()
            .with_context(active_test=True)
            .search([("company_id", "in", orders.company_id.ids)])
        )
        if not rules:
            return {}
        conditions = {rule: rule._get_conditions() for rule in rules}
        found = {}
        for order in orders:
            facts = order._get_quality_rule_facts()
            for rule, condition in conditions.items():
                if rule.company_id == order.company_id and matches(condition, facts):
                    found[order] = rule
                    break
        return found

    def _get_conditions(self):
        self.ensure_one()
        return {
            "categories": set(self.categ_ids.ids),
            "classes": set(self.class_ids.ids),
            "amount_from": self.amount_from or float("-inf"),
            "is_special": self.is_special,
            "is_export": self.is_export,
        }
