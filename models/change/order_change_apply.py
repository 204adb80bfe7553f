from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...lib.change import differ, moved
from ..blocks.rehearsal import is_rehearsal

#: Set while a change that was agreed is carried out: the guard lets it pass. An object, so that no
#: client can set it.
APPLYING = object()


class QualityOrderChange(models.Model):
    """A change comes into force: all of it, or nothing, in one transaction (C2, C3)."""

    _inherit = "quality.order.change"  # pylint: disable=R8180  # a chapter of its own

    def action_apply(self):
        """Apply approved changes: order, manufacturing, transfers, notice and review follow.

        One order after the other, under the lock of its row: of two who apply changes of one
        order at the same moment, the second one sees what the first one made of it.

        :raise AccessError: for whoever may not change the order
        :raise UserError: when a change is not approved, or no longer fits what the order says
        """
        changes = self.filtered("order_id") | self.member_ids.filtered(
            lambda member: member.state == "approved"
        )
        changes._ensure_may_change()
        for change in changes:
            change.order_id._lock_for_quality()
            change._ensure_can_apply()
        # a salesperson applies; what follows in stock and production is the procedure's
        changes.sudo()._apply()
        changes.sudo().collective_id._settle_collective()
        return True

    def _ensure_can_apply(self):
        self.ensure_one()
        if self.state != "approved":
            missing = "\n".join(self._get_missing())
            raise UserError(
                missing
                or self.env._(
                    "%(number)s is not approved, so it can't be applied.", number=self.name
                )
            )
        if misfit := self.sudo()._get_misfit():
            raise UserError(misfit)
        self.sudo()._ensure_reviewed()  # what is stale would be approved along
        self.sudo().order_id._ensure_quality_changeable()

    def _apply(self):
        for change in self:
            change._ensure_can_apply()  # the one before may have changed the same order
            outcome = change._carry_out()
            change._note_outcome(outcome)
            change._rebase_others()

    # The order of things

    def _carry_out(self):
        """Do it, and return what it made different: see lib.change.differ."""
        newest = self.env["mrp.production"].search([], order="id desc", limit=1).id or 0
        self = self.with_context(  # noqa: PLW0642
            customer_quality_applying=APPLYING,
            customer_quality_applied=self.id,
            customer_quality_horizons={"mrp.production": newest},
            mail_activity_quick_update=True,
        )
        self._ensure_delivered_kept()
        before, known = self._survey(), self.order_id.order_line
        order, review = self.order_id, self.order_id.quality_review_id
        notice = self.env["quality.production.notice"]._get_in_force(order)
        stays = self.env["mrp.production"]
        if self.needs_notice:
            started = self._settle_started()
            notice._void_for_change(self)
            idle = self._get_idle_productions(self._get_affected_lines(self._read_deltas()))
            # only what is made anew anyway may be enlarged meanwhile, see stock.rule
            self.with_context(customer_quality_replaced=idle.ids)._write_order()
            stays = notice._get_productions() - self._cancel_idle(idle, known) - started
        else:
            self._write_order()
        if order.state == "sale":
            self._follow(notice, stays, review)
        self.notice_before_id = notice[:1]
        return differ(before, self._survey())

    def _follow(self, notice, stays, review):
        """Issue the notice anew and keep what was reviewed in step with the order."""
        if self.needs_notice:
            self._move_transfers()
            self.notice_after_id = self.env["quality.production.notice"]._reissue_for(
                self, notice, stays
            )
        if not is_rehearsal(self.env):  # what is reviewed follows the order and hinders nothing
            self.review_id = review._renew_by(self)

    def _get_affected_lines(self, deltas):
        """Return the order lines whose manufacturing is planned anew."""
        order_wide = {"date", "cancel_order", "requirement"}
        lines = self.env["sale.order.line"]
        for delta in deltas:
            if delta.model == "sale.order.line" and delta.id:
                lines |= lines.browse(delta.id)
            elif delta.kind in order_wide:
                lines |= self._get_lines_of(delta)
        return lines

    def _get_lines_of(self, delta):
        """Return the lines that a difference of the order, or of a requirement, concerns."""
        ordered = self.order_id._get_quality_lines()
        if delta.field == "quality_schedule_ids":
            before = {tuple(row) for row in delta.before or ()}
            after = {tuple(row) for row in delta.after or ()}
            return ordered.filtered(lambda line: line.id in {row[0] for row in before ^ after})
        if delta.model == "quality.requirement":
            line_id = (
                self.env[delta.model].browse(delta.id).order_line_id.id
                if delta.id
                else delta.after["line"]
            )
            return ordered.filtered(lambda line: line.id == line_id) if line_id else ordered
        return ordered

    # The order itself

    def _write_order(self):
        """Give the order what was agreed; Odoo's own procurement follows."""
        order, deltas = self.order_id, self._read_deltas()
        if any(delta.kind == "cancel_order" for delta in deltas):
            order.with_context(disable_cancel_warning=True)._action_cancel()
            return
        vals = {
            delta.field: delta.after
            for delta in deltas
            if delta.model == "sale.order" and delta.field != "quality_schedule_ids"
        }
        commands = self._prepare_line_commands(deltas)
        if commands:
            vals["order_line"] = commands
        self._write_schedule(deltas)
        known = order.order_line
        if vals:
            before = {line.id: line.product_uom_qty for line in order.order_line}
            order.with_context(skip_procurement=True).write(vals)
            order._procure_quality_change(before)
        self._write_requirements(deltas)
        self._hand_over(deltas, known)

    def _prepare_line_commands(self, deltas):
        """Return what becomes of the order lines, as commands of one write."""
        written, added = defaultdict(dict), defaultdict(dict)
        for delta in deltas:
            if delta.model != "sale.order.line":
                continue
            if delta.id is None:
                added[delta.field] |= self._prepare_added_vals(delta)
            elif delta.field == "product_id":
                added[delta.id] |= self._prepare_replacement_vals(delta)
            elif delta.field == "quality_document_revision_ids":
                written[delta.id][delta.field] = [Command.set(delta.after)]
            else:
                written[delta.id][delta.field] = delta.after
        for line_id in [key for key in added if isinstance(key, int)]:
            line = self.env["sale.order.line"].browse(line_id)
            vals = written.pop(line_id, {})
            quantity = vals.pop("product_uom_qty", line.product_uom_qty) - line.qty_delivered
            added[line_id] |= {"product_uom_qty": quantity, **vals}
            written[line_id] = {"product_uom_qty": line.qty_delivered}
        for line_id, vals in written.items():
            if "product_uom_qty" in vals:
                # core would look the price up anew
                written[line_id] = self._get_agreed_price(line_id) | vals
        return [
            *(Command.update(line_id, vals) for line_id, vals in written.items()),
            *(Command.create(vals) for vals in added.values()),
        ]

    def _prepare_replacement_vals(self, delta):
        """Return the values of the line that takes another one's place: a confirmed line keeps
        its product, so the new one stands on a line of its own."""
        line = self.env["sale.order.line"].browse(delta.id)
        product = line.product_id.browse(delta.after)
        vals = {
            "product_id": product.id,
            "sequence": line.sequence,
            "customer_lead": line.customer_lead,
            **self._get_agreed_price(line.id),
            **line._prepare_quality_handover(),
        }
        if line.product_uom_id._has_common_reference(product.uom_id):
            vals["product_uom_id"] = line.product_uom_id.id
        return vals

    def _get_agreed_price(self, line_id):
        """Return what a line costs, as values: what nobody signed another price for keeps it."""
        line = self.env["sale.order.line"].browse(line_id)
        return {"price_unit": line.price_unit, "discount": line.discount}

    def _prepare_added_vals(self, delta):
        """Return the values that a difference gives to a new line."""
        vals = {name: value for name, value in delta.after.items() if name != "row"}
        if "quality_document_revision_ids" in vals:
            revision_ids = vals["quality_document_revision_ids"]
            vals["quality_document_revision_ids"] = [Command.set(revision_ids)]
        return vals

    def _write_schedule(self, deltas):
        for delta in deltas:
            if delta.field != "quality_schedule_ids":
                continue
            self.order_id.quality_schedule_ids.unlink()
            self.env["quality.delivery.schedule"].create(
                [
                    {"order_line_id": line_id, "date": date, "quantity": quantity}
                    for line_id, date, quantity in delta.after
                ]
            )

    def _write_requirements(self, deltas):
        Requirement = self.env["quality.requirement"]
        for delta in deltas:
            if delta.model != "quality.requirement":
                continue
            if delta.id is None:
                Requirement.create(
                    {
                        "order_id": self.order_id.id,
                        "order_line_id": delta.after["line"],
                        "kind": delta.after["kind"],
                        "text": delta.after["text"],
                    }
                )
            elif delta.after:
                Requirement.browse(delta.id).text = delta.after
            else:
                Requirement.browse(delta.id).unlink()

    # Manufacturing and transfers

    def _settle_started(self):
        """Do with the manufacturing orders in work what was chosen, and return those stopped."""
        stopped = self.env["mrp.production"]
        for row in self.production_ids:
            production = row.production_id
            if production.state in ("done", "cancel"):
                continue
            if row.choice == "reduce":
                production._reduce_for_quality(row.new_quantity)
            elif row.choice == "stop":
                production._stop_for_quality()
                stopped |= production
        return stopped

    def _cancel_idle(self, idle, known):
        """Cancel what was planned for this order alone and has not been started.

        Odoo's own procurement may have planned something for new lines meanwhile: the notice
        plans it, once.

        :param known: the lines that the order had before
        :return: the cancelled manufacturing orders, with what they had ordered for themselves
        """
        added = self.order_id.order_line - known
        idle |= self._get_idle_productions(added) if added else idle
        tree = idle | idle._get_quality_subtree(self.order_id)
        if tree:
            # whoever is responsible gets the new notice; no warning for each of them
            tree.with_context(skip_activity=True).action_cancel()
        return tree

    def _get_idle_productions(self, lines):
        return (
            self._get_productions_of(lines)
            ._filter_quality_idle()
            ._filter_quality_exclusive(self.order_id)
        )

    def _get_productions_of(self, lines):
        """Return the open manufacturing orders that serve ``lines``, by whatever link."""
        Production = self.env["mrp.production"]
        allocated = (
            self.env["quality.production.notice.line"]
            .search([("order_line_id", "in", lines.ids)])
            .allocation_ids.production_id
        )
        lines.move_ids._rollup_move_origs_fetch()
        reached = Production.search(
            [
                ("state", "in", ("draft", "confirmed", "progress", "to_close")),
                "|",
                ("sale_line_id", "in", lines.ids),
                ("move_finished_ids", "in", list(lines.move_ids._rollup_move_origs())),
            ]
        )
        return reached | allocated.filtered(lambda mo: mo.state not in ("done", "cancel"))

    def _move_transfers(self):
        """Plan what is still to be shipped by the date that is promised now."""
        if not any(delta.kind == "date" for delta in self._read_deltas()):
            return
        lead = self.order_id.company_id.security_lead
        for line in (
            self.order_id._get_quality_lines() - self.order_id.quality_schedule_ids.order_line_id
        ):
            due = self.order_id.commitment_date or line._expected_date()
            waiting = line.move_ids._filter_quality_transfers()._filter_quality_shipped()
            if due and waiting:
                waiting.write({"date": fields.Datetime.subtract(due, days=lead)})

    # Outcome

    def _note_outcome(self, outcome):
        """Close the change with what it made different, and say what nobody had foreseen."""
        surprises = moved(None if self.impact is False else self.impact, outcome)
        self.write(
            {
                "state": "applied",
                "date_applied": fields.Datetime.now(),
                "applied_by_id": self.env.uid,
                "outcome": outcome,
                "has_surprises": bool(surprises),
            }
        )
        self._set_phase("closed")
        self.activity_unlink(["mail.mail_activity_data_todo"])
        body = self.env._("%(number)s was applied.", number=self.name)
        if surprises:
            body += " " + self.env._(
                "Since the impact was looked at, other things have moved: see the page Outcome."
            )
        self._message_log(body=body)
        self.order_id._message_log(body=body)
        self._inform()

    def _inform(self):
        """Tell the departments that are informed only, by the kinds of the change (C1)."""
        roles = self.kind_ids.informed_role_ids
        people = roles._get_people(self.company_id)
        users = self.env["res.users"].union(*(people[role][0] for role in roles))
        self._tell(
            users.filtered(lambda user: self.with_user(user).has_access("read")),
            lambda lang: self.with_context(lang=lang).env._(
                "%(order)s was changed by %(number)s",
                order=self.order_id.name,
                number=self.name,
            ),
        )

    def _rebase_others(self):
        """Look at what else waits for this order: it stands on what the order says now (C1)."""
        others = self.search(
            [
                ("order_id", "=", self.order_id.id),
                ("id", "!=", self.id),
                ("state", "in", ("review", "approved")),
            ]
        )
        for other in others:
            misfit = other._get_misfit()
            other.write({"misfit": misfit, "impact": False, "date_impact": False})
            other._message_log(
                body=misfit
                or self.env._(
                    "%(number)s was applied first. This change still fits; look at its impact "
                    "again.",
                    number=self.name,
                )
            )
            if misfit:
                other._tell(
                    other.user_id,
                    lambda lang, other=other: other.with_context(lang=lang).env._(
                        "%(number)s no longer fits: revise it", number=other.name
                    ),
                    note=misfit,
                )
