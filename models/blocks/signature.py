from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...lib.canonical import ALGORITHM, canonical, digest
from .price import PRICE_GROUPS
from .signature_guard import drop_signature_guards, install_guard  # noqa: F401 for the hooks
from .signer import WAYS

MEANINGS = [
    ("opinion", "Opinion"),
    ("receipt", "Receipt"),
    ("conclusion", "Conclusion"),
    ("approval", "Approval"),
    ("override", "Override"),
    ("release", "Release"),
    ("verification", "Verification"),
    ("waiver", "Waiver"),
    ("report", "Report"),
]
#: The columns that each algorithm hashes. Never change an entry: a new column that is to be
#: hashed makes a new algorithm, and signatures of the old one stay as verifiable as they were.
HASHED_COLUMNS = {
    1: (
        "record_id",
        "company_id",
        "subject_model",
        "meaning",
        "way",
        "role_code",
        "role_name",
        "department_name",
        "signer_uid",
        "signer_login",
        "signer_name",
        "signer_employee_id",
        "signer_employee_name",
        "device_login",
        "entered_by_uid",
        "entered_by_login",
        "entered_by_name",
        "evidence_name",
        "evidence_sha256",
        "evidence_attachment_id",
        "signed_at",
        "content",
        "algorithm",
    ),
}


class QualitySignature(models.Model):
    """One signature: who signed what, as what, in which way and when. Only ever added.

    People are copied, not linked, so that a signature outlives its user. Nothing here is updated
    by whoever signs, so no signer waits for another; the sealer chains them afterwards.
    """

    _name = "quality.signature"
    _description = "Signature"
    _inherit = ["quality.signer"]
    _order = "id"
    _log_access = False

    # What was signed
    record_id = fields.Many2one(
        "quality.record",
        "Document",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    subject_model = fields.Char(required=True, readonly=True)
    meaning = fields.Selection(MEANINGS, required=True, readonly=True)
    content = fields.Text(
        required=True,
        readonly=True,
        groups=PRICE_GROUPS,
        help="What was signed, as canonical JSON.",
    )

    # By whom, as they were then
    way = fields.Selection(WAYS, "Way of Signing", required=True, readonly=True)
    role_code = fields.Char(readonly=True)
    role_name = fields.Char("Role", readonly=True)
    department_name = fields.Char("Department", readonly=True)
    signer_uid = fields.Integer("Signer's User ID", readonly=True, aggregator=None)
    signer_login = fields.Char("Signer's Login", readonly=True)
    signer_name = fields.Char("Signer", required=True, readonly=True)
    signer_employee_id = fields.Integer("Signer's Employee ID", readonly=True, aggregator=None)
    signer_employee_name = fields.Char("Employee", readonly=True)
    device_login = fields.Char("Device", readonly=True, help="Login of the shared device.")

    # Entered for the signer
    entered_by_uid = fields.Integer("Entered by User ID", readonly=True, aggregator=None)
    entered_by_login = fields.Char(readonly=True)
    entered_by_name = fields.Char("Entered By", readonly=True)
    evidence_name = fields.Char("Evidence", readonly=True)
    evidence_sha256 = fields.Char("SHA-256 of the Evidence", readonly=True)
    evidence_attachment_id = fields.Integer(
        "Attachment ID of the Evidence", readonly=True, aggregator=None
    )

    # Proof
    signed_at = fields.Datetime("Signed On", required=True, readonly=True)
    content_hash = fields.Char(
        "Hash",
        required=True,
        readonly=True,
        help="SHA-256 over the canonical JSON of everything above.",
    )
    algorithm = fields.Integer(
        required=True,
        readonly=True,
        aggregator=None,
        help="Version of the canonical form and of the columns that are hashed.",
    )
    position = fields.Integer(
        compute="_compute_position",
        aggregator=None,
        help="Place in the chain of seals of the company; 0 while it waits to be sealed.",
    )

    def init(self):
        """Guard the table in the database itself."""
        install_guard(self.env.cr, self._table, ("id", "content_hash", *HASHED_COLUMNS[ALGORITHM]))

    @api.depends("signer_name", "entered_by_name", "way")
    def _compute_display_name(self):
        """Name the signer; what was entered for somebody never shows as their own (M1)."""
        for signature in self:
            name = signature.signer_name
            if signature.way == "entered":
                name = self.env._(
                    "entered by %(user)s for %(person)s",
                    user=signature.entered_by_name,
                    person=name,
                )
            signature.display_name = name

    def _compute_position(self):
        # the seal states no more than the signature that one may read
        seals = (
            self.env["quality.signature.seal"]
            .sudo()
            .search_fetch([("signature_id", "in", self.ids)], ["signature_id", "position"])
        )
        positions = {seal.signature_id.id: seal.position for seal in seals}
        for signature in self:
            signature.position = positions.get(signature.id, 0)

    # CRUD: nothing but adding, and that by signing only

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse everything but signing.

        :raise AccessError: for everybody; the signing service creates as superuser
        """
        if not self.env.su:
            raise AccessError(self.env._("Signatures come into being by signing only."))
        return super().create(vals_list)

    def write(self, vals):
        """Refuse to change what was signed.

        :raise UserError: for everybody, superuser included
        """
        if not self.env.su or not vals.keys().isdisjoint(self._get_kept_columns()):
            raise UserError(self.env._("A signature stays as it was given."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Signatures are kept. They can't be deleted."))

    def _get_kept_columns(self):
        return {"content_hash", *HASHED_COLUMNS[ALGORITHM]}

    # Signing

    @api.model
    def _sign(self, items, signer):
        """Sign each item and tie its subjects to the signature.

        :param items: list of dicts: ``record`` (quality.record), ``subjects`` (records of one
            model with a ``signature_id``), ``meaning``, ``role`` (quality.role, may be empty)
            and ``content`` (what is signed, JSON-able); one signature per item, so per role (M3)
        :param signer: Signer, from ``_authenticate``
        :return: quality.signature records in the order of ``items``
        :raise UserError: where the signer may not sign this in this way, a password is
            missing, or something is signed already
        """
        if not items:
            return self.browse()
        self._check_items(items, signer)
        evidence = self._file_evidence(signer)
        shared_vals = {**self._prepare_signer_vals(signer), "evidence_attachment_id": evidence.id}
        role_vals = self._prepare_role_vals(items)
        # nobody has the right to create signatures: they come into being here only
        signatures_sudo = self.sudo().create(
            [
                self._prepare_signature_vals(item, {**shared_vals, **vals})
                for item, vals in zip(items, role_vals, strict=True)
            ]
        )
        for item, signature in zip(items, signatures_sudo, strict=True):
            item["subjects"].sudo().write({"signature_id": signature.id})
        evidence.res_id = signatures_sudo[0].id
        self._ask_for_seal()
        return signatures_sudo.sudo(self.env.su)

    def _check_items(self, items, signer):
        companies = self.env["res.company"]
        for item in items:
            if signer.way == "entered":
                self._check_entered_meaning(item["meaning"])
            self._check_subjects(item["subjects"])
            companies |= item["record"].sudo().company_id
        self._ensure_proven(signer, companies)

    def _check_subjects(self, subjects):
        if not subjects:
            raise UserError(self.env._("There is nothing to sign."))
        if subjects.sudo().signature_id:
            raise UserError(self.env._("This is signed already. Reload the page to see by whom."))

    def _prepare_signature_vals(self, item, shared_vals):
        record = item["record"].sudo()
        subjects = item["subjects"]
        vals = {
            "record_id": record.id,
            "company_id": record.company_id.id,
            "subject_model": subjects._name,
            "meaning": item["meaning"],
            "content": canonical({"subjects": subjects.ids, "content": item["content"]}),
            "signed_at": fields.Datetime.now(),
            "algorithm": ALGORITHM,
            **shared_vals,
        }
        # an empty column is NULL, whatever the type: that is how it is hashed, too
        vals = {column: value or None for column, value in vals.items()}
        return {**vals, "content_hash": self._hash(vals)}

    def _prepare_role_vals(self, items):
        """Return the names of role and department for each item, in its company's language."""
        roles = defaultdict(self.env["quality.role"].browse)
        for item in items:
            roles[item["record"].sudo().company_id] |= item.get("role") or self.env["quality.role"]
        titles = {company: owned._get_titles(company) for company, owned in roles.items()}
        return [
            titles[item["record"].sudo().company_id].get(item.get("role") and item["role"].id, {})
            for item in items
        ]

    def _prepare_signer_vals(self, signer):
        entered_by = signer.entered_by
        return {
            "way": signer.way,
            "signer_uid": signer.uid,
            "signer_login": signer.login,
            "signer_name": signer.name,
            "signer_employee_id": signer.employee_id,
            "signer_employee_name": signer.employee_name,
            "device_login": (entered_by or signer).device_login,
            "entered_by_uid": entered_by and entered_by.uid,
            "entered_by_login": entered_by and entered_by.login,
            "entered_by_name": entered_by and entered_by.name,
            "evidence_name": signer.evidence_name,
            "evidence_sha256": signer.evidence_sha256,
        }

    def _file_evidence(self, signer):
        """Keep the photo or scan with the signature (nobody may write there, so nobody deletes).

        :return: ir.attachment record, empty where there is no evidence
        """
        attachments_sudo = self.env["ir.attachment"].sudo()
        if not signer.evidence:
            return attachments_sudo
        # kept bit by bit, as it was hashed: a large photo is not scaled down
        return attachments_sudo.with_context(image_no_postprocess=True).create(
            {"name": signer.evidence_name, "raw": signer.evidence, "res_model": self._name}
        )

    @api.model
    def _hash(self, row):
        """Return the hash of a signature.

        :param row: dict with the value of each hashed column, as stored
        :return: 64 hexadecimal digits, or None where the algorithm is unknown
        """
        columns = HASHED_COLUMNS.get(row["algorithm"])
        return columns and digest({column: row.get(column) or None for column in columns})

    def _ask_for_seal(self):
        """Wake the sealer once this transaction is committed."""
        self.env["quality.record"]._wake("customer_quality.ir_cron_seal")
