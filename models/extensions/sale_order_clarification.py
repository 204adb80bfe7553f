from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_list


class SaleOrder(models.Model):
    """What has to be cleared up with the customer: questions, and orders that differ from offers.

    Both stand in the way of approval and confirmation (A2, B6).
    """

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_clarification_ids = fields.One2many(
        "quality.clarification", "order_id", "Questions to the Customer"
    )
    quality_question_count = fields.Integer(
        "Open Questions", compute="_compute_quality_registration_counts", compute_sudo=True
    )
    quality_inbound_ids = fields.One2many(
        "quality.inbound.document", "order_id", "Inbound Documents", readonly=True
    )
    quality_inbound_count = fields.Integer(
        compute="_compute_quality_registration_counts", compute_sudo=True
    )
    quality_difference_count = fields.Integer(
        "Unsettled Differences", compute="_compute_quality_registration_counts", compute_sudo=True
    )

    @api.depends(
        "quality_clarification_ids.state",
        "quality_inbound_ids.phase",
        "quality_inbound_ids.comparison",
    )
    def _compute_quality_registration_counts(self):
        for order in self:
            documents = order.quality_inbound_ids.filtered(lambda d: d.phase != "void")
            order.quality_inbound_count = len(documents)
            order.quality_difference_count = len(documents._filter_unsettled())
            order.quality_question_count = len(order.quality_clarification_ids._filter_open())

    # The gate

    def _get_quality_obstacles(self, stage):
        """Open questions and unsettled differences stand in the way (A2, B6)."""
        obstacles = super()._get_quality_obstacles(stage)
        if stage not in ("approval", "confirmation"):
            return obstacles
        for order_sudo in self.sudo():  # told to all who approve or confirm
            sentences = order_sudo._get_registration_obstacles()
            if sentences:
                order = order_sudo.sudo(self.env.su)
                obstacles[order] = [*obstacles.get(order, ()), *sentences]
        return obstacles

    def _get_registration_obstacles(self):
        sentences = []
        if self._has_quality("open"):
            questions = self.quality_clarification_ids._filter_open()
            sentences.append(
                self.env._(
                    "%(order)s has open questions to the customer: %(questions)s. Enter the "
                    "answers or withdraw the questions.",
                    order=self.name,
                    questions=format_list(self.env, questions.mapped("name")),
                )
            )
        if self._has_quality("unsettled"):
            documents = self.quality_inbound_ids._filter_unsettled()
            sentences.append(
                self.env._(
                    "The customer's order may differ from the offer %(order)s: %(documents)s. "
                    "Compare it, and settle what differs.",
                    order=self.name,
                    documents=format_list(self.env, documents.mapped("name")),
                )
            )
        return sentences

    def _get_quality_content(self, with_prices=True):
        """Add what the customer answered: who signed before has not seen it (A2)."""
        content = super()._get_quality_content(with_prices)
        if not self._has_quality("answered"):
            return content
        # what is reviewed does not depend on who looks
        answered = self.sudo().quality_clarification_ids.filtered(lambda c: c.state == "answered")
        if answered:
            content["answers"] = [
                {"question": clarification.id, "answer": clarification.answer}
                for clarification in answered.sorted("id")
            ]
        return content

    def _check_quality_sales(self):
        """Leave what is said to the customer to sales: stock and production write orders too.

        :raise AccessError: for anybody else, and for orders of others
        """
        self.check_access("write")
        if not (self.env.su or self.env.user.has_group("sales_team.group_sale_salesman")):
            raise AccessError(self.env._("Sales speak with the customer. Ask them to do it."))

    # Actions

    def action_send_quality_questions(self):
        """Mail the open questions to the customers, one mail per order, from the chatter (A2).

        :raise UserError: when nothing is open, or a customer has no mail address
        """
        self._check_quality_sales()
        for order in self:
            questions = order.quality_clarification_ids._filter_open()
            if not questions:
                raise UserError(
                    self.env._("%(order)s has no open question to send.", order=order.name)
                )
            order._post_quality_mail("customer_quality.mail_template_clarification")
            questions._mark_sent(self.env._("Mail"))

    def _post_quality_mail(self, template):
        """Mail the customer from the order's chatter, so that replies come back to it.

        :param template: XML id of the mail template, rendered in the customer's language
        :raise UserError: when the customer has no mail address
        """
        self.ensure_one()
        if not self.partner_id.email:
            raise UserError(
                self.env._(
                    "%(customer)s has no mail address. Add one, or ask by another way and enter "
                    "the answer.",
                    customer=self.partner_id.display_name,
                )
            )
        self._portal_ensure_token()
        self.message_post_with_source(
            template,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            email_layout_xmlid="mail.mail_notification_layout_with_responsible_signature",
        )

    def action_ask_customer(self):
        """Open the form of a new question on this order."""
        self.ensure_one()
        return {
            "name": self.env._("Question to the Customer"),
            "type": "ir.actions.act_window",
            "res_model": "quality.clarification",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def action_view_quality_questions(self):
        """Open all questions on these orders."""
        return self.quality_clarification_ids._get_records_action(
            name=self.env._("Questions to the Customer")
        )

    def action_view_quality_inbound(self):
        """Open the register, limited to what came in for these orders."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_quality.quality_inbound_document_action"
        )
        return {
            **action,
            "domain": [("order_id", "in", self.ids)],
            "context": {"default_order_id": self[:1].id},
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed_back(self):
        sent = (
            self.env["quality.order.confirmation"]
            .sudo()
            .search([("order_id", "in", self.ids)], limit=1)
        )
        if sent:
            raise UserError(
                self.env._(
                    "%(order)s was sent to the customer for confirmation, which is kept. Cancel "
                    "the order instead of deleting it.",
                    order=sent.order_id.name,
                )
            )
