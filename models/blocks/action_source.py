from odoo import models


class QualityRecord(models.Model):
    _inherit = "quality.record"  # pylint: disable=R8180  # each block adds its own chapter

    def _cancel_actions(self, reason):
        """Call off what these documents asked for and nobody has done yet.

        :param reason: sentence that is kept on the actions
        """
        pending_sudo = (
            self.env["quality.action"]
            .sudo()  # by the procedure that voids the source
            .search([("source_record_id", "in", self.ids), ("state", "=", "open")])
        )
        if pending_sudo:
            pending_sudo._cancel(reason)
