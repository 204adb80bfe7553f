import json

from odoo import fields, models
from odoo.tools import format_date, format_list, formatLang, html2plaintext

from ...lib.canonical import canonical, digest
from ...lib.change import Delta, read_deltas

#: Values of the order itself: field of the order → (field of the change, kind).
ORDER_FIELDS = {
    "commitment_date": ("new_commitment_date", "date"),
    "client_order_ref": ("new_client_order_ref", "clerical"),
    "partner_shipping_id": ("new_shipping_partner_id", "address"),
    "partner_invoice_id": ("new_invoice_partner_id", "address"),
    "payment_term_id": ("new_payment_term_id", "payment"),
    "incoterm": ("new_incoterm_id", "terms"),
    "incoterm_location": ("new_incoterm_location", "terms"),
    "note": ("new_note", "terms"),
}


class QualityOrderChange(models.Model):
    """What a change makes different, as values: signed, compared, carried out (C1)."""

    _inherit = "quality.order.change"  # pylint: disable=R8180  # a chapter of its own

    # What differs

    def _get_deltas(self):
        """Return what this draft makes different of what its order says now: list of Delta."""
        self.ensure_one()
        order = self.order_id
        if not order:
            return []  # an entry for several orders: each of its members differs
        if self.cancels_order:
            return [Delta("cancel_order", "sale.order", order.id, "state", order.state, "cancel")]
        return [
            *self._get_order_deltas(),
            *self.line_ids._get_deltas(),
            *self._get_schedule_deltas(),
            *self.requirement_ids._get_deltas(),
        ]

    def _get_order_deltas(self):
        order, deltas = self.order_id, []
        for name, (new_name, kind) in ORDER_FIELDS.items():
            before = order._get_quality_value(name)
            after = self._get_quality_value(new_name)
            if (before or None) != (after or None):
                deltas.append(Delta(kind, "sale.order", order.id, name, before, after))
        return deltas

    def _get_schedule_deltas(self):
        order, lines = self.order_id, self.line_ids.filtered("cancels").order_line_id
        before = order._get_quality_value("quality_schedule_ids")
        kept = self.delivery_ids.filtered(lambda row: row.order_line_id not in lines)
        after = kept._get_schedule()
        if before == after:
            return []
        return [Delta("date", "sale.order", order.id, "quality_schedule_ids", before, after)]

    def _get_quality_value(self, name):
        """Return the value of a field of the change as a JSON-able one."""
        return self.env["quality.agreed.value"]._to_json(self, name)

    # What is signed

    def _get_content(self):
        """Return what is signed and carried out, as a JSON-able dict; see _get_public_content."""
        self.ensure_one()
        return self._prepare_content(with_prices=True)

    def _prepare_content(self, with_prices):
        return {
            "number": self.name,
            "order": self.order_id.id or None,
            "origin": self.origin,
            "cause": self.cause_id.id or None,
            "reason": self.reason or None,
            "deltas": [delta.to_json(with_prices) for delta in self._get_deltas()],
            "in_work": [row._get_content() for row in self.production_ids],
            "members": [
                member._prepare_content(with_prices) for member in self._get_running_members()
            ],
        }

    def _freeze(self):
        """Keep what is asked for, in values and in words, with its fingerprints."""
        for change in self:
            content = change._get_content()
            change.write(
                {
                    "content": canonical(content),
                    "content_hash": digest(content),
                    "public_hash": digest(change._prepare_content(with_prices=False)),
                    "days_later": change._get_days_later(),
                }
            )
            change._note_kinds()
            change._note_items()

    def _read_deltas(self):
        """Return what was submitted: list of Delta."""
        self.ensure_one()
        # prices are part of it; who carries the change out need not see them
        return read_deltas(json.loads(self.sudo().content)["deltas"])

    def _get_days_later(self):
        before = self.order_id.commitment_date or self.order_id.expected_date
        after = self.new_commitment_date
        if self.cancels_order or not (self.order_id and before and after):
            return 0
        return (after.date() - before.date()).days

    def _note_kinds(self):
        """Note of what kinds the change is, and so whether a new notice goes out (C1)."""
        codes = {delta.kind for delta in self._get_deltas()}
        kinds = self.env["quality.change.kind"]._get_for(codes, self.company_id)
        self.kind_ids = kinds | self.member_ids.kind_ids
        self.needs_notice = any(kinds.mapped("reissues_notice"))

    def _note_items(self):
        kinds = {kind.code: kind for kind in self.kind_ids}
        self.item_ids.unlink()
        self.env["quality.order.change.item"].create(
            [
                {
                    "change_id": self.id,
                    "kind_id": kinds[delta.kind].id if delta.kind in kinds else False,
                    **self._describe(delta),
                }
                for delta in self._get_deltas()
            ]
        )

    def _get_basis(self, role):
        """Return the fingerprint of what ``role`` is shown: without prices for most (M5)."""
        self.ensure_one()
        sees_prices = role.id in role._get_price_ids()
        return self.content_hash if sees_prices else self.public_hash

    def _find_altered_documents(self, company):
        """Return the quality records of changes that no longer say what was signed (M1)."""
        signed = self.search([("company_id", "=", company.id), ("content", "!=", False)])
        altered = signed.filtered(
            lambda change: digest(json.loads(change.content)) != change.content_hash
        )
        return super()._find_altered_documents(company) + altered.record_id.ids

    # In words

    def _describe(self, delta):
        """Return the values of an item for a delta: what, before, after; prices apart (M5)."""
        line = self._get_line(delta)
        texts = [self._describe_value(delta, value) for value in (delta.before, delta.after)]
        names = ("price_before", "price_after") if delta.is_private else ("before", "after")
        return {
            "order_line_id": line.id,
            "what": self._describe_subject(delta, line),
            **dict(zip(names, texts, strict=True)),
        }

    def _describe_subject(self, delta, line):
        if line:
            return line.product_id.display_name or line.name
        if isinstance(delta.after, dict) and delta.after.get("product_id"):
            return self.env["product.product"].browse(delta.after["product_id"]).display_name
        if delta.model == "sale.order.line":
            row = self.line_ids.filtered(lambda line: delta.field == f"row {line.id}")
            return row.new_product_id.display_name
        if delta.model == "sale.order":
            return self.order_id._fields[delta.field]._description_string(self.env)
        return False

    def _describe_value(self, delta, value):
        """Return one side of a delta in words, in the language of the user."""
        if value in (None, False):
            return False
        describe = getattr(self, f"_describe_{delta.field}", None)
        if delta.field.startswith("row "):
            return self._describe_row(delta, value)
        if describe:
            return describe(value)
        if isinstance(value, float):
            return formatLang(self.env, value, digits=None, dp="Product Unit")
        field = self.env[delta.model]._fields[delta.field]
        if field.relational:
            ids = value if isinstance(value, list) else [value]
            records_sudo = self.env[field.comodel_name].sudo().browse(ids)  # their names only
            return format_list(self.env, records_sudo.mapped("display_name"))
        return html2plaintext(str(value))[:500]

    def _describe_row(self, delta, value):
        if delta.kind == "price":
            return self._describe_price_unit(value["price_unit"])
        if "text" in value:
            return value["text"]
        unit = self.env["product.product"].browse(value["product_id"]).uom_id
        return f"{value['product_uom_qty']:g} {unit.name}"

    def _describe_price_unit(self, value):
        return formatLang(self.env, value, dp="Product Price", currency_obj=self.currency_id)

    def _describe_commitment_date(self, value):
        date = fields.Datetime.context_timestamp(self, fields.Datetime.to_datetime(value))
        return format_date(self.env, date.date())

    def _describe_state(self, value):
        return dict(self.order_id._fields["state"]._description_selection(self.env)).get(value)

    def _describe_quality_schedule_ids(self, value):
        names = dict.fromkeys(line_id for line_id, _date, _quantity in value)
        lines = {line.id: line for line in self.env["sale.order.line"].browse(names)}
        return format_list(
            self.env,
            [
                f"{lines[line_id].product_id.display_name} {quantity:g} "
                f"({format_date(self.env, date)})"
                for line_id, date, quantity in value
            ],
        )

    # Whether it still fits

    def _get_misfit(self):
        """Return what the order says otherwise than when the change was submitted (C1).

        :return: a text, or False where everything that changes is still as it was
        """
        self.ensure_one()
        gone = [delta for delta in self._read_deltas() if not self._fits(delta)]
        if not gone:
            return False
        return self.env._(
            "%(order)s says something else since: %(items)s. Revise %(number)s.",
            order=self.order_id.name,
            items=format_list(self.env, [self._describe_subject_of(delta) for delta in gone]),
            number=self.name,
        )

    def _describe_subject_of(self, delta):
        return self._describe_subject(delta, self._get_line(delta)) or self.order_id.name

    def _get_line(self, delta):
        """Return the order line that a delta is about, if any; read with its sisters."""
        if delta.model != "sale.order.line":
            return self.env["sale.order.line"]
        return self.order_id.order_line.filtered(lambda line: line.id == delta.id)

    def _fits(self, delta):
        """Tell whether what a delta starts from is still what the order says."""
        if delta.id is None:
            return True
        record = self.env[delta.model].browse(delta.id).exists()
        if not record or (record.order_id if delta.model != "sale.order" else record) != (
            self.order_id
        ):
            return False
        if self._is_out(record, delta):
            return False
        now = record._get_quality_value(delta.field)
        return record._is_quality_same_value(delta.field, now, delta.before)

    def _is_out(self, record, delta):
        """Tell whether another change cancelled or replaced the line that a delta is about."""
        if delta.model != "sale.order.line" or delta.field == "product_uom_qty":
            return False
        row = self.line_ids.filtered(lambda row: row.order_line_id == record)
        return bool(row.quantity and not record.product_uom_qty)
