from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..requirement.kinds import REQUIREMENT_KINDS
from .sale_order import INTERNAL


class SaleOrder(models.Model):
    """What is required of an order: its lines of requirements, and the customer's standing ones."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_requirement_ids = fields.One2many(
        "quality.requirement", "order_id", "Requirements", copy=True
    )
    quality_registered = fields.Char(
        compute="_compute_quality_registered",
        compute_sudo=True,
        help="Which kinds of registration the order has, so that the gate reads no empty table.",
        groups=INTERNAL,
    )
    quality_missing_kinds = fields.Char(
        "No Entry Yet", compute="_compute_quality_missing_kinds", compute_sudo=True, groups=INTERNAL
    )
    quality_proposed_count = fields.Integer(
        "Standing Requirements to Take Over",
        compute="_compute_quality_proposals",
        compute_sudo=True,
    )

    @api.depends(
        "quality_requirement_ids",
        "quality_clarification_ids.state",
        "quality_inbound_ids.comparison",
        "order_line.quality_schedule_ids",
    )
    def _compute_quality_registered(self):
        self.quality_registered = ""
        ids = tuple(self.ids)
        if not ids:
            return
        self.env["quality.requirement"].flush_model(["order_id"])
        self.env["quality.clarification"].flush_model(["order_id", "state"])
        self.env["quality.inbound.document"].flush_model(["order_id", "comparison"])
        self.env["quality.delivery.schedule"].flush_model(["order_line_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT order_id, 'requirement' FROM quality_requirement WHERE order_id IN %(ids)s
                 UNION
                SELECT order_id, state FROM quality_clarification WHERE order_id IN %(ids)s
                 UNION
                SELECT order_id, 'unsettled' FROM quality_inbound_document
                 WHERE order_id IN %(ids)s AND comparison IN ('todo', 'differs')
                 UNION
                SELECT line.order_id, 'schedule'
                  FROM quality_delivery_schedule schedule
                  JOIN sale_order_line line ON line.id = schedule.order_line_id
                 WHERE line.order_id IN %(ids)s
                """,
                ids=ids,
            )
        )
        found = {}
        for order_id, kind in rows:
            found.setdefault(order_id, []).append(kind)
        for order in self:
            order.quality_registered = " ".join(found.get(order._origin.id, ()))

    def _has_quality(self, kind):
        """Tell whether something of that kind is registered for this order.

        :param kind: ``requirement``, ``schedule``, ``unsettled`` (document) or the state of a
            question
        """
        return kind in (self.sudo().quality_registered or "").split()

    @api.depends("quality_requirement_ids.kind")
    @api.depends_context("lang")
    def _compute_quality_missing_kinds(self):
        labels = dict(
            self.env["quality.requirement"]._fields["kind"]._description_selection(self.env)
        )
        for order in self:
            given = set(order.quality_requirement_ids.mapped("kind"))
            order.quality_missing_kinds = ", ".join(
                labels[kind] for kind, _label in REQUIREMENT_KINDS if kind not in given
            )

    @api.depends("partner_id", "order_line.product_id", "quality_requirement_ids.library_id")
    def _compute_quality_proposals(self):
        self.quality_proposed_count = 0
        for order, proposals in self._get_quality_proposals().items():
            order.quality_proposed_count = len(proposals)

    def _get_quality_proposals(self):
        """Return the customers' standing requirements that these orders lack, or have older.

        :return: dict of order → list of (standing requirement, order line or none)
        """
        open_orders = self.filtered(lambda o: o.id and o.state in ("draft", "sent"))
        library = self.env["quality.customer.requirement"]
        proposals = {}
        for order, current in library._get_proposals(open_orders).items():
            taken = {
                requirement._get_key(): requirement.library_id
                for requirement in order.quality_requirement_ids
                if requirement.library_id
            }
            proposals[order] = [
                (standing, line)
                for standing in current
                for line in standing._get_targets(order)
                if taken.get((standing.root_id, line)) != standing
            ]
        return proposals

    def action_take_over_requirements(self):
        """Take over the customers' standing requirements: add those missing, renew older ones.

        :raise AccessError: for whoever is not in sales
        :raise UserError: when an order is not open for it any more
        """
        self._check_quality_seller()
        closed = self.filtered(lambda order: order.state not in ("draft", "sent"))
        if closed:
            raise UserError(
                self.env._(
                    "%(order)s is confirmed or cancelled, so its requirements stay as agreed.",
                    order=closed[0].name,
                )
            )
        vals_list = []
        for order, proposals in self._get_quality_proposals().items():
            older = {r._get_key(): r for r in order.quality_requirement_ids if r.library_id}
            for standing, line in proposals:
                vals = standing._prepare_requirement_vals(order, line)
                if requirement := older.get((standing.root_id, line)):
                    requirement.write(vals)
                else:
                    vals_list.append(vals)
        self.env["quality.requirement"].create(vals_list)

    # Content

    def _get_quality_content(self, with_prices=True):
        """Add the requirements; what is commercial only for roles that sign on prices (M5)."""
        content = super()._get_quality_content(with_prices)
        if not self._has_quality("requirement"):
            return content
        # what is reviewed does not depend on who looks
        requirements = [
            requirement._get_quality_content()
            for requirement in self.sudo().quality_requirement_ids
            if with_prices or requirement.kind != "commercial"
        ]
        if requirements:
            content["requirements"] = sorted(requirements, key=self._get_requirement_order)
        return content

    @staticmethod
    def _get_requirement_order(content):
        return (
            content["line"] or 0,
            content["kind"],
            content["text"],
            content["role"] or 0,
            content["characteristic"],
        )

    def _get_quality_review_roles(self):
        """The departments that requirements name are asked, whatever the template says (A1)."""
        roles = super()._get_quality_review_roles()
        none = self.env["quality.role"]
        for order in self.filtered(lambda o: o._has_quality("requirement")):
            # who asks for the review may lack the right to commercial requirements
            if named := order.sudo().quality_requirement_ids.role_id.sudo(False):
                roles[order] = roles.get(order, none) | named
        return roles

    def copy(self, default=None):
        """Copy requirements with the orders, each to the copy of its line."""
        copies = super().copy(default)
        for order, copy in zip(self, copies, strict=True):
            order._copy_requirement_lines(copy)
        return copies

    def _copy_requirement_lines(self, copy):
        if not self.quality_requirement_ids.order_line_id:
            return
        lines = self._get_copiable_order_lines().sorted("id")
        if len(lines) != len(copy.order_line):
            return  # copied with other lines: the requirements hold for the whole order
        line_of = dict(zip(lines, copy.order_line.sorted("id"), strict=True))
        for requirement, other in zip(
            self.quality_requirement_ids.sorted("id"),
            copy.quality_requirement_ids.sorted("id"),
            strict=False,
        ):
            other.order_line_id = line_of.get(requirement.order_line_id, lines.browse())
