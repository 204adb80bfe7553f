from odoo import models

from ..progress.workshop import REPORTED_PRODUCTION


class MrpProduction(models.Model):
    """What workshops report reaches the manufacturing order, where the company wants it (D2)."""

    _inherit = "mrp.production"  # pylint: disable=R8180  # a chapter of its own

    def _add_quality_reported(self, quantity):
        """Add reported pieces to the quantity produced, as if typed on the order.

        Never past what is planned, and the order is never closed by it. Products with serial
        numbers are left alone: each piece has its number there.

        :param quantity: in the unit of the order
        :return: what was added
        """
        self.ensure_one()
        if self.state not in REPORTED_PRODUCTION or self.product_tracking == "serial":
            return 0.0
        posted = min(quantity, max(self.product_qty - self.qty_producing, 0.0))
        if self.product_uom_id.compare(posted, 0.0) <= 0:
            return 0.0
        self.qty_producing += posted
        self._set_qty_producing(False)  # components follow, as on the form
        return posted

    def _get_quality_shares(self):
        """Return how much of each order is done, by what says most (D2).

        :return: dict of production → share from 0 to 1; cancelled orders are left out
        """
        reported = self.env["quality.progress.report.line"]._get_reported(self)
        return {
            production: production._get_quality_share(reported.get(production, 0.0))
            for production in self
            if production.state != "cancel"
        }

    def _get_quality_share(self, reported):
        self.ensure_one()
        if self.state == "done":
            return 1.0
        done = max(reported, self._get_quality_clicked())
        shares = [done / self.product_qty if self.product_qty else 0.0]
        tasks = self.workorder_ids.filtered(lambda task: task.state != "cancel")
        if tasks:
            shares.append(sum(map(self._get_quality_task_share, tasks)) / len(tasks))
        return min(max(shares), 1.0)

    def _get_quality_clicked(self):
        """Return the quantity produced that was entered on the order itself.

        Nothing where work orders are followed: the first one that is finished sets it to all.
        """
        self.ensure_one()
        is_followed = any(task.state in ("progress", "done") for task in self.workorder_ids)
        return 0.0 if is_followed else self.qty_producing

    def _get_quality_task_share(self, task):
        """Return how much of a work order is done (0 to 1)."""
        if task.state == "done":
            return 1.0
        return min(task.qty_produced / task.qty_production, 1.0) if task.qty_production else 0.0
