from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...lib.canonical import digest
from ..notice.production_notice import PRINT_GROUPS

OBJECTED_TYPE = "customer_quality.mail_activity_type_plan_objected"


class QualityProductionNoticeStage(models.Model):
    """Planned and real dates: the first plan is kept, however often the plan moves (D2)."""

    _inherit = "quality.production.notice.stage"  # pylint: disable=R8180  # a chapter of its own

    date_planned = fields.Date(
        "First Planned", readonly=True, copy=False, help="Kept when the plan moves."
    )
    days_late = fields.Integer(
        compute="_compute_days_late",
        store=True,
        aggregator="avg",
        help="By how many days it was done after it was due; negative where it was done before.",
    )

    @api.depends("date_due", "date_done")
    def _compute_days_late(self):
        for stage in self:
            is_known = stage.date_due and stage.date_done
            stage.days_late = (stage.date_done - stage.date_due).days if is_known else 0

    @api.model_create_multi
    def create(self, vals_list):
        """Keep the first plan of each stage."""
        return super().create(
            [{**vals, "date_planned": vals.get("date_due")} for vals in vals_list]
        )

    def write(self, vals):
        """Keep the first plan as it was.

        :raise AccessError: when a user would change it
        """
        if "date_planned" in vals and not self.env.su:
            raise AccessError(self.env._("The first plan of a stage is kept as it was."))
        result = super().write(vals)
        if vals.get("date_due"):
            # the first date that it gets is its first plan, whoever gives it
            self.sudo().filtered(lambda s: not s.date_planned).date_planned = vals["date_due"]
        return result


class QualityProductionNotice(models.Model):
    """Engineering checks the plan of a notice, and signs (D2)."""

    _inherit = "quality.production.notice"  # pylint: disable=R8180  # a chapter of its own

    plan_answer = fields.Selection(
        [("agree", "Agreed"), ("condition", "Agreed with condition"), ("object", "Objected")],
        "Engineering's Answer",
        readonly=True,
        copy=False,
    )
    plan_hash = fields.Char("Fingerprint of the Checked Plan", readonly=True, copy=False)
    plan_check_state = fields.Selection(
        [
            ("none", "Not asked"),
            ("asked", "To check"),
            ("agree", "Checked"),
            ("condition", "Checked with condition"),
            ("object", "Objected"),
            ("moved", "Moved since the check"),
        ],
        "Check of the Plan",
        compute="_compute_plan_check",
        compute_sudo=True,
    )
    plan_check_text = fields.Char("What Engineering Says", compute="_compute_plan_check")
    is_plan_mine = fields.Boolean("Plan to Check by Me", compute="_compute_is_plan_mine")
    can_ask_plan = fields.Boolean(compute="_compute_plan_check", compute_sudo=True)

    @api.depends(
        "plan_answer",
        "plan_hash",
        "state",
        "opinion_ids.state",
        "stage_ids.date_due",
        "stage_ids.user_id",
    )
    def _compute_plan_check(self):
        for notice in self:
            opinions = notice.sudo().opinion_ids
            if opinions.filtered(lambda o: o.state == "open"):
                state = "asked"
            elif notice.plan_answer and notice.plan_hash != notice._get_plan_hash():
                state = "moved"
            else:
                state = notice.plan_answer or "none"
            answered = opinions.filtered(lambda o: o.state == "done")[-1:]
            notice.plan_check_state = state
            notice.plan_check_text = answered.reason
            notice.can_ask_plan = (
                notice.state == "issued"
                and state in ("none", "object", "moved")
                and (notice.company_id.quality_plan_check or bool(notice.plan_answer))
                and bool(notice.stage_ids)
            )

    @api.depends("opinion_ids.state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_plan_mine(self):
        for notice in self:
            notice.is_plan_mine = any(notice.opinion_ids.mapped("is_mine"))

    # Asking

    def action_request_plan_check(self):
        """Ask engineering to check the plan as it stands now.

        :raise AccessError: for whoever is neither in sales, production nor quality
        :raise UserError: where there is nothing to check, or engineering is asked already
        """
        self._ensure_group(PRINT_GROUPS)
        for notice in self:
            if notice.state != "issued" or not notice.stage_ids:
                raise UserError(
                    self.env._("%(number)s has no plan in force to check.", number=notice.name)
                )
            if notice.plan_check_state == "asked":
                raise UserError(
                    self.env._("Engineering is asked for %(number)s already.", number=notice.name)
                )
        self._request_plan_check()
        return True

    def _request_plan_check(self):
        """Ask engineering, where the company has it."""
        item = self.env.ref("customer_quality.template_plan_check_item")
        asked = self.filtered(
            lambda notice: notice.stage_ids and item.role_id._filter_applicable(notice.company_id)
        )
        asked.sudo().activity_unlink([OBJECTED_TYPE])
        self.env["quality.opinion"]._request(
            [
                {
                    "record_id": notice.record_id.id,
                    "role_id": item.role_id.id,
                    "item_id": item.id,
                    "sequence": item.sequence,
                }
                for notice in asked
            ]
        )

    def _issue(self):
        """Ask engineering about the plan of new notices, where the company wants it."""
        result = super()._issue()
        checked = self.filtered("company_id.quality_plan_check")
        if checked:
            checked._request_plan_check()
        return result

    # What is signed

    def _get_plan(self):
        """Return the plan as it is signed: a JSON-able list without language."""
        self.ensure_one()
        return [
            {
                "stage": stage.id,
                "role": stage.role_id.id,
                "owner": stage.user_id.id or None,
                "due": fields.Date.to_string(stage.date_due) or None,
            }
            for stage in self.stage_ids.sorted("id")
        ]

    def _get_plan_hash(self):
        return digest(self._get_plan())

    def _prepare_decision_content(self, opinions):
        """Engineering signs on stages, dates and owners."""
        return {**super()._prepare_decision_content(opinions), "plan": self._get_plan()}

    def _on_duties_signed(self, duties):
        """Keep what engineering says; an objection is the responsible's to settle."""
        if duties._name == "quality.opinion":
            for notice_sudo in self.sudo():  # by the signature, whatever rights its signer has
                opinion = duties.filtered(
                    lambda duty, notice=notice_sudo: duty.record_id == notice.record_id
                )[-1:]
                if opinion:
                    notice_sudo.write(
                        {"plan_answer": opinion.answer, "plan_hash": notice_sudo._get_plan_hash()}
                    )
                    notice_sudo._tell_plan_answer(opinion)
        return super()._on_duties_signed(duties)

    def _tell_plan_answer(self, opinion):
        """Give the responsible an activity about what engineering does not simply agree to."""
        if opinion.answer == "agree" or not self.user_id:
            return
        self.with_context(mail_activity_quick_update=True).activity_schedule(
            OBJECTED_TYPE, user_id=self.user_id.id, note=opinion.reason
        )

    # Nothing is owed on what is over

    def _retire(self, reason, release):
        result = super()._retire(reason, release)
        self.sudo().opinion_ids._void()
        return result

    def _void_replaced(self):
        result = super()._void_replaced()
        self.sudo().opinion_ids._void()
        return result

    def action_done(self):
        """Declare the notices carried out; their plan needs no check any more."""
        result = super().action_done()
        self.sudo().opinion_ids._void()
        return result
