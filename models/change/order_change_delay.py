from odoo import api, models
from odoo.exceptions import AccessError, UserError

#: Who reports that something will be late: production, sales, quality.
REPORT_GROUPS = "mrp.group_mrp_user,sales_team.group_sale_salesman,customer_quality.group_user"


class QualityOrderChange(models.Model):
    """A delay of ours is reported as a change of date, from where it is seen (C2, D3)."""

    _inherit = "quality.order.change"  # pylint: disable=R8180  # a chapter of its own

    @api.model
    def _report_delay(self, documents, **vals):
        """Open a change of date of the orders that manufacturing orders or notices are for.

        :param documents: mrp.production or quality.production.notice records
        :param vals: what is known of the delay already
        :return: action that opens the change
        :raise AccessError: for whoever neither makes, sells nor controls
        :raise UserError: where no confirmed sales order waits for them
        """
        if not (self.env.su or self.env.user.has_groups(REPORT_GROUPS)):
            raise AccessError(
                self.env._("Delays are reported by production, sales or quality. Tell one of them.")
            )
        documents.check_access("read")
        # who makes the goods need not see the orders: they are named by the procedure
        orders_sudo = documents.sudo()._get_quality_orders().filtered(lambda o: o.state == "sale")
        if not orders_sudo:
            raise UserError(
                self.env._("No confirmed sales order waits for this, so nobody has to be asked.")
            )
        vals = {"origin": "company", **vals}
        if documents._name == "mrp.production":
            vals["production_id"] = documents[:1].id
        entry_sudo = (
            self.sudo()._open_collective(orders_sudo, **vals)
            if len(orders_sudo) > 1
            else self.sudo()._open_for(orders_sudo, **vals)
        )
        entry_sudo._tell_salespeople()
        return entry_sudo.sudo(self.env.su)._get_records_action(name=self.env._("Delay"))

    def _tell_salespeople(self):
        """Tell the salespeople that a delay was reported: they ask the customer."""
        for change in self.member_ids or self:
            if change.user_id != self.env.user:
                change._tell(
                    change.user_id,
                    lambda lang, change=change: change.with_context(lang=lang).env._(
                        "A delay of %(order)s was reported: complete %(number)s and submit it",
                        order=change.order_id.name,
                        number=change.name,
                    ),
                )
