from odoo import api, models
from odoo.fields import Command, Domain

from ...lib.codes import find_codes, get_order, is_weak, with_cases

#: How many positions are made of what a text names; the rest stands in the text.
MAX_LINES = 40


class QualityComplaint(models.Model):
    """What a customer names in their own words (F1): order, delivery, lot, product.

    Plain rules: a code of the text is compared with what exists, one query for each model. Orders
    and deliveries count only where they are the customer's own.
    """

    _inherit = "quality.complaint"  # pylint: disable=R8180  # a chapter of its own

    @api.model
    def _recognise(self, texts, company, partner, trusted=False):
        """Return what is named in ``texts``, what is named first in front.

        :param texts: list of str, the most telling first
        :param company: res.company record
        :param partner: res.partner record of the sender, empty where it is unknown
        :param trusted: bool, an employee passes something on: any customer's order may be meant
        :return: dict with ``orders``, ``pickings``, ``lots`` and ``products``, recordsets in sudo
        """
        codes = find_codes(*texts)
        found = {
            "orders": self.env["sale.order"].sudo(),  # only links; who may read them reads them
            "pickings": self.env["stock.picking"].sudo(),
            "lots": self.env["stock.lot"].sudo(),
            "products": self.env["product.product"].sudo(),
        }
        if not codes:
            return found
        owner = partner.sudo().commercial_partner_id
        for name, domain in self._get_code_domains(codes, company, owner, trusted).items():
            found[name] = found[name].search(domain, limit=MAX_LINES)
        return self._sort_recognised(found, get_order(codes))

    @api.model
    def _get_code_domains(self, codes, company, owner, trusted):
        """Return the domain by which each kind of thing is looked up; no key for what is not."""
        cased = with_cases(codes)
        strong = with_cases([code for code in codes if not is_weak(code)])
        shared = Domain("company_id", "in", [False, company.id])
        domains = {
            "products": shared
            & (Domain("default_code", "in", strong) | Domain("barcode", "in", strong)),
            "lots": shared & Domain("name", "in", cased),
        }
        if not owner and not trusted:
            return domains
        orders = pickings = Domain("company_id", "=", company.id)
        if owner:
            orders &= Domain("partner_id.commercial_partner_id", "=", owner.id)
            pickings &= self._get_own_deliveries_domain(owner)
        domains["orders"] = (
            orders
            & Domain("state", "=", "sale")
            & (Domain("name", "in", cased) | Domain("client_order_ref", "in", cased))
        )
        domains["pickings"] = (
            pickings
            & Domain("picking_type_code", "=", "outgoing")
            & Domain("state", "=", "done")
            & Domain("name", "in", cased)
        )
        return domains

    @api.model
    def _get_own_deliveries_domain(self, owner):
        """Return the domain of deliveries of a customer's own orders, or to them without an order.

        Goods that somebody else ordered for them are that customer's.

        :param owner: res.partner record, the commercial partner
        """
        return Domain("sale_id.partner_id.commercial_partner_id", "=", owner.id) | (
            Domain("sale_id", "=", False)
            & Domain("partner_id.commercial_partner_id", "=", owner.id)
        )

    @api.model
    def _sort_recognised(self, found, order):
        """Put first what is named first; a short number is a lot only beside its product."""
        places = len(order)

        def get_place(*names):
            return min(order.get((name or "").lower(), places) for name in names)

        products = found["products"].sorted(lambda p: get_place(p.default_code, p.barcode))
        lots = found["lots"].filtered(
            lambda lot: not is_weak(lot.name) or lot.product_id in products
        )
        return {
            "products": products,
            "lots": lots.sorted(lambda lot: get_place(lot.name)),
            "orders": found["orders"].sorted(lambda o: get_place(o.name, o.client_order_ref)),
            "pickings": found["pickings"].sorted(lambda picking: get_place(picking.name)),
        }

    @api.model
    def _prepare_recognised_vals(self, found):
        """Return the values of a complaint about what was recognised.

        :param found: dict as :meth:`_recognise` returns it
        :return: dict with order, delivery and positions, as far as they are known
        """
        picking = found["pickings"][:1]
        order = picking.sale_id or found["orders"][:1]
        lines = self._prepare_recognised_lines(found, picking)
        return {
            "picking_id": picking.id,
            "order_id": order.id,
            "line_ids": [Command.create(line) for line in lines[:MAX_LINES]],
        }

    @api.model
    def _prepare_recognised_lines(self, found, picking):
        lots, products = found["lots"], found["products"]
        brought = self.env["quality.complaint.line"]._prepare_delivered_vals(picking)
        named = [
            line
            for line in brought
            if line["lot_id"] in lots.ids or line["product_id"] in products.ids
        ]
        lines = named if lots or products else brought
        known_lots = {line["lot_id"] for line in lines}
        lines += [
            {"product_id": lot.product_id.id, "lot_id": lot.id}
            for lot in lots
            if lot.id not in known_lots
        ]
        known = {line["product_id"] for line in lines}
        return lines + [{"product_id": p.id} for p in products if p.id not in known]

    def _note_recognised(self, found):
        """Note in the chatter what was recognised, also what could not be linked (F1)."""
        self.ensure_one()
        names = [record.display_name for records in found.values() for record in records]
        if names:
            self._note(self.env._("Named in the text: %(names)s", names=", ".join(names)))
