from odoo import models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """What can be promised: the chapter of the order about its earliest date (B4, B5)."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    def action_preview_promise(self):
        """Show, before any review is asked for, what can be promised and what limits it.

        :return: action that opens the dialog
        :raise UserError: when the order holds no products, or is confirmed already
        """
        self.ensure_one()
        self.check_access("read")
        self._check_can_promise()
        preview = self.env["quality.promise.preview"]._create_for(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What Can Be Promised"),
            "res_model": preview._name,
            "res_id": preview.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def action_promise_earliest(self):
        """Promise the earliest date of all lines, as it is computed now (B5).

        :raise AccessError: for whoever is not in sales
        :raise UserError: when the order is confirmed, or a line has no date
        """
        self._check_quality_seller()
        for order in self:
            order._check_can_promise()
        lines = self._get_quality_lines()
        figures = self.env["quality.promise"]._get_figures(lines)
        for order, order_lines in lines.grouped("order_id").items():
            order._check_dates_known(order_lines, figures)
            order.commitment_date = max(figures[line]["date_earliest"] for line in order_lines)
        return True

    def _check_can_promise(self):
        if self.state not in ("draft", "sent"):
            raise UserError(
                self.env._(
                    "%(order)s is confirmed or cancelled, so its date is agreed already.",
                    order=self.name,
                )
            )
        if not self._get_quality_lines():
            raise UserError(
                self.env._(
                    "%(order)s has nothing to promise yet. Add the products that the customer "
                    "orders first.",
                    order=self.name,
                )
            )

    def _check_dates_known(self, lines, figures):
        """Refuse to promise what nothing is known about.

        :raise UserError: naming the first product
        """
        for line in lines:
            if not figures[line].get("date_earliest"):
                raise UserError(
                    self.env._(
                        "No date can be computed for %(product)s: a vendor, a bill of materials "
                        "or free capacity is missing. Open the preview to see which.",
                        product=line.product_id.display_name,
                    )
                )
