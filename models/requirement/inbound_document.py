import base64
import binascii
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mimetypes import guess_mimetype

#: Kinds of documents by which a customer orders: compared with the offer that was sent (B6).
ORDER_KINDS = ("order", "contract", "amendment")

#: Kinds that carry no amounts, for people without sight of prices (M5).
TECHNICAL_KINDS = ("drawing", "specification")


class QualityInboundDocument(models.Model):
    """A paper or file that came in from a customer, under a running serial number (A3).

    One file each, kept with its SHA-256. Filing doesn't need an order; it is linked later.
    A customer's order that answers an offer is compared with it: what differs has to be settled
    before anything is confirmed (B6).
    """

    _name = "quality.inbound.document"
    _description = "Inbound Document"
    _inherit = ["quality.record.filed.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _record_prefix = "IN"
    _work_template = "customer_quality.work_facts_inbound_document"
    _content_fields = ("kind", "partner_id", "order_id", "date_received", "channel_id", "file")
    _filing_fields = ("file", "filename", "mimetype", "checksum")
    _user_fields = (
        "kind",
        "partner_id",
        "order_id",
        "date_received",
        "channel_id",
        "note",
        "difference",
        "settlement",
    )

    order_id = fields.Many2one(
        "sale.order",
        related="record_id.order_id",
        inverse="_inverse_order_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        check_company=True,
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", index="btree_not_null", ondelete="restrict", tracking=True
    )
    kind = fields.Selection(
        [
            ("order", "Order"),
            ("contract", "Contract"),
            ("amendment", "Amendment"),
            ("confirmation", "Confirmation"),
            ("drawing", "Drawing"),
            ("specification", "Specification"),
            ("other", "Other"),
        ],
        default="order",
        required=True,
        index=True,
        tracking=True,
    )
    date_received = fields.Date(
        "Received On", required=True, default=fields.Date.context_today, tracking=True
    )
    channel_id = fields.Many2one("quality.channel", ondelete="restrict", check_company=True)
    note = fields.Text("Remark")

    # The file
    file = fields.Binary(attachment=True, copy=False)
    filename = fields.Char("File Name", copy=False)
    mimetype = fields.Char("File Type", readonly=True, copy=False)
    checksum = fields.Char("SHA-256", readonly=True, copy=False, index="btree_not_null")
    preview = fields.Selection(
        [("image", "Image"), ("pdf", "PDF"), ("other", "Other")], compute="_compute_preview"
    )
    same_ids = fields.Many2many(
        "quality.inbound.document", compute="_compute_same_ids", string="Same File"
    )

    # Offer and order (B6)
    comparison = fields.Selection(
        [
            ("todo", "To compare with our offer"),
            ("same", "Same as our offer"),
            ("differs", "Differs from our offer"),
            ("settled", "Difference settled"),
        ],
        readonly=True,
        copy=False,
        tracking=True,
    )
    difference = fields.Text("What Differs", copy=False, tracking=True)
    settlement = fields.Text("How It Was Settled", copy=False, tracking=True)
    compared_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    date_compared = fields.Datetime("Compared On", readonly=True, copy=False)
    settled_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    date_settled = fields.Datetime("Settled On", readonly=True, copy=False)

    _unsettled_idx = models.Index("(order_id) WHERE comparison IN ('todo', 'differs')")

    @api.depends("mimetype")
    def _compute_preview(self):
        for document in self:
            mimetype = document.mimetype or ""
            document.preview = (
                "image"
                if mimetype.startswith("image/")
                else "pdf"
                if mimetype == "application/pdf"
                else "other"
            )

    @api.depends("checksum")
    def _compute_same_ids(self):
        filed = self.filtered("checksum")
        groups = self._read_group(
            [("checksum", "in", filed.mapped("checksum")), ("phase", "!=", "void")],
            ["checksum", "company_id"],
            ["id:recordset"],
        )
        same = {(checksum, company): documents for checksum, company, documents in groups}
        for document in self:
            document.same_ids = same.get((document.checksum, document.company_id), self.browse())
            document.same_ids -= document

    @api.depends("name", "filename")
    def _compute_display_name(self):
        for document in self:
            document.display_name = " ".join(filter(None, (document.name, document.filename)))

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """File documents; each gets its serial number, and its file a SHA-256 (A3).

        :raise UserError: when a file can't be read
        """
        given = self.default_get(["order_id"])  # filed from the papers of an order
        for vals in vals_list:
            vals.update(self._prepare_file_vals(vals.get("file")))  # never as given
            vals.setdefault("order_id", given.get("order_id"))
            if vals.get("order_id") and not vals.get("partner_id"):
                # the customer of an order is known to whoever files for it
                order_sudo = self.env["sale.order"].sudo().browse(vals["order_id"])
                vals["partner_id"] = order_sudo.partner_id.id
        documents = super().create(vals_list)
        documents._compare_with_offer()
        return documents

    def write(self, vals):
        """Keep the file as it was filed; compare with the offer once an order is linked.

        :raise UserError: when a file would be replaced, or a compared order moved
        """
        linked, orders_sudo = self.browse(), self.env["sale.order"].sudo()
        if "order_id" in vals or "kind" in vals:
            linked = self.filtered(lambda document: document.comparison in (False, "todo"))
            orders_sudo = linked.sudo().order_id  # a review goes on when a paper leaves its order
        vals = self._without_same_file(vals)
        if "file" in vals or "filename" in vals:
            self._ensure_no_file()
        if "file" in vals:
            vals = {**vals, **self._prepare_file_vals(vals["file"])}
        if not self.env.su:
            self._ensure_not_settled(vals)
            vals = self._write_by_procedure(vals)
        result = super().write(vals)
        linked._compare_with_offer()
        orders_sudo.quality_review_id._settle()
        return result

    def _ensure_not_settled(self, vals):
        settled = self.filtered(lambda document: document.comparison == "settled")
        if settled and not vals.keys().isdisjoint(("difference", "settlement")):
            raise UserError(
                self.env._(
                    "The difference of %(number)s is settled, so it stays as it is written down.",
                    number=settled[0].name,
                )
            )

    def _write_by_procedure(self, vals):
        """Write what stands on the quality record or follows from the file, after checks.

        :return: what is left of ``vals`` to be written by the user
        """
        self.check_access("write")
        names = {"order_id", "file", "filename", "mimetype", "checksum"} & vals.keys()
        if "order_id" in names:
            self._ensure_not_compared(vals["order_id"])
        if names:
            if "file" not in names:
                names -= {"mimetype", "checksum"}  # facts of a file, never given alone
            self._ensure_unlocked()
            self.sudo().write({name: vals[name] for name in names})
            self.check_access("write")  # nothing is moved out of the user's reach, or into it
        return {name: value for name, value in vals.items() if name not in names}

    def _without_same_file(self, vals):
        """Return ``vals`` without a file that is the one filed: written again, it is no change."""
        checksum = vals.get("file") and self._prepare_file_vals(vals["file"])["checksum"]
        same = {
            "file": bool(checksum) and all(d.checksum == checksum for d in self),
            "filename": all(d.filename == vals.get("filename") for d in self),
        }
        return {name: value for name, value in vals.items() if not same.get(name)}

    def _ensure_no_file(self):
        filed = self.filtered("checksum")
        if filed:
            raise UserError(
                self.env._(
                    "%(number)s keeps the file that came in. File the other one under a number of "
                    "its own.",
                    number=filed[0].name,
                )
            )

    @api.model
    def _prepare_file_vals(self, data):
        """Return what follows from a file.

        :param data: base64, or nothing where a paper is filed without its scan
        :raise UserError: when it can't be read
        """
        if not data:
            return {"mimetype": False, "checksum": False}
        try:
            content = base64.b64decode(data, validate=False)
        except (binascii.Error, ValueError) as error:
            raise UserError(
                self.env._("The file can't be read. Choose it again, or take another picture.")
            ) from error
        return {
            "mimetype": guess_mimetype(content),
            "checksum": hashlib.sha256(content).hexdigest(),
        }

    def _ensure_not_compared(self, order_id):
        moved = self.filtered(
            lambda document: (
                document.comparison in ("same", "differs", "settled")
                and document.order_id.id != order_id
            )
        )
        if moved:
            raise UserError(
                self.env._(
                    "%(number)s was compared with the offer of %(order)s, so it stays with that "
                    "order. File the paper again for the other one.",
                    number=moved[0].name,
                    order=moved[0].sudo().order_id.name,
                )
            )

    # Filing

    def create_document_from_attachment(self, attachment_ids):
        """File what was dropped onto the register: each file under a number of its own (A3).

        Called by account's upload views, as a method of records, though of none.

        :param attachment_ids: ids of files that the user just uploaded
        :return: action that opens what was filed
        :raise UserError: when no file came along, or one that belongs to another document
        """
        files = self.env["ir.attachment"].browse(attachment_ids).exists()
        if not files:
            raise UserError(self.env._("No file came along. Choose it again."))
        files.check_access("read")
        if any(file.res_model or file.create_uid != self.env.user for file in files):
            raise UserError(self.env._("The file belongs to another document. Upload it again."))
        documents = self.create([{"file": file.datas, "filename": file.name} for file in files])
        files.unlink()
        return documents._get_records_action(name=self.env._("Inbound Documents"))

    @api.model
    def create_from_pasted(self, files, order_id=False):
        """File pictures pasted from the clipboard (A3).

        :param files: list of dicts with ``name`` and base64 ``data``
        :param order_id: id of the order that they belong to, if any
        :return: list of the serial numbers
        """
        documents = self.create(
            [
                {
                    "file": file["data"],
                    "filename": file["name"],
                    **({"order_id": order_id} if order_id else {}),
                }
                for file in files
            ]
        )
        return documents.mapped("name")

    def action_void(self):
        """Void what was filed by mistake; number and file stay.

        :raise UserError: when it differs from the offer, or an order was confirmed by it
        """
        self.check_access("write")
        differing = self.filtered(lambda document: document.comparison == "differs")
        if differing:
            raise UserError(
                self.env._(
                    "%(number)s differs from our offer. Settle the difference first; where it "
                    "was a mistake, state that it is the same.",
                    number=differing[0].name,
                )
            )
        used = (
            self.env["quality.order.confirmation"]
            .sudo()
            .search([("document_id", "in", self.ids), ("state", "=", "confirmed")], limit=1)
        )
        if used:
            raise UserError(
                self.env._(
                    "%(number)s is the customer's confirmation of %(order)s, so it is kept.",
                    number=used.document_id.name,
                    order=used.order_id.name,
                )
            )
        self.sudo().comparison = False  # by the procedure: nothing is left to settle
        self._set_phase("void")
        self.sudo().order_id.quality_review_id._settle()

    # Offer and order

    def _filter_unsettled(self):
        """Return the customers' orders that are to compare, or differ from the offer (B6)."""
        return self.filtered(lambda document: document.comparison in ("todo", "differs"))

    def _compare_with_offer(self):
        """Ask sales to compare a customer's order with the offer that was sent (B6)."""
        for document_sudo in self.sudo():  # the procedure says when to compare
            offered = document_sudo.order_id.state == "sent" and document_sudo.kind in ORDER_KINDS
            if document_sudo.phase == "open" and offered != bool(document_sudo.comparison):
                document_sudo.comparison = "todo" if offered else False

    def action_same(self):
        """State that the customer's order is what we offered (B6)."""
        self._ensure_comparison(("todo", "differs"))
        self._compare("same")

    def action_differs(self):
        """State that the customer's order differs from our offer (B6).

        :raise UserError: when it is not written down what differs
        """
        self._ensure_comparison(("todo", "same"))
        silent = self.filtered(lambda document: not (document.difference or "").strip())
        if silent:
            raise UserError(
                self.env._(
                    "Write down under “What Differs” where %(number)s departs from our offer.",
                    number=silent[0].name,
                )
            )
        self._compare("differs")

    def action_settle(self):
        """State that the difference is settled with the customer, and how (B6).

        :raise UserError: when it is not written down how
        """
        self._ensure_comparison(("differs",))
        silent = self.filtered(lambda document: not (document.settlement or "").strip())
        if silent:
            raise UserError(
                self.env._(
                    "Write down under “How It Was Settled” what was agreed on %(number)s, with "
                    "whom.",
                    number=silent[0].name,
                )
            )
        # by the procedure, for whoever may write the order
        self.sudo().write(
            {
                "comparison": "settled",
                "settled_by_id": self.env.uid,
                "date_settled": fields.Datetime.now(),
            }
        )
        self.order_id.quality_review_id._settle()

    def _compare(self, comparison):
        self.sudo().write(  # by the procedure, for whoever may write the order
            {
                "comparison": comparison,
                "compared_by_id": self.env.uid,
                "date_compared": fields.Datetime.now(),
            }
        )
        self.order_id.quality_review_id._settle()

    def _ensure_comparison(self, allowed):
        self.check_access("write")
        self.order_id._check_quality_sales()
        other = self.filtered(lambda document: document.comparison not in allowed)
        if other:
            raise UserError(
                self.env._(
                    "%(number)s has no difference to our offer that waits for this.",
                    number=other[0].name,
                )
            )

    def action_open_order(self):
        """Open the order that the document belongs to."""
        return self.order_id._get_records_action(name=self.env._("Sales Order"))
