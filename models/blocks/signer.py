import base64
import binascii
import hashlib
import hmac
import time
from dataclasses import dataclass, replace

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessDenied, AccessError, UserError
from odoo.http import request
from odoo.tools.mimetypes import guess_mimetype

from . import pin_attempt  # noqa: F401 the tries at a PIN belong to this file's model

WAYS = [
    ("login", "Own login"),
    ("shared", "Shared device, badge or number with PIN"),
    ("portal", "Portal login"),
    ("token", "Personal link"),
    ("entered", "Entered for somebody"),
]
#: What may be entered for somebody who signed on paper or by message (M1).
ENTERED_MEANINGS = frozenset({"opinion", "receipt"})
#: Answers to a company's password policy, each one stronger than the one before it.
PROOFS = ("none", "recent", "each")
RECENT_SECONDS = 10 * 60
MAX_EVIDENCE_MB = 10
#: What the browser may send, apart from ``partner``, which only server code can give.
CREDENTIAL_TYPES = {
    "way": (str,),
    "badge": (str, int),
    "employee_number": (str, int),
    "pin": (str, int),
    "password": (str,),
    "entered_for": (str, dict),
    "evidence": (dict,),
    "evidence_attachment_id": (int,),
}
ENTERED_FOR_TYPES = {"employee_id": (int,), "user_id": (int,), "name": (str,)}
EVIDENCE_TYPES = {"name": (str,), "content": (str, bytes)}
MAX_ID = 2**31 - 1


@dataclass(frozen=True)
class Signer:
    """The person who signs, the way in which they do, and how well that is proven (M1).

    ``uid`` and ``employee_id`` are those of the person, never those of a shared device, and 0
    where the person has none, so that rights and "not the same person" are judged by them.
    """

    way: str
    name: str
    uid: int = 0
    login: str = ""
    employee_id: int = 0
    employee_name: str = ""
    #: login of the device on which somebody else's badge and PIN were used
    device_login: str = ""
    #: who entered it for the signer, and from what
    entered_by: "Signer | None" = None
    evidence_name: str = ""
    evidence: bytes = b""
    #: one of PROOFS
    proof: str = "none"

    @property
    def evidence_sha256(self):
        return hashlib.sha256(self.evidence).hexdigest() if self.evidence else ""


class QualitySigner(models.AbstractModel):
    """Finds out who signs: the chapter of ``quality.signature`` about M1."""

    _name = "quality.signer"
    _description = "Authentication of a Signer"

    @api.model
    def _authenticate(self, credentials, meaning, company=None):
        """Return who signs with these credentials.

        The way is ``way``, or else read off what is given:

        * ``token``: ``partner`` (a res.partner record, so only server code can give it)
        * ``entered``: ``entered_for`` (a name, or a dict with ``employee_id``, ``user_id`` or
          ``name``) with ``evidence`` (dict with ``name`` and ``content``, bytes or base64) or
          ``evidence_attachment_id``
        * ``shared``: ``badge`` or ``employee_number`` (either is looked for under both), and
          ``pin``; any colleague's login may be the device
        * ``login`` or ``portal``: nothing of these

        ``password`` goes with any way that rests on a login; a PIN or link stands for it.

        :param dict credentials: as above; untrusted, it comes from the browser
        :param str meaning: what will be signed, a value of quality.signature.meaning
        :param company: whose password policy holds, the current one by default; what
            ``_sign`` signs is checked against the company of each record again
        :return: Signer
        :raise UserError: saying what is missing or wrong
        :raise AccessError: where this user can't sign in this way at all; automation
            (OdooBot) and visitors sign in none but ``token``
        """
        self._check_credentials_form(credentials)
        way = credentials.get("way") or self._get_way(credentials)
        if way not in dict(WAYS):
            raise UserError(self.env._("There is no such way of signing."))
        signer = getattr(self, f"_authenticate_{way}")(credentials, meaning)
        self._ensure_proven(signer, company or self.env.company)
        return signer

    @api.model
    def _identify(self, credentials):
        """Return who takes a step that is not signed, so without a password (Signer).

        :param dict credentials: badge or number and PIN, or nothing for the own login; untrusted
        :raise UserError: saying what is missing or wrong, also on a shared login without PIN
        """
        self._check_credentials_form(credentials)
        by_pin = self._has_pin(credentials)
        authenticate = self._authenticate_shared if by_pin else self._authenticate_login
        return authenticate({**credentials, "password": None}, None)

    def _check_credentials_form(self, credentials):
        """Refuse what a browser of ours never sends, before anything trips over it.

        :raise UserError: where it could not be read
        """
        person = isinstance(credentials, dict) and credentials.get("entered_for")
        readable = (
            self._is_readable(credentials, CREDENTIAL_TYPES)
            and self._is_readable(credentials.get("evidence") or {}, EVIDENCE_TYPES)
            and (not isinstance(person, dict) or self._is_readable(person, ENTERED_FOR_TYPES))
        )
        if not readable:
            raise UserError(
                self.env._("What you sign with could not be read. Reload the page and try again.")
            )

    def _is_readable(self, values, types):
        """Tell whether each of ``values`` that is not empty is of its type, as a database has it.

        :param types: dict of key → types; other keys are not looked at
        """
        return isinstance(values, dict) and all(
            not value or isinstance(value, types[key]) and self._is_storable(key, value)
            for key, value in values.items()
            if key in types
        )

    def _is_storable(self, key, value):
        if isinstance(value, str):  # neither NUL nor half a character
            return "\0" not in value and value == value.encode(errors="ignore").decode()
        if key.endswith("_id"):
            return value is not True and 0 < value <= MAX_ID
        return True

    def _get_way(self, credentials):
        if credentials.get("partner"):
            return "token"
        if credentials.get("entered_for"):
            return "entered"
        if self._has_pin(credentials):
            return "shared"
        return "portal" if self.env.user.share else "login"

    def _has_pin(self, credentials):
        return any(credentials.get(key) for key in ("badge", "employee_number", "pin"))

    def _ensure_person(self, allowed):
        """Refuse automation, and whoever has no login of the kind that this way needs."""
        if self.env.uid == SUPERUSER_ID or not allowed:
            raise AccessError(self.env._("You can't sign in this way. Log in as yourself first."))

    # The ways (M1)

    def _authenticate_login(self, credentials, meaning):
        user = self.env.user
        self._ensure_person(user._is_internal())
        # marked by an administrator; whoever uses the login need not see the mark
        if user.sudo().quality_shared_login:
            raise UserError(
                self.env._(
                    "The login %(login)s is shared. Sign with your badge or employee number "
                    "and your PIN.",
                    login=user.login,
                )
            )
        employee = user.sudo().employee_id  # everybody may sign as the employee they are
        return Signer(
            way="login",
            name=user.name,
            uid=user.id,
            login=user.login,
            employee_id=employee.id or 0,
            employee_name=employee.name or "",
            proof=self._prove_password(credentials),
        )

    def _authenticate_portal(self, credentials, meaning):
        user = self.env.user
        self._ensure_person(user._is_portal())
        return Signer(
            way="portal",
            name=user.partner_id.display_name,
            uid=user.id,
            login=user.login,
            proof=self._prove_password(credentials),
        )

    def _authenticate_token(self, credentials, meaning):
        partner = credentials.get("partner")
        if not isinstance(partner, models.BaseModel) or partner._name != "res.partner":
            raise AccessError(self.env._("This link is not valid."))
        partner = partner.sudo()  # the link was given to this contact; only name and mail are kept
        return Signer(
            way="token", name=partner.display_name, login=partner.email or "", proof="each"
        )

    def _authenticate_shared(self, credentials, meaning):
        self._ensure_person(self.env.user._is_internal())
        employee = self._find_employee(credentials)
        self._check_pin(employee, credentials.get("pin"))
        user = employee.user_id
        return Signer(
            way="shared",
            name=employee.name,
            uid=user.id or 0,
            login=user.login or "",
            employee_id=employee.id,
            employee_name=employee.name,
            device_login=self.env.user.login,
            proof="each",
        )

    def _authenticate_entered(self, credentials, meaning):
        self._ensure_person(self.env.user._is_internal())
        self._check_entered_meaning(meaning)
        by_pin = self._has_pin(credentials)
        authenticate = self._authenticate_shared if by_pin else self._authenticate_login
        entered_by = authenticate(credentials, meaning)
        name, evidence = self._read_evidence(credentials)
        return replace(
            self._get_entered_for(credentials.get("entered_for")),
            entered_by=entered_by,
            evidence_name=name,
            evidence=evidence,
            proof=entered_by.proof,
        )

    # Badge or number, and PIN

    def _find_employee(self, credentials):
        """Return the employee whose badge or number this is (in sudo: badge and PIN are secret)."""
        value = credentials.get("badge") or credentials.get("employee_number")
        if not isinstance(value, (str, int)) or not value:
            raise UserError(self.env._("Give your badge or employee number and your PIN."))
        employees = (
            self.env["hr.employee"]
            .sudo()
            .search(
                [
                    ("company_id", "in", self.env.companies.ids),
                    "|",
                    ("barcode", "=", str(value)),
                    ("quality_employee_number", "=", str(value)),
                ],
                limit=2,
            )
        )
        if len(employees) != 1:
            raise self._get_pin_error()
        return employees

    def _check_pin(self, employee, pin):
        """Check the PIN of ``employee``.

        :raise UserError: where it is wrong or missing, or after too many wrong ones
        """
        if not employee.pin:
            raise UserError(
                self.env._(
                    "%(person)s has no PIN yet. Ask HR to set one on the employee's form.",
                    person=employee.name,
                )
            )
        if not pin:
            raise UserError(self.env._("Give your badge or employee number and your PIN."))
        attempts = self.env["quality.pin.attempt"]
        if not attempts._claim(employee):
            raise UserError(
                self.env._("There were too many wrong PINs. Wait ten minutes and try again.")
            )
        if not hmac.compare_digest(str(pin).encode(), employee.pin.encode()):
            raise self._get_pin_error()
        attempts._forget(employee)

    def _get_pin_error(self):
        return UserError(
            self.env._("Badge or number and PIN do not belong together. Check both and try again.")
        )

    # Entered for somebody

    def _check_entered_meaning(self, meaning):
        if meaning not in ENTERED_MEANINGS:
            raise UserError(
                self.env._(
                    "Only opinions and receipts can be entered for somebody else. "
                    "This one must be signed by the person."
                )
            )

    def _get_entered_for(self, person):
        """Return the Signer for whom something is entered."""
        person = person if isinstance(person, dict) else {"name": person}
        employee = self._find("hr.employee", person.get("employee_id"))
        user = employee.user_id or self._find("res.users", person.get("user_id"))
        self._check_not_archived(employee or user)
        employee = employee or user.employee_id
        name = employee.name or user.name or str(person.get("name") or "").strip()
        self._check_entered_person(name, employee.company_id | user.company_ids)
        return Signer(
            way="entered",
            name=name,
            uid=user.id or 0,
            login=user.login or "",
            employee_id=employee.id or 0,
            employee_name=employee.name or "",
        )

    def _find(self, model, record_id):
        """Return the record with this id, if any (in sudo: only its name is used)."""
        return self.env[model].sudo().browse(isinstance(record_id, int) and record_id).exists()

    def _check_not_archived(self, person):
        if person and not person.active:
            raise UserError(
                self.env._(
                    "%(person)s is archived. Enter this for somebody who works here.",
                    person=person.name,
                )
            )

    def _check_entered_person(self, name, companies):
        if not name:
            raise UserError(self.env._("Say for whom you enter this."))
        if companies and not companies & self.env.companies:
            raise AccessError(
                self.env._("%(person)s does not belong to your companies.", person=name)
            )

    def _read_evidence(self, credentials):
        """Return (name, bytes) of the photo or scan that shows the signature.

        :raise UserError: where there is none, or it is neither image nor PDF, or too large
        :raise AccessError: where the user may not read the attachment
        """
        if attachment_id := credentials.get("evidence_attachment_id"):
            attachment = self.env["ir.attachment"].browse(attachment_id)
            self._check_evidence_size(attachment.file_size)
            name, content = attachment.name, attachment.raw
        else:
            evidence = credentials.get("evidence") or {}
            name, content = evidence.get("name"), self._decode(evidence.get("content"))
        self._check_evidence(content)
        return name or self.env._("Evidence"), content

    def _check_evidence(self, content):
        if not content:
            raise UserError(
                self.env._("Add a photo or scan of the paper or message on which they signed.")
            )
        self._check_evidence_size(len(content))
        # judged by its content, whatever its name says; a drawing (SVG) is no photo, and can run
        mimetype = guess_mimetype(content)
        is_image = mimetype.startswith("image/") and not mimetype.startswith("image/svg")
        if not is_image and mimetype != "application/pdf":
            raise UserError(self.env._("The photo or scan must be an image or a PDF file."))

    def _check_evidence_size(self, size):
        if size > MAX_EVIDENCE_MB * 1024 * 1024:
            raise UserError(
                self.env._(
                    "The photo or scan is larger than %(size)s MB. Add a smaller one.",
                    size=MAX_EVIDENCE_MB,
                )
            )

    def _decode(self, content):
        self._check_evidence_size(len(content or "") * 3 // 4 - 2)  # before anything is decoded
        try:
            return content if isinstance(content, bytes) else base64.b64decode(content or "")
        except (binascii.Error, ValueError, TypeError) as error:
            raise UserError(self.env._("The photo or scan could not be read.")) from error

    # Password

    def _prove_password(self, credentials):
        """Return how well the login is proven, one of PROOFS.

        :raise UserError: where a password is given and wrong
        """
        if credentials.get("password"):
            self._check_password(credentials["password"])
            return "each"
        if request and request.session.uid == self.env.uid:
            checked = request.session.get("identity-check-last", 0)
            if checked > time.time() - RECENT_SECONDS:
                return "recent"
        return "none"

    def _check_password(self, password):
        user = self.env.user
        credential = {"type": "password", "login": user.login, "password": str(password)}
        try:
            with user._assert_can_auth(user=user.login):
                user.with_user(user)._check_credentials(credential, {"interactive": True})
        except AccessDenied as error:
            raise UserError(
                self.env._("The password is wrong. Try again, or reset it from the login page.")
            ) from error
        if request and request.session.uid == user.id:
            request.session["identity-check-last"] = time.time()

    def _ensure_proven(self, signer, companies):
        """Check the signer against the password policy of each of ``companies``.

        :raise UserError: where a password is missing
        """
        # the policy of a company binds everybody who signs for it
        needed = max(companies.sudo().mapped("quality_password_policy"), key=PROOFS.index)
        if PROOFS.index(signer.proof) < PROOFS.index(needed):
            raise UserError(self.env._("Give your password to sign."))
