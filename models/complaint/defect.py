from odoo import api, fields, models
from odoo.exceptions import ValidationError


class QualityDefect(models.Model):
    """The company's catalogue of defects, as a tree (F1, F9): what is counted under one name."""

    _name = "quality.defect"
    _description = "Defect"
    _order = "complete_name, id"
    _parent_store = True
    _rec_name = "complete_name"
    _rec_names_search = ["name", "code"]
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(index="btree_not_null", help="Short, as on inspection sheets.")
    complete_name = fields.Char(
        "Full Name", compute="_compute_complete_name", recursive=True, store=True
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Leave empty to share it.")
    parent_id = fields.Many2one(
        "quality.defect", "Kind of", index=True, ondelete="restrict", check_company=True
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("quality.defect", "parent_id", "Defects of This Kind")
    category_ids = fields.Many2many(
        "product.category",
        string="Product Categories",
        help="Offered for products of these categories first; leave empty for all.",
    )
    note = fields.Text("How to Recognise", translate=True)

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0)) WHERE code IS NOT NULL",
        "Another defect has this code already.",
    )

    @api.depends("name", "code", "parent_id.complete_name")
    def _compute_complete_name(self):
        """Sort parents before children; the name that is shown is in the user's language."""
        for defect in self:
            name = " ".join(filter(None, (defect.code, defect.name)))
            parent = defect.parent_id.complete_name
            defect.complete_name = f"{parent} / {name}" if parent else name

    @api.depends("name", "code", "parent_id.display_name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for defect in self:
            own = " ".join(filter(None, (defect.code, defect.name)))
            parent = defect.parent_id.name
            defect.display_name = f"{parent} / {own}" if parent else own

    @api.constrains("parent_id")
    def _check_no_cycle(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("A defect can't be a kind of itself. Choose another parent.")
            )

    def copy_data(self, default=None):
        """Leave the code to the original: it names one defect."""
        return [{**vals, "code": False} for vals in super().copy_data(default)]
