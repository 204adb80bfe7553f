from odoo import api, fields, models
from odoo.exceptions import UserError

from ...lib.canonical import digest
from ...lib.files import checksum
from ..blocks.price import PRICE_GROUPS
from ..blocks.state_order import in_order

#: States in which nobody has signed yet, so that the draft may still be revised.
UNSIGNED = ("draft", "legal", "sign")


class QualityContract(models.Model):
    """The contract with a customer, from its draft to the archive (A5).

    Legal reviews the file itself: its opinion stands on the file's SHA-256, so a revised draft,
    or another text signed than the one reviewed, needs a new one. The amount and the files are
    for those who see prices (M5); departments receive content and delivery.
    """

    _name = "quality.contract"
    _description = "Customer Contract"
    _inherit = ["quality.record.filed.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _record_prefix = "CT"
    _work_template = "customer_quality.work_facts_contract"
    _duty_fields = ("opinion_ids", "acknowledgement_ids")
    _content_fields = (
        "partner_id",
        "title",
        "summary",
        "delivery",
        "amount",
        "currency_id",
        "draft_file",
        "draft_checksum",
        "signed_file",
        "signed_checksum",
        "date_signed",
    )
    _user_fields = (
        "title",
        "summary",
        "delivery",
        "amount",
        "currency_id",
        "draft_file",
        "draft_name",
        "date_signed",
        "signed_file",
        "signed_name",
        "is_scan",
        "order_ids",
    )
    _filing_fields = ("partner_id",)

    # What is agreed
    title = fields.Char(required=True)
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="restrict"
    )
    order_ids = fields.One2many("sale.order", "quality_contract_id", "Sales Orders", copy=False)
    order_names = fields.Char(
        "Orders",
        compute="_compute_order_names",
        compute_sudo=True,
        help="For those who have no right to orders: legal, quality, production.",
    )
    summary = fields.Text("Content", help="What is agreed, in short, without prices.")
    delivery = fields.Text(help="When and where it is delivered.")
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    amount = fields.Monetary(groups=PRICE_GROUPS)

    # The text
    draft_file = fields.Binary("Draft", attachment=True, copy=False, groups=PRICE_GROUPS)
    draft_name = fields.Char()
    draft_checksum = fields.Char("SHA-256 of the Draft", readonly=True, copy=False)
    draft_number = fields.Integer("Draft No.", readonly=True, copy=False)
    reviewed_checksum = fields.Char(
        "SHA-256 Agreed by Legal",
        readonly=True,
        copy=False,
        help="Fingerprint of the text that legal agreed to.",
    )

    # Signing
    date_sent = fields.Datetime("Sent on", readonly=True, copy=False)
    date_signed = fields.Date("Signed on", copy=False)
    signed_file = fields.Binary("Signed Copy", attachment=True, copy=False, groups=PRICE_GROUPS)
    signed_name = fields.Char(copy=False)
    signed_checksum = fields.Char("SHA-256 of the Signed Copy", readonly=True, copy=False)
    is_scan = fields.Boolean(
        "Scan of the Reviewed Text",
        copy=False,
        help="The file is a scan of the text that legal reviewed; legal confirms it.",
    )
    signed_text = fields.Selection(
        [
            ("same", "The reviewed text"),
            ("scan", "A scan: legal has to confirm it"),
            ("other", "Another text than legal reviewed"),
            ("confirmed", "Confirmed by legal"),
            ("refused", "Refused by legal"),
        ],
        readonly=True,
        copy=False,
    )

    # Life
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("legal", "Legal Review"),
            ("sign", "To Sign"),
            ("signed", "Signed"),
            ("archived", "Archived"),
            ("cancelled", "Cancelled"),
        ],
        group_expand=in_order,
        default="draft",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    legal_opinion_id = fields.Many2one(
        "quality.opinion",
        "Legal's Opinion",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The last one that was asked for; those before are about earlier texts.",
    )
    date_answered = fields.Datetime(
        "Last Answer", readonly=True, copy=False, help="Makes two last answers see each other."
    )
    is_returned_missing = fields.Boolean(
        "Not Returned Stamped",
        compute="_compute_is_returned_missing",
        search="_search_is_returned_missing",
    )
    is_legal_stale = fields.Boolean("Legal's Opinion Is Stale", compute="_compute_is_legal_stale")
    receipt_progress = fields.Char("Copies Received", compute="_compute_receipt_progress")
    sees_prices = fields.Boolean(compute="_compute_sees_prices")

    _returned_idx = models.Index("(date_sent) WHERE state = 'sign' AND date_sent IS NOT NULL")

    @api.depends("name", "title")
    def _compute_display_name(self):
        for contract in self:
            contract.display_name = " ".join(
                part for part in (contract.name, contract.title) if part
            )

    @api.depends("order_ids.name")
    def _compute_order_names(self):
        for contract in self:
            contract.order_names = ", ".join(contract.order_ids.mapped("name")) or False

    @api.depends("state", "date_sent")
    def _compute_is_returned_missing(self):
        for contract in self:
            contract.is_returned_missing = contract.state == "sign" and bool(contract.date_sent)

    def _search_is_returned_missing(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return [("state", "=", "sign"), ("date_sent", "!=", False)]

    @api.depends("state", "draft_checksum", "reviewed_checksum", "signed_text")
    def _compute_is_legal_stale(self):
        for contract in self:
            contract.is_legal_stale = contract._is_legal_stale()

    @api.depends("acknowledgement_ids.state")
    def _compute_receipt_progress(self):
        for contract in self:
            receipts = contract.acknowledgement_ids.filtered(lambda r: r.state != "void")
            received = receipts.filtered(lambda r: r.state == "done")
            contract.receipt_progress = f"{len(received)}/{len(receipts)}" if receipts else False

    @api.depends_context("uid")
    def _compute_sees_prices(self):
        self.sees_prices = self.env.user.has_groups(PRICE_GROUPS)

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """File contracts with the company behind the contact; the draft is fingerprinted (A5)."""
        for vals in vals_list:
            if vals.get("partner_id"):
                partner = self.env["res.partner"].browse(vals["partner_id"])
                vals["partner_id"] = partner.commercial_partner_id.id
            self._check_signing_vals(vals)
        # orders are linked with the user's own right to them, not with the procedure's
        orders = [vals.pop("order_ids", None) for vals in vals_list]
        contracts = super().create(vals_list)
        for contract, commands in zip(contracts, orders, strict=True):
            if commands:
                contract.order_ids = commands
        contracts.sudo()._keep_draft()  # the fingerprint of the file is the procedure's
        return contracts

    def write(self, vals):
        """Keep what is signed; a revised draft goes back to legal (A5).

        :raise UserError: for a change that comes too late, or for a signed copy too early
        """
        self._ensure_may_write(vals)
        result = super().write(vals)
        if "draft_file" in vals:
            self.sudo()._keep_draft()
        if "signed_file" in vals:
            self.sudo()._keep_signed()
        return result

    def _check_signing_vals(self, vals):
        if not self.env.su and (vals.get("signed_file") or vals.get("date_signed")):
            raise UserError(
                self.env._("A contract is reviewed by legal before its signed copy is filed.")
            )

    def _ensure_may_write(self, vals):
        if self.env.su:
            return
        content = {"title", "summary", "delivery", "amount", "currency_id", "draft_file"}
        for contract in self:
            if content & vals.keys() and contract.state not in UNSIGNED:
                raise UserError(
                    self.env._(
                        "%(number)s is signed, so its content stays as it is. What is agreed "
                        "otherwise is a contract of its own.",
                        number=contract.name,
                    )
                )
            signing = {"date_signed", "signed_file", "is_scan"}
            if signing & vals.keys() and contract.state != "sign":
                raise UserError(
                    self.env._(
                        "The signed copy of %(number)s is filed while the contract is to be "
                        "signed: after legal agreed to its text, and before it counts as signed.",
                        number=contract.name,
                    )
                )

    def _anchor_order(self):
        """Tie the record to the first of its orders, whose salesperson sees it."""
        for contract in self:
            order = contract.sudo().order_ids[:1]  # linked with the user's own right
            if contract.record_id.sudo().order_id != order:
                contract.record_id.sudo().order_id = order

    def _keep_draft(self):
        """Fingerprint the draft; what legal agreed to, and what was sent, was another text."""
        for contract in self:
            new = checksum(contract.with_context(bin_size=False).draft_file)
            if new == contract.draft_checksum:
                continue
            contract.write(
                {
                    "draft_checksum": new,
                    "draft_number": contract.draft_number + bool(new),
                    "date_sent": False,
                    "state": "draft",
                }
            )
            contract.opinion_ids._void()
            contract.record_id._cancel_deadlines("contract_signing")

    def _keep_signed(self):
        for contract in self:
            contract.signed_checksum = checksum(contract.with_context(bin_size=False).signed_file)

    # Legal

    def action_request_legal(self):
        """Ask legal for its opinion on the file as it stands (A5).

        :raise UserError: without a file, or when legal was asked already
        """
        self.check_access("write")
        for contract in self:
            if contract.state != "draft":
                raise UserError(
                    self.env._(
                        "%(number)s has already been requested. Wait for legal's answer, or put "
                        "in a revised draft.",
                        number=contract.name,
                    )
                )
            if not contract.draft_checksum:
                raise UserError(
                    self.env._(
                        "Add the text of %(number)s as a file first: legal reviews the file "
                        "itself.",
                        number=contract.name,
                    )
                )
        self.sudo()._request_legal()  # nobody but the procedure asks for opinions
        return True

    def _request_legal(self):
        self.state = "legal"
        self._ask_legal("template_contract_legal")
        self._settle()  # a company without legal goes on at once

    def _ask_legal(self, item, meaning="opinion"):
        """Ask legal about the text at hand; nobody where the company has no such role.

        :param item: name of the question in the data
        :param meaning: what legal's signature means
        """
        item = self.env.ref(f"customer_quality.{item}")
        self.legal_opinion_id = False
        vals_list = [
            {
                "record_id": contract.record_id.id,
                "role_id": item.role_id.id,
                "item_id": item.id,
                "meaning": meaning,
                "sequence": item.sequence,
            }
            for contract in self
            if item.role_id._filter_applicable(contract.company_id)
        ]
        opinions = {
            opinion.record_id: opinion for opinion in self.opinion_ids._request(vals_list).sudo()
        }
        for contract in self:
            contract.legal_opinion_id = opinions.get(contract.record_id)

    def _get_basis(self, role):
        """Return the fingerprint of the file that is signed on; without it for other roles."""
        self.ensure_one()
        if not role.sees_prices:
            return digest(
                {"title": self.title, "content": self.summary or None, "by": self.delivery or None}
            )
        return (self.state == "signed" and self.signed_checksum) or self.draft_checksum

    def _is_legal_stale(self):
        """Tell whether legal agreed to another text than the one at hand (A5)."""
        self.ensure_one()
        if self.state in UNSIGNED:
            return bool(self.reviewed_checksum) and self.reviewed_checksum != self.draft_checksum
        return self.state == "signed" and self.signed_text in ("other", "refused")

    def _on_duties_signed(self, duties):
        """Go on when legal has answered; each answer writes the contract (see the revision)."""
        if duties._name == "quality.opinion":
            contracts_sudo = self.sudo()  # the answers decide, not the rights of who came last
            contracts_sudo.date_answered = fields.Datetime.now()
            contracts_sudo._settle()
        return super()._on_duties_signed(duties)

    def _settle(self):
        for contract in self:
            opinion = contract.legal_opinion_id
            if opinion.state in ("open", "void"):
                continue
            if contract.state == "legal":
                contract._settle_draft(opinion)
            elif contract.state == "signed" and contract.signed_text in ("scan", "other"):
                contract._settle_signed(opinion)

    def _settle_draft(self, opinion):
        if opinion._get_objections():
            self.state = "draft"
            self._tell_sales(self.env._("Legal objects to the text of the contract: revise it"))
        elif not self._is_file_reviewed("draft_file", self.draft_checksum):
            self._keep_draft()  # replaced behind the form: legal saw another file
        else:
            self.write({"state": "sign", "reviewed_checksum": self.draft_checksum})
            self.order_ids._on_quality_contract_agreed()

    def _is_file_reviewed(self, name, expected):
        return checksum(self.with_context(bin_size=False)[name]) == expected

    def _get_responsible(self):
        """Return who follows the contract: the salesperson, else whoever drafted it."""
        return self.order_ids.user_id[:1] or self.create_uid

    def _tell_sales(self, summary):
        user = self._get_responsible()
        self.activity_schedule("mail.mail_activity_data_todo", summary=summary, user_id=user.id)

    # Fingerprint

    def _get_order_content(self):
        """Return what an order under this contract is reviewed by, as a JSON-able dict.

        :return: dict, empty where there is no text yet or the contract was cancelled
        """
        if not self or self.state == "cancelled" or not self.draft_checksum:
            return {}
        content = {"number": self.name, "text": self.draft_checksum}
        if self.signed_text in ("other", "refused"):
            content["signed"] = self.signed_checksum
        return content
