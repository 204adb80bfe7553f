from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .complaint import RUNNING, SHORT_KINDS

OFFICER = "customer_quality.group_officer"

#: From which states each step leads on; short kinds leave out what is not asked of them.
ORIGINS = {
    "accepted": ("registered",),
    "investigating": ("accepted",),
    "solving": ("investigating", "answered"),
    "answered": ("solving", "answered"),
    "closed": ("answered",),
}
SHORT_ORIGINS = {**ORIGINS, "answered": ("registered", "accepted", "solving", "answered")}

#: States in which a complaint may still be turned down.
REJECTABLE = ("registered", "accepted", "investigating", "solving")


class QualityComplaint(models.Model):
    """From the registration to the end (F2–F5): accept, investigate, solve, answer, close."""

    _inherit = "quality.complaint"  # pylint: disable=R8180  # a chapter of its own

    # The answer
    answer = fields.Text("What the Customer Was Told", readonly=True, copy=False)
    date_answered = fields.Datetime("Answered On", readonly=True, copy=False, index=True)
    answered_by = fields.Char(readonly=True, copy=False)

    # What the customer says of it
    verdict = fields.Selection(
        [("accepted", "Accepted"), ("rejected", "Not accepted")],
        "Customer's Verdict",
        readonly=True,
        copy=False,
        tracking=True,
    )
    date_verdict = fields.Datetime("Verdict On", readonly=True, copy=False)
    verdict_by = fields.Char("Verdict of", readonly=True, copy=False)

    # How it went
    date_accepted = fields.Datetime("Accepted On", readonly=True, copy=False)
    is_waiting = fields.Boolean(
        "Waiting for the Customer", readonly=True, copy=False, tracking=True
    )
    reason = fields.Char("Rejected, Void or Reopened Because", readonly=True, copy=False)
    reopen_count = fields.Integer("Times Reopened", readonly=True, copy=False)
    is_short = fields.Boolean(compute="_compute_is_short")

    # Measures
    action_ids = fields.Many2many("quality.action", compute="_compute_action_ids")
    action_count = fields.Integer("Actions", compute="_compute_action_ids")

    can_handle = fields.Boolean("May Handle", compute="_compute_can_handle")
    obstacles = fields.Text("What Is Missing to Close", compute="_compute_obstacles")

    @api.depends("kind")
    def _compute_is_short(self):
        for complaint in self:
            complaint.is_short = complaint.kind in SHORT_KINDS

    # without dependencies: looked at when a complaint is opened
    def _compute_action_ids(self):
        groups = self.env["quality.action"]._read_group(
            [("source_record_id", "in", self.record_id.ids)],
            ["source_record_id"],
            ["id:recordset"],
        )
        actions = dict(groups)
        for complaint in self:
            complaint.action_ids = actions.get(complaint.record_id, self.env["quality.action"])
            complaint.action_count = len(complaint.action_ids)

    @api.depends("user_id", "salesperson_id", "kind", "state")
    @api.depends_context("uid")
    def _compute_can_handle(self):
        handled = self._filter_handled()
        for complaint in self:
            complaint.can_handle = complaint in handled

    @api.depends("state", "cause", "responsibility", "role_id", "solution", "date_answered")
    @api.depends_context("lang")
    def _compute_obstacles(self):
        for complaint in self:
            missing = complaint._get_obstacles() if complaint.state in RUNNING else []
            complaint.obstacles = "\n".join(missing)

    # Who

    def _filter_handled(self):
        """Return the complaints that the user handles: all of them for quality officers.

        Others handle what they are responsible for, and sales the short kinds of their customers.
        """
        user = self.env.user
        if self.env.su or user.has_group(OFFICER):
            return self
        return self.filtered(
            lambda complaint: (
                complaint.user_id == user
                or (complaint.kind in SHORT_KINDS and complaint.salesperson_id == user)
            )
        )

    def _ensure_may_handle(self):
        """Check that the user may take the next step on these complaints.

        :raise AccessError: naming the first one of somebody else
        """
        self.check_access("read")
        foreign = self - self._filter_handled()
        if foreign:
            raise AccessError(
                self.env._(
                    "%(number)s is handled by %(person)s. Ask them, or a quality officer.",
                    number=foreign[0].name,
                    person=foreign[0].sudo().user_id.name or self.env._("quality"),
                )
            )

    def _ensure_step(self, state):
        """Check that the user may bring these complaints to ``state`` from where they are.

        :raise UserError: naming the first one that is elsewhere
        """
        if state == "answered":  # also by whom the owner asked to (F5)
            self._ensure_may_answer()
        else:
            self._ensure_may_handle()
        names = dict(self._fields["state"]._description_selection(self.env))
        for complaint in self:
            origins = SHORT_ORIGINS if complaint.kind in SHORT_KINDS else ORIGINS
            if complaint.state not in origins[state]:
                raise UserError(
                    self.env._(
                        "%(number)s is “%(state)s”, so it can't become “%(next)s” now. Reload the "
                        "page to see the next step.",
                        number=complaint.name,
                        state=names[complaint.state],
                        next=names[state],
                    )
                )

    # Steps

    def action_accept(self):
        """Accept complaints: from now on the customer has our word that we look into it (F1).

        :raise AccessError: for whoever does not handle them
        :raise UserError: without a customer or a person to answer, or once accepted
        """
        self._ensure_step("accepted")
        for complaint in self:
            if not complaint.partner_id:
                raise UserError(
                    self.env._(
                        "Choose the customer of %(number)s before you accept it.",
                        number=complaint.name,
                    )
                )
        complaints_sudo = self.sudo()  # states follow from the procedure; the right was checked
        complaints_sudo.write({"state": "accepted", "date_accepted": fields.Datetime.now()})
        complaints_sudo.record_id._meet_deadlines("complaint_acknowledge")
        complaints_sudo._on_accepted()
        return True

    def _on_accepted(self):
        """Hook: these complaints were just accepted (in sudo)."""

    def action_investigate(self):
        """Say that the cause is being looked for."""
        self._ensure_step("investigating")
        self.sudo().state = "investigating"  # see action_accept
        return True

    def action_solve(self):
        """Go on from the cause to the solution; where we are responsible, ask for measures (F4).

        :raise UserError: without cause and responsibility
        """
        self._ensure_step("solving")
        for complaint in self:
            complaint._ensure_nothing_missing(complaint._get_missing_findings())
        self.sudo().state = "solving"  # see action_accept
        self.sudo()._ask_for_measures()
        return True

    def _record_answer(self, answer, solution=None):
        """Note what the customer was told, by whom and when; it stands until the next one (F5).

        :param answer: str, the words
        :param solution: str, the outcome, where it is not on the complaint yet
        :raise AccessError: for whoever may neither handle nor answer it
        :raise UserError: when it is not solved yet, or nothing was said
        """
        self._ensure_step("answered")
        for complaint in self:
            if not (answer or "").strip():
                raise UserError(self.env._("Write down what the customer is told."))
            vals = {
                "state": "answered",
                "answer": answer.strip(),
                "date_answered": fields.Datetime.now(),
                "answered_by": self.env.user.name,
                "verdict": False,
                "date_verdict": False,
                "verdict_by": False,
            }
            if (solution or "").strip():
                vals["solution"] = solution.strip()
            complaint_sudo = complaint.sudo()  # by the procedure, after the checks above
            missing = [] if vals.get("solution") else complaint._get_missing_solution()
            complaint._ensure_nothing_missing(missing)
            complaint_sudo.write(vals)
            complaint_sudo.record_id._meet_deadlines("complaint_answer")
            complaint_sudo._on_answered()
        return True

    def _on_answered(self):
        """Hook: the customer was just told the outcome (in sudo)."""
        self._start_promise("complaint_return_visit")

    def _record_verdict(self, accepted, name, reason=""):
        """Note what the customer says of the answer (F3, F5), on the portal or told to us.

        :param accepted: bool
        :param name: str, who said so
        :param reason: str, why not
        :raise UserError: when nothing was answered, or without name or reason
        """
        self.ensure_one()
        if self.state != "answered":
            raise UserError(
                self.env._(
                    "%(number)s waits for no verdict now: it is answered first, and open.",
                    number=self.name,
                )
            )
        if not (name or "").strip():
            raise UserError(self.env._("Say who accepts the solution, or does not."))
        if not accepted and not (reason or "").strip():
            raise UserError(self.env._("Say what is still wrong, so that we can act on it."))
        complaint_sudo = self.sudo()  # the customer says so; whoever notes it was checked
        complaint_sudo.write(
            {
                "verdict": "accepted" if accepted else "rejected",
                "date_verdict": fields.Datetime.now(),
                "verdict_by": name.strip(),
            }
        )
        complaint_sudo._on_verdict(accepted, (reason or "").strip())
        return True

    def _on_verdict(self, accepted, reason):
        """Go on after the customer's verdict: what did not help is solved anew (F3), in sudo."""
        self.ensure_one()
        if accepted:
            self.record_id._meet_deadlines("complaint_solution")
            self._note(
                self.env._("The solution is accepted by %(person)s.", person=self.verdict_by)
            )
            return
        self.write({"state": "solving"})
        self._start_promise("complaint_answer")
        self._note(
            self.env._(
                "Not solved, says %(person)s: %(reason)s", person=self.verdict_by, reason=reason
            )
        )

    def action_close(self):
        """Close complaints whose cause, responsibility, outcome and answer are on record (F4, F5).

        :raise AccessError: for whoever does not handle them
        :raise UserError: naming what is missing
        """
        self._ensure_step("closed")
        for complaint in self:
            complaint._ensure_nothing_missing(complaint._get_obstacles())
        complaints_sudo = self.sudo()  # see action_accept
        complaints_sudo.write({"state": "closed", "is_waiting": False})
        for kind in complaints_sudo._get_kinds_met_at_closing():
            complaints_sudo.record_id._meet_deadlines(kind)
        complaints_sudo._cancel_promises_at_closing()
        self._set_phase("closed")
        complaints_sudo._on_closed()
        return True

    def _on_closed(self):
        """Hook: these complaints were just closed (in sudo)."""

    # What is missing

    def _get_obstacles(self):
        """Return what keeps this complaint from being closed: list of sentences."""
        self.ensure_one()
        missing = [*self._get_missing_findings(), *self._get_missing_solution()]
        if not self.date_answered:
            missing.append(self.env._("The customer has to be told the outcome."))
        if self.verdict == "rejected":
            missing.append(self.env._("The customer did not accept the solution."))
        if self.responsibility == "ours" and not self.is_short:
            missing += self._get_missing_measures()
        return missing

    def _get_missing_findings(self):
        """Return what was not found out yet; nothing is asked of the short kinds."""
        self.ensure_one()
        if self.kind in SHORT_KINDS:
            return []
        missing = []
        if not (self.cause or "").strip():
            missing.append(self.env._("The cause is not written down."))
        if not self.responsibility:
            missing.append(self.env._("It is not said who is responsible."))
        if self.responsibility == "ours" and not self.role_id:
            missing.append(self.env._("It is not said which department is responsible."))
        if self.responsibility == "supplier" and not self.supplier_id:
            missing.append(self.env._("It is not said which supplier is responsible."))
        return missing

    def _get_missing_solution(self):
        self.ensure_one()
        if (self.solution or "").strip():
            return []
        return [self.env._("The outcome is not written down.")]

    def _get_missing_measures(self):
        """Return which measures are owed, where the responsibility is ours (F4)."""
        self.ensure_one()
        actions = self.sudo().action_ids.filtered(lambda action: action.state != "cancelled")
        verified = actions.filtered(lambda action: action.state == "verified")
        pending = actions - verified
        if pending:
            return [
                self.env._(
                    "%(action)s is not carried out and verified.", action=action.display_name
                )
                for action in pending
            ]
        if not verified:
            return [self.env._("No corrective action was carried out and verified.")]
        return []

    def _ensure_nothing_missing(self, missing):
        self.ensure_one()
        if missing:
            raise UserError(
                self.env._(
                    "%(number)s can't go on yet: %(missing)s",
                    number=self.name,
                    missing=" ".join(missing),
                )
            )

    # Measures

    def _ask_for_measures(self):
        """Ask the responsible departments for corrective action, once (F4); in sudo."""
        asked = self.filtered(
            lambda complaint: (
                complaint.responsibility == "ours"
                and complaint.kind not in SHORT_KINDS
                and not complaint.action_ids.filtered(lambda action: action.state != "cancelled")
            )
        )
        self.env["quality.action"]._create_for([c._prepare_measure_vals() for c in asked])
        asked.invalidate_recordset(["action_ids", "action_count"])

    def _prepare_measure_vals(self):
        """Return the values of the corrective action that a complaint asks for (F4)."""
        self.ensure_one()
        words = filter(None, (self.description, self.cause))
        return {
            "source_record_id": self.record_id.id,
            "company_id": self.company_id.id,
            "order_id": self.order_id.id,
            "role_id": self.role_id.id,
            "name": self.env._(
                "%(number)s: correct it, and keep it from coming back", number=self.display_name
            ),
            "description": "\n\n".join(words),
            "needs_verification": True,
        }

    def action_view_actions(self):
        """Open the measures that follow from these complaints."""
        return self.action_ids._get_records_action(name=self.env._("Measures"))

    def action_add_measure(self):
        """Ask the responsible department for one more action, and open it.

        :raise AccessError: for whoever does not handle the complaint
        :raise UserError: when it is over
        """
        self.ensure_one()
        self._ensure_may_handle()
        self._ensure_running()
        complaint_sudo = self.sudo()  # measures are asked for by the procedure
        action = self.env["quality.action"]._create_for([complaint_sudo._prepare_measure_vals()])
        return action.sudo(self.env.su)._get_records_action(name=self.env._("Measure"))

    # Waiting for the customer

    def action_wait(self, reason):
        """Stop the clock: without the customer nothing goes on (F3).

        :param reason: str, what is waited for
        :raise UserError: when it is over, or no reason is given
        """
        self._ensure_may_handle()
        self._ensure_running()
        self._ensure_reason(reason)
        complaints_sudo = self.sudo()  # see action_accept
        complaints_sudo.is_waiting = True
        complaints_sudo.record_id._pause_deadlines(reason)
        complaints_sudo._note(self.env._("Waiting for the customer: %(reason)s", reason=reason))
        return True

    def action_resume(self):
        """Let the clock go on; what is due moves by the pause (F3)."""
        self._ensure_may_handle()
        complaints_sudo = self.sudo().filtered("is_waiting")  # see action_accept
        complaints_sudo.is_waiting = False
        complaints_sudo.record_id._resume_deadlines()
        return True

    # Other ends

    def action_reject(self, reason):
        """Turn complaints down, with the reason that the customer is told (F2).

        :raise AccessError: for whoever does not handle them
        :raise UserError: once answered, or without reason
        """
        self._ensure_may_handle()
        self._ensure_reason(reason)
        late = self.filtered(lambda complaint: complaint.state not in REJECTABLE)
        if late:
            raise UserError(
                self.env._(
                    "%(number)s is answered or over, so it can't be rejected any more.",
                    number=late[0].name,
                )
            )
        self._end("rejected", "closed", reason)
        return True

    def action_void(self, reason, duplicate_of=None):
        """Void what was registered by mistake or twice; number and reason stay.

        :param duplicate_of: quality.complaint record that goes on instead
        :raise AccessError: for whoever does not handle them
        :raise UserError: when one is over, without reason, or as a duplicate of itself
        """
        self._ensure_may_handle()
        self._ensure_running()
        self._ensure_reason(reason)
        if duplicate_of and duplicate_of & self:
            raise UserError(self.env._("A complaint is no duplicate of itself. Choose another."))
        if duplicate_of:
            duplicate_of.check_access("read")
            self.sudo().duplicate_of_id = duplicate_of  # see action_accept
        self._end("void", "void", reason)
        return True

    def _end(self, state, phase, reason):
        complaints_sudo = self.sudo()  # after the checks of the step
        complaints_sudo.write({"state": state, "reason": reason, "is_waiting": False})
        complaints_sudo.record_id._cancel_deadlines()
        complaints_sudo.record_id._cancel_actions(reason)
        self._set_phase(phase)

    def action_reopen(self, reason):
        """Take up a complaint anew: the cause is looked for once more (F3).

        :raise AccessError: for whoever does not handle them
        :raise UserError: when it is open, void, or no reason is given
        """
        self._ensure_may_handle()
        self._ensure_reason(reason)
        for complaint in self:
            if complaint.state not in ("closed", "rejected"):
                raise UserError(
                    self.env._(
                        "%(number)s is neither closed nor rejected, so there is nothing to reopen.",
                        number=complaint.name,
                    )
                )
            complaint_sudo = complaint.sudo()  # see action_accept
            complaint._set_phase("open")
            complaint_sudo.write(
                {
                    "state": "investigating",
                    "reason": reason,
                    "reopen_count": complaint.reopen_count + 1,
                    "verdict": False,
                    "date_answered": False,
                    "answered_by": False,
                }
            )
            complaint_sudo._start_promises()
        return True

    # Dialogs

    def action_open_step(self):
        """Ask in a dialog for what the step in the context key ``step`` needs."""
        step = self.env.context.get("step")
        names = dict(
            self.env["quality.complaint.step"]._fields["step"]._description_selection(self.env)
        )
        if step not in names:
            raise UserError(self.env._("Choose what to do from the buttons of the complaint."))
        return self._open_step(step, names[step])

    def _open_step(self, step, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "quality.complaint.step",
            "view_mode": "form",
            "target": "new",
            "context": {"default_complaint_ids": self.ids, "default_step": step},
        }

    def _ensure_reason(self, reason):
        if not (reason or "").strip():
            raise UserError(
                self.env._("Give the reason; the others can only act on what they read.")
            )

    def _note(self, text):
        self.sudo()._message_log_batch({complaint.id: text for complaint in self})
