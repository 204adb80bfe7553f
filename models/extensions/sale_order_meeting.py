from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from .sale_order import INTERNAL


class SaleOrder(models.Model):
    """Meetings about an order: strategy before the offer, kick-off after confirmation (B7)."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_meeting_count = fields.Integer(
        compute="_compute_quality_meeting_count", compute_sudo=True
    )
    quality_strategy_state = fields.Selection(
        [("off", "Not used"), ("free", "Not demanded"), ("due", "To hold"), ("held", "Held")],
        "Strategy Meeting",
        compute="_compute_quality_strategy_state",
        compute_sudo=True,
        groups=INTERNAL,
    )

    def _compute_quality_meeting_count(self):
        groups = self.env["quality.record"]._read_group(
            [("order_id", "in", self.ids), ("res_model", "=", "quality.order.meeting")],
            ["order_id"],
            ["__count"],
        )
        counts = dict(groups)
        for order in self:
            order.quality_meeting_count = counts.get(order, 0)

    @api.depends("amount_untaxed", "partner_id")
    def _compute_quality_strategy_state(self):
        self.quality_strategy_state = "off"
        used = self.filtered(lambda order: order.company_id._uses_strategy_meetings())
        due = used._filter_strategy_due()
        held = used._filter_strategy_held()
        for order in used:
            demanded = "due" if order in due else "free"
            order.quality_strategy_state = "held" if order in held else demanded

    # Strategy, before the offer

    def action_plan_strategy_meeting(self):
        """Plan the strategy meeting of this quotation, or open the one that is planned.

        :return: action that opens the meeting
        :raise AccessError: for whoever is not in sales
        :raise UserError: when the order is confirmed or cancelled, and none was held
        """
        self.ensure_one()
        self._check_quality_seller()
        meeting = self._get_quality_meetings("strategy", ("planned", "held"))[:1]
        if not meeting:
            if self.state not in ("draft", "sent"):
                raise UserError(
                    self.env._(
                        "%(order)s is no quotation any more: a strategy meeting comes before "
                        "the offer.",
                        order=self.name,
                    )
                )
            meeting = self.env["quality.order.meeting"]._create_for(
                self, "strategy", self._get_strategy_roles()
            )
        return meeting.sudo(False)._get_records_action(name=self.env._("Strategy Meeting"))

    def action_view_quality_meetings(self):
        """Open the meetings about these orders."""
        meetings = self.env["quality.order.meeting"].search([("order_id", "in", self.ids)])
        return meetings._get_records_action(name=self.env._("Meetings"))

    def _get_quality_meetings(self, kind, states=("held",)):
        """Return the meetings of one kind about these orders, in sudo mode."""
        # minutes are shown in the review, also to those who may not read orders
        return (
            self.env["quality.order.meeting"]
            .sudo()
            .search([("order_id", "in", self.ids), ("kind", "=", kind), ("state", "in", states)])
        )

    def _get_strategy_roles(self):
        roles = self.company_id.sudo().quality_meeting_role_ids
        if not roles:
            template_sudo = self.env["quality.opinion.template"].sudo()
            template = template_sudo._get_default("quality.contract.review", self.company_id)
            roles = template.item_ids.role_id
        return roles.sudo(False)

    def _filter_strategy_due(self):
        """Return the orders for which their company's rule demands a strategy meeting."""
        return self.filtered(lambda order: order.sudo()._needs_strategy_meeting())

    def _needs_strategy_meeting(self):
        self.ensure_one()
        company, limit = self.company_id, self.company_id.quality_strategy_amount
        is_key = self.partner_id.commercial_partner_id.quality_is_key
        return (company.quality_strategy_key_customer and is_key) or (
            limit > 0 and self._get_quality_amount() >= limit
        )

    def _filter_strategy_held(self):
        return self & self._get_quality_meetings("strategy").order_id if self else self

    def _get_quality_amount(self):
        """Return what the order is worth, untaxed, in its company's currency."""
        self.ensure_one()
        return self.amount_untaxed / (self.currency_rate or 1.0)

    def _get_quality_obstacles(self, stage):
        """Ask for the minutes of the strategy meeting before the approval (B7)."""
        obstacles = super()._get_quality_obstacles(stage)
        if stage != "approval":
            return obstacles
        used = self.filtered(lambda order: order.company_id._uses_strategy_meetings())
        due = used._filter_strategy_due()
        for order in due - due._filter_strategy_held():
            obstacles.setdefault(order, []).append(
                self.env._(
                    "%(order)s needs the minutes of a strategy meeting: plan the meeting from "
                    "the quotation, write its minutes and close them.",
                    order=order.name,
                )
            )
        return obstacles

    # Kick-off, after the confirmation

    def _action_confirm(self):
        result = super()._action_confirm()
        used = self.filtered(lambda order: order.company_id.quality_kickoff)
        if used:
            used._plan_kickoff()
        return result

    def _plan_kickoff(self):
        """Plan the kick-off of these orders, with its milestones as actions (B7).

        Once per order: a meeting that was planned or held is not planned again.
        """
        planned = self._get_quality_meetings("kickoff", ("planned", "held")).order_id
        by_template = defaultdict(self.env["sale.order"].sudo)
        for order, template in (
            self.env["quality.kickoff.template"]._get_for(self - planned).items()
        ):
            by_template[template, order.company_id] |= order
        meetings, vals_list = self.env["quality.order.meeting"].sudo(), []
        for (template, company), orders in by_template.items():
            kickoffs = meetings._create_for(
                orders,
                "kickoff",
                template.role_ids.sudo(False),
                date_start=company._get_working_morning(template.days_after),
                duration=template.duration,
            )
            meetings |= kickoffs
            vals_list += template.line_ids._prepare_actions_vals(kickoffs, company)
        meetings._plan_events()
        self.env["quality.action"]._create_for(vals_list)

    # Cancel, reset

    def _void_quality_documents(self):
        """Void what was planned and call off what was asked for: nothing is agreed any more."""
        result = super()._void_quality_documents()
        self._get_quality_meetings("kickoff", ("planned", "held"))._void()
        return result
