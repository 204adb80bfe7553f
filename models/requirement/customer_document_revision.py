from datetime import UTC, datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...lib.canonical import digest
from ...lib.files import checksum
from ..blocks.state_order import in_order

#: States of a revision that an order may be reviewed by: seen to be received, not yet out of use.
USABLE = ("registered", "review", "valid")


class QualityCustomerDocumentRevision(models.Model):
    """One revision of a customer's drawing or specification (L1, IATF 16949 7.5.3.2.2).

    Registered with number, revision and date received; reviewed by engineering and whoever the
    template names, within the time of the deadline policy; distributed and received once valid.
    A new valid revision supersedes the one before, and every order that names that one shows it.
    """

    _name = "quality.customer.document.revision"
    _description = "Revision of a Customer Document"
    _inherit = ["quality.record.filed.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "document_id, date_received desc, id desc"
    _record_prefix = "CD"
    _work_template = "customer_quality.work_facts_customer_document"
    _duty_fields = ("opinion_ids", "acknowledgement_ids")
    _content_fields = ("document_id", "revision", "date_received", "file", "checksum")
    _user_fields = ("revision", "date_received", "file", "file_name", "note")
    _filing_fields = ("document_id",)

    document_id = fields.Many2one(
        "quality.customer.document",
        "Customer Document",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    document_number = fields.Char("Drawing", related="document_id.number")
    title = fields.Char(related="document_id.name")
    kind = fields.Selection(related="document_id.kind", store=True)
    partner_id = fields.Many2one(
        related="document_id.partner_id", store=True, index=True, ondelete="restrict"
    )
    revision = fields.Char(required=True)
    date_received = fields.Date(required=True, default=fields.Date.context_today)
    file = fields.Binary(attachment=True)
    file_name = fields.Char()
    checksum = fields.Char("SHA-256", readonly=True, copy=False)
    note = fields.Text("What Changed")
    state = fields.Selection(
        [
            ("registered", "Registered"),
            ("review", "In Review"),
            ("valid", "Valid"),
            ("superseded", "Superseded"),
            ("rejected", "Rejected"),
        ],
        group_expand=in_order,
        default="registered",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    date_answered = fields.Datetime(
        "Last Answer", readonly=True, copy=False, help="Makes two last answers see each other."
    )
    date_valid = fields.Datetime("Valid Since", readonly=True, copy=False)
    superseded_by_id = fields.Many2one(
        "quality.customer.document.revision",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    receipt_progress = fields.Char("Received", compute="_compute_receipt_progress")

    _revision_uniq = models.UniqueIndex(
        "(document_id, revision) WHERE state != 'rejected'",
        "This revision of the document is registered already.",
    )

    @api.depends("document_id.number", "revision")
    def _compute_display_name(self):
        for revision in self:
            revision.display_name = self.env._(
                "%(number)s rev. %(revision)s",
                number=revision.document_id.number,
                revision=revision.revision,
            )

    @api.depends("acknowledgement_ids.state")
    def _compute_receipt_progress(self):
        for revision in self:
            receipts = revision.acknowledgement_ids.filtered(lambda r: r.state != "void")
            received = receipts.filtered(lambda r: r.state == "done")
            revision.receipt_progress = f"{len(received)}/{len(receipts)}" if receipts else False

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Register revisions; each must be reviewed in time, counted from its receipt (L1)."""
        documents = self.env["quality.customer.document"].browse(
            vals["document_id"] for vals in vals_list if vals.get("document_id")
        )
        companies = {document.id: document.company_id.id for document in documents}
        for vals in vals_list:
            if vals.get("document_id"):
                vals["company_id"] = companies[vals["document_id"]]
        revisions = super().create(vals_list)
        revisions.sudo()._keep_checksum()  # the fingerprint of the file is the procedure's
        revisions._start_deadlines()
        return revisions

    def write(self, vals):
        """Keep what was given to review: a corrected file is a new revision, or asked anew.

        :raise UserError: when a revision is past registration
        """
        late = self.filtered(lambda revision: revision.state != "registered")
        if late and not self.env.su and {"revision", "date_received", "file"} & vals.keys():
            raise UserError(
                self.env._(
                    "%(revision)s was given to review already. Register what the customer sent "
                    "since as a revision of its own.",
                    revision=late[0].display_name,
                )
            )
        result = super().write(vals)
        if "file" in vals:
            self.sudo()._keep_checksum()
        return result

    def _keep_checksum(self):
        for revision in self:
            revision.checksum = checksum(revision.with_context(bin_size=False).file)

    # Actions

    def action_request_review(self):
        """Ask engineering, and whoever the template names, to review these revisions (L1).

        :raise UserError: when a revision is not newly registered, or nobody would be asked
        """
        self.check_access("write")
        for revision in self:
            if revision.state != "registered":
                raise UserError(
                    self.env._("%(number)s has already been requested.", number=revision.name)
                )
        self.sudo()._request_review()  # nobody but the procedure asks for opinions
        return True

    def action_reject(self):
        """Take back what was registered by mistake; it never becomes valid.

        :raise UserError: when a revision is valid or out of use
        """
        self.check_access("write")
        for revision in self:
            if revision.state not in ("registered", "review"):
                raise UserError(
                    self.env._(
                        "%(revision)s was reviewed already. A newer revision takes its place.",
                        revision=revision.display_name,
                    )
                )
        self.sudo()._reject()  # the state follows from the procedure
        return True

    def action_view_orders(self):
        """Open the orders whose lines name one of these revisions."""
        orders = self.env["sale.order"].search(
            [("order_line.quality_document_revision_ids", "in", self.ids)]
        )
        return orders._get_records_action(name=self.env._("Sales Orders"))

    # Business

    def _request_review(self):
        vals_list = self._prepare_opinions_vals()
        asked = {vals["record_id"] for vals in vals_list}
        if any(revision.record_id.id not in asked for revision in self):
            raise UserError(
                self.env._(
                    "There is nobody to review customer documents. Ask a quality manager to set "
                    "up their template under Quality → Configuration."
                )
            )
        self.state = "review"
        self.opinion_ids._request(vals_list)

    def _prepare_opinions_vals(self):
        vals_list = []
        Template = self.env["quality.opinion.template"]
        for company, revisions in self.grouped("company_id").items():
            items = Template._get_default(self._name, company).item_ids
            roles = items.role_id._filter_applicable(company)
            vals_list += [
                {
                    "record_id": revision.record_id.id,
                    "role_id": item.role_id.id,
                    "item_id": item.id,
                    "sequence": item.sequence,
                }
                for revision in revisions
                for item in items
                if item.role_id in roles
            ]
        return vals_list

    def _get_basis(self, role):
        """Return the fingerprint of what is reviewed: number, revision and the file itself."""
        self.ensure_one()
        return digest(
            {
                "document": self.document_id.number,
                "revision": self.revision,
                "file": self.checksum or None,
            }
        )

    def _on_duties_signed(self, duties):
        """Settle the revisions whose last answer this was.

        Each answer writes the revision itself: of two that come at the same moment, the database
        sends one round again, so that it sees the other.
        """
        if duties._name == "quality.opinion":
            revisions_sudo = self.sudo()  # the answers decide, not the rights of who came last
            revisions_sudo.date_answered = fields.Datetime.now()
            revisions_sudo.filtered(lambda revision: revision.state == "review")._settle()
        return super()._on_duties_signed(duties)

    def _settle(self):
        valid = rejected = self.browse()
        for revision in self:
            opinions = revision.opinion_ids.filtered(lambda o: o.state != "void")
            if opinions._get_objections():
                rejected |= revision
            elif opinions and all(opinion.state == "done" for opinion in opinions):
                valid |= revision
        rejected._reject()
        rejected._tell_rejection()
        valid._take_effect()

    def _reject(self):
        if not self:
            return
        self.opinion_ids._void()
        self.state = "rejected"
        self.flush_recordset(["state"])  # the corrected one may be registered at once
        self.record_id._cancel_deadlines("customer_document")
        self._set_phase("void")

    def _tell_rejection(self):
        for revision in self:
            user = revision.create_uid
            revision.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=revision.with_context(lang=user.lang).env._(
                    "A department objects to this revision: settle it with the customer"
                ),
                user_id=user.id,
            )

    def _take_effect(self):
        """Make these revisions the valid ones, in place of those before, and distribute them."""
        if not self:
            return
        self.write({"state": "valid", "date_valid": fields.Datetime.now()})
        for document in self.document_id:
            valid = document.revision_ids.filtered(lambda revision: revision.state == "valid")
            # reviewed late, an older one is superseded at once
            latest = valid.sorted(lambda revision: (revision.date_received, revision.id))[-1:]
            (valid - latest)._supersede(latest)
            document.valid_revision_id = latest
        self.record_id._meet_deadlines("customer_document")
        effective = self.filtered(lambda revision: revision.state == "valid")
        effective.record_id._distribute()
        self.env["sale.order"]._on_quality_documents_reviewed(self)

    def _supersede(self, successor):
        if self:
            self.write({"state": "superseded", "superseded_by_id": successor.id})
            self.acknowledgement_ids._void()
            self._set_phase("void")

    # Deadlines

    def _start_deadlines(self):
        """Count the time within which a revision has to be reviewed from its receipt (L1)."""
        self.env["quality.deadline"]._start(
            [
                {
                    "record_id": revision.record_id.id,
                    "kind": "customer_document",
                    "user_id": self.env.uid,
                    "partner_id": revision.partner_id.id,
                    "date_start": revision._get_received_moment(),
                }
                for revision in self
            ]
        )

    def _get_received_moment(self):
        """Return when the day of receipt began where the company works (naive, in UTC)."""
        zone = pytz.timezone(self.company_id.resource_calendar_id.tz or "UTC")
        start = zone.localize(datetime.combine(self.date_received, time.min))
        return start.astimezone(UTC).replace(tzinfo=None)

    # Orders

    def _get_line_content(self):
        """Return what an order line that names this revision is reviewed by, as JSON-able dict.

        Once a newer revision is valid, that one belongs to it: so a review of the order is stale
        until sales take it over, or have it reviewed that they stay with the old one.
        """
        self.ensure_one()
        content = {
            "number": self.document_id.number,
            "revision": self.revision,
            "file": self.checksum or None,
        }
        if self.state == "superseded":
            content["newer"] = self.document_id.valid_revision_id.revision or None
        return content
