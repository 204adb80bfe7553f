from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .production_notice import DONE_GROUPS

#: What follows from ticking a stage, not from writing it.
DONE_FIELDS = frozenset({"date_done", "done_by"})


class QualityProductionNoticeStageTemplate(models.Model):
    """A stage that the notices of a company go through (D1, D2)."""

    _name = "quality.production.notice.stage.template"
    _description = "Stage of Production Notices"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Leave empty to share it.")
    role_id = fields.Many2one("quality.role", "Department", required=True, ondelete="restrict")
    days_before = fields.Integer(
        "Days Before Promise", help="Due so many days before the promised date."
    )

    _days_positive = models.Constraint(
        "CHECK (days_before >= 0)", "A stage is due before the promised date, or on it."
    )

    @api.model
    def _get_templates(self, company):
        """Return the stages of ``company``: its own, else those that are shared."""
        templates = self.sudo().search([("company_id", "in", [company.id, False])])
        return templates.filtered("company_id") or templates


class QualityProductionNoticeStage(models.Model):
    """One stage of a notice: whose it is, when it is due, when it was done (D1, D2)."""

    _name = "quality.production.notice.stage"
    _description = "Stage of a Production Notice"
    _order = "notice_id, sequence, id"
    _check_company_auto = True

    notice_id = fields.Many2one(
        "quality.production.notice", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="notice_id.record_id.company_id", store=True, index=True)
    notice_state = fields.Selection(related="notice_id.state", string="Notice Status")
    order_id = fields.Many2one(related="notice_id.record_id.order_id")
    partner_id = fields.Many2one(related="notice_id.partner_id", string="Customer")
    template_id = fields.Many2one(
        "quality.production.notice.stage.template", readonly=True, ondelete="set null"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    role_id = fields.Many2one("quality.role", "Department", required=True, ondelete="restrict")
    user_id = fields.Many2one("res.users", "Owner", check_company=True, index="btree_not_null")
    date_due = fields.Date("Due", index=True)
    date_done = fields.Date("Done On", readonly=True, copy=False)
    done_by = fields.Char(readonly=True, copy=False)
    is_late = fields.Boolean("Late", compute="_compute_is_late", search="_search_is_late")

    @api.depends("date_due", "date_done", "notice_id.state")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for stage in self:
            stage.is_late = bool(
                stage.notice_id.state == "issued"
                and not stage.date_done
                and stage.date_due
                and stage.date_due < today
            )

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return [
            ("date_done", "=", False),
            ("date_due", "<", fields.Date.context_today(self)),
            ("notice_id.state", "=", "issued"),
        ]

    # CRUD: the plan moves while the notice is in force

    @api.model_create_multi
    def create(self, vals_list):
        stages = super().create(vals_list)
        if not self.env.su:
            stages._ensure_plan()
            if any(DONE_FIELDS & vals.keys() for vals in vals_list):
                self._refuse_done_fields()
        return stages

    def write(self, vals):
        """Let the plan move, as long as the notice is in force and the stage is not done.

        :raise UserError: naming the stage that stays as it is
        """
        if not self.env.su:
            if DONE_FIELDS & vals.keys():
                self._refuse_done_fields()
            self._ensure_plan()
            done = self.filtered("date_done")
            if done and vals.keys() - {"sequence"}:
                raise UserError(
                    self.env._(
                        "“%(stage)s” of %(number)s is done. Reopen it to change it.",
                        stage=done[0].name,
                        number=done[0].notice_id.name,
                    )
                )
        result = super().write(vals)
        if "notice_id" in vals and not self.env.su:
            self._ensure_plan()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        self._ensure_plan()
        if any(stage.date_done for stage in self):
            raise UserError(self.env._("A stage that is done is kept."))

    def _ensure_plan(self):
        """Refuse to plan where nothing is planned any more.

        :raise UserError: naming the notice
        """
        over = self.notice_id.filtered(lambda notice: notice.state != "issued")
        if over:
            raise UserError(
                self.env._(
                    "%(number)s is not in force, so its stages stay as they are.",
                    number=over[0].name,
                )
            )

    def _refuse_done_fields(self):
        raise AccessError(self.env._("A stage is done by ticking it: day and name are noted then."))

    def _copy_names(self):
        """Copy the names of the stages from their templates, in every language."""
        if not self:
            return
        self.flush_recordset(["name", "template_id"])
        self.template_id.flush_recordset(["name"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE quality_production_notice_stage stage
                   SET name = template.name
                  FROM quality_production_notice_stage_template template
                 WHERE template.id = stage.template_id AND stage.id IN %s
                """,
                self._ids,
            )
        )
        self.invalidate_recordset(["name"], flush=False)

    # Actions

    def action_done(self):
        """Note that these stages are done, today and by whom (D2).

        :raise AccessError: for whoever neither owns the stage nor acts for its department
        """
        self._ensure_own()
        self._ensure_plan()
        # done by ticking only; the right was checked above
        self.filtered(lambda stage: not stage.date_done).sudo().write(
            {"date_done": fields.Date.context_today(self), "done_by": self.env.user.name}
        )
        return True

    def action_reopen(self):
        """Take back what was ticked by mistake.

        :raise AccessError: as :meth:`action_done`
        """
        self._ensure_own()
        self._ensure_plan()
        self.sudo().write({"date_done": False, "done_by": False})
        return True

    def action_open_notice(self):
        """Open the notices of these stages."""
        return self.notice_id._get_records_action(name=self.env._("Production Notice"))

    def _ensure_own(self):
        self.check_access("read")
        if self.env.su or self.env.user.has_groups(DONE_GROUPS):
            return
        for company, stages in self.grouped("company_id").items():
            roles = self.env["quality.role"]._get_roles_of(self.env.user, company)
            foreign = stages.filtered(
                lambda stage, roles=roles: (
                    stage.user_id != self.env.user and stage.role_id not in roles
                )
            )
            if foreign:
                raise AccessError(
                    self.env._(
                        "“%(stage)s” belongs to %(role)s. Ask them, or production.",
                        stage=foreign[0].name,
                        role=foreign[0].role_id.name,
                    )
                )

    def _get_late_days(self):
        """Return by how many days the stage is late, or was done late (int)."""
        self.ensure_one()
        end = self.date_done or fields.Date.context_today(self)
        return max((end - self.date_due).days, 0) if self.date_due else 0


class QualityProductionNotice(models.Model):
    """The plan of a notice: stages with dates and owners (D1, D2)."""

    _inherit = "quality.production.notice"  # pylint: disable=R8180  # a chapter of its own

    stage_ids = fields.One2many("quality.production.notice.stage", "notice_id", "Stages")
    stage_progress = fields.Char("Stages Done", compute="_compute_stage_progress")
    is_stage_late = fields.Boolean(
        "Stage Late", compute="_compute_stage_progress", search="_search_is_stage_late"
    )

    @api.depends("stage_ids.date_done", "stage_ids.is_late")
    def _compute_stage_progress(self):
        for notice in self:
            stages = notice.stage_ids
            done = stages.filtered("date_done")
            notice.stage_progress = f"{len(done)}/{len(stages)}" if stages else False
            notice.is_stage_late = any(stages.mapped("is_late"))

    @api.model
    def _search_is_stage_late(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return [("stage_ids", "any", [("is_late", "=", True)])]

    def _issue(self):
        """Plan the stages before the notice is announced."""
        stages = self.env["quality.production.notice.stage"].create(
            [
                vals
                for company, notices in self.grouped("company_id").items()
                for vals in notices._prepare_stages_vals(company)
            ]
        )
        stages._copy_names()
        return super()._issue()

    def action_plan_stages(self):
        """Open the stages of this notice, to set owners and dates."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_quality.quality_production_notice_stage_action"
        )
        return action | {
            "domain": [("notice_id", "=", self.id)],
            "context": {"default_notice_id": self.id},
        }

    def _prepare_stages_vals(self, company):
        templates = self.env["quality.production.notice.stage.template"]._get_templates(company)
        roles = templates.role_id._filter_applicable(company)
        people = roles._get_people(company)
        return [
            {
                "notice_id": notice.id,
                "template_id": template.id,
                "sequence": template.sequence,
                "name": template.name,
                "role_id": template.role_id.id,
                "user_id": people[template.role_id][0][:1].id,
                "date_due": notice._get_stage_date(template),
            }
            for notice in self
            for template in templates
            if template.role_id in roles
        ]

    def _get_stage_date(self, template):
        """Return when a stage is due: before the promise, but not before today."""
        today = fields.Date.context_today(self)
        if not self.date_promised:
            return False
        promised = self.order_id._get_quality_day(self.date_promised)
        return max(promised - timedelta(days=template.days_before), today)
