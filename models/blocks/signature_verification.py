import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ...lib.chain import GENESIS, Finding, Seal, Walk
from .signature import HASHED_COLUMNS
from .signature_check import CHAIN_KINDS

PAGE = 5_000
#: What a subject that was carried over has in common with the one that was signed.
CARRIED_COLUMNS = ("role_id", "item_id", "basis")


class Broken(NamedTuple):
    """A finding in words."""

    kind: str
    signature_id: int | None
    position: int | None
    sentence: str


@dataclass(frozen=True)
class Verification:
    """What the verification of one company's signatures found."""

    company: models.BaseModel
    sealed: int
    waiting: int
    #: tuple of Broken
    findings: tuple
    #: hash of the last seal: noted outside, it proves later that the past was not rewritten
    head: str

    @property
    def intact(self):
        """Whether nothing is broken."""
        return not self.findings


class QualitySignature(models.Model):
    """The chapter of ``quality.signature`` that finds what was done behind its back."""

    _inherit = "quality.signature"

    @api.model
    def _verify(self, company):
        """Verify every signature of ``company``: content, seal, order, subjects, evidence.

        Reads page by page, so that memory does not grow with the table. Where the chain is
        whole, its end is noted, so that a later verification finds it cut off or rewritten.

        :param company: res.company record
        :return: Verification
        """
        self.env.flush_all()
        check = _Check(self.sudo().env, company)  # nothing that it reads is shown
        findings = [*check.sealed(), *check.waiting(), *check.dangling(), *check.past()]
        if CHAIN_KINDS.isdisjoint(finding.kind for finding in findings):
            # whoever verifies adds a note and can't do more with it
            self.env["quality.signature.check"].sudo()._note(company, check.walk.head)
        return Verification(
            company=company,
            sealed=check.sealed_count,
            waiting=check.waiting_count,
            findings=(
                *(self._describe_finding(finding) for finding in findings),
                *self._describe_documents(check.documents()),
            ),
            head=check.walk.head.seal_hash,
        )

    def _describe_finding(self, finding):
        where = {
            "signature": finding.signature_id,
            "position": finding.position,
            "until": finding.until,
        }
        sentence = self._get_finding_sentences(where)[finding.kind]
        return Broken(finding.kind, finding.signature_id, finding.position, sentence)

    def _describe_documents(self, records):
        for record in records:
            sentence = self.env._(
                "The content of %(number)s was changed after it was signed.", number=record.name
            )
            yield Broken("document_altered", None, None, sentence)

    def _get_finding_sentences(self, where):
        """Return what each kind of finding is called.

        :param where: dict with ``signature``, ``position`` and ``until``
        """
        return {
            "content_edited": self.env._(
                "Signature %(signature)s was edited after it was given.", **where
            ),
            "signature_replaced": self.env._(
                "Signature %(signature)s is not the one that was sealed at position %(position)s.",
                **where,
            ),
            "signature_missing": self.env._(
                "Signature %(signature)s, sealed at position %(position)s, is missing.", **where
            ),
            "algorithm_unknown": self.env._(
                "Signature %(signature)s names an algorithm that does not exist.", **where
            ),
            "evidence_broken": self.env._(
                "The evidence of signature %(signature)s is missing or not the file that was "
                "added.",
                **where,
            ),
            "subject_missing": self.env._(
                "Signature %(signature)s was inserted, or taken away from what it signed: "
                "what it names as signed does not refer to it.",
                **where,
            ),
            "subject_foreign": self.env._(
                "Signature %(signature)s is shown on something that it did not sign.", **where
            ),
            "subject_altered": self.env._(
                "What signature %(signature)s stands under was changed after it was signed.",
                **where,
            ),
            "subject_dangling": self.env._(
                "Signature %(signature)s is missing although something refers to it.", **where
            ),
            "seal_edited": self.env._(
                "The seal at position %(position)s (signature %(signature)s) was edited.", **where
            ),
            "seal_missing": self.env._(
                "The seals from position %(position)s to %(until)s are missing.", **where
            ),
            "seal_doubled": self.env._(
                "The seal at position %(position)s (signature %(signature)s) was inserted.",
                **where,
            ),
            "order_changed": self.env._(
                "The order was changed at position %(position)s (signature %(signature)s): the "
                "seal before it is not the one that it follows.",
                **where,
            ),
            "tail_cut": self.env._(
                "The end of the chain was cut off: the seals from position %(position)s to "
                "%(until)s are missing.",
                **where,
            ),
            "tail_added": self.env._(
                "The seals from position %(position)s to %(until)s were added behind the end of "
                "the chain.",
                **where,
            ),
            "head_differs": self.env._(
                "The last seal, at position %(position)s, is not the one that was noted as the "
                "end of the chain.",
                **where,
            ),
            "verified_cut": self.env._(
                "The chain had reached position %(position)s when it was verified before. What "
                "was sealed there is gone.",
                **where,
            ),
            "verified_differs": self.env._(
                "The seal at position %(position)s is not the one that was there when the chain "
                "was verified before: the past was rewritten.",
                **where,
            ),
        }


class _Check:
    """One verification of one company, in the course of which the counts are taken."""

    def __init__(self, env, company):
        self.env = env
        self.company = company
        self.walk = Walk()
        self.sealed_count = 0
        self.waiting_count = 0
        self.subject_models = self._get_subject_models()

    # Sealed and waiting signatures

    def sealed(self):
        """Yield the findings along the chain of seals."""
        for page in self._paginate(self._get_sealed_query, ("position", "seal_id")):
            self.sealed_count += len(page)
            for row in page:
                yield from self._check_seal(row)
            yield from self._check_signatures(page)
        head = self.env["quality.signature.chain"]._get_head(self.company.id)
        yield from self.walk.check_end(head)

    def waiting(self):
        """Yield the findings about signatures without a seal."""
        for page in self._paginate(self._get_waiting_query, ("id",)):
            self.waiting_count += len(page)
            yield from self._check_signatures(page)

    def past(self):
        """Yield the findings of a comparison with what earlier verifications noted."""
        yield from self.env["quality.signature.check"]._compare(self.company)

    def documents(self):
        """Return the quality records whose documents are not what was signed."""
        ids = []
        for name in self.env.registry.descendants(["quality.record.mixin"], "_inherit"):
            ids += self.env[name]._find_altered_documents(self.company)
        return self.env["quality.record"].browse(sorted(ids))

    def _paginate(self, get_query, key):
        after = None
        while page := self.env.execute_query_dict(get_query(after)):
            yield page
            after = tuple(page[-1][column] for column in key)

    def _get_sealed_query(self, after):
        return SQL(
            """
            SELECT seal.id AS seal_id, seal.position, seal.signature_id AS sealed_id,
                   seal.company_id AS seal_company_id, seal.signature_hash, seal.previous_hash,
                   seal.seal_hash, seal.sealed_at, %s
              FROM quality_signature_seal seal
         LEFT JOIN quality_signature signature ON signature.id = seal.signature_id
             WHERE seal.company_id = %s AND %s
          ORDER BY seal.position, seal.id
             LIMIT %s
            """,
            self._get_signature_columns(),
            self.company.id,
            SQL("(seal.position, seal.id) > %s", after) if after else SQL("TRUE"),
            PAGE,
        )

    def _get_waiting_query(self, after):
        return SQL(
            """
            SELECT NULL AS position, %s
              FROM quality_signature signature
             WHERE signature.company_id = %s AND %s
               AND NOT EXISTS (
                    SELECT FROM quality_signature_seal seal WHERE seal.signature_id = signature.id
               )
          ORDER BY signature.id
             LIMIT %s
            """,
            self._get_signature_columns(),
            self.company.id,
            SQL("signature.id > %s", *after) if after else SQL("TRUE"),
            PAGE,
        )

    def _get_signature_columns(self):
        columns = dict.fromkeys(("id", "content_hash", *sum(HASHED_COLUMNS.values(), ())))
        return SQL(", ").join(SQL.identifier("signature", column) for column in columns)

    # One seal, one signature

    def _check_seal(self, row):
        seal = Seal(
            row["seal_company_id"],
            row["position"],
            row["sealed_id"],
            row["signature_hash"],
            row["previous_hash"] or GENESIS,
            row["sealed_at"],
        )
        yield from self.walk.check(seal, row["seal_hash"])
        if not row["id"]:
            yield Finding("signature_missing", row["sealed_id"], row["position"])
        elif (row["content_hash"], row["company_id"]) != (seal.signature_hash, seal.company_id):
            yield Finding("signature_replaced", row["id"], row["position"])

    def _check_signatures(self, page):
        """Yield the findings about the signatures of a page: content, subjects, evidence."""
        rows = [row for row in page if row["id"]]
        references = self._get_references([row["id"] for row in rows])
        altered = self._find_altered(rows)
        for row in rows:
            kind = self._check_content(row) or self._check_subjects(row, references[row["id"]])
            if kind or row["id"] in altered:
                kind = kind or "subject_altered"
                yield Finding(kind, row["id"], row["position"])
        yield from self._check_evidence([row for row in rows if row["evidence_sha256"]])

    def _check_content(self, row):
        expected = self.env["quality.signature"]._hash(row)
        if not expected:
            return "algorithm_unknown"
        return "content_edited" if expected != row["content_hash"] else None

    def _find_altered(self, rows):
        """Return the ids of signatures whose subjects no longer say what was signed."""
        contents = {}
        for row in rows:
            try:
                contents[row["id"]] = json.loads(row["content"])["content"]
            except (ValueError, KeyError, TypeError):
                continue  # reported as edited
        altered = set()
        for model in self.subject_models:
            if "_find_altered" in dir(model):
                altered |= model._find_altered(contents)
        return altered

    def _check_subjects(self, row, references):
        """Return what is wrong between a signature and what refers to it, if anything.

        :param references: set of (model, id) that refer to the signature
        """
        try:
            subjects = json.loads(row["content"])["subjects"]
            signed = {(row["subject_model"], subject) for subject in subjects}
        except (ValueError, KeyError, TypeError):
            return "content_edited"
        if not signed or signed - references:
            return "subject_missing"
        return "subject_foreign" if references - signed else None

    def _check_evidence(self, rows):
        for row in rows:
            attachment = self.env["ir.attachment"].browse(row["evidence_attachment_id"]).exists()
            content = attachment.raw or b""
            if hashlib.sha256(content).hexdigest() != row["evidence_sha256"]:
                yield Finding("evidence_broken", row["id"], row["position"])
            attachment.invalidate_recordset()  # files are not kept in memory

    # What was signed

    def _get_subject_models(self):
        """Return the models that can be signed: those with a stored ``signature_id``."""
        return [
            model
            for model in self.env.values()
            if model._auto
            and not model._abstract
            and model._name != "quality.signature.seal"
            and (field := model._fields.get("signature_id"))
            and field.store
            and field.comodel_name == "quality.signature"
        ]

    def _get_references(self, ids):
        """Return what refers to the signatures as dict of id → set of (model, id)."""
        references = defaultdict(set)
        for model in self.subject_models:
            query = SQL(
                "SELECT subject.signature_id, subject.id FROM %s subject "
                "WHERE subject.signature_id = ANY(%s) AND NOT %s",
                SQL.identifier(model._table),
                ids,
                self._is_carried_over(model),
            )
            for signature_id, subject_id in self.env.execute_query(query):
                references[signature_id].add((model._name, subject_id))
        return references

    def _is_carried_over(self, model):
        """Return the condition under which a subject only shows the signature of another.

        A model says so by a field ``carried_from_id`` to the subject that was signed, an
        earlier one: of the same order, with the same of all CARRIED_COLUMNS.
        """
        if "carried_from_id" not in model._fields:
            return SQL("FALSE")
        return SQL(
            """
            EXISTS (
                SELECT FROM %s source
                  JOIN quality_record origin ON origin.id = source.record_id
                  JOIN quality_record target ON target.id = subject.record_id
                 WHERE source.id = subject.carried_from_id AND source.id < subject.id
                   AND source.signature_id = subject.signature_id
                   AND origin.order_id = target.order_id AND %s
            )
            """,
            SQL.identifier(model._table),
            SQL(" AND ").join(
                SQL("source.%(name)s IS NOT DISTINCT FROM subject.%(name)s", name=column)
                for column in map(SQL.identifier, CARRIED_COLUMNS)
            ),
        )

    def dangling(self):
        """Yield a finding for each subject that refers to a signature which is gone."""
        for model in self.subject_models:
            company = model._fields.get("company_id")
            query = SQL(
                "SELECT DISTINCT subject.signature_id FROM %s subject "
                "WHERE subject.signature_id IS NOT NULL AND %s AND NOT EXISTS ("
                "SELECT FROM quality_signature signature "
                "WHERE signature.id = subject.signature_id) ORDER BY 1",
                SQL.identifier(model._table),
                SQL("subject.company_id = %s", self.company.id)
                if company and company.store
                else SQL("TRUE"),
            )
            for [signature_id] in self.env.execute_query(query):
                yield Finding("subject_dangling", signature_id)
