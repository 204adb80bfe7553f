from odoo import api, fields, models
from odoo.exceptions import UserError


class QualityClarification(models.Model):
    """A question to the customer (A2): what is unclear goes back until it is clear.

    An open question keeps the review from its approval and the order from being confirmed. The
    answer is part of what the departments review: who signed before has not seen it.
    """

    _name = "quality.clarification"
    _description = "Question to the Customer"
    _inherit = ["quality.record.filed.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _record_prefix = "CL"
    _work_template = "customer_quality.work_facts_clarification"
    _content_fields = ("question", "order_line_id", "answer")
    _filing_fields = ("order_id", "user_id", "partner_id")
    _user_fields = ("question", "order_line_id")

    order_id = fields.Many2one(
        "sale.order",
        related="record_id.order_id",
        inverse="_inverse_order_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        check_company=True,
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    order_line_id = fields.Many2one(
        "sale.order.line",
        "About Line",
        ondelete="set null",
        index="btree_not_null",
        domain="[('order_id', '=', order_id), ('display_type', '=', False)]",
    )
    question = fields.Text("Question to the Customer", required=True)
    state = fields.Selection(
        [("open", "Open"), ("answered", "Answered"), ("withdrawn", "Withdrawn")],
        default="open",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )

    # How it was asked
    date_sent = fields.Datetime("Asked On", readonly=True, copy=False)
    sent_by_id = fields.Many2one("res.users", "Sent by", readonly=True, ondelete="restrict")
    sent_how = fields.Char("Asked by Way of", readonly=True, copy=False)

    # What the customer says
    answer = fields.Text("Customer's Answer", readonly=True, copy=False)
    answered_by = fields.Char("Who Answered", readonly=True, copy=False)
    date_answered = fields.Datetime("Answered On", readonly=True, copy=False)
    channel_id = fields.Many2one(
        "quality.channel", "Answered by Way of", readonly=True, ondelete="restrict"
    )
    entered_by_id = fields.Many2one("res.users", "Entered by", readonly=True, ondelete="restrict")
    attachment_ids = fields.Many2many("ir.attachment", string="Files", readonly=True, copy=False)
    withdrawn_reason = fields.Char("Why Withdrawn", readonly=True, copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        """Note questions; who asks is responsible for them.

        :raise UserError: when a question belongs to no order
        """
        orders_sudo = self.env["sale.order"].sudo()  # reviewers have no right to orders
        for vals in vals_list:
            order_id = vals.get("order_id") or self.default_get(["order_id"]).get("order_id")
            order_sudo = orders_sudo.browse(order_id)
            if not order_sudo:
                raise UserError(self.env._("Choose the order that the question is about."))
            vals |= {  # never as given
                "order_id": order_sudo.id,
                "company_id": order_sudo.company_id.id,
                "partner_id": order_sudo.partner_id.id,
                "user_id": self.env.uid,
            }
        return super().create(vals_list)

    def write(self, vals):
        """Keep a question as it was asked.

        :raise AccessError: for whoever neither asked nor may write the order
        :raise UserError: when it was sent already
        """
        if "question" in vals and not self.env.su:
            sent = self.filtered("date_sent")
            if sent:
                raise UserError(
                    self.env._(
                        "%(number)s was sent to the customer already. Withdraw it and ask a new "
                        "question.",
                        number=sent[0].name,
                    )
                )
            self._check_asker()
        return super().write(vals)

    def _check_asker(self):
        """Leave questions to who asked them, and to who may write the order.

        :raise AccessError: for anybody else
        """
        foreign = self.filtered(lambda c: c.user_id != self.env.user)
        if foreign:
            foreign.order_id._check_quality_sales()

    @api.constrains("order_line_id")
    def _check_line(self):
        for clarification in self:
            line = clarification.order_line_id
            if line and line.order_id != clarification.order_id:
                raise UserError(
                    self.env._("Choose a line of the order that the question is about.")
                )

    # Asking

    def action_send(self):
        """Send the open questions of the same orders to the customer, one mail per order (A2)."""
        return self.order_id.action_send_quality_questions()

    def _mark_sent(self, how):
        """Note that the customer was asked.

        :param how: by which way, as text
        """
        waiting = self.filtered(lambda c: c.state == "open" and not c.date_sent)
        waiting.sudo().write(  # by the procedure, for whoever may write the order
            {
                "date_sent": fields.Datetime.now(),
                "sent_by_id": self.env.uid,
                "sent_how": how,
            }
        )
        waiting._start_deadlines()

    def _start_deadlines(self):
        """The customer's answer is due by the company's rule; the departments' clock waits."""
        self.env["quality.deadline"]._start(
            [
                {
                    "record_id": clarification.record_id.id,
                    "kind": "clarification",
                    "user_id": clarification.user_id.id,
                    "partner_id": clarification.partner_id.id,
                }
                for clarification in self
            ]
        )
        self._pause_reviews()

    def _pause_reviews(self):
        """Stop the departments' clock while the customer is asked (A2, F3)."""
        asked_sudo = self.sudo()._filter_asked()  # whoever may ask the customer
        asked_sudo.order_id.quality_review_id.record_id._pause_deadlines(
            self.env._("Waiting for the customer's answer"), "opinion"
        )

    def _stop_deadlines(self, state):
        records_sudo = self.record_id.sudo()  # by the procedure
        if state == "answered":
            records_sudo._meet_deadlines("clarification")
        else:
            records_sudo._cancel_deadlines("clarification")
        cleared_sudo = self.order_id.sudo().filtered(
            lambda order: not order.quality_clarification_ids._filter_asked()
        )
        cleared_sudo.quality_review_id.record_id._resume_deadlines("opinion")

    # Answering

    def action_enter_answer(self):
        """Open the dialog that takes down what the customer answered by another way."""
        self.ensure_one()
        return {
            "name": self.env._("Customer's Answer"),
            "type": "ir.actions.act_window",
            "res_model": "quality.clarification.answer",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_clarification_id": self.id},
        }

    def _answer(self, answer, who, channel=None, files=()):
        """Keep the customer's answer, tell who asked, and look at the review again (A2).

        :param answer: text
        :param who: name of the person who answered
        :param channel: quality.channel by which the answer came; none for the portal
        :param files: list of dicts with ``name`` and ``raw``, kept with the question
        :raise UserError: when the question is not open, or nothing is answered
        """
        self.ensure_one()
        self._ensure_open()
        if not (answer or "").strip() or not (who or "").strip():
            raise UserError(self.env._("Write the answer and the name of who gave it."))
        clarification_sudo = self.sudo()  # by the procedure: the customer acts, or sales for them
        attachments = (
            self.env["ir.attachment"]
            .sudo()
            .create([{**file, "res_model": self._name, "res_id": self.id} for file in files])
        )
        clarification_sudo.write(
            {
                "answer": answer.strip(),
                "answered_by": who.strip(),
                "date_answered": fields.Datetime.now(),
                "channel_id": channel and channel.id,
                "entered_by_id": self.env.uid if channel else False,
                "attachment_ids": [(6, 0, attachments.ids)],
            }
        )
        clarification_sudo._close("answered")
        clarification_sudo._notify_asker()

    def action_withdraw(self):
        """Withdraw questions that need no answer any more.

        :raise AccessError: for whoever neither asked nor may write the order
        :raise UserError: when a question is not open
        """
        self.check_access("write")
        self._check_asker()
        self._ensure_open()
        self.sudo().withdrawn_reason = self.env._("Withdrawn by %(user)s", user=self.env.user.name)
        self._close("withdrawn")

    def _close(self, state):
        self.sudo().state = state  # by the procedure
        self._set_phase("closed" if state == "answered" else "void")
        self._stop_deadlines(state)
        self.order_id.sudo().quality_review_id._settle()

    def _filter_open(self):
        """Return the questions that wait for an answer."""
        return self.filtered(lambda clarification: clarification.state == "open")

    def _filter_asked(self):
        """Return the questions that the customer was asked, and has not answered."""
        return self._filter_open().filtered("date_sent")

    def _ensure_open(self):
        closed = self.filtered(lambda c: c.state != "open")
        if closed:
            raise UserError(
                self.env._(
                    "%(number)s is answered or withdrawn already. Ask a new question if "
                    "something is still unclear.",
                    number=closed[0].name,
                )
            )

    def _notify_asker(self):
        for clarification in self.with_context(mail_activity_quick_update=True):
            user = clarification.user_id
            if user.active and not user.share and user != self.env.user:
                clarification.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=clarification.with_context(lang=user.lang).env._(
                        "The customer answered your question"
                    ),
                    user_id=user.id,
                )

    def action_open_order(self):
        """Open the order that the question is about."""
        return self.order_id._get_records_action(name=self.env._("Sales Order"))

    def _get_message_text(self):
        """Return the question as text for a chat with the customer (M4)."""
        return f"{self.name}: {self.question}"
