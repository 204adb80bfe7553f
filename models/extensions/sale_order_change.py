from odoo import fields, models
from odoo.exceptions import RedirectWarning, UserError

from ..change.order_change_apply import APPLYING
from .sale_order import INTERNAL
from .sale_order_guard import AgreedOrderChanged

#: How a change looks in the picture of an order over time.
CHANGE_LOOKS = {"review": "running", "approved": "running", "applied": "done"}


class SaleOrder(models.Model):
    """An agreed order changes through the register (C1 to C5)."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_change_ids = fields.One2many(
        "quality.order.change", compute="_compute_quality_change_ids", compute_sudo=True
    )
    quality_change_count = fields.Integer(compute="_compute_quality_change_ids", compute_sudo=True)
    quality_change_running = fields.Char(
        "Change Under Way",
        compute="_compute_quality_change_ids",
        compute_sudo=True,
        groups=INTERNAL,
        help="What is being changed, and what it waits for.",
    )

    def _compute_quality_change_ids(self):
        changes = self.env["quality.order.change"].search([("order_id", "in", self.ids)])
        by_order = changes.grouped("order_id")
        for order in self:
            own = by_order.get(order, changes.browse())
            running = own.filtered(lambda change: change.state in ("draft", "review", "approved"))
            order.quality_change_ids = own
            order.quality_change_count = len(own)
            order.quality_change_running = ", ".join(running.mapped("name")) or False

    # Actions

    def action_request_quality_change(self):
        """Enter a change of this order, or open the draft that is under way (C1).

        Of several orders: one entry with one cause, and a consent for each customer (C2).

        :return: action that opens the change
        :raise AccessError: for whoever may not change the orders
        :raise UserError: for orders that are not confirmed, or of several companies
        """
        self._ensure_may_override()
        Change = self.env["quality.order.change"]
        if len(self) > 1:
            self._ensure_one_company()
            return Change._open_collective(self)._get_records_action()
        drafts_sudo = Change.sudo().search(  # requested by whoever may change the order
            [
                ("order_id", "=", self.id),
                ("state", "=", "draft"),
                ("collective_id", "=", False),
                ("requested_by_id", "=", self.env.uid),
            ],
            limit=1,
        )
        change = drafts_sudo.sudo(self.env.su) or Change._open_for(self)
        return change._get_records_action(name=self.env._("Order Change"))

    def action_view_quality_changes(self):
        """Open the changes of these orders."""
        changes = self.env["quality.order.change"].search([("order_id", "in", self.ids)])
        return changes._get_records_action(name=self.env._("Order Changes"))

    def action_compare_quality_revisions(self):
        """Open two revisions of this order side by side, as they were reviewed (C1).

        :return: action that opens the dialog
        :raise UserError: where there are not two
        """
        self.ensure_one()
        return self.env["quality.order.compare"]._open_for(self)

    def _get_quality_asked_changes(self):
        """Return the changes to which the customer was asked to consent, in sudo (C2)."""
        # the customer reads them on the page of the order, without a right of their own
        return (
            self.env["quality.order.change"]
            .sudo()
            .search(
                [
                    ("order_id", "in", self.ids),
                    ("state", "=", "review"),
                    ("consent_state", "=", "asked"),
                ]
            )
        )

    def _get_quality_timeline_extra(self):
        """Draw the changes of these orders, from the request to the day they were applied."""
        extra = super()._get_quality_timeline_extra()
        Change = self.env["quality.order.change"]
        if not Change.has_access("read"):
            return extra
        changes = Change.search([("order_id", "in", self.ids), ("date_requested", "!=", False)])
        states = dict(Change._fields["state"]._description_selection(self.env))
        for order, own in changes.grouped(lambda change: change.order_id.sudo()).items():
            bars = [
                {
                    "record": change,
                    "name": change.name,
                    "start": change.date_requested,
                    "end": change.date_applied or change.date_closed,
                    "look": CHANGE_LOOKS.get(change.state, "void"),
                    "state": states[change.state],
                }
                for change in own
            ]
            key = order.sudo(self.env.su)
            extra[key] = [*extra.get(key, ()), *bars]
        return extra

    def _ensure_one_company(self):
        if len(self.company_id) > 1:
            raise UserError(
                self.env._("Choose orders of one company: each keeps a register of its own.")
            )

    def _ensure_quality_changeable(self):
        """Check that there is something agreed to be changed.

        :raise UserError: naming the order that is not confirmed, or locked
        """
        for order in self:
            if order.state != "sale":
                raise UserError(
                    self.env._(
                        "%(order)s is not confirmed, so nothing is agreed yet. Change it directly.",
                        order=order.name,
                    )
                )
            if order.locked:
                raise UserError(
                    self.env._("%(order)s is locked. Unlock it first.", order=order.name)
                )

    # The guard

    def _guard_quality(self, differences):
        """Let pass what is carried out as it was agreed in the register."""
        if self.env.context.get("customer_quality_applying") is APPLYING:
            return None
        return super()._guard_quality(differences)

    def _procure_quality_change(self, before):
        """Have Odoo procure what became more or less, for all lines at once.

        Core does it line by line as they are written, which costs many times as much.

        :param before: dict of line id → ordered quantity
        """
        changed = self.order_line.filtered(
            lambda line: (
                line.id in before
                and line.product_uom_id.compare(line.product_uom_qty, before[line.id])
            )
        )
        if changed:
            changed._action_launch_stock_rule(previous_product_uom_qty=before)
        if added := self.order_line.filtered(lambda line: line.id not in before):
            added._action_launch_stock_rule()

    def action_cancel(self):
        """Cancel; where the guard refuses, offer the register (C1, C5).

        :raise RedirectWarning: leading to the change of this order
        """
        try:
            return super().action_cancel()
        except AgreedOrderChanged as error:
            raise self._get_quality_change_redirect(error) from error

    def web_save(self, vals, specification, next_id=None):
        """Where the guard refuses what a screen writes, offer the register (C5).

        :raise RedirectWarning: leading to the change of this order
        """
        try:
            return super().web_save(vals, specification, next_id=next_id)
        except AgreedOrderChanged as error:
            raise self._get_quality_change_redirect(error) from error

    def _get_quality_change_redirect(self, error):
        return RedirectWarning(
            str(error),
            self.env["ir.model.data"]._xmlid_to_res_id(
                "customer_quality.sale_order_action_request_change"
            ),
            self.env._("Request a change"),
            {"active_model": "sale.order", "active_ids": self.ids, "active_id": self[:1].id},
        )

    def _void_quality_documents(self):
        """Void changes that run for orders that are no longer agreed."""
        applied = self.env["quality.order.change"]
        if self.env.context.get("customer_quality_applying") is APPLYING:
            applied = applied.browse(self.env.context.get("customer_quality_applied"))
        self.env["quality.order.change"]._void_for(self, applied)
        return super()._void_quality_documents()


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"  # pylint: disable=R8180  # a chapter of its own

    def _update_line_quantity(self, values):
        """Write no note for each line: the register says what changed, and why."""
        if self.env.context.get("customer_quality_applying") is APPLYING:
            return None
        return super()._update_line_quantity(values)

    def web_save(self, vals, specification, next_id=None):
        """Offer the register where a list of lines is edited; see sale.order."""
        try:
            return super().web_save(vals, specification, next_id=next_id)
        except AgreedOrderChanged as error:
            raise self.order_id._get_quality_change_redirect(error) from error
