from markupsafe import escape

from odoo import api, fields, models

CHANGED_TYPE = "customer_quality.mail_activity_type_production_changed"


class QualityProductionNotice(models.Model):
    """What becomes of a notice after it is out: whoever answers for it is told (C5, D1)."""

    _inherit = "quality.production.notice"  # pylint: disable=R8180  # a chapter of its own

    @api.model
    def _tell_responsible(self, changes):
        """Log on notices what changed in manufacturing; one open activity for the responsible.

        :param changes: list of (notice, sentence)
        """
        texts = {}
        for notice, text in changes:
            texts.setdefault(notice.sudo(), {})[text] = None
        notices_sudo = self.sudo().union(*texts)  # the shop floor has no right to write notices
        notices_sudo._message_log_batch(
            bodies={notice.id: " ".join(texts[notice]) for notice in notices_sudo}
        )
        told = notices_sudo._get_told()
        kind = self.env["ir.model.data"]._xmlid_to_res_id(CHANGED_TYPE)
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": kind,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": notice.id,
                    "user_id": notice.user_id.id,
                    "note": escape(" ".join(texts[notice])),
                    "automated": True,
                    "date_deadline": fields.Date.context_today(self),
                }
                for notice in notices_sudo
                if notice.user_id and notice.user_id != self.env.user and notice.id not in told
            ]
        )

    def _get_told(self):
        """Return the ids of notices whose responsible has not read the last message yet."""
        kind = self.env["ir.model.data"]._xmlid_to_res_id(CHANGED_TYPE)
        activities = self.env["mail.activity"].search(
            [
                ("activity_type_id", "=", kind),
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
            ]
        )
        return set(activities.mapped("res_id"))
