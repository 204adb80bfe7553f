from odoo import api, fields, models


class QualityOrderConfirmBack(models.TransientModel):
    """Confirm an order back that did not come in writing, and file the answer (A2)."""

    _name = "quality.order.confirm.back"
    _description = "Confirm an Order Back"

    order_id = fields.Many2one("sale.order", required=True, readonly=True)
    email = fields.Char(related="order_id.partner_id.email", related_sudo=False)
    text = fields.Text("Text to Paste", compute="_compute_text")

    # The answer
    confirmed_by = fields.Char("Who Confirmed")
    confirmed_how = fields.Selection(
        [
            ("stamped", "Stamped copy"),
            ("screenshot", "Screenshot of the message"),
            ("mail", "Mail"),
        ],
        "By Way of",
        default="stamped",
    )
    file = fields.Binary("Copy or Screenshot")
    filename = fields.Char()

    @api.depends("order_id")
    def _compute_text(self):
        for wizard in self:
            wizard.text = wizard.order_id._get_quality_confirmation_text()

    def action_send_mail(self):
        """Mail the order to the customer and ask to confirm it.

        :raise UserError: when the customer has no address
        """
        self.ensure_one()
        self.order_id._send_quality_confirmation("mail")

    def action_mark_chat(self):
        """Note that the text was pasted into a chat with the customer."""
        self.ensure_one()
        self.order_id._send_quality_confirmation("chat")

    def action_mark_paper(self):
        """Note that the printed order went to the customer, to come back stamped."""
        self.ensure_one()
        self.order_id._send_quality_confirmation("paper")

    def action_record(self):
        """File the customer's confirmation under a serial number.

        :raise UserError: when nothing was sent, or name or file is missing
        """
        self.ensure_one()
        self.order_id._record_quality_confirmation(
            self.confirmed_by, self.confirmed_how, self.file, self.filename
        )
