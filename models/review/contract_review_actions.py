from textwrap import shorten

from odoo import models

#: How much of a condition stands in the title of its action; all of it is in the description.
TITLE = 80


class QualityContractReview(models.Model):
    """What the approval leaves to do: the chapter about conditions and countermeasures (B1, B4).

    Actions come into being with the approval, and replace those of the revisions before: what
    was promised there holds until the new revision is approved.
    """

    _inherit = "quality.contract.review"  # pylint: disable=R8180  # a chapter of its own

    def _start_actions(self):
        """Make each condition and each countermeasure an action of its department."""
        self._cancel_earlier_actions()
        conditions = self.opinion_ids._get_held_conditions()
        risks = self.risk_ids.filtered(lambda risk: risk._needs_action())
        actions = self.env["quality.action"]._create_for(
            [
                *(self._prepare_condition_action_vals(opinion) for opinion in conditions),
                *(self._prepare_risk_action_vals(risk) for risk in risks),
            ]
        )
        for source, action in zip([*conditions.sudo(), *risks.sudo()], actions, strict=True):
            source.action_id = action  # by the procedure that approves

    def _prepare_condition_action_vals(self, opinion):
        return {
            "source_record_id": opinion.record_id.id,
            "name": self.env._(
                "Condition of %(role)s: %(condition)s",
                role=opinion.role_id.name,
                condition=shorten(opinion.reason or opinion.question, TITLE, placeholder="…"),
            ),
            "description": opinion.reason,
            "role_id": opinion.condition_role_id.id,
            "hold": opinion.condition_hold,
        }

    def _prepare_risk_action_vals(self, risk):
        return {
            "source_record_id": risk.review_id.record_id.id,
            "name": self.env._("Countermeasure: %(risk)s", risk=risk.description),
            "description": risk.countermeasure,
            "role_id": (risk.role_id or risk.review_id._get_risk_role()).id,
            "user_id": risk.user_id.id,
            "date_due": risk.date_due,
            "hold": risk.hold or "none",
        }

    def _cancel_earlier_actions(self):
        revised = self.filtered("supersedes_id")  # void reviews have called theirs off already
        if revised:
            revisions = self.env[self._name].search(
                [("order_id", "in", revised.order_id.ids), ("id", "not in", self.ids)]
            )
            revisions._cancel_actions()

    def _cancel_actions(self):
        self.record_id._cancel_actions(self.env._("The review that asked for it no longer holds."))

    def _retire(self, state):
        """Call off what a void review asked for; a superseded one holds until the next one."""
        result = super()._retire(state)
        if state == "void" and self:
            self._cancel_actions()
        return result
