from odoo import models


class QualityContractReview(models.Model):
    """What the outcome of a review does to an urgent release (B10)."""

    _inherit = "quality.contract.review"  # pylint: disable=R8180  # a chapter of its own

    def _approve(self):
        result = super()._approve()
        self.env["quality.urgent.release"]._on_reviewed(self.order_id)
        return result

    def _object(self):
        result = super()._object()
        self._refuse_release()
        return result

    def _retire(self, state):
        result = super()._retire(state)
        if state == "void" and self:
            self._refuse_release()
        return result

    def _refuse_release(self):
        """Void what was released of these orders: a negative review ends it."""
        self.env["quality.urgent.release"]._on_refused(
            self.order_id, self.env._("The contract review was negative, or is void.")
        )
