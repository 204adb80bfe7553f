import logging

from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo import api, fields, models
from odoo.tools import SQL

from ...lib.chain import Head, extend
from . import signature_verification  # noqa: F401 checks the seals made here
from .signature_guard import install_guard

_logger = logging.getLogger(__name__)

#: Any number, as long as nobody else uses it for another lock.
SEALER_LOCK = 7_139_001
BATCH = 5_000
#: How far behind the last seal the sealer looks, so that its cost does not grow with the table.
#: What a transaction signs that stays open while so many others sign, is sealed by the nightly
#: clean-up.
WINDOW = 50_000


class QualitySignatureSeal(models.Model):
    """The place of a signature in the chain of its company. Made by the sealer only."""

    _name = "quality.signature.seal"
    _description = "Seal of a Signature"
    _order = "company_id, position"
    _rec_name = "position"
    _log_access = False

    signature_id = fields.Many2one(
        "quality.signature", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    position = fields.Integer(required=True, readonly=True, aggregator=None)
    signature_hash = fields.Char(required=True, readonly=True)
    previous_hash = fields.Char(readonly=True, help="Hash of the seal before this one.")
    seal_hash = fields.Char("Hash", required=True, readonly=True)
    sealed_at = fields.Datetime("Sealed On", required=True, readonly=True)

    _signature_uniq = models.Constraint("UNIQUE (signature_id)", "A signature is sealed once.")
    _position_uniq = models.Constraint(
        "UNIQUE (company_id, position)", "Two seals of a company can't have the same position."
    )

    def init(self):
        """Guard the table in the database itself."""
        install_guard(
            self.env.cr,
            self._table,
            (
                "id",
                "signature_id",
                "company_id",
                "position",
                "signature_hash",
                "previous_hash",
                "seal_hash",
                "sealed_at",
            ),
        )

    # The sealer

    @api.model
    def _cron_seal(self):
        """Seal what is waiting, in the order of signing, batch by batch."""
        progress = self.env["ir.cron"]._commit_progress
        since = self._get_window_start()
        time_left = progress(remaining=self._count_waiting(since))
        while time_left:
            try:
                sealed = self._seal_batch(since)
            except (SerializationFailure, UniqueViolation):
                # another sealer was a moment faster: it does the work
                self.env.cr.rollback()
                sealed = 0
            if not sealed:
                break
            time_left = progress(sealed)

    @api.autovacuum
    def _seal_stragglers(self):
        """Seal whatever the sealer's window has missed."""
        sealed = self._seal_batch()
        return sealed, int(sealed == BATCH)

    @api.model
    def _seal_batch(self, since=0, limit=BATCH):
        """Seal the first waiting signatures within the current transaction.

        :param since: id of the last signature that need not be looked at
        :param limit: how many at most
        :return: how many were sealed; 0 also where another sealer is at work
        """
        if not self._lock_sealer():
            return 0
        waiting = self._fetch_waiting(since, limit)
        sealed_at = fields.Datetime.now()
        for company_id, signatures in waiting.items():
            head = self.env["quality.signature.chain"]._get_head(company_id)
            seals, head = extend(head, company_id, signatures, sealed_at)
            self._insert(seals)
            self.env["quality.signature.chain"]._set_head(company_id, head)
        self.invalidate_model()
        return sum(map(len, waiting.values()))

    def _lock_sealer(self):
        [[locked]] = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(%s)", SEALER_LOCK)
        )
        return locked

    def _get_window_start(self):
        [[last]] = self.env.execute_query(
            SQL("SELECT COALESCE(MAX(signature_id), 0) FROM quality_signature_seal")
        )
        return last - WINDOW

    def _count_waiting(self, since=0):
        [[count]] = self.env.execute_query(
            SQL("SELECT COUNT(*) FROM (%s) waiting", self._get_waiting_query(since))
        )
        return count

    def _fetch_waiting(self, since, limit):
        """Return the first waiting signatures as dict of company id → list of (id, hash)."""
        waiting = {}
        query = SQL("%s ORDER BY signature.id LIMIT %s", self._get_waiting_query(since), limit)
        for signature_id, company_id, content_hash in self.env.execute_query(query):
            waiting.setdefault(company_id, []).append((signature_id, content_hash))
        return waiting

    def _get_waiting_query(self, since):
        self.env["quality.signature"].flush_model()
        return SQL(
            """
            SELECT signature.id, signature.company_id, signature.content_hash
              FROM quality_signature signature
             WHERE signature.id > %(since)s
               AND NOT EXISTS (
                    SELECT FROM quality_signature_seal seal
                     WHERE seal.signature_id = signature.id AND seal.signature_id > %(since)s
               )
            """,
            since=since,
        )

    def _insert(self, seals):
        self.env.cr.execute_values(
            """
            INSERT INTO quality_signature_seal (
                company_id, position, signature_id, signature_hash, previous_hash, sealed_at,
                seal_hash
            ) VALUES %s
            """,
            seals,
            page_size=1000,
        )


class QualitySignatureChain(models.Model):
    """Where the chain of a company ends, kept apart so that a cut tail is found."""

    _name = "quality.signature.chain"
    _description = "End of a Chain of Seals"
    _log_access = False
    _rec_name = "company_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    position = fields.Integer(required=True, readonly=True, aggregator=None)
    seal_hash = fields.Char(required=True, readonly=True)

    _company_uniq = models.Constraint("UNIQUE (company_id)", "A company has one chain.")

    def init(self):
        """Guard the table in the database itself."""
        install_guard(self.env.cr, self._table, ("id", "company_id"))

    @api.model
    def _get_head(self, company_id):
        """Return the Head of the chain of a company; the default one where it has no seal."""
        rows = self.env.execute_query(
            SQL(
                "SELECT position, seal_hash FROM quality_signature_chain WHERE company_id = %s",
                company_id,
            )
        )
        return Head(*rows[0]) if rows else Head()

    @api.model
    def _set_head(self, company_id, head):
        """Note the new end of the chain, in the log as well: a trace outside the database."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO quality_signature_chain (company_id, position, seal_hash)
                     VALUES (%s, %s, %s)
                ON CONFLICT (company_id) DO UPDATE
                        SET position = EXCLUDED.position, seal_hash = EXCLUDED.seal_hash
                """,
                company_id,
                *head,
            )
        )
        self.invalidate_model()
        _logger.info("Signatures of company %s sealed up to position %s: %s", company_id, *head)
