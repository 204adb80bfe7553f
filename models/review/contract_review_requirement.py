import json

from odoo import api, fields, models

from ..requirement.kinds import MARKS


class QualityContractReview(models.Model):
    """What the customer requires and what was asked, as the departments sign on it (A1, A2, L2).

    Shown as it stands in the reviewed content, so that a revision keeps what it was about.
    """

    _inherit = "quality.contract.review"  # pylint: disable=R8180  # a chapter of its own

    requirements = fields.Html(compute="_compute_requirements", compute_sudo=False, sanitize=False)
    question_count = fields.Integer(
        "Open Questions", compute="_compute_question_count", compute_sudo=True
    )

    @api.depends("content")
    @api.depends_context("uid", "lang")
    def _compute_requirements(self):
        qweb = self.env["ir.qweb"]
        for review in self:
            values = review._get_requirement_values(review.sees_prices)
            review.requirements = any(values.values()) and qweb._render(
                "customer_quality.requirement_tables", {**values, "table": "table table-sm"}
            )

    @api.depends("order_id.quality_clarification_ids.state")
    def _compute_question_count(self):
        for review in self:
            review.question_count = len(review.order_id.quality_clarification_ids._filter_open())

    def _request(self):
        """Let the clock stand where the customer was asked before the departments (A2)."""
        result = super()._request()
        orders_sudo = self.sudo().order_id  # by the procedure
        asked = orders_sudo.filtered(lambda order: order._has_quality("open"))
        asked.quality_clarification_ids._pause_reviews()
        return result

    def _get_requirement_values(self, sees_prices):
        """Return what the tables of requirements and answers show of this revision.

        :param sees_prices: False leaves out what is commercial (M5)
        :return: dict with ``requirements`` and ``answers``, lists of dicts of texts
        """
        self.ensure_one()
        # what was reviewed embeds prices; only what has none leaves this method
        review_sudo = self.sudo()
        content = (
            json.loads(review_sudo.content)
            if review_sudo.content
            else review_sudo.order_id._get_quality_content()
        )
        return {
            "requirements": self._get_requirement_rows(
                [
                    row
                    for row in content.get("requirements", ())
                    if sees_prices or row["kind"] != "commercial"
                ]
            ),
            "answers": self._get_answer_rows(content.get("answers", ())),
        }

    def _get_requirement_rows(self, rows):
        requirements = self.env["quality.requirement"]
        kinds = dict(requirements._fields["kind"]._description_selection(self.env))
        characteristics = dict(
            requirements._fields["characteristic"]._description_selection(self.env)
        )
        # names only, for people without any right to orders
        lines_sudo = self.env["sale.order.line"].sudo().browse({row["line"] or 0 for row in rows})
        names = {line.id: line.product_id.display_name for line in lines_sudo.exists()}
        roles_sudo = self.env["quality.role"].sudo().browse({row["role"] or 0 for row in rows})
        roles = {role.id: role.name for role in roles_sudo.exists()}
        return [
            {
                "kind": kinds.get(row["kind"], row["kind"]),
                "text": row["text"],
                "line": names.get(row["line"], ""),
                "role": roles.get(row["role"], ""),
                "mark": MARKS.get(row["characteristic"], ""),
                "characteristic": MARKS.get(row["characteristic"])
                and characteristics[row["characteristic"]],
            }
            for row in rows
        ]

    def _get_answer_rows(self, rows):
        questions_sudo = self.env["quality.clarification"].sudo()  # part of what is reviewed
        questions = questions_sudo.browse(row["question"] for row in rows).exists()
        by_id = {question.id: question for question in questions}
        return [
            {
                "number": by_id[row["question"]].name,
                "question": by_id[row["question"]].question,
                "answer": row["answer"],
                "who": by_id[row["question"]].answered_by,
            }
            for row in rows
            if row["question"] in by_id
        ]

    def action_ask_customer(self):
        """Open the form of a new question to the customer, for whoever reviews the order (A2)."""
        self.ensure_one()
        self.check_access("read")
        # the dialog needs nothing of the order but its id
        return self.order_id.sudo().action_ask_customer()
