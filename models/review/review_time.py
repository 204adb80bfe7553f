from odoo import fields, models
from odoo.orm.models import parse_read_group_spec
from odoo.tools import SQL

#: Which percentile each measure shows, under whatever grouping.
PERCENTILES = {"hours_median": 0.5, "hours_p90": 0.9}


class QualityReviewTime(models.Model):
    """How long departments take to review: one row per review and role.

    From the request until the role has signed everything that it was asked. Answers that were
    carried over took no time and are left out; so are reviews that are still running.
    """

    _name = "quality.review.time"
    _description = "Review Time"
    _auto = False
    _order = "date_requested desc, id desc"
    _depends = {
        "quality.opinion": [
            "record_id",
            "company_id",
            "role_id",
            "state",
            "meaning",
            "date_requested",
            "signature_id",
            "carried_from_id",
        ],
        "quality.signature": ["signed_at"],
        "quality.role.assignment": ["department_id", "role_id", "company_id"],
        "quality.contract.review": [
            "record_id",
            "template_id",
            "partner_id",
            "state",
            "date_requested",
        ],
        "quality.record": ["order_id", "user_id"],
    }

    review_id = fields.Many2one("quality.contract.review", readonly=True)
    order_id = fields.Many2one("sale.order", "Sales Order", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    template_id = fields.Many2one("quality.opinion.template", readonly=True)
    role_id = fields.Many2one("quality.role", readonly=True)
    department_id = fields.Many2one("hr.department", readonly=True)
    kind = fields.Selection([("opinion", "Opinion"), ("decision", "Decision")], readonly=True)
    state = fields.Selection(
        selection=lambda self: (
            self.env["quality.contract.review"]._fields["state"]._description_selection(self.env)
        ),
        readonly=True,
    )
    date_requested = fields.Datetime("Requested", readonly=True)
    date_signed = fields.Datetime("Signed", readonly=True)
    hours = fields.Float("Average Hours", readonly=True, aggregator="avg")
    hours_median = fields.Float("Median Hours", readonly=True, aggregator="avg")
    hours_p90 = fields.Float("90th Percentile Hours", readonly=True, aggregator="avg")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT opinion.id, review.id AS review_id, record.order_id, opinion.company_id,
                   review.partner_id, record.user_id, review.template_id, opinion.role_id,
                   assignment.department_id, opinion.kind, review.state,
                   review.date_requested, opinion.date_signed,
                   opinion.hours, opinion.hours AS hours_median, opinion.hours AS hours_p90
              FROM quality_contract_review review
              JOIN quality_record record ON record.id = review.record_id
        CROSS JOIN LATERAL (
                SELECT MIN(opinion.id) AS id, opinion.company_id, opinion.role_id,
                       CASE WHEN opinion.meaning = 'opinion' THEN 'opinion' ELSE 'decision' END
                       AS kind,
                       MAX(signature.signed_at) AS date_signed,
                       EXTRACT(EPOCH FROM MAX(signature.signed_at) - MIN(opinion.date_requested))
                       ::float8 / 3600 AS hours
                  FROM quality_opinion opinion
             LEFT JOIN quality_signature signature ON signature.id = opinion.signature_id
                 WHERE opinion.record_id = review.record_id
                   AND opinion.state != 'void' AND opinion.carried_from_id IS NULL
              GROUP BY opinion.company_id, opinion.role_id, opinion.meaning = 'opinion'
                HAVING BOOL_AND(opinion.state = 'done')
              ) opinion
         LEFT JOIN quality_role_assignment assignment
                ON assignment.role_id = opinion.role_id
               AND assignment.company_id = opinion.company_id
            """
        )

    def action_open_review(self):
        """Open the review behind this row."""
        return self.review_id._get_records_action(name=self.env._("Contract Review"))

    def _read_group_select(self, aggregate_spec, query):
        """Aggregate median and 90th percentile as what they are, whatever is asked for.

        Access to the field is checked by the call to ``super()``.
        """
        expression = super()._read_group_select(aggregate_spec, query)
        if aggregate_spec == "__count":
            return expression
        name, _property, aggregator = parse_read_group_spec(aggregate_spec)
        if name in PERCENTILES and aggregator == "avg":
            return SQL(
                "PERCENTILE_CONT(%s) WITHIN GROUP (ORDER BY %s)",
                PERCENTILES[name],
                self._field_to_sql(self._table, name, query),
            )
        return expression
