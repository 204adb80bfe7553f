from odoo import api, fields, models
from odoo.fields import Domain


class QualityBaselineAdopt(models.TransientModel):
    """Adopt the orders that were agreed before contract review was switched on (go-live)."""

    _name = "quality.baseline.adopt"
    _description = "Adopt Open Orders as Baseline"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    order_count = fields.Integer("Open Orders", readonly=True)

    @api.model
    def _offer(self, company):
        """Return the dialog that offers the adoption, or False where nothing is open.

        :param company: res.company whose gate was just switched on
        """
        count = self.env["sale.order"].search_count(self._get_domain(company))
        if not count:
            return False
        wizard = self.create({"company_id": company.id, "order_count": count})
        return {
            "name": self.env._("Open Orders"),
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_adopt(self):
        """Give each open order an approved baseline review that says what it says today."""
        self.ensure_one()
        orders = self.env["sale.order"].search(self._get_domain(self.company_id))
        self.env["quality.contract.review"]._adopt(orders)
        return {"type": "ir.actions.client", "tag": "reload"}

    @api.model
    def _get_domain(self, company):
        """Open: confirmed, without a review, and not delivered completely."""
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "sale")
            & Domain("quality_review_id", "=", False)
            & (Domain("delivery_status", "!=", "full") | Domain("delivery_status", "=", False))
        )
