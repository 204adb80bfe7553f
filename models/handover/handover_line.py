from odoo import api, fields, models
from odoo.exceptions import AccessError

#: What a line can be: kind → model. Each is written in one go per successor.
KINDS = {
    "customer": "res.partner",
    "order": "sale.order",
    "record": "quality.record",
    "opinion": "quality.opinion",
    "receipt": "quality.acknowledgement",
    "action": "quality.action",
    "deadline": "quality.deadline",
    "role": "quality.role.assignment",
}

#: Nobody is told of each line by mail: successors have signed the list.
QUIET = {"mail_auto_subscribe_no_notify": True, "mail_notrack": True}


class QualityHandoverLine(models.Model):
    """One thing that is open with the leaver, and who takes it over (K3)."""

    _name = "quality.handover.line"
    _description = "Line of a Handover"
    _order = "handover_id, kind, id"

    handover_id = fields.Many2one(
        "quality.handover", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="handover_id.company_id", store=True)
    state = fields.Selection(related="handover_id.state")
    kind = fields.Selection(
        [
            ("customer", "Customer"),
            ("order", "Sales Order"),
            ("record", "Document"),
            ("opinion", "Opinion"),
            ("receipt", "Receipt"),
            ("action", "Action"),
            ("deadline", "Deadline"),
            ("role", "Role"),
        ],
        required=True,
        readonly=True,
    )
    name = fields.Char("What", required=True, readonly=True)
    res_id = fields.Integer("Record", required=True, readonly=True, aggregator=None)
    date_due = fields.Date("Due", readonly=True)
    successor_id = fields.Many2one(
        "res.users",
        "Takes Over",
        ondelete="restrict",
        domain=[("share", "=", False)],
        help="Where it is not who takes over all the rest.",
    )
    is_handed_over = fields.Boolean(
        "Handed Over",
        readonly=True,
        help="Not set where it was settled, or had gone to somebody else, before all had signed.",
    )

    _thing_uniq = models.UniqueIndex("(handover_id, kind, res_id)", "This is on the list already.")

    def write(self, vals):
        """Name another successor, while the list is open.

        :raise AccessError: when neither the head nor a quality manager writes, or when more
            than the successor would change
        """
        if not self.env.su:
            if vals.keys() - {"successor_id"}:
                raise AccessError(self.env._("What is open is collected. Name who takes it over."))
            self.handover_id._ensure_may_manage()
            self.handover_id._ensure_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        """Lines are left out while the list is open, by who makes it out."""
        if not self.env.su:
            self.handover_id._ensure_may_manage()
        self.handover_id._ensure_draft()

    def _get_successor(self):
        self.ensure_one()
        return self.successor_id or self.handover_id.successor_id

    def _get_content(self):
        return [self.kind, self.res_id, self.name, self.successor_id.id or 0]

    def _get_things(self):
        """Return what these lines of one kind stand for, as far as it still exists."""
        return self.env[KINDS[self[:1].kind]].browse(self.mapped("res_id")).exists()

    def action_open(self):
        """Open what the line stands for, by the reader's own rights."""
        self.ensure_one()
        things = self._get_things()
        things.check_access("read")
        if self.kind in ("opinion", "receipt", "deadline"):
            return things.record_id.action_open_document()
        if self.kind == "record":
            return things.action_open_document()
        return things._get_records_action(name=self.name)

    # Changing hands (in sudo: by the procedure, after all have signed)

    def _hand_over(self):
        """Give what is still open with the leaver to the successors, in batches."""
        for (kind, leaver, successor), lines in self.grouped(
            lambda line: (line.kind, line.handover_id.leaver_id, line.successor_id)
        ).items():
            # what was settled meanwhile, or went to somebody else, stays where it is
            things = lines._get_things().filtered_domain(lines._get_open_domain(kind, leaver))
            getattr(self, f"_give_{kind}", self._give)(things.with_context(**QUIET), successor)
            lines.filtered(lambda line, ids=things.ids: line.res_id in ids).is_handed_over = True
            lines._log_on(things)

    def _get_open_domain(self, kind, leaver):
        return self.handover_id._get_domains(leaver)[kind]

    def _give(self, things, successor):
        things.write({"user_id": successor.id})

    def _give_opinion(self, things, successor):
        """Move duties with their activities and deadlines."""
        leaver = things.user_id
        records = things.record_id
        things.write({"user_id": successor.id})
        self.env["mail.activity"]._search_duties(records).filtered(
            lambda activity: activity.user_id in leaver
        ).unlink()
        things._mirror_activities()

    def _give_receipt(self, things, successor):
        self._give_opinion(things, successor)

    def _give_action(self, things, successor):
        """Write the owner once for all, on the anchors."""
        things.record_id.write({"user_id": successor.id})
        things._on_owner_changed()

    def _give_role(self, things, successor):
        leaver = self.handover_id.leaver_id
        things.write({"user_ids": [(3, leaver.id), (4, successor.id)]})

    def _log_on(self, things):
        if things and isinstance(things, self.env.registry["mail.thread"]):
            handover = self.handover_id
            text = self.env._(
                "Handed over from %(leaver)s to %(successor)s by %(number)s: %(reason)s",
                leaver=handover.leaver_id.name,
                successor=self.successor_id.name,
                number=handover.name,
                reason=handover.reason,
            )
            things._message_log_batch({thing.id: text for thing in things})
