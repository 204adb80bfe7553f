from odoo import api, fields, models
from odoo.tools import SQL

from ...lib.chain import Finding
from .signature_guard import install_guard

#: Findings about the chain itself; where there is one, its end is not taken for verified.
CHAIN_KINDS = frozenset(
    {
        "seal_edited",
        "seal_missing",
        "seal_doubled",
        "order_changed",
        "tail_cut",
        "tail_added",
        "head_differs",
        "verified_cut",
        "verified_differs",
    }
)


class QualitySignatureCheck(models.Model):
    """How far a chain had come when it was verified, by whom and when. Only ever added.

    A chain that later ends earlier, or has another seal at that position, was cut or rewritten.
    """

    _name = "quality.signature.check"
    _description = "Verification of a Chain of Seals"
    _order = "id desc"
    _rec_name = "position"
    _log_access = False

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    position = fields.Integer(required=True, readonly=True, aggregator=None)
    head = fields.Char("Hash", required=True, readonly=True, help="Hash of the last seal.")
    checked_at = fields.Datetime("Verified On", required=True, readonly=True)
    user_login = fields.Char("Verified By", required=True, readonly=True)

    def init(self):
        """Guard the table in the database itself."""
        columns = ("id", "company_id", "position", "head", "checked_at", "user_login")
        install_guard(self.env.cr, self._table, columns)

    @api.model
    def _note(self, company, head):
        """Note that the chain of ``company`` was verified up to ``head`` (a Head)."""
        if head.position:
            self.create(
                {
                    "company_id": company.id,
                    "position": head.position,
                    "head": head.seal_hash,
                    "checked_at": fields.Datetime.now(),
                    "user_login": self.env.user.login,
                }
            )

    @api.model
    def _compare(self, company):
        """Yield a finding where the chain is shorter or another one than it was verified to be."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT past.position, BOOL_OR(seal.id IS NOT NULL)
                  FROM quality_signature_check past
             LEFT JOIN quality_signature_seal seal
                    ON seal.company_id = past.company_id AND seal.position = past.position
                 WHERE past.company_id = %s AND past.head IS DISTINCT FROM seal.seal_hash
              GROUP BY past.position
              ORDER BY past.position DESC
                """,
                company.id,
            )
        )
        missing = [position for position, is_there in rows if not is_there]
        if missing:
            yield Finding("verified_cut", None, missing[0])
        for position, is_there in rows:
            if is_there:
                yield Finding("verified_differs", None, position)
