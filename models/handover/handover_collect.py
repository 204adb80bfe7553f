from odoo import fields, models
from odoo.fields import Domain

from .handover_line import KINDS


class QualityHandover(models.Model):
    """What is open with somebody: the chapter about the list (K3)."""

    _inherit = "quality.handover"  # pylint: disable=R8180  # a chapter of its own

    def _get_domains(self, leaver):
        """Return what is open with ``leaver`` in the company of this handover.

        :param leaver: res.users record
        :return: dict of kind of line → Domain over its model
        """
        self.ensure_one()
        mine = Domain("user_id", "=", leaver.id)
        own = mine & Domain("company_id", "=", self.company_id.id)
        running = Domain("state", "=", "sale") & (
            Domain("delivery_status", "in", ("pending", "started", "partial"))
            | Domain("invoice_status", "=", "to invoice")
        )
        return {
            "customer": mine & Domain("company_id", "in", (self.company_id.id, False)),
            "order": own & (Domain("state", "in", ("draft", "sent")) | running),
            # actions are listed by themselves; a handover is its own document
            "record": own
            & Domain("phase", "=", "open")
            & Domain("res_model", "not in", ("quality.action", "quality.handover")),
            "opinion": own
            & Domain("state", "=", "open")
            & Domain("record_id", "!=", self.record_id.id),
            "receipt": own & Domain("state", "=", "open"),
            "action": Domain("owner_id", "=", leaver.id)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("state", "=", "open"),
            # those of opinions, receipts and actions follow them
            "deadline": own
            & Domain("state", "in", ("open", "warned", "missed", "escalated"))
            & Domain("kind_id.is_duty", "=", False)
            & Domain("kind_id.code", "!=", "action"),
            "role": Domain("company_id", "=", self.company_id.id)
            & Domain("user_ids", "in", leaver.ids),
        }

    def _collect(self):
        """List anew what is open, a query or two per kind; in sudo."""
        named = {
            (line.kind, line.res_id): line.successor_id.id
            for line in self.line_ids
            if line.successor_id
        }
        vals_list = [
            {**vals, "successor_id": named.get((vals["kind"], vals["res_id"]))}
            for kind, domain in self._get_domains(self.leaver_id).items()
            for vals in self._prepare_lines_vals(kind, self.env[KINDS[kind]].search(domain))
        ]
        self.line_ids.unlink()
        self.env["quality.handover.line"].create(vals_list)

    def _prepare_lines_vals(self, kind, things):
        return [
            {
                "handover_id": self.id,
                "kind": kind,
                "res_id": thing.id,
                "name": self._get_line_name(kind, thing),
                "date_due": self._get_line_date(kind, thing),
            }
            for thing in things
        ]

    def _get_line_name(self, kind, thing):
        if kind in ("opinion", "receipt"):
            what = thing.question if kind == "opinion" else thing.role_id.name
            return f"{thing.record_id.name}: {what or thing.role_id.name}"
        if kind == "order":
            return f"{thing.name} ({thing.partner_id.display_name})"
        return thing.display_name

    def _get_line_date(self, kind, thing):
        if kind == "order":
            return fields.Date.to_date(thing.commitment_date)
        if kind in ("action", "deadline"):
            return fields.Date.to_date(thing.date_due)
        return False
