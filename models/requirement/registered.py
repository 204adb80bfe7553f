from odoo import api, models
from odoo.exceptions import AccessError


class QualityRegisteredMixin(models.AbstractModel):
    """A controlled document that users register themselves, such as a letter or a question.

    They have the right to create the document, not its quality record: number, company and
    form version come with it by the procedure.
    """

    _name = "quality.registered.mixin"
    _description = "Document Registered by Users"
    _inherit = ["quality.record.mixin"]

    _create_fields = ()  # what a user gives at creation, besides _user_fields

    @api.model_create_multi
    def create(self, vals_list):
        """Number the documents; a user may give what is registered, and nothing that follows.

        :raise AccessError: for whoever may not register, also for this order or company
        """
        if self.env.su:
            return super().create(vals_list)
        self.check_access("create")
        for vals in vals_list:
            self._check_create_fields(vals)
        orders = {vals["order_id"] for vals in vals_list if vals.get("order_id")}
        self._check_order_access(self.env["sale.order"].browse(orders))
        # the quality record behind the document is nobody's to create
        documents = super(QualityRegisteredMixin, self.sudo()).create(vals_list).sudo(False)
        documents.check_access("create")
        return documents

    def _check_create_fields(self, vals):
        allowed = {*self._create_fields, *self._user_fields, "company_id"}
        forbidden = vals.keys() - allowed
        forbidden = {
            name for name in forbidden if not name.startswith(("message_", "activity_", "rating_"))
        }
        if forbidden:
            raise AccessError(
                self.env._(
                    "%(fields)s can't be given at registration: it follows from the procedure.",
                    fields=", ".join(sorted(forbidden)),
                )
            )

    def _check_order_access(self, orders):
        """Refuse to register for orders of other companies, or those one may not see.

        People without any right to orders, such as reviewers, are bound by the rules on the
        documents themselves.
        """
        companies = orders.sudo().company_id
        if companies - self.env.companies:
            raise AccessError(self.env._("The order belongs to another company."))
        if orders.has_access("read") or not self.env["sale.order"].has_access("read"):
            return
        orders.check_access("read")
