from odoo import fields, models


class QualityCustomerClass(models.Model):
    """Class of customer: vehicle plant, service station, end user, … (A6); a company's own list.

    Deadlines, review templates and retention may differ by it.
    """

    _name = "quality.customer.class"
    _description = "Class of Customer"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
