from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class QualityProductionNotice(models.Model):
    """How far a notice is, when anything last moved on it, and which ones stand still (D2).

    Nothing of it is stored: it follows from manufacturing orders, work orders, transfers, stages
    and daily reports, wherever people click or write.
    """

    _inherit = "quality.production.notice"  # pylint: disable=R8180  # a chapter of its own

    progress = fields.Float(
        compute="_compute_progress",
        compute_sudo=True,
        aggregator=None,
        help="Percent of the pieces that are done, by what says most: quantity produced, work "
        "orders, or daily reports of workshops that finish the goods.",
    )
    date_moved = fields.Datetime(
        "Last Movement",
        compute="_compute_date_moved",
        compute_sudo=True,
        help="When something was last produced, consumed, worked on, reported as done, or a "
        "stage was done; else when the notice was issued.",
    )
    is_idle = fields.Boolean(
        "Without Movement",
        compute="_compute_date_moved",
        compute_sudo=True,
        search="_search_is_idle",
        help="Nothing has moved for as many working days as the company has set.",
    )
    current_stage = fields.Char(
        compute="_compute_current_stage", compute_sudo=True, help="The first that is not done."
    )

    @api.depends("state", "line_ids.allocation_ids.production_id", "stage_ids.date_done")
    def _compute_progress(self):
        shares = self.line_ids.allocation_ids.production_id._get_quality_shares()
        for notice in self:
            notice.progress = 100 * notice._get_share(shares)

    def _get_share(self, shares):
        """Return how much of the notice is done (0 to 1).

        :param shares: dict of mrp.production → how much of it is done
        """
        if self.state == "done":
            return 1.0
        claims = self.line_ids.allocation_ids.filtered(lambda claim: claim.production_id in shares)
        total = sum(claims.mapped("quantity"))
        if total:
            return sum(claim.quantity * shares[claim.production_id] for claim in claims) / total
        stages = self.stage_ids
        return len(stages.filtered("date_done")) / len(stages) if stages else 0.0

    @api.depends("state", "stage_ids.date_done")
    def _compute_date_moved(self):
        moved = self._get_movements()
        limits = {company: company._get_quality_idle_limit() for company in self.company_id}
        for notice in self:
            date = moved.get(notice.id) or notice.date_issued
            limit = limits[notice.company_id]
            notice.date_moved = date
            notice.is_idle = bool(limit and date and date < limit and notice._is_going_on())

    def _is_going_on(self):
        """Tell whether the notice is in force and its goods have not all left."""
        return self.state == "issued" and self.order_id.delivery_status != "full"

    @api.model
    def _search_is_idle(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return Domain("id", "in", self._find_idle().ids)

    @api.model
    def _find_idle(self, domain=Domain.TRUE):
        """Return the notices in force on which nothing has moved for too long, in sudo."""
        # whoever searches need not read what moves; the result is filtered as usual
        going_on = self.sudo().search(
            Domain("state", "=", "issued")
            & Domain("company_id.quality_idle_days", ">", 0)
            & ~Domain("order_id.delivery_status", "=", "full")
            & domain
        )
        moved = going_on._get_movements()
        limits = {company: company._get_quality_idle_limit() for company in going_on.company_id}
        return going_on.filtered(
            lambda notice: (moved.get(notice.id) or notice.date_issued) < limits[notice.company_id]
        )

    @api.depends("stage_ids.date_done", "stage_ids.sequence")
    @api.depends_context("lang")
    def _compute_current_stage(self):
        for notice in self:
            left = notice.stage_ids.filtered(lambda stage: not stage.date_done)
            notice.current_stage = left.sorted("sequence")[:1].name

    def _get_movements(self):
        """Return when something last moved: dict of id of the notice → datetime in UTC."""
        if not self.ids:
            return {}
        self.env.flush_all()
        return dict(self.env.execute_query(self._get_movement_query()))

    def _get_movement_query(self):
        return SQL(
            """
            WITH claim AS (
                SELECT DISTINCT notice_id, production_id
                  FROM quality_production_notice_allocation
                 WHERE notice_id = ANY(%s) AND production_id IS NOT NULL
            )
            SELECT notice_id, date_trunc('second', MAX(moved)) FROM (%s) movement
             WHERE moved IS NOT NULL GROUP BY notice_id
            """,
            self.ids,
            SQL(" UNION ALL ").join(self._get_movement_parts()),
        )

    def _get_movement_parts(self):
        """Return the queries of what counts as movement: list of SQL (notice_id, moved)."""
        return [
            SQL(
                "SELECT id AS notice_id, date_issued AS moved FROM quality_production_notice "
                "WHERE id = ANY(%s)",
                self.ids,
            ),
            SQL(
                "SELECT notice_id, date_done + time '12:00' FROM quality_production_notice_stage "
                "WHERE notice_id = ANY(%s)",
                self.ids,
            ),
            SQL(
                """
                SELECT claim.notice_id, report.date_filed
                  FROM claim
                  JOIN quality_progress_report_line line
                    ON line.production_id = claim.production_id AND line.done > 0
                  JOIN quality_progress_report report
                    ON report.id = line.report_id AND report.state = 'filed'
                """
            ),
            SQL(
                """
                SELECT claim.notice_id, COALESCE(spent.date_end, spent.date_start)
                  FROM claim
                  JOIN mrp_workorder task ON task.production_id = claim.production_id
                  JOIN mrp_workcenter_productivity spent ON spent.workorder_id = task.id
                """
            ),
            SQL(
                """
                SELECT claim.notice_id, task.date_finished
                  FROM claim
                  JOIN mrp_workorder task
                    ON task.production_id = claim.production_id AND task.state = 'done'
                """
            ),
            SQL(
                """
                SELECT claim.notice_id, move.date
                  FROM claim
                  JOIN stock_move move
                    ON move.production_id = claim.production_id AND move.state = 'done'
                """
            ),
            SQL(
                """
                SELECT claim.notice_id, move.date
                  FROM claim
                  JOIN stock_move move
                    ON move.raw_material_production_id = claim.production_id
                   AND move.state = 'done'
                """
            ),
        ]
