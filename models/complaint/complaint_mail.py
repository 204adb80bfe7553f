import logging

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, html2plaintext
from odoo.tools.mail import email_split_tuples

from ...lib.codes import find_codes, with_cases
from ...lib.mail_headers import is_automatic
from .complaint import RUNNING

_logger = logging.getLogger(__name__)

#: Context key: a machine sent the mail that is being processed; read where it becomes a message.
AUTOMATIC = "customer_quality_automatic"

#: Context key: nothing is sent back for the mail that is being processed.
NO_ANSWER = "customer_quality_no_answer"

MAX_TITLE = 250
MAX_WORDS = 20_000


def clean(text):
    """Return a text that the database can hold: no zero bytes, no halves of characters."""
    return str(text or "").replace("\x00", "").encode("utf-8", "replace").decode()


class QualityComplaint(models.Model):
    """Complaints by e-mail (F1): a mail becomes a complaint, an answer stays with its complaint.

    What a mail says is text and never run. A mail that can't be understood is registered as it
    is; what a machine wrote registers nothing and is answered by nobody.
    """

    _inherit = "quality.complaint"  # pylint: disable=R8180  # a chapter of its own

    # Where it goes

    @api.model
    def _reroute_mail(self, message, message_dict, route):
        """Send a mail that would become a new complaint to where it belongs.

        :param message: EmailMessage
        :param message_dict: dict of what was parsed of it
        :param route: tuple (model, thread id, defaults, user id, alias)
        :return: a route, or () where the mail is refused in silence
        """
        model, _thread_id, defaults, user_id, alias = route
        company = self._get_mail_company(defaults)
        if self._is_from_machine(message, message_dict):
            Mailbox = self.env["quality.complaint.mailbox"]
            box = Mailbox._get_for(company).get(company)
            _logger.info("No complaint, but an automatic mail: %s", message_dict["message_id"])
            return (Mailbox._name, box.id, {}, user_id, None) if box else ()
        known = self._find_by_number(message_dict, company)
        return (model, known.id, defaults, user_id, alias) if known else route

    @api.model
    def _get_mail_company(self, defaults):
        company_id = (defaults or {}).get("company_id")
        return self.env["res.company"].browse(company_id) or self.env.company

    @api.model
    def _is_from_machine(self, message, message_dict):
        """Tell whether a mail is an automatic one, or comes from an address of our own.

        Senders on Odoo's list of allowed addresses are systems that customers complain with.
        """
        sender = email_normalize(message_dict.get("email_from") or "")
        if sender and self.env["mail.alias.domain"].sudo()._find_aliases([sender]):
            return True
        if not is_automatic(message):
            return False
        allowed = self.env["mail.gateway.allowed"].sudo()  # as Odoo's own gateway asks it
        return not sender or not allowed.search_count([("email_normalized", "=", sender)], limit=1)

    @api.model
    def _find_by_number(self, message_dict, company):
        """Return the complaint that the subject names, for its customer only, in sudo."""
        codes = find_codes(message_dict.get("subject"))
        sender = email_normalize(message_dict.get("email_from") or "")
        if not codes or not sender:
            return self.sudo().browse()
        named = self.sudo().search(  # the gateway looks for it; nobody is told
            [("name", "in", with_cases(codes)), ("company_id", "=", company.id)], order="id desc"
        )
        customer = self._find_sender(sender, company).commercial_partner_id
        return named.filtered(
            lambda complaint: (
                email_normalize(complaint.email_from or "") == sender
                or (customer and complaint.commercial_partner_id == customer)
            )
        )[:1]

    @api.model
    def _find_sender(self, sender, company):
        """Return the contact of an address, in sudo; empty where it is unknown.

        :param sender: str, normalized
        """
        partners = self.env["res.partner"].sudo()  # the gateway reads for nobody in particular
        if not sender:
            return partners
        return partners.search(
            [("email_normalized", "=", sender), ("company_id", "in", [False, company.id])],
            order="company_id, parent_id, id",
            limit=1,
        )

    # New and known

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Register a mail as a complaint; what can't be linked is registered without links (F1).

        Odoo's own method would take the subject for the number of the document.
        """
        self._clean_mail(msg_dict)
        company = self._get_mail_company(custom_values)
        complaints = self.with_company(company)
        vals = {
            **complaints._prepare_mail_vals(msg_dict),
            **(custom_values or {}),
            "company_id": company.id,
        }
        return complaints._register_mail(msg_dict, vals, company)

    @api.model
    def _register_mail(self, msg_dict, vals, company):
        partner = self._find_sender(vals["email_from"], company)
        is_ours = bool(partner) and not partner.partner_share
        customer = partner.browse() if is_ours else partner
        texts = (msg_dict.get("subject"), vals["description"])
        found = self._recognise(texts, company, customer, trusted=is_ours)
        linked = {
            "partner_id": customer.id,
            "phone": customer.phone,
            **self._prepare_recognised_vals(found),
        }
        try:
            with self.env.cr.savepoint():
                complaint = self.create({**vals, **linked})
                complaint.flush_recordset()
                complaint._note_recognised(found)
        except UserError as error:  # ValidationError is one: no link is worth a lost complaint
            _logger.warning("A mail is registered without links: %s", error)
            complaint = self.create(vals)
        return complaint

    @api.model
    def _prepare_mail_vals(self, msg_dict):
        """Return what a mail says by itself: subject, words and sender."""
        sender = msg_dict.get("email_from") or ""
        names = [name for name, _address in email_split_tuples(sender) if name]
        words = html2plaintext(msg_dict.get("body") or "").strip()
        title = " ".join((msg_dict.get("subject") or "").split())[:MAX_TITLE]
        channel = self.env["ir.model.data"]._xmlid_to_res_id("customer_quality.channel_mail")
        return {
            "title": title or self.env._("Mail without subject"),
            "description": words[:MAX_WORDS],
            "email_from": email_normalize(sender) or sender,
            "contact_name": names[:1] and names[0],
            "channel_id": channel,
        }

    @api.model
    def _clean_mail(self, msg_dict):
        """Take out of a parsed mail what the database can't hold, in place."""
        for name in ("subject", "email_from"):
            if msg_dict.get(name):
                msg_dict[name] = clean(msg_dict[name])
        body = msg_dict.get("body") or ""
        if clean(body) != body:
            msg_dict["body"] = type(body)(clean(body))
        msg_dict["attachments"] = [
            file._replace(fname=clean(file.fname)) for file in msg_dict.get("attachments") or ()
        ]

    def message_update(self, msg_dict, update_vals=None):
        """Keep an answer with its complaint, see :meth:`message_post`."""
        self._clean_mail(msg_dict)
        return super().message_update(msg_dict, update_vals)

    # Messages

    def message_post(self, **kwargs):
        """Tell who is responsible what the customer writes, by mail or on the portal (F3).

        What a machine answers is kept as a note and tells nobody.
        """
        if kwargs.get("message_type") == "email" and self.env.context.get(AUTOMATIC):
            note = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note")
            return super().message_post(**{**kwargs, "subtype_id": note, "partner_ids": []})
        if not self._is_from_customer(kwargs):
            return super().message_post(**kwargs)
        owner_sudo = self.sudo().user_id.filtered("active")  # told whoever writes
        told = [*(kwargs.get("partner_ids") or []), *owner_sudo.partner_id.ids]
        message = super().message_post(**{**kwargs, "partner_ids": told})
        self._on_customer_wrote()
        return message

    def _is_from_customer(self, kwargs):
        """Tell whether a message comes from outside and is no note."""
        if kwargs.get("message_type") not in ("email", "comment"):
            return False
        ref = self.env["ir.model.data"]._xmlid_to_res_id
        subtype = kwargs.get("subtype_id") or (
            kwargs.get("subtype_xmlid") and ref(kwargs["subtype_xmlid"])
        )
        if subtype != ref("mail.mt_comment"):
            return False
        author = self.env["res.partner"].sudo().browse(kwargs.get("author_id") or [])
        if not author and kwargs["message_type"] == "comment":
            author = self.env.user.sudo().partner_id
        return not author or author.partner_share

    def _on_customer_wrote(self):
        """Ask who is responsible what becomes of words that came after the answer (F3).

        What is closed stays closed until somebody reopens it; while the customer is waited for,
        their words may end the waiting.
        """
        self.ensure_one()
        goes_on = self.sudo().duplicate_of_id or self.sudo()  # told whoever writes
        if self.sudo().is_waiting:
            goes_on._alert_owner(
                self.env._("The customer wrote. Does it go on? The clock stands still.")
            )
        elif self.state == "answered":
            goes_on._alert_owner(self.env._("The customer wrote after the answer"))
        elif self.state not in RUNNING:
            goes_on._alert_owner(
                self.env._("The customer wrote on %(number)s. Reopen it?", number=self.name)
            )

    def _alert_owner(self, summary):
        """Ask the responsible to look at it, once for the same reason; in sudo."""
        self.ensure_one()
        owner = self.user_id.filtered("active")
        known = self.activity_ids.filtered(
            lambda activity: activity.summary == summary and activity.user_id == owner
        )
        if owner and not known:
            self.with_context(mail_activity_quick_update=True).activity_schedule(
                "mail.mail_activity_data_todo", summary=summary, user_id=owner.id
            )

    def _message_receive_bounce(self, email, partner):
        """Note what came back, for the customer has not read it (F3)."""
        result = super()._message_receive_bounce(email, partner)
        for complaint in self.sudo():  # the gateway tells
            complaint._note(
                self.env._("A mail to %(address)s came back: it was not delivered.", address=email)
            )
            if complaint.state in RUNNING:
                complaint._alert_owner(
                    self.env._("A mail to %(address)s was not delivered", address=email)
                )
        return result

    def _notify_get_reply_to_batch(self, defaults=None, author_ids=None):
        """Let customers answer to the mailbox of complaints, where the company has one."""
        result = super()._notify_get_reply_to_batch(defaults=defaults, author_ids=author_ids)
        boxes = self.env["quality.complaint.mailbox"]._get_for(self.sudo().company_id)
        for complaint in self.sudo():
            box = boxes.get(complaint.company_id)
            if box and box.alias_email:
                result[complaint.id] = self._notify_get_reply_to_formatted_email(
                    box.alias_email, author_id=(author_ids or {}).get(complaint.id, False)
                )
        return result
