from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: The earlier something waits, the more it is held back.
STRICTNESS = {"none": 0, "shipment": 1, "confirmation": 2}


class QualityAction(models.Model):
    """What has to wait for actions: the chapter about holds."""

    _inherit = "quality.action"  # pylint: disable=R8180  # a chapter of its own

    @api.model
    def _get_holds(self, orders, hold):
        """Return the actions for which these orders have to wait, in one query.

        An action that is to be verified holds until it is.

        :param orders: sale.order records
        :param hold: ``confirmation`` or ``shipment``
        :return: dict of order id → list of numbers with tasks
        """
        self.flush_model(["hold", "state", "needs_verification", "record_id", "title"])
        self.env["quality.record"].flush_model(["order_id", "name"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT record.order_id, record.name || ' ' || action.title
                  FROM quality_action action
                  JOIN quality_record record ON record.id = action.record_id
                 WHERE record.order_id = ANY(%s)
                   AND action.hold = %s
                   AND (action.state = 'open'
                        OR action.state = 'done' AND action.needs_verification)
              ORDER BY action.id
                """,
                orders.ids,
                hold,
            )
        )
        holds = defaultdict(list)
        for order_id, text in rows:
            holds[order_id].append(text)
        return holds

    def _ensure_holds_as_signed(self, vals):
        """Nothing goes on unseen that was to wait for what a department asked for.

        :raise UserError: when what follows from a document would hold back less than before
        """
        for action in self.filtered("source_record_id"):
            hold = STRICTNESS.get(vals.get("hold", action.hold), 0)
            unverified = action.needs_verification and not vals.get("needs_verification", True)
            if hold < STRICTNESS[action.hold] or unverified:
                raise UserError(
                    self.env._(
                        "What waits for %(action)s was decided with %(document)s. Cancel the "
                        "action with a reason, if it is not needed.",
                        action=action.display_name,
                        document=action.sudo().source_record_id.name,
                    )
                )
