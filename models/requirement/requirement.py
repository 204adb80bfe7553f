from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .kinds import CHARACTERISTICS, MARKS, REQUIREMENT_KINDS


class QualityRequirement(models.Model):
    """One thing that the customer, the law or we ourselves require of an order (A1).

    Part of what the departments review: a requirement that is added, changed or taken away
    makes an approval stale.
    """

    _name = "quality.requirement"
    _description = "Customer Requirement"
    _order = "sequence, id"
    _rec_name = "text"

    order_id = fields.Many2one("sale.order", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="order_id.company_id")
    partner_id = fields.Many2one(related="order_id.partner_id", string="Customer")
    order_line_id = fields.Many2one(
        "sale.order.line",
        "For Line",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        domain="[('order_id', '=', order_id), ('display_type', '=', False)]",
        help="Leave empty for a requirement on the whole order.",
    )
    sequence = fields.Integer(default=10)
    kind = fields.Selection(REQUIREMENT_KINDS, required=True, default="specification")
    text = fields.Text("Requirement", required=True)
    role_id = fields.Many2one(
        "quality.role",
        "Reviewed by",
        ondelete="restrict",
        index="btree_not_null",
        help="The department that must review it, whatever the template asks.",
    )
    characteristic = fields.Selection(
        CHARACTERISTICS,
        required=True,
        default="none",
        help="Special, safety and regulatory characteristics are marked wherever the "
        "requirement is printed (L2).",
    )
    mark = fields.Char(compute="_compute_mark")
    source = fields.Selection(
        [
            ("customer", "Customer"),
            ("library", "Customer's standing requirement"),
            ("statutory", "Law"),
            ("ours", "Ours"),
        ],
        required=True,
        default="customer",
    )
    library_id = fields.Many2one(
        "quality.customer.requirement",
        "Standing Requirement",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    is_outdated = fields.Boolean(
        compute="_compute_is_outdated",
        help="The customer's standing requirement has a newer version.",
    )

    @api.depends("characteristic")
    def _compute_mark(self):
        for requirement in self:
            requirement.mark = MARKS.get(requirement.characteristic)

    @api.depends("library_id.is_current")
    def _compute_is_outdated(self):
        for requirement in self:
            # also told to those who may not read the library
            library_sudo = requirement.sudo().library_id
            requirement.is_outdated = library_sudo and not library_sudo.is_current

    @api.constrains("order_id", "order_line_id")
    def _check_line(self):
        for requirement in self:
            line = requirement.order_line_id
            if line and line.order_id != requirement.order_id:
                raise ValidationError(
                    self.env._(
                        "“%(requirement)s” belongs to a line of another order. Choose a line of "
                        "%(order)s.",
                        requirement=requirement.text,
                        order=requirement.order_id.name,
                    )
                )

    def _get_quality_content(self):
        """Return what is reviewed of this requirement, see sale.order._get_quality_content."""
        self.ensure_one()
        return {
            "line": self.order_line_id.id or None,
            "kind": self.kind,
            "text": self.text,
            "role": self.role_id.id or None,
            "characteristic": self.characteristic,
        }

    def _get_key(self):
        """Return by what a standing requirement is known to be on the order already."""
        self.ensure_one()
        return (self.library_id.root_id, self.order_line_id)
