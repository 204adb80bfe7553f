from odoo import api, fields, models

from .distribution import spread


class QualityProductionNoticeAllocation(models.Model):
    """How much of a manufacturing order is meant for a line of a notice.

    One manufacturing order may serve several notices, and one line several orders. The sum is
    kept when orders are split, backordered or merged.
    """

    _name = "quality.production.notice.allocation"
    _description = "Allocation of a Manufacturing Order"
    _order = "line_id, id"
    _check_company_auto = True

    line_id = fields.Many2one(
        "quality.production.notice.line",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    notice_id = fields.Many2one(related="line_id.notice_id", store=True, index=True)
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)
    production_id = fields.Many2one(
        "mrp.production",
        "Manufacturing Order",
        readonly=True,
        index=True,
        ondelete="set null",
        check_company=True,
    )
    production_name = fields.Char(
        "Number of the Manufacturing Order",
        compute="_compute_production_name",
        store=True,
        help="Kept when a manufacturing order in draft or cancelled is deleted.",
    )
    quantity = fields.Float(digits="Product Unit", required=True, readonly=True)
    uom_id = fields.Many2one(related="line_id.uom_id")
    is_own = fields.Boolean(
        "Created by the Notice",
        readonly=True,
        help="The manufacturing order was created for this notice.",
    )
    notice_revision = fields.Integer(related="notice_id.revision")
    notice_state = fields.Selection(related="notice_id.state", string="Notice Status")
    order_id = fields.Many2one(related="notice_id.record_id.order_id")
    date_due = fields.Datetime(related="line_id.date_due")
    production_state = fields.Selection(related="production_id.state", string="Status")

    _line_uniq = models.UniqueIndex(
        "(line_id, production_id)", "A line names each manufacturing order once."
    )
    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "An allocation without quantity says nothing."
    )

    @api.depends("production_id.name")
    def _compute_production_name(self):
        for allocation in self:
            allocation.production_name = allocation.production_id.name or allocation.production_name

    @api.depends("notice_id.name", "production_name")
    def _compute_display_name(self):
        for allocation in self:
            allocation.display_name = f"{allocation.notice_id.name} → {allocation.production_name}"

    @api.model
    def _add(self, given, is_own):
        """Allocate manufacturing orders to lines, on top of what is allocated already.

        :param given: list of (line, production, quantity)
        :param is_own: the manufacturing orders were created for these lines
        """
        known = {
            (allocation.line_id, allocation.production_id): allocation
            for line, _production, _quantity in given
            for allocation in line.allocation_ids
        }
        vals_list = []
        for line, production, quantity in given:
            if (line, production) in known:
                known[line, production].quantity += quantity
                continue
            vals_list.append(
                {
                    "line_id": line.id,
                    "production_id": production.id,
                    "quantity": quantity,
                    "is_own": is_own,
                }
            )
        claimed = self.create(vals_list).production_id
        claimed._discharge_quality_void()
        claimed.filtered("is_outside_notice").is_outside_notice = False

    # Split and merge

    def _spread(self, parts):
        """Follow a manufacturing order into the orders that it was cut into.

        :param parts: mrp.production records, the original one first
        """
        shares = [(allocation, allocation.quantity) for allocation in self.sorted("id")]
        placed = spread(shares, [(part, part.product_uom_qty) for part in parts])
        self._replace([(share, part, quantity) for share, part, quantity in placed])

    def _move_to(self, production):
        """Follow manufacturing orders into the one that they were merged into.

        :param production: mrp.production record
        """
        merged = self.browse()
        for allocations in self.grouped("line_id").values():
            merged |= allocations[0]
            allocations[0].write(
                {
                    "quantity": sum(allocations.mapped("quantity")),
                    "is_own": all(allocations.mapped("is_own")),
                    "production_id": production.id,
                }
            )
        (self - merged).unlink()

    def _replace(self, placed):
        """Write where each allocation went: list of (allocation, production, quantity)."""
        seen, vals_list = set(), []
        for allocation, production, quantity in placed:
            vals = {"production_id": production.id, "quantity": quantity}
            if allocation in seen:
                vals_list.append(
                    {"line_id": allocation.line_id.id, "is_own": allocation.is_own, **vals}
                )
            else:
                seen.add(allocation)
                allocation.write(vals)
        self.create(vals_list)

    # Void

    def _release(self):
        """Let go of the manufacturing orders of void notices.

        Cancels those that were created for them alone and have not been started; whoever is
        responsible for another one that is still open decides what becomes of it.
        """
        live = self.production_id.filtered(lambda mo: mo.state not in ("done", "cancel"))
        unwanted = live._filter_quality_idle() & self._get_own_productions()
        unwanted.action_cancel()
        (live - unwanted)._warn_quality_void(self.notice_id)

    def _get_own_productions(self):
        """Return the manufacturing orders that exist for the notices of these alone.

        One that was made larger than what notices claim serves somebody else as well.
        """
        others = self.search(
            [("production_id", "in", self.production_id.ids), ("id", "not in", self.ids)]
        )
        foreign = self.filtered(lambda allocation: not allocation.is_own).production_id
        shared = others.filtered(lambda other: other.notice_state != "void").production_id
        larger = self.production_id.filtered(
            lambda mo: mo._has_quality_surplus(mo.quality_allocation_ids)
        )
        return self.production_id - foreign - shared - larger
