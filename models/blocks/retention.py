from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

#: Years that a record is kept where no rule says otherwise (K1).
DEFAULT_YEARS = 2

#: Closed records that are looked at together when it is asked whose time is over.
LOOK_AT_ONCE = 10_000


class QualityRetentionRule(models.Model):
    """How long a kind of record is kept after closing, and by which department (K1).

    The most particular rule holds: of the company before shared, for a class of customer before
    all, for a kind of document before all kinds. A rule keeps the history of its changes, so it is
    archived and never deleted.
    """

    _name = "quality.retention.rule"
    _description = "Retention Rule"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", index=True, tracking=True, help="Leave empty to share it."
    )
    model_id = fields.Many2one(
        "ir.model",
        "Kind of Document",
        ondelete="cascade",
        domain=lambda self: [("model", "in", self._get_kinds())],
        tracking=True,
        help="Leave empty for every kind.",
    )
    class_id = fields.Many2one(
        "quality.customer.class", "Class of Customer", ondelete="restrict", tracking=True
    )
    years = fields.Integer(
        "Years after Closing", default=DEFAULT_YEARS, required=True, tracking=True
    )
    by_product_life = fields.Boolean(
        "Life of the Product",
        tracking=True,
        help="At least to the end of the calendar year after the product's production and "
        "service ended (IATF 16949 7.5.3.2.1). While no end is set on the product, the record "
        "is kept.",
    )
    custodian_id = fields.Many2one(
        "hr.department", check_company=True, ondelete="set null", tracking=True
    )

    _years_positive = models.Constraint(
        "CHECK (years >= 0)", "Records can't be kept for less than no time: give years from 0."
    )

    @api.depends("model_id", "class_id", "years")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for rule in self:
            parts = [rule.model_id.name or self.env._("All kinds"), rule.class_id.name]
            rule.display_name = " · ".join(filter(None, parts))

    @api.constrains("model_id", "class_id", "company_id", "active")
    def _check_unique(self):
        for rule in self.filtered("active"):
            same = self._get_in_force().search(
                [
                    ("id", "!=", rule.id),
                    ("model_id", "=", rule.model_id.id),
                    ("class_id", "=", rule.class_id.id),
                    ("company_id", "=", rule.company_id.id),
                ],
                limit=1,
            )
            if same:
                raise ValidationError(
                    self.env._("There is a rule for “%(rule)s” already.", rule=rule.display_name)
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept(self):
        raise UserError(
            self.env._(
                "A retention rule is kept with the history of its changes. Archive it instead of "
                "deleting it."
            )
        )

    @api.model
    def _get_in_force(self):
        """Return the model in a context and mode in which a search finds what binds everybody."""
        return self.sudo().with_context(active_test=True)

    @api.model
    def _get_kinds(self):
        """Return the technical names of all kinds of controlled documents."""
        names = self.env.registry.descendants(["quality.record.mixin"], "_inherit")
        return sorted(name for name in names if not self.env[name]._abstract)

    def _get_rank(self):
        """Return how particular the rule is; the highest one holds."""
        self.ensure_one()
        return (bool(self.company_id), bool(self.class_id), bool(self.model_id), -self.sequence)

    def _fits(self, record, customer_class):
        self.ensure_one()
        return (
            self.company_id.id in (False, record.company_id.id)
            and self.class_id.id in (False, customer_class.id)
            and self.model_id.model in (False, record.res_model)
        )


class QualityRecord(models.Model):
    """Retention: the chapter of the record about how long it is kept (K1)."""

    _inherit = "quality.record"  # pylint: disable=R8180  # each block adds its own chapter

    kind = fields.Char(compute="_compute_kind")
    custodian_id = fields.Many2one("hr.department", compute="_compute_retention", compute_sudo=True)
    date_retain_until = fields.Date(
        "Kept Until",
        compute="_compute_retention",
        compute_sudo=True,
        help="Nobody can delete the record or its files before. Empty while the record is open, "
        "or while the end of a product's life is not known.",
    )
    is_retention_over = fields.Boolean(
        compute="_compute_is_retention_over", search="_search_is_retention_over"
    )
    date_disposed = fields.Datetime("Disposed Of", readonly=True, copy=False)
    disposed_by = fields.Char(readonly=True, copy=False)
    disposal_reason = fields.Char(readonly=True, copy=False)

    _closed_idx = models.Index("(date_closed) WHERE date_closed IS NOT NULL")

    @api.depends("res_model")
    @api.depends_context("lang")
    def _compute_kind(self):
        for record in self:
            record.kind = self.env["ir.model"]._get(record.res_model).sudo().name

    @api.depends("res_model", "company_id", "date_closed")
    def _compute_retention(self):
        rules = self._get_retention_rules()
        ends = self._get_product_ends(rules)
        for record in self:
            rule = rules[record]
            record.custodian_id = rule.custodian_id
            record.date_retain_until = record._get_retention_end(rule, ends.get(record))

    @api.depends("date_retain_until")
    def _compute_is_retention_over(self):
        today = fields.Date.context_today(self)
        for record in self:
            until = record.date_retain_until
            record.is_retention_over = bool(until and until < today)

    @api.model
    def _search_is_retention_over(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        # records closed later than the shortest rule says are not old enough
        rules = self.env["quality.retention.rule"]._get_in_force().search([])
        shortest = min(rules.mapped("years"), default=DEFAULT_YEARS)
        latest = fields.Datetime.now() - relativedelta(years=min(shortest, DEFAULT_YEARS))
        old = Domain("date_closed", "<", latest) & Domain("date_disposed", "=", False)
        over, last = [], 0
        # a part at a time, so that what is kept for longer does not fill the memory
        while part := self.sudo().search(
            old & Domain("id", ">", last), order="id", limit=LOOK_AT_ONCE
        ):
            over += part.filtered("is_retention_over").ids
            last = part[-1].id
        return Domain("id", "in", over)

    def _get_retention_rules(self):
        """Return the rule that holds for each record: dict of record → rule, possibly empty."""
        rules = self.env["quality.retention.rule"]._get_in_force().search([])
        ranked = rules.sorted(lambda rule: rule._get_rank(), reverse=True)
        classes = self._get_customer_classes()
        return {
            record: next(
                (rule for rule in ranked if rule._fits(record, classes[record])), rules.browse()
            )
            for record in self
        }

    def _get_customer_classes(self):
        """Return the class of the customer behind each record: dict of record → class."""
        classes = dict.fromkeys(self, self.env["quality.customer.class"])
        for documents in self.sudo()._get_documents().values():
            for document in documents:
                partner = document._get_customer()
                classes[document.record_id] = partner._get_quality_class()
        return classes

    def _get_product_ends(self, rules):
        """Return when the products of each record end, where its rule asks for it.

        :return: dict of record → date, or False while a product's end is not known
        """
        ends = {}
        asked = self.filtered(lambda record: rules[record].by_product_life)
        for documents in asked.sudo()._get_documents().values():
            for document in documents:
                templates = document._get_products().product_tmpl_id
                dates = templates.mapped("quality_end_of_life")
                if templates:
                    known = all(dates)
                    ends[document.record_id] = known and max(dates)
        return ends

    def _get_retention_end(self, rule, product_end):
        """Return until when this record is kept.

        :param rule: quality.retention.rule, empty for the default
        :param product_end: date, False while unknown, None where it does not matter
        :return: date, or False while it is kept without an end in sight
        """
        self.ensure_one()
        if not self.date_closed or product_end is False:
            return False
        years = rule.years if rule else DEFAULT_YEARS
        until = self.date_closed.date() + relativedelta(years=years)
        if product_end:
            until = max(until, product_end.replace(month=12, day=31) + relativedelta(years=1))
        return until

    def action_dispose(self):
        """Open the dialog that disposes of these records once their time is over."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dispose of Records"),
            "res_model": "quality.record.dispose",
            "view_mode": "form",
            "target": "new",
            "context": {"default_record_ids": self.ids},
        }

    def _dispose(self, reason):
        """Delete files and conversation of records whose time is over; the row stays as proof.

        Number, kind, dates and the sealed signatures stay: they prove that the record was kept
        as long as it had to be, and the chain of seals stays whole.

        :param reason: str, kept on the record
        :raise UserError: naming the first record that must still be kept, or is disposed of
        """
        for record in self:
            if record.date_disposed:
                raise UserError(
                    self.env._(
                        "%(number)s was disposed of already, by %(person)s.",
                        number=record.name,
                        person=record.disposed_by,
                    )
                )
            if not record.is_retention_over:
                raise UserError(
                    self.env._(
                        "%(number)s must be kept until %(date)s.",
                        number=record.name,
                        date=record.date_retain_until or self.env._("further notice"),
                    )
                )
        for model, documents in self._get_documents().items():
            # those behind fields, too, which Odoo leaves out unless they are asked for
            files = self.env["ir.attachment"].search(
                [
                    ("res_model", "=", model),
                    ("res_id", "in", documents.ids),
                    ("res_field", "in", [False, *documents._fields]),
                ]
            )
            files.unlink()
            documents.invalidate_recordset()
            if "message_ids" in documents._fields:
                documents.message_ids.unlink()
        self.write(
            {
                "date_disposed": fields.Datetime.now(),
                "disposed_by": self.env.user.name,
                "disposal_reason": reason,
            }
        )


class QualityRecordMixin(models.AbstractModel):
    _inherit = "quality.record.mixin"  # pylint: disable=R8180  # each block adds its own chapter

    def _get_customer(self):
        """Return the customer whose class decides how long the document is kept (K1)."""
        self.ensure_one()
        if "partner_id" in self._fields and self.partner_id:
            return self.partner_id
        return self.order_id.partner_id

    def _get_products(self):
        """Return the products whose life decides how long the document is kept (K1)."""
        self.ensure_one()
        return self.order_id.order_line.product_id

    def _filter_files_kept(self):
        """Return the documents whose files nobody may take away or replace (K1).

        Closed and void ones, and those that somebody signed; until their time is over.
        """
        closed = self.filtered(lambda document: document.phase != "open")
        signed = self.env.execute_query(
            SQL(
                "SELECT DISTINCT record_id FROM quality_signature WHERE record_id = ANY(%s)",
                (self - closed).record_id.ids,
            )
        )
        signed = {record_id for [record_id] in signed}
        kept = closed | self.filtered(lambda document: document.record_id.id in signed)
        return kept.filtered(lambda document: not document.record_id.is_retention_over)
