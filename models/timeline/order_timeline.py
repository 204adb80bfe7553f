from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..blocks.deadline import OPEN_STATES
from ..review.contract_review import RUNNING

#: How many orders one page of the picture shows at most.
PAGE = 200


class QualityOrderTimeline(models.Model):
    """The picture of orders over time: one row per order, without any amount (D2).

    A view over orders, so that everybody concerned can look for them, who may read orders or not:
    each sees the orders whose documents they see. ``is_late`` looks at whole days of the reader's
    zone, as the picture does: at what is open and was due before today, or is planned past the
    promise.
    """

    _name = "quality.order.timeline"
    _description = "Order Timeline"
    _auto = False
    _order = "date_promised, id"
    _rec_names_search = ("name", "client_order_ref", "partner_id")
    _depends = {
        "sale.order": [
            "name",
            "client_order_ref",
            "partner_id",
            "user_id",
            "company_id",
            "state",
            "date_order",
            "commitment_date",
            "picking_policy",
            "delivery_status",
            "quality_review_id",
            "stock_reference_ids",
        ],
        "sale.order.line": ["order_id", "product_id", "customer_lead", "display_type"],
        "product.product": ["product_tmpl_id"],
        "product.template": ["type"],
        "stock.picking": ["sale_id", "state", "scheduled_date", "picking_type_id"],
        "stock.picking.type": ["code"],
        "mrp.production": ["state", "date_finished", "reference_ids"],
        "quality.record": ["order_id", "res_model"],
        "quality.deadline": ["record_id", "state", "date_due", "date_paused"],
        "quality.contract.review": ["state", "date_promised"],
        "quality.production.notice": ["record_id", "state"],
        "quality.production.notice.stage": ["notice_id", "date_due", "date_done"],
        "quality.production.notice.allocation": ["notice_id", "production_id"],
    }

    name = fields.Char("Order", readonly=True)
    order_id = fields.Many2one("sale.order", "Sales Order", readonly=True)
    client_order_ref = fields.Char("Customer Reference", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    state = fields.Selection(
        selection=lambda self: (
            self.env["sale.order"]._fields["state"]._description_selection(self.env)
        ),
        readonly=True,
    )
    date_order = fields.Datetime("Order Date", readonly=True)
    date_promised = fields.Datetime("Promised Date", readonly=True)
    is_open = fields.Boolean(
        "Open", readonly=True, help="Confirmed, and not everything is delivered or carried out."
    )
    is_late = fields.Boolean("Late", readonly=True)
    has_record = fields.Boolean(
        "Has Quality Documents", readonly=True, help="Such as a contract review or a notice."
    )
    product_id = fields.Many2one("product.product", store=False, search="_search_product_id")

    @api.model
    def _search_product_id(self, operator, value):
        # the products of an order are no secret to who sees the order's row
        line = Domain("product_id", operator, value)
        return Domain("order_id", "any!", Domain("order_line", "any", line))

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT sale.id, sale.id AS order_id, sale.name, sale.client_order_ref,
                   sale.partner_id, sale.user_id, sale.company_id, sale.state, sale.date_order,
                   %(promised)s AS date_promised,
                   %(is_open)s AS is_open,
                   %(is_late)s AS is_late,
                   EXISTS (SELECT 1 FROM quality_record WHERE order_id = sale.id) AS has_record
              FROM sale_order sale
            """,
            promised=self._get_promised(),
            is_open=self._get_is_open(),
            is_late=self._get_is_late(),
        )

    @api.model
    def _get_promised(self):
        """Return until when the order ``sale`` is promised: SQL.

        The date that was agreed, else what Odoo expects of a confirmed order, else what its
        review was about.
        """
        return SQL(
            """
            COALESCE(sale.commitment_date, CASE WHEN sale.state = 'sale' THEN (
                SELECT sale.date_order + interval '1 day' * CASE
                       WHEN sale.picking_policy = 'direct' THEN MIN(line.customer_lead)
                       ELSE MAX(line.customer_lead) END
                  FROM sale_order_line line
                  JOIN product_product product ON product.id = line.product_id
                  JOIN product_template template ON template.id = product.product_tmpl_id
                 WHERE line.order_id = sale.id AND line.display_type IS NULL
                   AND template.type = 'consu'
            ) END, (
                SELECT date_promised FROM quality_contract_review
                 WHERE id = sale.quality_review_id
            ))
            """
        )

    @api.model
    def _get_is_open(self):
        """Return whether something is left to do on the order ``sale``: SQL."""
        return SQL(
            """
            (sale.state = 'sale' AND (
                COALESCE(sale.delivery_status, 'full') != 'full'
                OR EXISTS (
                    SELECT 1 FROM quality_record record
                      JOIN quality_production_notice notice ON notice.record_id = record.id
                     WHERE record.order_id = sale.id AND notice.state = 'issued'
                )
            ))
            """
        )

    @api.model
    def _get_is_late(self):
        """Return whether something of the order ``sale`` is late, or planned to be: SQL."""
        today = fields.Date.context_today(self)
        promised = self._get_day(self._get_promised())
        late = [SQL("%s < %s", promised, today)] + [
            SQL("EXISTS (%s AND (%s < %s OR %s > %s))", rows, end, today, end, promised)
            for rows, end in self._get_planned()
        ]
        return SQL(
            "((%(is_open)s AND (%(late)s)) OR %(is_review_late)s)",
            is_open=self._get_is_open(),
            late=SQL(" OR ").join(late),
            is_review_late=self._get_is_review_late(),
        )

    @api.model
    def _get_planned(self):
        """Return what is still to do for the order ``sale``: list of (rows, day of its end).

        Both are SQL; the rows end in a condition.
        """
        stages = SQL(
            """
            SELECT 1 FROM quality_record record
              JOIN quality_production_notice notice ON notice.record_id = record.id
              JOIN quality_production_notice_stage stage ON stage.notice_id = notice.id
             WHERE record.order_id = sale.id AND notice.state = 'issued'
               AND stage.date_done IS NULL
            """
        )
        pickings = SQL(
            """
            SELECT 1 FROM stock_picking picking
              JOIN stock_picking_type type ON type.id = picking.picking_type_id
             WHERE picking.sale_id = sale.id AND type.code IN ('outgoing', 'dropship')
               AND picking.state NOT IN ('done', 'cancel')
            """
        )
        productions = SQL(
            """
            SELECT 1 FROM (%s) link JOIN mrp_production production
                       ON production.id = link.production_id
             WHERE link.order_id = sale.id AND production.state NOT IN ('done', 'cancel')
            """,
            self._get_production_links(),
        )
        return [
            (stages, SQL("stage.date_due")),
            (pickings, self._get_day(SQL("picking.scheduled_date"))),
            (productions, self._get_day(SQL("production.date_finished"))),
        ]

    @api.model
    def _get_production_links(self):
        """Return which manufacturing orders are made for which orders: SQL.

        Those that notices are carried out by, and those that procurement made.
        """
        return SQL(
            """
            SELECT record.order_id, allocation.production_id
              FROM quality_record record
              JOIN quality_production_notice notice ON notice.record_id = record.id
              JOIN quality_production_notice_allocation allocation
                ON allocation.notice_id = notice.id
             UNION ALL
            SELECT sale_link.sale_id, production_link.production_id
              FROM stock_reference_sale_rel sale_link
              JOIN stock_reference_production_rel production_link
                ON production_link.reference_id = sale_link.reference_id
            """
        )

    @api.model
    def _get_is_review_late(self):
        """Return whether the running review of the order ``sale`` is overdue: SQL."""
        return SQL(
            """
            EXISTS (
                SELECT 1 FROM quality_contract_review review
                  JOIN quality_deadline deadline ON deadline.record_id = review.record_id
                 WHERE review.id = sale.quality_review_id AND review.state IN %s
                   AND deadline.state IN %s AND deadline.date_paused IS NULL
                   AND deadline.date_due < %s
            )
            """,
            RUNNING,
            OPEN_STATES,
            fields.Datetime.now(),
        )

    @api.model
    def _get_day(self, moment):
        """Return the day of a moment in the reader's zone: SQL."""
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, self.env.tz.zone)

    # What the picture shows

    @api.model
    @api.readonly
    def get_quality_timeline(self, domain=(), offset=0, limit=PAGE):
        """Return one page of the picture, the earliest promise first (D2).

        Only what the caller may read is in it: rows by the rules of this model, documents by
        those of theirs. The number of queries does not depend on the number of orders.

        :param domain: on the fields of this model
        :param limit: at most ``PAGE`` orders are returned, whatever is asked for
        :return: dict with ``total`` and ``orders``, a list of dicts with ``bars``
        :raise AccessError: for whoever may see no orders
        """
        limit = min(limit or PAGE, PAGE)
        rows = self.search(list(domain), offset=offset, limit=limit)
        is_all = not offset and len(rows) < limit
        bars = rows._get_timeline_bars()
        return {
            "total": len(rows) if is_all else self.search_count(list(domain)),
            "orders": [row._prepare_timeline(bars[row.id]) for row in rows],
        }

    def _prepare_timeline(self, bars):
        self.ensure_one()
        # of customer and salesperson the row names no more than who they are
        row_sudo = self.sudo()
        return {
            "id": self.id,
            "name": self.name,
            "reference": self.client_order_ref or "",
            "partner": row_sudo.partner_id.display_name or "",
            "user": row_sudo.user_id.display_name or "",
            "promised": fields.Datetime.to_string(self.date_promised) or False,
            "open": self.is_open,
            "opens": self.env["sale.order"].has_access("read"),
            # what the hook adds is no part of the search for late orders
            "late": self.is_late or any(bar["late"] for bar in bars if bar["kind"] == "other"),
            "bars": bars,
        }
