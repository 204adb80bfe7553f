from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from ..models.blocks.duty import UNSIGNED

#: Modes in which those present sign in turn, each with badge and PIN.
TURNS = ("shared", "meeting")

COLORS = {"agree": "success", "condition": "warning", "object": "danger"}


class QualityWork(http.Controller):
    """One page on which a person answers and signs all that they owe on a document (M3).

    Plain HTML, so that it works on any phone and behind a QR code.
    """

    @http.route("/quality/work/<int:record_id>", type="http", auth="user", methods=["GET"])
    def work(self, record_id, mode=None, done=None, **_kwargs):
        """Show the document's facts and what the visitor may sign.

        :param record_id: id of the quality.record
        :param mode: ``entered`` to enter what somebody signed on paper (M1), ``shared`` to sign
            in turn, ``meeting`` for a meeting with minutes (M2)
        :param done: set after signing, to say thank you
        """
        return self._render(self._get_record(record_id), mode=mode, done=done)

    @http.route("/quality/work/<int:record_id>", type="http", auth="user", methods=["POST"])
    def sign(self, record_id, mode=None, **post):
        """Sign what was answered; what is refused is shown again with nothing lost."""
        record = self._get_record(record_id)
        try:
            with request.env.cr.savepoint():
                record.action_sign_off(
                    self._get_answers(post), self._get_receipts(post), self._get_credentials(post)
                )
        except UserError as error:
            return self._render(record, mode=mode, post=post, error=str(error))
        turn = f"&mode={mode}" if mode in TURNS else ""  # the next one present signs
        return request.redirect(f"/quality/work/{record.id}?done=1{turn}")

    def _get_record(self, record_id):
        records = request.env["quality.record"]
        record = records.has_access("read") and records.search([("id", "=", record_id)])
        if not record or not record._get_document().has_access("read"):
            raise request.not_found()
        return record

    def _render(self, record, mode=None, post=None, error=None, done=None):
        user = request.env.user
        document = record._get_document()
        mode = self._get_mode(user, document, mode)
        opinions = record.opinion_ids.filtered(lambda o: self._is_shown(o, mode))
        receipts = record.acknowledgement_ids.filtered(lambda a: self._is_shown(a, mode))
        values = {
            "record": record,
            "document": document,
            "kind": document._description_translated(),
            "colors": COLORS,
            "facts_template": document._work_template,
            "answers": record.opinion_ids._fields["answer"]._description_selection(request.env),
            "mode": mode,
            "opinions": opinions,
            "receipts": receipts,
            "people": self._get_people(opinions, receipts) if mode == "entered" else [],
            "turns": self._get_turns(opinions, receipts, mode),
            "holds": record.opinion_ids._fields["condition_hold"]._description_selection(
                request.env
            ),
            "roles": self._get_roles(record),
            "signed": record.opinion_ids.filtered(lambda o: o.state == "done"),
            "received": record.acknowledgement_ids,
            "needs_password": mode != "shared" and record._needs_password(),
            "sees_prices": user.has_groups(document._price_groups),
            "post": post or {},
            "drafts": record._get_drafts(),
            "error": error,
            "done": done,
            "next_duty": request.env["quality.duty"].search(
                [
                    ("is_mine", "=", True),
                    ("record_id", "!=", record.id),
                    ("meaning", "not in", UNSIGNED),
                ],
                limit=1,
            ),
        }
        return request.render("customer_quality.work_page", values)

    def _get_mode(self, user, document, mode):
        """Return how the page is used: a shared device never signs by its own login."""
        if mode == "meeting" and document._meeting_template:
            return mode
        if mode == "meeting" or user.quality_shared_login:
            return "shared"
        return mode

    def _get_turns(self, opinions, receipts, mode):
        """Return the forms of the page: one, or in a meeting one for each role.

        :return: list of dicts with ``role``, ``opinions`` and ``receipts``
        """
        if mode != "meeting":
            turn = {"role": None, "opinions": opinions, "receipts": receipts}
            return [turn] if opinions or receipts else []
        return [
            {
                "role": role,
                "opinions": opinions.filtered(lambda o, role=role: o.role_id == role),
                "receipts": receipts.filtered(lambda r, role=role: r.role_id == role),
            }
            for role in opinions.role_id | receipts.role_id
        ]

    def _get_roles(self, record):
        """Return the roles that can fulfil a condition: list of (code, name)."""
        roles = request.env["quality.role"].sudo().search([])  # names of roles are no secret
        applicable = roles._filter_applicable(record.company_id)
        return [(role.code, role.name) for role in applicable]

    def _is_shown(self, duty, mode):
        if mode in TURNS:
            return duty.state == "open"
        if mode == "entered":
            return duty.state == "open" and duty._get_meaning() in ("opinion", "receipt")
        return duty.is_mine

    def _get_people(self, opinions, receipts):
        """Return for whom these duties can be entered: list of (value of the field, name)."""
        people = {}
        for duties in (opinions, receipts):
            roles = duties.role_id._get_people(duties.company_id)
            for users, employees in [*roles.values(), (duties.user_id.sudo(), ())]:
                people |= {f"employee-{employee.id}": employee.name for employee in employees}
                people |= {
                    f"user-{user.id}": user.name
                    for user in users
                    if f"employee-{user.employee_id.id}" not in people
                }
        return sorted(people.items(), key=lambda person: person[1])

    def _get_answers(self, post):
        """Return the answered opinions: dict of id → dict with answer and reason."""
        ids = [int(key[7:]) for key in post if key.startswith("answer_") and key[7:].isdecimal()]
        return {
            id_: {
                "answer": post[f"answer_{id_}"],
                **{
                    name: post.get(f"{name}_{id_}", "")
                    for name in ("reason", "hold", "responsible")
                },
            }
            for id_ in ids
        }

    def _get_receipts(self, post):
        return [int(key[8:]) for key in post if key.startswith("receipt_") and key[8:].isdecimal()]

    def _get_credentials(self, post):
        names = ("password", "badge", "pin", "entered_for")
        credentials = {name: str(post[name]) for name in names if post.get(name)}
        kind, _dash, id_ = credentials.get("entered_for", "").partition("-")
        if kind in ("employee", "user") and id_.isdecimal():
            credentials["entered_for"] = {f"{kind}_id": int(id_)}
        evidence = post.get("evidence")
        if getattr(evidence, "filename", None):
            credentials["evidence"] = {"name": evidence.filename, "content": evidence.read()}
        return credentials
