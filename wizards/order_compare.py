import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: Parts of what was reviewed that say nothing to people.
TECHNICAL = frozenset({"version", "company", "id", "kind"})


class QualityOrderCompare(models.TransientModel):
    """Any two revisions of an order side by side: as they were reviewed (C1)."""

    _name = "quality.order.compare"
    _description = "Compare Two Revisions of an Order"

    order_id = fields.Many2one("sale.order", required=True, readonly=True)
    before_id = fields.Many2one(
        "quality.contract.review",
        "Revision",
        required=True,
        domain="[('order_id', '=', order_id), ('public_hash', '!=', False)]",
    )
    after_id = fields.Many2one(
        "quality.contract.review",
        "Compared With",
        required=True,
        domain="[('order_id', '=', order_id), ('public_hash', '!=', False)]",
    )
    comparison = fields.Html(compute="_compute_comparison", sanitize=False)

    @api.depends("before_id", "after_id")
    @api.depends_context("lang", "uid")
    def _compute_comparison(self):
        for wizard in self:
            rows = wizard._get_rows() if wizard.before_id and wizard.after_id else []
            wizard.comparison = self.env["ir.qweb"]._render(
                "customer_quality.order_comparison", {"rows": rows, "wizard": wizard}
            )

    @api.model
    def _open_for(self, order):
        """Open the comparison of the two last revisions of ``order``.

        :raise UserError: where there are not two
        """
        order.check_access("read")
        reviews = self.env["quality.contract.review"].search(
            [("order_id", "=", order.id), ("public_hash", "!=", False)], order="id desc"
        )
        if len(reviews) < 2:
            raise UserError(
                self.env._("%(order)s has one reviewed revision only.", order=order.name)
            )
        wizard = self.create(
            {"order_id": order.id, "after_id": reviews[0].id, "before_id": reviews[1].id}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Revisions of %(order)s", order=order.name),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def _get_rows(self):
        """Return what is on either side: list of (what, before, after, differs)."""
        self.ensure_one()
        sides = [self._read_side(review) for review in (self.before_id, self.after_id)]
        keys = dict.fromkeys([*sides[0], *sides[1]])
        return [
            (
                key[-1],
                sides[0].get(key, ""),
                sides[1].get(key, ""),
                sides[0].get(key) != sides[1].get(key),
            )
            for key in keys
        ]

    def _read_side(self, review):
        """Return the texts of one revision by key, prices only for those who may see them (M5)."""
        review.check_access("read")
        if review.order_id != self.order_id:
            raise AccessError(self.env._("Choose two revisions of the same order."))
        content = json.loads(review.sudo().content)  # prices are left out below
        sees = review.sees_prices
        texts = {}
        for name, label in self._get_labels(sees).items():
            if content.get(name):
                texts["order", name, label] = self._format(name, content[name])
        for line in content["lines"]:
            texts["line", line["id"], self._get_line_label(line)] = self._format_line(line, sees)
        for number, requirement in enumerate(content.get("requirements") or ()):
            text = requirement["text"] if sees or requirement["kind"] != "commercial" else "…"
            texts["requirement", number, self.env._("Requirement")] = text
        return texts

    def _get_labels(self, sees_prices):
        labels = {
            "commitment_date": self.env._("Promised Date"),
            "customer_reference": self.env._("Customer Reference"),
            "delivery_address": self.env._("Delivery Address"),
            "incoterm": self.env._("Incoterm"),
            "incoterm_location": self.env._("Incoterm Location"),
            "terms": self.env._("Terms and Conditions"),
        }
        if sees_prices:
            labels |= {
                "payment_term": self.env._("Payment Terms"),
                "invoice_address": self.env._("Invoice Address"),
            }
        return labels

    def _format(self, name, value):
        models_by_name = {
            "delivery_address": "res.partner",
            "invoice_address": "res.partner",
            "payment_term": "account.payment.term",
        }
        if name in models_by_name:
            # names only, of what the revision says
            return self.env[models_by_name[name]].sudo().browse(value).exists().display_name or "–"
        if name == "commitment_date":
            date = fields.Datetime.to_datetime(str(value).replace("T", " ")[:19])
            return fields.Date.to_string(fields.Datetime.context_timestamp(self, date).date())
        return str(value)

    def _get_line_label(self, line):
        product = self.env["product.product"].sudo().browse(line["product"] or ())
        return product.exists().display_name or line["text"]

    def _format_line(self, line, sees_prices):
        unit = self.env["uom.uom"].browse(line["unit"] or ()).exists().name or ""
        parts = [f"{line['quantity']:g} {unit}".strip()]
        if sees_prices and "price_unit" in line:
            parts.append(f"× {line['price_unit']:g}")
            if line.get("discount"):
                parts.append(f"−{line['discount']:g} %")
        return " ".join(parts)
