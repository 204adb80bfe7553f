from .notice_common import NoticeCase


class AbnormalityCase(NoticeCase):
    """A manufacturing order with two work orders under a notice, and verbs to report on it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.workcenter = cls.env["mrp.workcenter"].create(
            {"name": "Mill", "company_id": cls.company.id}
        )
        cls.bom.operation_ids = [
            (0, 0, {"name": name, "workcenter_id": cls.workcenter.id})
            for name in ("Milling", "Deburring")
        ]
        cls.worker = cls._create_user("worker", "base.group_user,mrp.group_mrp_user")
        cls.order = cls._create_order(5)
        cls.order.with_user(cls.seller).action_confirm()
        cls.notice = cls.env["quality.production.notice"].search([("order_id", "=", cls.order.id)])
        cls.production = cls.notice.production_ids
        cls.workorder = cls.production.workorder_ids[0]

    def _report(self, user=None, **vals):
        """Report an abnormality as a worker does: in the form of the backend."""
        sheets = self.env["quality.abnormality"].with_user(user or self.worker)
        vals = {
            "kind": "quality",
            "description": "Bore too wide",
            "production_id": self.production.id,
            **vals,
        }
        given = {name: value for name, value in vals.items() if value is not None}
        return sheets.create(given).sudo()

    def _receive(self, sheet, user=None):
        sheet.with_user(user or self.inspector).action_receive()

    def _remedy(self, sheet, user=None, text="Tool changed"):
        sheet.with_user(user or self.inspector).action_remedy(text)

    def _close(self, sheet, user=None):
        sheet.with_user(user or self.worker).action_close()

    def _mine(self, user):
        self.env.flush_all()
        return (
            self.env["quality.duty"]
            .with_user(user)
            .search([("is_mine", "=", True), ("record_id.res_model", "=", "quality.abnormality")])
        )
