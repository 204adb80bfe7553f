from odoo import api, fields, models


class QualityRecordMixin(models.AbstractModel):
    """What a document waits for from whoever looks at it, and the page where they sign (M2).

    A document names in ``_duty_fields`` of what kinds its duties are.
    """

    _inherit = "quality.record.mixin"  # pylint: disable=R8180  # a chapter of its own

    _duty_fields = ("opinion_ids",)
    _receipt_kind = "receipt"  # of the deadline by which its receipts are due

    is_waiting_for_me = fields.Boolean(compute="_compute_is_waiting_for_me")

    @api.depends(lambda self: [f"{name}.state" for name in self._duty_fields])
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_waiting_for_me(self):
        for document in self:
            document.is_waiting_for_me = any(
                duty.is_mine for name in self._duty_fields for duty in document[name]
            )

    def action_open_work(self):
        """Open the page on which the current user answers and signs."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/quality/work/{self.record_id.id}",
            "target": "self",
        }
