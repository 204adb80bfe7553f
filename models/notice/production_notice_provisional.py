from odoo import api, fields, models


class QualityProductionNotice(models.Model):
    """Provisional notices: what an urgent release allows before the review is done (B10)."""

    _inherit = "quality.production.notice"  # pylint: disable=R8180  # a chapter of its own

    is_provisional = fields.Boolean(
        "Not Yet Reviewed",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Issued by an urgent release, for what was ticked there only.",
    )

    @api.model
    def _issue_provisional(self, order, needs):
        """Issue the notice of an urgent release: for a quotation, and for what was ticked only.

        :param order: sale.order record
        :param needs: list of values of quality.production.notice.line
        :return: the issued notice, in sudo
        """
        # who signs the release has no right to notices
        notices_sudo = self.sudo().with_context(mail_create_nosubscribe=True)
        notice = notices_sudo._create_for(order.sudo(), {order.id: needs})
        notice.is_provisional = True
        order.sudo()._ensure_quality_reference()
        notice.line_ids._supply()
        notice._issue()
        return notice

    def _get_content(self):
        content = super()._get_content()
        if self.is_provisional:
            content["provisional"] = True
        return content

    # When the order is confirmed, the normal notice takes its place

    @api.model
    def _find_provisional(self, orders):
        # whoever confirms has no right to notices
        return self.sudo().search(
            [
                ("order_id", "in", orders.ids),
                ("is_provisional", "=", True),
                ("state", "=", "issued"),
            ]
        )

    @api.model
    def _clear_provisional(self, orders):
        """Cancel what was planned early but not started of make-to-order lines.

        Procurement plans these in full when the order is confirmed; it would make the pieces of
        the urgent release a second time.
        """
        lines = self._find_provisional(orders).line_ids.filtered(
            lambda line: line.order_line_id._is_made_to_order(line.product_id)
        )
        allocations = lines.allocation_ids
        idle = allocations.production_id._filter_quality_idle()
        (idle & allocations._get_own_productions()).action_cancel()

    @api.model
    def _issue_for(self, orders, snapshot):
        """Issue the notices, which take over what provisional ones have begun."""
        if not snapshot:
            return super()._issue_for(orders, snapshot)  # the companies issue no notices
        provisional = self._find_provisional(orders)
        provisional._void_replaced()
        notices = super()._issue_for(orders, snapshot)
        provisional.line_ids.allocation_ids.filtered(
            lambda claim: all(
                other.notice_state == "void" for other in claim.production_id.quality_allocation_ids
            )
        )._release()
        return notices

    def _void_replaced(self):
        """Void these notices without letting go of their manufacturing orders."""
        if not self:
            return
        self.acknowledgement_ids._void()
        self.with_context(mail_notrack=True).write(
            {"state": "void", "date_void": fields.Datetime.now()}
        )
        self._set_phase("void")
        self._message_log_batch(
            bodies={
                notice.id: notice._get_void_message(
                    self.env._("The order is reviewed and confirmed.")
                )
                for notice in self
            }
        )
