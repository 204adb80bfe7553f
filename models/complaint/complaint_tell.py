import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize

_logger = logging.getLogger(__name__)

#: Context key, set by whoever registers what a machine sent: such a message is never acknowledged,
#: or two machines would answer each other for ever.
AUTOMATIC = "customer_quality_automatic"

#: Set by the composers below: the message that is posted tells the customer something.
TOLD = "customer_quality_complaint_told"

ACKNOWLEDGE = "customer_quality.mail_template_complaint_acknowledge"
PROGRESS = "customer_quality.mail_template_complaint_progress"
REJECTED = "customer_quality.mail_template_complaint_rejected"
CLOSED = "customer_quality.mail_template_complaint_closed"
TASK = "customer_quality.mail_activity_type_complaint_tell"

#: States in which the customer waits to hear how it goes on.
UNSOLVED = ("registered", "accepted", "investigating", "solving")


class QualityComplaint(models.Model):
    """What the customer is told: received, how it goes on, rejected, closed (F3, F5, F8)."""

    _inherit = "quality.complaint"  # pylint: disable=R8180  # a chapter of its own

    date_acknowledged = fields.Datetime("Acknowledged On", readonly=True, copy=False)
    date_told = fields.Datetime(
        "Customer Last Heard from Us", readonly=True, copy=False, help="By mail from here."
    )
    is_untold = fields.Boolean(
        "Customer Waits to Hear from Us", compute="_compute_is_untold", search="_search_is_untold"
    )
    end_told = fields.Selection(
        [("due", "To tell"), ("told", "Told")],
        "Customer Told of the End",
        readonly=True,
        copy=False,
    )

    @api.depends("state", "is_waiting", "date_told", "date_received")
    def _compute_is_untold(self):
        limits = {c: c.sudo()._get_quality_untold_limit() for c in self.company_id}
        for complaint in self:
            limit = limits.get(complaint.company_id)
            heard = complaint.date_told or complaint.date_received
            waits = complaint.state in UNSOLVED and not complaint.is_waiting
            complaint.is_untold = bool(waits and limit and heard and heard < limit)

    def _search_is_untold(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        domains = []
        for company in self.env.companies:
            limit = company.sudo()._get_quality_untold_limit()
            if limit:
                told = Domain("date_told", "<", limit)
                never = Domain("date_told", "=", False) & Domain("date_received", "<", limit)
                domains.append(Domain("company_id", "=", company.id) & (told | never))
        running = Domain("state", "in", UNSOLVED) & Domain("is_waiting", "=", False)
        return running & Domain.OR(domains)

    # Queue

    def _get_mail_address(self):
        """Return where the customer is written to: who reported it, else the customer."""
        self.ensure_one()
        return self.email_from or self.sudo().partner_id.email  # whoever sees the complaint

    def _get_mail_lang(self):
        """Return the language of mails: the customer's, else the company's (code)."""
        self.ensure_one()
        complaint_sudo = self.sudo()  # a language is no secret to whoever sees the complaint
        return complaint_sudo.partner_id.lang or complaint_sudo.company_id.partner_id.lang

    def _get_mail_partner(self, address=None):
        """Return the contact of the customer behind an address, in sudo; empty where none is."""
        self.ensure_one()
        partner_sudo = self.sudo().partner_id
        normalized = email_normalize(address or self._get_mail_address() or "")
        if not (partner_sudo and normalized):
            return partner_sudo.browse()
        if partner_sudo.email_normalized == normalized:
            return partner_sudo
        family = Domain("commercial_partner_id", "=", self.commercial_partner_id.id)
        return partner_sudo.search(family & Domain("email_normalized", "=", normalized), limit=1)

    def _get_mail_url(self):
        """Return the address of the customer's page, or False where there is none."""
        self.ensure_one()
        if "access_token" not in self._fields:
            return False
        return self.get_base_url() + self.sudo().get_portal_url()  # the token is part of the mail

    def _queue_mail(self, xmlid):
        """Queue one mail per complaint, in this transaction; what fails becomes a task (in sudo).

        A template that somebody broke, or a missing address, stops no step.

        :param xmlid: external id of the mail template
        :return: the complaints whose mail is queued
        """
        reachable = self.filtered(lambda complaint: complaint._get_mail_address())
        sent = reachable._queue_batch(xmlid)
        if not sent and len(reachable) > 1:  # one by one only after a failure
            for complaint in reachable:
                sent |= complaint._queue_batch(xmlid)
        (self - sent)._ask_to_tell()
        if sent:
            sent.date_told = fields.Datetime.now()
            self.env["quality.record"]._wake("mail.ir_cron_mail_scheduler_action")
        return sent

    def _queue_batch(self, xmlid):
        if not self:
            return self
        try:
            with self.env.cr.savepoint():
                self.env.ref(xmlid).send_mail_batch(self.ids)
        except Exception:  # a template that somebody edited or deleted
            _logger.warning("Could not write to the customers of %s", self.ids, exc_info=True)
            return self.browse()
        return self

    def _ask_to_tell(self):
        """Ask the owners to tell their customers by hand (in sudo)."""
        kind = self.env["ir.model.data"]._xmlid_to_res_id(TASK)
        owned = [(c, c.user_id or c.salesperson_id) for c in self]
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": kind,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": complaint.id,
                    "user_id": owner.id,
                    "summary": complaint._get_tell_summary(owner),
                    "automated": True,
                    "date_deadline": fields.Date.context_today(self),
                }
                for complaint, owner in owned
                if owner
            ]
        )

    def _get_tell_summary(self, owner):
        env = self.with_context(lang=owner.lang).env
        if self.state == "rejected":
            return env._("Rejected: tell the customer why")
        if self.state == "closed":
            return env._("Closed: tell the customer")
        return env._("No mail reached the customer: tell them by another way")

    # Acknowledge

    @api.model_create_multi
    def create(self, vals_list):
        """Acknowledge what was registered, where the company does so at once (F1, F3).

        The context key ``customer_quality_automatic`` says that a machine sent it: nothing is
        answered then.
        """
        complaints = super().create(vals_list)
        if not self.env.context.get(AUTOMATIC):
            complaints.sudo()._acknowledge("registered")  # follows from the registration
        return complaints

    def _acknowledge(self, moment):
        """Queue the acknowledgement, once per complaint (in sudo).

        :param moment: ``registered`` or ``accepted``; done where the company has set it so
        """
        due = self.filtered(
            lambda complaint: (
                complaint.company_id.quality_complaint_acknowledge == moment
                and not complaint.date_acknowledged
                and complaint.state == moment
            )
        )
        if not due:
            return
        sent = due._queue_mail(ACKNOWLEDGE)
        now = fields.Datetime.now()
        sent.date_acknowledged = now
        sent.record_id._meet_deadlines("complaint_acknowledge")
        if moment == "registered":  # who is known has our word with it
            known = sent.filtered("partner_id")
            known.write({"state": "accepted", "date_accepted": now})
            known._on_accepted()

    def _on_accepted(self):
        self._acknowledge("accepted")
        self._start_promise("complaint_progress")
        return super()._on_accepted()

    # Progress

    def action_tell_progress(self):
        """Open a ready mail that tells the customer how far we are, in their language (F3).

        :raise AccessError: for whoever may neither handle nor answer it
        :raise UserError: once it is over
        """
        self.ensure_one()
        self._ensure_may_answer()
        self._ensure_running()
        return self._open_composer(PROGRESS, self.env._("Tell the Customer How Far We Are"))

    def action_note_told(self, who, text):
        """Note that the customer was told by another way than by mail, e.g. on the phone (F3).

        :param who: str, who was told
        :param text: str, what was said
        :raise AccessError: for whoever may neither handle nor answer it
        :raise UserError: without person or words
        """
        self._ensure_may_answer()
        if not ((who or "").strip() and (text or "").strip()):
            raise UserError(self.env._("Say who was told, and what."))
        self._note(self.env._("%(person)s was told: %(text)s", person=who, text=text))
        for complaint in self:
            complaint.sudo()._on_told()  # follows from the note; the right was checked
        return True

    def action_tell_end(self):
        """Open the ready mail about the rejection or the end, in the customer's language.

        :raise AccessError: for whoever may neither handle nor answer it
        """
        self.ensure_one()
        self._ensure_may_answer()
        template = REJECTED if self.state == "rejected" else CLOSED
        return self._open_composer(template, self.env._("Tell the Customer"))

    def _open_composer(self, xmlid, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_composition_mode": "comment",
                "default_template_id": self.env["ir.model.data"]._xmlid_to_res_id(xmlid),
                "force_email": True,
                TOLD: self.id,
            },
        }

    def message_post(self, **kwargs):
        """Note that the customer heard from us.

        The context key ``customer_quality_complaint_told``, set by the composers, names the
        complaint that the message is about.
        """
        message = super().message_post(**kwargs)
        told = self.env.context.get(TOLD)
        if told and self.ids == [told] and self._filter_answered_by_user():
            # closing the task posts too: that message tells nobody
            self.sudo().with_context(**{TOLD: False})._on_told()
        return message

    def _on_told(self):
        """Note that the customer heard from us just now (in sudo)."""
        self.date_told = fields.Datetime.now()
        self.filtered(lambda complaint: complaint.end_told == "due").end_told = "told"
        self.activity_feedback([TASK])
        self.record_id._meet_deadlines("complaint_progress")
        unsolved = self.filtered(lambda complaint: complaint.state in UNSOLVED[1:])
        unsolved._start_promise("complaint_progress")

    def _on_answered(self):
        self.date_told = fields.Datetime.now()
        self.record_id._meet_deadlines("complaint_progress")
        return super()._on_answered()

    # The end

    def _end(self, state, phase, reason):
        result = super()._end(state, phase, reason)
        if state == "rejected":
            self.sudo()._tell_end(REJECTED)  # follows from the step, which was checked
        return result

    def _on_closed(self):
        self.record_id._cancel_deadlines("complaint_progress")
        self._filter_untold_end()._tell_end(CLOSED)
        return super()._on_closed()

    def _filter_untold_end(self):
        """Hook: leave out those who hear of the end in another way (in sudo)."""
        return self

    def _tell_end(self, xmlid):
        """Tell the customers of the end, or ask the owners to, as the company has set (in sudo)."""
        by_way = self.grouped(lambda c: c.company_id.quality_complaint_tell_end)
        drafts = by_way.get("draft", self.browse())
        drafts._ask_to_tell()
        queued = by_way.get("automatic", self.browse())
        sent = queued._queue_mail(xmlid)
        sent.end_told = "told"
        (drafts | (queued - sent)).end_told = "due"

    # What came back

    def _message_receive_bounce(self, email, partner):
        """What came back was not read: ask the owner to tell the customer by another way (F3)."""
        self.sudo()._on_undelivered()  # whatever brought the bounce has no right to complaints
        return super()._message_receive_bounce(email, partner)

    def _on_undelivered(self):
        """The customer did not get the last mail (in sudo)."""
        self.date_told = False
        kind = self.env["ir.model.data"]._xmlid_to_res_id(TASK)
        asked = self.activity_ids.filtered(lambda task: task.activity_type_id.id == kind)
        self.filtered(lambda c: c.id not in asked.mapped("res_id"))._ask_to_tell()
