from collections import defaultdict

from odoo import api, models, tools
from odoo.fields import Domain
from odoo.tools import SQL


class QualityRole(models.Model):
    """Who acts for a role: the chapter of the role about people (B1, K3).

    Asked at every request and signature, so all roles of a company are looked up in one query.
    """

    _inherit = "quality.role"  # pylint: disable=R8180  # a chapter of its own

    def _get_people(self, company):
        """Return who may act for each role in ``company``, the first one asked first.

        :param company: res.company record
        :return: dict of role → (res.users, hr.employee), both possibly empty and in sudo mode;
            named users, else head and deputies of the department, else the group that stands in;
            deputies act for who is absent, who is asked last (K3)
        """
        mapped = self._query_people(company)
        return {role: role._find_people(company, *mapped[role.id]) for role in self}

    def _get_applicable_people(self, company):
        """Return the same for those of the roles that ``company`` has."""
        mapped = self._query_people(company)
        return {
            role: role._find_people(company, *mapped[role.id])
            for role in self
            if not mapped[role.id][2]
        }

    def _find_people(self, company, users, employees, is_absent):
        if not (users or employees or is_absent):
            users = self._get_group_users(company).ids
        users_sudo = self.env["res.users"].sudo().browse(users)
        return self._stand_in(company, users_sudo, self.env["hr.employee"].sudo().browse(employees))

    @api.model
    def _get_roles_of(self, user, company):
        """Return the roles for which ``user`` may act in ``company``.

        Like :meth:`_get_people`, without looking up who else does.
        """
        roles = self._get_all()
        mapped = self.browse(roles)._query_people(company)
        may_stand_in = not user.share and company.id in user._get_company_ids()
        groups = user._get_group_ids() if may_stand_in else ()
        return self.sudo().browse(  # everybody may know what they act for
            role_id
            for role_id, group_id in roles.items()
            if self.browse(role_id)._is_played_by(
                user, company, group_id in groups, *mapped[role_id]
            )
        )

    @tools.ormcache()
    def _get_all(self):
        """Return all roles in their order: dict of role id → id of the group that stands in."""
        return {role.id: role.group_id.id for role in self.sudo().search([])}

    @tools.ormcache()
    def _get_ids_by_code(self):
        """Return the roles by the code under which the procedures know them: dict of ids."""
        return {role.code: role.id for role in self.sudo().search([])}

    @tools.ormcache()
    def _get_price_ids(self):
        """Return the ids of the roles that sign on prices (frozenset)."""
        return frozenset(self.sudo().search([("sees_prices", "=", True)]).ids)

    def _is_played_by(self, user, company, is_stand_in, users, employees, is_absent):
        if user.id in users:
            return True
        if is_stand_in and not (users or employees or is_absent):
            return True
        deputies = self.env["quality.absence"]._get_deputies_by_user(self)
        is_deputy = any(user.id in stand_in for stand_in in deputies.values())
        return is_deputy and user in self._get_people(company)[self][0]

    def _query_people(self, company):
        """Return who is mapped to these roles in ``company``, the first one asked first.

        :return: dict of role id → (user ids, employee ids, whether the company has not the role)
        """
        people = defaultdict(lambda: ([], [], False))
        if not (self and company):
            return people
        for model in ("quality.role.assignment", "hr.department", "hr.employee", "res.users"):
            self.env[model].flush_model()
        rows = self.env.execute_query(self._get_people_query(company))
        named = {role_id for role_id, is_named, *_rest in rows if is_named}
        for role_id, is_named, user_id, employee_id, is_absent in rows:
            if is_absent:
                people[role_id] = ([], [], True)
            elif is_named == (role_id in named):
                users, employees, _is_absent = people[role_id]
                users += [user_id] if user_id and user_id not in users else []
                employees += [employee_id] if employee_id and employee_id not in employees else []
        return people

    def _get_people_query(self, company):
        """Return the query of who is mapped: named users, and head and deputies of departments.

        Rows are (role, named or not, user, employee, role not applicable).
        """
        return SQL(
            """
            WITH line AS (
                SELECT id, role_id, department_id, COALESCE(not_applicable, FALSE) AS is_absent
                  FROM quality_role_assignment
                 WHERE company_id = %(company)s AND role_id = ANY(%(roles)s)
            ), people AS (
                SELECT line.role_id, TRUE AS is_named, users.id AS user_id,
                       employee.id AS employee_id, 0 AS rank, partner.name
                  FROM line
                  JOIN quality_role_assignment_res_users_rel named
                    ON named.quality_role_assignment_id = line.id
                  JOIN res_users users ON users.id = named.res_users_id AND users.active
                  JOIN res_partner partner ON partner.id = users.partner_id
             LEFT JOIN hr_employee employee ON employee.user_id = users.id AND employee.active
                 WHERE NOT line.is_absent
             UNION ALL
                SELECT line.role_id, FALSE, users.id, employee.id,
                       CASE WHEN employee.id = department.manager_id THEN 0 ELSE 1 END,
                       employee.name
                  FROM line
                  JOIN hr_department department ON department.id = line.department_id
                  JOIN hr_employee employee
                    ON employee.active AND (
                       employee.id = department.manager_id OR EXISTS (
                            SELECT FROM quality_department_deputy_rel deputy
                             WHERE deputy.hr_department_id = department.id
                               AND deputy.hr_employee_id = employee.id
                       ))
             LEFT JOIN res_users users ON users.id = employee.user_id AND users.active
                 WHERE NOT line.is_absent
             UNION ALL
                SELECT role_id, NULL, NULL, NULL, 0, NULL FROM line WHERE is_absent
            )
            SELECT role_id, is_named, user_id, employee_id, is_named IS NULL
              FROM people
          ORDER BY rank, name, user_id, employee_id
            """,
            company=company.id,
            roles=self.ids,
        )

    def _stand_in(self, company, users, employees):
        """Return the people of this role with the deputies of those who are absent (K3)."""
        deputies = self.env["quality.absence"]._get_deputies_by_user(self)
        absent = users.filtered(lambda user: user.id in deputies)
        if not absent:
            return users, employees
        found = self.env["quality.absence"]._get_deputies(absent, self)
        found = found.filtered(lambda user: company in user.company_ids)
        return (users - absent) | (found - absent) | absent, employees | found.employee_ids

    def _get_group_users(self, company):
        self.ensure_one()
        return (
            self.sudo()
            .group_id.all_user_ids.filtered(
                lambda user: company in user.company_ids and not user.share
            )
            .sorted("id")
        )

    @api.model
    def _get_duty_domain(self, user):
        """Return the domain of what ``user`` may sign: asked for by name, or by role.

        :return: Domain over the fields ``user_id``, ``role_id`` and ``company_id``
        """
        by_role = {
            company.id: self._get_roles_of(user, company).ids for company in self.env.companies
        }
        return Domain.OR(
            [Domain("user_id", "=", user.id)]
            + [
                Domain("company_id", "=", company) & Domain("role_id", "in", roles)
                for company, roles in by_role.items()
            ]
        )

    @tools.ormcache("tuple(self.ids)", "company.id")
    def _get_titles(self, company):
        """Return what is written on signatures about these roles, in the company's language.

        Known without asking at each signature; forgotten when a role, its mapping, a department
        or a language changes.

        :return: dict of role id → dict of columns of quality.signature
        """
        for model in ("quality.role", "quality.role.assignment", "hr.department", "res.partner"):
            self.env[model].flush_model()
        query = SQL(
            """
            SELECT role.id, role.code AS role_code,
                   COALESCE(role.name ->> partner.lang, role.name ->> 'en_US') AS role_name,
                   COALESCE(department.name ->> partner.lang, department.name ->> 'en_US')
                   AS department_name
              FROM quality_role role
              JOIN res_company company ON company.id = %s
              JOIN res_partner partner ON partner.id = company.partner_id
         LEFT JOIN quality_role_assignment line
                ON line.role_id = role.id AND line.company_id = company.id
         LEFT JOIN hr_department department ON department.id = line.department_id
             WHERE role.id = ANY(%s)
            """,
            company.id,
            self.ids,
        )
        return {row.pop("id"): row for row in self.env.execute_query_dict(query)}
