from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SaleOrder(models.Model):
    """The contract under which an order is accepted (A5)."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_contract_id = fields.Many2one(
        "quality.contract",
        "Contract",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('company_id', '=', company_id), ('partner_id', 'parent_of', partner_id),"
        " ('state', '!=', 'cancelled')]",
    )

    @api.constrains("quality_contract_id", "partner_id", "company_id")
    def _check_quality_contract(self):
        for order in self:
            contract_sudo = order.sudo().quality_contract_id  # whoever may write the order
            if not contract_sudo:
                continue
            if (
                contract_sudo.partner_id != order.partner_id.commercial_partner_id
                or contract_sudo.company_id != order.company_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(contract)s is with another customer or of another company than "
                        "%(order)s. Choose a contract of the same customer.",
                        contract=contract_sudo.name,
                        order=order.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        if any(vals.get("quality_contract_id") for vals in vals_list):
            orders._link_quality_contracts()
        return orders

    def write(self, vals):
        if "quality_contract_id" not in vals:
            return super().write(vals)
        before = self.quality_contract_id
        result = super().write(vals)
        self._link_quality_contracts(before)
        return result

    def _link_quality_contracts(self, before=None):
        """Keep the anchors of the contracts, by which salespeople see their own.

        :param before: the contracts that covered these orders until now
        :raise AccessError: for a contract that the user may not see
        """
        contracts = self.quality_contract_id
        contracts.check_access("read")
        if before:
            contracts |= before
        contracts._anchor_order()

    # Actions

    def action_view_quality_contract(self):
        """Open the contract of these orders."""
        return self.quality_contract_id._get_records_action(name=self.env._("Contract"))

    def action_create_quality_contract(self):
        """Draft the contract of this order and open it.

        :return: action that opens the contract
        :raise AccessError: for whoever may not draft contracts of the order
        """
        self.ensure_one()
        self.check_access("write")
        contract = self.quality_contract_id
        if contract.sudo().state in (False, "cancelled"):
            contract = self.env["quality.contract"].create(self._prepare_quality_contract_vals())
            self.quality_contract_id = contract
        return contract._get_records_action(name=self.env._("Contract"))

    def _prepare_quality_contract_vals(self):
        lines = self._get_quality_lines()
        return {
            "title": self.client_order_ref or self.name,
            "partner_id": self.partner_id.commercial_partner_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "amount": self.amount_total,
            "summary": "\n".join(
                f"{line.product_id.display_name} × {line.product_uom_qty:g} "
                f"{line.product_uom_id.name}"
                for line in lines
            ),
        }

    # Review

    def _get_quality_content(self, with_prices=True):
        content = super()._get_quality_content(with_prices)
        # the text names prices: for roles that sign on them (M5)
        contract = with_prices and self.sudo().quality_contract_id._get_order_content()
        return content | ({"contract": contract} if contract else {})

    def _get_quality_obstacles(self, stage):
        obstacles = super()._get_quality_obstacles(stage)
        if stage != "approval":
            return obstacles
        for order in self:
            contract_sudo = order.sudo().quality_contract_id  # whoever signs last
            if contract_sudo.state in ("draft", "legal"):
                sentence = self.env._(
                    "Legal has not agreed to the text of contract %(number)s yet.",
                    number=contract_sudo.name,
                )
                obstacles[order] = [*obstacles.get(order, ()), sentence]
        return obstacles

    def _on_quality_contract_agreed(self):
        """Hook: legal agreed to the text of the contract: reviews that waited go on."""
        reviews = self.quality_review_id
        reviews.filtered(lambda review: review.state in ("review", "decision"))._settle()

    def _on_quality_review_approved(self):
        """Count the time to the signature from the approval of the order (A5)."""
        self.sudo().quality_contract_id._start_signing_deadlines()  # by the procedure
        return super()._on_quality_review_approved()
