from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...lib.canonical import digest
from .goods_return import OFFICER

ITEM = "customer_quality.template_return_inspection_item"


class QualityReturn(models.Model):
    _inherit = "quality.return"  # pylint: disable=R8180  # a chapter of its own

    def _refuse_inspection(self):
        raise UserError(
            self.env._(
                "Nothing has arrived for %(number)s that is not inspected. Receive its transfer "
                "first.",
                number=self.name,
            )
        )


class QualityReturnInspection(models.Model):
    """Signing: quantities reconcile, then the sheet stays as it was signed (F6, M1)."""

    _inherit = "quality.return.inspection"  # pylint: disable=R8180  # a chapter of its own

    def write(self, vals):
        """Keep what is being signed, and what was signed, as it is."""
        if not self.env.su and not {"line_ids", "photo_ids", "note"}.isdisjoint(vals):
            self._ensure_inspecting()
        return super().write(vals)

    def _ensure_inspecting(self):
        """Check that results may still be written.

        :raise AccessError: for whoever is no quality officer
        :raise UserError: once it is signed, or waits for the signature
        """
        self._ensure_officer()
        kept = self.filtered(lambda sheet: sheet.state != "draft")
        if kept:
            raise UserError(
                self.env._(
                    "%(number)s is signed, or waits for its signature, so it stays as it is.",
                    number=kept[0].name,
                )
            )

    def _ensure_officer(self):
        if not (self.env.su or self.env.user.has_group(OFFICER)):
            raise AccessError(
                self.env._("Returns are authorised, inspected and decided on by quality officers.")
            )
        self.check_access("read")

    def _refuse_other_goods(self):
        raise AccessError(
            self.env._(
                "What is inspected is what arrived: it follows from the transfer. Receive it there."
            )
        )

    def action_accept_all(self):
        """Write down that all was inspected and is good; what is rejected is entered after."""
        self._ensure_inspecting()
        for line in self.line_ids:
            line.write({"inspected": line.received, "accepted": line.received - line.rejected})

    def action_request(self):
        """Ask quality to sign these results (F6).

        :raise AccessError: for whoever is no quality officer
        :raise UserError: where quantities don't reconcile
        """
        self._ensure_inspecting()
        for line in self.line_ids:
            self._check_reconciled(line)
        sheets_sudo = self.sudo()  # the right was checked above
        sheets_sudo.state = "signing"
        item = self.env.ref(ITEM).sudo()  # the question is the procedure's
        for sheet in sheets_sudo:
            sheet.content_hash = digest(sheet._get_content())
        sheets_sudo.opinion_ids._request(
            [
                {
                    "record_id": sheet.record_id.id,
                    "role_id": item.role_id.id,
                    "item_id": item.id,
                    "meaning": "verification",
                }
                for sheet in sheets_sudo
            ]
        )
        return self.action_open_work() if len(self) == 1 else True

    def _check_reconciled(self, line):
        uom = line.product_id.uom_id
        names = {"product": line.product_id.display_name, "unit": uom.name}
        if uom.compare(line.inspected, line.received):
            raise UserError(
                self.env._(
                    "%(product)s: %(received)g %(unit)s arrived and %(inspected)g were inspected. "
                    "All of it has to be inspected.",
                    received=line.received,
                    inspected=line.inspected,
                    **names,
                )
            )
        if uom.compare(line.accepted + line.rejected, line.inspected):
            raise UserError(
                self.env._(
                    "%(product)s: accepted (%(accepted)g) and rejected (%(rejected)g) make "
                    "%(sum)g %(unit)s, and %(inspected)g were inspected. Correct the quantities.",
                    accepted=line.accepted,
                    rejected=line.rejected,
                    sum=line.accepted + line.rejected,
                    inspected=line.inspected,
                    **names,
                )
            )

    def _get_content(self):
        """Return what is signed, as a JSON-able dict without any price."""
        self.ensure_one()
        return {
            "number": self.name,
            "return": self.return_id.name,
            "note": self.note or None,
            "photos": sorted(filter(None, self.photo_ids.mapped("checksum"))),
            "lines": [
                {
                    "product": line.product_id.id,
                    "lot": line.lot_id.id or None,
                    "received": line.received,
                    "inspected": line.inspected,
                    "accepted": line.accepted,
                    "finding": line.finding,
                    "method": line.method or None,
                    "tests": line.test_count,
                    "cause": line.cause or None,
                    "rejected": [
                        [reject.defect_id.id, reject.quantity, reject.note or None]
                        for reject in line.reject_ids.sorted("id")
                    ],
                }
                for line in self.line_ids.sorted("id")
            ],
        }

    def _get_basis(self, role):
        """Return the fingerprint of the results."""
        return self.content_hash

    @api.model
    def _find_altered_documents(self, company):
        """Return the quality records of sheets that no longer say what was signed (M1)."""
        signed = self.search(
            [("company_id", "=", company.id), ("state", "in", ("signed", "settled"))]
        )
        altered = signed.filtered(lambda sheet: digest(sheet._get_content()) != sheet.content_hash)
        return super()._find_altered_documents(company) + altered.record_id.ids

    def _on_duties_signed(self, duties):
        """Freeze what was agreed to; anything else sends the sheet back to the inspector."""
        for sheet_sudo in self.sudo().filtered(lambda s: s.state == "signing"):  # by the signature
            answer = sheet_sudo.opinion_ids.filtered(lambda o: o.state == "done").sorted("id")[-1:]
            if not answer:
                continue
            if answer.answer == "agree":
                sheet_sudo.write(
                    {
                        "state": "signed",
                        "date_signed": fields.Datetime.now(),
                        "inspected_by": answer.signature_id.display_name,
                    }
                )
                sheet_sudo._separate()
                sheet_sudo.return_id._settle()
            else:
                sheet_sudo.write({"state": "draft", "content_hash": False})
        return super()._on_duties_signed(duties)
