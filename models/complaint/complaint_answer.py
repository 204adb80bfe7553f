from odoo import api, fields, models
from odoo.exceptions import AccessError

ANSWERING = ("quality", "engineering")


class QualityComplaint(models.Model):
    """Who answers the customer (F5): who handles it, or quality and engineering once asked."""

    _inherit = "quality.complaint"  # pylint: disable=R8180  # a chapter of its own

    answer_role_id = fields.Many2one(
        "quality.role",
        "Asked to Answer",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        help="Answers the customer directly, with sales in copy.",
    )
    answered_way = fields.Char("Answered By Way Of", readonly=True, copy=False)
    can_answer = fields.Boolean("May Answer", compute="_compute_can_answer")

    @api.depends("can_handle", "answer_role_id")
    @api.depends_context("uid")
    def _compute_can_answer(self):
        mine = self._filter_answered_by_user()
        for complaint in self:
            complaint.can_answer = complaint in mine

    def _filter_answered_by_user(self):
        """Return the complaints that the user may answer."""
        handled = self._filter_handled()
        asked = (self - handled).filtered("answer_role_id")
        roles = {
            company: self.env["quality.role"]._get_roles_of(self.env.user, company)
            for company in asked.company_id
        }
        return handled | asked.filtered(lambda c: c.answer_role_id in roles[c.company_id])

    def _ensure_may_answer(self):
        """Check that the user may answer these complaints.

        :raise AccessError: naming the first one
        """
        self.check_access("read")
        foreign = self - self._filter_answered_by_user()
        if foreign:
            raise AccessError(
                self.env._(
                    "%(number)s is answered by %(person)s, or by the department that they ask. "
                    "Ask them, or a quality officer.",
                    number=foreign[0].name,
                    person=foreign[0].sudo().user_id.name or self.env._("quality"),
                )
            )

    def action_ask_engineering(self):
        """Ask engineering to answer the customers directly (F5)."""
        return self._ask_to_answer("engineering")

    def action_ask_quality(self):
        """Ask quality to answer the customers directly (F5)."""
        return self._ask_to_answer("quality")

    def _ask_to_answer(self, code):
        """Let a department answer, and tell its first person.

        :raise AccessError: for whoever does not handle the complaints
        :raise UserError: once they are over
        """
        self._ensure_may_handle()
        self._ensure_running()
        role = self.env["quality.role"].browse(self.env["quality.role"]._get_ids_by_code()[code])
        complaints_sudo = self.sudo()  # follows from the step, which was checked
        complaints_sudo.answer_role_id = role
        for company, complaints in complaints_sudo.grouped("company_id").items():
            person = role._get_people(company)[role][0][:1]
            complaints._schedule_answer(person)
        return True

    def _schedule_answer(self, person):
        if person:
            self.with_context(mail_activity_quick_update=True).activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.with_context(lang=person.lang).env._("Answer the customer"),
                user_id=person.id,
            )

    def action_open_answer(self):
        """Open the dialog in which the answer to the customer is written (F5).

        :raise AccessError: for whoever may not answer
        :raise UserError: when it is not solved yet
        """
        self.ensure_one()
        self._ensure_step("answered")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answer the Customer"),
            "res_model": "quality.complaint.answer",
            "view_mode": "form",
            "target": "new",
            "context": {"default_complaint_id": self.id},
        }

    def _post_answer(self, subject, body, address, copies, files):
        """Mail the answer from the chatter, so that replies come back to it; queued, not sent.

        :param body: Markup
        :param address: str, the customer's
        :param copies: res.partner records in copy
        :param files: ir.attachment records
        """
        self.ensure_one()
        partner = self._get_mail_partner(address)
        if copies:
            self.sudo().message_subscribe(copies.ids)  # hear of replies; the answer was checked
        self.with_context(mail_notify_force_send=False).message_post(
            body=body,
            subject=subject,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=(partner | copies).ids,
            outgoing_email_to=False if partner else address,
            attachment_ids=files.ids,
            email_layout_xmlid="mail.mail_notification_layout_with_responsible_signature",
        )
        self.env["quality.record"]._wake("mail.ir_cron_mail_scheduler_action")

    def _post_other_answer(self, way, who, text, files):
        """Note in the chatter how the customer was answered, with the evidence; nobody is mailed.

        :param way: str, in the user's language
        :param who: str, who was told
        :param text: str, what was said
        :param files: ir.attachment records
        """
        self.ensure_one()
        self.message_post(
            body=self.env._(
                "Answered by way of %(way)s to %(person)s: %(text)s",
                way=way,
                person=who,
                text=text,
            ),
            attachment_ids=files.ids,
        )
