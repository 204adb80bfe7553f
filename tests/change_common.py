from datetime import timedelta

from .guard_common import PROMISED, GuardCase

LATER = PROMISED + timedelta(days=14)


class ChangeCase(GuardCase):
    """A company with a change register, and verbs to change what it agreed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cause = cls.env.ref("customer_quality.change_cause_production")
        cls.buyer = cls.engineer  # acts for purchasing, too
        cls._assign("finance", cls.director)
        cls.customer.email = "plant@example.com"

    def _open_change(self, order, user=None, **vals):
        """Return a draft that says what the order says."""
        action = order.with_user(user or self.seller).action_request_quality_change()
        change = self.env["quality.order.change"].browse(action["res_id"])
        change.with_user(user or self.seller).write({"reason": "The line was planned anew", **vals})
        return change

    def _ours(self, **vals):
        return {"origin": "company", "cause_id": self.cause.id, **vals}

    def _set_quantity(self, change, quantity, index=0):
        change.line_ids[index].with_user(self.seller).new_quantity = quantity

    def _submit(self, change, user=None):
        self.env.flush_all()  # it is a request of its own: the rehearsal sees what was saved
        change.with_user(user or self.seller).action_request()
        return change

    def _agree(self, change):
        """Everybody who is asked agrees."""
        for opinion in change.opinion_ids.filtered(lambda o: o.state == "open"):
            if opinion.state == "open":
                self._sign(change, opinion.user_id)
        return change

    def _consent(self, change, person="Mr. Wang"):
        change._answer_consent(True, person, "phone")

    def _apply(self, change, user=None):
        change.with_user(user or self.seller).action_apply()
        return change

    def _change_quantity(self, order, quantity):
        """Apply a change of quantity that the customer asked for."""
        change = self._open_change(order)
        self._set_quantity(change, quantity)
        return self._apply(self._agree(self._submit(change)))
