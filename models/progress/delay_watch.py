import logging

from odoo import api, fields, models

from ..notice.production_notice_line import OPEN_PRODUCTION

_logger = logging.getLogger(__name__)

#: Notices that are looked at in one transaction.
BATCH = 100


class QualityDelay(models.Model):
    """The scheduled action: sees delays before they happen, counts them and closes them (D3)."""

    _inherit = "quality.delay"  # pylint: disable=R8180  # a chapter of its own

    @api.model
    def _cron_watch(self):
        """Close what is over, count what is open, and open what the plans show to be late.

        What can't be dealt with in one pass is logged, left alone, and looked at in the next.
        """
        delays = self.search([("state", "=", "open")], order="id")
        notices = self._find_watched()
        progress = self.env["ir.cron"]._commit_progress
        time_left = progress(remaining=len(delays) + len(notices))
        for records, look in ((delays, "_follow"), (notices, "_watch_delays")):
            while records and time_left:
                batch, records = records[:BATCH], records[BATCH:]
                self._look_at(batch, look)
                time_left = progress(len(batch))

    @api.model
    def _look_at(self, records, method):
        """Look at a batch at once; one by one only where that fails."""
        try:
            with self.env.cr.savepoint():
                getattr(records, method)()
        except Exception:
            for record in records:
                try:
                    with self.env.cr.savepoint():
                        getattr(record, method)()
                except Exception:
                    _logger.exception("%s: looked at again in the next pass", record)

    @api.model
    def _find_watched(self):
        """Return the notices in force with a promise and no open delay, of companies that watch."""
        return self.env["quality.production.notice"].search(
            [
                ("state", "=", "issued"),
                ("company_id.quality_delay_watch", "=", True),
                ("date_promised", "!=", False),
                ("is_delayed", "!=", True),
                ("order_id.state", "=", "sale"),
                ("order_id.delivery_status", "!=", "full"),
            ],
            order="id",
        )

    # Open delays

    def _follow(self):
        """Close these delays where they are over; else count their days by the plan of today."""
        ends = self._get_current_notices()
        plans = self.env["quality.production.notice"].union(*ends.values())._get_planned_ends()
        for delay in self:
            notice = ends[delay]
            delay._follow_plan(notice, plans.get(notice))

    def _get_current_notices(self):
        """Return the notice in force for each delay: its own, or what replaced it since.

        :return: dict of delay → quality.production.notice, empty where none is in force
        """
        notices = self.env["quality.production.notice"]._get_standing(self.order_id)
        by_order = notices.grouped("order_id")
        return {
            delay: (
                delay.notice_id
                if delay.notice_id in notices
                else by_order.get(delay.order_id, notices.browse())[:1]
            )
            for delay in self
        }

    def _follow_plan(self, notice, plan):
        """Close the delay or count it anew.

        :param notice: the notice in force
        :param plan: what its plan says, see _get_planned_ends of the notice
        """
        self.ensure_one()
        order = self.order_id
        if order.state == "cancel" or not notice:
            self._close("cancelled")
        elif order.delivery_status == "full":
            self._close("shipped", self._get_days(self._get_shipping_day()))
        elif self._is_agreed(notice):
            self._close("agreed", self._get_days(notice._get_promised_day()))
        elif self._is_averted(plan):
            self._close("averted")
        else:
            self._expect(plan)

    def _get_shipping_day(self):
        """Return the day on which the last goods left."""
        moves = self.order_id.order_line.move_ids.filtered(
            lambda move: move.state == "done" and move.location_dest_id.usage == "customer"
        )
        last = max(moves.mapped("date"), default=fields.Datetime.now())
        return self.order_id._get_quality_day(last)

    def _is_agreed(self, notice):
        """Tell whether a later date was promised since, which the plan keeps or not."""
        promised = notice._get_promised_day()
        if not (promised and self.date_promised and promised > self.date_promised):
            return False
        return not self.date_expected or self.date_expected <= promised

    def _is_averted(self, plan):
        """Tell whether the plan is back inside the promise.

        What somebody reported is theirs to take back: the plan of Odoo may not know it.
        """
        if self.source == "reported" and self.date_expected:
            return self.date_expected <= self.date_promised if self.date_promised else False
        return not plan or not self.date_promised or plan["date"] <= self.date_promised

    def _expect(self, plan):
        """Take over what the plan says now, where nobody has reported anything else."""
        today = fields.Date.context_today(self)
        date = plan["date"] if plan and self.source == "foreseen" else self.date_expected
        date = max(date, today) if date else today
        if date != self.date_expected:
            self.with_context(mail_notrack=True).date_expected = date


class QualityProductionNotice(models.Model):
    """When the goods of a notice will be ready, by its plan (D3)."""

    _inherit = "quality.production.notice"  # pylint: disable=R8180  # a chapter of its own

    def _watch_delays(self):
        """Open a delay of each of these notices whose plan ends after its promise."""
        plans = self._get_planned_ends()
        late = [
            (notice, plans[notice])
            for notice in self
            if notice in plans and plans[notice]["date"] > notice._get_promised_day()
        ]
        self.env["quality.delay"]._report(
            [
                {
                    "notice_id": notice.id,
                    "source": "foreseen",
                    "date_expected": plan["date"],
                    "production_id": plan["production"].id,
                    "stage_id": plan["stage"].id,
                }
                for notice, plan in late
            ]
        )

    def _get_planned_ends(self):
        """Return when each notice ends by its plan, and what ends last.

        The latest of the open manufacturing orders, of the stages to do, and of today: what is
        not done yet is not done before.

        :return: dict of notice → dict with ``date``, ``production`` and ``stage`` (one of which
            is empty, or both); notices whose goods are only to be shipped are late by today
        """
        return {notice: notice._get_planned_end() for notice in self}

    def _get_planned_end(self):
        self.ensure_one()
        order = self.order_id
        Production, Stage = self.env["mrp.production"], self.env["quality.production.notice.stage"]
        today = order._get_quality_day(fields.Datetime.now())
        ends = [{"date": today, "production": Production, "stage": Stage}]
        for production in self.production_ids:
            if production.state in OPEN_PRODUCTION and production.date_finished:
                day = order._get_quality_day(production.date_finished)
                ends.append({"date": day, "production": production, "stage": Stage})
        for stage in self.stage_ids:
            if not stage.date_done and stage.date_due:
                ends.append({"date": stage.date_due, "production": Production, "stage": stage})
        return max(ends, key=lambda end: end["date"])
