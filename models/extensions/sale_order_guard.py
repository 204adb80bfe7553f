from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..change.difference import Difference

#: Terms and addresses that were agreed; what they were and become is named in no sentence (M5).
TERM_FIELDS = (
    "partner_id",
    "partner_shipping_id",
    "partner_invoice_id",
    "client_order_ref",
    "payment_term_id",
    "fiscal_position_id",
    "incoterm",
    "incoterm_location",
    "note",
    "picking_policy",
    "warehouse_id",
)


class AgreedOrderChanged(UserError):
    """The guard: what was agreed on a reviewed, confirmed order can't be changed so (C5)."""


class SaleOrder(models.Model):
    """What was agreed on a reviewed, confirmed order is not changed behind anybody's back (C5).

    Where the company guards its orders, quantity, product, date and lines of such an order stay
    as they are, by whatever way a change comes. Somebody whom the authority table names may let
    it pass by an override that is signed.
    """

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_is_guarded = fields.Boolean(
        "Guarded",
        compute="_compute_quality_is_guarded",
        compute_sudo=True,
        help="What was agreed changes through the register; an override lets a change pass.",
    )
    quality_override_count = fields.Integer(
        compute="_compute_quality_override_count", compute_sudo=True
    )

    @api.depends("state", "quality_review_id.state")
    def _compute_quality_is_guarded(self):
        guarded = self._filter_quality_guarded()
        for order in self:
            order.quality_is_guarded = order in guarded

    def _compute_quality_override_count(self):
        counts = dict(
            self.env["quality.order.override"]._read_group(
                [("order_id", "in", self.ids)], ["order_id"], ["__count"]
            )
        )
        for order in self:
            order.quality_override_count = counts.get(order, 0)

    def write(self, vals):
        """Refuse another date on a reviewed, confirmed order (C5); lines refuse on their own.

        :raise UserError: naming what differs
        """
        if "commitment_date" in vals:
            self._guard_quality(self._get_quality_date_differences(vals["commitment_date"]))
        if "quality_framework_id" in vals:
            self._guard_quality(self._get_quality_framework_differences(vals))
        if "state" in vals and vals["state"] != "sale":
            self._guard_quality(self._get_quality_cancellations())
        if any(name in vals for name in TERM_FIELDS):
            self._guard_quality(self._get_quality_terms_differences(vals))
        return super().write(vals)

    # Actions

    def action_request_quality_override(self):
        """Prepare an override of this order, or open the one that is under way.

        :return: action that opens the override
        :raise AccessError: for whoever may not change the order
        :raise UserError: for an order that may be changed without
        """
        self.ensure_one()
        self._ensure_may_override()
        return (
            self.env["quality.order.override"]
            ._open_for(self)
            ._get_records_action(name=self.env._("Override"))
        )

    def action_view_quality_overrides(self):
        """Open the overrides of these orders."""
        overrides = self.env["quality.order.override"].search([("order_id", "in", self.ids)])
        return overrides._get_records_action(name=self.env._("Overrides"))

    def _ensure_may_override(self):
        """Check that the user sells, and may change this order (stock and production may, too).

        :raise AccessError: for anybody else
        """
        self.check_access("write")
        if not (self.env.su or self.env.user.has_group("sales_team.group_sale_salesman")):
            raise AccessError(
                self.env._(
                    "Changes of an order are requested by sales. Ask the salesperson of %(order)s.",
                    order=self.name,
                )
            )

    # The guard

    def _filter_quality_guarded(self):
        """Return those of the orders that are confirmed, were reviewed, and are guarded.

        An order stays guarded while its review is being revised.
        """
        confirmed = self.filtered(lambda o: o.state == "sale" and o.company_id.quality_guard_orders)
        # whoever changes an order, a portal customer too, is bound by its review
        return confirmed.filtered(lambda order: order.sudo()._is_quality_agreed())

    def _is_quality_agreed(self):
        """Tell whether a review of this order was ever approved, or adopted, and is not void."""
        review = self.quality_review_id  # set by the procedure only: it is this order's own
        if review.state == "void":
            return False
        while review and not review.date_decided:
            review = review.supersedes_id
        return bool(review)

    def _get_quality_date_differences(self, date):
        """Return on which of these orders ``date`` is another one than agreed."""
        date = fields.Datetime.to_datetime(date) or False
        changed = self.filtered(lambda order: order.commitment_date != date)
        no_line = self.env["sale.order.line"]
        return [
            Difference(
                order,
                no_line,
                "date",
                order._format_quality_date(order.commitment_date),
                order._format_quality_date(date),
            )
            for order in changed._filter_quality_guarded()
            if any(line._is_quality_date_bound(date) for line in order.order_line)
        ]

    def _get_quality_framework_differences(self, vals):
        """Return which of these orders would call off from another contract than agreed (B9).

        It says what is firm: another one could take an order out of the guard.
        """
        chosen = vals["quality_framework_id"] or False
        changed = self.filtered(lambda order: order.quality_framework_id.id != chosen)
        contracts_sudo = self.env["quality.framework.contract"].sudo()  # named in the refusal only
        after = contracts_sudo.browse(chosen or ()).name or self.env._("none")
        return [
            Difference(
                order,
                self.env["sale.order.line"],
                "requirement",
                order.sudo().quality_framework_id.name or self.env._("none"),
                after,
            )
            for order in changed._filter_quality_guarded()
        ]

    def _get_quality_cancellations(self):
        """Return which of these orders would not be agreed any more: list of Difference (C1)."""
        no_line = self.env["sale.order.line"]
        return [
            Difference(order, no_line, "cancel_order", "", "")
            for order in self._filter_quality_guarded()
        ]

    def _get_quality_terms_differences(self, vals):
        """Return which terms and addresses of these orders would become others (C1)."""
        no_line = self.env["sale.order.line"]
        return [
            Difference(
                order, no_line, "terms", self._fields[name]._description_string(self.env), ""
            )
            for order in self._filter_quality_guarded()
            for name in TERM_FIELDS
            if name in vals and order._is_quality_term_changed(name, vals[name])
        ]

    def _is_quality_term_changed(self, name, value):
        field = self._fields[name]
        cached = field.convert_to_cache(value, self)
        return (field.convert_to_record(cached, self) or False) != (self[name] or False)

    def _format_quality_date(self, date):
        if not date:
            return self.env._("none")
        return fields.Date.to_string(fields.Datetime.context_timestamp(self, date).date())

    def _guard_quality(self, differences):
        """Let pass what a released override covers, and refuse the rest (C5).

        :param differences: list of Difference
        :raise AgreedOrderChanged: naming what differs and what to do
        """
        if not differences:
            return
        orders = self.env["sale.order"].union(*(change.order for change in differences))
        released = self.env["quality.order.override"]._get_released(orders)
        used, refused = {}, []
        for change in differences:
            if override := released.get(change.order, released[None])._find_covering(change):
                used.setdefault(override, []).append(change)
            else:
                refused.append(change)
        if refused:
            raise AgreedOrderChanged(self._get_quality_guard_refusal(refused))
        for override, changes in used.items():
            override._note(changes)

    def _get_quality_guard_refusal(self, refused):
        lines = [self._describe_quality_difference(change) for change in refused]
        return self.env._(
            "This was agreed with the customer and reviewed, so it stays as it is:\n%(changes)s\n"
            "Request a change on the order; whom it concerns is asked. Where it can't wait for "
            "them, request an override.",
            changes="\n".join(dict.fromkeys(lines)),
        )

    @api.model
    def _describe_quality_difference(self, change):
        """Return one difference in words (str), without any price."""
        sentences = {
            "quantity": self.env._("%(order)s, %(what)s: %(before)s would become %(after)s."),
            "cancel": self.env._("%(order)s, %(what)s: the line of %(before)s would be cancelled."),
            "cancel_order": self.env._("%(order)s would be cancelled or set back."),
            "add": self.env._("%(order)s, %(what)s: %(after)s would be added."),
            "product": self.env._("%(order)s: %(before)s would become %(after)s."),
            "date": self.env._("%(order)s, delivery: “%(before)s” would become “%(after)s”."),
            "price": self.env._("%(order)s, %(what)s: the price would change."),
            "terms": self.env._("%(order)s: %(before)s would change."),
            "requirement": self.env._(
                "%(order)s, requirements: “%(before)s” would become “%(after)s”."
            ),
        }
        return sentences[change.kind] % {
            "order": change.order.name,
            # the sentence names the goods to whoever tries to change them
            "what": change.line.sudo().product_id.display_name or change.line.sudo().name or "",
            "before": change.before,
            "after": change.after,
        }

    def _void_quality_documents(self):
        """Void overrides, too, of orders that are no longer agreed."""
        self.env["quality.order.override"]._void_for(self)
        return super()._void_quality_documents()
