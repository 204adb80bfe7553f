from odoo import api, fields, models
from odoo.fields import Command

from ..blocks.state_order import in_order

OFFICER = "customer_quality.group_officer"

STATES = [
    ("requested", "Requested"),
    ("authorised", "Authorised"),
    ("received", "To Inspect"),
    ("inspected", "To Decide"),
    ("settled", "Settled"),
    ("closed", "Closed"),
    ("refused", "Refused"),
    ("void", "Void"),
]

#: States in which something is still to be done.
RUNNING = ("requested", "authorised", "received", "inspected", "settled")

#: What is asked for, frozen once it is authorised.
REQUEST_FIELDS = ("partner_id", "warehouse_id", "line_ids", "reason", "remedy")


class QualityReturn(models.Model):
    """Goods that come back from a customer: authorised, received, inspected, settled (F6).

    What came back is nobody's stock until it is inspected and decided on.
    """

    _name = "quality.return"
    _description = "Return"
    _inherit = ["quality.record.filed.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _record_prefix = "RT"
    _content_fields = (*REQUEST_FIELDS, "customer_reference")
    _user_fields = (*REQUEST_FIELDS, "customer_reference", "date_expected")
    _filing_fields = ("complaint_id",)

    state = fields.Selection(
        STATES,
        default="requested",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    complaint_id = fields.Many2one(
        "quality.complaint",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="restrict", tracking=True
    )
    order_ids = fields.Many2many(
        "sale.order",
        "quality_return_order_rel",
        string="Sales Orders",
        readonly=True,
        copy=False,
        help="The orders whose goods come back, as far as their deliveries are known.",
    )
    warehouse_id = fields.Many2one(
        "stock.warehouse",
        required=True,
        ondelete="restrict",
        check_company=True,
        default=lambda self: self.env["stock.warehouse"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        ),
    )
    customer_reference = fields.Char("Customer's Reference", index="trigram")
    reason = fields.Text("Why It Comes Back")
    remedy = fields.Selection(
        [
            ("replacement", "Replacement"),
            ("credit", "Credit note"),
            ("repair", "Repair and return"),
            ("none", "None, or open"),
        ],
        "Agreed Remedy",
        default="replacement",
        required=True,
        tracking=True,
        help="A credit note takes the goods off what the order has delivered; a replacement is "
        "delivered for them, so the order stays as it is.",
    )
    line_ids = fields.One2many("quality.return.line", "return_id", "Positions", copy=True)
    date_requested = fields.Datetime(
        "Requested On", readonly=True, copy=False, default=fields.Datetime.now, index=True
    )
    date_expected = fields.Date("Expected On", copy=False)

    # Steps
    date_authorised = fields.Datetime("Authorised On", readonly=True, copy=False)
    authorised_by = fields.Char(readonly=True, copy=False)
    date_received = fields.Datetime("Received On", readonly=True, copy=False)
    why_ended = fields.Char("Why Refused or Void", readonly=True, copy=False)

    # What follows
    move_ids = fields.One2many("stock.move", "quality_return_id", "Moves", readonly=True)
    picking_ids = fields.Many2many(
        "stock.picking", string="Transfers", compute="_compute_picking_ids", compute_sudo=True
    )
    picking_count = fields.Integer(
        "Number of Transfers", compute="_compute_picking_ids", compute_sudo=True
    )
    inspection_ids = fields.One2many("quality.return.inspection", "return_id", readonly=True)
    product_names = fields.Char("Products", compute="_compute_product_names", compute_sudo=True)

    _running_idx = models.Index(
        "(state, id) WHERE state IN ('requested', 'received', 'inspected', 'settled')"
    )

    @api.depends("move_ids.picking_id")
    def _compute_picking_ids(self):
        for back in self:
            back.picking_ids = back.move_ids.picking_id
            back.picking_count = len(back.move_ids.picking_id)

    @api.depends("line_ids.product_id")
    def _compute_product_names(self):
        for back in self:
            names = dict.fromkeys(back.line_ids.product_id.mapped("display_name"))
            back.product_names = ", ".join(names)

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for back in self:
            # the name of a customer is shown with the return that one may see
            customer = back.partner_id.sudo().name
            back.display_name = " ".join(filter(None, (back.name, customer)))

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Ask for returns (F6).

        :raise AccessError: for whoever may not ask for returns, or names what they may not read
        """
        if not self.env.su:
            for vals in vals_list:
                self._check_links(vals)
        returns = super().create(vals_list)
        returns.sudo()._note_orders()  # follows from the deliveries
        return returns

    def write(self, vals):
        """Change what is asked for, until it is authorised."""
        if not self.env.su:
            self._check_links(vals)
        result = super().write(vals)
        if "line_ids" in vals:
            self.sudo()._note_orders()  # see create
        return result

    def _check_links(self, vals):
        for name in ("partner_id", "complaint_id", "warehouse_id"):
            if vals.get(name):
                self.env[self._fields[name].comodel_name].browse(vals[name]).check_access("read")
        self.env["quality.return.line"]._check_links(
            [
                command[2]
                for command in vals.get("line_ids") or ()
                if command[0] in (Command.CREATE, Command.UPDATE)
            ]
        )

    def _note_orders(self):
        """Keep whose orders the goods were delivered for, in sudo."""
        for back in self:
            orders = back.line_ids.move_id.sale_line_id.order_id
            if orders != back.order_ids:
                back.order_ids = orders
            if back.record_id.order_id != (orders if len(orders) == 1 else orders.browse()):
                back.record_id.order_id = orders if len(orders) == 1 else False

    def _get_customer(self):
        """Return whose goods come back: their class decides how long it is kept (K1)."""
        return self.partner_id or super()._get_customer()

    def _get_products(self):
        """Return what comes back: its life decides how long the return is kept (K1)."""
        return self.line_ids.product_id or super()._get_products()

    def _get_place(self, kind):
        """Return a place for returned goods of this return's warehouse, see stock.warehouse."""
        self.ensure_one()
        return self.warehouse_id._get_quality_place(kind)
