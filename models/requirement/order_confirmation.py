from odoo import fields, models


class QualityOrderConfirmation(models.Model):
    """An order that was not given in writing, confirmed back to the customer (A2).

    One row per time that it was sent; the answer is filed as an inbound document under a serial
    number of its own. The fingerprint tells which content was confirmed.
    """

    _name = "quality.order.confirmation"
    _description = "Order Confirmed Back"
    _order = "id desc"

    order_id = fields.Many2one(
        "sale.order", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    way = fields.Selection(
        [("mail", "Mail"), ("chat", "Chat message"), ("paper", "Paper")],
        "By Way of",
        required=True,
        readonly=True,
    )
    date_sent = fields.Datetime("Sent On", required=True, readonly=True)
    sent_by_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    content_hash = fields.Char("Fingerprint of What Was Sent", required=True, readonly=True)
    state = fields.Selection(
        [("sent", "Waiting for the customer"), ("confirmed", "Confirmed")],
        required=True,
        default="sent",
        readonly=True,
    )
    confirmed_by = fields.Char("Who Confirmed", readonly=True)
    confirmed_how = fields.Selection(
        [
            ("stamped", "Stamped copy"),
            ("screenshot", "Screenshot of the message"),
            ("mail", "Mail"),
            ("portal", "Click on the portal"),
        ],
        "Confirmed by Way of",
        readonly=True,
    )
    date_confirmed = fields.Datetime("Confirmed On", readonly=True)
    document_id = fields.Many2one(
        "quality.inbound.document",
        "Filed as",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
