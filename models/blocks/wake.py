from odoo import api, fields, models

#: Under this key, a transaction remembers which scheduled actions are to run after it.
WAKE = "customer_quality.wake"


class QualityRecord(models.Model):
    """Waking scheduled actions: what can't be settled now is looked at after the commit."""

    _inherit = "quality.record"  # pylint: disable=R8180  # each block adds its own chapter

    @api.model
    def _wake(self, xmlid):
        """Run a scheduled action once this transaction is committed, however often it is asked.

        All that a transaction wakes is noted together when it commits.

        :param xmlid: external id of the scheduled action
        """
        woken = self.env.cr.precommit.data.setdefault(WAKE, set())
        if not woken:
            self.env.cr.precommit.add(self._trigger_woken)
        woken.add(xmlid)

    @api.model
    def _trigger_woken(self):
        woken = self.env.cr.precommit.data.pop(WAKE, ())
        ids = [self.env["ir.model.data"]._xmlid_to_res_id(xmlid) for xmlid in sorted(woken)]
        now = fields.Datetime.now()
        # whoever signs wakes what follows, without any right on scheduled actions
        self.env["ir.cron.trigger"].sudo().create(
            [{"cron_id": cron_id, "call_at": now} for cron_id in ids if cron_id]
        )
        self.env.cr.postcommit.add(self.env["ir.cron"]._notifydb)
