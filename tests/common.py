from odoo.tests import Form, TransactionCase, new_test_user

BASE = "base.group_user"


class QualityCase(TransactionCase):
    """A small make-to-order company, its departments, and verbs to work with it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context=dict(cls.env.context, tracking_disable=True, no_reset_password=True)
        )
        cls.company = cls.env["res.company"].create({"name": "Make to Order Ltd."})
        cls.env.user.company_ids |= cls.company
        cls.env.user.company_id = cls.company
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=cls.company.ids))
        cls.company = cls.env["res.company"].browse(cls.company.id)
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        cls._create_people()
        cls._create_products()
        cls.customer = cls.env["res.partner"].create({"name": "Vehicle Plant"})
        cls.template = cls._create_template(["engineering", "production", "quality"])

    # People

    @classmethod
    def _create_people(cls):
        reviewer = f"{BASE},customer_quality.group_reviewer"
        cls.seller = cls._create_user("seller", f"{BASE},sales_team.group_sale_salesman")
        cls.engineer = cls._create_user("engineer", reviewer)
        cls.producer = cls._create_user("producer", f"{reviewer},mrp.group_mrp_user")
        cls.inspector = cls._create_user("inspector", f"{BASE},customer_quality.group_officer")
        cls.quality_manager = cls._create_user(
            "quality_manager", f"{BASE},customer_quality.group_manager"
        )
        cls.director = cls._create_user("director", f"{reviewer},customer_quality.group_price")
        cls.auditor = cls._create_user("auditor", f"{BASE},customer_quality.group_auditor")
        cls.nobody = cls._create_user("nobody", BASE)
        cls._assign("sales", cls.seller)
        cls._assign("engineering", cls.engineer)
        cls._assign("production", cls.producer)
        cls._assign("quality", cls.inspector)
        cls._assign("management", cls.director)

    @classmethod
    def _create_user(cls, login, groups, company=None):
        login = f"test_{login}"  # the demo data have people of the same trades
        company = company or cls.company
        return new_test_user(
            cls.env,
            login,
            groups=groups,
            company_id=company.id,
            company_ids=company.ids,
            email=f"{login}@example.com",
        )

    @classmethod
    def _role(cls, code):
        return cls.env.ref(f"customer_quality.role_{code}")

    @classmethod
    def _assign(cls, code, users, company=None):
        company = company or cls.company
        line = cls.env["quality.role.assignment"].search(
            [("role_id", "=", cls._role(code).id), ("company_id", "=", company.id)]
        )
        line.user_ids = users
        return line

    # Products and orders

    @classmethod
    def _create_products(cls):
        cls.part = cls.env["product.product"].create(
            {"name": "Part", "is_storable": True, "list_price": 10, "taxes_id": False}
        )
        cls.product = cls.env["product.product"].create(
            {"name": "Machine", "is_storable": True, "list_price": 100, "taxes_id": False}
        )
        cls.bom = cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": cls.product.product_tmpl_id.id,
                "bom_line_ids": [(0, 0, {"product_id": cls.part.id, "product_qty": 2})],
            }
        )
        cls.service = cls.env["product.product"].create(
            {"name": "Assembly", "type": "service", "taxes_id": False}
        )

    @classmethod
    def _put_in_stock(cls, product, quantity):
        cls.env["stock.quant"]._update_available_quantity(
            product, cls.warehouse.lot_stock_id, quantity
        )

    @classmethod
    def _create_order(cls, *quantities, product=None, user=None, **vals):
        user = user or cls.seller
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "user_id": user.id,
                "company_id": cls.company.id,
                "warehouse_id": cls.warehouse.id,
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": (product or cls.product).id,
                            "product_uom_qty": quantity,
                        },
                    )
                    for quantity in quantities or (5,)
                ],
                **vals,
            }
        )

    # Review

    @classmethod
    def _create_template(cls, codes):
        cls.env["quality.opinion.template"].search([]).active = False
        return cls.env["quality.opinion.template"].create(
            {
                "name": "Test template",
                "model": "quality.contract.review",
                "company_id": cls.company.id,
                "item_ids": [
                    (
                        0,
                        0,
                        {
                            "role_id": cls._role(code).id,
                            "question": f"Can {code} keep it?",
                            "sequence": sequence,
                        },
                    )
                    for sequence, code in enumerate(codes)
                ],
            }
        )

    def _request_review(self, order, user=None):
        order.with_user(user or self.seller).action_request_quality_review()
        return order.quality_review_id

    def _sign(self, review, user, answer="agree", reason="", credentials=None):
        """Answer all that ``user`` is asked on the review, and sign."""
        record = review.record_id.with_user(user)
        mine = record.opinion_ids.filtered("is_mine")
        answers = {opinion.id: {"answer": answer, "reason": reason} for opinion in mine}
        return record.action_sign_off(answers, [], credentials)

    def _approve(self, review, *users):
        for user in users or (self.engineer, self.producer, self.inspector):
            self._sign(review, user)

    def _create_reviewed_order(self, *quantities, **vals):
        order = self._create_order(*quantities, **vals)
        self._approve(self._request_review(order))
        return order

    def _confirm(self, order, user=None):
        return order.with_user(user or self.seller).action_confirm()

    def _form(self, record, user):
        return Form(record.with_user(user))
