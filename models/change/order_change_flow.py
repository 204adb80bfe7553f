from odoo import fields, models
from odoo.exceptions import UserError

from .order_change import OVER


class QualityOrderChange(models.Model):
    """How a change is decided: reviewed by whom it concerns, consented to, approved (C1 to C4)."""

    _inherit = "quality.order.change"  # pylint: disable=R8180  # a chapter of its own

    # Request

    def action_request(self):
        """Submit: rehearse the change, ask the departments that it concerns, and the customer.

        :raise AccessError: for whoever may not change the order
        :raise UserError: when something is missing, or nobody can review
        """
        for change in self:
            change._ensure_may_change()
            change._ensure_can_request()
        for change in self:
            change._predict()
        # nobody writes an entry directly; the right was checked above
        self.sudo()._request()
        return True

    def _ensure_can_request(self):
        self.ensure_one()
        self._ensure_draft()
        if self.collective_id:
            raise UserError(
                self.env._(
                    "%(number)s is part of %(entry)s. Submit that one.",
                    number=self.name,
                    entry=self.collective_id.name,
                )
            )
        self._ensure_reasoned()
        for member in self._get_running_members() or self:
            member.sudo()._ensure_something_changes()
            member.sudo()._ensure_started_chosen()
            member.sudo().production_ids._ensure_possible()

    def _ensure_started_chosen(self):
        """Refuse to guess what becomes of manufacturing orders in work (C2).

        :raise UserError: naming them
        """
        unseen = self._get_started_productions() - self.production_ids.production_id
        if unseen:
            raise UserError(
                self.env._(
                    "%(orders)s: in work already. Choose Show Impact, say under “In Work” what "
                    "becomes of them, then submit.",
                    orders=", ".join(unseen.mapped("name")),
                )
            )

    def _ensure_reasoned(self):
        if not (self.reason or "").strip():
            raise UserError(
                self.env._("Write the reason: it is what is signed, and what an auditor reads.")
            )
        if self.origin != "customer" and not self.cause_id:
            raise UserError(
                self.env._("Choose the cause: a change of ours is counted by what made it.")
            )

    def _ensure_something_changes(self):
        self.order_id._ensure_quality_changeable()
        self._ensure_reviewed()
        kinds = {delta.kind for delta in self._get_deltas()}
        if not kinds:
            raise UserError(
                self.env._(
                    "%(number)s changes nothing on %(order)s yet. Enter what becomes different.",
                    number=self.name,
                    order=self.order_id.name,
                )
            )
        self.env["quality.change.kind"]._ensure_covered(kinds, self.company_id)
        self._ensure_delivered_stays()
        self._ensure_schedule_adds_up()

    def _ensure_delivered_stays(self):
        """Refuse to order less than what is delivered already.

        :raise UserError: naming the product
        """
        if self.cancels_order:
            self._ensure_nothing_left()
            return
        for row in self.line_ids.filtered(lambda row: row.order_line_id and not row.cancels):
            if row.uom_id.compare(row.new_quantity, row.delivered) < 0:
                raise UserError(
                    self.env._(
                        "%(delivered)g of %(product)s are delivered already. Enter a quantity that "
                        "is not below, or take the goods back first.",
                        delivered=row.delivered,
                        product=row.product_id.display_name,
                    )
                )

    def _ensure_nothing_left(self):
        """Refuse to cancel an order as a whole of which goods are delivered: they stay ordered.

        :raise UserError: naming the product
        """
        delivered = self.order_id._get_quality_lines().filtered(
            lambda line: line.product_uom_id.compare(line.qty_delivered, 0.0) > 0
        )
        if delivered:
            raise UserError(
                self.env._(
                    "%(delivered)g of %(product)s are delivered already, so %(order)s can't be "
                    "cancelled as a whole. Cancel its lines: what is delivered stays ordered.",
                    delivered=delivered[0].qty_delivered,
                    product=delivered[0].product_id.display_name,
                    order=self.order_id.name,
                )
            )

    def _ensure_delivered_kept(self):
        """Refuse to order less than what left since the change was submitted.

        :raise UserError: naming the product
        """
        deltas = self._read_deltas()
        if any(delta.kind == "cancel_order" for delta in deltas):
            self._ensure_nothing_left()
        ordered = {delta.id: delta.after for delta in deltas if delta.field == "product_uom_qty"}
        replaced = {delta.id for delta in deltas if delta.field == "product_id" and delta.id}
        for line in self.order_id.order_line.filtered(
            lambda line: line.id in {*ordered, *replaced}
        ):
            delivered = min(line.qty_delivered, line.product_uom_qty)
            kept = ordered.get(line.id, line.product_uom_qty)
            # of what is replaced something has to be left
            if line.product_uom_id.compare(kept, delivered) < (line.id in replaced):
                raise UserError(
                    self.env._(
                        "%(delivered)g of %(product)s are delivered already, so %(number)s can't "
                        "be carried out. Withdraw it and request another change.",
                        delivered=line.qty_delivered,
                        product=line.product_id.display_name,
                        number=self.name,
                    )
                )

    def _ensure_reviewed(self):
        """Refuse to change what is not settled itself (B6).

        :raise UserError: while the review of the order runs, or its approval is stale
        """
        review = self.order_id.quality_review_id
        if not review or review.state == "void":
            return
        if refusal := review._get_refusal():
            raise UserError(
                self.env._(
                    "%(refusal)s Then change the order: what is changed must be known.",
                    refusal=refusal,
                )
            )

    def _ensure_schedule_adds_up(self):
        for line in self.line_ids.order_line_id.filtered("quality_schedule_ids"):
            row = self.line_ids.filtered(lambda row, line=line: row.order_line_id == line)
            if row.cancels or self.cancels_order:
                continue
            planned = sum(
                self.delivery_ids.filtered(
                    lambda delivery, line=line: delivery.order_line_id == line
                ).mapped("quantity")
            )
            if planned and line.product_uom_id.compare(planned, row.new_quantity):
                raise UserError(
                    self.env._(
                        "The new delivery schedule of %(product)s comes to %(planned)g, the new "
                        "quantity is %(quantity)g. Correct one of them.",
                        product=line.product_id.display_name,
                        planned=planned,
                        quantity=row.new_quantity,
                    )
                )

    def _request(self):
        for change in self:
            change._get_running_members()._freeze()
            change._freeze()
        asking = self | self._get_running_members()
        asking.write({"state": "review", "date_requested": fields.Datetime.now()})
        self.requested_by_id = self.env.uid
        asking._start_consent()
        for change in self:
            change.opinion_ids._request(change._prepare_opinions_vals())
        self._post_to_chat()
        self._settle()

    def _prepare_opinions_vals(self):
        """Return the values of the opinions that are asked for, one per role concerned (C1)."""
        item = self.env.ref("customer_quality.template_order_change_item")
        people = self._get_reviewing_roles()._get_applicable_people(self.company_id)
        self.env["quality.contract.review"]._ensure_roles_can_answer(self.company_id, people)
        if not people:
            raise UserError(
                self.env._(
                    "Nobody would review this change: none of the roles that it concerns is "
                    "there in %(company)s. Ask a quality manager to set the kinds of change up.",
                    company=self.company_id.name,
                )
            )
        return [
            {
                "record_id": self.record_id.id,
                "role_id": role.id,
                "item_id": item.id,
                "sequence": item.sequence,
                "user_id": self._get_asked_user(role, users),
            }
            for role, (users, _employees) in people.items()
        ]

    def _get_reviewing_roles(self):
        """Return the roles that review: by the kinds of the change; everybody whom the review
        of the order asked, where a kind says so."""
        roles = self.kind_ids.role_ids
        if any(self.kind_ids.mapped("asks_everybody")):
            orders = (self | self.member_ids).order_id
            roles |= orders.quality_review_id.template_id.item_ids.role_id
        return roles.sudo(False)

    def _get_asked_user(self, role, users):
        """Return the id of who is asked first: the salesperson of the order answers for sales."""
        if role.code == "sales" and self.user_id in users:
            return self.user_id.id
        return users[:1].id

    # Decide

    def _on_duties_signed(self, duties):
        """Settle; two who answer last at the same moment are settled by the scheduled action."""
        self._settle()
        if any(change.state == "review" for change in self):
            self.env["quality.record"]._wake("customer_quality.ir_cron_change_settle")
        return super()._on_duties_signed(duties)

    def _settle(self):
        """Move each change on as far as answers and consents allow."""
        for change_sudo in self.sudo():  # the answers decide, not the rights of who came last
            if change_sudo.state != "review":
                continue
            asked = change_sudo.opinion_ids.filtered(lambda opinion: opinion.state != "void")
            if asked._get_objections():
                change_sudo._reject(change_sudo._get_objection_text(asked))
            elif change_sudo._is_reviewed():
                change_sudo._settle_consents()

    def _is_reviewed(self):
        """Tell whether everybody who was asked has agreed."""
        asked = (self | self.collective_id).opinion_ids.filtered(lambda o: o.state != "void")
        return bool(asked) and all(opinion.state == "done" for opinion in asked)

    def _settle_consents(self):
        """Approve those of the orders whose customers agree, or need not be asked (C2)."""
        if self.member_ids:
            for member in self.member_ids:
                member._settle()
            self._settle_collective()
        elif self.consent_state in ("none", "given"):
            self._approve()

    def _settle_collective(self):
        """Close entries of which every order is applied, refused or withdrawn."""
        for entry in self.filtered(lambda entry: entry.state not in OVER):
            states = set(entry.member_ids.mapped("state"))
            if states and states <= set(OVER):
                entry._finish(next(state for state in OVER if state in states))

    def _finish(self, state):
        self.opinion_ids._void()
        self.write({"state": state, "date_decided": fields.Datetime.now()})
        self._set_phase("closed")

    def _approve(self):
        self.write({"state": "approved", "date_decided": fields.Datetime.now()})
        self._create_condition_actions()
        self._tell(self.user_id, lambda lang: self.with_context(lang=lang)._get_approved_summary())

    def _get_approved_summary(self):
        return self.env._(
            "%(number)s is approved: apply it to %(order)s",
            number=self.name,
            order=self.order_id.name,
        )

    def _create_condition_actions(self):
        """Make an action of each condition that somebody agreed with (B1)."""
        conditions = self.opinion_ids.filtered(lambda opinion: opinion.answer == "condition")
        self.env["quality.action"]._create_for(
            [
                {
                    "name": opinion.reason,
                    "source_record_id": self.record_id.id,
                    "role_id": opinion.role_id.id,
                    "user_id": opinion.user_id.id,
                }
                for opinion in conditions
            ]
        )

    def _reject(self, reason):
        self._retire("rejected")
        self._message_log(body=reason)
        self._tell(
            self.user_id,
            lambda lang: self.with_context(lang=lang).env._(
                "%(number)s was not agreed to: revise or withdraw it", number=self.name
            ),
            note=reason,
        )

    def _get_objection_text(self, opinions):
        return "\n".join(
            self.env._("%(role)s objects: %(reason)s", role=o.role_id.name, reason=o.reason)
            for o in opinions._get_objections()
        )

    def _tell(self, users, get_summary, note=False):
        """Create one activity on this change for each of ``users``.

        :param get_summary: function of a language that returns its text
        """
        todo = self.env["ir.model.data"]._xmlid_to_res_id("mail.mail_activity_data_todo")
        # told by the procedure
        Activity = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True)
        Activity.create(
            [
                {
                    "activity_type_id": todo,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": self.id,
                    "user_id": user.id,
                    "summary": get_summary(user.lang),
                    "note": note,
                    "automated": True,
                    "date_deadline": fields.Date.context_today(self),
                }
                for user in users
            ]
        )

    # Scheduled action

    def _cron_settle(self):
        """Settle changes that got their last answers at the same moment."""
        answered = self.search(
            [
                ("state", "=", "review"),
                ("record_id", "not any", [("opinion_ids.state", "=", "open")]),
            ]
        )
        self.env["quality.contract.review"]._settle_in_batches(
            answered, lambda change: change._settle()
        )
