from odoo import api, fields, models
from odoo.exceptions import UserError

#: By what means a customer consents.
MEANS = [
    ("portal", "On the page of the order"),
    ("mail", "Mail"),
    ("phone", "Phone"),
    ("chat", "Chat"),
    ("meeting", "Meeting"),
    ("letter", "Letter or fax"),
]

NAME_LENGTH = 100


class QualityOrderChange(models.Model):
    """The customer's consent to a change of ours: who, when, by what means, with a file (C2, C4).

    While it is asked for and not given, production follows the plan, and what was promised stays
    promised: nothing on the order is touched before the change is applied.
    """

    _inherit = "quality.order.change"  # pylint: disable=R8180  # a chapter of its own

    consent_state = fields.Selection(
        [
            ("none", "Not Needed"),
            ("needed", "To Ask"),
            ("asked", "Customer Was Asked"),
            ("given", "Given"),
            ("refused", "Refused"),
        ],
        "Consent",
        default="none",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    consent_by = fields.Char("Given By", readonly=True, copy=False)
    consent_means = fields.Selection(MEANS, "By", readonly=True, copy=False)
    consent_note = fields.Text("What the Customer Says", readonly=True, copy=False)
    consent_file_id = fields.Many2one(
        "ir.attachment", "Proof", readonly=True, copy=False, ondelete="restrict"
    )
    date_asked = fields.Datetime("Asked On", readonly=True, copy=False)
    date_consent = fields.Datetime("Answered On", readonly=True, copy=False)
    consent_login_id = fields.Many2one(
        "res.users", "Entered By Login", readonly=True, copy=False, ondelete="restrict"
    )
    consent_count = fields.Char("Consents", compute="_compute_consent_count")

    @api.depends("member_ids.consent_state")
    def _compute_consent_count(self):
        for change in self:
            asked = change.member_ids.filtered(lambda member: member.consent_state != "none")
            given = asked.filtered(lambda member: member.consent_state == "given")
            change.consent_count = f"{len(given)}/{len(asked)}" if asked else False

    def _needs_consent(self):
        """Tell whether the customer has to consent: to what we change of what was agreed (C2)."""
        return self.origin != "customer" and any(self.kind_ids.mapped("needs_consent"))

    def _start_consent(self):
        for change in self.filtered("order_id"):
            change.consent_state = "needed" if change._needs_consent() else "none"

    def _get_consent_missing(self):
        sentences = {
            "needed": self.env._("%(customer)s has not been asked for consent yet."),
            "asked": self.env._("%(customer)s has not answered yet."),
        }
        return [
            sentences[change.consent_state] % {"customer": change.sudo().partner_id.display_name}
            for change in self
            if change.consent_state in sentences
        ]

    def _get_customer_lines(self, with_prices=True):
        """Return what changes, in the customer's language: list of texts.

        :param with_prices: False for a mail, which everybody reads in the log of the change (M5)
        """
        self.ensure_one()
        change = self.sudo().with_context(lang=self.sudo().partner_id.lang or self.env.lang)
        kinds = {kind.code: kind.name for kind in change.kind_ids}
        texts = []
        for delta in change._read_deltas():
            said = change._describe(delta)
            if delta.is_private and not with_prices:
                texts.append(f"{kinds.get(delta.kind, '')}: {said['what'] or ''}".strip(": "))
                continue
            before, after = (
                said.get(side) or said.get(f"price_{side}") or "–" for side in ("before", "after")
            )
            texts.append(
                f"{kinds.get(delta.kind, '')}: {said['what'] or ''} {before} → {after}".strip(": ")
            )
        return texts

    # Ask

    def action_ask_consent(self):
        """Ask the customers by mail, in their language; they answer on the page of the order.

        :raise UserError: where no consent is waited for, or a customer has no mail address
        """
        changes = self.member_ids or self
        changes._ensure_may_change()
        waiting = changes.filtered(lambda change: change.consent_state in ("needed", "asked"))
        waiting = waiting.filtered(lambda change: change.state == "review")
        if not waiting:
            raise UserError(self.env._("There is no consent to ask for here."))
        waiting._ensure_reachable()
        template = self.env.ref("customer_quality.mail_template_consent")
        # the mail is the procedure's: whoever asks was checked above
        template.sudo().send_mail_batch(waiting.ids)
        waiting.sudo().write({"consent_state": "asked", "date_asked": fields.Datetime.now()})
        return True

    def _ensure_reachable(self):
        silent = self.filtered(lambda change: not change.partner_id.email)
        if silent:
            raise UserError(
                self.env._(
                    "%(customer)s has no mail address. Enter it on the contact, or ask by phone "
                    "and enter the answer.",
                    customer=silent[0].partner_id.display_name,
                )
            )

    def action_enter_consent(self):
        """Open the dialog in which the customer's answer is taken down."""
        self.ensure_one()
        self._ensure_may_change()
        self._ensure_consent_open()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("The Customer's Answer"),
            "res_model": "quality.order.change.consent",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_change_id": self.id,
                "default_person": self.partner_id.name,
            },
        }

    def _ensure_consent_open(self):
        for change in self:
            if change.state != "review" or change.consent_state not in ("needed", "asked"):
                raise UserError(
                    self.env._(
                        "%(number)s waits for no consent of the customer's.", number=change.name
                    )
                )

    # Answer

    def _answer_consent(self, agrees, person, means, note="", file=None):
        """Keep what the customer answered, and go on.

        :param agrees: bool
        :param person: who answered (str)
        :param means: one of MEANS
        :param file: dict with ``name`` and ``raw`` or ``datas``, or None
        :raise UserError: where no consent is waited for, or nobody is named
        """
        self.ensure_one()
        self._ensure_consent_open()
        person = (person or "").strip()[:NAME_LENGTH]
        if not person:
            raise UserError(self.env._("Say who answered: the consent is kept with the name."))
        if not agrees and not (note or "").strip():
            raise UserError(self.env._("Say why the change is refused, so that we can act on it."))
        change_sudo = self.sudo()  # the customer acts without a right of their own
        change_sudo.write(
            {
                "consent_state": "given" if agrees else "refused",
                "consent_by": person,
                "consent_means": means,
                "consent_note": (note or "").strip() or False,
                "consent_file_id": change_sudo._file_consent(file).id,
                "date_consent": fields.Datetime.now(),
                "consent_login_id": self.env.uid,
            }
        )
        if agrees:
            change_sudo._settle()
        else:
            change_sudo._reject(
                self.env._(
                    "The customer refuses (%(person)s): %(reason)s", person=person, reason=note
                )
            )
        change_sudo.collective_id._settle_collective()

    def _file_consent(self, file):
        if not file:
            return self.env["ir.attachment"]
        return self.env["ir.attachment"].create(
            {**file, "res_model": self._name, "res_id": self.id}
        )
