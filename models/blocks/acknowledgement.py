from odoo import api, fields, models
from odoo.http import request

from odoo.addons.base.models.res_users import check_identity


class QualityDistribution(models.Model):
    """Which roles receive a kind of document (D1)."""

    _name = "quality.distribution"
    _description = "Distribution List"
    _order = "model, company_id, id"

    name = fields.Char(required=True, translate=True)
    model = fields.Char("Document Model", required=True)
    company_id = fields.Many2one("res.company", help="Leave empty to share it.")
    role_ids = fields.Many2many("quality.role", string="Receivers")

    @api.model
    def _get_roles(self, model, company):
        """Return the roles that receive documents of ``model`` in ``company``."""
        # who is on the distribution list is needed by whoever issues the document
        line = self.sudo().search(
            [("model", "=", model), ("company_id", "in", [company.id, False])],
            order="company_id",
            limit=1,
        )
        return line.role_ids.sudo(False)._filter_applicable(company)


class QualityAcknowledgement(models.Model):
    """Receipt of a document by a department: sent, and signed for (D1, M2)."""

    _name = "quality.acknowledgement"
    _description = "Receipt"
    _inherit = ["quality.duty.mixin"]
    _order = "record_id, id"

    _open_idx = models.Index("(record_id) WHERE state = 'open'")
    _receiver_uniq = models.UniqueIndex(
        "(record_id, role_id)", "Each role receives a document once."
    )

    def _get_deadline_kind(self):
        """Return the kind of deadline that the document of this receipt names (code)."""
        return self.env[self.record_id.res_model]._receipt_kind

    def _ask_again(self):
        """Ask once more for receipts that were void: each role receives a document once.

        In sudo, by the procedure of the document.
        """
        self.write({"state": "open", "date_requested": fields.Datetime.now()})
        self._start_deadlines()
        self._mirror_activities()

    def action_receive(self):
        """Sign for receipt with one click, in bulk too, as the user who is logged in (M2).

        Where the company wants a password within 10 minutes, it is asked for in a dialog.

        :raise UserError: when nothing is open, or a password is asked for at each signature
        """
        policies = self.company_id.mapped("quality_password_policy")
        if request and "recent" in policies and "each" not in policies:
            return self.action_receive_proven()
        return self._receive()

    @check_identity
    def action_receive_proven(self):
        """Sign for receipt after the password was given within 10 minutes (M1)."""
        return self._receive()

    def _receive(self):
        self._sign({"way": "login"})
        return {"type": "ir.actions.client", "tag": "soft_reload"}


class QualityRecord(models.Model):
    _inherit = "quality.record"  # pylint: disable=R8180  # each block adds its own chapter

    acknowledgement_ids = fields.One2many("quality.acknowledgement", "record_id", readonly=True)

    def _distribute(self):
        """Send the documents to the roles on their distribution list.

        :return: the receipts asked for
        """
        Distribution = self.env["quality.distribution"]
        groups = self.grouped(lambda record: (record.res_model, record.company_id))
        vals_list = [
            {"record_id": record.id, "role_id": role.id}
            for (model, company), records in groups.items()
            for role in Distribution._get_roles(model, company)
            for record in records
        ]
        return self.env["quality.acknowledgement"]._request(vals_list)
