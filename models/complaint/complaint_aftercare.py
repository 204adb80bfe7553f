from odoo import api, fields, models
from odoo.tools import SQL

from ..blocks.deadline import OPEN_STATES

REVISIT = "customer_quality.mail_activity_type_complaint_revisit"
PROMISE = "complaint_return_visit"


class QualityComplaint(models.Model):
    """The return visit after the answer (F3, F5): when it is due, and how it went."""

    _inherit = "quality.complaint"  # pylint: disable=R8180  # a chapter of its own

    date_revisit_due = fields.Datetime(
        "Return Visit Until", compute="_compute_date_revisit_due", search="_search_revisit_due"
    )
    revisit_approval = fields.Float(
        "Return Visits Approved",
        compute="_compute_revisit_approval",
        aggregator="avg",
        help="Share of satisfied customers among those who were reached.",
    )

    # without dependencies: looked at when complaints are shown
    def _compute_date_revisit_due(self):
        running = self.record_id._get_open_deadlines(PROMISE)
        due = {deadline.record_id: deadline.date_due for deadline in running}
        for complaint in self:
            complaint.date_revisit_due = due.get(complaint.record_id, False)

    def _search_revisit_due(self, operator, value):
        if operator not in ("<", "<=", ">", ">="):
            if operator != "in" or set(value) != {False}:
                return NotImplemented
            return [("record_id.deadline_ids", "not any!", self._get_revisit_domain())]
        domain = [*self._get_revisit_domain(), ("date_due", operator, value)]
        return [("record_id.deadline_ids", "any!", domain)]

    def _get_revisit_domain(self):
        return [("kind_id.code", "=", PROMISE), ("state", "in", OPEN_STATES)]

    @api.depends("revisit_result")
    def _compute_revisit_approval(self):
        for complaint in self:
            complaint.revisit_approval = float(complaint.revisit_result == "good")

    def _read_group_select(self, aggregate_spec, query):
        """Take the share of satisfied customers among those who were reached."""
        if aggregate_spec == "revisit_approval:avg":
            result = self._field_to_sql(self._table, "revisit_result", query)
            return SQL(
                "AVG(CASE %(result)s WHEN 'good' THEN 1.0 WHEN 'poor' THEN 0.0 END)", result=result
            )
        return super()._read_group_select(aggregate_spec, query)

    def _start_promise(self, kind):
        """Give the owner an activity for the return visit, due when it was promised."""
        deadlines = super()._start_promise(kind)
        if kind == PROMISE and deadlines:
            self._schedule_revisits(deadlines.sudo())  # follows from the answer
        return deadlines

    def _schedule_revisits(self, deadlines):
        """Create the activities as mirrors of the deadlines, which move and close them."""
        by_record = {complaint.record_id: complaint for complaint in self}
        owned = [(d, by_record[d.record_id]) for d in deadlines if d.user_id]
        activities = (
            self.env["mail.activity"]
            .with_context(mail_activity_quick_update=True)
            .create(
                [
                    {
                        **deadline._prepare_activity_vals(deadline.user_id),
                        "activity_type_id": self.env["ir.model.data"]._xmlid_to_res_id(REVISIT),
                        "summary": complaint.with_context(lang=deadline.user_id.lang).env._(
                            "Return visit: %(customer)s",
                            customer=complaint.partner_id.display_name or complaint.title,
                        ),
                    }
                    for deadline, complaint in owned
                ]
            )
        )
        for (deadline, _complaint), activity in zip(owned, activities, strict=True):
            deadline.activity_id = activity

    def _on_revisited(self, result, note):
        """A customer who is not satisfied calls for attention; it may be taken up anew."""
        if result == "poor":
            self._call_for_attention(
                self.env._("Not satisfied at the return visit: %(note)s", note=note)
            )
        return super()._on_revisited(result, note)
