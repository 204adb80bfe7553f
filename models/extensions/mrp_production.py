from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..notice.distribution import distribute

VOID_TYPE = "customer_quality.mail_activity_type_notice_void"


class MrpProduction(models.Model):
    """Manufacturing orders know the production notices that they carry out (D1)."""

    _inherit = "mrp.production"

    quality_allocation_ids = fields.One2many(
        "quality.production.notice.allocation",
        "production_id",
        "Production Notices",
        readonly=True,
        copy=False,
    )
    quality_notice_ids = fields.Many2many(
        "quality.production.notice",
        string="Notices",
        compute="_compute_quality_notice_ids",
        compute_sudo=True,
    )
    quality_notice_count = fields.Integer(compute="_compute_quality_notice_ids", compute_sudo=True)
    quality_notice_void = fields.Boolean(
        "Void Notice",
        compute="_compute_quality_notice_ids",
        compute_sudo=True,
        help="A production notice behind this order is void, and no other has claimed its part.",
    )

    is_outside_notice = fields.Boolean(
        "Outside the Notice",
        readonly=True,
        help="Made in addition to what the production notice of the sales order announced, "
        "because the order was changed since.",
    )

    @api.depends("product_uom_qty", "quality_allocation_ids.notice_id.state")
    def _compute_quality_notice_ids(self):
        for production in self:
            notices = production.quality_allocation_ids.notice_id
            production.quality_notice_ids = notices
            production.quality_notice_count = len(notices)
            production.quality_notice_void = (
                "void" in notices.mapped("state") and production._has_quality_surplus()
            )

    def action_view_quality_notices(self):
        """Open the production notices behind these orders, as far as the user may read them.

        :raise AccessError: when all of them are about orders of colleagues
        """
        notices = self.quality_notice_ids._filtered_access("read")
        if not notices:
            raise AccessError(
                self.env._(
                    "The notices behind this manufacturing order are about sales orders of your "
                    "colleagues. Ask one of them, or ask an administrator for the right."
                )
            )
        return notices._get_records_action(name=self.env._("Production Notices"))

    # Allocations survive split, backorder and merge

    def _split_productions(self, amounts=False, cancel_remaining_qty=False, set_consumed_qty=False):
        productions = super()._split_productions(
            amounts=amounts,
            cancel_remaining_qty=cancel_remaining_qty,
            set_consumed_qty=set_consumed_qty,
        )
        # allocations belong to the notice; whoever splits the order has no right to them
        for original in self.sudo().filtered("quality_allocation_ids"):
            original.quality_allocation_ids._spread(original._get_split_parts(self, productions))
        return productions

    def _get_split_parts(self, originals, productions):
        """Return this order and its new backorders, out of the result of a split.

        :param originals: the orders that were split
        :param productions: originals, each followed by its backorders
        """
        parts, current = self.browse(), self.browse()
        for production in productions.sudo():
            current = production if production in originals else current
            if current == self:
                parts |= production
        return parts

    def action_merge(self):
        """Merge; what notices meant for these orders follows to the merged one (D1)."""
        allocations_sudo = self.sudo().quality_allocation_ids  # see _split_productions
        action = super().action_merge()
        if allocations_sudo:
            allocations_sudo._move_to(self.browse(action["res_id"]))
        return action

    # For the notices

    def _get_quality_capacity(self):
        """Return what notices in force leave of each open order, in the product's unit.

        :return: dict of production → quantity
        """
        self._lock_quality_capacity()
        claimed = dict(
            self.env["quality.production.notice.allocation"]._read_group(
                [("production_id", "in", self.ids), ("notice_id.state", "!=", "void")],
                ["production_id"],
                ["quantity:sum"],
            )
        )
        return {
            production: production.product_uom_qty - claimed.get(production, 0.0)
            for production in self
        }

    def _lock_quality_capacity(self):
        """Let nobody else allocate these orders before this transaction is over.

        A lock alone would not do: what the other one claims are rows of another table, which
        this transaction's snapshot does not show. A row that was written since the snapshot
        can't be written here, so that Odoo starts over and sees the claims.
        """
        if self:
            self.env.cr.execute(
                SQL(
                    """
                    WITH locked AS (
                        SELECT id FROM mrp_production
                        WHERE id IN %s ORDER BY id FOR NO KEY UPDATE
                    )
                    UPDATE mrp_production SET id = locked.id
                    FROM locked WHERE mrp_production.id = locked.id
                    """,
                    self._ids,
                )
            )

    def _has_quality_surplus(self, claims=None):
        """Tell whether the order makes more than notices claim.

        :param claims: allocations of the order; by default those of notices in force
        """
        self.ensure_one()
        if claims is None:
            claims = self.quality_allocation_ids.filtered(lambda a: a.notice_state != "void")
        claimed = sum(claims.mapped("quantity"))
        return self.product_id.uom_id.compare(self.product_uom_qty, claimed) > 0

    def _get_quality_supply(self):
        """Return what these orders give to each of their allocations, the oldest first.

        No order gives more than it makes, and void notices are served last.

        :return: dict of allocation → quantity
        """
        supply = {}
        for production in self:
            claims = production.quality_allocation_ids.sorted(
                lambda claim: (claim.notice_state == "void", claim.id)
            )
            needs = [(claim, claim.quantity) for claim in claims]
            given = distribute(needs, [(production, production._get_quality_output())])
            supply |= {claim: quantity for claim, _production, quantity in given}
        return supply

    def _get_quality_output(self):
        """Return what the order makes, or has made once it is done, in the product's unit."""
        if self.state == "cancel":
            return 0.0
        if self.state != "done":
            return self.product_uom_qty
        return self.product_uom_id._compute_quantity(
            self.qty_produced, self.product_id.uom_id, rounding_method="HALF-UP"
        )

    def _filter_quality_idle(self):
        """Return the orders on which nothing was consumed or produced yet."""
        (self.move_raw_ids | self.move_finished_ids).fetch(["picked", "state"])
        return self.filtered(
            lambda mo: (
                mo.state in ("draft", "confirmed")
                and not mo.qty_producing
                and not any(
                    move.picked or move.state == "done"
                    for move in mo.move_raw_ids | mo.move_finished_ids
                )
            )
        )

    def _warn_quality_void(self, notices):
        """Warn whoever is responsible that a notice behind these orders is void.

        :param notices: the void notices
        """
        Activity = self.env["mail.activity"].with_context(mail_activity_quick_update=True)
        warning = self.env["ir.model.data"]._xmlid_to_res_id(VOID_TYPE)
        people = self._get_quality_people()
        Activity.create(
            [
                {
                    "activity_type_id": warning,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": production.id,
                    "user_id": people[production].id,
                    "automated": True,
                    "note": self.env._(
                        "%(notices)s: void. Finish this order for stock or for others, or "
                        "cancel it.",
                        notices=", ".join((production.quality_notice_ids & notices).mapped("name")),
                    ),
                }
                for production in self
            ]
        )

    def _discharge_quality_void(self):
        """Take the warnings back: a new notice has claimed these orders."""
        warning = self.env["ir.model.data"]._xmlid_to_res_id(VOID_TYPE)
        self.activity_ids.filtered(lambda act: act.activity_type_id.id == warning).unlink()

    def _get_quality_people(self):
        """Return who is warned about each order: dict of production → user.

        Its responsible, else the first who acts for production, else the administrator.
        """
        role = self.env["quality.role"].search([("code", "=", "production")])
        fallback = {}
        for company in self.company_id:
            users = role._get_people(company)[role][0] if role else self.env["res.users"]
            readers = users.filtered(lambda user: self.with_user(user).has_access("read"))
            fallback[company] = readers[:1] or self.env.ref("base.user_admin")
        return {mo: mo.user_id or fallback[mo.company_id] for mo in self}
