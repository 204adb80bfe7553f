from odoo import api, models

from ..change.difference import Difference

#: What is agreed in a line, and what takes a line out of the agreement: see DESIGN of the guard.
AGREED_FIELDS = frozenset(
    {
        "product_id",
        "product_uom_qty",
        "product_uom_id",
        "product_no_variant_attribute_value_ids",
        "customer_lead",
        "order_id",
        "quality_document_revision_ids",
        "price_unit",
        "discount",
        "tax_ids",
    }
)

#: Set while a line is being made: what it is given then is one addition. An object, so that no
#: client can set it.
MAKING = object()

#: Marks by which a line is no promise of goods; core's own modules bring some of them.
EXEMPTING_FIELDS = frozenset({"is_delivery", "is_downpayment", "is_expense", "reward_id"})


class SaleOrderLine(models.Model):
    """What was agreed in a line of a reviewed, confirmed order (C5).

    Values are compared, not writes: the same quantity written again, or in another unit, is no
    change.
    """

    _inherit = "sale.order.line"  # pylint: disable=R8180  # a chapter of its own

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse new goods on an order whose content is agreed (C5).

        Core's own lines pass: those without quantity, delivery, down payment, reward, sections.

        :raise UserError: naming the line
        """
        making = self.with_context(customer_quality_making=MAKING)
        lines = super(SaleOrderLine, making).create(vals_list).with_env(self.env)
        lines.order_id._guard_quality(lines._get_quality_additions())
        return lines

    def write(self, vals):
        """Refuse to change what is agreed on a reviewed, confirmed order (C5).

        :raise UserError: naming what differs
        """
        is_made = self.env.context.get("customer_quality_making") is not MAKING
        if is_made and not (AGREED_FIELDS | EXEMPTING_FIELDS).isdisjoint(vals):
            self.order_id._guard_quality(self._get_quality_differences(vals))
        return super().write(vals)

    def unlink(self):
        """Refuse to delete what is agreed on a reviewed, confirmed order (C5).

        Core lets what is marked as a down payment be deleted, goods too.

        :raise UserError: naming the line
        """
        guarded = self.order_id._filter_quality_guarded()
        self.order_id._guard_quality(
            [
                Difference(line.order_id, line, "cancel", line._format_quality_quantity(), "")
                for line in self
                if line.order_id in guarded and line.product_uom_qty and line._is_quality_promised()
            ]
        )
        return super().unlink()

    # What differs

    def _get_quality_additions(self):
        """Return the differences that these new lines make: list of Difference."""
        guarded = self.order_id._filter_quality_guarded()
        return [
            Difference(line.order_id, line, "add", "", line._format_quality_quantity())
            for line in self
            if line.order_id in guarded and line._is_quality_promised() and line.product_uom_qty
        ]

    def _get_quality_differences(self, vals):
        """Return what writing ``vals`` would change of what is agreed: list of Difference."""
        orders = self.order_id._filter_quality_guarded()
        differences = []
        for line in self.filtered(lambda line: line.order_id in orders):
            if line._is_quality_promised():
                differences += line._get_quality_changes(vals)
            elif line._is_quality_promise_made(vals):
                after = line._format_quality_quantity(vals)
                differences.append(Difference(line.order_id, line, "add", "", after))
        return differences + self._get_quality_arrivals(vals)

    def _get_quality_arrivals(self, vals):
        """Return the lines that would move into a guarded order from elsewhere."""
        target = self.env["sale.order"].browse(vals.get("order_id"))
        arriving = self.filtered(lambda line: line.order_id != target) if target else self.browse()
        if not arriving or not target._filter_quality_guarded():
            return []
        return [
            Difference(target, line, "add", "", line._format_quality_quantity(vals))
            for line in arriving
            if line._is_quality_promised()
        ]

    def _get_quality_changes(self, vals):
        """Return what ``vals`` would change of this one promised line: list of Difference."""
        if self._is_quality_promise_dropped(vals):
            before = self._format_quality_quantity()
            return [Difference(self.order_id, self, "cancel", before, "")]
        changes = []
        if self._is_quality_product_changed(vals):
            after = self.product_id.browse(vals.get("product_id", self.product_id.id))
            changes.append(
                Difference(
                    self.order_id, self, "product", self.product_id.display_name, after.display_name
                )
            )
        if self._is_quality_quantity_changed(vals):
            changes.append(
                Difference(
                    self.order_id,
                    self,
                    "quantity" if vals.get("product_uom_qty", self.product_uom_qty) else "cancel",
                    self._format_quality_quantity(),
                    self._format_quality_quantity(vals),
                )
            )
        return [
            *changes,
            *self._get_quality_price_change(vals),
            *self._get_quality_lead_change(vals),
            *self._get_quality_drawing_change(vals),
        ]

    def _get_quality_price_change(self, vals):
        """Return the change of what the line costs (C1): without any amount (M5)."""
        if "tax_ids" in vals and self._is_quality_choice_changed("tax_ids", vals):
            return [Difference(self.order_id, self, "price", "", "")]
        for name in ("price_unit", "discount"):
            if name not in vals:
                continue
            if not self._is_quality_same_value(name, self[name], vals[name]):
                return [Difference(self.order_id, self, "price", "", "")]
        return []

    def _get_quality_lead_change(self, vals):
        """Return the change of lead time where it is what tells the date of delivery."""
        if "customer_lead" not in vals or self.order_id.commitment_date:
            return []
        if (vals["customer_lead"] or 0.0) == self.customer_lead:
            return []
        texts = [
            self.env._("%(days)g days", days=days)
            for days in (self.customer_lead, vals["customer_lead"] or 0.0)
        ]
        return [Difference(self.order_id, self, "date", *texts)]

    def _get_quality_drawing_change(self, vals):
        """Return the change of the drawings by which the line is made (L1)."""
        name = "quality_document_revision_ids"
        if not self._is_quality_choice_changed(name, vals):
            return []
        before = self.sudo()[name]
        chosen = self._fields[name].convert_to_cache(vals[name], self, validate=False)
        texts = [
            ", ".join(revisions.mapped("display_name"))
            for revisions in (before, before.browse(chosen))
        ]
        return [Difference(self.order_id, self, "requirement", *texts)]

    def _is_quality_product_changed(self, vals):
        if "product_id" in vals and (vals["product_id"] or False) != self.product_id.id:
            return True
        return self._is_quality_choice_changed("product_no_variant_attribute_value_ids", vals)

    def _is_quality_choice_changed(self, name, vals):
        """Tell whether ``vals`` would choose others in a many2many field."""
        if name not in vals:
            return False
        chosen = self._fields[name].convert_to_cache(vals[name], self, validate=False)
        return set(chosen or ()) != set(self.sudo()[name].ids)

    def _is_quality_quantity_changed(self, vals):
        if vals.keys().isdisjoint({"product_uom_qty", "product_uom_id"}):
            return False
        unit = self._get_quality_unit(vals)
        quantity = vals.get("product_uom_qty", self.product_uom_qty) or 0.0
        if unit == self.product_uom_id:
            return bool(unit.compare(quantity, self.product_uom_qty))
        if not (unit and self.product_uom_id) or not unit._has_common_reference(
            self.product_uom_id
        ):
            return True
        same = unit._compute_quantity(quantity, self.product_uom_id, round=False)
        return bool(self.product_uom_id.compare(same, self.product_uom_qty))

    def _get_quality_unit(self, vals):
        if "product_uom_id" in vals:
            return self.product_uom_id.browse(vals["product_uom_id"] or ())
        return self.product_uom_id

    def _format_quality_quantity(self, vals=None):
        """Return quantity, unit and product of the line as they are, or as ``vals`` would make
        them, in the words of a refusal."""
        vals = vals or {}
        return self.env._(
            "%(quantity)g %(unit)s",
            quantity=vals.get("product_uom_qty", self.product_uom_qty) or 0.0,
            unit=self._get_quality_unit(vals).name or "",
        ).strip()

    # What is no promise of goods

    def _is_quality_promised(self):
        """Tell whether the line promises something: not core's own lines (see create)."""
        return self._is_quality_ordered()

    def _is_quality_ordered(self):
        """Tell whether the line is of the order itself, and none of core's own (see create)."""
        return not (
            self.display_type
            or self._is_only_downpayment()
            or self._is_quality_delivery()
            or self._is_quality_expense()
            or self._is_quality_reward()
            or self._is_quality_repair()
        )

    def _is_quality_date_bound(self, date):
        """Tell whether another date of the order would change what is agreed in this line.

        :param date: the other date (datetime, or False)
        """
        self.ensure_one()
        return self._is_quality_promised()

    def _is_quality_added_by_core(self):
        """Tell whether core may have added the line to a confirmed order: it promises nothing."""
        self.ensure_one()
        return not self.display_type and not (self.product_uom_qty and self._is_quality_ordered())

    def _is_quality_delivery(self):
        """Tell whether the line is what a carrier costs; goods are no such thing."""
        return self._is_delivery() and self.product_id.type == "service"

    def _is_quality_expense(self):
        """Tell whether a cost is invoiced on, of a product for which core does that."""
        return self.is_expense and self.product_id.expense_policy not in (False, "no")

    def _is_quality_reward(self):
        """Tell whether core's loyalty programmes give the line, and this product with it."""
        if "reward_id" not in self._fields or not self.reward_id:
            return False
        reward_sudo = self.sudo().reward_id  # whoever writes on the order need not read programmes
        return self.product_id in (
            reward_sudo.discount_line_product_id | reward_sudo.reward_product_ids
        )

    def _is_quality_repair(self):
        """Tell whether core's repairs give the line: a part that a repair of the order uses."""
        if "repair_id" not in self.env["stock.move"]._fields:
            return False
        moves_sudo = self.sudo().move_ids  # whoever writes on the order need not see moves
        return bool(moves_sudo) and all(
            move.repair_id.sale_order_id == self.order_id for move in moves_sudo
        )

    def _is_quality_promise_dropped(self, vals):
        """Tell whether ``vals`` would take the promised line out of the agreement."""
        moved = "order_id" in vals and (vals["order_id"] or False) != self.order_id.id
        return moved or any(
            vals.get(name) and not self[name]
            for name in EXEMPTING_FIELDS & vals.keys() & self._fields.keys()
        )

    def _is_quality_promise_made(self, vals):
        """Tell whether ``vals`` would make a promise out of one of core's own lines."""
        unmarked = any(
            self[name] and not vals[name]
            for name in EXEMPTING_FIELDS & vals.keys() & self._fields.keys()
        )
        product = self.product_id.browse(vals.get("product_id", self.product_id.id) or ())
        return unmarked or (product.type == "consu" and self.product_id.type != "consu")
