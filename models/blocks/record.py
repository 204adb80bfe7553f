from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_list

from .defaults import without_defaults
from .price import PRICE_GROUPS
from .rehearsal import is_rehearsal

#: Identity of a record: given once, at creation, and never changed afterwards.
IDENTITY_FIELDS = frozenset({"name", "company_id", "res_model", "res_id", "form_version_id"})

#: What mail, activities, ratings and portal write on a document in a user's name.
CHATTER_PREFIXES = ("message_", "activity_", "rating_", "access_token", "website_message_")


class QualityRecord(models.Model):
    """The anchor of every controlled document: one row per document of any kind.

    All blocks (signatures, opinions, receipts, …) hold a real foreign key to this table, so
    nothing dangles, and "my work" or "everything about this order" is one indexed query.
    """

    _name = "quality.record"
    _description = "Quality Record"
    _order = "id desc"
    _check_company_auto = True

    # Identity
    name = fields.Char("Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    res_model = fields.Char("Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        "Document", model_field="res_model", readonly=True, copy=False
    )
    form_version_id = fields.Many2one(
        "quality.form.version",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )

    # Where it belongs
    order_id = fields.Many2one(
        "sale.order",
        "Sales Order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    user_id = fields.Many2one("res.users", "Responsible", check_company=True)
    department_id = fields.Many2one("hr.department", check_company=True)

    # Life
    phase = fields.Selection(
        [("open", "Open"), ("closed", "Closed"), ("void", "Void")],
        default="open",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    date_closed = fields.Datetime("Closed On", readonly=True, copy=False)

    _document_uniq = models.UniqueIndex(
        "(res_model, res_id) WHERE res_id IS NOT NULL AND res_id != 0",
        "A document has exactly one quality record.",
    )
    _number_uniq = models.UniqueIndex(
        "(company_id, res_model, name) WHERE name != '/'",
        "This number was already given to another document of this kind.",
    )

    def write(self, vals):
        """Refuse to change a record's identity once it is given (K1, K2).

        :raise UserError: when number, company, document or form version would change
        """
        if IDENTITY_FIELDS & vals.keys() and any(record.res_id for record in self):
            raise UserError(
                self.env._("A record keeps its number, company, document and form version.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_numbered(self):
        if any(record.res_id for record in self):
            raise UserError(
                self.env._("Quality records are kept. Cancel the document instead of deleting it.")
            )

    def _get_documents(self):
        """Return the documents of these records.

        :return: dict of model name → recordset, each in the order of ``self``
        """
        ids = {}
        for record in self.filtered("res_model"):  # a blank form has none yet
            ids.setdefault(record.res_model, {})[record.res_id] = None
        return {model: self.env[model].browse(filter(None, found)) for model, found in ids.items()}

    def _get_document(self):
        """Return the one document of this record."""
        self.ensure_one()
        return self.env[self.res_model].browse(self.res_id)

    def action_open_document(self):
        """Open the document behind this record."""
        return self._get_document()._get_records_action(name=self.name)


class QualityRecordMixin(models.AbstractModel):
    """Makes a model a controlled document: number, form version, responsible, lock.

    The document delegates to its anchor (``_inherits``), so number, company, responsible and
    all blocks that hang on the anchor are fields of the document itself.

    A document declares ``_record_prefix`` (of its number, e.g. ``CR``), ``_content_fields``: what
    was reviewed and is frozen once the document is closed or void, and ``_user_fields``: what
    its users write themselves. All else, first of all the state, follows from signatures and
    procedures. Tokens, ratings, main attachment and chatter stay writable.
    """

    _name = "quality.record.mixin"
    _description = "Controlled Document"
    _inherits = {"quality.record": "record_id"}

    _record_prefix = "Q"
    _content_fields = ()
    _user_fields = ()
    _work_template = "customer_quality.work_facts"  # facts shown on the signing page
    _meeting_template = None  # minutes on the signing page of those who sign in turn (M2)
    _price_groups = PRICE_GROUPS

    record_id = fields.Many2one(
        "quality.record",
        "Quality Record",
        required=True,
        readonly=True,
        copy=False,
        ondelete="restrict",
        index=True,
    )

    _record_uniq = models.UniqueIndex("(record_id)", "A quality record belongs to one document.")

    @api.model_create_multi
    def create(self, vals_list):
        """Number the documents and tie each to its anchor, by company and year (K2)."""
        companies = [self._get_company(vals) for vals in vals_list]
        versions, numbers = {}, {}
        for company in set(companies):
            unnumbered = sum(
                owner == company and not vals.get("name")
                for owner, vals in zip(companies, vals_list, strict=True)
            )
            versions[company] = self.env["quality.form"]._get_version(self._name, company)
            numbers[company] = iter(self._next_numbers(company, unnumbered))
        for company, vals in zip(companies, vals_list, strict=True):
            vals.update(
                company_id=company.id,
                res_model=self._name,
                name=vals.get("name") or next(numbers[company]),
                form_version_id=versions[company].id,
            )
        if self.env.su:
            self = without_defaults(self)  # noqa: PLW0642
        documents = super().create(self._create_anchors(vals_list))
        for document in documents:
            document.record_id.res_id = document.id
        return documents

    @api.model
    def _create_anchors(self, vals_list):
        """Create the anchors of documents that keep their order in a column of their own.

        The order is given to the anchor at once: written afterwards, it would be looked for in
        every kind of document, for one document after the other.

        :return: the values of the documents, each with its ``record_id``
        """
        if self._fields["order_id"].inherited:
            return vals_list
        names = {"order_id"} | {name for name, field in self._fields.items() if field.inherited}
        anchors = self.env["quality.record"].create(
            [{name: vals[name] for name in names & vals.keys()} for vals in vals_list]
        )
        return [
            {
                **{name: value for name, value in vals.items() if name not in names},
                "record_id": anchor.id,
            }
            for vals, anchor in zip(vals_list, anchors, strict=True)
        ]

    def _inverse_order_id(self):
        """Let the anchors belong to the orders that are chosen on their documents."""
        for order, documents in self.grouped("order_id").items():
            # the link is the anchor's; a column of the document lists what an order has
            anchors_sudo = documents.record_id.sudo()
            anchors_sudo.filtered(lambda r, order=order: r.order_id != order).order_id = order

    def write(self, vals):
        """Refuse what users may not write, and changes to a closed or void document.

        :raise AccessError: when a user writes what only the procedure writes
        :raise UserError: naming the first locked document
        """
        self._check_user_fields(vals)
        if not vals.keys().isdisjoint(self._content_fields):
            self._ensure_unlocked()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_record(self):
        raise UserError(
            self.env._("Quality records are kept. Cancel the document instead of deleting it.")
        )

    def _check_user_fields(self, vals):
        if self.env.su:
            return
        forbidden = [
            name
            for name in vals
            if name not in self._user_fields and not name.startswith(CHATTER_PREFIXES)
        ]
        if forbidden:
            raise AccessError(
                self.env._(
                    "%(fields)s can't be written directly: it follows from what is signed.",
                    fields=format_list(
                        self.env,
                        [self._fields[name]._description_string(self.env) for name in forbidden],
                    ),
                )
            )

    def _ensure_unlocked(self):
        locked = self.filtered(lambda document: document.phase != "open")
        if locked:
            raise UserError(
                self.env._(
                    "%(number)s is closed, so its content stays as it is. "
                    "Start a new revision to change it.",
                    number=locked[0].name,
                )
            )

    @api.model
    def _get_company(self, vals):
        return self.env["res.company"].browse(vals.get("company_id")) or self.env.company

    @api.model
    def _next_number(self, company):
        """Draw the next number of this kind of document in ``company``, e.g. CR/2026/0001.

        :param company: res.company record
        :return: str
        """
        Sequence = self.env["ir.sequence"].sudo()  # numbers are drawn by whoever has the right
        number = Sequence.with_company(company).next_by_code(self._name)
        if not number:
            self._create_sequences(company)
            number = Sequence.with_company(company).next_by_code(self._name)
        return number

    @api.model
    def _next_numbers(self, company, count):
        """Draw ``count`` numbers at once, see :meth:`_next_number`.

        :param company: res.company record
        :return: list of str
        """
        if is_rehearsal(self.env):
            return ["/"] * count  # taken back at the end: no number is drawn for it
        first = [self._next_number(company) for _index in range(min(count, 1))]
        if count < 2:
            return first
        Sequence = self.env["ir.sequence"].sudo()  # see _next_number
        sequence = Sequence.search(
            [("code", "=", self._name), ("company_id", "in", [company.id, False])],
            order="company_id",
            limit=1,
        )
        return first + sequence._get_quality_numbers(count - 1)

    @api.model
    def _create_sequences(self, companies):
        """Give each company its own run of numbers for this kind of document.

        Done when a company comes into being, so that two first documents at the same moment
        draw from the same sequence.
        """
        Sequence = self.env["ir.sequence"].sudo()  # by whoever creates the company
        taken = Sequence.search(
            [("code", "=", self._name), ("company_id", "in", companies.ids)]
        ).company_id
        Sequence.create([self._prepare_sequence_vals(company) for company in companies - taken])

    @api.model
    def _prepare_sequence_vals(self, company):
        return {
            "name": self._description,
            "code": self._name,
            "company_id": company.id,
            "prefix": f"{self._record_prefix}/%(range_year)s/",
            "padding": 4,
            "use_date_range": True,
        }

    def _set_phase(self, phase):
        """Open, close or void the anchors of these documents.

        :param phase: ``open``, ``closed`` or ``void``
        """
        # the anchor is written by the document's own rules, never by a user
        self.record_id.sudo().write(
            {"phase": phase, "date_closed": phase != "open" and fields.Datetime.now()}
        )

    @api.model
    def _description_translated(self):
        """Return what this kind of document is called, in the user's language."""
        return self.env["ir.model"]._get(self._name).sudo().name

    def _get_basis(self, role):
        """Return the fingerprint of what ``role`` is shown of this document and signs on.

        :param role: quality.role record
        :return: str, or None where the document has no content of its own
        """
        return None

    @api.model
    def _find_altered_documents(self, company):
        """Hook: return the ids of quality records whose document is not what was signed.

        :param company: res.company record whose documents the verification looks at
        :return: list of ids of quality.record
        """
        return []

    def _get_draft(self, opinion):
        """Hook: return the text that is proposed to whoever signs ``opinion`` (str)."""
        return ""

    def _get_bulk_refusal(self):
        """Hook: return why nobody may agree to this document unseen (M2).

        :return: a sentence, or False where nothing on it is red
        """
        return False

    def _check_signer(self, duties, signer):
        """Hook: raise a UserError where ``signer`` may not sign, though their role may.

        :param duties: recordset of one duty model, of these documents
        :param signer: Signer
        """

    def _on_duties_signed(self, duties):
        """Hook: duties of these documents (opinions, receipts, approvals) were just signed.

        :param duties: recordset of one duty model
        """
