from odoo import api, fields, models
from odoo.orm.models import parse_read_group_spec
from odoo.tools import SQL

#: Which measure says whether which promise was kept (codes of quality.deadline.kind).
PROMISES = {
    "in_time_acknowledge": "complaint_acknowledge",
    "in_time_contact": "complaint_contact",
    "in_time_visit": "complaint_visit",
    "in_time_containment": "complaint_containment",
    "in_time_answer": "complaint_answer",
    "in_time_solution": "complaint_solution",
    "in_time_return_visit": "complaint_return_visit",
}

#: What belongs to the complaint, not to the position: counted once, however many positions.
ONCE = frozenset({"days_gross", "days_net", "days_to_answer", "reopen_count", "in_time", *PROMISES})


def _selection_of(name):
    """Return the choices of a field of complaints, in the user's language."""
    return lambda self: self.env["quality.complaint"]._fields[name]._description_selection(self.env)


class QualityComplaintReport(models.Model):
    """After-sales data (F9, J1): one row per position of a complaint, or per complaint without.

    Times and promises belong to the complaint; grouped by whatever there is, each complaint
    counts once in a group. Another room adds a column by extending :meth:`_get_columns`.
    """

    _name = "quality.complaint.report"
    _description = "Complaint Analysis"
    _auto = False
    _rec_name = "complaint_id"
    _order = "date_received desc, id desc"
    _depends = {
        "quality.complaint": [
            "record_id",
            "order_id",
            "kind",
            "state",
            "date_received",
            "date_answered",
            "commercial_partner_id",
            "salesperson_id",
            "create_uid",
            "channel_id",
            "severity",
            "priority",
            "responsibility",
            "role_id",
            "supplier_id",
            "reopen_count",
            "hours_waited",
        ],
        "quality.complaint.line": ["complaint_id", "product_id", "quantity", "defect_id"],
        "quality.record": ["company_id", "user_id", "date_closed", "phase"],
        "quality.deadline": ["record_id", "kind_id", "result"],
        "quality.defect": ["parent_path"],
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id"],
        "res.partner": ["quality_class_id"],
    }

    # Which complaint
    complaint_id = fields.Many2one("quality.complaint", readonly=True)
    line_id = fields.Many2one("quality.complaint.line", "Position", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    order_id = fields.Many2one("sale.order", "Sales Order", readonly=True)
    kind = fields.Selection(_selection_of("kind"), readonly=True)
    state = fields.Selection(_selection_of("state"), readonly=True)
    date_received = fields.Datetime("Received On", readonly=True)
    date_closed = fields.Datetime("Closed On", readonly=True)
    channel_id = fields.Many2one("quality.channel", "Came By", readonly=True)

    # Whose
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    class_id = fields.Many2one("quality.customer.class", "Class of Customer", readonly=True)
    salesperson_id = fields.Many2one("res.users", readonly=True)
    registered_by_id = fields.Many2one("res.users", readonly=True)
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        readonly=True,
        groups="customer_quality.group_officer,customer_quality.group_auditor",
    )

    # About what
    product_id = fields.Many2one("product.product", readonly=True)
    categ_id = fields.Many2one("product.category", "Product Category", readonly=True)
    defect_id = fields.Many2one("quality.defect", readonly=True)
    defect_group_id = fields.Many2one(
        "quality.defect",
        "Group of Defects",
        readonly=True,
        help="The topmost entry of the catalogue that the defect belongs to.",
    )
    severity = fields.Selection(_selection_of("severity"), readonly=True)
    priority = fields.Selection(_selection_of("priority"), readonly=True)
    responsibility = fields.Selection(_selection_of("responsibility"), readonly=True)
    role_id = fields.Many2one("quality.role", "Responsible Department", readonly=True)
    supplier_id = fields.Many2one("res.partner", "Responsible Supplier", readonly=True)

    # How many
    complaint_count = fields.Integer(
        "Complaints",
        readonly=True,
        aggregator="count_distinct",
        help="Each one counted once, however many positions it has.",
    )
    quantity = fields.Float("Quantity Complained About", readonly=True, digits="Product Unit")
    reopen_count = fields.Integer("Times Reopened", readonly=True, aggregator="sum")

    # How long
    days_gross = fields.Float(
        "Handling Days",
        readonly=True,
        aggregator="avg",
        help="From the receipt to the closing, round the clock; empty while it is open.",
    )
    days_net = fields.Float(
        "Handling Days without Waiting",
        readonly=True,
        aggregator="avg",
        help="The same, without the time that was waited for the customer.",
    )
    days_to_answer = fields.Float(
        "Days to the Answer", readonly=True, aggregator="avg", help="From the receipt."
    )

    # How many of the promises were kept
    result = fields.Selection(
        [("in_time", "In time"), ("late", "Late")],
        "Promises",
        readonly=True,
        help="Whether all that was promised was kept; empty while nothing is kept or missed.",
    )
    in_time = fields.Float(
        "All in Time",
        readonly=True,
        aggregator="avg",
        help="Share of complaints of which every promise was kept, of those that were promised "
        "something that is kept or missed by now.",
    )
    in_time_acknowledge = fields.Float("Acknowledged in Time", readonly=True, aggregator="avg")
    in_time_contact = fields.Float("Contacted in Time", readonly=True, aggregator="avg")
    in_time_visit = fields.Float("On Site in Time", readonly=True, aggregator="avg")
    in_time_containment = fields.Float("Contained in Time", readonly=True, aggregator="avg")
    in_time_answer = fields.Float("Answered in Time", readonly=True, aggregator="avg")
    in_time_solution = fields.Float("Solved in Time", readonly=True, aggregator="avg")
    in_time_return_visit = fields.Float("Visited Again in Time", readonly=True, aggregator="avg")

    @property
    def _table_query(self):
        columns = self._get_columns()
        return SQL(
            "SELECT %s FROM %s",
            SQL(", ").join(
                SQL("%s AS %s", column, SQL.identifier(name)) for name, column in columns.items()
            ),
            SQL(" ").join(self._get_tables()),
        )

    @api.model
    def _get_columns(self):
        """Return the SQL expression of each column, by the name of its field."""
        ended = SQL("record.phase = 'closed' AND record.date_closed IS NOT NULL")
        handled = SQL("EXTRACT(EPOCH FROM record.date_closed - complaint.date_received)")
        answered = SQL("EXTRACT(EPOCH FROM complaint.date_answered - complaint.date_received)")
        waited = SQL("COALESCE(complaint.hours_waited, 0)")
        return {
            # even numbers are positions, odd ones complaints without; see _get_complaints
            "id": SQL("COALESCE(line.id * 2, complaint.id * 2 + 1)"),
            "complaint_id": SQL("complaint.id"),
            "line_id": SQL("line.id"),
            "company_id": SQL("record.company_id"),
            "order_id": SQL("complaint.order_id"),
            "kind": SQL("complaint.kind"),
            "state": SQL("complaint.state"),
            "date_received": SQL("complaint.date_received"),
            "date_closed": SQL("CASE WHEN %s THEN record.date_closed END", ended),
            "channel_id": SQL("complaint.channel_id"),
            "partner_id": SQL("complaint.commercial_partner_id"),
            "class_id": SQL("customer.quality_class_id"),
            "salesperson_id": SQL("complaint.salesperson_id"),
            "registered_by_id": SQL("complaint.create_uid"),
            "user_id": SQL("record.user_id"),
            "product_id": SQL("line.product_id"),
            "categ_id": SQL("template.categ_id"),
            "defect_id": SQL("line.defect_id"),
            "defect_group_id": SQL("SPLIT_PART(defect.parent_path, '/', 1)::int"),
            "severity": SQL("complaint.severity"),
            "priority": SQL("complaint.priority"),
            "responsibility": SQL("complaint.responsibility"),
            "role_id": SQL("complaint.role_id"),
            "supplier_id": SQL("complaint.supplier_id"),
            "complaint_count": SQL("complaint.id"),
            "quantity": SQL("line.quantity"),
            "reopen_count": SQL("complaint.reopen_count"),
            "days_gross": SQL("CASE WHEN %s THEN %s / 86400 END", ended, handled),
            "days_net": SQL(
                "CASE WHEN %s THEN GREATEST(%s / 86400 - %s / 24, 0) END", ended, handled, waited
            ),
            "days_to_answer": SQL("%s / 86400", answered),
            "result": SQL("CASE promise.in_time WHEN 1 THEN 'in_time' WHEN 0 THEN 'late' END"),
            "in_time": SQL("promise.in_time"),
            **{name: SQL("promise.%s", SQL.identifier(name)) for name in PROMISES},
        }

    @api.model
    def _get_tables(self):
        """Return what the columns are read from, as parts of a FROM clause.

        All that is joined has at most one row for each position, so the database leaves out
        what nobody asks for; and promises are looked up where rows are left: grouped for the
        whole table, they would cost the first page of the list as much as all pages.
        """
        return [
            SQL("quality_complaint complaint"),
            SQL("JOIN quality_record record ON record.id = complaint.record_id"),
            SQL("LEFT JOIN quality_complaint_line line ON line.complaint_id = complaint.id"),
            SQL("LEFT JOIN res_partner customer ON customer.id = complaint.commercial_partner_id"),
            SQL("LEFT JOIN product_product product ON product.id = line.product_id"),
            SQL("LEFT JOIN product_template template ON template.id = product.product_tmpl_id"),
            SQL("LEFT JOIN quality_defect defect ON defect.id = line.defect_id"),
            SQL(
                "LEFT JOIN LATERAL (%s) promise ON TRUE",
                self._get_promises(),
            ),
        ]

    @api.model
    def _get_promises(self):
        """Return 1 where all promises of a kind were kept to a complaint, 0 where one was not.

        A promise that was missed and then called off was missed.
        """
        kept = SQL("CASE deadline.result WHEN 'in_time' THEN 1 WHEN 'late' THEN 0 END")
        return SQL(
            """
            SELECT MIN(%s) AS in_time, %s
              FROM quality_deadline deadline
              JOIN quality_deadline_kind kind ON kind.id = deadline.kind_id
             WHERE deadline.record_id = complaint.record_id
               AND deadline.result IS NOT NULL AND kind.code IN %s
            """,
            kept,
            SQL(", ").join(
                SQL("MIN(%s) FILTER (WHERE kind.code = %s) AS %s", kept, code, SQL.identifier(name))
                for name, code in PROMISES.items()
            ),
            tuple(PROMISES.values()),
        )

    def _read_group_select(self, aggregate_spec, query):
        """Count what belongs to a complaint once, although each of its positions has it.

        Access to the field is checked by the call to ``super()``.
        """
        expression = super()._read_group_select(aggregate_spec, query)
        if aggregate_spec == "__count":
            return expression
        name, _property, aggregator = parse_read_group_spec(aggregate_spec)
        if name in ONCE and aggregator in ("avg", "sum"):
            return self._aggregate_once(name, aggregator, query)
        return expression

    def _aggregate_once(self, name, aggregator, query):
        """Return the sum or average of a value over the complaints of a group, not its rows.

        Of a complaint, all rows have the same value: id and value together are one number, and
        what the ids add to the sum of the different numbers is taken away again. Exact to a ten
        thousandth, for values below a hundred thousand.
        """
        complaint = self._field_to_sql(self._table, "complaint_id", query)
        value = self._field_to_sql(self._table, name, query)
        known = SQL("FILTER (WHERE %s IS NOT NULL)", value)
        total = SQL(
            "(SUM(DISTINCT %(id)s * 1000000000::bigint + ROUND(%(value)s * 10000)::bigint)"
            " - SUM(DISTINCT %(id)s * 1000000000::bigint) %(known)s) / 10000",
            id=complaint,
            value=value,
            known=known,
        )
        if aggregator == "avg":
            total = SQL("%s / NULLIF(COUNT(DISTINCT %s) %s, 0)", total, complaint, known)
        return SQL("(%s)::float8", total)

    def action_open_complaint(self):
        """Open the complaints behind these rows."""
        return self._get_complaints()._get_records_action(name=self.env._("Complaint"))

    def _get_complaints(self):
        """Return the complaints of these rows, from their numbers: no need to read them."""
        Line = self.env["quality.complaint.line"]
        lines = Line.browse(row_id // 2 for row_id in self.ids if row_id % 2 == 0)
        alone = [row_id // 2 for row_id in self.ids if row_id % 2]
        return lines.complaint_id | self.env["quality.complaint"].browse(alone)


class QualityComplaint(models.Model):
    _inherit = "quality.complaint"  # pylint: disable=R8180  # figures add their own chapter

    #: By these, complaints are found whose rows are behind a figure.
    report_ids = fields.One2many("quality.complaint.report", "complaint_id", readonly=True)
