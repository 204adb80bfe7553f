from odoo import api, fields, models
from odoo.fields import Domain

#: States of manufacturing orders on which a workshop can have something to report.
REPORTED_PRODUCTION = ("confirmed", "progress", "to_close")


class QualityWorkshop(models.Model):
    """A department that reports each day what it has made (D2).

    Its people are those of the department: head, deputies and members. What it reports on are
    the manufacturing orders of notices in force, or those that pass its work centers.
    """

    _name = "quality.workshop"
    _description = "Workshop"
    _order = "sequence, id"
    _rec_name = "department_id"
    _check_company_auto = True

    department_id = fields.Many2one(
        "hr.department", required=True, index=True, ondelete="restrict", check_company=True
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    workcenter_ids = fields.Many2many(
        "mrp.workcenter",
        string="Work Centers",
        check_company=True,
        help="The workshop reports on manufacturing orders that pass one of these. Leave empty "
        "where it reports on all.",
    )
    is_finishing = fields.Boolean(
        "Finishes the Goods",
        default=True,
        help="What the workshop reports are finished pieces of the manufacturing order: they "
        "count as its progress and, where the company wants it, as quantity produced.",
    )

    _department_uniq = models.UniqueIndex(
        "(department_id, company_id)", "This department is in the list of workshops already."
    )

    @api.depends("department_id.name")
    def _compute_display_name(self):
        for workshop in self:
            workshop.display_name = workshop.department_id.name

    # People

    def _get_people(self):
        """Return who may report for each workshop, the head first.

        :return: dict of workshop → hr.employee records, in sudo: users need not read employees
        """
        Employee = self.env["hr.employee"].sudo()
        members = Employee.search([("department_id", "child_of", self.sudo().department_id.ids)])
        people = {}
        for workshop in self.sudo():
            department = workshop.department_id
            own = members.filtered(
                lambda employee, department=department: self._is_below(
                    employee.department_id, department
                )
            )
            chiefs = department.manager_id | department.quality_deputy_ids
            people[workshop] = (chiefs | own).filtered("active")
        return people

    def _is_below(self, department, top):
        return f"/{top.id}/" in f"/{department.parent_path}"

    def _get_heads(self):
        """Return the user who is reminded for each workshop: head, else deputy, else nobody.

        :return: dict of workshop → res.users, in sudo
        """
        heads = {}
        for workshop in self.sudo():
            department = workshop.department_id
            chiefs = (department.manager_id | department.quality_deputy_ids).user_id
            heads[workshop] = chiefs.filtered("active")[:1]
        return heads

    @api.model
    def _get_own(self):
        """Return the workshops for which the current user may report, in sudo.

        On a shared device those of the company: whoever reports signs with badge and PIN.
        """
        # which workshops there are is no secret; what they make is shown to their people only
        workshops = self.sudo().search(
            [
                ("company_id", "in", self.env.companies.ids),
                ("company_id.quality_progress_report", "=", True),
            ]
        )
        user = self.env.user
        if user.sudo().quality_shared_login:
            return workshops
        people = workshops._get_people()
        return workshops.filtered(lambda workshop: user in people[workshop].user_id)

    # What they report on

    def _get_productions(self):
        """Return the manufacturing orders on which each workshop has to report, by due date.

        :return: dict of workshop → mrp.production records, in sudo: who works in a workshop
            needs no right to manufacturing orders
        """
        allocations_sudo = (
            self.env["quality.production.notice.allocation"]
            .sudo()
            .search(self._get_allocation_domain())
        )
        due = {}
        for allocation in allocations_sudo:
            known = due.get(allocation.production_id)
            date = allocation.date_due or fields.Datetime.now().max
            due[allocation.production_id] = min(known, date) if known else date
        ordered = allocations_sudo.production_id.sorted(lambda mo: (due[mo], mo.id))
        return {workshop: workshop.sudo()._filter_own(ordered) for workshop in self}

    def _get_allocation_domain(self):
        return Domain(
            [
                ("company_id", "in", self.sudo().company_id.ids),
                ("notice_id.state", "=", "issued"),
                ("production_id.state", "in", REPORTED_PRODUCTION),
            ]
        )

    def _filter_own(self, productions):
        """Return those of ``productions`` that this workshop works on."""
        self.ensure_one()
        centers = self.workcenter_ids
        return productions.filtered(
            lambda mo: (
                mo.company_id == self.company_id
                and (not centers or bool(mo.workorder_ids.workcenter_id & centers))
            )
        )
