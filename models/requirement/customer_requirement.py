from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .kinds import CHARACTERISTICS, REQUIREMENT_KINDS

#: What a version says; once an order names it, it stays as it is.
CONTENT_FIELDS = frozenset(
    {
        "company_id",
        "partner_id",
        "product_id",
        "categ_id",
        "kind",
        "text",
        "role_id",
        "characteristic",
    }
)

#: What only :meth:`action_new_version` writes.
PROCEDURE_FIELDS = frozenset({"version", "supersedes_id", "is_current", "root_id"})


class QualityCustomerRequirement(models.Model):
    """What a customer always asks for, in versions: proposed on each new order (A1).

    A new version keeps the old one readable; orders that were made with it show that there is
    a newer one.
    """

    _name = "quality.customer.requirement"
    _description = "Standing Requirement of a Customer"
    _order = "partner_id, sequence, id"
    _rec_name = "text"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("parent_id", "=", False)],
    )
    product_id = fields.Many2one(
        "product.product",
        ondelete="restrict",
        index="btree_not_null",
        help="Leave product and category empty for whatever the customer orders.",
    )
    categ_id = fields.Many2one(
        "product.category", "Product Category", ondelete="restrict", index="btree_not_null"
    )
    kind = fields.Selection(REQUIREMENT_KINDS, required=True, default="specification")
    text = fields.Text("Requirement", required=True)
    role_id = fields.Many2one("quality.role", "Reviewed by", ondelete="restrict")
    characteristic = fields.Selection(CHARACTERISTICS, required=True, default="none")

    # Version
    version = fields.Integer(default=1, required=True, readonly=True, copy=False)
    date_from = fields.Date("Valid From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Valid Until")
    supersedes_id = fields.Many2one(
        "quality.customer.requirement",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    root_id = fields.Many2one(
        "quality.customer.requirement",
        "First Version",
        compute="_compute_root_id",
        store=True,
        recursive=True,
        index=True,
        copy=False,
    )
    version_ids = fields.One2many(
        related="root_id.lineage_ids", string="Versions", groups="base.group_user"
    )
    lineage_ids = fields.One2many("quality.customer.requirement", "root_id")
    is_current = fields.Boolean(default=True, readonly=True, copy=False)
    requirement_ids = fields.One2many("quality.requirement", "library_id", "On Orders")

    _dates_ordered = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The requirement would end before it begins.",
    )
    _supersedes_uniq = models.UniqueIndex(
        "(supersedes_id) WHERE supersedes_id IS NOT NULL", "This version has a newer one already."
    )
    _proposal_idx = models.Index("(partner_id, company_id) WHERE is_current")

    @api.depends("supersedes_id.root_id")
    def _compute_root_id(self):
        for requirement in self:
            requirement.root_id = requirement.supersedes_id.root_id or requirement.id

    @api.model_create_multi
    def create(self, vals_list):
        """Keep standing requirements with the company behind a contact."""
        for vals in vals_list:
            if not self.env.su and not PROCEDURE_FIELDS.isdisjoint(vals):
                self._refuse_procedure_fields()
            partner = self.env["res.partner"].browse(vals.get("partner_id"))
            vals["partner_id"] = partner.commercial_partner_id.id
            if not self.env.su:  # whatever the context says
                vals |= {"version": 1, "supersedes_id": False, "is_current": True}
        return super().create(vals_list)

    def write(self, vals):
        """Keep what orders were made with.

        :raise UserError: when a version changes that was replaced, or that an order names
        """
        if not self.env.su and not PROCEDURE_FIELDS.isdisjoint(vals):
            self._refuse_procedure_fields()
        if not CONTENT_FIELDS.isdisjoint(vals):
            self._ensure_can_edit()
        result = super().write(vals)
        if "company_id" in vals:
            self.check_access("write")  # nothing is moved out of the user's reach
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._ensure_can_edit()

    def _refuse_procedure_fields(self):
        raise UserError(
            self.env._("A version follows from the one before. Start a new version instead.")
        )

    def _ensure_can_edit(self):
        self.check_access("write")  # who may not write it is not told what it says (M5)
        # whether orders name a version is true for everybody
        used_sudo = self.sudo().filtered(lambda r: not r.is_current or r.requirement_ids)
        if used_sudo:
            raise UserError(
                self.env._(
                    "“%(requirement)s” was replaced, or orders were made with it, so it stays as "
                    "it is. Start a new version instead.",
                    requirement=used_sudo[0].text,
                )
            )

    def action_new_version(self):
        """Start the next version of each requirement; the old one stays readable.

        :return: action that opens the new versions
        :raise UserError: when one was replaced already
        """
        self.check_access("write")
        self.check_access("create")
        replaced = self.filtered(lambda r: not r.is_current)
        if replaced:
            raise UserError(
                self.env._(
                    "“%(requirement)s” was replaced already. Open its current version.",
                    requirement=replaced[0].text,
                )
            )
        today = fields.Date.context_today(self)
        # version and succession are written here only, after the user's right was checked
        versions = self.sudo().create([old._prepare_version_vals(today) for old in self])
        self.sudo().is_current = False
        return versions.sudo(False)._get_records_action(name=self.env._("Standing Requirement"))

    def _prepare_version_vals(self, today):
        self.ensure_one()
        return {
            **self.copy_data()[0],
            "version": self.version + 1,
            "supersedes_id": self.id,
            "date_from": max(today, self.date_from),
            "date_to": False,
        }

    @api.model
    def _get_proposals(self, orders):
        """Return the standing requirements that hold for these orders today.

        :param orders: sale.order records, of any company and customer
        :return: dict of order → records, current and valid
        """
        today = fields.Date.context_today(self)
        partners = orders.partner_id.commercial_partner_id
        found = self.search(
            Domain("partner_id", "in", partners.ids)
            & Domain("company_id", "in", orders.company_id.ids)
            & Domain("is_current", "=", True)
            & Domain("date_from", "<=", today)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", today))
        )
        held = found.grouped(lambda r: (r.partner_id, r.company_id))
        return {
            order: held.get((order.partner_id.commercial_partner_id, order.company_id), self)
            for order in orders
        }

    def _get_targets(self, order):
        """Return what of ``order`` this requirement is about.

        :return: list of sale.order.line records: the lines concerned, one empty record for the
            whole order; empty where the order has nothing of the kind
        """
        self.ensure_one()
        lines = order._get_quality_lines()
        if self.product_id:
            return list(lines.filtered(lambda line: line.product_id == self.product_id))
        if self.categ_id:
            path = self.categ_id.parent_path
            return [
                line
                for line in lines
                if (line.product_id.categ_id.parent_path or "").startswith(path)
            ]
        return [lines.browse()]

    def _prepare_requirement_vals(self, order, line):
        """Return the values of the requirement on ``order``, as this version says it."""
        self.ensure_one()
        return {
            "order_id": order.id,
            "order_line_id": line.id,
            "sequence": self.sequence,
            "kind": self.kind,
            "text": self.text,
            "role_id": self.role_id.id,
            "characteristic": self.characteristic,
            "source": "library",
            "library_id": self.id,
        }
