from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .price import PRICE_GROUPS

ANSWERS = [
    ("agree", "Agree"),
    ("condition", "Agree with condition"),
    ("object", "Object"),
]


#: What a signature under an opinion can mean; see MEANINGS of the signature.
OPINION_MEANINGS = [
    ("opinion", "Opinion"),
    ("conclusion", "Conclusion"),
    ("approval", "Approval"),
    ("release", "Release"),
    ("override", "Override"),
    ("verification", "Verification"),
    ("waiver", "Waiver"),
]


#: What an opinion must still say as it was signed, also where nothing was signed about it.
SAID = ("question", "clause", "hold", "responsible")


class QualityOpinionTemplate(models.Model):
    """Which questions each role answers on a kind of document (B1)."""

    _name = "quality.opinion.template"
    _description = "Opinion Template"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    model = fields.Char("Document Model", required=True)
    company_id = fields.Many2one("res.company", help="Leave empty to share it.")
    item_ids = fields.One2many("quality.opinion.template.item", "template_id", copy=True)

    @api.model
    def _get_default(self, model, company):
        """Return the first active template for ``model`` that ``company`` may use."""
        return self.with_context(active_test=True).search(
            [
                ("model", "=", model),
                ("company_id", "in", [company.id, False]),
                ("item_ids", "!=", False),
            ],
            limit=1,
        )


class QualityOpinionTemplateItem(models.Model):
    """One question to one role, with the clause that it serves as data."""

    _name = "quality.opinion.template.item"
    _description = "Question of an Opinion Template"
    _order = "template_id, sequence, id"

    template_id = fields.Many2one(
        "quality.opinion.template", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    role_id = fields.Many2one("quality.role", required=True, ondelete="restrict")
    question = fields.Char(required=True, translate=True)
    clause = fields.Char(help="The clause that the question serves, e.g. ISO 9001 8.2.3.1 a.")
    blocking = fields.Boolean(
        default=True, help="An objection here stops the document until it is revised."
    )


class QualityOpinion(models.Model):
    """The answer of a role to one question on a document."""

    _name = "quality.opinion"
    _description = "Opinion"
    _inherit = ["quality.duty.mixin"]
    _order = "record_id, sequence, id"

    sequence = fields.Integer(default=10, readonly=True)
    meaning = fields.Selection(
        OPINION_MEANINGS,
        default="opinion",
        required=True,
        readonly=True,
    )
    item_id = fields.Many2one("quality.opinion.template.item", readonly=True, ondelete="set null")
    question = fields.Char(readonly=True, translate=True)
    clause = fields.Char(readonly=True)
    blocking = fields.Boolean(readonly=True, default=True)

    answer = fields.Selection(ANSWERS, readonly=True)
    reason = fields.Text("Condition or Reason", readonly=True)
    basis = fields.Char(
        groups=PRICE_GROUPS,
        readonly=True,
        help="Fingerprint of what the role was shown when it was asked.",
    )
    carried_from_id = fields.Many2one(
        "quality.opinion", "Carried Over From", readonly=True, ondelete="restrict"
    )

    _open_idx = models.Index("(record_id) WHERE state = 'open'")
    _one_decision = models.UniqueIndex(
        "(record_id, meaning) WHERE meaning != 'opinion' AND state = 'open'",
        "This decision is already being asked for.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Note what the role is shown; copy its question in every language from the template."""
        records = self.env["quality.record"].browse(vals["record_id"] for vals in vals_list)
        roles = self.env["quality.role"].browse(vals["role_id"] for vals in vals_list)
        for vals, record, role in zip(vals_list, records, roles, strict=True):
            vals["basis"] = record._get_document()._get_basis(role)
        opinions = super().create(vals_list)
        templated = opinions.filtered("item_id")
        if templated:
            templated.flush_recordset()
            self.env["quality.opinion.template.item"].flush_model()
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE quality_opinion opinion
                       SET question = item.question, clause = item.clause,
                           blocking = item.blocking
                      FROM quality_opinion_template_item item
                     WHERE item.id = opinion.item_id AND opinion.id IN %s
                    """,
                    tuple(templated.ids),
                )
            )
            templated.invalidate_recordset(["question", "clause", "blocking"])
        return opinions

    def _carry_over(self, previous):
        """Take over answers whose question and basis stand as they were signed (B1).

        :param previous: quality.opinion records of the superseded revision
        :return: those of ``self`` that need not be asked again
        """
        signed = {
            opinion._get_carry_key(): opinion
            for opinion in previous
            if opinion.state == "done" and opinion.answer == "agree" and opinion.item_id
        }
        carried = self.browse()
        for opinion in self.sudo():
            source = signed.get(opinion._get_carry_key())
            if source:
                opinion.write(
                    {
                        "answer": source.answer,
                        "reason": source.reason,
                        "signature_id": source.signature_id.id,
                        "carried_from_id": source.id,
                        "state": "done",
                    }
                )
                carried |= opinion
        carried._discharge_activities()
        carried._close_deadlines("cancelled")
        return carried.sudo(False)

    def _get_carry_key(self):
        """Return what has to be the same for an answer to hold: question, wording and basis."""
        self.ensure_one()
        question = self.with_context(lang="en_US").question
        return (self.role_id, self.item_id, question, self.clause, self.basis)

    def _answer(self, answers):
        """Put answers on open opinions, to be signed in the same transaction.

        :param answers: dict of opinion id → dict with ``answer`` and ``reason``
        :return: the answered opinions
        :raise UserError: for an answer that does not exist
        """
        answered = self.filtered(lambda opinion: opinion.id in answers)
        answered._ensure_open()
        for opinion in answered.sudo():  # written by the signing itself, never by a user
            vals = answers[opinion.id]
            if vals.get("answer") not in dict(ANSWERS):
                raise UserError(
                    self.env._("Choose agree, agree with condition, or object, for each item.")
                )
            opinion.write(opinion._prepare_answer_vals(vals))
        return answered

    def _prepare_answer_vals(self, vals):
        """Return what is written of an answer, as it is signed.

        :param vals: dict with ``answer`` and ``reason``
        """
        return {"answer": vals["answer"], "reason": (vals.get("reason") or "").strip()}

    def _check_complete(self):
        for opinion in self:
            if not opinion.answer:
                raise UserError(
                    self.env._("Answer “%(question)s” before you sign.", question=opinion.question)
                )
            if opinion.answer != "agree" and not opinion.reason:
                raise UserError(
                    self.env._(
                        "Write the condition or the reason for “%(question)s”: the others can "
                        "only act on what they can read.",
                        question=opinion.question,
                    )
                )

    def _get_meaning(self):
        return self.meaning

    def _get_deadline_kind(self):
        return "opinion" if self.meaning == "opinion" else "decision"

    def _prepare_content(self):
        return {
            **super()._prepare_content(),
            "opinions": [opinion._prepare_said() for opinion in self],
            **self.record_id._get_document().sudo()._prepare_decision_content(self),
        }

    def _prepare_said(self):
        """Return what one opinion says, as it is signed; keys that say nothing are left out."""
        self.ensure_one()
        return {
            "id": self.id,
            "role": self.role_id.id,
            "blocking": self.blocking,
            "question": self.with_context(lang="en_US").question,
            "clause": self.clause or None,
            "answer": self.answer,
            "reason": self.reason or None,
        }

    @api.model
    def _find_altered(self, contents):
        altered = set()
        for row in self.env.execute_query_dict(self._get_signed_query(list(contents))):
            items = {item["id"]: item for item in contents[row["signature_id"]].get("opinions", ())}
            own = items.get(row["id"])
            # an opinion that was carried over repeats one of those that were signed
            stands = row["fits"] and (
                row["is_own_record"] and self._says(row, own)
                if own
                else any(self._says(row, {**item, "blocking": None}) for item in items.values())
            )
            if not stands:
                altered.add(row["signature_id"])
        return altered

    def _get_signed_query(self, signature_ids):
        """Return the query of what opinions say now, and whether they fit their signatures.

        A role that was given another code since is told by the signed content alone.
        """
        return SQL(
            """
            SELECT opinion.id, opinion.signature_id, opinion.answer, opinion.reason,
                   opinion.question ->> 'en_US' AS question, opinion.clause, opinion.blocking,
                   opinion.condition_hold AS hold, opinion.condition_role_id AS responsible,
                   opinion.role_id AS role, opinion.record_id = signature.record_id
                   AS is_own_record, opinion.state = 'done'
                   AND opinion.meaning = signature.meaning
                   AND opinion.role_id = COALESCE(role.id, opinion.role_id) AS fits
              FROM quality_opinion opinion
              JOIN quality_signature signature ON signature.id = opinion.signature_id
         LEFT JOIN quality_role role ON role.code = signature.role_code
             WHERE opinion.signature_id = ANY(%s)
            """,
            signature_ids,
        )

    def _says(self, row, signed):
        """Tell whether an opinion still says what was signed, as far as that was noted.

        :param row: dict with what the opinion says now
        :param signed: dict with what was signed; None stands for what is not compared there
        """
        if (row["answer"], row["reason"] or None) != (signed["answer"], signed["reason"] or None):
            return False
        if any((row[key] or None) != (signed.get(key) or None) for key in SAID):
            return False
        noted = [key for key in ("role", "blocking") if signed.get(key) is not None]
        return all((row[key] or False) == signed[key] for key in noted)

    def _get_objections(self):
        """Return the signed objections that stop the document."""
        return self.filtered(
            lambda o: (
                o.state == "done"
                and o.answer == "object"
                and (o.blocking or o.meaning != "opinion")
            )
        )

    def _get_conditions(self):
        """Return the signed reservations that do not stop the document."""
        return (
            self.filtered(lambda o: o.state == "done" and o.answer in ("condition", "object"))
            - self._get_objections()
        )


class QualityRecord(models.Model):
    _inherit = "quality.record"  # pylint: disable=R8180  # each block adds its own chapter

    opinion_ids = fields.One2many("quality.opinion", "record_id", readonly=True)
