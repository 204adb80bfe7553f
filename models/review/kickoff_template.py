from odoo import api, fields, models


class QualityKickoffTemplate(models.Model):
    """How a company kicks off an order that it has confirmed: who meets, who does what (B7)."""

    _name = "quality.kickoff.template"
    _description = "Kick-off Template"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Leave empty to share it.")

    # For which orders
    key_customer = fields.Boolean("Key Customers Only")
    class_ids = fields.Many2many("quality.customer.class", string="Classes of Customers")
    amount_from = fields.Float(
        digits="Product Price", help="Untaxed, in the currency of the order's company."
    )

    # What is planned
    days_after = fields.Integer(
        "Meeting after", default=1, help="Working days from the confirmation to the meeting."
    )
    duration = fields.Float("Hours", default=1.0)
    role_ids = fields.Many2many("quality.role", string="Invited")
    line_ids = fields.One2many("quality.kickoff.template.line", "template_id", copy=True)

    @api.model
    def _get_for(self, orders):
        """Return the first template that applies to each order.

        :param orders: sale.order records
        :return: dict of order → quality.kickoff.template; orders without one are left out
        """
        templates_sudo = self.sudo().search(  # whoever confirms need not see templates
            [("company_id", "in", [False, *orders.company_id.ids])]
        )
        found = {}
        for order in orders.sudo():
            template = next((t for t in templates_sudo if t._applies(order)), None)
            if template:
                found[order] = template
        return found

    def _applies(self, order):
        self.ensure_one()
        customer = order.partner_id.commercial_partner_id
        return (
            (not self.company_id or self.company_id == order.company_id)
            and (not self.key_customer or customer.quality_is_key)
            and (not self.class_ids or customer.quality_class_id in self.class_ids)
            and order._get_quality_amount() >= self.amount_from
        )


class QualityKickoffTemplateLine(models.Model):
    """One milestone or task: owner, date, quality requirement."""

    _name = "quality.kickoff.template.line"
    _description = "Milestone of a Kick-off Template"
    _order = "template_id, sequence, id"

    template_id = fields.Many2one(
        "quality.kickoff.template", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char("Milestone", required=True, translate=True)
    requirement = fields.Text("Quality Requirement", translate=True)
    role_id = fields.Many2one("quality.role", "Department", required=True, ondelete="restrict")
    days_after = fields.Integer(
        "Due after", default=5, help="Working days from the confirmation of the order."
    )
    needs_verification = fields.Boolean(help="Somebody else looks whether it was done, and signs.")

    def _prepare_actions_vals(self, meetings, company):
        """Return the values of the actions that these milestones become.

        :param meetings: quality.order.meeting records, kick-offs of one company
        :param company: res.company record, whose working days count
        """
        return [
            {
                "source_record_id": meeting.record_id.id,
                "name": line.name,
                "description": line.requirement,
                "role_id": line.role_id.id,
                "date_due": date_due,
                "needs_verification": line.needs_verification,
            }
            for line in self
            for date_due in [company._get_working_day(line.days_after)]
            for meeting in meetings
        ]
