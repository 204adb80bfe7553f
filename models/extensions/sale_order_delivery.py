from datetime import datetime, time

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from .sale_order import INTERNAL

#: Particulars of an export order: part of what is reviewed.
EXPORT_FIELDS = (
    "quality_export_law",
    "quality_latest_shipment",
    "quality_packing_rules",
    "quality_label_rules",
)


class SaleOrder(models.Model):
    """Delivery schedule, export particulars and customer drawings of an order (A1, L1)."""

    _inherit = "sale.order"  # pylint: disable=R8180  # a chapter of its own

    quality_schedule_ids = fields.One2many(
        "quality.delivery.schedule", "order_id", "Delivery Schedule"
    )
    quality_schedule_warning = fields.Char(compute="_compute_quality_schedule_warning")

    # Export
    quality_export_law = fields.Text(
        "Law and Certification", help="What the country of destination demands."
    )
    quality_latest_shipment = fields.Date("Latest Shipment", copy=False)
    quality_packing_rules = fields.Text("Packing Rules")
    quality_label_rules = fields.Text("Labels and Marks")

    # Drawings
    quality_document_hint = fields.Char(
        "Customer Documents to Update", compute="_compute_quality_document_hint", groups=INTERNAL
    )

    @api.depends(
        "quality_schedule_ids.quantity",
        "quality_schedule_ids.order_line_id",
        "order_line.product_uom_qty",
    )
    @api.depends_context("lang")
    def _compute_quality_schedule_warning(self):
        for order in self:
            lines = order.quality_schedule_ids.order_line_id.filtered("product_id")
            wrong = lines.filtered(lambda line: line._get_schedule_difference())
            order.quality_schedule_warning = order._describe_schedule(wrong) if wrong else False

    @api.depends("order_line.quality_document_revision_ids", "order_line.product_id", "partner_id")
    @api.depends_context("lang")
    def _compute_quality_document_hint(self):
        self.quality_document_hint = False
        Document = self.env["quality.customer.document"]
        for company, orders in self.grouped("company_id").items():
            if not Document._is_used_in(company.id):
                continue
            running = orders.filtered(lambda o: o.state != "cancel" and o.delivery_status != "full")
            lines = running._get_quality_lines().filtered(lambda line: line._is_made_by_documents())
            documents = lines._get_quality_documents()
            for order, order_lines in lines.grouped("order_id").items():
                order.quality_document_hint = order._describe_documents(order_lines, documents)

    def _describe_schedule(self, lines):
        return self.env._(
            "The delivery schedule does not add up to the quantity ordered: %(lines)s.",
            lines=format_list(
                self.env,
                [
                    self.env._(
                        "%(product)s by %(difference)+g",
                        product=line.product_id.display_name,
                        difference=line._get_schedule_difference(),
                    )
                    for line in lines
                ],
            ),
        )

    def _describe_documents(self, lines, documents):
        """Return what a click on *Take Over* would change, or False.

        :param lines: order lines of this order
        :param documents: dict of line → documents that apply
        """
        newer = self.env["quality.customer.document"].sudo()
        missing = newer
        for line in lines:
            named = line._get_named_documents()
            outdated = line._get_outdated_documents()
            newer |= (
                outdated.document_id.filtered("valid_revision_id") - (named - outdated).document_id
            )
            if self.state in ("draft", "sent"):
                missing |= documents[line] - named.document_id
        if newer:
            return self.env._(
                "A newer revision of a customer document is valid: %(documents)s.",
                documents=format_list(self.env, newer.valid_revision_id.mapped("display_name")),
            )
        if missing:
            return self.env._(
                "The customer's documents apply to these lines and are not named yet: "
                "%(documents)s.",
                documents=format_list(self.env, missing.valid_revision_id.mapped("display_name")),
            )
        return False

    # Actions

    def action_update_quality_documents(self):
        """Take over the valid revisions of the customer's drawings on all lines (L1).

        :raise AccessError: for whoever is not in sales
        """
        self._check_quality_seller()
        lines = self._get_quality_lines().filtered(lambda line: line._is_made_by_documents())
        lines._update_quality_documents()
        return True

    def action_view_quality_documents(self):
        """Open the revisions of customer documents that the lines name."""
        revisions = self.order_line.quality_document_revision_ids
        return revisions._get_records_action(name=self.env._("Customer Documents"))

    # Review

    def _check_quality_request(self):
        """Refuse to have reviewed what contradicts itself (A1).

        :raise UserError: where a delivery schedule does not add up to what is ordered
        """
        for order in self:
            wrong = order._get_quality_lines().filtered(
                lambda line: line._get_schedule_difference()
            )
            if wrong:
                raise UserError(
                    self.env._(
                        "%(problem)s Correct the schedule or the quantity, then request the "
                        "review.",
                        problem=order._describe_schedule(wrong),
                    )
                )
        return super()._check_quality_request()

    def _get_quality_content(self, with_prices=True):
        content = super()._get_quality_content(with_prices)
        export = {name.removeprefix("quality_"): self[name] for name in EXPORT_FIELDS if self[name]}
        return content | ({"export": export} if export else {})

    def _get_quality_export(self):
        """Return the particulars of an export order: dict of field name → text (A1)."""
        self.ensure_one()
        return {
            name: fields.Date.to_string(self[name])
            if self._fields[name].type == "date"
            else self[name]
            for name in EXPORT_FIELDS
            if self[name]
        }

    def _prepare_quality_review_lines(self):
        vals_list = super()._prepare_quality_review_lines()
        lines = {line.id: line for line in self.order_line}
        for vals in vals_list:
            vals.update(self._prepare_delivery_vals(lines[vals["order_line_id"]]))
        return vals_list

    def _prepare_delivery_vals(self, line):
        line_sudo = line.sudo()  # a snapshot of what the fingerprint holds
        dates = line_sudo._get_quality_dates() if line_sudo.quality_schedule_ids else []
        vals = {
            "tolerance_under": line.quality_tolerance_under,
            "tolerance_over": line.quality_tolerance_over,
            "partial_delivery": line.quality_partial_delivery,
        }
        if dates:
            vals["schedule"] = [[fields.Date.to_string(date), qty] for date, qty in dates]
            if not self.commitment_date:
                # noon: the same day wherever it is read
                vals["date_expected"] = datetime.combine(dates[0][0], time(12))
        if named := line._get_named_documents():
            vals["document_revision_ids"] = [Command.set(named.ids)]
        return vals

    def _get_quality_obstacles(self, stage):
        obstacles = super()._get_quality_obstacles(stage)
        if stage != "approval":
            return obstacles
        for order in self:
            revisions = order.order_line._get_named_documents().filtered(
                lambda revision: revision.state in ("registered", "review", "rejected")
            )
            sentences = [
                self.env._(
                    "%(document)s has not been reviewed yet, or was rejected.",
                    document=revision.display_name,
                )
                for revision in revisions
            ]
            if sentences:
                obstacles[order] = [*obstacles.get(order, ()), *sentences]
        return obstacles

    @api.model
    def _on_quality_documents_reviewed(self, revisions):
        """Hook: revisions became valid (or were superseded at once): settle and tell (L1).

        Reviews that waited for them go on. Salespeople whose open orders name an older revision
        are told, confirmed orders too: there nothing else would show it.

        :param revisions: quality.customer.document.revision records, in sudo
        """
        if not revisions:
            return
        lines = (
            self.env["sale.order.line"]
            .sudo()
            .search(
                [
                    (
                        "quality_document_revision_ids.document_id",
                        "in",
                        revisions.document_id.ids,
                    ),
                    ("order_id.state", "!=", "cancel"),
                ]
            )
        )
        outdated = lines.filtered(lambda line: line._get_outdated_documents())
        told = outdated.filtered(
            lambda line: any(
                old in revisions or old.superseded_by_id in revisions
                for old in line._get_outdated_documents()
            )
        )
        told.order_id._schedule_document_activities(revisions)
        waiting = (lines - outdated).order_id.quality_review_id
        waiting.filtered(lambda review: review.state in ("review", "decision"))._settle()

    def _schedule_document_activities(self, revisions):
        """Tell the salespeople of these orders, in one batch, that a newer revision is valid."""
        Activity = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True)
        todo = self.env["ir.model.data"]._xmlid_to_res_id("mail.mail_activity_data_todo")
        names = format_list(
            self.env, revisions.document_id.valid_revision_id.mapped("display_name")
        )
        Activity.create(
            [
                {
                    "activity_type_id": todo,
                    "res_model_id": self.env["ir.model"]._get_id("sale.order"),
                    "res_id": order.id,
                    "user_id": (order.user_id or self.env.user).id,
                    "summary": order.with_context(lang=order.user_id.lang).env._(
                        "Newer revision of a customer document: %(documents)s", documents=names
                    ),
                    "automated": True,
                    "date_deadline": fields.Date.context_today(order),
                }
                for order in self
                if order.delivery_status != "full"
            ]
        )
