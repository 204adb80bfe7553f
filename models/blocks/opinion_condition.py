from odoo import api, fields, models
from odoo.exceptions import UserError

#: What has to wait until a condition is fulfilled.
HOLDS = [
    ("confirmation", "Before confirmation"),
    ("shipment", "Before shipment"),
]


class QualityOpinion(models.Model):
    """Agreement with a condition: what must be done, by whom, and what waits for it (B1)."""

    _inherit = "quality.opinion"  # pylint: disable=R8180  # a chapter of its own

    condition_hold = fields.Selection(HOLDS, "To Be Done", readonly=True)
    condition_role_id = fields.Many2one(
        "quality.role", "To Be Done By", readonly=True, ondelete="restrict"
    )
    action_id = fields.Many2one(
        "quality.action",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        help="What the condition became.",
    )
    takes_condition = fields.Boolean(compute="_compute_takes_condition")

    @api.depends("record_id.res_model")
    def _compute_takes_condition(self):
        for opinion in self:
            opinion.takes_condition = self.env[opinion.record_id.res_model]._takes_conditions

    def _prepare_answer_vals(self, vals):
        """Keep what waits for the condition: as chosen, or as the company has it by default.

        :raise UserError: for a choice that does not exist
        """
        prepared = super()._prepare_answer_vals(vals)
        if vals["answer"] != "condition" or not self.takes_condition:
            return prepared | {"condition_hold": False, "condition_role_id": False}
        return prepared | {
            "condition_hold": self._read_hold(vals.get("hold")),
            "condition_role_id": self._read_responsible(vals.get("responsible")).id,
        }

    def _read_hold(self, hold):
        hold = hold or self.company_id.quality_condition_hold
        if hold not in dict(HOLDS):
            raise UserError(
                self.env._(
                    "Choose whether the condition must be fulfilled before confirmation or "
                    "before shipment."
                )
            )
        return hold

    def _read_responsible(self, code):
        role = self.env["quality.role"].search([("code", "=", code)]) if code else self.role_id
        if not role:
            raise UserError(self.env._("Choose the department that fulfils the condition."))
        return role

    def _prepare_said(self):
        """Sign what waits for the condition too, where there is one."""
        said = super()._prepare_said()
        if self.condition_hold:
            said |= {"hold": self.condition_hold, "responsible": self.condition_role_id.id}
        return said

    def _get_held_conditions(self):
        """Return the signed conditions that something waits for."""
        return self.filtered(lambda o: o.state == "done" and o.condition_hold)


class QualityRecordMixin(models.AbstractModel):
    _inherit = "quality.record.mixin"  # pylint: disable=R8180  # each block adds its own chapter

    #: Whether an agreement with a condition holds back the document's order.
    _takes_conditions = False

    def _prepare_decision_content(self, opinions):
        """Hook: return what else is signed on with these opinions of one document.

        :param opinions: quality.opinion records that are signed together
        :return: JSON-able dict that names no language and no price; empty where there is nothing
        """
        return {}
