import logging

from odoo import api, models

from ..complaint.complaint_mail import AUTOMATIC, NO_ANSWER

_logger = logging.getLogger(__name__)

#: Where mails about complaints end up.
OURS = frozenset({"quality.complaint", "quality.complaint.mailbox"})


class MailThread(models.AbstractModel):
    """Mails to an address for complaints (F1). All others pass as ever."""

    _inherit = "mail.thread"

    @api.model
    def _routing_check_route(self, message, message_dict, route, raise_exception=True):
        """Keep answers with their complaint, and machines from complaining."""
        route = super()._routing_check_route(message, message_dict, route, raise_exception)
        if route and route[0] == "quality.complaint" and not route[1]:
            return self.env["quality.complaint"]._reroute_mail(message, message_dict, route)
        return route

    @api.model
    def _detect_loop_sender(self, message, message_dict, routes):
        """Refuse too many mails of one sender; a machine is not even told so."""
        if self._is_ours(routes) and self._is_machine(message, message_dict):
            self = self.with_context(**{NO_ANSWER: True})  # noqa: PLW0642
        return super()._detect_loop_sender(message, message_dict, routes)

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        """Tell the complaint that a machine wrote: its headers are not known further on."""
        if self._is_ours(routes) and self._is_machine(message, message_dict):
            self = self.with_context(**{AUTOMATIC: True})  # noqa: PLW0642
        return super()._message_route_process(message, message_dict, routes)

    @api.model
    def _routing_create_bounce_email(self, email_from, body_html, message, **mail_values):
        if self.env.context.get(NO_ANSWER):
            _logger.info("Not answered, for a machine wrote it: %s", message.get("Message-Id"))
            return None
        return super()._routing_create_bounce_email(email_from, body_html, message, **mail_values)

    @api.model
    def _is_machine(self, message, message_dict):
        return self.env["quality.complaint"]._is_from_machine(message, message_dict)

    @api.model
    def _is_ours(self, routes):
        return bool(routes) and all(route[0] in OURS for route in routes)
