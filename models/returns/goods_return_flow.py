from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .goods_return import OFFICER


class QualityReturn(models.Model):
    """From the request to the end; what arrived and what was decided moves it on (F6)."""

    _inherit = "quality.return"  # pylint: disable=R8180  # a chapter of its own

    def _ensure_unlocked(self):
        """Freeze what is asked for, once it is authorised."""
        locked = self.filtered(lambda back: back.state != "requested")
        if locked:
            raise UserError(
                self.env._(
                    "%(number)s was authorised or ended, so it stays as it is. Ask for another "
                    "return of what is missing.",
                    number=locked[0].name,
                )
            )

    # Asking

    @api.model
    def _open_for(self, pickings):
        """Ask for a return of all that deliveries brought, and open it.

        :param pickings: stock.picking records of one customer, which the user may read
        """
        moves_sudo = pickings.sudo().move_ids  # lines of deliveries that the user may read
        lines = self.env["quality.return.line"].sudo()._prepare_delivered_vals(moves_sudo)
        if not lines:
            raise UserError(
                self.env._("There is nothing that a customer received and may still return.")
            )
        partner = pickings.sudo().partner_id.commercial_partner_id[:1]
        warehouse = moves_sudo.picking_type_id.warehouse_id[:1]
        return self._file(partner, moves_sudo.company_id[:1], warehouse, lines)

    @api.model
    def _open_for_complaint(self, complaint):
        """Ask for a return of what a complaint is about, and open it (F6, one click)."""
        complaint_sudo = complaint.sudo()  # whoever may read a complaint may read its positions
        lines = [
            {
                "product_id": line.product_id.id,
                "lot_id": line.lot_id.id,
                "move_id": line.move_id.id,
                "quantity": line.quantity,
                "defect_id": line.defect_id.id,
                "note": line.note,
            }
            for line in complaint_sudo.line_ids
            if line.product_id and line.quantity
        ]
        if not (lines and complaint_sudo.partner_id):
            raise UserError(
                self.env._(
                    "Give %(number)s a customer, and positions with product and quantity first.",
                    number=complaint_sudo.name,
                )
            )
        warehouse = complaint_sudo.line_ids.move_id.picking_type_id.warehouse_id[:1]
        vals = {
            "complaint_id": complaint.id,
            "reason": complaint_sudo.description or complaint_sudo.title,
            "customer_reference": complaint_sudo.customer_reference,
            "remedy": "credit" if complaint_sudo.remedy_sought == "credit" else "replacement",
        }
        partner = complaint_sudo.partner_id
        return self._file(partner, complaint_sudo.company_id, warehouse, lines, **vals)

    @api.model
    def _file(self, partner, company, warehouse, lines, **vals):
        self.check_access("create")
        warehouse = warehouse or self.env["stock.warehouse"].search(
            [("company_id", "=", company.id)], limit=1
        )
        back_sudo = self.sudo().create(  # what it links was read above
            {
                **vals,
                "partner_id": partner.id,
                "company_id": company.id,
                "warehouse_id": warehouse.id,
                "line_ids": [fields.Command.create(line) for line in lines],
            }
        )
        back = back_sudo.with_env(self.env)
        back.check_access("read")
        return back._get_records_action(name=self.env._("Return"))

    # Deciding on the request

    def action_authorise(self):
        """Authorise these returns: the transfers that bring the goods are created (F6).

        :raise AccessError: for whoever is no quality officer
        :raise UserError: when it was decided already, nothing is to come, or more than was
            delivered
        """
        self._ensure_officer()
        for back in self:
            back._ensure_state("requested")
            lines_sudo = back.sudo().line_ids  # deliveries are compared, not shown
            if not any(line.quantity for line in lines_sudo):
                raise UserError(
                    self.env._(
                        "Enter what comes back with %(number)s, and how much, before you "
                        "authorise it.",
                        number=back.name,
                    )
                )
            lines_sudo._check_returnable()
            back.sudo()._authorise(self.env.user.name)  # the right was checked above
        return True

    def _authorise(self, name):
        self.write(
            {
                "state": "authorised",
                "date_authorised": fields.Datetime.now(),
                "authorised_by": name,
            }
        )
        self._create_transfers()

    def action_refuse(self, reason=None):
        """Refuse returns that were asked for; the reason stays.

        :raise AccessError: for whoever is no quality officer
        :raise UserError: once it is authorised, or without a reason
        """
        self._ensure_officer()
        self._ensure_state("requested")
        self._end("refused", reason)
        return True

    def action_void(self, reason=None):
        """Void returns of which nothing has arrived; open transfers are cancelled.

        :raise AccessError: for whoever is no quality officer
        :raise UserError: once something has arrived, or without a reason
        """
        self._ensure_officer()
        self._ensure_state("requested", "authorised")
        self._end("void", reason)
        return True

    def _end(self, state, reason):
        reason = (reason or "").strip()
        if not reason:
            raise UserError(
                self.env._("Give the reason; the others can only act on what they read.")
            )
        returns_sudo = self.sudo()  # the right was checked before
        returns_sudo.write({"state": state, "why_ended": reason})
        returns_sudo._cancel_transfers()
        returns_sudo._set_phase("void" if state == "void" else "closed")
        returns_sudo.record_id._cancel_deadlines("return_inspection")

    def action_close(self):
        """Close returns that are settled.

        :raise AccessError: for whoever is no quality officer
        :raise UserError: while something is expected, to be inspected or to be decided
        """
        self._ensure_officer()
        self._ensure_state("settled")
        self.sudo().state = "closed"  # the right was checked above
        self._set_phase("closed")
        return True

    # What moves it on

    def _settle(self):
        """Follow what arrived, was inspected and was decided, in sudo."""
        for back in self.filtered(
            lambda b: b.state in ("authorised", "received", "inspected", "settled")
        ):
            reached = back._get_reached()
            if reached != back.state:
                back._reach(reached)

    def _get_reached(self):
        """Return the state that follows from transfers, inspections and decisions."""
        self.ensure_one()
        arrived, is_expecting = self._get_arrived(), self._is_expecting()
        if not arrived:
            return "authorised" if is_expecting else "requested"
        inspections = self.inspection_ids.filtered(lambda sheet: sheet.state != "void")
        if (
            is_expecting
            or self._get_uninspected()
            or any(s.state in ("draft", "signing") for s in inspections)
        ):
            return "received"
        return "settled" if all(s.state == "settled" for s in inspections) else "inspected"

    def _reach(self, state):
        was = self.state
        vals = {"state": state}
        if state == "received" and not self.date_received:
            vals["date_received"] = fields.Datetime.now()
        if state == "requested":
            vals |= {"date_authorised": False, "authorised_by": False}
        self.write(vals)
        if state == "requested":
            self._message_log(
                body=self.env._(
                    "All transfers of this return were cancelled. Authorise it anew, or refuse it."
                )
            )
        if state == "received" and was != "received":
            role = self.env["quality.role"]._get_ids_by_code()["quality"]
            self.env["quality.deadline"]._start(
                [{"record_id": self.record_id.id, "kind": "return_inspection", "role_id": role}]
            )
        elif was == "received":
            self.record_id._meet_deadlines("return_inspection")

    def _get_uninspected(self):
        """Return what arrived and stands on no inspection sheet yet.

        :return: dict of (product, lot) → quantity in the product's unit, only what is left
        """
        self.ensure_one()
        left = {}
        for row in self._get_arrived().move_line_ids:
            key = (row.product_id, row.lot_id)
            left[key] = left.get(key, 0.0) + row.quantity_product_uom
        for line in self.inspection_ids.filtered(lambda s: s.state != "void").line_ids:
            key = (line.product_id, line.lot_id)
            left[key] = left.get(key, 0.0) - line.received
        return {
            (product, lot): quantity
            for (product, lot), quantity in left.items()
            if product.uom_id.compare(quantity, 0.0) > 0
        }

    # Checks and views

    def _ensure_officer(self):
        """Check that quality decides.

        :raise AccessError: for whoever is no quality officer, or may not see these returns
        """
        if not (self.env.su or self.env.user.has_group(OFFICER)):
            raise AccessError(
                self.env._("Returns are authorised, inspected and decided on by quality officers.")
            )
        self.check_access("read")

    def _ensure_state(self, *states):
        wrong = self.filtered(lambda back: back.state not in states)
        if wrong:
            titles = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(number)s is “%(state)s”, so this step is not its next one. Reload the page.",
                    number=wrong[0].name,
                    state=titles[wrong[0].state],
                )
            )

    def action_open_end(self):
        """Ask in a dialog why these returns are refused, or void once authorised."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refuse or Void"),
            "res_model": "quality.return.end",
            "view_mode": "form",
            "target": "new",
            "context": {"default_return_ids": self.ids},
        }

    def action_inspect(self):
        """Open the sheet on which what arrived is inspected, started where there is none (F6).

        :raise AccessError: for whoever is no quality officer
        :raise UserError: while nothing has arrived that is not inspected
        """
        self.ensure_one()
        self._ensure_officer()
        back_sudo = self.sudo()  # the right was checked above
        sheet = back_sudo.inspection_ids.filtered(lambda s: s.state in ("draft", "signing"))[:1]
        sheet = sheet or back_sudo.inspection_ids._start_for(back_sudo)
        return sheet.with_env(self.env)._get_records_action(name=self.env._("Inspection"))

    def action_view_inspections(self):
        """Open the inspections of these returns."""
        sheets = self.env["quality.return.inspection"].search([("return_id", "in", self.ids)])
        return sheets._get_records_action(name=self.env._("Inspections"))

    def action_view_pickings(self):
        """Open the transfers of these returns."""
        pickings_sudo = self.sudo().picking_ids  # who may open them is asked by the screen
        return pickings_sudo.sudo(self.env.su)._get_records_action(name=self.env._("Transfers"))

    def action_view_orders(self):
        """Open the orders whose goods come back."""
        return self.order_ids._get_records_action(name=self.env._("Sales Orders"))

    def action_view_complaint(self):
        """Open the complaint from which these returns follow."""
        return self.complaint_id._get_records_action(name=self.env._("Complaint"))


class QualityReturnEnd(models.TransientModel):
    """Why a return is refused, or void."""

    _name = "quality.return.end"
    _description = "Refuse or Void a Return"

    return_ids = fields.Many2many("quality.return", required=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Refuse what was asked for; void what was authorised."""
        self.ensure_one()
        asked = self.return_ids.filtered(lambda back: back.state == "requested")
        asked.action_refuse(self.reason)
        (self.return_ids - asked).action_void(self.reason)
        return {"type": "ir.actions.act_window_close"}
