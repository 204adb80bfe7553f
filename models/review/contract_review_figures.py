from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..blocks.price import PRICE_GROUPS
from .contract_review import RUNNING

#: Who may refresh the figures of a running review.
REFRESH_GROUPS = "sales_team.group_sale_salesman,mrp.group_mrp_user,customer_quality.group_officer"

#: What of a line may change while its review runs: never what the order says.
FIGURES = frozenset(
    {
        "free_qty",
        "shortage",
        "incoming_qty",
        "parts_short",
        "load",
        "date_earliest",
        "limit_kind",
        "is_late",
        "promise_count",
        "kept_count",
        "date_figures",
        "figures",
        "cost",
        "cost_source",
        "margin",
        "margin_percent",
    }
)


class QualityContractReview(models.Model):
    """The figures that decide: the chapter of contract review about them (B4, B5)."""

    _inherit = "quality.contract.review"  # pylint: disable=R8180  # a chapter of its own

    date_earliest = fields.Datetime(
        "Earliest Date",
        compute="_compute_earliest",
        help="When all lines can be delivered, as far as they can be computed.",
    )
    is_promised_early = fields.Boolean("Promised Too Early", compute="_compute_earliest")
    date_figures = fields.Datetime("Figures Of", compute="_compute_earliest")
    cost = fields.Monetary(compute="_compute_margin", groups=PRICE_GROUPS)
    margin = fields.Monetary(compute="_compute_margin", groups=PRICE_GROUPS)
    margin_percent = fields.Float(
        "Margin (%)",
        compute="_compute_margin",
        groups=PRICE_GROUPS,
        help="Of the lines whose cost is known.",
    )
    is_cost_known = fields.Boolean(compute="_compute_margin", groups=PRICE_GROUPS)

    @api.depends("line_ids.date_earliest", "line_ids.is_late", "line_ids.date_figures")
    def _compute_earliest(self):
        for review in self:
            lines = review.line_ids
            review.date_earliest = max(
                lines.filtered("date_earliest").mapped("date_earliest"), default=False
            )
            review.date_figures = max(
                lines.filtered("date_figures").mapped("date_figures"), default=False
            )
            review.is_promised_early = any(lines.mapped("is_late"))

    @api.depends("line_ids.cost", "line_ids.margin", "line_ids.cost_source")
    def _compute_margin(self):
        for review in self:
            known = review.line_ids.filtered(lambda line: line.cost_source in ("product", "bom"))
            amount = sum(known.mapped("price_subtotal"))
            review.cost = sum(known.mapped("cost"))
            review.margin = sum(known.mapped("margin"))
            review.margin_percent = 100 * review.margin / amount if amount else 0.0
            review.is_cost_known = bool(known)

    def action_refresh_figures(self):
        """Look again at stock, capacity and cost, without changing what is reviewed (B5).

        :raise AccessError: for all but sales, production and quality officers
        :raise UserError: when the review does not run
        """
        self.check_access("read")
        if not self.env.user.has_groups(REFRESH_GROUPS):
            raise AccessError(
                self.env._(
                    "The figures are refreshed by sales, production or a quality officer. Ask "
                    "one of them."
                )
            )
        ended = self.filtered(lambda review: review.state not in RUNNING)
        if ended:
            raise UserError(
                self.env._(
                    "%(number)s is not being reviewed, so its figures stay as they are.",
                    number=ended[0].name,
                )
            )
        stale = self._filter_stale()
        if stale:
            raise UserError(
                self.env._(
                    "The order was changed since %(number)s was requested. Revise the review: "
                    "that refreshes the figures too.",
                    number=stale[0].name,
                )
            )
        self._refresh_figures()
        return True

    def action_promise_earliest(self):
        """Promise the earliest date on the order; the review is revised then (B5).

        :return: the action that opens the next revision
        """
        self.ensure_one()
        self.order_id.action_promise_earliest()
        return self.order_id.action_request_quality_review()

    def _refresh_figures(self):
        """Write the figures as they are now, and say who asked; the fingerprint stays."""
        reviews_sudo = self.sudo()  # by whoever may ask; the lines are nobody's to write
        lines_by_order = reviews_sudo.line_ids.grouped("order_line_id")
        for vals in reviews_sudo.order_id._prepare_quality_review_lines():
            line = lines_by_order.get(self.env["sale.order.line"].browse(vals["order_line_id"]))
            if line:
                fresh = {name: False for name in FIGURES} | vals
                line.write({name: fresh[name] for name in FIGURES})
        body = self.env._("The figures were refreshed.")
        author = self.env.user.partner_id.id
        reviews_sudo._message_log_batch(
            {review.id: body for review in reviews_sudo}, author_id=author
        )
