from odoo import fields, models


class ResCompany(models.Model):
    """How a company follows what is being made (D2, D3)."""

    _inherit = "res.company"  # pylint: disable=R8180  # a chapter of its own

    quality_plan_check = fields.Boolean(
        "Engineering Checks the Plan",
        help="Engineering is asked to sign the stages of each production notice.",
    )
    quality_progress_report = fields.Boolean(
        "Daily Production Reports",
        help="Each workshop files one report a day about the notices in force; a missing one "
        "shows.",
    )
    quality_progress_hour = fields.Float(
        "Due Until",
        default=18.0,
        help="Hour of the day until which a daily report is filed; later it is missing.",
    )
    quality_progress_post = fields.Boolean(
        "Post Reported Quantities",
        help="What a finishing workshop reports is added to the quantity produced of the "
        "manufacturing order: never past what is planned, and the order is never closed by it.",
    )
    quality_idle_days = fields.Integer(
        "Without Movement After",
        default=5,
        help="Working days after which a production notice on which nothing has moved stands "
        "out. 0: never.",
    )
    quality_progress_digest = fields.Boolean(
        "Daily Digest for Salespeople",
        help="One mail a day to each salesperson about their orders in production.",
    )
    quality_portal_progress = fields.Boolean(
        "Progress on the Portal",
        help="The customer's page of an order shows how far it is, in plain words, and the "
        "promised date.",
    )
    quality_delay_watch = fields.Boolean(
        "Watch for Delays",
        help="A delay is opened as soon as the plan of a production notice ends after its "
        "promised date.",
    )

    _progress_hour_valid = models.Constraint(
        "CHECK (quality_progress_hour > 0 AND quality_progress_hour <= 24)",
        "Daily reports are due at an hour of the day, up to 24:00.",
    )
    _idle_days_positive = models.Constraint(
        "CHECK (quality_idle_days >= 0)", "Give a number of days from 0 on; 0 means never."
    )
