from datetime import datetime, time

from odoo import api, models
from odoo.exceptions import AccessError, UserError

#: Who reports that something will be late: production, sales, quality.
REPORT_GROUPS = "mrp.group_mrp_user,sales_team.group_sale_salesman,customer_quality.group_user"


class QualityOrderChange(models.Model):
    """A delay of ours becomes a change of date, from where it is seen (C2, D3)."""

    _inherit = "quality.order.change"  # pylint: disable=R8180  # a chapter of its own

    @api.model
    def _report_delay(self, order_sudo, date=False, **vals):
        """Open a change of the date that was promised, and tell the salesperson.

        :param order_sudo: sale.order record, in sudo: who makes the goods need not see orders
        :param date: the day that can be kept, or False
        :param vals: what is known of the delay already, such as ``cause_id`` and ``reason``
        :return: the draft, in sudo
        :raise AccessError: for whoever neither makes, sells nor controls
        :raise UserError: where the order is not confirmed
        """
        if not (self.env.su or self.env.user.has_groups(REPORT_GROUPS)):
            raise AccessError(
                self.env._("Delays are reported by production, sales or quality. Tell one of them.")
            )
        if order_sudo.state != "sale":
            raise UserError(
                self.env._("No confirmed sales order waits for this, so nobody has to be asked.")
            )
        if date:
            promised = order_sudo.commitment_date
            vals["new_commitment_date"] = datetime.combine(
                date, promised.time() if promised else time(12)
            )
        change_sudo = self.sudo()._open_for(order_sudo, origin="company", **vals)
        change_sudo._tell_salesperson()
        return change_sudo

    def _tell_salesperson(self):
        """Tell the salesperson that a delay was reported: sales ask the customer."""
        if self.user_id == self.env.user:
            return
        self._tell(
            self.user_id,
            lambda lang: self.with_context(lang=lang).env._(
                "A delay of %(order)s was reported: complete %(number)s and submit it",
                order=self.order_id.name,
                number=self.name,
            ),
        )
