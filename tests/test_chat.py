from unittest.mock import patch

import requests

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..models.blocks.chat_message import RETRY_AFTER, sign_dingtalk
from .common import QualityCase

POST = "odoo.addons.customer_quality.models.blocks.chat_message.requests.post"
URL = "https://chat.example.com/robot?key=secret"


class Answer:
    def __init__(self, content, status=200):
        self.content, self.status = content, status

    def raise_for_status(self):
        if self.status >= 400:
            raise requests.HTTPError(f"{self.status} for {URL}")

    def json(self):
        return self.content


@tagged("post_install", "-at_install")
class TestChat(QualityCase):
    """M4: number and link go to the company's chat group, where it has one."""

    def _switch_on(self, kind="wecom", secret=False):
        self.company.write(
            {"quality_chat_kind": kind, "quality_chat_url": URL, "quality_chat_secret": secret}
        )

    def _messages(self):
        return self.env["quality.chat.message"].search([("company_id", "=", self.company.id)])

    def _send(self, **answer):
        """Run the scheduled action with the service answering so; return what it was sent."""
        with (
            patch(POST, **answer) as post,
            self.enter_registry_test_mode(),
        ):
            self.env.ref("customer_quality.ir_cron_chat_send").method_direct_trigger()
        self.env.invalidate_all()
        return post

    def test_nothing_is_posted_by_default(self):
        """M4: off by default."""
        self._request_review(self._create_order())
        self.assertFalse(self._messages())

    def test_a_requested_review_is_posted_with_number_and_link_but_no_price(self):
        """M4, M5: what is asked and where, never an amount."""
        self._switch_on()
        self.product.list_price = 4321
        review = self._request_review(self._create_order())
        message = self._messages()
        self.assertIn(review.name, message.text)
        self.assertIn(f"/quality/work/{review.record_id.id}", message.text)
        self.assertNotIn("4321", message.text.replace(",", ""))
        post = self._send(return_value=Answer({"errcode": 0}))
        self.assertEqual(message.state, "sent")
        self.assertEqual(post.call_args.kwargs["json"]["text"]["content"], message.text)
        self._send(side_effect=AssertionError("sent twice"))

    def test_a_notice_is_posted_when_it_is_issued_and_when_it_is_void(self):
        """M4: nobody on a shop floor reads e-mail."""
        self._switch_on()
        self.company.quality_notice_on_confirm = True
        order = self._create_order()
        self._confirm(order)
        notice = self.env["quality.production.notice"].search([("order_id", "=", order.id)])
        self.assertIn(notice.name, self._messages()[:1].text)
        order._action_cancel()
        self.assertIn("void", self._messages()[:1].text)

    def test_what_the_service_refuses_is_tried_again_and_then_given_up(self):
        """M4: a message is not lost for a moment's trouble."""
        self._switch_on()
        self._request_review(self._create_order())
        message = self._messages()
        for tries in range(1, len(RETRY_AFTER) + 1):
            self._send(return_value=Answer({}, 503))
            self.assertEqual((message.state, message.tries), ("queued", tries))
            self.assertNotIn("secret", message.error)
            message.date_next = fields.Datetime.now()
        self._send(return_value=Answer({"errcode": 93000, "errmsg": "invalid key"}))
        self.assertEqual((message.state, message.error), ("failed", "invalid key"))

    def test_what_may_have_arrived_is_never_sent_again(self):
        """M4: lost at worst, never twice."""
        self._switch_on()
        self._request_review(self._create_order())
        self._send(side_effect=requests.ReadTimeout())
        self.assertEqual(self._messages().state, "failed")

    def test_what_a_crash_left_half_way_is_never_sent_again(self):
        """M4: the row was marked before it was sent."""
        self._switch_on()
        self._request_review(self._create_order())
        message = self._messages()
        message.state = "sending"
        message.flush_recordset()
        self.env.cr.execute(
            "UPDATE quality_chat_message SET write_date = write_date - interval '1 hour'"
        )
        self._send(side_effect=AssertionError("sent twice"))
        self.assertEqual(message.state, "failed")

    def test_dingtalk_addresses_are_signed(self):
        """M4: HMAC-SHA256 over time and secret, as DingTalk wants it."""
        self.assertEqual(
            sign_dingtalk("https://x/robot/send?access_token=t", "SECabc", now=1700000000),
            "https://x/robot/send?access_token=t&timestamp=1700000000000&sign="
            "jcUpW0QmtKduN03n4JqQ0PBosVjqnM8gU7fIIvsDmCM%3D",
        )
        self._switch_on("dingtalk", "SECabc")
        self.assertIn("&sign=", self.company._get_quality_chat_address())

    def test_feishu_has_a_body_of_its_own(self):
        """M4: each service wants its own JSON."""
        self._switch_on("feishu")
        self._request_review(self._create_order())
        self.assertEqual(self._messages()._prepare_body()["msg_type"], "text")

    def test_the_address_is_https_and_a_secret(self):
        """M4: only administrators read it, and nobody reads the queue."""
        with self.assertRaises(ValidationError):
            self.company.quality_chat_url = "http://chat.example.com"
        self._switch_on()
        for user in (self.quality_manager, self.seller, self.nobody):
            with self.assertRaises(AccessError):
                self.company.with_user(user).read(["quality_chat_url"])
            with self.assertRaises(AccessError):
                self.env["quality.chat.message"].with_user(user).search([])
