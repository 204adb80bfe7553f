from odoo import api, fields, models


class QualityComplaintMailbox(models.Model):
    """An address to which customers complain (F1), and what came there but is no complaint.

    What machines write, such as absence notes, registers nothing and is answered by nobody; it is
    kept here, where quality may look at it.
    """

    _name = "quality.complaint.mailbox"
    _description = "Mailbox for Complaints"
    _inherit = ["mail.alias.mixin.optional", "mail.thread"]
    _order = "company_id, id"

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )

    _company_uniq = models.UniqueIndex("(company_id)", "A company has one mailbox for complaints.")

    def write(self, vals):
        """Refuse also the address, which Odoo's mixin writes in sudo.

        :raise AccessError: for whoever may not write the mailbox
        """
        self.check_access("write")
        return super().write(vals)

    def _alias_get_creation_values(self):
        """Let mails to the address become complaints of the company."""
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get("quality.complaint").id
        if self.id:
            values["alias_defaults"] = repr({"company_id": self.company_id.id})
        return values

    @api.model
    def _get_for(self, companies):
        """Return the mailboxes of companies: dict of res.company → mailbox, in sudo."""
        boxes = self.sudo().search([("company_id", "in", companies.ids)])  # an address is no secret
        return {box.company_id: box for box in boxes}

    @api.model
    def _set_address(self, company, name, domain):
        """Let a company receive complaints under an address, or under none.

        :param company: res.company record
        :param name: str or False, what stands before the @
        :param domain: mail.alias.domain record
        """
        box = self.with_context(active_test=False)._get_for(company).get(company)
        vals = {"alias_name": name, "alias_domain_id": domain.id}
        if box:
            box.write(vals)
        elif name:
            title = self.env._("Complaints of %(company)s", company=company.name)
            self.create({"name": title, "company_id": company.id, **vals})
