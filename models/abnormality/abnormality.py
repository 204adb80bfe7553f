from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ...lib.canonical import digest
from ..blocks.defaults import check_nested
from ..blocks.signer import Signer

#: Who is concerned by which kind, the first role that the company has; the reporter may choose
#: another one.
ROLES = {
    "material": ("purchasing", "warehouse", "quality"),
    "equipment": ("production", "quality"),
    "technical": ("engineering", "quality"),
    "quality": ("quality", "production"),
    "people": ("production", "quality"),
}

#: What was found, as it is signed for; stays as it is once the department has received it.
REPORT_FIELDS = (
    "kind",
    "description",
    "is_stopped",
    "date_stopped",
    "quantity",
    "product_id",
    "production_id",
    "workorder_id",
    "workcenter_id",
    "lot_ids",
    "photo_ids",
)

#: What the department concerned writes.
REMEDY_FIELDS = ("cause", "remedy")

#: The context key under which the person who reports is handed to ``create``: an object, which no
#: client can send.
REPORTER = "customer_quality_reporter"


class QualityAbnormality(models.Model):
    """Abnormality sheet (生产异常反馈单): something is wrong in production or inspection (D7).

    Reported on the spot. The department concerned signs for it within its deadline, remedies it
    and says how; quality, or whoever reported it, closes it. Reporting never holds up anything.
    """

    _name = "quality.abnormality"
    _description = "Abnormality"
    _inherit = ["quality.record.filed.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _record_prefix = "AB"
    _work_template = "customer_quality.work_facts_abnormality"
    _duty_fields = ("acknowledgement_ids",)
    _receipt_kind = "abnormality"
    _content_fields = (*REPORT_FIELDS, *REMEDY_FIELDS, "role_id", "date_resumed", "content_hash")
    _user_fields = (*REPORT_FIELDS, *REMEDY_FIELDS, "date_resumed")
    _filing_fields = ("role_id",)

    state = fields.Selection(
        [
            ("reported", "Reported"),
            ("received", "Received"),
            ("remedied", "Remedied"),
            ("closed", "Closed"),
            ("void", "Void"),
        ],
        default="reported",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
        group_expand="_group_expand_state",
    )

    # What is wrong
    kind = fields.Selection(
        [
            ("material", "Material"),
            ("equipment", "Equipment"),
            ("technical", "Technical"),
            ("quality", "Quality"),
            ("people", "People"),
        ],
        required=True,
        index=True,
        tracking=True,
    )
    description = fields.Text("What Happened", required=True)
    quantity = fields.Float("Quantity Affected", digits="Product Unit")
    uom_id = fields.Many2one(related="product_id.uom_id")
    photo_ids = fields.Many2many(
        "ir.attachment", "quality_abnormality_photo_rel", string="Photos", copy=False
    )
    content_hash = fields.Char("Fingerprint", readonly=True, copy=False)

    # Where
    workorder_id = fields.Many2one(
        "mrp.workorder", "Work Order", index="btree_not_null", ondelete="set null"
    )
    production_id = fields.Many2one(
        "mrp.production",
        "Manufacturing Order",
        compute="_compute_production_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
    )
    production_name = fields.Char(
        "Number of the Manufacturing Order",
        readonly=True,
        copy=False,
        help="Kept when the manufacturing order is deleted.",
    )
    workcenter_id = fields.Many2one(
        "mrp.workcenter",
        "Work Center",
        compute="_compute_workcenter_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    product_id = fields.Many2one(
        "product.product",
        compute="_compute_product_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="What is made, or the component that is not as it should be.",
    )
    lot_ids = fields.Many2many(
        "stock.lot",
        "quality_abnormality_lot_rel",
        string="Lots",
        domain="[('product_id', '=', product_id)]",
        check_company=True,
    )
    order_ids = fields.Many2many(
        "sale.order",
        "quality_abnormality_order_rel",
        string="Sales Orders Behind",
        readonly=True,
        copy=False,
        help="The orders for which the manufacturing order worked when this was reported.",
    )

    # The line
    is_stopped = fields.Boolean("Line Stopped", tracking=True)
    date_stopped = fields.Datetime(
        "Stopped Since",
        compute="_compute_date_stopped",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_resumed = fields.Datetime("Running Again Since", copy=False, tracking=True)
    is_standing = fields.Boolean(
        "Line Stands", compute="_compute_is_standing", search="_search_is_standing"
    )
    minutes_stopped = fields.Integer(
        compute="_compute_minutes_stopped",
        store=True,
        help="Counted once the line runs again.",
    )

    # Who
    date_reported = fields.Datetime(
        "Reported On", required=True, readonly=True, default=fields.Datetime.now, index=True
    )
    reporter_name = fields.Char("Reported By", readonly=True, copy=False)
    reporter_id = fields.Many2one(
        "res.users",
        "Login of the Reporter",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    reporter_employee_id = fields.Integer(
        "Employee ID of the Reporter", readonly=True, copy=False, aggregator=None
    )
    role_id = fields.Many2one(
        "quality.role",
        "Department Concerned",
        compute="_compute_role_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        ondelete="restrict",
        index=True,
        tracking=True,
        domain=[("is_personal", "=", False)],
    )

    _open_idx = models.Index("(state, role_id) WHERE state IN ('received', 'remedied')")
    _quantity_positive = models.Constraint(
        "CHECK (quantity >= 0)", "The quantity affected can't be less than nothing."
    )

    @api.depends("workorder_id")
    def _compute_production_id(self):
        for sheet in self:
            sheet.production_id = sheet.workorder_id.production_id or sheet.production_id

    @api.depends("workorder_id")
    def _compute_workcenter_id(self):
        for sheet in self:
            sheet.workcenter_id = sheet.workorder_id.workcenter_id or sheet.workcenter_id

    @api.depends("production_id")
    def _compute_product_id(self):
        for sheet in self:
            sheet.product_id = sheet.production_id.product_id or sheet.product_id

    @api.depends("kind")
    def _compute_role_id(self):
        ids = self.env["quality.role"]._get_ids_by_code()
        for company, sheets in self.grouped("company_id").items():
            known = self.env["quality.role"].browse(ids.values())
            applicable = known._filter_applicable(company or self.env.company).ids
            for sheet in sheets:
                codes = ROLES.get(sheet.kind, ())
                found = [ids[code] for code in codes if ids.get(code) in applicable]
                known_role = sheet.role_id.id or (sheet.kind and ids["quality"])
                sheet.role_id = found[0] if found else known_role

    @api.depends("is_stopped")
    def _compute_date_stopped(self):
        for sheet in self:
            sheet.date_stopped = sheet.is_stopped and (
                sheet.date_stopped or fields.Datetime.now().replace(second=0)
            )

    @api.depends("is_stopped", "date_resumed", "state")
    def _compute_is_standing(self):
        for sheet in self:
            sheet.is_standing = (
                sheet.is_stopped and not sheet.date_resumed and sheet.state != "void"
            )

    @api.model
    def _search_is_standing(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return [("is_stopped", "=", True), ("date_resumed", "=", False), ("state", "!=", "void")]

    @api.depends("is_stopped", "date_stopped", "date_resumed")
    def _compute_minutes_stopped(self):
        for sheet in self:
            sheet.minutes_stopped = sheet._get_minutes(sheet.date_resumed)

    @api.depends("name", "kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for sheet in self:
            sheet.display_name = " ".join(filter(None, (sheet.name, kinds.get(sheet.kind))))

    @api.model
    def _group_expand_state(self, values, domain):
        """Show a column for each state that still waits for somebody, also an empty one."""
        return list(dict.fromkeys(["reported", "received", "remedied", *values]))

    @api.constrains("is_stopped", "date_stopped", "date_resumed")
    def _check_stop(self):
        for sheet in self:
            if sheet.date_resumed and not sheet.is_stopped:
                raise ValidationError(
                    self.env._("Tick that the line stopped before you say that it runs again.")
                )
            if sheet.date_resumed and sheet.date_resumed < sheet.date_stopped:
                raise ValidationError(
                    self.env._("The line can't run again before it stopped. Correct the times.")
                )

    def _get_minutes(self, until):
        """Return for how many minutes the line stood (int), 0 where ``until`` is empty."""
        self.ensure_one()
        if not (self.is_stopped and self.date_stopped and until):
            return 0
        return max(round((until - self.date_stopped).total_seconds() / 60), 0)

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Report abnormalities: the departments concerned are asked to sign for them (D7).

        :raise AccessError: for whoever works neither in manufacturing nor in quality, and for
            links to what they may not read
        """
        if not self.env.su:
            self._check_links(vals_list)
        vals_list = [self._prepare_report_vals(vals) for vals in vals_list]
        sheets = super().create(vals_list)
        sheets.sudo()._announce()  # who reports has no right to ask anybody for a signature
        return sheets

    def write(self, vals):
        """Keep what was reported once it is received, and the remedy to whom it concerns.

        :raise UserError: when the report was received, or nothing is to be remedied
        :raise AccessError: for whoever is not concerned
        """
        if self.env.su:
            return super().write(vals)
        if facts := vals.keys() & set(REPORT_FIELDS):
            self._ensure_may_correct()
            self._check_links([vals])
            check_nested(self, vals)
        if vals.keys() & set(REMEDY_FIELDS):
            self._ensure_to_remedy()
            self._ensure_concerned(self._get_signer())
        result = super().write(vals)
        if facts:
            self.sudo()._keep_facts()
        return result

    def _check_links(self, vals_list):
        """Refuse links to what the user may not read; a document is created in sudo.

        :raise AccessError: from the record that may not be read
        """
        for name in ("production_id", "workorder_id", "workcenter_id", "product_id"):
            ids = [vals[name] for vals in vals_list if vals.get(name)]
            if ids:
                self.env[self._fields[name].comodel_name].browse(ids).check_access("read")

    @api.model
    def _prepare_report_vals(self, vals):
        """Return the values of a report with its company, never as given by the caller."""
        production_sudo = self._get_production(vals)
        company = production_sudo.company_id or self.env.company
        return {**vals, "company_id": vals.get("company_id") or company.id}

    @api.model
    def _get_production(self, vals):
        """Return the manufacturing order that a report is about, in sudo: only links are read."""
        workorder_sudo = self.env["mrp.workorder"].sudo().browse(vals.get("workorder_id") or [])
        production_sudo = self.env["mrp.production"].sudo().browse(vals.get("production_id") or [])
        return production_sudo or workorder_sudo.production_id

    def _announce(self):
        """Note who reported, and ask the departments concerned to sign for it (in sudo)."""
        signer = self.env.context.get(REPORTER)
        signer = signer if isinstance(signer, Signer) else self._get_login()
        for sheet in self:
            orders = sheet._get_orders()
            if not sheet.reporter_name:  # given by data files only
                sheet.write(
                    {
                        "reporter_name": signer.name,
                        "reporter_id": signer.uid or False,
                        "reporter_employee_id": signer.employee_id,
                    }
                )
            sheet.order_ids = orders
            sheet.record_id.order_id = orders if len(orders) == 1 else False
        self._keep_facts()
        self._ask()
        self._post_to_chat()

    def _keep_facts(self):
        """Keep photos, number of the manufacturing order, and the fingerprint of the report."""
        for sheet in self:
            loose = sheet.photo_ids.filtered(lambda file: not file.res_id)
            loose.write({"res_model": self._name, "res_id": sheet.id})
            sheet.production_name = sheet.production_id.name or sheet.production_name
            sheet.content_hash = digest(sheet._get_content())

    @api.model
    def _get_login(self):
        """Return the Signer behind the current login, also of a shared one."""
        user = self.env.user
        employee_sudo = user.sudo().employee_id  # everybody reports as the employee they are
        return Signer(
            way="login",
            name=user.name,
            uid=user.id,
            login=user.login,
            employee_id=employee_sudo.id or 0,
        )

    def _get_orders(self):
        """Return the sales orders that wait for what is made here."""
        self.ensure_one()
        return self.production_id._get_quality_orders()

    def _get_content(self):
        """Return what was reported, as a JSON-able dict; it carries no price."""
        self.ensure_one()
        return {
            "number": self.name,
            "kind": self.kind,
            "description": self.description,
            "stopped": fields.Datetime.to_string(self.date_stopped) or None,
            "quantity": self.quantity or None,
            "product": self.product_id.id or None,
            "production": self.production_name or None,
            "workcenter": self.workcenter_id.id or None,
            "lots": sorted(self.lot_ids.ids),
            "photos": sorted(filter(None, self.photo_ids.mapped("checksum"))),
            "reporter": self.reporter_name or None,
        }

    def _get_basis(self, role):
        """Return the fingerprint of the report, for which the department signs."""
        return self.content_hash

    @api.model
    def _find_altered_documents(self, company):
        """Return the quality records of sheets that no longer say what was signed for (M1)."""
        signed = self.search([("company_id", "=", company.id), ("state", "!=", "reported")])
        altered = signed.filtered(
            lambda sheet: sheet.content_hash and sheet.content_hash != digest(sheet._get_content())
        )
        return super()._find_altered_documents(company) + altered.record_id.ids

    def _get_products(self):
        """Return the product concerned: its life decides how long the sheet is kept (K1)."""
        return self.product_id or super()._get_products()

    def _get_message_text(self):
        """Return what is wrong and where, as text for a chat message, without any price (M4)."""
        self.ensure_one()
        where = self.workcenter_id.name or self.production_name
        stop = self.env._("Line stopped") if self.is_standing else None
        title = " · ".join(filter(None, (self.display_name, where, stop)))
        words = (self.description or "").strip()[:200]
        return f"{title}\n{words}\n{self.get_base_url()}/quality/abnormality/{self.id}"

    # Checks

    def _ensure_may_correct(self):
        """Let whoever reported it, or quality, correct the report until it is received.

        :raise UserError: once the department has signed for it
        :raise AccessError: for anybody else
        """
        received = self.filtered(lambda sheet: sheet.state != "reported")
        if received:
            raise UserError(
                self.env._(
                    "%(number)s was received as it was reported, so it stays as it is. Report "
                    "what is new in a sheet of its own.",
                    number=received[0].name,
                )
            )
        foreign = self.filtered(lambda sheet: sheet.reporter_id != self.env.user)
        if foreign and not self.env.user.has_group("customer_quality.group_officer"):
            raise AccessError(
                self.env._(
                    "%(number)s was reported by %(person)s. Ask them, or a quality officer.",
                    number=foreign[0].name,
                    person=foreign[0].reporter_name,
                )
            )
