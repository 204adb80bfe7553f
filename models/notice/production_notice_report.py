from odoo import api, models

from .production_notice import PRINT_GROUPS


class ReportProductionNotice(models.AbstractModel):
    """What a printed copy says; only whoever prints copies gets to see one (C2).

    Its QR code is the proof that a paper is valid, so that reading a notice is not enough.
    """

    _name = "report.customer_quality.report_production_notice"
    _description = "Copy of a Production Notice on Paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        copies = self.env["quality.production.notice.copy"].browse(docids)
        copies.notice_id._ensure_group(PRINT_GROUPS)
        return {"doc_ids": docids, "doc_model": copies._name, "docs": copies}
