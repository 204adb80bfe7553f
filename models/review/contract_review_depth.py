from odoo import api, fields, models

from ...lib.depth import unite

#: Questions to roles that are asked although the template does not name them.
DEPTH_TEMPLATE = "customer_quality.template_depth"
#: The one that is asked of a role for which nobody wrote a question.
GENERIC_ITEM = "customer_quality.template_depth_generic"


class QualityContractReview(models.Model):
    """Who is asked, and why: the chapter of contract review about its depth (B1, B8)."""

    _inherit = "quality.contract.review"  # pylint: disable=R8180  # a chapter of its own

    depth = fields.Selection(
        [("full", "In Full"), ("reduced", "By Kind of Line")],
        readonly=True,
        copy=False,
        help="Whether everybody in the template was asked.",
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
        templates_sudo = self.env["quality.opinion.template"].sudo()
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

    # Who is asked

    def _judge_depth(self):
        """Keep of each line what kind it is and who reviews it, as far as the company wants it."""
        self.depth = "full"
        judged = self.filtered("company_id.quality_depth_by_kind")
        if not judged:
            return
        lines = judged.line_ids
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
        for review in judged:
            if review._get_signers() is not None:
                review.depth = "reduced"

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
        by_code = {role.code: role for role in self.env["quality.role"].search([])}
        asked, wanted = {}, {}
        for review in self:
            items, signers = review.template_id.item_ids, review._get_signers()
            roles = required.get(review.order_id, self.env["quality.role"])
            if signers is not None:
                roles = roles.union(*(by_code[code] for code in signers if code in by_code))
                items = items.filtered(lambda item, roles=roles: item.role_id in roles)
            asked[review] = items
            wanted[review] = roles - items.role_id
        extra = self._get_depth_items(self.env["quality.role"].union(*wanted.values()))
        return {
            review: items.union(*(extra[role] for role in wanted[review]))
            for review, items in asked.items()
        }

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
