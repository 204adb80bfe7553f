from odoo import api, fields, models

from .sale_order import INTERNAL


class SaleOrder(models.Model):
    """How far an order is in production, for sales and for the customer (D2)."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_progress = fields.Float(
        "Production",
        compute="_compute_quality_progress",
        compute_sudo=True,
        groups=INTERNAL,
        aggregator=None,
        help="Percent done of what the production notices of the order announced.",
    )
    quality_date_moved = fields.Datetime(
        "Last Movement", compute="_compute_quality_progress", compute_sudo=True, groups=INTERNAL
    )
    quality_is_idle = fields.Boolean(
        "Without Movement",
        compute="_compute_quality_progress",
        compute_sudo=True,
        search="_search_quality_is_idle",
        groups=INTERNAL,
    )
    quality_delay_days = fields.Integer(
        "Days Late",
        compute="_compute_quality_progress",
        compute_sudo=True,
        groups=INTERNAL,
        aggregator=None,
        help="After the promised date, by the open delays of the order.",
    )
    quality_in_production = fields.Boolean(
        compute="_compute_quality_progress",
        compute_sudo=True,
        search="_search_quality_in_production",
        groups=INTERNAL,
    )

    def _compute_quality_progress(self):
        notices = self.env["quality.production.notice"]._get_standing(self)
        by_order = notices.grouped("order_id")
        for order in self:
            own = by_order.get(order, notices.browse())
            order.quality_in_production = "issued" in own.mapped("state")
            order.quality_progress = sum(own.mapped("progress")) / len(own) if own else 0.0
            order.quality_date_moved = max(own.mapped("date_moved"), default=False)
            order.quality_is_idle = any(own.mapped("is_idle"))
            order.quality_delay_days = max(own.mapped("delay_days"), default=0)

    @api.model
    def _search_quality_is_idle(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return [("id", "in", self.env["quality.production.notice"]._find_idle().order_id.ids)]

    @api.model
    def _search_quality_in_production(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        # whoever searches orders need not read notices
        notices_sudo = self.env["quality.production.notice"].sudo()
        return [("id", "in", notices_sudo.search([("state", "=", "issued")]).order_id.ids)]

    def action_view_quality_delays(self):
        """Open the delays of these orders, closed ones included."""
        delays = self.env["quality.delay"].search([("order_id", "in", self.ids)])
        return delays._get_records_action(name=self.env._("Delays"))

    # For the customer

    def _get_quality_portal_progress(self):
        """Return what the customer's page says of this order, without anything internal.

        :return: dict with ``step`` (code), ``steps`` (list of (code, words)) and
            ``date`` (date, or False); None where the company does not show it, or there is
            nothing to say
        """
        self.ensure_one()
        order_sudo = self.sudo()  # the customer sees a word and a date, nothing behind them
        if not order_sudo.company_id.quality_portal_progress:
            return None
        step = order_sudo._get_quality_step()
        if not step:
            return None
        return {
            "step": step,
            "steps": order_sudo._get_quality_steps(),
            "date": order_sudo._get_quality_day(order_sudo.commitment_date)
            or order_sudo.quality_promise_date,
        }

    def _get_quality_steps(self):
        """Return the steps that this order takes, in their order: list of (code, words)."""
        is_reviewed = self.quality_review_id or self.state != "sale"
        return [
            (code, words)
            for code, words in self._get_quality_step_words().items()
            if code != "review" or is_reviewed
        ]

    def _get_quality_step_words(self):
        """Return what each step is called: dict of code → words, in their order."""
        return {
            "received": self.env._("Received"),
            "review": self.env._("Under review"),
            "planned": self.env._("Planned"),
            "production": self.env._("In production"),
            "ready": self.env._("Ready to ship"),
            "delivered": self.env._("Delivered"),
        }

    def _get_quality_step(self):
        """Return the step at which the order is, or False for an offer and a cancelled order."""
        if self.state == "cancel":
            return False
        if self.state in ("draft", "sent"):
            review = self.quality_review_id.state
            if review in ("review", "decision", "objected", "approved"):
                return "review"
            is_order = self.quality_accepted_on or self.quality_order_in_hand
            return "received" if is_order else False
        if self.delivery_status == "full":
            return "delivered"
        return self._get_quality_making_step()

    def _get_quality_making_step(self):
        """Return how far a confirmed order is that has not left completely."""
        notices = self.env["quality.production.notice"]._get_standing(self)
        productions = notices.production_ids.filtered(lambda mo: mo.state != "cancel")
        if self._is_quality_reserved():
            return "ready"
        if productions and all(mo.state == "done" for mo in productions):
            return "ready"
        is_begun = any(share > 0 for share in productions._get_quality_shares().values())
        if is_begun or "progress" in productions.mapped("state"):
            return "production"
        return "planned"

    def _is_quality_reserved(self):
        """Tell whether all that is still to be shipped lies ready; a part of it does not do."""
        moves = self.picking_ids.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )
        return bool(moves) and all(move.state == "assigned" for move in moves)
