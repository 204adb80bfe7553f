from odoo import fields, models
from odoo.exceptions import RedirectWarning, UserError

from .duty import UNSIGNED

DUTY_TYPE = "customer_quality.mail_activity_type_duty"


class MailActivity(models.Model):
    """Activities that mirror duties: done by signing, not by ticking."""

    _inherit = "mail.activity"

    def write(self, vals):
        """Reassigning the activity of a duty moves the duty, where the new person may sign."""
        if vals.get("user_id"):
            duties = self._filter_duties()
            if duties:
                duties._move_duties(self.env["res.users"].browse(vals["user_id"]))
        return super().write(vals)

    def _action_done(self, feedback=False, attachment_ids=None):
        """Signing is what discharges a duty: lead there instead of ticking it off.

        :raise RedirectWarning: while the person still owes the signature
        """
        for activity in self._filter_duties():
            if activity._get_duties():
                record = activity._get_quality_record()
                raise RedirectWarning(
                    self.env._(
                        "“%(document)s” is waiting for your signature; ticking the activity "
                        "does not give it. Open the page and sign there.",
                        document=record.name,
                    ),
                    record._get_work_action(),
                    self.env._("Open the page"),
                )
        return super()._action_done(feedback=feedback, attachment_ids=attachment_ids)

    def _filter_duties(self):
        duty_type = self.env["ir.model.data"]._xmlid_to_res_id(DUTY_TYPE)
        return self.filtered(lambda activity: activity.activity_type_id.id == duty_type)

    def _get_quality_record(self):
        self.ensure_one()
        return (
            self.env["quality.record"]
            .sudo()
            .search([("res_model", "=", self.res_model), ("res_id", "=", self.res_id)], limit=1)
        )

    def _get_duties(self):
        """Return the open duties that this activity mirrors (quality.duty, in sudo)."""
        return (
            self.env["quality.duty"]
            .sudo()
            .search(
                [
                    ("record_id", "=", self._get_quality_record().id),
                    ("user_id", "=", self.user_id.id),
                    ("meaning", "not in", UNSIGNED),
                ]
            )
        )

    def _move_duties(self, user):
        for activity in self.filtered(lambda act: act.user_id != user):
            record = activity._get_quality_record()
            for name in ("quality.opinion", "quality.acknowledgement"):
                duties = (
                    self.env[name]
                    .sudo()
                    .search(
                        [
                            ("record_id", "=", record.id),
                            ("user_id", "=", activity.user_id.id),
                            ("state", "=", "open"),
                        ]
                    )
                )
                activity._ensure_may_take_over(duties, user)
                duties.user_id = user

    def _ensure_may_take_over(self, duties, user):
        people = duties.role_id._get_people(duties.company_id)
        for role in duties.role_id:
            if user not in people[role][0]:
                raise UserError(
                    self.env._(
                        "%(person)s does not act for %(role)s and can't sign in your place. "
                        "Name them as deputy of the department first.",
                        person=user.name,
                        role=role.name,
                    )
                )

    def _search_duties(self, records):
        """Return the activities that mirror duties on the documents of ``records``."""
        duty_type = self.env["ir.model.data"]._xmlid_to_res_id(DUTY_TYPE)
        activities = self.browse()
        for model, documents in records._get_documents().items():
            activities |= self.search(
                [
                    ("activity_type_id", "=", duty_type),
                    ("res_model", "=", model),
                    ("res_id", "in", documents.ids),
                ]
            )
        return activities

    def _get_duty_pairs(self, records):
        return {
            (activity.res_model, activity.res_id, activity.user_id.id)
            for activity in self._search_duties(records)
        }

    def _move_duty_deadlines(self, records):
        """Let the activities that mirror duties on ``records`` fall due when the duties do."""
        days = self.env["quality.deadline"]._get_duty_days(records)
        anchors = {(record.res_model, record.res_id): record.id for record in records}
        activities = self.sudo().with_context(mail_activity_quick_update=True)
        for activity in activities._search_duties(records):
            anchor = anchors[activity.res_model, activity.res_id]
            day = days.get((anchor, activity.user_id.id), activity.date_deadline)
            if day != activity.date_deadline:
                activity.date_deadline = day

    def _prepare_duty_vals(self, record, user, day=None):
        return {
            "activity_type_id": self.env["ir.model.data"]._xmlid_to_res_id(DUTY_TYPE),
            "res_model_id": self.env["ir.model"]._get_id(record.res_model),
            "res_id": record.res_id,
            "user_id": user.id,
            "summary": self.with_context(lang=user.lang).env._(
                "Sign %(number)s", number=record.name
            ),
            "automated": True,
            "date_deadline": day or fields.Date.context_today(record),
        }
