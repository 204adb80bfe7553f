from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError

ACTION_TYPE = "customer_quality.mail_activity_type_action"


class QualityAction(models.Model):
    """The activity that shows an action to its owner: the chapter about the mirror."""

    _inherit = "quality.action"  # pylint: disable=R8180  # a chapter of its own

    def _mirror_activities(self):
        """Show each open action to its owner, as one activity."""
        Activity = self.env["mail.activity"].sudo()
        shown = Activity._search_actions(self).mapped("res_id")
        Activity.with_context(mail_activity_quick_update=True, customer_quality_mirror=True).create(
            [
                Activity._prepare_action_vals(action)
                for action in self
                if action.state == "open" and action.user_id and action.id not in shown
            ]
        )

    def _discharge_activities(self):
        """Remove the activities of actions that nobody owes any more."""
        self.env["mail.activity"].sudo()._search_actions(self).unlink()

    def _on_owner_changed(self):
        """The new owner gets activity and deadline."""
        Activity = self.env["mail.activity"].sudo()
        owners = {action.id: action.user_id for action in self}
        shown = Activity.with_context(mail_activity_quick_update=True)._search_actions(self)
        for owner, activities in shown.grouped(lambda act: owners[act.res_id]).items():
            if owner:
                activities.filtered(lambda act, to=owner: act.user_id != to).user_id = owner
        self._mirror_activities()
        if "quality.deadline" in self.env:
            running = self.record_id._get_open_deadlines("action")
            for owner, deadlines in running.grouped(lambda d: d.record_id.user_id).items():
                deadlines.user_id = owner

    def _take_over(self, user):
        """Hand these actions to ``user``, who was given their activities.

        :raise UserError: when neither the user is an officer nor ``user`` acts for the role
        """
        officer = self.env.user.has_group("customer_quality.group_officer")
        for action, people in self._get_doers().items():
            if not officer and user not in people:
                raise UserError(
                    self.env._(
                        "%(person)s does not act for the role of %(action)s. Ask a quality "
                        "officer to give it to them.",
                        person=user.name,
                        action=action.display_name,
                    )
                )
        self.sudo().user_id = user  # the right was checked above

    def _on_due_changed(self):
        today = fields.Date.context_today(self)
        dates = {action.id: action.date_due or today for action in self}
        shown = self.env["mail.activity"].sudo()._search_actions(self)
        for date, activities in shown.grouped(lambda act: dates[act.res_id]).items():
            activities.date_deadline = date
        if "quality.deadline" in self.env:
            dated = self.filtered("date_due")
            for due, actions in dated.grouped("date_due").items():
                actions.record_id._reschedule_deadlines("action", due)
            # what had no date before is promised from now on; without one nothing is
            running = dated.record_id._get_open_deadlines("action").record_id
            dated.filtered(
                lambda action: action.state == "open" and action.record_id not in running
            )._start_deadlines()
            (self - dated).record_id._cancel_deadlines("action")


class QualityRecord(models.Model):
    _inherit = "quality.record"  # pylint: disable=R8180  # each block adds its own chapter

    task_ids = fields.One2many("quality.action", "source_record_id", "Actions", readonly=True)
    task_count = fields.Integer("Open Actions", compute="_compute_task_count")

    @api.depends("task_ids.state")
    def _compute_task_count(self):
        groups = self.env["quality.action"]._read_group(
            [("source_record_id", "in", self.ids), ("state", "=", "open")],
            ["source_record_id"],
            ["__count"],
        )
        counts = dict(groups)
        for record in self:
            record.task_count = counts.get(record, 0)

    def action_open_tasks(self):
        """Open the actions that follow from these records."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_quality.quality_action_action"
        )
        return {
            **action,
            "domain": [("source_record_id", "in", self.ids)],
            "context": {"default_source_record_id": self[:1].id},
        }

    def _meet_action_deadlines(self):
        if "quality.deadline" in self.env:
            self._meet_deadlines("action")


class QualityRecordMixin(models.AbstractModel):
    _inherit = "quality.record.mixin"  # pylint: disable=R8180  # each block adds its own chapter

    def action_open_tasks(self):
        """Open the actions that follow from these documents."""
        return self.record_id.action_open_tasks()


class MailActivity(models.Model):
    """Activities that mirror actions: done with evidence, not by ticking."""

    _inherit = "mail.activity"  # pylint: disable=R8180  # each block adds its own chapter

    def write(self, vals):
        """Reassigning the activity of an action moves the action, where the user may."""
        moved = self._filter_actions() if vals.get("user_id") and not self.env.su else self[:0]
        if moved:
            moved.check_access("write")
            moved._get_actions()._take_over(self.env["res.users"].browse(vals["user_id"]))
            # the owner need not be able to write the action, which core asks for here
            super(MailActivity, moved.sudo()).write(vals)
        return super(MailActivity, self - moved).write(vals)

    def _action_done(self, feedback=False, attachment_ids=None):
        """Evidence is what discharges an action: lead to its form instead of ticking it off.

        :raise RedirectWarning: while the action is open
        """
        for action in self._filter_actions()._get_actions():
            if action.state == "open":
                raise RedirectWarning(
                    self.env._(
                        "“%(action)s” is done with evidence; ticking the activity gives none. "
                        "Open the action and say there what shows it.",
                        action=action.display_name,
                    ),
                    action._get_records_action(),
                    self.env._("Open the action"),
                )
        return super()._action_done(feedback=feedback, attachment_ids=attachment_ids)

    def _filter_actions(self):
        action_type = self.env["ir.model.data"]._xmlid_to_res_id(ACTION_TYPE)
        return self.filtered(
            lambda activity: (
                activity.activity_type_id.id == action_type
                and activity.res_model == "quality.action"
            )
        )

    def _get_actions(self):
        return self.env["quality.action"].browse(self.mapped("res_id"))

    def _search_actions(self, actions):
        return self.search(
            [
                (
                    "activity_type_id",
                    "=",
                    self.env["ir.model.data"]._xmlid_to_res_id(ACTION_TYPE),
                ),
                ("res_model", "=", "quality.action"),
                ("res_id", "in", actions.ids),
            ]
        )

    def _prepare_action_vals(self, action):
        return {
            "activity_type_id": self.env["ir.model.data"]._xmlid_to_res_id(ACTION_TYPE),
            "res_model_id": self.env["ir.model"]._get_id("quality.action"),
            "res_id": action.id,
            "user_id": action.user_id.id,
            "summary": action.title,
            "automated": True,
            "date_deadline": action.date_due or fields.Date.context_today(action),
        }
