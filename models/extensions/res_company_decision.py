from datetime import datetime, time

import pytz

from odoo import fields, models

from ...lib.worktime import Clock
from ..blocks.opinion_condition import HOLDS


class ResCompany(models.Model):
    """How a company decides on its orders, and what follows from the decision."""

    _inherit = "res.company"  # pylint: disable=R8180  # a chapter of its own

    quality_condition_hold = fields.Selection(
        HOLDS,
        "Conditions Are Fulfilled",
        default="confirmation",
        required=True,
        help="What waits for a condition, unless the signer chooses otherwise.",
    )
    quality_risk_threshold = fields.Integer(
        "Quality Manager Signs Above Risk",
        default=12,
        help="Rating (likelihood × severity, 1 to 25) above which the quality manager signs "
        "before the approval. 0: never.",
    )
    quality_answer_customer = fields.Selection(
        [
            ("off", "Not from here"),
            ("draft", "Prepare the answer for sales"),
            ("automatic", "Send the answer at once"),
        ],
        "Answer the Customer on Approval",
        default="off",
        required=True,
    )
    quality_confirm_on_approval = fields.Boolean(
        "Confirm with the Last Approval",
        help="Where sales have ticked that the customer's order is in hand, the last approval "
        "confirms it and the production notice goes out at once.",
    )
    quality_strategy_key_customer = fields.Boolean(
        "Strategy Meeting for Key Customers",
        help="Orders of key customers are approved only with the minutes of a strategy meeting.",
    )
    quality_strategy_amount = fields.Monetary(
        "Strategy Meeting from Amount",
        help="Untaxed amount, in the company's currency, from which an order is approved only "
        "with the minutes of a strategy meeting. 0: no limit.",
    )
    quality_kickoff = fields.Boolean(
        "Kick-off after Confirmation",
        help="Confirming an order plans the kick-off meeting and its milestones from the first "
        "kick-off template that applies.",
    )
    quality_meeting_role_ids = fields.Many2many(
        "quality.role",
        "quality_company_meeting_role_rel",
        string="Invited to Strategy Meetings",
        help="Leave empty to invite all departments that the review asks.",
    )

    def _uses_strategy_meetings(self):
        """Tell whether the company has a rule on strategy meetings (B7)."""
        self.ensure_one()
        return self.quality_strategy_key_customer or self.quality_strategy_amount > 0

    def _get_working_morning(self, days):
        """Return nine o'clock of the n-th working day from now, in UTC (naive).

        :param days: int, working days of the company's calendar
        """
        local = self._get_quality_zone().localize(
            datetime.combine(self._get_working_day(days), time(9))
        )
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    def _get_working_day(self, days):
        """Return the n-th working day after today, where the company works (date).

        Holidays and make-up working days count, as for deadlines.

        :param days: int, working days of the company's calendar
        """
        self.ensure_one()
        calendar, now = self.resource_calendar_id, fields.Datetime.now()
        counted = calendar._get_quality_timeline(self) if calendar else Clock()
        close = counted.add_days(now, days)
        return pytz.utc.localize(close).astimezone(self._get_quality_zone()).date()

    def _get_quality_zone(self):
        return pytz.timezone(self.resource_calendar_id.tz or self.partner_id.tz or "UTC")
