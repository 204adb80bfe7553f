from odoo import api, fields, models

from ...lib.depth import unite
from .contract_review import RUNNING

#: Questions to roles that are asked although the template does not name them.
DEPTH_TEMPLATE = "customer_quality.template_depth"
#: The one that is asked of a role for which nobody wrote a question.
GENERIC_ITEM = "customer_quality.template_depth_generic"
#: What sales sign where stock covers the order.
STOCK_ITEM = "customer_quality.template_stock_sales"


class QualityContractReview(models.Model):
    """Who is asked, and why: the chapter of contract review about its depth (B1, B8)."""

    _inherit = "quality.contract.review"  # pylint: disable=R8180  # a chapter of its own

    depth = fields.Selection(
        [
            ("full", "In Full"),
            ("reduced", "By Kind of Line"),
            ("stock", "From Stock"),
            ("waived", "Waived by the Customer"),
        ],
        readonly=True,
        copy=False,
        help="Whether everybody in the template was asked.",
    )
    waiver_id = fields.Many2one(
        "quality.review.waiver",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        help="The customer's written authorisation to leave out the review.",
    )
    rule_id = fields.Many2one(
        "quality.contract.review.rule",
        "Chosen by Rule",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    is_template_chosen = fields.Boolean(
        "Template Chosen by Sales", readonly=True, copy=False, help="No rule replaces it."
    )
    is_depth_shown = fields.Boolean(compute="_compute_is_depth_shown")

    @api.depends("line_ids.kind")
    def _compute_is_depth_shown(self):
        for review in self:
            review.is_depth_shown = any(review.line_ids.mapped("kind"))

    def write(self, vals):
        if "template_id" in vals and not self.env.su:
            result = super().write(vals)
            self.sudo().write({"is_template_chosen": True, "rule_id": False})  # noted, not chosen
            return result
        return super().write(vals)

    # Which template

    @api.model
    def _get_templates(self, orders):
        """Return what reviews each order: dict of order → (template, rule), see the rules (B1)."""
        rules = self.env["quality.contract.review.rule"]._match(orders)
        # a caller's context brings no archived template back
        templates_sudo = self.env["quality.opinion.template"].sudo().with_context(active_test=True)
        defaults = {
            company: templates_sudo._get_default(self._name, company)
            for company in orders.company_id
        }
        return {
            order: (rules[order].template_id, rules[order])
            if order in rules and rules[order].template_id.active
            else (defaults[order.company_id], self.env["quality.contract.review.rule"])
            for order in orders
        }

    def _prepare_template_vals(self):
        """Return template and rule of the next revision.

        What sales chose, or what the rules say now; without a rule the same as before, while it
        is in use.
        """
        self.ensure_one()
        template_sudo = self.sudo().template_id
        template, rule = self._get_templates(self.order_id)[self.order_id]
        keep = template_sudo.active and (self.is_template_chosen or not (rule or self.rule_id))
        return {
            "template_id": template_sudo.id if keep else template.id,
            "rule_id": False if keep else rule.id,
            "is_template_chosen": keep and self.is_template_chosen,
        }

    # How deep

    def _judge_depth(self):
        """Say how deep these orders are reviewed, looking at all of them together.

        Left out by the customer's authorisation (L6), signed by sales alone where stock covers
        the order (B2), by kind of line (B8), or in full.
        """
        left = self - self._waive()
        stocked = left.order_id._filter_quality_stocked()
        from_stock = left.filtered(lambda review: review.order_id in stocked)
        from_stock.depth = "stock"
        left -= from_stock
        left.depth = "full"
        left.filtered("company_id.quality_depth_by_kind")._judge_lines()

    def _waive(self):
        """Leave out the reviews for which the customer's authorisation is there (L6)."""
        waivers = self.env["quality.review.waiver"]._find_for(self.order_id)
        waived = self.filtered(lambda review: review.order_id in waivers)
        for review in waived:
            review.write({"depth": "waived", "waiver_id": waivers[review.order_id].id})
        return waived

    def _judge_lines(self):
        """Keep of each line what kind it is and who reviews it (B8)."""
        lines = self.line_ids
        if not lines:
            return
        verdicts = self.env["quality.review.depth"]._judge(lines.order_line_id, lines._get_dates())
        requirements = lines.order_line_id.sudo()._get_quality_requirements()
        for line in lines:
            order_line = line.order_line_id.sudo()
            line.write(
                {
                    **verdicts[order_line].prepare_vals(),
                    "drawings": order_line._get_quality_drawings(),
                    "requirements": sorted(requirements[order_line]),
                }
            )
        for review in self:
            if review._get_signers() is not None:
                review.depth = "reduced"

    def _filter_lapsed(self):
        """Return the reviews that were short for a reason that is gone (B2, L6).

        Stock no longer covers the order, or the customer's authorisation is not in force. Once
        the order is confirmed, its goods are reserved and it is agreed.
        """
        short = self.sudo().filtered(
            lambda review: (
                review.depth in ("stock", "waived")
                and review.state in (*RUNNING, "approved")
                and review.order_id.state in ("draft", "sent")
            )
        )
        if not short:
            return self.browse()
        stocked = short.filtered(lambda r: r.depth == "stock").order_id._filter_quality_stocked()
        lapsed = short.filtered(
            lambda review: (
                review.order_id not in stocked
                if review.depth == "stock"
                else not review.waiver_id._covers(review.order_id)
            )
        )
        return lapsed.sudo(self.env.su)

    def _filter_stale(self):
        return super()._filter_stale() | self._filter_lapsed()

    def _get_refusal(self):
        if self._filter_lapsed():
            return self._get_lapse()
        return super()._get_refusal()

    def _get_lapse(self):
        """Return why a short review does not hold any more, and what to do."""
        if self.depth == "stock":
            return self.env._(
                "%(number)s was short because stock covered the order, and it does not any more. "
                "Revise the review: the departments are asked.",
                number=self.name,
            )
        return self.env._(
            "%(number)s was left out by %(waiver)s, which is not in force any more. Revise the "
            "review: the departments are asked.",
            number=self.name,
            waiver=self.sudo().waiver_id.name,  # told to whoever sees the review
        )

    def _settle(self):
        """Approve what the customer allowed us not to review (L6); the rest by its answers."""
        for review_sudo in self.sudo():  # by the procedure, whoever requested it
            if review_sudo.state == "review" and review_sudo.depth == "waived":
                review_sudo.order_id._lock_for_quality()
                if not (review_sudo._filter_stale() or review_sudo._get_obstacles()):
                    review_sudo._approve()
        return super()._settle()

    def _get_conclusion(self):
        if self.depth == "waived":
            return self.env._(
                "Not reviewed: the customer's authorisation %(waiver)s allows it.",
                waiver=self.waiver_id.name,
            )
        return super()._get_conclusion()

    # Who is asked

    def _get_signers(self):
        """Return the codes of the roles that review these lines; None for the whole template."""
        self.ensure_one()
        return unite(line._get_signers() for line in self.line_ids)

    def _get_asked_items(self):
        """Return who is asked what: dict of review → items of templates.

        The roles of the template, as far as the kinds of line need them, and who is needed
        besides: by kind of line, or by what the order requires.
        """
        required = self.order_id._get_quality_review_roles()
        Role = self.env["quality.role"]
        by_code = {code: Role.browse(id_) for code, id_ in Role._get_ids_by_code().items()}
        asked, wanted = {}, {}
        for review in self:
            items, signers = review._get_own_items(), review._get_signers()
            roles = required.get(review.order_id, self.env["quality.role"])
            if signers is not None:
                # what was required before was reviewed before; what is new is among the signers
                roles -= review._get_known_roles()
                roles = roles.union(*(by_code[code] for code in signers if code in by_code))
                items = items.filtered(lambda item, roles=roles: item.role_id in roles)
            asked[review] = items
            wanted[review] = roles - items.role_id
        extra = self._get_depth_items(self.env["quality.role"].union(*wanted.values()))
        return {
            review: items.browse()
            if review.depth == "waived"
            else items.union(*(extra[role] for role in wanted[review]))
            for review, items in asked.items()
        }

    def _get_known_roles(self):
        """Return the roles that the requirements of the order name: judged line by line."""
        if "quality_requirement_ids" not in self.order_id._fields:
            return self.env["quality.role"]
        return self.order_id.quality_requirement_ids.role_id

    def _get_own_items(self):
        """Return the questions of the review itself: its template's, or the one about stock."""
        items = self.env["quality.opinion.template.item"]
        if self.depth == "stock":
            return items.browse(self.env["ir.model.data"]._xmlid_to_res_id(STOCK_ITEM))
        return self.template_id.item_ids

    @api.model
    def _get_depth_items(self, roles):
        """Return the question to each role that its template does not name: dict of role → item."""
        if not roles:
            return {}
        find = self.env["ir.model.data"]._xmlid_to_res_id
        # the questions are the company's; whoever requests a review need not write templates
        items_sudo = self.env["quality.opinion.template.item"].sudo()
        found = items_sudo.search(
            [("template_id", "=", find(DEPTH_TEMPLATE)), ("role_id", "in", roles.ids)]
        ).grouped("role_id")
        for role in roles:
            if role not in found:
                found[role] = items_sudo.browse(find(GENERIC_ITEM)).copy({"role_id": role.id})
        return {role: found[role][:1] for role in roles}
