from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_list

from ...lib.canonical import digest
from .person import get_person_keys


class QualityAction(models.Model):
    """From open to done and verified, and back: the chapter about the steps of an action.

    Whether it was done is said by whoever owes it, with evidence; whether it was done well by
    somebody else, with a signature (G2).
    """

    _inherit = "quality.action"  # pylint: disable=R8180  # a chapter of its own

    # Buttons

    def action_open_done(self):
        """Ask for the evidence in a dialog."""
        return self._open_step("done", self.env._("Done"))

    def action_open_reopen(self):
        """Ask for the reason in a dialog."""
        return self._open_step("reopen", self.env._("Reopen"))

    def action_open_cancel(self):
        """Ask for the reason in a dialog."""
        return self._open_step("cancel", self.env._("Cancel the Action"))

    def _open_step(self, step, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "quality.action.step",
            "view_mode": "form",
            "target": "new",
            "context": {"default_action_ids": self.ids, "default_step": step},
        }

    # Steps

    def action_done(self, evidence, attachment_ids=()):
        """Say that these actions are done.

        :param evidence: str, what shows it
        :param attachment_ids: list of ids of own files that show it
        :return: True
        :raise AccessError: when the user neither owns the action, nor acts for its role or its
            absent owner, nor is a quality officer
        :raise UserError: when there is no evidence, or something has to be done before
        """
        self.check_access("read")
        self._ensure_open()
        self._ensure_may_do()
        self._ensure_nothing_before()
        files = self._get_own_files(attachment_ids)
        evidence = (evidence or "").strip()
        if not (evidence or files):
            raise UserError(
                self.env._("Say what shows that it is done, or add a file that shows it.")
            )
        self.sudo()._done(evidence, files)  # the right was checked above
        return True

    def action_reopen(self, reason):
        """Put actions back to open that are not done after all.

        :param reason: str
        :return: True
        :raise AccessError: when the user neither did nor may do it, nor is a quality officer
        :raise UserError: when an action is open, or no reason is given
        """
        self.check_access("read")
        self._ensure_reason(reason)
        self._ensure_may_do()
        unfinished = self.filtered(lambda action: action.state not in ("done", "verified"))
        if unfinished:
            raise UserError(
                self.env._(
                    "%(action)s is not done, so it can't be reopened.",
                    action=unfinished[0].display_name,
                )
            )
        self._reopen(reason)
        return True

    def action_cancel(self, reason):
        """Cancel actions that nobody owes any more.

        :param reason: str
        :return: True
        :raise AccessError: when the user is no quality officer
        :raise UserError: when an action is settled already, or no reason is given
        """
        self.check_access("write")
        self._ensure_reason(reason)
        settled = self.filtered("is_settled")
        if settled:
            raise UserError(
                self.env._(
                    "%(action)s is settled. Only what is still owed can be cancelled.",
                    action=settled[0].display_name,
                )
            )
        self._cancel(reason)
        return True

    # Checks

    def _ensure_reason(self, reason):
        if not (reason or "").strip():
            raise UserError(
                self.env._("Give the reason; the others can only act on what they read.")
            )

    def _ensure_may_do(self):
        if self.env.su or self.env.user.has_group("customer_quality.group_officer"):
            return
        for action, people in self._get_doers().items():
            if self.env.user not in people:
                raise AccessError(
                    self.env._(
                        "%(action)s is owed by %(person)s. Ask them, or a quality officer.",
                        action=action.display_name,
                        person=action.sudo().user_id.name or action.sudo().role_id.name or "–",
                    )
                )

    def _ensure_nothing_before(self):
        for action in self:
            # those that are done in the same step don't hold up each other
            pending = action.sudo().depends_on_ids.filtered(lambda a: not a.is_settled) - self
            if pending:
                raise UserError(
                    self.env._(
                        "%(action)s waits for %(others)s, which has to be done first.",
                        action=action.display_name,
                        others=format_list(self.env, pending.mapped("display_name")),
                    )
                )

    def _get_own_files(self, attachment_ids):
        """Return the user's own files among ``attachment_ids``.

        :raise AccessError: where a file belongs to somebody else or to another document
        """
        files_sudo = self.env["ir.attachment"].sudo().browse(attachment_ids).exists()
        for file in files_sudo:
            filed = file.res_id and file.res_model != "quality.action.step"
            if file.create_uid != self.env.user or filed:
                raise AccessError(
                    self.env._("%(file)s is not your file. Upload it here.", file=file.name)
                )
        return files_sudo

    def _filter_files_kept(self):
        """What shows that an action is done stays until it is verified, and after (G2, K1)."""
        done = self.filtered(lambda action: action.state in ("done", "verified"))
        kept = done.filtered(lambda action: not action.record_id.is_retention_over)
        return super()._filter_files_kept() | kept

    # What follows (in sudo: after the checks above, or by a procedure)

    def _done(self, evidence, files):
        if files:
            files.write({"res_model": self._name, "res_id": self[:1].id})
        self.write(
            {
                "state": "done",
                "date_done": fields.Datetime.now(),
                "done_by_id": self.env.uid,
                "evidence": evidence,
                "evidence_ids": [(6, 0, files.ids)],
            }
        )
        for action in self:
            action.content_hash = digest(action._get_content())
        self._discharge_activities()
        self.record_id._meet_action_deadlines()
        self._ask_verification()
        self._set_settled(self.filtered(lambda action: not action.needs_verification))

    def _ask_verification(self):
        """Ask the chosen person or role to verify; quality control where nothing is chosen."""
        asked = self.filtered("needs_verification")
        if not asked:
            return
        item = self.env.ref("customer_quality.template_action_verification")
        self.record_id.opinion_ids._request(
            [
                {
                    "record_id": action.record_id.id,
                    "role_id": (action.verifier_role_id or item.role_id).id,
                    "user_id": action._get_asked_verifier(item).id,
                    "meaning": "verification",
                    "item_id": item.id,
                }
                for action in asked
            ]
        )

    def _get_asked_verifier(self, item):
        """Return who is asked: the chosen one, else the first who did not do it (res.users)."""
        if self.verifier_id:
            return self.verifier_id
        role = self.verifier_role_id or item.role_id
        doers = self._get_doer_keys()
        users = role._get_people(self.company_id)[role][0]
        others = users.filtered(
            lambda user: not doers & get_person_keys(user, self.env["hr.employee"])
        )
        return others[:1] or users[:1]

    def _get_doer_keys(self):
        return get_person_keys(self.done_by_id | self.user_id, self.env["hr.employee"])

    def _check_signer(self, duties, signer):
        """Nobody verifies what they did or owed themselves; persons are compared (G2).

        :raise UserError: naming the action
        """
        verified = duties.filtered(lambda duty: duty._get_meaning() == "verification").record_id
        keys = get_person_keys(
            self.env["res.users"].browse(signer.uid or []),
            self.env["hr.employee"].browse(signer.employee_id or []),
        )
        for action_sudo in self.sudo().filtered(lambda action: action.record_id in verified):
            if keys & action_sudo._get_doer_keys():
                raise UserError(
                    self.env._(
                        "%(person)s did %(action)s and can't verify it, whatever the login. "
                        "Ask somebody else who acts for the role.",
                        person=signer.name,
                        action=action_sudo.display_name,
                    )
                )
        return super()._check_signer(duties, signer)

    def _on_duties_signed(self, duties):
        """A verification without reservation settles the action; any other one reopens it."""
        for opinion in duties.filtered(lambda duty: duty._get_meaning() == "verification"):
            action_sudo = self.sudo().filtered(
                lambda action, opinion=opinion: (
                    action.record_id == opinion.record_id and action.state == "done"
                )
            )
            if opinion.answer == "agree":
                action_sudo._verify()
            elif action_sudo:
                action_sudo._reopen(opinion.reason)
        return super()._on_duties_signed(duties)

    def _verify(self):
        self.write({"state": "verified", "date_verified": fields.Datetime.now()})
        self._set_settled(self)

    def _set_settled(self, actions):
        """Close what is settled, and let go on what waited for it."""
        if not actions:
            return
        actions._set_phase("closed")
        orders = actions.filtered(lambda action: action.hold != "none").order_id
        orders.quality_review_id._settle()

    def _reopen(self, reason):
        actions_sudo = self.sudo()  # by whoever may, see action_reopen, or by the verifier
        actions_sudo.record_id.opinion_ids.filtered(
            lambda opinion: opinion.meaning == "verification"
        )._void()
        actions_sudo._set_phase("open")
        for action in actions_sudo:
            action.write({"reopen_count": action.reopen_count + 1})
        actions_sudo.write(
            {
                "state": "open",
                "reason": reason,
                "date_done": False,
                "done_by_id": False,
                "date_verified": False,
            }
        )
        actions_sudo._log_reason(self.env._("Reopened: %(reason)s", reason=reason))
        actions_sudo._mirror_activities()
        actions_sudo._start_deadlines()

    def _cancel(self, reason):
        """Cancel actions: a procedure no longer asks for them.

        :param reason: str, kept with each
        """
        actions_sudo = self.sudo().filtered(lambda action: not action.is_settled)
        if not actions_sudo:
            return
        actions_sudo.record_id.opinion_ids._void()
        actions_sudo.write({"state": "cancelled", "reason": reason})
        actions_sudo._set_phase("void")
        actions_sudo._discharge_activities()
        actions_sudo._log_reason(self.env._("Cancelled: %(reason)s", reason=reason))
        actions_sudo.order_id.quality_review_id._settle()

    def _log_reason(self, text):
        self._message_log_batch({action.id: text for action in self})
