from odoo import api, fields, models

#: What a notice announces of a manufacturing order.
ANNOUNCED_FIELDS = frozenset(
    {"product_id", "product_qty", "product_uom_id", "date_start", "date_finished"}
)

#: Set while core splits orders: quantities move, nothing is changed. An object, so that no client
#: can set it.
QUIET = object()


class MrpProduction(models.Model):
    """The shop floor is never stopped: who answers for the notice is told what changes (C5)."""

    _inherit = "mrp.production"  # pylint: disable=R8180  # a chapter of its own

    @api.model_create_multi
    def create(self, vals_list):
        """Tell who answers for a notice of orders that are made outside it."""
        productions = super().create(vals_list)
        outside = productions.filtered("is_outside_notice")
        if outside and not self._is_quality_quiet():
            outside.sudo()._tell_quality_outside()
        return productions

    def write(self, vals):
        """Tell who answers for a notice what is changed of its orders; refuse nothing."""
        if ANNOUNCED_FIELDS.isdisjoint(vals) or self._is_quality_quiet():
            return super().write(vals)
        before = self.sudo()._get_quality_announced()
        result = super().write(vals)
        if before:
            self.sudo()._tell_quality_changes(before)
        return result

    def _is_quality_quiet(self):
        return self.env.context.get("customer_quality_quiet") is QUIET

    def _split_productions(self, amounts=False, cancel_remaining_qty=False, set_consumed_qty=False):
        quiet = self.with_context(customer_quality_quiet=QUIET)  # quantities only move
        return (
            super(MrpProduction, quiet)
            ._split_productions(
                amounts=amounts,
                cancel_remaining_qty=cancel_remaining_qty,
                set_consumed_qty=set_consumed_qty,
            )
            .with_env(self.env)
        )

    def _get_quality_announced(self):
        """Return what notices in force say of these orders: dict of order → values."""
        guarded = self.filtered(
            lambda mo: mo.company_id.quality_guard_orders and mo.state not in ("done", "cancel")
        )
        return {
            production: production._get_quality_values()
            for production in guarded
            if "issued" in production.quality_allocation_ids.mapped("notice_state")
        }

    def _get_quality_values(self):
        dates = self.quality_allocation_ids.mapped("date_due")
        due = min((date for date in dates if date), default=False)
        return {
            "product": self.product_id,
            "quantity": self.product_uom_qty,
            "is_late": bool(due and self.date_finished and self.date_finished > due),
        }

    def _tell_quality_changes(self, before):
        """Tell what became different of the orders in ``before``."""
        changes = [
            (allocation.notice_id, text)
            for production, values in before.items()
            if production.state not in ("done", "cancel")
            for text in production._describe_quality_changes(values)
            for allocation in production.quality_allocation_ids.filtered(
                lambda claim: claim.notice_state == "issued"
            )
        ]
        if changes:
            self.env["quality.production.notice"]._tell_responsible(changes)

    def _describe_quality_changes(self, before):
        now = self._get_quality_values()
        names = {"number": self.name, "person": self.env.user.name}
        texts = []
        if now["product"] != before["product"]:
            texts.append(
                self.env._(
                    "%(number)s makes %(after)s instead of %(before)s (%(person)s).",
                    before=before["product"].display_name,
                    after=now["product"].display_name,
                    **names,
                )
            )
        if self.product_id.uom_id.compare(now["quantity"], before["quantity"]):
            texts.append(
                self.env._(
                    "%(number)s makes %(after)g instead of %(before)g %(unit)s (%(person)s).",
                    before=before["quantity"],
                    after=now["quantity"],
                    unit=self.product_id.uom_id.name,
                    **names,
                )
            )
        if now["is_late"] and not before["is_late"]:
            texts.append(
                self.env._(
                    "%(number)s will end on %(date)s, after it is due (%(person)s).",
                    date=fields.Date.to_string(self.date_finished),
                    **names,
                )
            )
        return texts

    def _tell_quality_outside(self):
        """Tell that these orders are made outside the notices of their sales orders."""
        notices = self.env["quality.production.notice"]._get_in_force(self.reference_ids.sale_ids)
        changes = [
            (
                notice,
                self.env._(
                    "%(number)s makes %(quantity)g %(unit)s %(product)s outside this notice.",
                    number=production.name,
                    quantity=production.product_uom_qty,
                    unit=production.product_id.uom_id.name,
                    product=production.product_id.display_name,
                ),
            )
            for production in self
            for notice in notices
            if notice.order_id in production.reference_ids.sale_ids
        ]
        if changes:
            notices._tell_responsible(changes)
