from urllib.parse import urlencode

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .abnormality import REPORTER

OFFICER = "customer_quality.group_officer"

#: States in which something is still to be done.
RUNNING = ("reported", "received", "remedied")


class QualityAbnormality(models.Model):
    """From the report to the end: received, remedied, closed (D7).

    Each step is taken by a person. On a shared device they give badge and PIN, as when they
    sign; ``credentials`` are those of quality.signature._authenticate.
    """

    _inherit = "quality.abnormality"  # pylint: disable=R8180  # a chapter of its own

    date_received = fields.Datetime("Received On", readonly=True, copy=False)
    received_by = fields.Char("Signed for By", readonly=True, copy=False)
    cause = fields.Text(copy=False)
    remedy = fields.Text(copy=False, help="What was done, so that work can go on.")
    date_remedied = fields.Datetime("Remedied On", readonly=True, copy=False, index=True)
    remedied_by = fields.Char(readonly=True, copy=False)
    closed_by = fields.Char("Confirmed By", readonly=True, copy=False)
    reopen_count = fields.Integer("Times Not Remedied", readonly=True, copy=False)
    reason = fields.Char("Why Void or Not Remedied", readonly=True, copy=False)
    action_ids = fields.Many2many("quality.action", compute="_compute_action_ids")
    action_count = fields.Integer("Follow-up Actions", compute="_compute_action_ids")

    can_remedy = fields.Boolean("May Remedy", compute="_compute_can")
    can_close = fields.Boolean("May Close", compute="_compute_can")

    # without dependencies: looked at when a sheet is opened
    def _compute_action_ids(self):
        groups = self.env["quality.action"]._read_group(
            [("source_record_id", "in", self.record_id.ids)],
            ["source_record_id"],
            ["id:recordset"],
        )
        actions = dict(groups)
        for sheet in self:
            sheet.action_ids = actions.get(sheet.record_id, self.env["quality.action"])
            sheet.action_count = len(sheet.action_ids)

    @api.depends("state", "role_id")
    @api.depends_context("uid")
    def _compute_can(self):
        """Tell which step the current user may take, for the buttons."""
        signer = self._get_login()
        received = self.filtered(lambda sheet: sheet.state == "received")
        remedied = self.filtered(lambda sheet: sheet.state == "remedied")
        concerned = received._filter_concerned(signer)
        closers = remedied._filter_closable(signer)
        for sheet in self:
            sheet.can_remedy = sheet in concerned
            sheet.can_close = sheet in closers

    # Report

    def _report(self, vals, credentials=None, files=()):
        """Report an abnormality from a page, also on a shared device.

        :param vals: dict of values, as :meth:`create` takes them
        :param credentials: dict with badge or number and PIN; empty for the own login
        :param files: list of dicts with ``name`` and ``raw``, the photos
        :return: the sheet
        :raise UserError: when something is missing, or a photo is none
        """
        self.check_access("create")
        signer = self._get_signer(credentials)
        for file in files:
            self.env["quality.signature"]._check_evidence(file["raw"])
        # whoever reports files the photos with the sheet, and nowhere else
        photos_sudo = (
            self.env["ir.attachment"]
            .sudo()
            .create([{**file, "res_model": self._name, "res_id": 0} for file in files])
        )
        sheets = self.with_context(**{REPORTER: signer})
        sheet = sheets.create({**vals, "photo_ids": [(6, 0, photos_sudo.ids)]})
        return sheet.with_env(self.env)

    def _get_signer(self, credentials=None):
        """Return who takes the step (Signer).

        :raise UserError: on a shared login without badge and PIN
        """
        if self.env.su and not credentials:
            return self._get_login()
        return self.env["quality.signature"]._identify(credentials or {})

    # Receipt

    def _ask(self):
        """Ask the department concerned to sign for these sheets, in sudo."""
        asked = {
            (receipt.record_id, receipt.role_id): receipt for receipt in self.acknowledgement_ids
        }
        known = [asked.get((sheet.record_id, sheet.role_id)) for sheet in self]
        self.env["quality.acknowledgement"]._request(
            [
                {"record_id": sheet.record_id.id, "role_id": sheet.role_id.id}
                for sheet, receipt in zip(self, known, strict=True)
                if not receipt
            ]
        )
        for sheet, receipt in zip(self, known, strict=True):
            if receipt and receipt.state == "done":
                sheet._receive(receipt.signature_id)  # signed for what was reported before
            elif receipt:
                receipt._ask_again()

    def _on_duties_signed(self, duties):
        """The department has signed for it: from now on it owes the remedy."""
        for sheet_sudo in self.sudo():  # the signature decides, not the rights of who gave it
            receipt = duties.filtered(
                lambda duty, sheet=sheet_sudo: (
                    duty.record_id == sheet.record_id and duty.role_id == sheet.role_id
                )
            )
            if receipt and sheet_sudo.state == "reported":
                sheet_sudo._receive(receipt[:1].sudo().signature_id)
        return super()._on_duties_signed(duties)

    def _receive(self, signature):
        """Note that the department has signed for it, and until when it owes the remedy."""
        self.write(
            {
                "state": "received",
                "date_received": fields.Datetime.now(),
                "received_by": signature.display_name,
            }
        )
        self.record_id.user_id = signature.signer_uid or False
        self._start_remedy()

    def _start_remedy(self):
        self.env["quality.deadline"]._start(
            [
                {
                    "record_id": sheet.record_id.id,
                    "kind": "abnormality_remedy",
                    "role_id": sheet.role_id.id,
                    "user_id": sheet.user_id.id,
                }
                for sheet in self
            ]
        )

    def action_receive(self):
        """Sign for receipt of these sheets for every role that I act for (D7, M2).

        :raise UserError: when I owe no receipt
        """
        return self.acknowledgement_ids.filtered("is_mine").action_receive()

    # The line

    def action_resume(self, credentials=None):
        """Note that the line runs again, from now on.

        :raise AccessError: for whoever may only look
        :raise UserError: when it does not stand
        """
        self.check_access("write")
        signer = self._get_signer(credentials)
        for sheet in self:
            sheet._ensure_running()
            if not sheet.is_standing:
                raise UserError(
                    self.env._("%(number)s: the line is not stopped.", number=sheet.name)
                )
        # whoever works there says so; the person was asked for above
        self.sudo().date_resumed = fields.Datetime.now()
        self._note(self.env._("The line runs again (%(person)s).", person=signer.name))
        return True

    # Remedy

    def action_remedy(self, remedy=None, credentials=None):
        """State that these abnormalities are remedied, and how (D7).

        :param remedy: str, what was done; what is written on the sheet where it is left out
        :param credentials: dict, see above
        :raise AccessError: for whoever does not act for the department concerned
        :raise UserError: when it is not received, or it is not written down what was done
        """
        self.check_access("read")
        signer = self._get_signer(credentials)
        self._ensure_to_remedy()
        self._ensure_concerned(signer)
        for sheet in self:
            text = (remedy or sheet.remedy or "").strip()
            if not text:
                raise UserError(
                    self.env._(
                        "Write down under “Remedy” what was done about %(number)s.",
                        number=sheet.name,
                    )
                )
            sheet.sudo()._remedy(text, signer)  # the right was checked above
        return True

    def _remedy(self, text, signer):
        self.write(
            {
                "state": "remedied",
                "remedy": text,
                "date_remedied": fields.Datetime.now(),
                "remedied_by": signer.name,
            }
        )
        self.record_id._meet_deadlines("abnormality_remedy")
        self._note(self.env._("Remedied by %(person)s.", person=signer.name))

    def action_open_reopen(self):
        """Ask in a dialog why it is not remedied."""
        return self._open_step("reopen", self.env._("Not Remedied"))

    def action_reopen(self, reason, credentials=None):
        """Give sheets back to the department: what was done did not help.

        :raise AccessError: for whoever neither reported it nor acts for quality
        :raise UserError: when nothing was remedied, or no reason is given
        """
        self._ensure_remedied()
        self._ensure_reason(reason)
        signer = self._get_signer(credentials)
        self._ensure_may_close(signer)
        for sheet in self.sudo():  # the right was checked above
            sheet.write(
                {"state": "received", "reason": reason, "reopen_count": sheet.reopen_count + 1}
            )
            sheet._start_remedy()
            sheet._note(
                self.env._(
                    "Not remedied, says %(person)s: %(reason)s", person=signer.name, reason=reason
                )
            )
        return True

    # End

    def action_close(self, credentials=None):
        """Confirm that these abnormalities are remedied (D7).

        :raise AccessError: for whoever neither reported it nor acts for quality
        :raise UserError: when it is not remedied, or the line still stands
        """
        self.check_access("read")
        self._ensure_remedied()
        signer = self._get_signer(credentials)
        self._ensure_may_close(signer)
        standing = self.filtered("is_standing")
        if standing:
            raise UserError(
                self.env._(
                    "The line of %(number)s still stands. Say first since when it runs again.",
                    number=standing[0].name,
                )
            )
        self.sudo().write({"state": "closed", "closed_by": signer.name})
        self._set_phase("closed")
        return True

    def action_open_void(self):
        """Ask in a dialog why the sheet is void."""
        return self._open_step("void", self.env._("Void"))

    def action_void(self, reason):
        """Void sheets that were reported by mistake; number and reason stay.

        :raise AccessError: for whoever neither reported it nor is a quality officer
        :raise UserError: when it is over, or no reason is given
        """
        self.check_access("read")
        self._ensure_reason(reason)
        self._ensure_running()
        foreign = self.filtered(
            lambda sheet: sheet.state != "reported" or sheet.reporter_id != self.env.user
        )
        if foreign and not self.env.su and not self.env.user.has_group(OFFICER):
            raise AccessError(
                self.env._(
                    "%(number)s is voided by whoever reported it until it is received, and by a "
                    "quality officer after that. Ask one of them.",
                    number=foreign[0].name,
                )
            )
        self.acknowledgement_ids._void()
        self.sudo().write({"state": "void", "reason": reason})  # the right was checked above
        self._set_phase("void")
        self._note(self.env._("Void: %(reason)s", reason=reason))
        return True

    # Another department

    def action_open_pass_on(self):
        """Ask in a dialog which department is concerned instead."""
        return self._open_step("pass_on", self.env._("Pass On"))

    def action_pass_on(self, role, reason):
        """Ask another department: the one that was asked is not concerned.

        :param role: quality.role record
        :raise AccessError: for whoever neither reported it, nor acts for the department, nor is a
            quality officer
        :raise UserError: once it is remedied, or without department or reason
        """
        self.check_access("read")
        self._ensure_reason(reason)
        if not role:
            raise UserError(self.env._("Choose the department that is concerned."))
        late = self.filtered(lambda sheet: sheet.state not in ("reported", "received"))
        if late:
            raise UserError(
                self.env._("%(number)s is remedied or over already.", number=late[0].name)
            )
        own = self.filtered(lambda sheet: sheet.reporter_id == self.env.user)
        (self - own)._ensure_concerned(self._get_signer())
        self.sudo()._pass_on(role, reason)  # the right was checked above
        return True

    def _pass_on(self, role, reason):
        for sheet in self:
            sheet.acknowledgement_ids._void()
            sheet.record_id._cancel_deadlines("abnormality_remedy")
            sheet.write({"state": "reported", "role_id": role.id, "reason": reason})
            sheet.record_id.user_id = False
            sheet._note(
                self.env._("Passed on to %(role)s: %(reason)s", role=role.name, reason=reason)
            )
        self._ask()

    # Follow-up

    def action_follow_up(self):
        """Ask for an action that keeps this from coming back, and open it.

        :raise AccessError: for whoever does not act for the department concerned
        """
        self.ensure_one()
        self._ensure_concerned(self._get_signer())
        actions = self.env["quality.action"]._create_for([self._prepare_follow_up_vals()])
        return actions._get_records_action(name=self.env._("Follow-up"))

    def action_view_actions(self):
        """Open the actions that follow from these sheets."""
        return self.action_ids._get_records_action(name=self.env._("Follow-up"))

    def _prepare_follow_up_vals(self):
        """Hook: return what a document that follows from this sheet starts with.

        An action takes all of it; a delay (D3) or a corrective action (G4) takes what it knows and
        adds its own: the sheet itself says ``production_id``, ``minutes_stopped``, ``quantity``.

        :return: dict with ``source_record_id``, ``company_id``, ``order_id``, ``role_id`` (ids),
            ``name`` (one line) and ``description``
        """
        self.ensure_one()
        words = (self.description or "").strip()
        return {
            "source_record_id": self.record_id.id,
            "company_id": self.company_id.id,
            "order_id": self.sudo().order_id.id,  # only handed on; who follows up need not see it
            "role_id": self.role_id.id,
            "name": self.env._("%(number)s: keep it from coming back", number=self.display_name),
            "description": "\n\n".join(filter(None, (words, self.cause, self.remedy))),
        }

    # Who may

    def _filter_concerned(self, signer):
        """Return the sheets whose department ``signer`` acts for; all of them for an officer."""
        if self._is_officer(signer):
            return self
        people = {
            company: sheets.role_id._get_people(company)
            for company, sheets in self.grouped("company_id").items()
        }
        return self.filtered(
            lambda sheet: (
                signer.uid in people[sheet.company_id][sheet.role_id][0].ids
                or signer.employee_id in people[sheet.company_id][sheet.role_id][1].ids
                or (signer.uid and signer.uid == sheet.user_id.id)
            )
        )

    def _filter_closable(self, signer):
        """Return the sheets that ``signer`` may close: their own reports, or acting for quality."""
        if self._is_officer(signer):
            return self
        role = self.env["quality.role"].browse(
            self.env["quality.role"]._get_ids_by_code()["quality"]
        )
        people = {company: role._get_people(company)[role] for company in self.company_id}
        return self.filtered(
            lambda sheet: (
                (signer.uid and signer.uid == sheet.reporter_id.id)
                or (signer.employee_id and signer.employee_id == sheet.reporter_employee_id)
                or signer.uid in people[sheet.company_id][0].ids
                or signer.employee_id in people[sheet.company_id][1].ids
            )
        )

    def _is_officer(self, signer):
        # the person's right counts, not that of the device
        user_sudo = self.env["res.users"].sudo().browse(signer.uid or [])
        return bool(user_sudo) and user_sudo.has_group(OFFICER)

    def _ensure_concerned(self, signer):
        """Check that the signer acts for the department concerned.

        :raise AccessError: naming the department
        """
        foreign = self - self._filter_concerned(signer)
        if foreign:
            raise AccessError(
                self.env._(
                    "%(number)s concerns %(role)s, for which %(person)s does not act. Ask them, or "
                    "a quality officer.",
                    number=foreign[0].name,
                    role=foreign[0].role_id.name,
                    person=signer.name,
                )
            )

    def _ensure_may_close(self, signer):
        foreign = self - self._filter_closable(signer)
        if foreign:
            raise AccessError(
                self.env._(
                    "%(number)s is confirmed by %(person)s, who reported it, or by quality. Ask "
                    "one of them.",
                    number=foreign[0].name,
                    person=foreign[0].reporter_name,
                )
            )

    def _ensure_to_remedy(self):
        pending = self.filtered(lambda sheet: sheet.state != "received")
        if pending:
            raise UserError(
                self.env._(
                    "%(number)s is remedied once its department has signed for it, and only once. "
                    "Reload the page to see where it stands.",
                    number=pending[0].name,
                )
            )

    def _ensure_remedied(self):
        pending = self.filtered(lambda sheet: sheet.state != "remedied")
        if pending:
            raise UserError(
                self.env._(
                    "%(number)s is not remedied yet, or it is over. Reload the page to see where "
                    "it stands.",
                    number=pending[0].name,
                )
            )

    def _ensure_running(self):
        over = self.filtered(lambda sheet: sheet.state not in RUNNING)
        if over:
            raise UserError(self.env._("%(number)s is closed or void.", number=over[0].name))

    def _ensure_reason(self, reason):
        if not (reason or "").strip():
            raise UserError(
                self.env._("Give the reason; the others can only act on what they read.")
            )

    def _open_step(self, step, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "quality.abnormality.step",
            "view_mode": "form",
            "target": "new",
            "context": {"default_abnormality_ids": self.ids, "default_step": step},
        }

    def _note(self, text):
        self.sudo()._message_log_batch({sheet.id: text for sheet in self})

    @api.model
    def _get_report_action(self, **params):
        """Return the action that opens the page for a report.

        :param params: ``production`` or ``workorder``, the id of what it is about
        """
        return {
            "type": "ir.actions.act_url",
            "url": f"/quality/abnormality/new?{urlencode(params)}",
            "target": "self",
        }

    def action_open_phone(self):
        """Open the page of this sheet for phones and shared tablets."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/quality/abnormality/{self.id}",
            "target": "self",
        }
