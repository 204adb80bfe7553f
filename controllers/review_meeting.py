from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from .work import QualityWork

#: What is noted of a risk on the page; the rest follows in the list.
RISK_FIELDS = ("kind", "description", "likelihood", "severity", "countermeasure")


class QualityReviewMeeting(QualityWork):
    """What those who review write on the signing page besides their answers (B4, M2).

    Plain HTML like the page itself; every right is that of the records.
    """

    @http.route("/quality/review/<int:review_id>/risk", type="http", auth="user", methods=["POST"])
    def note_risk(self, review_id, mode=None, **post):
        """Note a risk of the review; what is refused is shown again.

        :param review_id: id of the quality.contract.review
        """
        review = self._find("quality.contract.review", review_id)
        vals = {name: (post.get(name) or "").strip() or False for name in RISK_FIELDS}
        try:
            if not vals["description"]:
                raise UserError(request.env._("Write what may go wrong."))
            with request.env.cr.savepoint():
                request.env["quality.contract.review.risk"].create(
                    {"review_id": review.id, **vals}
                ).flush_recordset()
        except (UserError, ValueError) as error:
            return self._render(review.record_id, mode=mode, post=post, error=str(error))
        return self._return_to(review.record_id, mode)

    @http.route("/quality/meeting/<int:meeting_id>", type="http", auth="user", methods=["POST"])
    def write_minutes(self, meeting_id, minutes="", guests="", close=None, **post):
        """Keep the minutes of a review meeting and who is present; close them on request.

        :param meeting_id: id of the quality.order.meeting
        """
        meeting = self._find("quality.order.meeting", meeting_id)
        record = meeting.review_id.record_id
        present = [int(key[8:]) for key in post if key[:8] == "present_" and key[8:].isdecimal()]
        try:
            with request.env.cr.savepoint():
                meeting.write(
                    {
                        "minutes": minutes,
                        "guests": guests,
                        "present_ids": meeting.attendee_ids.filtered(lambda p: p.id in present).ids,
                    }
                )
                if close:
                    meeting.action_close()
        except UserError as error:
            return self._render(record, mode="meeting", post=post, error=str(error))
        return self._return_to(record, "meeting")

    def _find(self, model, id_):
        records = request.env[model]
        found = records.has_access("read") and records.search([("id", "=", id_)])
        if not found or (model == "quality.order.meeting" and not found.review_id):
            raise request.not_found()
        return found

    def _return_to(self, record, mode):
        turn = f"?mode={mode}" if mode in ("shared", "meeting", "entered") else ""
        return request.redirect(f"/quality/work/{record.id}{turn}")
