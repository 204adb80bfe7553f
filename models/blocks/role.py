from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class QualityRole(models.Model):
    """A part that somebody plays in the procedures: sales, engineering, … management.

    Roles, not persons: a company maps each role to a department or to named users, or sets it
    as not applicable with a reason (B1). One person may hold several (M3).
    """

    _name = "quality.role"
    _description = "Role in the Quality Procedures"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    sees_prices = fields.Boolean(help="Signs on prices, cost and margin too (M5).")
    group_id = fields.Many2one(
        "res.groups",
        "Stands In",
        ondelete="restrict",
        help="Who acts for the role while a company has mapped neither department nor users.",
    )
    is_personal = fields.Boolean(
        "By Name Only",
        help="A part in one procedure, e.g. who hands over: asked by name and mapped to nobody.",
    )
    assignment_ids = fields.One2many("quality.role.assignment", "role_id", "Companies")
    assignment_id = fields.Many2one(
        "quality.role.assignment",
        "In This Company",
        compute="_compute_assignment_id",
        search="_search_assignment_id",
    )

    _code_uniq = models.Constraint("UNIQUE (code)", "A role's code is unique.")

    @api.depends("assignment_ids")
    @api.depends_context("company")
    def _compute_assignment_id(self):
        assignments = self._get_assignments(self.env.company)
        for role in self:
            role.assignment_id = assignments.get(role)

    def _search_assignment_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [
            (
                "assignment_ids",
                "any",
                [("company_id", "=", self.env.company.id), ("id", "in", value)],
            )
        ]

    def write(self, vals):
        """Keep the codes, by which the procedures know the roles.

        :raise UserError: when a user would change one
        """
        if "code" in vals and not self.env.su:
            raise UserError(
                self.env._("The procedures know a role by its code. Change its name instead.")
            )
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    @api.model_create_multi
    def create(self, vals_list):
        roles = super().create(vals_list)
        self.env.registry.clear_cache()
        return roles

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    def _get_assignments(self, company):
        """Return how ``company`` fills these roles.

        :return: dict of role → quality.role.assignment (roles without one are left out)
        """
        # who acts for a role is no secret inside the company and needed by everybody who asks
        assignments = (
            self.env["quality.role.assignment"]
            .sudo()
            .search_fetch(
                [("role_id", "in", self.ids), ("company_id", "=", company.id)],
                ["role_id", "company_id", "not_applicable", "reason"],
            )
        )
        return {assignment.role_id.sudo(False): assignment for assignment in assignments}

    def _filter_applicable(self, company):
        """Return those of the roles that ``company`` has."""
        assignments = self._get_assignments(company)
        absent = [role.id for role, line in assignments.items() if line.not_applicable]
        return self.filtered(lambda role: role.id not in absent)


class QualityRoleAssignment(models.Model):
    """How one company fills one role."""

    _name = "quality.role.assignment"
    _description = "Role in a Company"
    _order = "company_id, role_id"
    _check_company_auto = True

    role_id = fields.Many2one("quality.role", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", default=lambda self: self.env.company
    )
    department_id = fields.Many2one("hr.department", check_company=True, ondelete="restrict")
    user_ids = fields.Many2many(
        "res.users",
        string="Named Users",
        domain=[("share", "=", False)],
        help="Sign for the role instead of the department's head and deputies.",
    )
    not_applicable = fields.Boolean(help="The company has no such function.")
    reason = fields.Char(help="Why the role does not apply; printed on the forms.")

    _role_uniq = models.Constraint(
        "UNIQUE (company_id, role_id)", "Each role is assigned once per company."
    )

    @api.constrains("not_applicable", "reason")
    def _check_reason(self):
        for assignment in self:
            if assignment.not_applicable and not (assignment.reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "Say why the role %(role)s does not apply; the reason is printed.",
                        role=assignment.role_id.name,
                    )
                )

    @api.depends("role_id.name", "company_id.name")
    def _compute_display_name(self):
        for assignment in self:
            assignment.display_name = assignment.role_id.name

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        self.env.registry.clear_cache()
        return lines

    def write(self, vals):
        """Forget what signatures say about the roles, which is kept in memory."""
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
