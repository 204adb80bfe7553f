from odoo.tests import Form

from .common import BASE, QualityCase


class ComplaintCase(QualityCase):
    """A company that keeps its promises to whoever complains, and verbs to handle complaints."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls._create_user("colleague", f"{BASE},customer_quality.group_user")
        cls.other_seller = cls._create_user(
            "other_seller", f"{BASE},sales_team.group_sale_salesman"
        )
        cls.customer.write({"user_id": cls.seller.id, "email": "plant@example.com"})
        cls.env["quality.deadline.policy"].search([]).active = False

    @classmethod
    def _promise(cls, kind, amount=24, unit="hours", **vals):
        """Put a policy in force for one kind of deadline."""
        return cls.env["quality.deadline.policy"].create(
            {
                "name": kind,
                "kind_id": cls.env.ref(f"customer_quality.deadline_kind_{kind}").id,
                "company_id": cls.company.id,
                "amount": amount,
                "unit": unit,
                **vals,
            }
        )

    @classmethod
    def _deliver(cls, *quantities, product=None):
        """Return a delivery of a confirmed order that has reached the customer."""
        product = product or cls.product
        cls._put_in_stock(product, sum(quantities or (5,)))
        order = cls._create_order(*quantities, product=product)
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.write({"picked": True})
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty
        picking._action_done()
        return picking

    def _register(self, user=None, **vals):
        """Register a complaint as a person does: in the form."""
        user = user or self.inspector
        form = Form(self.env["quality.complaint"].with_user(user))
        form.title = vals.pop("title", "Thread does not fit")
        partner = vals.pop("partner_id", self.customer)
        if partner:
            form.partner_id = partner
        for name, value in vals.items():
            setattr(form, name, value)
        return form.save().with_user(self.env.user)

    def _bring_to(self, complaint, state, user=None, responsibility="customer", **findings):
        """Take the steps that lead to ``state``."""
        complaint = complaint.with_user(user or self.inspector)
        complaint.action_accept()
        if state == "accepted":
            return
        complaint.action_investigate()
        complaint.write({"cause": "Wrong tool", "responsibility": responsibility, **findings})
        if state == "investigating":
            return
        complaint.action_solve()
        if state == "solving":
            return
        complaint._record_answer("We replaced it.", "Replaced")
        if state == "closed":
            complaint.action_close()

    def _deadline(self, complaint, kind):
        return complaint.record_id.deadline_ids.filtered(
            lambda deadline: deadline.kind_id.code == f"complaint_{kind}"
        )
