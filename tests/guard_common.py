from datetime import datetime

from odoo.fields import Command

from ..models.change.order_change_apply import APPLYING
from .notice_common import NoticeCase

PROMISED = datetime(2031, 5, 20, 10, 0)


class GuardCase(NoticeCase):
    """A company that guards what it agreed, and verbs to change it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.quality_guard_orders = True

    def _cancel(self, order):
        """Cancel as the register does: the guard lets nobody else."""
        return super()._cancel(order.with_context(customer_quality_applying=APPLYING))

    def _create_agreed_order(self, *quantities, **vals):
        """Return a reviewed, confirmed order."""
        order = self._create_reviewed_order(*quantities, **{"commitment_date": PROMISED, **vals})
        self._confirm(order)
        return order

    def _prepare_line(self, product=None, quantity=1, **vals):
        return Command.create(
            {"product_id": (product or self.product).id, "product_uom_qty": quantity, **vals}
        )

    def _request_override(self, order, user=None, **allowed):
        """Request an override for what is ticked; everything by default."""
        user = user or self.seller
        order.with_user(user).action_request_quality_override()
        override = self.env["quality.order.override"].search([("order_id", "=", order.id)], limit=1)
        allowed = allowed or dict.fromkeys(
            ("allows_quantity", "allows_date", "allows_cancel", "allows_add"), True
        )
        override.with_user(user).write({"reason": "The customer's line stands", **allowed})
        override.with_user(user).action_request()
        return override

    def _release_override(self, order, user=None, **allowed):
        """Return an override that the director has signed."""
        override = self._request_override(order, user, **allowed)
        self._sign(override, self.director)
        return override
