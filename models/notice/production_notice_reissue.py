from odoo import api, fields, models


class QualityProductionNotice(models.Model):
    """A notice is issued anew when the order behind it changes; the old one is void (C2, C3)."""

    _inherit = "quality.production.notice"  # pylint: disable=R8180  # a chapter of its own

    # Receiving the new one includes giving back the old one

    def _get_replaced_copies(self, roles):
        """Return the paper copies of void notices of the same orders that roles still hold (C2).

        :param roles: quality.role records
        :return: quality.production.notice.copy records, in sudo: receivers may know them
        """
        return (
            self.env["quality.production.notice.copy"]
            .sudo()
            .search(
                [
                    ("notice_id.order_id", "in", self.sudo().order_id.ids),
                    ("notice_id.state", "=", "void"),
                    ("notice_id", "not in", self.ids),
                    ("role_id", "in", roles.ids),
                    ("state", "=", "out"),
                ]
            )
        )

    def _on_duties_signed(self, duties):
        """Note the copies of void notices as handed back: the receipt says so (C2)."""
        receipts = duties.filtered(lambda duty: duty._name == "quality.acknowledgement")
        for notice in self.filtered(lambda notice: notice.state == "issued"):
            own = receipts.filtered(lambda receipt, n=notice: receipt.record_id == n.record_id)
            signers = ", ".join(dict.fromkeys(own.mapped("signed_by")))
            notice._get_replaced_copies(own.role_id).write(
                {
                    "state": "returned",
                    "closed_by": f"{signers} ({notice.name})",
                    "closed_on": fields.Datetime.now(),
                }
            )
        return super()._on_duties_signed(duties)

    def _get_productions(self):
        """Return the manufacturing orders that carry out these notices and are still open."""
        productions = self.line_ids.allocation_ids.production_id
        return productions.filtered(lambda mo: mo.state not in ("done", "cancel"))

    def _void_for_change(self, change):
        """Void the notices in force; what becomes of their manufacturing orders, the change says.

        :param change: quality.order.change record
        """
        self._retire(
            self.env._("The order was changed by %(number)s.", number=change.name), release=False
        )

    @api.model
    def _reissue_for(self, change, previous, stays):
        """Issue the notice of a changed order: what it needs now, and who makes it.

        :param change: quality.order.change record, written on its order
        :param previous: the notice that was in force before, if any
        :param stays: the manufacturing orders of the previous notice that go on
        :return: the new notice; none where stock covers what is left
        """
        order = change.order_id
        if not (previous or order.company_id.quality_notice_on_confirm):
            return self.browse()
        needs = self.env["quality.production.notice.line"].with_company(order.company_id)
        snapshot = needs._prepare_needs(order.with_company(order.company_id))
        notice = self._issue_for(order, snapshot)
        if notice:
            notice._take_over(previous, stays)
        else:
            previous._tell_receivers_void()
        return notice

    def _take_over(self, previous, stays):
        """Link what is made anew with what it replaces; keep whose orders the others are."""
        own = previous.line_ids.allocation_ids.filtered("is_own").production_id & stays
        for allocation in self.line_ids.allocation_ids:
            if allocation.production_id in own:
                allocation.is_own = True
        for line in self.line_ids:
            old = previous.line_ids.filtered(
                lambda before, line=line: (
                    before.order_line_id == line.order_line_id
                    and before.product_id == line.product_id
                )
            ).allocation_ids.production_id.filtered(lambda mo: mo.state == "cancel")
            new = line.allocation_ids.production_id - stays
            if old and new:
                new.quality_replaces_ids |= old

    def _tell_receivers_void(self):
        """Tell whoever received these notices that they are void and nothing takes their place."""
        todo = self.env["ir.model.data"]._xmlid_to_res_id(
            "customer_quality.mail_activity_type_notice_void"
        )
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": todo,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": notice.id,
                    "user_id": user.id,
                    "automated": True,
                    "note": self.with_context(lang=user.lang).env._(
                        "%(number)s is void: stock covers what is left of the order.",
                        number=notice.name,
                    ),
                }
                for notice in self
                for user in notice.acknowledgement_ids.user_id
            ]
        )
