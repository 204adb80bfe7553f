from odoo import fields, models
from odoo.exceptions import UserError

from .complaint import RUNNING, SHORT_KINDS

#: What is promised at intake of each complaint; short kinds are only answered in time (F3).
INTAKE_PROMISES = (
    "complaint_acknowledge",
    "complaint_contact",
    "complaint_containment",
    "complaint_answer",
    "complaint_solution",
)
SHORT_PROMISES = ("complaint_acknowledge", "complaint_contact", "complaint_answer")

#: What is promised by where the product is.
VISIT = "complaint_visit"


class QualityComplaint(models.Model):
    """Until when the customer was promised what (F3): by policy, started with the complaint.

    The clock for a visit runs only where one is needed, from the receipt to the logged arrival;
    help from afar ends it, where the customer agreed to it.
    """

    _inherit = "quality.complaint"  # pylint: disable=R8180  # a chapter of its own

    needs_visit = fields.Boolean(
        "Visit Needed", tracking=True, help="Somebody has to go to where the product is."
    )

    # First contact
    date_contacted = fields.Datetime("First Contact", readonly=True, copy=False)
    contacted_by = fields.Char(readonly=True, copy=False)
    first_solution = fields.Text("Initial Solution", readonly=True, copy=False)

    # On site
    date_arrived = fields.Datetime("Arrived On", readonly=True, copy=False)
    arrived_by = fields.Char("Who Arrived", readonly=True, copy=False)
    remote_agreed_by = fields.Char(
        "Help from Afar Agreed By", readonly=True, copy=False, help="Who said so at the customer."
    )

    # Containment
    containment = fields.Text(readonly=True, copy=False)
    date_contained = fields.Datetime("Contained On", readonly=True, copy=False)
    contained_by = fields.Char(readonly=True, copy=False)

    # Return visit
    date_revisited = fields.Datetime("Return Visit On", readonly=True, copy=False)
    revisited_by = fields.Char(readonly=True, copy=False)
    revisit_result = fields.Selection(
        [("good", "Satisfied"), ("poor", "Not satisfied"), ("unreached", "Not reached")],
        "Result of the Return Visit",
        readonly=True,
        copy=False,
        tracking=True,
    )
    revisit_note = fields.Text("What Was Said", readonly=True, copy=False)

    # Start and adjust

    def _get_promised_kinds(self):
        """Return the kinds of deadline that run for this complaint from its intake (codes)."""
        self.ensure_one()
        done = {
            "complaint_acknowledge": self.state != "registered",
            "complaint_contact": self.date_contacted,
            "complaint_containment": self.date_contained,
            VISIT: self.date_arrived or self.remote_agreed_by,
        }
        kinds = [*(SHORT_PROMISES if self.kind in SHORT_KINDS else INTAKE_PROMISES)]
        if self.needs_visit:
            kinds.append(VISIT)
        return [kind for kind in kinds if not done.get(kind)]

    def _start_promises(self):
        """Start what is promised at intake, or anew once a complaint is reopened (in sudo)."""
        self.env["quality.deadline"]._start(
            [
                complaint._prepare_promise_vals(kind)
                for complaint in self
                for kind in complaint._get_promised_kinds()
            ]
        )

    def _start_promise(self, kind):
        """Start one promise, e.g. the return visit once the customer is answered (in sudo).

        :return: the deadlines that were started
        """
        return self.env["quality.deadline"]._start(
            [{**c._prepare_promise_vals(kind), "date_start": False} for c in self]
        )

    def _prepare_promise_vals(self, kind):
        self.ensure_one()
        reopened = self.reopen_count
        return {
            "record_id": self.record_id.id,
            "kind": kind,
            "user_id": self.user_id.id,
            "partner_id": (self.place_id or self.partner_id).id,
            "severity": self.severity,
            "date_start": False if reopened else self.date_received,
        }

    def _adjust_promises(self, changed):
        """Promise anew what depends on what was changed (in sudo).

        :param changed: set of names of fields
        """
        running = self.filtered(lambda complaint: complaint.state in RUNNING)
        if "user_id" in changed:
            for complaint in running:
                complaint.record_id._get_open_deadlines().write({"user_id": complaint.user_id.id})
        if changed & {"place_id", "severity"}:
            running.record_id._cancel_deadlines(VISIT)
        if changed & {"severity", "kind"}:
            for kind in INTAKE_PROMISES:
                running.record_id._cancel_deadlines(kind)
        if "needs_visit" in changed:
            quiet = running.filtered(lambda complaint: not complaint.needs_visit)
            quiet.record_id._cancel_deadlines(VISIT)
        if changed - {"user_id"}:
            unanswered = running.filtered(lambda complaint: not complaint.date_answered)
            unanswered._start_promises()

    def _get_kinds_met_at_closing(self):
        """Return the kinds of deadline that closing keeps (codes)."""
        return ["complaint_solution"]

    def _cancel_promises_at_closing(self):
        """Call off what is no longer owed; a return visit follows after the end (in sudo)."""
        for kind in (*INTAKE_PROMISES, VISIT):
            self.record_id._cancel_deadlines(kind)

    # First contact

    def action_contact(self, solution):
        """Note the first contact, and what the customer was advised (F3).

        :param solution: str, the initial solution
        :raise AccessError: for whoever does not handle the complaint
        :raise UserError: when it is over, or nothing is written
        """
        self._ensure_may_handle()
        self._ensure_running()
        self._ensure_reason(solution)
        self._note_once(
            "complaint_contact",
            date_contacted=fields.Datetime.now(),
            contacted_by=self.env.user.name,
            first_solution=solution,
        )
        return True

    # On site

    def action_arrive(self, who=None):
        """Log the arrival on site, on the phone (F3): the clock for the visit ends.

        :param who: str, the outlet or person, where it is not who logs it
        :raise AccessError: for whoever may not see the complaint
        :raise UserError: when it is over, or somebody arrived already
        """
        self.check_access("read")
        self._ensure_may_arrive()
        self._ensure_running()
        arrived = self.filtered("date_arrived")
        if arrived:
            raise UserError(
                self.env._(
                    "%(person)s arrived for %(number)s already.",
                    person=arrived[0].arrived_by,
                    number=arrived[0].name,
                )
            )
        self._note_once(
            VISIT,
            date_arrived=fields.Datetime.now(),
            arrived_by=(who or "").strip() or self.env.user.name,
        )
        return True

    def _ensure_may_arrive(self):
        """Service staff log their own arrival, whoever is responsible for the complaint."""
        if not self.env.user.has_group("customer_quality.group_user"):
            self._ensure_may_handle()

    def action_help_remotely(self, who):
        """Note that the customer agreed to be helped from afar: no visit is needed (F3).

        :param who: str, who agreed to it at the customer
        :raise UserError: when it is over, or no name is given
        """
        self._ensure_may_handle()
        self._ensure_running()
        if not (who or "").strip():
            raise UserError(self.env._("Say who agreed to it at the customer."))
        self._note_once(VISIT, remote_agreed_by=who.strip())
        return True

    # Containment

    def action_contain(self, text):
        """Note what was done at once, so that nothing worse happens (F3).

        :param text: str, what was blocked, sorted or replaced, and where
        :raise UserError: when it is over, or nothing is written
        """
        self._ensure_may_handle()
        self._ensure_running()
        self._ensure_reason(text)
        self._note_once(
            "complaint_containment",
            containment=text,
            date_contained=fields.Datetime.now(),
            contained_by=self.env.user.name,
        )
        return True

    # Return visit

    def action_revisit(self, result, note=""):
        """Note the return visit or call after the solution, also of a closed complaint (F3, F5).

        :param result: ``good``, ``poor`` or ``unreached``
        :param note: str, what was said; asked for where the customer is not satisfied
        :raise AccessError: for whoever does not handle the complaint
        :raise UserError: before the answer, or where it is not said why
        """
        self._ensure_may_handle()
        early = self.filtered(lambda complaint: not complaint.date_answered)
        if early:
            raise UserError(
                self.env._(
                    "%(number)s is not answered yet; the return visit comes after it.",
                    number=early[0].name,
                )
            )
        if result not in dict(self._fields["revisit_result"].selection):
            raise UserError(self.env._("Say how it went."))
        if result == "poor":
            self._ensure_reason(note)
        complaints_sudo = self.sudo()  # what is noted of it, also once closed; checked above
        complaints_sudo.write(
            {
                "date_revisited": fields.Datetime.now(),
                "revisited_by": self.env.user.name,
                "revisit_result": result,
                "revisit_note": (note or "").strip(),
            }
        )
        if result != "unreached":
            complaints_sudo.record_id._meet_deadlines("complaint_return_visit")
        complaints_sudo._on_revisited(result, (note or "").strip())
        return True

    def _on_revisited(self, result, note):
        """Hook: the return visit was just noted (in sudo)."""

    def _note_once(self, kind, **vals):
        """Write what was just done, and keep the promise of that kind."""
        complaints_sudo = self.sudo()  # states follow from the procedure; the right was checked
        complaints_sudo.write(vals)
        complaints_sudo.record_id._meet_deadlines(kind)
