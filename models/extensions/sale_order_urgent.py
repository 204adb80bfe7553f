from odoo import fields, models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """Orders that are begun before their review is done (B10)."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_can_release = fields.Boolean(compute="_compute_quality_can_release", compute_sudo=True)
    quality_release_count = fields.Integer(
        compute="_compute_quality_can_release", compute_sudo=True
    )

    def _compute_quality_can_release(self):
        counts = dict(
            self.env["quality.record"]._read_group(
                [("order_id", "in", self.ids), ("res_model", "=", "quality.urgent.release")],
                ["order_id"],
                ["__count"],
            )
        )
        for order in self:
            order.quality_release_count = counts.get(order, 0)
            order.quality_can_release = order._can_release()

    def _can_release(self):
        return (
            self.company_id.quality_notice_on_confirm
            and self.company_id.quality_review_gate != "never"
            and self.state in ("draft", "sent")
            and self.sudo().quality_review_id.state not in ("approved", "objected")
            and bool(self.id)
        )

    def _ensure_can_release(self):
        """Check that there is something left that an urgent release could begin.

        :raise UserError: for orders that are confirmed, reviewed or objected to, and for
            companies that issue no notices
        """
        self.ensure_one()
        if not self._can_release():
            raise UserError(
                self.env._(
                    "%(order)s can't be released urgently: this is for quotations whose review is "
                    "neither approved nor objected to, in companies that review orders and issue "
                    "production notices.",
                    order=self.name,
                )
            )

    def action_urgent_release(self):
        """Ask for an urgent release of this quotation (B10).

        :return: action that opens the release
        :raise UserError: when there is nothing to release
        """
        self.ensure_one()
        self.check_access("write")
        self.env["quality.urgent.release"].check_access("write")
        release = self.env["quality.urgent.release"]._open_for(self)
        return release._get_records_action(name=self.env._("Urgent Release"))

    def action_view_quality_releases(self):
        """Open the urgent releases of these orders."""
        releases = self.env["quality.urgent.release"].search([("order_id", "in", self.ids)])
        return releases._get_records_action(name=self.env._("Urgent Releases"))

    def _action_confirm(self):
        """What make-to-order lines have begun early is planned anew with the whole order."""
        if any(company.quality_notice_on_confirm for company in self.company_id):
            self.env["quality.production.notice"]._clear_provisional(self)
        return super()._action_confirm()

    def _get_quality_obstacles(self, stage):
        """Shipment waits for the review of what was begun early (B10)."""
        obstacles = super()._get_quality_obstacles(stage)
        if stage == "shipment":
            waiting = self.env["quality.urgent.release"]._get_waiting(self)
            for order in self.filtered(lambda order: order.id in waiting):
                sentence = self.env._(
                    "%(order)s was begun by %(release)s, and its review is not approved yet.",
                    order=order.name,
                    release=waiting[order.id].name,
                )
                obstacles[order] = [*obstacles.get(order, ()), sentence]
        return obstacles

    def _ensure_quality_reference(self):
        """Give the order the stock reference that Odoo gives it when it is confirmed.

        Without one, procurement would enlarge a manufacturing order of somebody else that has
        none either.
        """
        self.ensure_one()
        if not self.stock_reference_ids and self.order_line:
            self.env["stock.reference"].create(self.order_line[0]._prepare_reference_vals())
