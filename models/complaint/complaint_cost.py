from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..blocks.price import PRICE_GROUPS

#: Kinds of costs, the model of the rows behind each, and the field with its sum.
COSTS = {
    "replacement": "stock.move",
    "scrap": "stock.move",
    "rework": "mrp.production",
    "bill": "account.move",
    "credit": "account.move",
}


def cost_field(label):
    """Return the field of one kind of costs: seen by those only who may see amounts (M5)."""
    return fields.Monetary(
        label, compute="_compute_costs", currency_field="currency_id", groups=PRICE_GROUPS
    )


class QualityComplaint(models.Model):
    """What a complaint costs, from what was posted; nobody types it (F4, J1).

    Other rooms add their rows by extending :meth:`_get_cost_rows`.
    """

    _inherit = "quality.complaint"  # pylint: disable=R8180  # a chapter of its own

    currency_id = fields.Many2one(related="company_id.currency_id")
    cost_replacement = cost_field("Replacement")
    cost_scrap = cost_field("Scrap")
    cost_rework = cost_field("Rework")
    cost_bill = cost_field("Freight and External Costs")
    cost_credit = cost_field("Credit Notes")
    cost_total = cost_field("Costs")

    # without dependencies: what was posted is looked up when it is shown
    def _compute_costs(self):
        complaints_sudo = self.sudo()  # the field's groups say who sees sums; rows stay closed
        totals = dict.fromkeys(complaints_sudo, 0.0)
        for kind in COSTS:
            rows = complaints_sudo._get_cost_rows(kind)
            for complaint in complaints_sudo:
                found = rows.get(complaint)
                amount = complaint._sum_cost(found) if found else 0.0
                complaint[f"cost_{kind}"] = amount
                totals[complaint] += amount
        for complaint in complaints_sudo:
            complaint.cost_total = totals[complaint]

    def _get_cost_rows(self, kind):
        """Return what was posted for these complaints (in sudo).

        :param kind: one of ``COSTS``
        :return: dict of complaint → records of the model of that kind: moves that are done,
            manufacturing orders, entries that are posted
        """
        if kind not in ("bill", "credit"):
            return {}  # brought by the returns
        types = {
            "credit": ("out_refund",),
            "bill": ("in_invoice", "in_refund", "in_receipt"),
        }
        groups = self.env["account.move"]._read_group(
            [
                ("quality_complaint_id", "in", self.ids),
                ("state", "=", "posted"),
                ("move_type", "in", types[kind]),
            ],
            ["quality_complaint_id"],
            ["id:recordset"],
        )
        return dict(groups)

    def _sum_cost(self, rows):
        """Return what rows cost, without tax, in the currency of the complaint's company."""
        if rows._name == "stock.move":
            return sum(rows.mapped("value"))
        if rows._name == "mrp.production":
            components = sum(
                rows.move_raw_ids.filtered(lambda m: m.state == "done").mapped("value")
            )
            return components + sum(order._cal_cost() for order in rows.workorder_ids)
        return -sum(rows.mapped("amount_untaxed_signed"))

    def action_view_cost(self):
        """Open the rows behind the figure that the context key ``cost`` names.

        :raise AccessError: for whoever sees no prices (M5); the rows keep their own rights
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_groups(PRICE_GROUPS):
            raise AccessError(self.env._("You see no prices, so you see no costs either."))
        kind = self.env.context.get("cost")
        if kind not in COSTS:
            raise UserError(self.env._("Choose one of the figures of the complaint."))
        self_sudo = self.sudo()  # ids only; who may not read the rows is refused when they open
        rows = self_sudo._get_cost_rows(kind).get(self_sudo, self.env[COSTS[kind]])
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Costs of %(number)s", number=self.name),
            "res_model": COSTS[kind],
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", rows.ids)],
            "context": {"create": False},
        }
