import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date, formatLang

from ...lib.canonical import digest

#: What a customer confirms: what an order says to the outside, without our own dispositions.
CONFIRMED = (
    "customer",
    "delivery_address",
    "customer_reference",
    "commitment_date",
    "incoterm",
    "incoterm_location",
    "terms",
    "export",
    "currency",
    "payment_term",
)
CONFIRMED_OF_LINE = (
    "kind",
    "product",
    "text",
    "quantity",
    "unit",
    "attributes",
    "custom_values",
    "schedule",
    "partial_delivery",
    "tolerance_under",
    "tolerance_over",
    "price_unit",
    "discount",
    "taxes",
)


class SaleOrder(models.Model):
    """How an order came in, and how it is confirmed back where it was not in writing (A1, A2)."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_channel_id = fields.Many2one(
        "quality.channel",
        "Came by",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        help="The way by which the customer's requirements came. What is not in writing is "
        "confirmed back before its review is approved.",
    )
    quality_confirmation_ids = fields.One2many(
        "quality.order.confirmation", "order_id", "Confirmed Back", readonly=True
    )
    quality_confirmation_state = fields.Selection(
        [
            ("none", "Not needed"),
            ("todo", "To confirm back"),
            ("sent", "Waiting for the customer"),
            ("changed", "Changed since"),
            ("confirmed", "Confirmed by the customer"),
        ],
        "Confirmation Back",
        compute="_compute_quality_confirmation_state",
        compute_sudo=True,
    )

    @api.depends("quality_channel_id.is_written", "quality_confirmation_ids.state")
    def _compute_quality_confirmation_state(self):
        for order in self:
            order.quality_confirmation_state = order._get_quality_confirmation_state()

    def _get_quality_confirmation_state(self):
        """Tell how far the customer has confirmed what the order says now (A2)."""
        self.ensure_one()
        rows = self.sudo().quality_confirmation_ids
        if not rows and not self._is_quality_oral():
            return "none"
        if self._is_quality_accepted_online():
            return "confirmed"
        current = self._get_quality_confirmation_hash() if rows else None
        if any(row.state == "confirmed" and row.content_hash == current for row in rows):
            return "confirmed"
        if any(row.content_hash == current for row in rows):
            return "sent"
        return "changed" if rows else "todo"

    def _is_quality_oral(self):
        channel_sudo = self.sudo().quality_channel_id  # whoever confirms need not read the list
        return bool(channel_sudo) and not channel_sudo.is_written

    def _is_quality_accepted_online(self):
        """Tell whether the customer signed or paid online what the order says now."""
        accepted = self.sudo().quality_accepted_hash
        return bool(accepted) and accepted == digest(self.sudo()._get_quality_content())

    def _get_quality_confirmation_hash(self):
        """Return the fingerprint of what the order says to the customer."""
        content = self.sudo()._get_quality_content()
        return digest(
            {
                **{key: content.get(key) for key in CONFIRMED},
                "lines": [
                    {key: line[key] for key in CONFIRMED_OF_LINE if key in line}
                    for line in content["lines"]
                ],
            }
        )

    def _get_quality_obstacles(self, stage):
        """An order not given in writing is approved only once the customer confirmed it (A2)."""
        obstacles = super()._get_quality_obstacles(stage)
        if stage != "approval":
            return obstacles
        for order in self:
            if order.company_id.quality_review_gate == "never" or not order._is_quality_oral():
                continue
            if order._get_quality_confirmation_state() != "confirmed":
                sentence = self.env._(
                    "%(order)s did not come in writing: confirm it back, and record the "
                    "customer's answer.",
                    order=order.name,
                )
                obstacles[order] = [*obstacles.get(order, ()), sentence]
        return obstacles

    # Confirming back

    def action_confirm_back(self):
        """Open the dialog that sends the order for confirmation, and files the answer."""
        self.ensure_one()
        self._check_quality_sales()
        return {
            "name": self.env._("Confirm the Order Back"),
            "type": "ir.actions.act_window",
            "res_model": "quality.order.confirm.back",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_order_id": self.id,
                "default_confirmed_by": self.partner_id.name,
            },
        }

    def _get_quality_confirmation_text(self):
        """Return the order as text to paste into a chat, in the customer's language (A2)."""
        self.ensure_one()
        order = self.with_context(lang=self.partner_id.lang or self.env.lang)
        env = order.env
        rows = [
            env._(
                "%(company)s has noted your order %(order)s. Please confirm that this is right:",
                company=order.company_id.name,
                order=" ".join(filter(None, (order.name, order.client_order_ref))),
            )
        ]
        for index, line in enumerate(order._get_quality_lines(), start=1):
            quantity = formatLang(env, line.product_uom_qty, dp="Product Unit")
            price = format_amount(env, line.price_subtotal, order.currency_id)
            unit = line.product_uom_id.name
            rows.append(f"{index}. {line.name}: {quantity} {unit}, {price}")
        if order.commitment_date:
            date = format_date(env, order.commitment_date)
            rows.append(env._("Delivery: %(date)s", date=date))
        total = format_amount(env, order.amount_total, order.currency_id)
        rows.append(env._("Total: %(amount)s", amount=total))
        if order.payment_term_id:
            rows.append(env._("Payment: %(term)s", term=order.payment_term_id.name))
        rows.append(order.get_base_url() + order.get_portal_url())
        return "\n".join(rows)

    def _send_quality_confirmation(self, way):
        """Ask the customer to confirm the order, and keep what was sent (A2).

        :param way: ``mail``, ``chat`` or ``paper``
        :raise UserError: when nothing is ordered yet, or the customer has no mail address
        """
        self.ensure_one()
        self._check_quality_sales()
        if not self._get_quality_lines():
            raise UserError(self.env._("%(order)s has nothing to confirm yet.", order=self.name))
        if way == "mail":
            self._post_quality_mail("customer_quality.mail_template_confirm_back")
        # rows are written by the procedure only
        self.env["quality.order.confirmation"].sudo().create(
            {
                "order_id": self.id,
                "company_id": self.company_id.id,
                "way": way,
                "date_sent": fields.Datetime.now(),
                "sent_by_id": self.env.uid,
                "content_hash": self._get_quality_confirmation_hash(),
            }
        )

    def _record_quality_confirmation(self, who, how, file, filename):
        """File the customer's confirmation of what was sent last (A2).

        :param who: name of who confirmed
        :param how: ``stamped``, ``screenshot`` or ``mail``
        :param file: base64 of the copy or screenshot
        :param filename: name of the file
        :raise UserError: when nothing was sent, or name or file is missing
        """
        self.ensure_one()
        self._check_quality_sales()
        sent = self.sudo().quality_confirmation_ids.filtered(lambda row: row.state == "sent")[:1]
        if not sent:
            raise UserError(
                self.env._(
                    "Nothing was sent to the customer that waits for an answer. Send the order "
                    "for confirmation first."
                )
            )
        if not (who or "").strip() or not how or not file:
            raise UserError(
                self.env._("Enter who confirmed, by which way, and add the copy or screenshot.")
            )
        document = self.env["quality.inbound.document"].create(
            {
                "order_id": self.id,
                "kind": "confirmation",
                "file": file,
                "filename": filename or f"{self.name}.png",
            }
        )
        self._keep_quality_confirmation(sent, who, how, document)

    def _confirm_quality_on_portal(self, who, seen):
        """The customer confirms on the portal what the page shows (A2).

        :param who: name that the customer gave
        :param seen: fingerprint of what the page showed
        :raise UserError: when nothing waits for an answer, or the name is missing
        """
        self.ensure_one()
        order_sudo = self.sudo()  # the customer acts; access was checked by the page
        current = order_sudo._get_quality_confirmation_hash()
        if order_sudo._get_quality_confirmation_state() != "sent" or seen != current:
            raise UserError(
                self.env._("This order was changed, or confirmed already. Load the page again.")
            )
        if not (who or "").strip():
            raise UserError(self.env._("Please write your name."))
        sent = order_sudo.quality_confirmation_ids.filtered(
            lambda row: row.state == "sent" and row.content_hash == current
        )[:1]
        document = order_sudo._file_portal_confirmation()
        order_sudo._keep_quality_confirmation(sent, who, "portal", document)

    def _file_portal_confirmation(self):
        report = self.env["ir.actions.report"]
        content, kind = report._render_qweb_pdf("sale.action_report_saleorder", self.ids)
        return self.env["quality.inbound.document"].create(
            {
                "order_id": self.id,
                "company_id": self.company_id.id,
                "kind": "confirmation",
                "file": base64.b64encode(content),
                "filename": f"{self.name}.{kind}",
            }
        )

    def _keep_quality_confirmation(self, sent, who, how, document):
        sent.sudo().write(  # by the procedure
            {
                "state": "confirmed",
                "confirmed_by": who.strip(),
                "confirmed_how": how,
                "date_confirmed": fields.Datetime.now(),
                "document_id": document.id,
            }
        )
        self.sudo().quality_review_id._settle()
