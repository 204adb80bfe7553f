from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .duty import UNSIGNED
from .opinion import OPINION_MEANINGS

#: What is owed, besides the meanings of opinions.
OTHER_KINDS = [
    ("receipt", "Receipt"),
    ("deadline", "Deadline"),
    ("action", "Action"),
    ("step", "Next Step"),
]

#: The tables behind the list, and the place of each in the ids.
TABLES = ("quality.opinion", "quality.acknowledgement", "quality.deadline", "quality.action")


class QualityDuty(models.Model):
    """My work: everything that somebody still owes, in one list, most urgent first (M3).

    A view over the tables of opinions, receipts, deadlines and actions. A row's id tells its
    table: the id there times the number of tables, plus the table's place. Deadlines of signatures
    give their due date to what is to be signed; the others have a row of their own.
    """

    _name = "quality.duty"
    _description = "My Work"
    _auto = False
    _order = "date_due, date_requested, id"
    _depends = {
        "quality.opinion": [
            "record_id",
            "company_id",
            "role_id",
            "user_id",
            "state",
            "meaning",
            "date_requested",
        ],
        "quality.acknowledgement": [
            "record_id",
            "company_id",
            "role_id",
            "user_id",
            "state",
            "date_requested",
        ],
        "quality.deadline": [
            "record_id",
            "company_id",
            "kind_id",
            "role_id",
            "user_id",
            "state",
            "date_start",
            "date_due",
            "date_paused",
        ],
        "quality.action": ["record_id", "role_id", "owner_id", "title", "state", "date_due"],
        "quality.record": ["name", "res_model", "order_id", "company_id", "user_id"],
        "res.company": ["resource_calendar_id"],
        "resource.calendar": ["tz"],
    }

    record_id = fields.Many2one("quality.record", "Document", readonly=True)
    number = fields.Char(readonly=True)
    res_model = fields.Char(readonly=True)
    order_id = fields.Many2one("sale.order", "Sales Order", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    role_id = fields.Many2one("quality.role", readonly=True)
    user_id = fields.Many2one("res.users", "Asked", readonly=True)
    meaning = fields.Selection([*OPINION_MEANINGS, *OTHER_KINDS], "Kind", readonly=True)
    items = fields.Integer(readonly=True)
    date_requested = fields.Datetime("Waiting Since", readonly=True)
    date_due = fields.Datetime("Due", readonly=True)
    subject = fields.Char("What", compute="_compute_subject", compute_sudo=True)
    days_waiting = fields.Integer(compute="_compute_days_waiting")
    is_late = fields.Boolean("Late", compute="_compute_is_late", search="_search_is_late")
    is_mine = fields.Boolean(compute="_compute_is_mine", search="_search_is_mine")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT duty.*, record.name AS number, record.res_model, record.order_id
              FROM (%s) duty
              JOIN quality_record record ON record.id = duty.record_id
            """,
            SQL(" UNION ALL ").join(self._get_parts()),
        )

    @api.model
    def _get_tables(self):
        """Return the models behind the list, each by its place in the ids (list of str).

        A document whose procedure waits for a step extends this and :meth:`_get_parts`, and says
        in ``_get_duty_subject`` what is owed.
        """
        return [*TABLES]

    @api.model
    def _get_parts(self):
        """Return the queries whose rows make up the list (list of SQL)."""
        tables = len(self._get_tables())
        return [
            SQL(
                """
                SELECT %(tables)s * id AS id, record_id, company_id, role_id, user_id, meaning,
                       items, date_requested, %(due)s AS date_due
                  FROM (
                    SELECT MIN(id) AS id, record_id, company_id, role_id, user_id, meaning,
                           COUNT(*)::int AS items, MIN(date_requested) AS date_requested
                      FROM quality_opinion
                     WHERE state = 'open'
                  GROUP BY record_id, company_id, role_id, user_id, meaning
                  ) owed
                """,
                tables=tables,
                due=self._get_due(
                    SQL("CASE meaning WHEN 'opinion' THEN 'opinion' ELSE 'decision' END")
                ),
            ),
            SQL(
                """
                SELECT %(tables)s * id + 1, record_id, company_id, role_id, user_id, 'receipt',
                       1, date_requested, %(due)s
                  FROM quality_acknowledgement owed
                 WHERE state = 'open'
                """,
                tables=tables,
                due=self._get_due(None),
            ),
            SQL(
                """
                SELECT %(tables)s * owed.id + 2, record_id, company_id, role_id, user_id,
                       'deadline', 1, date_start, date_due
                  FROM quality_deadline owed
                  JOIN quality_deadline_kind kind ON kind.id = owed.kind_id
                 WHERE owed.state IN ('open', 'warned', 'missed', 'escalated')
                   AND owed.date_paused IS NULL
                   AND kind.is_duty IS NOT TRUE AND kind.code != 'action'
                """,
                tables=tables,
            ),
            SQL(
                """
                SELECT %(tables)s * owed.id + 3, owed.record_id, record.company_id, owed.role_id,
                       record.user_id, 'action', 1, owed.create_date,
                       (owed.date_due + time '23:59:59')
                       AT TIME ZONE COALESCE(calendar.tz, 'UTC') AT TIME ZONE 'UTC'
                  FROM quality_action owed
                  JOIN quality_record record ON record.id = owed.record_id
                  JOIN res_company company ON company.id = record.company_id
             LEFT JOIN resource_calendar calendar ON calendar.id = company.resource_calendar_id
                 WHERE owed.state = 'open'
                """,
                tables=tables,
            ),
        ]

    @api.model
    def _get_due(self, kind):
        """Return the due date of what a role owes on a document: SQL over the row ``owed``.

        :param kind: SQL of the code of the kind of deadline; None for that of receipts, which
            the document chooses
        """
        kind = (
            SQL("kind.code = %s", kind)
            if kind
            else SQL("kind.is_duty AND kind.code NOT IN ('opinion', 'decision')")
        )
        return SQL(
            """(
                SELECT MIN(deadline.date_due)
                  FROM quality_deadline deadline
                  JOIN quality_deadline_kind kind ON kind.id = deadline.kind_id
                 WHERE deadline.record_id = owed.record_id AND deadline.role_id = owed.role_id
                   AND deadline.state IN ('open', 'warned', 'missed', 'escalated')
                   AND %s
            )""",
            kind,
        )

    @api.depends("meaning")
    @api.depends_context("lang")
    def _compute_subject(self):
        """Say in a few words what is owed; the rows of one table are read together."""
        self.subject = False
        names = {"quality.opinion": "question", "quality.action": "title"}
        tables = self._get_tables()
        for place, model in enumerate(tables):
            rows = self.filtered(lambda duty, place=place: duty.id % len(tables) == place)
            owed = self.env[model].browse(duty.id // len(tables) for duty in rows)
            for duty, record in zip(rows, owed, strict=True):
                if model == "quality.deadline":
                    duty.subject = record.kind_id.name
                elif model in names:
                    duty.subject = record[names[model]]
                elif model not in TABLES:
                    duty.subject = record._get_duty_subject()
                else:
                    duty.subject = self.env[duty.res_model]._description_translated()

    @api.depends("date_requested")
    def _compute_days_waiting(self):
        now = fields.Datetime.now()
        for duty in self:
            duty.days_waiting = (now - (duty.date_requested or now)).days

    @api.depends("date_due")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for duty in self:
            duty.is_late = bool(duty.date_due and duty.date_due < now)

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return Domain("date_due", "<", fields.Datetime.now())

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("user_id", "role_id")
    def _compute_is_mine(self):
        mine = self.filtered_domain(self.env["quality.role"]._get_duty_domain(self.env.user))
        for duty in self:
            duty.is_mine = duty in mine

    @api.model
    def _search_is_mine(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return self.env["quality.role"]._get_duty_domain(self.env.user)

    # Actions

    def action_open(self):
        """Open what is owed: the one page for signing, or the document itself (M3)."""
        self.ensure_one()
        if self.meaning in UNSIGNED:
            return self.record_id.action_open_document()
        return {
            "type": "ir.actions.act_url",
            "url": f"/quality/work/{self.record_id.id}",
            "target": "self",
        }

    def action_receive(self):
        """Sign the receipts among the selected rows in bulk (M2)."""
        receipts = self.env["quality.acknowledgement"].browse(
            duty.id // len(self._get_tables()) for duty in self if duty.meaning == "receipt"
        )
        return receipts.action_receive()

    def action_agree(self):
        """Agree to the opinions among the selected rows in bulk, where nothing is red (M2).

        :raise UserError: naming the first document that needs to be looked at, or without any
            opinion among the rows
        """
        asked = self.filtered(lambda duty: duty.meaning == "opinion" and duty.is_mine)
        if not asked:
            raise UserError(self.env._("Choose opinions that you are asked for."))
        for documents in asked.record_id._get_documents().values():
            for document in documents:
                if reason := document._get_bulk_refusal():
                    raise UserError(
                        self.env._(
                            "%(number)s needs to be looked at before you answer: %(reason)s",
                            number=document.name,
                            reason=reason,
                        )
                    )
        for record in asked.record_id:
            mine = record.opinion_ids.filtered(lambda o: o.is_mine and o.meaning == "opinion")
            record.action_sign_off({opinion.id: {"answer": "agree"} for opinion in mine})
        return {"type": "ir.actions.client", "tag": "soft_reload"}
