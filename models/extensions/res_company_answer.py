from odoo import fields, models


class ResCompany(models.Model):
    """What customers who complain are told, and when (F3, F5)."""

    _inherit = "res.company"  # pylint: disable=R8180  # a chapter of its own

    quality_complaint_acknowledge = fields.Selection(
        [
            ("never", "Not from here"),
            ("registered", "As soon as it is registered"),
            ("accepted", "Once it is accepted"),
        ],
        "Acknowledge Complaints",
        default="never",
        required=True,
        help="By mail in the customer's language. As soon as it is registered: who is known has "
        "our word with it, and the complaint is accepted.",
    )
    quality_complaint_tell_end = fields.Selection(
        [
            ("off", "Not from here"),
            ("draft", "Ask the responsible to write"),
            ("automatic", "Send the message at once"),
        ],
        "Tell Customers of Rejection and Closing",
        default="off",
        required=True,
    )
    quality_complaint_rating = fields.Boolean(
        "Ask for a Rating",
        help="Once a complaint is closed, the customer is asked by mail how it was handled.",
    )
    quality_complaint_untold_days = fields.Integer(
        "Customer Hears from Us Within",
        default=5,
        help="Working days after which a complaint stands out of which the customer heard "
        "nothing. 0: never.",
    )

    _untold_days_positive = models.Constraint(
        "CHECK (quality_complaint_untold_days >= 0)",
        "Give a number of days from 0 on; 0 means never.",
    )

    def _get_quality_untold_limit(self):
        """Return the moment before which the customer heard from us too long ago (F3).

        :return: datetime in UTC (naive), or None where nothing ever stands out
        """
        self.ensure_one()
        return self._get_quality_day_limit(self.quality_complaint_untold_days)
