import logging

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)


class QualityContractReview(models.Model):
    """How a review comes to its end: the chapter of contract review about deciding (B1, B6)."""

    _inherit = "quality.contract.review"  # pylint: disable=R8180  # a chapter of its own

    hours_running = fields.Float(
        compute="_compute_hours_running",
        help="Hours from the request to the decision, or until now.",
    )

    @api.depends("date_requested", "date_decided")
    def _compute_hours_running(self):
        now = fields.Datetime.now()
        for review in self:
            running = review.state in ("review", "decision", "objected", "approved")
            start = running and review.date_requested
            end = review.date_decided or now
            review.hours_running = (end - start).total_seconds() / 3600 if start else 0.0

    def _on_duties_signed(self, duties):
        """Settle the reviews whose last answer this was.

        Two people who answer at the same moment don't see each other; the scheduled action,
        triggered here, settles what neither of them could (many workers, one database).
        """
        self._settle()
        if any(review.state in ("review", "decision") for review in self):
            self.env["quality.record"]._wake("customer_quality.ir_cron_review_settle")
        return super()._on_duties_signed(duties)

    def _settle(self):
        """Move each running review on as far as its answers allow (B1, B6).

        What the order no longer says is not decided: it waits to be revised.
        """
        for review_sudo in self.sudo():  # the answers decide, not the rights of who came last
            if review_sudo.state not in ("review", "decision"):
                continue
            opinions = review_sudo.opinion_ids.filtered(lambda o: o.state != "void")
            if opinions._get_objections():
                review_sudo._object()
            elif opinions and all(opinion.state == "done" for opinion in opinions):
                review_sudo.order_id._lock_for_quality()
                if not (review_sudo._filter_stale() or review_sudo._get_obstacles()):
                    review_sudo._decide(opinions)

    def _get_obstacles(self):
        """Return what keeps these reviews from their approval though all answered (A2): texts."""
        return [
            sentence
            for sentences in self.order_id._get_quality_obstacles("approval").values()
            for sentence in sentences
        ]

    def _object(self):
        self.state = "objected"
        user = self.user_id or self.env.user
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.with_context(lang=user.lang).env._(
                "A department objects: change the order and revise the review"
            ),
            user_id=user.id,
        )

    def _decide(self, opinions):
        """All departments have answered: have decided what is still open, or approve (B1)."""
        for meaning, item, role in self._get_decisions(opinions):
            if not self._find_decision(opinions, meaning, item, role):
                self._ask_decision(meaning, item, role)
                return
        self._approve()

    def _get_decisions(self, opinions):
        """Return who decides, in the order of asking: conclusion, risks, authority (B1, B4).

        :return: list of (meaning, name of the item, quality.role record)
        """
        Role = self.env["quality.role"]
        approvals = [("approval", "approval", role) for role in self._get_approvers()]
        if self._needs_risk_signature():
            approvals.insert(0, ("approval", "risk", self._get_risk_role()))
        if approvals or self._needs_conclusion(opinions):
            sales = Role.search([("code", "=", "sales")])
            return [("conclusion", "conclusion", sales), *approvals]
        return []

    def _find_decision(self, opinions, meaning, item, role):
        """Return the decision among ``opinions`` that was asked for already."""
        asked = opinions.filtered(lambda o: o.meaning == meaning)
        if meaning == "conclusion":
            return asked
        return asked.filtered(
            lambda o: o.role_id == role and o.item_id == self._get_decision_item(item)
        )

    def _get_decision_item(self, name):
        xmlid = f"customer_quality.template_decision_{name}"
        item_id = self.env["ir.model.data"]._xmlid_to_res_id(xmlid, raise_if_not_found=True)
        return self.env["quality.opinion.template.item"].browse(item_id)

    def _needs_conclusion(self, opinions):
        """Tell whether sales have to conclude with their signature.

        Where somebody has a reservation, where sales wrote a conclusion, and where nobody was
        asked anew although the order changed.
        """
        renewed = self.supersedes_id and self.content_hash != self.supersedes_id.content_hash
        departments = opinions.filtered(lambda opinion: opinion.meaning == "opinion")
        return bool(
            opinions._get_conditions()
            or (self.conclusion or "").strip()
            or (renewed and all(opinion.carried_from_id for opinion in departments))
        )

    def _get_approvers(self):
        """Return the roles that approve: by the authority table, or because one of them
        approved what was changed."""
        approvers = self.env["quality.authority"]._get_approvers(
            self._get_promised_amount(),
            {
                "margin": self._get_margin_percent,
                "risk": lambda: self.highest_risk,
                "new_product": self._has_new_product,
                "payment_term": lambda: self.order_id.payment_term_id,
            },
            self.company_id,
        )
        before = self.supersedes_id.opinion_ids.filtered(lambda o: o.meaning == "approval")
        if before and not approvers and self.content_hash != self.supersedes_id.content_hash:
            approval = self._get_decision_item("approval")
            approvers = before.filtered(lambda o: o.item_id == approval)[-1:].role_id
        return approvers

    def _get_promised_amount(self):
        """Return what the order is worth, untaxed, in the company's currency."""
        rate = self.order_id.currency_rate or 1.0
        return sum(line.price_subtotal for line in self.line_ids if line.price_subtotal > 0) / rate

    def _get_margin_percent(self):
        """Return the margin of the order in percent of its amount, None if unknown (B4)."""
        return self.margin_percent if self.is_cost_known else None

    def _has_new_product(self):
        """Tell whether no earlier review of a product of this order came to an approval."""
        known = self.env["quality.contract.review.line"]._read_group(
            [
                ("product_id", "in", self.line_ids.product_id.ids),
                ("company_id", "=", self.company_id.id),
                ("review_id.date_decided", "!=", False),
                ("review_id.order_id", "!=", self.order_id.id),
            ],
            ["product_id"],
        )
        return bool(set(self.line_ids.product_id.ids) - {product.id for [product] in known})

    def _ask_decision(self, meaning, item, role):
        item = self._get_decision_item(item)
        people = role._get_people(self.company_id)
        self.state = "decision"
        # one approval is open at a time: what was just signed makes room for the next
        self.opinion_ids.flush_recordset(["state"])
        self.opinion_ids._request(
            [
                {
                    "record_id": self.record_id.id,
                    "role_id": role.id,
                    "meaning": meaning,
                    "item_id": item.id,
                    "sequence": item.sequence,
                    "user_id": self._get_asked_user(role, people),
                }
            ]
        )

    def _approve(self):
        self.write(
            {
                "state": "approved",
                "date_decided": fields.Datetime.now(),
                "conclusion": self._get_conclusion(),
            }
        )
        self._set_phase("closed")
        self._start_actions()
        self._answer_customer()
        self.order_id._on_quality_review_approved()

    def _get_conclusion(self):
        """Return the conclusion that holds: what sales signed, or that all agree."""
        signed = self.opinion_ids.filtered(lambda o: o.meaning == "conclusion" and o.answer)
        return signed[-1:].reason or self.env._(
            "All departments asked agree: the order can be accepted as reviewed."
        )

    # Scheduled action

    @api.model
    def _cron_settle(self):
        """Settle reviews that got their last answers at the same moment, and confirm the
        orders that customers accepted or gave while they were under review.

        Idempotent: each review and order is claimed with a row lock and looked at again.
        """
        answered = self.search(
            [
                ("state", "in", ("review", "decision")),
                ("record_id", "not any", [("opinion_ids.state", "=", "open")]),
            ]
        )
        self._settle_in_batches(answered, lambda review: review._settle())
        orders = self.env["sale.order"]._search_quality_accepted()
        self._settle_in_batches(orders, lambda order: order._confirm_accepted())
        in_hand = self.env["sale.order"]._search_quality_in_hand()
        self._settle_in_batches(in_hand, lambda order: order._confirm_in_hand())

    @api.model
    def _settle_in_batches(self, records, settle):
        """Apply ``settle`` to each record in a transaction of its own (cron progress API)."""
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(records))
        for record in records:
            record = record[0]  # a commit empties the cache: don't prefetch the whole list again
            try:
                if record.try_lock_for_update():
                    settle(record)
                    self.env.flush_all()  # what the database refuses, it refuses here
            except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, ConcurrencyError):
                # somebody else was a moment faster on the same rows: nobody's trouble
                self.env.cr.rollback()
                self.env.ref("customer_quality.ir_cron_review_settle")._trigger()
            except Exception as error:  # one order in trouble must not hold up the others
                self.env.cr.rollback()
                _logger.warning("Could not settle %s", record, exc_info=True)
                self._report_unsettled(record, error)
            if not cron._commit_progress(1):
                break

    @api.model
    def _report_unsettled(self, record, error):
        """Tell the responsible, once, that a document needs a hand."""
        user = record.user_id or self.env.ref("base.user_admin")
        summary = self.with_context(lang=user.lang).env._(
            "Could not be settled automatically: please finish it by hand"
        )
        if summary not in record.activity_ids.mapped("summary"):
            record.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=summary,
                note=str(error) if isinstance(error, UserError) else False,
                user_id=user.id,
            )
