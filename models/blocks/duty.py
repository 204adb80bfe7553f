from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .defaults import without_defaults
from .signer import PROOFS

#: Kinds of work in My Work that no signature discharges.
UNSIGNED = ("deadline", "action", "step")


class QualityDutyMixin(models.AbstractModel):
    """A signature that somebody owes on a record: an opinion, a receipt.

    The duty is the truth; an activity is only its mirror for the person who was asked.
    Whoever acts for the role may sign, not only the one asked (K3, M3).
    """

    _name = "quality.duty.mixin"
    _description = "Duty to Sign"
    _check_company_auto = True

    record_id = fields.Many2one(
        "quality.record", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="record_id.company_id", store=True, precompute=True, index=True
    )
    role_id = fields.Many2one("quality.role", required=True, readonly=True, ondelete="restrict")
    user_id = fields.Many2one(
        "res.users", "Asked", readonly=True, index="btree_not_null", ondelete="set null"
    )
    state = fields.Selection(
        [("open", "Open"), ("done", "Signed"), ("void", "Void")],
        default="open",
        required=True,
        readonly=True,
    )
    date_requested = fields.Datetime(readonly=True, default=fields.Datetime.now)
    signature_id = fields.Many2one(
        "quality.signature",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    signed_by = fields.Char(related="signature_id.display_name", string="Signed By")
    signed_on = fields.Datetime(related="signature_id.signed_at", string="Signed On")
    is_mine = fields.Boolean(compute="_compute_is_mine", search="_search_is_mine")

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("user_id", "role_id", "state")
    def _compute_is_mine(self):
        mine = self.filtered_domain(self.env["quality.role"]._get_duty_domain(self.env.user))
        for duty in self:
            duty.is_mine = duty.state == "open" and duty in mine

    def _search_is_mine(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        mine = self.env["quality.role"]._get_duty_domain(self.env.user)
        return mine & fields.Domain("state", "=", "open")

    def write(self, vals):
        """Let the deadlines of what is owed follow to the person who owes it now."""
        result = super().write(vals)
        if "user_id" in vals:
            self._hand_over_deadlines()
        return result

    # Asking

    @api.model
    def _request(self, vals_list):
        """Ask for signatures: create the duties and mirror them as activities.

        :param vals_list: list of dicts with ``record_id`` and ``role_id`` at least; ``user_id``
            is filled with the first person who acts for the role where it is not given
        :return: the created duties
        """
        # nobody but the procedures themselves creates duties
        duties = without_defaults(self.sudo()).create(self.sudo()._fill_asked(vals_list))
        duties._start_deadlines()
        duties._mirror_activities()
        return duties.sudo(False)

    def _fill_asked(self, vals_list):
        """Return the values with the first person who acts for the role, where nobody is named."""
        records = self.env["quality.record"].browse(vals["record_id"] for vals in vals_list)
        if all(vals.get("user_id") for vals in vals_list):
            return vals_list
        roles = self.env["quality.role"].browse(vals["role_id"] for vals in vals_list)
        people = {company: roles._get_people(company) for company in records.company_id}
        return [
            vals
            if vals.get("user_id")
            else {**vals, "user_id": people[record.company_id][role][0][:1].id}
            for vals, record, role in zip(vals_list, records, roles, strict=True)
        ]

    def _void(self):
        """Withdraw what is still open; nobody owes it any more."""
        pending = self.sudo().filtered(lambda duty: duty.state == "open")
        pending.state = "void"
        pending._discharge_activities()
        pending._close_deadlines("cancelled")

    # Signing

    def _sign(self, credentials):
        """Sign these duties, one signature per document and role (M1, M3).

        :param credentials: dict, see quality.signature._authenticate
        :return: the signatures
        :raise UserError: when nothing is open, or the signature is refused
        :raise AccessError: when the signer does not act for one of the roles
        """
        self._ensure_open()
        signatures = self.env["quality.signature"]
        for meaning, duties in self.grouped(lambda duty: duty._get_meaning()).items():
            signer = self.env["quality.signature"]._authenticate(
                credentials, meaning, duties.company_id
            )
            duties._ensure_may_sign(signer)
            for documents, owed in duties._get_by_documents():
                documents._check_signer(owed, signer)
            duties._check_complete()
            signatures |= self.env["quality.signature"]._sign(
                duties._prepare_signature_items(meaning), signer
            )
        # the right to sign was checked above; nobody writes a duty directly
        self.sudo().state = "done"
        self.sudo()._close_deadlines("met")
        for documents, duties in self._get_by_documents():
            documents._on_duties_signed(duties)
        # last: deleting empties the cache, and the same person may owe the next thing already
        self.sudo()._discharge_activities()
        return signatures

    def _get_by_documents(self):
        """Return the documents of these duties: list of (documents of one kind, their duties)."""
        return [
            (
                documents,
                self.filtered(lambda duty, docs=documents: duty.record_id in docs.record_id),
            )
            for documents in self.record_id._get_documents().values()
        ]

    def _ensure_open(self):
        if not self or any(duty.state != "open" for duty in self):
            raise UserError(
                self.env._("There is nothing left to sign here. Reload the page to see why.")
            )

    def _ensure_may_sign(self, signer):
        """Check that the signer acts for every role that is to be signed.

        :raise AccessError: naming the role
        """
        for company, duties in self.grouped("company_id").items():
            others = duties.filtered(
                lambda duty: not (signer.uid and signer.uid == duty.user_id.id)
            )
            people = others.role_id._get_people(company) if others else {}
            for duty in others:
                users, employees = people[duty.role_id]
                if signer.uid not in users.ids and signer.employee_id not in employees.ids:
                    raise AccessError(
                        self.env._(
                            "%(person)s does not act for %(role)s in %(company)s. "
                            "Ask the department's head, a deputy, or a quality manager "
                            "who maps roles to people.",
                            person=signer.name,
                            role=duty.role_id.name,
                            company=company.name,
                        )
                    )

    def _check_complete(self):
        """Hook: raise a UserError when what is signed lacks something."""

    def _get_meaning(self):
        """Return what a signature under this duty means (a value of quality.signature)."""
        return "receipt"

    def _prepare_signature_items(self, meaning):
        groups = self.grouped(lambda duty: (duty.record_id, duty.role_id))
        return [
            {
                "record": record,
                "subjects": duties,
                "meaning": meaning,
                "role": role,
                "content": duties._prepare_content(),
            }
            for (record, role), duties in groups.items()
        ]

    def _prepare_content(self):
        """Return what is signed, as a JSON-able dict that names no language and no price."""
        record = self.record_id
        return {
            "document": record.name,
            "form": record.form_version_id._get_label() or None,
            "basis": record._get_document().sudo()._get_basis(self.role_id),
        }

    @api.model
    def _find_altered(self, contents):
        """Return the ids of signatures whose duties no longer say what was signed.

        :param contents: dict of signature id → what was signed, as :meth:`_prepare_content`
            returned it
        :return: set of ids; a receipt says no more than its document and its role
        """
        query = SQL(
            """
            SELECT duty.signature_id
              FROM %s duty
              JOIN quality_signature signature ON signature.id = duty.signature_id
         LEFT JOIN quality_role role ON role.code = signature.role_code
             WHERE duty.signature_id = ANY(%s)
               AND (duty.record_id != signature.record_id OR duty.role_id != role.id)
            """,
            SQL.identifier(self._table),
            list(contents),
        )
        return {signature_id for [signature_id] in self.env.execute_query(query)}

    # Deadlines: until when it is owed

    def _get_deadline_kind(self):
        """Return the kind of deadline under which this duty falls (code)."""
        return "receipt"

    def _start_deadlines(self):
        """Start a deadline for what each role owes on each document, where a policy says so."""
        asked = {}
        for duty in self:
            key = (duty.record_id.id, duty.role_id.id, duty._get_deadline_kind())
            asked.setdefault(key, duty.user_id.id)
        self.env["quality.deadline"]._start(
            [
                {"record_id": record, "role_id": role, "kind": kind, "user_id": user}
                for (record, role, kind), user in asked.items()
            ]
        )

    def _get_deadlines(self):
        """Return what runs for these duties: dict of (record, role, kind) → quality.deadline."""
        running = self.record_id._get_open_deadlines().filtered("kind_id.is_duty")
        keys = {(duty.record_id, duty.role_id, duty._get_deadline_kind()) for duty in self}
        found = running.grouped(lambda d: (d.record_id, d.role_id, d.kind_id.code))
        return {key: deadlines for key, deadlines in found.items() if key in keys}

    def _close_deadlines(self, state):
        """Meet or cancel the deadlines of roles that owe nothing more on the document.

        :param state: ``met`` or ``cancelled``
        """
        deadlines = self._get_deadlines()
        if not deadlines:
            return
        pending = self.search([("record_id", "in", self.record_id.ids), ("state", "=", "open")])
        owed = {(duty.record_id, duty.role_id, duty._get_deadline_kind()) for duty in pending}
        self.env["quality.deadline"].union(
            *(found for key, found in deadlines.items() if key not in owed)
        )._close(state)

    def _hand_over_deadlines(self):
        for (record, role, _kind), deadlines in self._get_deadlines().items():
            duty = self.filtered(lambda d, r=record, o=role: (d.record_id, d.role_id) == (r, o))
            deadlines.user_id = duty[:1].user_id

    # Activities: the mirror

    def _mirror_activities(self):
        """Show each open duty as one activity per document and person (M3)."""
        asked = self.filtered(lambda duty: duty.state == "open" and duty.user_id)
        Activity = self.env["mail.activity"].sudo()
        pairs = dict.fromkeys((duty.record_id, duty.user_id) for duty in asked)
        days = self.env["quality.deadline"]._get_duty_days(asked.record_id)
        shown = Activity._get_duty_pairs(asked.record_id)
        Activity.with_context(mail_activity_quick_update=True, customer_quality_mirror=True).create(
            [
                Activity._prepare_duty_vals(record, user, days.get((record.id, user.id)))
                for record, user in pairs
                if (record.res_model, record.res_id, user.id) not in shown
            ]
        )

    def _discharge_activities(self):
        """Remove the activities of those who owe nothing on the document any more."""
        remaining = {
            (record.id, user.id)
            for record, user in self.env["quality.duty"]
            .sudo()
            ._read_group(
                [("record_id", "in", self.record_id.ids), ("meaning", "not in", UNSIGNED)],
                ["record_id", "user_id"],
            )
        }
        done = {
            (duty.record_id.res_model, duty.record_id.res_id, duty.user_id.id)
            for duty in self
            if (duty.record_id.id, duty.user_id.id) not in remaining
        }
        activities = self.env["mail.activity"].sudo()._search_duties(self.record_id)
        activities.filtered(
            lambda act: (act.res_model, act.res_id, act.user_id.id) in done
        ).unlink()


class QualityRecord(models.Model):
    _inherit = "quality.record"  # pylint: disable=R8180  # each block adds its own chapter

    def action_sign_off(self, answers=None, receipts=None, credentials=None):
        """Answer and sign everything at once that one person owes on a document (M3).

        :param answers: dict of opinion id → dict with ``answer`` (agree, condition, object)
            and ``reason``; for a condition also ``hold`` (confirmation, shipment) and
            ``responsible``, the code of the role that fulfils it
        :param receipts: list of ids of receipts to confirm
        :param credentials: dict, see quality.signature._authenticate; empty for the own login
        :return: True
        :raise UserError: when something is not answered, not open, or the signature is refused
        :raise AccessError: when the person does not act for one of the roles
        """
        self.ensure_one()
        self.check_access("read")
        answers = self._read_answers(answers)
        opinions = self.env["quality.opinion"]
        if answers:
            self.opinion_ids.mapped("state")  # all are read at once: together they settle it
            opinions = self.opinion_ids._answer(answers)
        receipts = self._read_receipts(receipts)
        received = self.env["quality.acknowledgement"]
        if receipts:
            received = self.acknowledgement_ids.filtered(lambda ack: ack.id in receipts)
        if not (opinions or received):
            raise UserError(self.env._("Choose an answer, or tick a receipt, before you sign."))
        for duties in (opinions, received):
            if duties:
                duties._sign(credentials or {})
        return True

    def _read_answers(self, answers):
        """Return what came over the wire as dict of opinion id → dict of texts.

        :raise UserError: where it is anything else
        """
        try:
            read = {
                int(key): {
                    "answer": value["answer"],
                    **{name: value.get(name) or "" for name in ("reason", "hold", "responsible")},
                }
                for key, value in dict(answers or {}).items()
            }
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
            self._refuse_unreadable()
        texts = [text for value in read.values() for text in value.values()]
        if not all(isinstance(text, str) and "\0" not in text for text in texts):
            self._refuse_unreadable()
        return read

    def _read_receipts(self, receipts):
        receipts = receipts or []
        if not isinstance(receipts, (list, tuple)):
            self._refuse_unreadable()
        return set(receipts)

    def _refuse_unreadable(self):
        raise UserError(
            self.env._("The answers could not be read. Give answer and reason for each item.")
        )

    def _get_drafts(self):
        """Return texts that are proposed on the signing page: dict of opinion id → str."""
        document = self._get_document()
        return {
            opinion.id: document._get_draft(opinion)
            for opinion in self.opinion_ids
            if opinion.state == "open"
        }

    def _needs_password(self):
        """Tell whether a signature on this record asks for the user's password now (M1)."""
        proven = self.env["quality.signature"]._prove_password({})
        return PROOFS.index(proven) < PROOFS.index(self.company_id.quality_password_policy)

    def _get_work_action(self):
        """Return the id of an action that leads to the signing page (for a RedirectWarning)."""
        return self.env["ir.model.data"]._xmlid_to_res_id("customer_quality.quality_duty_action")
