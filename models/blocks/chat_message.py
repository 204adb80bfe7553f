import base64
import hashlib
import hmac
import logging
import time
from datetime import timedelta
from urllib.parse import quote_plus

import requests

from odoo import api, fields, models

_logger = logging.getLogger(__name__)

#: Seconds to wait for the chat service.
TIMEOUT = 10

#: Minutes to wait before each further try; then the message is given up.
RETRY_AFTER = (1, 5, 30, 120)


class QualityChatMessage(models.Model):
    """A message to the company's chat group, queued until it is delivered (M4).

    Queued in the transaction of what it tells, sent by a scheduled action after the commit. A row
    is marked before it is sent and never tried again where it may have arrived: a message can be
    lost in a crash, but never comes twice. It holds a number and a link, no price (M5).
    """

    _name = "quality.chat.message"
    _description = "Chat Message"
    _order = "id desc"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    text = fields.Text(required=True, readonly=True)
    state = fields.Selection(
        [
            ("queued", "Queued"),
            ("sending", "Being Sent"),
            ("sent", "Sent"),
            ("failed", "Given Up"),
        ],
        default="queued",
        required=True,
        readonly=True,
    )
    tries = fields.Integer(readonly=True)
    date_next = fields.Datetime("Next Try", default=fields.Datetime.now, readonly=True)
    error = fields.Char(readonly=True)

    _queued_idx = models.Index("(date_next) WHERE state = 'queued'")

    @api.model
    def _post(self, texts, company):
        """Queue messages for the chat group of ``company``, if it has one.

        :param texts: list of str, each one message
        :param company: res.company record, whose group is told
        :return: the queued messages
        """
        # whoever causes an event tells the group, without any right to the queue
        settings = company.sudo()
        if settings.quality_chat_kind == "none" or not settings.quality_chat_url:
            return self.browse()
        messages_sudo = self.sudo().create(
            [{"company_id": company.id, "text": text} for text in texts]
        )
        self.env["quality.record"]._wake("customer_quality.ir_cron_chat_send")
        return messages_sudo.sudo(self.env.su)

    @api.model
    def _cron_send(self):
        """Send what is queued and due, each message claimed, marked and sent by itself."""
        cron = self.env["ir.cron"]
        self._give_up_lost()
        due = self.search(
            [("state", "=", "queued"), ("date_next", "<=", fields.Datetime.now())], order="id"
        )
        cron._commit_progress(remaining=len(due))
        for message in due:
            message = message[0]  # a commit empties the cache: don't read the whole queue again
            if message._claim():
                cron._commit_progress()  # marked before it leaves the house
                message._send()
            if not cron._commit_progress(1):
                break

    def _claim(self):
        """Mark the message as being sent; False where another server has it."""
        message = self.try_lock_for_update().filtered(lambda m: m.state == "queued")
        message.write({"state": "sending", "tries": self.tries + 1})
        return bool(message)

    def _send(self):
        try:
            answer = requests.post(
                self.company_id._get_quality_chat_address(),
                json=self._prepare_body(),
                timeout=TIMEOUT,
            )
            answer.raise_for_status()
            self._read_answer(answer.json())
        except (requests.RequestException, ValueError) as error:
            _logger.info("Chat message %s was not accepted: %s", self.id, type(error).__name__)
            if self._has_surely_not_arrived(error):
                self._retry(error)
            else:
                self._give_up(self.env._("No answer: it may have arrived or not."))

    @api.model
    def _has_surely_not_arrived(self, error):
        """Tell whether the service refused the message or was never reached."""
        if isinstance(error, (requests.ConnectTimeout, requests.HTTPError)):
            return True
        if isinstance(error, requests.RequestException):
            return "NewConnectionError" in repr(error)  # no connection came about
        return True  # the service answered with an error code

    def _prepare_body(self):
        """Return the message as the service wants it (JSON-able dict)."""
        if self.company_id.quality_chat_kind == "feishu":
            return {"msg_type": "text", "content": {"text": self.text}}
        return {"msgtype": "text", "text": {"content": self.text}}

    def _read_answer(self, answer):
        """Mark the message as sent.

        :raise ValueError: where the service answers with an error code
        """
        code = answer.get("errcode", answer.get("code", 0))
        if code:
            raise ValueError(str(answer.get("errmsg") or answer.get("msg") or code))
        self.write({"state": "sent", "error": False})

    def _retry(self, error):
        """Try again later, or give up.

        The address is a secret: of the error only its kind is kept, or what the service said.
        """
        is_answer = isinstance(error, ValueError) and not isinstance(
            error, requests.RequestException
        )
        reason = str(error) if is_answer else type(error).__name__
        if self.tries > len(RETRY_AFTER):
            self._give_up(reason)
            return
        wait = timedelta(minutes=RETRY_AFTER[self.tries - 1])
        self.write({"state": "queued", "error": reason, "date_next": fields.Datetime.now() + wait})

    def _give_up(self, reason):
        self.write({"state": "failed", "error": reason})

    @api.model
    def _give_up_lost(self):
        """Close what a crash left half-way: it may have arrived, so it is not sent again."""
        lost = self.search(
            [
                ("state", "=", "sending"),
                ("write_date", "<", fields.Datetime.now() - timedelta(minutes=15)),
            ]
        )
        lost._give_up(self.env._("The server stopped while sending: it may have arrived or not."))

    @api.autovacuum
    def _gc_sent(self):
        """Forget messages a month old."""
        old = fields.Datetime.now() - timedelta(days=30)
        self.search([("create_date", "<", old), ("state", "in", ("sent", "failed"))]).unlink()


def sign_dingtalk(url, secret, now=None):
    """Return DingTalk's webhook address with the time and its signature.

    :param url: str, the address of the robot
    :param secret: str, the robot's secret
    :param now: float, seconds since the epoch; the present by default
    """
    moment = str(round((time.time() if now is None else now) * 1000))
    digest = hmac.new(secret.encode(), f"{moment}\n{secret}".encode(), hashlib.sha256).digest()
    return f"{url}&timestamp={moment}&sign={quote_plus(base64.b64encode(digest))}"
