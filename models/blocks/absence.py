from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, ValidationError

#: Longest distance of a zone from UTC: an absence may still hold where its last day is over here.
ZONES = timedelta(days=2)


class QualityAbsence(models.Model):
    """Somebody is away, and somebody else acts for them (K3).

    The deputy acts for the roles of the absent person, all of them or some, while the absence
    holds, and signs under their own name. Days are days where the absent person lives.
    """

    _name = "quality.absence"
    _description = "Absence"
    _order = "date_from desc, id desc"

    user_id = fields.Many2one(
        "res.users",
        "Who Is Away",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    deputy_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("share", "=", False)],
    )
    date_from = fields.Date("First Day", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Last Day", required=True, default=fields.Date.context_today)
    role_ids = fields.Many2many(
        "quality.role", string="Roles", help="Leave empty for all roles of who is away."
    )
    reason = fields.Char(required=True, help="Colleagues see it: holiday, business trip, away.")
    active = fields.Boolean(default=True)
    holds_from = fields.Datetime(compute="_compute_holds", store=True)
    holds_to = fields.Datetime(compute="_compute_holds", store=True, index=True)
    state = fields.Selection(
        [("planned", "Planned"), ("present", "Away Now"), ("over", "Over")],
        compute="_compute_state",
    )

    _days_check = models.Constraint(
        "CHECK (date_to >= date_from)", "The last day can't lie before the first one."
    )
    _other_check = models.Constraint(
        "CHECK (user_id != deputy_id)", "Nobody can be their own deputy. Choose somebody else."
    )

    @api.depends("user_id", "date_from", "date_to")
    def _compute_holds(self):
        """From midnight to midnight in the zone of who is away."""
        for absence in self:
            zone = pytz.timezone(absence.user_id.tz or self.env.company.partner_id.tz or "UTC")
            absence.holds_from = self._get_midnight(absence.date_from, zone)
            absence.holds_to = absence.date_to and self._get_midnight(
                absence.date_to + timedelta(days=1), zone
            )

    @api.model
    def _get_midnight(self, day, zone):
        if not day:
            return False
        return (
            zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc).replace(tzinfo=None)
        )

    @api.depends("holds_from", "holds_to")
    def _compute_state(self):
        now = fields.Datetime.now()
        for absence in self:
            if not absence.holds_to or now < absence.holds_from:
                absence.state = "planned"
            else:
                absence.state = "present" if now < absence.holds_to else "over"

    @api.depends("user_id", "deputy_id")
    def _compute_display_name(self):
        for absence in self:
            absence.display_name = f"{absence.user_id.name or ''} → {absence.deputy_id.name or ''}"

    @api.constrains("user_id", "deputy_id")
    def _check_people(self):
        for absence in self:
            users_sudo = absence.sudo().user_id | absence.sudo().deputy_id
            if any(user.share for user in users_sudo):
                raise ValidationError(
                    self.env._("Choose colleagues; customers are nobody's deputy.")
                )
            if not absence.sudo().user_id.company_ids & absence.sudo().deputy_id.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(deputy)s works for none of the companies of %(person)s.",
                        deputy=absence.deputy_id.name,
                        person=absence.user_id.name,
                    )
                )

    def _get_heads(self):
        """Return the users who head the departments of who is away (res.users)."""
        return self._get_heads_of(self.user_id)

    @api.model
    def _get_heads_of(self, users):
        """Return who heads the departments of ``users``, and whom they report to."""
        # who heads whom is no secret, and stays true of those who have left
        employees_sudo = users.sudo().with_context(active_test=False).employee_ids
        heads = employees_sudo.department_id.manager_id | employees_sudo.parent_id
        return heads.user_id - users

    # CRUD

    def _check_right(self):
        """Absences are entered by the person, by their head, or by a quality manager (K3)."""
        if self.env.su or self.env.user.has_group("customer_quality.group_manager"):
            return
        for absence in self:
            if self.env.user not in absence.user_id | absence._get_heads():
                raise AccessError(
                    self.env._(
                        "The absence of %(person)s is entered by themselves, by the head of "
                        "their department, or by a quality manager.",
                        person=absence.user_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Enter absences.

        :raise AccessError: see :meth:`_check_right`
        """
        absences = super().create(vals_list)
        absences._check_right()
        self.env.registry.clear_cache()
        return absences

    def write(self, vals):
        """Change an absence, of whom one may change it before as well as after.

        :raise AccessError: see :meth:`_check_right`
        """
        self._check_right()
        result = super().write(vals)
        self._check_right()
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        self._check_right()
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    # Who stands in for whom

    @api.model
    @tools.ormcache()
    def _get_known(self):
        """Return what is or will be in force: tuple of (user, deputy, roles, from, to).

        Absences change seldom and are asked about at every signature, so they are kept in
        memory; whether one holds now is looked at with the clock.
        """
        self.flush_model()
        # kept for everybody: no caller's context brings a cancelled absence back
        absences_sudo = (
            self.sudo()
            .with_context(active_test=True)
            .search([("holds_to", ">", fields.Datetime.now() - ZONES)], order="id")
        )
        return tuple(
            (
                absence.user_id.id,
                absence.deputy_id.id,
                frozenset(absence.role_ids.ids),
                absence.holds_from,
                absence.holds_to,
            )
            for absence in absences_sudo
        )

    @api.model
    def _get_deputies_by_user(self, role=None):
        """Return who is away now and who acts for them.

        :param role: quality.role record; without it those who act for all roles
        :return: dict of user id → list of user ids
        """
        now = fields.Datetime.now()
        deputies = {}
        for user_id, deputy_id, role_ids, start, stop in self._get_known():
            fits = not role_ids or (role and role.id in role_ids)
            if fits and start <= now < stop:
                deputies.setdefault(user_id, []).append(deputy_id)
        return deputies

    @api.model
    def _get_deputies(self, users, role=None):
        """Return the deputies of those of ``users`` who are away (res.users, in sudo)."""
        deputies = self._get_deputies_by_user(role)
        ids = [deputy for user in users for deputy in deputies.get(user.id, ())]
        return self.env["res.users"].sudo().browse(dict.fromkeys(ids)).filtered("active")

    @api.model
    def _get_asked(self, user, role=None):
        """Return who is asked in place of ``user``: the deputy while they are away."""
        return self._get_deputies(user, role)[:1].sudo(user.env.su) or user
