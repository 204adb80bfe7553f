from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain

from ..blocks.deadline_policy import SEVERITIES
from .priority import PRIORITIES, URGENCIES

KINDS = [
    ("complaint", "Complaint"),
    ("return", "Return"),
    ("service", "Service request"),
    ("feedback", "Other feedback"),
    ("field", "Field report"),
]

#: Kinds of which no cause and no responsibility is asked (F2, F8).
SHORT_KINDS = frozenset({"service", "feedback", "field"})

STATES = [
    ("registered", "Registered"),
    ("accepted", "Accepted"),
    ("investigating", "Investigating"),
    ("solving", "Solving"),
    ("answered", "Answered"),
    ("closed", "Closed"),
    ("rejected", "Rejected"),
    ("void", "Void"),
]

#: States in which somebody still owes the customer something.
RUNNING = ("registered", "accepted", "investigating", "solving", "answered")

#: Who reported what, and how grave it is: written at intake and corrected later.
INTAKE_FIELDS = (
    "kind",
    "title",
    "description",
    "channel_id",
    "partner_id",
    "contact_name",
    "email_from",
    "phone",
    "place_id",
    "needs_visit",
    "date_received",
    "date_occurred",
    "customer_reference",
    "picking_id",
    "line_ids",
    "remedy_sought",
    "severity",
    "urgency",
    "priority_override",
    "priority_reason",
)

#: What is found out and done about it.
HANDLING_FIELDS = (
    "cause",
    "responsibility",
    "role_id",
    "supplier_id",
    "carrier_id",
    "solution",
)


class QualityComplaint(models.Model):
    """Complaint, return, service request or other feedback of a customer (F1, F2, F8).

    Registered by whatever way it comes, answered in time and closed once cause, responsibility,
    outcome and answer are on record (P1 5.5).
    """

    _name = "quality.complaint"
    _description = "Complaint"
    _inherit = ["quality.record.filed.mixin", "rating.mixin", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _primary_email = "email_from"
    _record_prefix = "CC"
    _work_template = "customer_quality.work_facts_complaint"
    _duty_fields = ("opinion_ids", "acknowledgement_ids")
    _content_fields = (*INTAKE_FIELDS, *HANDLING_FIELDS, "answer", "containment")
    _user_fields = (*INTAKE_FIELDS, *HANDLING_FIELDS, "order_id", "user_id", "salesperson_id")
    _filing_fields = ()

    kind = fields.Selection(KINDS, default="complaint", required=True, index=True, tracking=True)
    state = fields.Selection(
        STATES,
        default="registered",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand="_group_expand_state",
    )

    # What is complained about
    title = fields.Char("Subject", required=True)
    description = fields.Text("What the Customer Says")
    channel_id = fields.Many2one(
        "quality.channel", "Came By", ondelete="restrict", index="btree_not_null"
    )
    date_received = fields.Datetime(
        "Received On", required=True, default=fields.Datetime.now, index=True, tracking=True
    )
    date_occurred = fields.Date("Noticed On", help="When the customer found it, as they say.")
    customer_reference = fields.Char(
        "Customer's Reference", index="trigram", help="The number of the complaint at the customer."
    )
    remedy_sought = fields.Selection(
        [
            ("explanation", "Explanation"),
            ("replacement", "Replacement"),
            ("repair", "Repair"),
            ("credit", "Credit"),
            ("visit", "Visit"),
            ("other", "Something else"),
        ],
        help="What the customer asks for.",
    )
    line_ids = fields.One2many("quality.complaint.line", "complaint_id", "Positions", copy=True)
    product_id = fields.Many2one(
        "product.product",
        compute="_compute_position",
        store=True,
        precompute=True,
        index="btree_not_null",
        help="Of the first position.",
    )
    defect_id = fields.Many2one(
        "quality.defect",
        compute="_compute_position",
        store=True,
        precompute=True,
        index="btree_not_null",
        help="Of the first position.",
    )

    # Who
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        "Customer's Company",
        compute="_compute_commercial_partner_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Kept with the complaint: whose people see it on the portal.",
    )
    contact_name = fields.Char("Contact")
    email_from = fields.Char("E-mail", index="trigram")
    phone = fields.Char()
    place_id = fields.Many2one(
        "res.partner",
        "Place of Use",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        help="Where the product is; how fast somebody has to be there follows from it.",
    )
    salesperson_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        ondelete="set null",
        domain=[("share", "=", False)],
        help="In copy of what the customer is told (F5).",
    )

    # Where it belongs
    order_id = fields.Many2one(
        "sale.order",
        related="record_id.order_id",
        inverse="_inverse_order_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        check_company=True,
    )
    picking_id = fields.Many2one(
        "stock.picking",
        "Delivery",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('picking_type_code', '=', 'outgoing'), ('state', '=', 'done')]",
    )
    duplicate_of_id = fields.Many2one(
        "quality.complaint", readonly=True, copy=False, ondelete="restrict", index="btree_not_null"
    )

    # How grave and how urgent
    severity = fields.Selection(SEVERITIES, default="medium", required=True, tracking=True)
    urgency = fields.Selection(URGENCIES, default="normal", required=True, tracking=True)
    priority = fields.Selection(
        PRIORITIES,
        compute="_compute_priority",
        store=True,
        precompute=True,
        index=True,
        tracking=True,
    )
    priority_override = fields.Selection(
        PRIORITIES, "Priority Set by Hand", help="Instead of what the matrix says."
    )
    priority_reason = fields.Char("Why This Priority", tracking=True)

    # What is found out
    cause = fields.Text(tracking=True)
    responsibility = fields.Selection(
        [
            ("ours", "Ours"),
            ("customer", "Customer"),
            ("supplier", "Supplier"),
            ("carrier", "Carrier"),
            ("none", "Not found"),
        ],
        index=True,
        tracking=True,
    )
    role_id = fields.Many2one(
        "quality.role",
        "Responsible Department",
        ondelete="restrict",
        index="btree_not_null",
        domain=[("is_personal", "=", False)],
        tracking=True,
    )
    supplier_id = fields.Many2one(
        "res.partner", ondelete="restrict", index="btree_not_null", check_company=True
    )
    carrier_id = fields.Many2one(
        "res.partner", ondelete="restrict", index="btree_not_null", check_company=True
    )
    solution = fields.Text("Outcome", help="What was done for the customer.", tracking=True)

    _running_idx = models.Index(
        "(state, id) WHERE state IN"
        " ('registered', 'accepted', 'investigating', 'solving', 'answered')"
    )
    _reason_given = models.Constraint(
        "CHECK (priority_override IS NULL OR TRIM(COALESCE(priority_reason, '')) != '')",
        "The priority follows from severity and urgency. Say why this one is another.",
    )

    @api.depends("partner_id")  # not on the contact's own: each of its writes would look here
    def _compute_commercial_partner_id(self):
        for complaint in self:
            complaint.commercial_partner_id = complaint.sudo().partner_id.commercial_partner_id

    @api.depends("line_ids.product_id", "line_ids.defect_id", "line_ids.sequence")
    def _compute_position(self):
        for complaint in self:
            first = complaint.line_ids.sorted(lambda line: (line.sequence, line.id or 0))[:1]
            complaint.product_id = first.product_id
            complaint.defect_id = first.defect_id

    @api.depends("severity", "urgency", "priority_override")
    def _compute_priority(self):
        Matrix = self.env["quality.complaint.priority"]
        for complaint in self:
            company = complaint.company_id or self.env.company
            cells = Matrix._get_matrix(company.id)
            rated = cells.get((complaint.severity, complaint.urgency), "1")
            complaint.priority = complaint.priority_override or rated

    @api.depends("name", "title")
    def _compute_display_name(self):
        for complaint in self:
            complaint.display_name = " ".join(filter(None, (complaint.name, complaint.title)))

    @api.model
    def _group_expand_state(self, values, domain):
        """Show a column for each state in which somebody owes something, also an empty one."""
        return list(dict.fromkeys([*RUNNING, *values]))

    @api.constrains("kind", "responsibility", "role_id", "supplier_id")
    def _check_responsible(self):
        for complaint in self:
            if complaint.role_id and complaint.responsibility not in ("ours", False):
                raise ValidationError(
                    self.env._(
                        "%(number)s: a department is responsible only where we are. Leave it "
                        "empty, or say that the responsibility is ours.",
                        number=complaint.name,
                    )
                )

    @api.constrains("picking_id", "order_id")
    def _check_delivery(self):
        for complaint in self.sudo():  # whether they belong together, whoever may read them
            order = complaint.picking_id.sale_id
            if complaint.order_id and order and order != complaint.order_id:
                raise ValidationError(
                    self.env._(
                        "%(delivery)s belongs to %(order)s. Choose that order, or another "
                        "delivery.",
                        delivery=complaint.picking_id.name,
                        order=order.name,
                    )
                )

    @api.onchange("picking_id")
    def _onchange_picking_id(self):
        """Propose customer, order and positions of a delivery; what was entered stays."""
        if self.picking_id:
            self.update(self._prepare_delivery_vals(self.picking_id, self))

    @api.onchange("order_id")
    def _onchange_order_id(self):
        if self.order_id and not self.partner_id:
            self.partner_id = self.order_id.partner_id

    @api.model
    def _prepare_delivery_vals(self, picking, known):
        """Return what a complaint about a delivery starts with.

        :param picking: stock.picking record
        :param known: quality.complaint record, saved or not, whose own values stay
        :return: dict of values
        """
        picking_sudo = picking.sudo()  # only names and quantities of a delivery that was chosen
        partner = picking_sudo.partner_id
        vals = {
            "order_id": known.order_id.id or picking_sudo.sale_id.id,
            "partner_id": known.partner_id.id or (picking_sudo.sale_id.partner_id or partner).id,
            "place_id": known.place_id.id or partner.id,
        }
        if not known.line_ids:
            Line = self.env["quality.complaint.line"]
            vals["line_ids"] = [
                (0, 0, line_vals) for line_vals in Line._prepare_delivered_vals(picking_sudo)
            ]
        return vals

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Register complaints: number, owners and deadlines follow (F1, F3).

        :raise AccessError: without the right to register, and for links to what the user may
            not read
        """
        if not self.env.su:
            self._check_links(vals_list)
        complaints = super().create(self._prepare_intake_vals(vals_list))
        complaints.sudo()._start_promises()  # what is promised follows from the complaint
        return complaints

    def write(self, vals):
        """Keep what was received and found as it is once the complaint is over.

        :raise AccessError: for links to what the user may not read
        """
        if not self.env.su:
            self._check_links([vals])
        result = super().write(vals if self.env.su else self._write_anchor(vals))
        self._on_written(vals)
        return result

    def _write_anchor(self, vals):
        """Write what stands on the anchor, for whoever may write the complaint; return the rest."""
        if "user_id" not in vals:
            return vals
        self.check_access("write")
        self._check_user_fields(vals)
        self._ensure_running()
        # nobody has a right to anchors
        self.record_id.sudo().write({"user_id": vals["user_id"]})
        return {name: value for name, value in vals.items() if name != "user_id"}

    def _check_links(self, vals_list):
        """Refuse links to what the user may not read; a document is created in sudo.

        :raise AccessError: from the record that may not be read
        """
        names = ("partner_id", "place_id", "supplier_id", "carrier_id", "order_id", "picking_id")
        for name in names:
            ids = [vals[name] for vals in vals_list if vals.get(name)]
            if ids:
                self.env[self._fields[name].comodel_name].browse(ids).check_access("read")
        self.env["quality.complaint.line"]._ensure_may_link(
            [
                command[2]
                for vals in vals_list
                for command in vals.get("line_ids") or ()
                if command[0] == Command.CREATE
            ]
        )

    @api.model
    def _prepare_intake_vals(self, vals_list):
        """Return the values of new complaints with what follows from customer and delivery."""
        Partner = self.env["res.partner"].sudo()  # the company behind a contact, no more
        Picking = self.env["stock.picking"].sudo()
        Order = self.env["sale.order"].sudo()
        prepared = []
        for vals in vals_list:
            picking = Picking.browse(vals.get("picking_id") or [])
            order = Order.browse(vals.get("order_id") or []) or picking.sale_id
            partner = Partner.browse(vals.get("partner_id") or []) or order.partner_id
            company = vals.get("company_id") or (order.company_id or self.env.company).id
            prepared.append(
                {
                    **vals,
                    "company_id": company,
                    "order_id": order.id,
                    "partner_id": partner.id,
                    "place_id": vals.get("place_id") or partner.id,
                    "salesperson_id": vals.get("salesperson_id")
                    or (order.user_id or partner.commercial_partner_id.user_id).id,
                }
            )
        self._set_default_owners(prepared)
        return prepared

    @api.model
    def _set_default_owners(self, vals_list):
        """Give each complaint an owner: quality's first person, sales for the short kinds (F8)."""
        ids = self.env["quality.role"]._get_ids_by_code()
        people = {}
        for vals in vals_list:
            if vals.get("user_id"):
                continue
            if vals.get("kind", "complaint") in SHORT_KINDS and vals["salesperson_id"]:
                vals["user_id"] = vals["salesperson_id"]
                continue
            company_id = vals["company_id"]
            if company_id not in people:
                role = self.env["quality.role"].browse(ids["quality"])
                company = self.env["res.company"].browse(company_id)
                people[company_id] = role._get_people(company)[role][0][:1].id
            vals["user_id"] = people[company_id]

    def _on_written(self, vals):
        """What was promised follows what the complaint now says."""
        changed = {"place_id", "needs_visit", "severity", "kind", "user_id"} & vals.keys()
        if changed:
            self.sudo()._adjust_promises(changed)  # whoever may write the complaint

    def _get_customer(self):
        """Return whose complaint it is: their class decides how long it is kept (K1)."""
        return self.partner_id or super()._get_customer()

    def _get_products(self):
        """Return what is complained about: its life decides how long the complaint is kept."""
        return self.line_ids.product_id or super()._get_products()

    @api.model
    def _get_running_domain(self):
        """Return the domain of complaints of which something is still owed."""
        return Domain("state", "in", RUNNING)

    def _ensure_running(self):
        """Check that something is still to be done.

        :raise UserError: naming the first complaint that is over
        """
        over = self.filtered(lambda complaint: complaint.state not in RUNNING)
        if over:
            raise UserError(
                self.env._(
                    "%(number)s is closed, rejected or void. Reopen it first.",
                    number=over[0].name,
                )
            )
