from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import tagged

from odoo.addons.base.tests.common import DISABLED_MAIL_CONTEXT

from .common import QualityCase

SIGNATURE = b"R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


@tagged("post_install", "-at_install")
class TestGate(QualityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.quality_review_gate = "always"

    # Every way to confirm

    def test_the_button_says_what_is_missing_and_leads_to_the_review(self):
        """B6: the refusal names what is missing and offers the review."""
        order = self._create_order()
        with self.assertRaises(RedirectWarning) as refusal:
            self._confirm(order)
        message, action_id, button, context = refusal.exception.args
        self.assertIn("contract review", message)
        self.assertTrue(button)
        action = self.env["ir.actions.server"].browse(action_id)
        opened = action.with_user(self.seller).with_context(**context).run()
        self.assertEqual(opened["res_id"], order.quality_review_id.id)
        with self.assertRaisesRegex(Exception, "waits for Engineering, Production,? and Quality"):
            self._confirm(order)

    def test_the_list_action_is_refused_as_a_whole(self):
        """B6: one unreviewed order among many stops the batch, nothing is half confirmed."""
        reviewed, unreviewed = self._create_reviewed_order(), self._create_order()
        with self.assertRaises(RedirectWarning):
            self._confirm(reviewed | unreviewed)
        self.assertEqual((reviewed | unreviewed).mapped("state"), ["draft", "draft"])

    def test_writing_the_state_is_refused(self):
        """B6: RPC and import can write the state; they meet the same gate."""
        order = self._create_order()
        with self.assertRaisesRegex(UserError, "contract review"):
            order.with_user(self.seller).write({"state": "sale"})
        with self.assertRaisesRegex(UserError, "contract review"):
            order.with_user(self.quality_manager).sudo().write({"state": "sale"})

    def test_creating_a_confirmed_order_is_refused(self):
        """B6: `create({'state': 'sale'})` is a route too."""
        with self.assertRaisesRegex(UserError, "contract review"):
            self._create_order(state="sale")

    def test_importing_a_confirmed_order_is_refused(self):
        """B6: an import is told per line, and nothing is imported."""
        count = self.env["sale.order"].search_count([])
        result = (
            self.env["sale.order"]
            .with_user(self.seller)
            .load(["partner_id/.id", "state"], [[str(self.customer.id), "sale"]])
        )
        self.assertFalse(result["ids"])
        self.assertIn("contract review", result["messages"][0]["message"])
        self.assertEqual(self.env["sale.order"].search_count([]), count)

    def test_an_approved_order_is_confirmed(self):
        """B6: the gate opens for what was reviewed and stands."""
        order = self._create_reviewed_order()
        self._confirm(order)
        self.assertEqual(order.state, "sale")

    def test_a_stale_approval_does_not_open_the_gate(self):
        """B6: what was reviewed is no longer what the order says, in the same transaction too."""
        order = self._create_reviewed_order()
        self.assertEqual(order.quality_review_status, "approved")
        order.order_line.product_uom_qty = 6
        with self.assertRaisesRegex(Exception, "changed after"):
            self._confirm(order)

    def test_the_gate_looks_at_each_company_alone(self):
        """B6: settings are per company."""
        other = self.env["res.company"].create({"name": "Elsewhere Ltd."})
        order = (
            self.env["sale.order"]
            .with_company(other)
            .create({"partner_id": self.customer.id, "company_id": other.id})
        )
        order.with_context(allowed_company_ids=(other | self.company).ids).action_confirm()
        self.assertEqual(order.state, "sale")

    # Settings

    def test_off_means_plain_odoo(self):
        """DESIGN: nothing changes until a setting switches it on."""
        self.company.quality_review_gate = "never"
        order = self._create_order()
        self.assertFalse(order.quality_gate_error)
        self._confirm(order)
        self.assertEqual(order.state, "sale")
        self.assertFalse(self.env["quality.record"].search([("order_id", "=", order.id)]))

    def test_where_stock_covers_the_order_no_review_is_asked(self):
        """B2, B3: the gate can be set to what stock does not cover."""
        self.company.quality_review_gate = "shortage"
        self._put_in_stock(self.product, 5)
        covered, short = self._create_order(5), self._create_order(6)
        self._confirm(covered)
        self.assertEqual(covered.state, "sale")
        with self.assertRaises(RedirectWarning):
            self._confirm(short)

    def test_two_lines_share_the_stock(self):
        """B2: the second line sees what the first one leaves."""
        self._put_in_stock(self.product, 5)
        order = self._create_order(3, 4)
        coverage = order.order_line._get_quality_coverage()
        self.assertEqual([coverage[line] for line in order.order_line], [(5, 0), (2, 2)])

    def test_services_lack_nothing(self):
        """B2: only goods that are stocked can fall short."""
        self.company.quality_review_gate = "shortage"
        order = self._create_order(5, product=self.service)
        self._confirm(order)
        self.assertEqual(order.state, "sale")

    def test_an_offer_that_can_be_accepted_online_is_not_sent_unreviewed(self):
        """B6: setting: an unreviewed offer can't be sent with online signature or payment."""
        self.company.quality_guard_offer = True
        order = self._create_order(require_signature=True)
        with self.assertRaisesRegex(UserError, "only sent once it is reviewed"):
            order.with_user(self.seller).action_quotation_send()
        with self.assertRaisesRegex(UserError, "only sent once it is reviewed"):
            order.with_user(self.seller).action_quotation_sent()
        order.action_quotation_sent()  # as superuser: what a pending payment does
        order.write({"state": "draft", "require_signature": False, "require_payment": False})
        order.with_user(self.seller).action_quotation_sent()
        self.assertEqual(order.state, "sent")

    # Cancel, reset, delete

    def test_cancelling_or_resetting_the_order_voids_the_review(self):
        """B6: a cancelled order is no longer agreed; it starts with a new review."""
        order = self._create_reviewed_order()
        review = order.quality_review_id
        self._confirm(order)
        order.with_user(self.seller).action_cancel()
        self.assertEqual(review.state, "void")
        self.assertEqual(review.phase, "void")
        order.with_user(self.seller).action_draft()
        with self.assertRaisesRegex(Exception, "is void"):
            self._confirm(order)
        self.assertNotEqual(self._request_review(order), review)

    def test_a_running_review_of_a_cancelled_order_asks_nobody_any_more(self):
        """M3: what is void leaves everybody's list."""
        order = self._create_order()
        review = self._request_review(order)
        order.with_user(self.seller).action_cancel()
        self.assertEqual(set(review.opinion_ids.mapped("state")), {"void"})
        self.assertFalse(review.activity_ids)

    def test_an_order_with_a_record_is_cancelled_not_deleted(self):
        """K1: before the retention time nobody can delete records."""
        order = self._create_order()
        self._request_review(order)
        with self.assertRaisesRegex(UserError, "Cancel the order instead"):
            order.with_user(self.seller).sudo().unlink()

    # Go-live

    def test_switching_the_gate_on_offers_to_adopt_open_orders(self):
        """DESIGN go-live: open orders are adopted as baseline in one step."""
        self.company.quality_review_gate = "never"
        order = self._create_order()
        self._confirm(order)
        settings = self.env["res.config.settings"].create({"quality_review_gate": "always"})
        offer = settings.execute()
        wizard = self.env[offer["res_model"]].browse(offer["res_id"])
        self.assertEqual(wizard.order_count, 1)
        wizard.action_adopt()
        review = order.quality_review_id
        self.assertEqual((review.state, review.is_baseline), ("approved", True))
        self.assertFalse(review.opinion_ids)
        self.assertEqual(order.quality_review_status, "approved")


@tagged("post_install", "-at_install")
class TestOnlineAcceptance(QualityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, **DISABLED_MAIL_CONTEXT))
        cls.company.quality_review_gate = "always"
        cls.settle = cls.env.ref("customer_quality.ir_cron_review_settle")

    def _settle(self):
        with self.enter_registry_test_mode():
            self.settle.method_direct_trigger()

    def _accept_online(self, order):
        order.write({"signed_by": "Mr. Wang", "signature": SIGNATURE})
        order.with_user(self.env.ref("base.public_user")).sudo()._validate_order()

    def test_the_customers_signature_is_kept_and_the_order_waits(self):
        """B6: portal signature meets the gate; nothing of the customer's is lost."""
        order = self._create_order()
        self._accept_online(order)
        self.assertEqual(order.state, "draft")
        self.assertTrue(order.quality_accepted_on)
        self.assertEqual(order.signed_by, "Mr. Wang")
        self.assertEqual(order.quality_review_id.state, "review")

    def test_approval_confirms_what_the_customer_accepted(self):
        """B6: approval then confirms the order."""
        order = self._create_order()
        self._accept_online(order)
        self._approve(order.quality_review_id)
        self.assertEqual(order.state, "draft")
        self._settle()
        self.assertEqual(order.state, "sale")

    def test_what_the_customer_did_not_accept_is_not_confirmed(self):
        """B6: the customer's order differs from the offer: it goes back to the customer."""
        order = self._create_order()
        self._accept_online(order)
        order.order_line.product_uom_qty = 50
        self._approve(self._request_review(order))
        self.assertEqual(order.quality_review_status, "approved")
        self._settle()
        self.assertEqual(order.state, "draft")
        self.assertFalse(order.signature or order.quality_accepted_on)
        self.assertIn(self.seller, order.activity_ids.user_id)

    def test_a_paid_order_confirmed_by_hand_is_invoiced_too(self):
        """B6: invoices as core would, whoever is faster."""
        self.env["ir.config_parameter"].set_param("sale.automatic_invoice", "True")
        order = self._create_order()
        transaction = self._pay(order)
        self._approve(order.quality_review_id)
        self._confirm(order)
        self.assertEqual(transaction.invoice_ids.mapped("state"), ["posted"])

    def test_without_a_template_the_salesperson_is_told(self):
        """B6: the customer never reads our troubles."""
        self.template.active = False
        order = self._create_order()
        self._accept_online(order)
        self.assertTrue(order.quality_accepted_on)
        self.assertIn(self.seller, order.activity_ids.user_id)

    def test_a_reviewed_offer_is_confirmed_by_the_customers_signature(self):
        """B6: where the review stands, the portal works as ever."""
        order = self._create_reviewed_order()
        self._accept_online(order)
        self.assertEqual(order.state, "sale")

    def test_a_payment_is_kept_and_the_order_waits(self):
        """B6: online payment meets the gate without an error in the payment run."""
        order = self._create_order()
        transaction = self._pay(order)
        self.assertEqual(transaction.state, "done")
        self.assertTrue(transaction.is_post_processed)
        self.assertEqual(order.state, "draft")
        self.assertTrue(order.quality_accepted_on)

    def test_approval_confirms_and_invoices_a_paid_order_as_core_would(self):
        """B6: approval then confirms the order, and invoices as core would."""
        self.env["ir.config_parameter"].set_param("sale.automatic_invoice", "True")
        order = self._create_order()
        transaction = self._pay(order)
        self._approve(order.quality_review_id)
        self._settle()
        self.assertEqual(order.state, "sale")
        self.assertEqual(transaction.invoice_ids.mapped("state"), ["posted"])
        self.assertEqual(transaction.invoice_ids.mapped("amount_residual"), [0])

    def test_a_paid_reviewed_order_is_confirmed_at_once(self):
        """B6: where the review stands, payment works as ever."""
        order = self._create_reviewed_order()
        self._pay(order)
        self.assertEqual(order.state, "sale")

    def _pay(self, order):
        provider = self._get_provider()
        transaction = self.env["payment.transaction"].create(
            {
                "payment_method_id": provider.payment_method_ids[:1].id,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "provider_id": provider.id,
                "reference": f"TX {order.name}",
                "operation": "online_redirect",
                "partner_id": order.partner_id.id,
                "sale_order_ids": [(6, 0, order.ids)],
            }
        )
        transaction._set_done()
        transaction._post_process()
        return transaction

    @classmethod
    def _get_provider(cls):
        """A provider with a bank journal in a company that keeps books."""
        journal = cls._keep_books()[1]
        method = (
            cls.env["payment.method"]
            .sudo()
            .create({"name": "Card", "code": "cq_card", "active": True, "image": SIGNATURE})
        )
        provider = (
            cls.env["payment.provider"]
            .sudo()
            .create(
                {
                    "name": "Bank",
                    "company_id": cls.company.id,
                    "state": "test",
                    "payment_method_ids": method.ids,
                }
            )
        )
        journal.inbound_payment_method_line_ids[:1].payment_provider_id = provider
        return provider

    @classmethod
    def _keep_books(cls):
        accounts = {}
        for kind, code in (
            ("asset_receivable", "1100"),
            ("liability_payable", "2100"),
            ("income", "4000"),
            ("asset_cash", "1000"),
            ("asset_current", "1200"),
        ):
            accounts[kind] = cls.env["account.account"].create(
                {
                    "name": kind,
                    "code": code,
                    "account_type": kind,
                    "reconcile": kind in ("asset_receivable", "liability_payable", "asset_current"),
                    "company_ids": cls.company.ids,
                }
            )
        cls.customer.with_company(cls.company).write(
            {
                "property_account_receivable_id": accounts["asset_receivable"].id,
                "property_account_payable_id": accounts["liability_payable"].id,
            }
        )
        cls.company.transfer_account_id = accounts["asset_current"]
        journals = cls.env["account.journal"].create(
            [
                {
                    "name": "Sales",
                    "code": "INV",
                    "type": "sale",
                    "company_id": cls.company.id,
                    "default_account_id": accounts["income"].id,
                },
                {
                    "name": "Bank",
                    "code": "BNK",
                    "type": "bank",
                    "company_id": cls.company.id,
                    "default_account_id": accounts["asset_cash"].id,
                },
            ]
        )
        cls.product.with_company(cls.company).property_account_income_id = accounts["income"]
        return journals


@tagged("post_install", "-at_install")
class TestNoWayRoundTheGate(QualityCase):
    """Holes that were found once, and stay closed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.quality_review_gate = "shortage"

    def test_the_review_of_another_order_opens_nothing(self):
        """B6: which review covers an order follows from the procedure."""
        reviewed, other = self._create_reviewed_order(), self._create_order(50)
        review = reviewed.quality_review_id
        with self.assertRaises(AccessError):
            other.with_user(self.seller).quality_review_id = review
        with self.assertRaises(AccessError):
            other.with_user(self.seller).quality_accepted_on = "2026-01-01"
        with self.assertRaises(AccessError):
            self.env["sale.order"].with_user(self.seller).create(
                {"partner_id": self.customer.id, "quality_review_id": review.id}
            )
        other.sudo().quality_review_id = review
        with self.assertRaisesRegex(Exception, "needs a contract review"):
            self._confirm(other)

    def test_an_objection_holds_even_when_stock_comes_in(self):
        """B6: nothing is confirmed while a department objects."""
        order = self._create_order(5)
        self._sign(self._request_review(order), self.producer, "object", "No")
        self._put_in_stock(self.product, 100)
        with self.assertRaisesRegex(Exception, "objects"):
            self._confirm(order)

    def test_what_is_written_beside_the_state_counts(self):
        """B6: the same write can't change what was approved and confirm it."""
        order = self._create_reviewed_order()
        with self.assertRaisesRegex(UserError, "changed after"):
            order.with_user(self.seller).write({"state": "sale", "note": "Penalty 50 %"})

    def test_goods_called_a_down_payment_are_still_goods(self):
        """B6: a flag on a line hides nothing from gate and fingerprint."""
        order = self._create_order(50)
        order.order_line.is_downpayment = True
        with self.assertRaisesRegex(Exception, "needs a contract review"):
            self._confirm(order)

    def test_two_orders_at_once_do_not_share_the_same_stock(self):
        """B2: the gate looks at all orders of a batch together."""
        self._put_in_stock(self.product, 8)
        orders = self._create_order(5) | self._create_order(5)
        with self.assertRaisesRegex(Exception, "needs a contract review"):
            self._confirm(orders)

    def test_kits_share_the_stock_of_their_components(self):
        """B2: a kit and its component are judged by the same calculation as the notice's."""
        kit = self.env["product.product"].create({"name": "Kit", "is_storable": True})
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": kit.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [(0, 0, {"product_id": self.part.id, "product_qty": 1})],
            }
        )
        self._put_in_stock(self.part, 10)
        order = self._create_order(10, product=self.part)
        order.order_line = [(0, 0, {"product_id": kit.id, "product_uom_qty": 10})]
        self.assertTrue(order._filter_quality_short())

    def test_a_negative_line_frees_no_stock(self):
        """B2: stock that is not there does not come from a line with a minus."""
        order = self._create_order(-100, 100)
        self.assertTrue(order._filter_quality_short())

    def test_a_line_does_not_ship_before_its_order(self):
        """B6: the state of a line is that of its order."""
        order = self._create_order(5)
        with self.assertRaises(AccessError):
            order.order_line.with_user(self.seller).state = "sale"

    def test_a_revision_that_nobody_was_asked_about_is_concluded_by_sales(self):
        """B1: a changed price is signed by somebody, though no department is asked anew."""
        order = self._create_reviewed_order()
        order.order_line.price_unit = 1
        revision = self._request_review(order)
        self.assertEqual(revision.state, "decision")
        self._sign(revision, self.seller, reason="Price agreed by phone")
        self.assertEqual(revision.state, "approved")

    def test_a_stale_review_is_not_signed_through(self):
        """B6: the last signature does not approve what the order no longer says."""
        order = self._create_order()
        review = self._request_review(order)
        self._approve(review, self.engineer, self.producer)
        order.order_line.product_uom_qty = 500
        self._sign(review, self.inspector)
        self.assertEqual(review.state, "review")

    def test_a_review_that_asks_nobody_is_refused(self):
        """B1: nobody's opinion approves nothing."""
        order = self._create_order()
        review = self._request_review(order)
        self._sign(review, self.inspector, "object", "No")
        self.template.item_ids.unlink()
        with self.assertRaises(UserError):
            self._request_review(order)
        self.env.invalidate_all()
        self.assertEqual(order.quality_review_status, "objected")

    def test_a_role_without_anybody_is_named_when_the_review_is_requested(self):
        """B1: no duty that nobody can sign."""
        self._assign("engineering", self.nobody)
        with self.assertRaisesRegex(UserError, "Nobody can answer for Engineering"):
            self._request_review(self._create_order())

    def test_an_approval_that_stands_is_not_revised(self):
        """B6: nothing is asked anew while the review says what the order says."""
        review = self._create_reviewed_order().quality_review_id
        with self.assertRaisesRegex(UserError, "does not need a revision"):
            review.with_user(self.seller).action_revise()

    def test_the_line_is_guarded_by_the_gate_of_its_own_company(self):
        """B6: switching to a company without a gate opens nothing."""
        other = self.env["res.company"].create({"name": "Open Ltd."})
        self.seller.company_ids |= other
        line = self._create_order(5).order_line.with_user(self.seller)
        companies = (other | self.company).ids
        with self.assertRaises(AccessError):
            line.with_context(allowed_company_ids=companies).state = "sale"
