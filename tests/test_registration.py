from odoo.tests import tagged

from .common import QualityCase


@tagged("post_install", "-at_install")
class TestRequirements(QualityCase):
    def _require(self, order, text="Hardness 58 HRC", **vals):
        return (
            self.env["quality.requirement"]
            .with_user(self.seller)
            .create({"order_id": order.id, "text": text, **vals})
        )

    def test_a_requirement_is_part_of_what_is_reviewed(self):
        """A1, B6: a requirement added, changed or taken away makes an approval stale."""
        order = self._create_reviewed_order()
        self.assertEqual(order.quality_review_status, "approved")
        requirement = self._require(order)
        self.env.invalidate_all()
        self.assertEqual(order.quality_review_status, "stale")
        requirement.unlink()
        self.env.invalidate_all()
        self.assertEqual(order.quality_review_status, "approved")
