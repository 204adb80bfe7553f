from odoo import fields, models


class MrpProduction(models.Model):
    """Manufacturing orders follow a change of the order that they are made for (C2, C3)."""

    _inherit = "mrp.production"  # pylint: disable=R8180  # a chapter of its own

    quality_replaced_by_ids = fields.Many2many(
        "mrp.production",
        "quality_production_replacement_rel",
        "old_id",
        "new_id",
        "Re-Issued As",
        readonly=True,
        copy=False,
        help="What is made instead, since the sales order was changed.",
    )
    quality_replaces_ids = fields.Many2many(
        "mrp.production",
        "quality_production_replacement_rel",
        "new_id",
        "old_id",
        "Re-Issued From",
        readonly=True,
        copy=False,
    )

    def action_view_quality_replacements(self):
        """Open what replaces these orders, and what they replace."""
        linked = self.quality_replaced_by_ids | self.quality_replaces_ids
        return linked._get_records_action(name=self.env._("Re-Issued Orders"))

    # For changes

    def _filter_quality_exclusive(self, order):
        """Return the orders that are made for ``order`` alone.

        What reordering planned, what serves another order or another notice in force, and what
        makes more than the notices of the order asked for, is somebody else's, too.

        :param order: sale.order record
        """
        return self.filtered(
            lambda mo: (
                not mo.orderpoint_id
                and mo.reference_ids.sale_ids <= order
                and (mo.reference_ids or mo.quality_allocation_ids)
                and not mo.quality_allocation_ids.filtered(
                    lambda claim: claim.notice_state != "void" and claim.order_id != order
                )
                and not mo._has_quality_foreign_surplus()
            )
        )

    def _has_quality_foreign_surplus(self):
        """Tell whether the order makes more than the notices that name it ever asked for."""
        claims = self.quality_allocation_ids
        return bool(claims) and self._has_quality_surplus(claims)

    def _get_quality_subtree(self, order):
        """Return what these orders had ordered for themselves alone, and nobody has started."""
        tree, level = self, self
        while level:
            children = level.production_group_id.child_ids.production_ids
            level = (
                (children - tree)
                .filtered(lambda mo: mo.state not in ("done", "cancel"))
                ._filter_quality_idle()
                ._filter_quality_exclusive(order)
            )
            parents = level.production_group_id.parent_ids.production_ids
            level -= (parents - tree).production_group_id.child_ids.production_ids
            tree |= level
        return tree - self

    def _reduce_for_quality(self, quantity):
        """Reduce an order in work to ``quantity``, as Odoo's own dialog does."""
        self.ensure_one()
        self.env["change.production.qty"].create(
            {"mo_id": self.id, "product_qty": quantity}
        ).change_prod_qty()

    def _stop_for_quality(self):
        """Stop an order in work: what is made goes to stock, the rest is not made."""
        self.ensure_one()
        if self.product_uom_id.is_zero(self.qty_producing):
            self.action_cancel()
            return
        self.move_raw_ids.filtered("quantity").picked = True
        self.with_context(
            skip_backorder=True, skip_consumption=True, skip_expired=True, skip_redirection=True
        ).button_mark_done()
