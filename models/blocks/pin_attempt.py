import logging
from datetime import timedelta

from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

MAX_WRONG_PINS = 5
PIN_WINDOW = timedelta(minutes=10)
#: How often a statement that met another server's try for the same employee is repeated.
RETRIES = 3


class QualityPinAttempt(models.Model):
    """Counts the tries at an employee's PIN, so that nobody can go through all of them.

    Counted on a cursor of its own, *before* the PIN is compared: neither the rollback of a
    refused signature nor a hundred tries at once on many servers get around it.
    """

    _name = "quality.pin.attempt"
    _description = "Tries at a PIN"
    _log_access = False

    employee_id = fields.Integer("Employee ID", required=True, readonly=True)
    tries = fields.Integer(required=True, readonly=True)
    since = fields.Datetime(required=True, readonly=True)

    _employee_uniq = models.Constraint("UNIQUE (employee_id)", "Tries are counted per employee.")

    @api.model
    def _claim(self, employee):
        """Count one more try at the PIN of ``employee``.

        :return: whether the try may be judged; False after 5 wrong ones within 10 minutes
        """
        now = fields.Datetime.now()
        counted = self._execute_apart(
            SQL(
                """
                INSERT INTO quality_pin_attempt AS attempt (employee_id, tries, since)
                     VALUES (%(employee)s, 1, %(now)s)
                ON CONFLICT (employee_id) DO UPDATE
                        SET tries = CASE WHEN attempt.since <= %(expired)s
                                         THEN 1 ELSE attempt.tries + 1 END,
                            since = CASE WHEN attempt.since <= %(expired)s
                                         THEN %(now)s ELSE attempt.since END
                  RETURNING tries
                """,
                employee=employee.id,
                now=now,
                expired=now - PIN_WINDOW,
            )
        )
        allowed = bool(counted) and counted[0][0] <= MAX_WRONG_PINS
        if not allowed:
            _logger.warning("Too many tries at the PIN of employee %s.", employee.id)
        return allowed

    @api.model
    def _forget(self, employee):
        """Start counting anew: the PIN of ``employee`` was right."""
        self._execute_apart(
            SQL("DELETE FROM quality_pin_attempt WHERE employee_id = %s RETURNING id", employee.id)
        )

    @api.model
    def _execute_apart(self, query):
        """Execute ``query`` in a transaction of its own.

        :return: the rows, or None where other servers kept getting in between
        """
        for _attempt in range(RETRIES):
            try:
                with self.env.registry.cursor() as cr:
                    cr.execute(query, log_exceptions=False)
                    return cr.fetchall()
            except SerializationFailure:
                continue
        return None

    @api.autovacuum
    def _gc_expired(self):
        self.search([("since", "<=", fields.Datetime.now() - PIN_WINDOW)]).unlink()
