from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.extensions import stock_move_news
from .abnormality_common import AbnormalityCase
from .common import BASE


class NewsCase(AbnormalityCase):
    """A company that tells what happens, and verbs to let it happen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.quality_news = True
        cls.keeper = cls._create_user("keeper", f"{BASE},stock.group_stock_manager")
        cls.vendor = cls.env["res.partner"].create({"name": "Steel Works"})
        cls.supplier_location = cls.env.ref("stock.stock_location_suppliers")
        cls.people = cls.seller | cls.producer | cls.inspector | cls.engineer | cls.keeper

    def setUp(self):
        super().setUp()
        self._forget()

    def _forget(self):
        """Tell what there is to tell, and listen from now on."""
        self._commit()
        self.last = self.env["mail.message"].search([], limit=1, order="id desc").id

    def _commit(self):
        """Let the transaction tell what it did, as its commit does."""
        self.env.flush_all()
        self.env.cr.precommit.run()

    def _heard(self, user):
        """Return what a person was told since the test began: list of texts."""
        messages = self.env["mail.message"].search(
            [
                ("id", ">", self.last),
                ("message_type", "=", "user_notification"),
                ("partner_ids", "in", user.partner_id.ids),
            ],
            order="id",
        )
        return [str(message.body) for message in messages]

    def _assert_told(self, *users, words=()):
        """Check that these people, and no others of the company, got one message each."""
        for user in self.people:
            heard = self._heard(user)
            with self.subTest(user.login):
                self.assertEqual(len(heard), int(user in users), heard)
                for word in words if heard else ():
                    self.assertIn(word, heard[0])

    def _create_receipt(self, product=None, quantity=10, date=None):
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.in_type_id.id,
                "partner_id": self.vendor.id,
                "location_id": self.supplier_location.id,
                "location_dest_id": self.warehouse.lot_stock_id.id,
                "move_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": (product or self.part).id,
                            "product_uom_qty": quantity,
                            "location_id": self.supplier_location.id,
                            "location_dest_id": self.warehouse.lot_stock_id.id,
                        },
                    )
                ],
            }
        )
        picking.action_confirm()
        if date:
            picking.move_ids.date = date
        self._forget()
        return picking

    def _validate(self, pickings, user=None):
        pickings.action_assign()
        pickings.move_ids.picked = True
        pickings.with_user(user or self.keeper).button_validate()

    def _ship(self, order=None, quantity=5):
        order = order or self.order
        self._put_in_stock(self.product, quantity)
        picking = order.picking_ids.filtered(lambda p: p.state not in ("done", "cancel"))
        self._validate(picking)
        return picking


@tagged("post_install", "-at_install")
class TestNews(NewsCase):
    """D4: who hears what without asking."""

    # Results of inspection → sales and production

    def test_a_lot_on_hold(self):
        """D4: the salesperson of the orders that wait for its goods, and production."""
        self.part.tracking = "lot"
        lot = self.env["stock.lot"].create(
            {"name": "L-1", "product_id": self.part.id, "company_id": self.company.id}
        )
        self.env["stock.quant"]._update_available_quantity(
            self.part, self.warehouse.lot_stock_id, 10, lot_id=lot
        )
        self.production.action_assign()
        lot.with_user(self.keeper).action_quality_hold()
        self._commit()
        self._assert_told(
            self.seller,
            self.producer,
            words=("L-1", "put on hold", self.production.name, self.order.name),
        )

    def test_released_again_within_the_transaction_is_no_news(self):
        """D4: what is as it was is not told; what is released later is."""
        lot = self.env["stock.lot"].create(
            {"name": "L-2", "product_id": self.part.id, "company_id": self.company.id}
        )
        lot.with_user(self.keeper).action_quality_hold()
        lot.with_user(self.keeper).action_quality_release()
        self._commit()
        self._assert_told()
        lot.quality_hold = True
        self._forget()
        lot.with_user(self.keeper).action_quality_release()
        self._commit()
        self._assert_told(self.producer, words=("L-2", "released"))

    def test_a_place_on_hold(self):
        """D4: what is reserved from a place inside it."""
        self._put_in_stock(self.part, 10)
        self.production.action_assign()
        place = self.warehouse.lot_stock_id
        place.with_user(self.keeper).action_quality_hold()
        self._commit()
        self._assert_told(self.seller, self.producer, words=(place.name, self.order.name))

    def test_scrap_of_what_is_made(self):
        """D4: the product of the manufacturing order, not its components."""
        self._put_in_stock(self.part, 50)
        self._put_in_stock(self.product, 5)
        for product in (self.part, self.product):
            scrap = self.env["stock.scrap"].create(
                {
                    "product_id": product.id,
                    "scrap_qty": 2,
                    "production_id": self.production.id,
                    "location_id": self.warehouse.lot_stock_id.id,
                    "company_id": self.company.id,
                }
            )
            scrap.with_user(self.keeper).sudo().do_scrap()
        self._commit()
        self._assert_told(self.seller, self.producer, words=(self.production.name, "2 Units"))
        self.assertNotIn("Part", self._heard(self.producer)[0])

    # Material → production and quality

    def test_material_that_arrives(self):
        """D4: production and quality, and for which orders it is needed."""
        picking = self._create_receipt()
        self._validate(picking)
        self._commit()
        self._assert_told(
            self.producer,
            self.inspector,
            words=(picking.name, "10 Units Part", self.production.name),
        )

    def test_a_batch_is_one_message(self):
        """D4: several receipts at once: one message per person, one to the chat group."""
        self.company.sudo().write(
            {"quality_chat_kind": "wecom", "quality_chat_url": "https://chat.example.com/hook"}
        )
        self.env["quality.chat.message"].search([]).unlink()
        pickings = self._create_receipt() | self._create_receipt(self.product, 3)
        self._validate(pickings)
        self._commit()
        self._assert_told(self.producer, self.inspector, words=pickings.mapped("name"))
        message = self.env["quality.chat.message"].search([])
        self.assertEqual(len(message), 1)
        for picking in pickings:
            self.assertIn(picking.name, message.text)
        self.assertNotIn("<", message.text)

    def test_material_that_comes_too_late(self):
        """D4: a receipt moves past the day on which a component is needed."""
        need = self.production.move_raw_ids.date
        picking = self._create_receipt(date=need - timedelta(days=2))
        picking.move_ids.date = need - timedelta(days=1)
        self._commit()
        self._assert_told()
        picking.move_ids.with_user(self.keeper).date = need + timedelta(days=4)
        self._commit()
        self._assert_told(
            self.producer, self.inspector, words=(picking.name, "Part", self.production.name)
        )

    def test_a_vendor_who_promises_a_later_day(self):
        """D4: the deadline of the receipt is what the vendor promises."""
        need = self.production.move_raw_ids.date
        picking = self._create_receipt(date=need - timedelta(days=2))
        picking.move_ids.with_user(self.keeper).date_deadline = need + timedelta(days=3)
        self._commit()
        self._assert_told(self.producer, self.inspector)

    def test_late_for_nobody_is_no_news(self):
        """D4: nothing is told of goods that no order under a notice waits for."""
        need = self.production.move_raw_ids.date
        other = self._create_receipt(self.bought, date=need - timedelta(days=2))
        earlier = self._create_receipt(date=need + timedelta(days=9))
        covered = self._create_receipt(date=need - timedelta(days=2))
        self._put_in_stock(self.part, 1000)
        other.move_ids.date = need + timedelta(days=5)
        earlier.move_ids.date = need + timedelta(days=6)
        self._commit()
        self._assert_told()
        self.production.action_assign()
        covered.move_ids.date = need + timedelta(days=5)
        self._commit()
        self._assert_told()

    # Shipments → sales and customer

    def test_a_shipment(self):
        """D4: the salesperson; production and quality have seen it leave."""
        picking = self._ship()
        self._commit()
        self._assert_told(self.seller, words=(picking.name, self.order.name, "5 Units Machine"))

    def test_returns_and_moves_inside_are_no_news(self):
        """D4: only what leaves for a customer, and what comes from a vendor."""
        self._put_in_stock(self.product, 5)
        self.env["stock.picking"].search([]).action_cancel()
        inside = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.int_type_id.id,
                "location_id": self.warehouse.lot_stock_id.id,
                "location_dest_id": self.warehouse.wh_input_stock_loc_id.id,
                "move_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.product.id,
                            "product_uom_qty": 1,
                            "location_id": self.warehouse.lot_stock_id.id,
                            "location_dest_id": self.warehouse.wh_input_stock_loc_id.id,
                        },
                    )
                ],
            }
        )
        inside.action_confirm()
        self._validate(inside)
        self._commit()
        self._assert_told()

    def test_each_hears_of_their_own_orders(self):
        """D4, M5: of somebody else's order nobody hears, and of no price."""
        colleague = self._create_user("colleague", f"{BASE},sales_team.group_sale_salesman")
        other = self._create_order(3, user=colleague)
        other.with_user(colleague).action_confirm()
        self._put_in_stock(self.product, 8)
        pickings = (self.order | other).picking_ids
        self._validate(pickings)
        self._commit()
        for user, own, foreign in (
            (self.seller, self.order, other),
            (colleague, other, self.order),
        ):
            with self.subTest(user.login):
                [text] = self._heard(user)
                self.assertIn(own.name, text)
                self.assertNotIn(foreign.name, text)
                self.assertNotIn("100", text)

    def test_who_did_it_is_not_told(self):
        """D4: one's own work is no news."""
        self.keeper.group_ids |= self.env.ref("sales_team.group_sale_salesman")
        self.order.user_id = self.keeper
        self._ship()
        self._commit()
        self._assert_told()

    def test_told_in_ones_own_language(self):
        """D4: each reads it in their language; the document is linked."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.seller.lang = "fr_FR"
        picking = self._ship()
        with patch.object(
            type(self.env["quality.news"]), "_send", autospec=True, side_effect=None
        ) as send:
            self._commit()
        self.assertEqual([call.args[3] for call in send.call_args_list], ["fr_FR"])
        self.assertTrue(picking)


@tagged("post_install", "-at_install")
class TestNewsToCustomers(NewsCase):
    """D4: shipments reach the customer, in their language, as the company has set it."""

    def _mails(self):
        return self.env["mail.mail"].search([("subject", "like", "has been shipped")])

    def test_off_by_default(self):
        """DESIGN: nothing is sent until the company wants it."""
        self.customer.email = "buyer@example.com"
        self._ship()
        self._commit()
        self.assertFalse(self._mails())
        self.assertFalse(self.order.quality_shipment_due)

    def test_sent_at_once(self):
        """D4: queued in the transaction, to the address of the delivery, in their language."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.write({"email": "buyer@example.com", "lang": "fr_FR"})
        self.env.ref("customer_quality.mail_template_shipment").with_context(
            lang="fr_FR"
        ).subject = "{{ object.sale_id.name }} has been shipped, en français"
        self.company.quality_news_customer = "automatic"
        picking = self._ship()
        self._commit()
        mail = self._mails()
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertIn("français", mail.subject)
        self.assertIn("Machine", mail.body_html)
        self.assertNotIn("100", mail.body_html)
        self.assertEqual(picking.quality_customer_told, "told")

    def test_without_an_address_sales_are_asked(self):
        """D4: the customer has no e-mail: the salesperson tells them."""
        self.company.quality_news_customer = "automatic"
        self._ship()
        self._commit()
        self.assertFalse(self._mails())
        self.assertTrue(self.order.with_user(self.seller).quality_shipment_due)

    def test_prepared_for_sales(self):
        """D4: a task for the salesperson, a button on the order, and the mail is written."""
        self.customer.email = "buyer@example.com"
        self.company.quality_news_customer = "draft"
        picking = self._ship()
        self._commit()
        kind = self.env.ref("customer_quality.mail_activity_type_shipment")
        task = self.order.activity_ids.filtered(lambda a: a.activity_type_id == kind)
        self.assertEqual(task.user_id, self.seller)
        order = self.order.with_user(self.seller)
        self.assertTrue(order.quality_shipment_due)
        action = order.action_tell_quality_shipment()
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.seller)
            .with_context(**action["context"])
            .create({})
        )
        self.assertIn("has been shipped", composer.subject)
        composer.action_send_mail()
        self.assertEqual(picking.quality_customer_told, "told")
        order.invalidate_recordset(["quality_shipment_due"])
        self.assertFalse(order.quality_shipment_due)
        self.assertFalse(task.exists().filtered("active"))

    def test_odoos_own_mail_is_not_doubled(self):
        """DESIGN: where Odoo tells the customer already, it is not done twice."""
        self.customer.email = "buyer@example.com"
        self.company.write(
            {"quality_news_customer": "automatic", "stock_move_email_validation": True}
        )
        self._ship()
        self._commit()
        self.assertFalse(self._mails())


@tagged("post_install", "-at_install")
class TestNewsCost(NewsCase):
    """D4, DESIGN: telling holds nothing up, and costs nothing where it is off."""

    def test_an_error_stops_no_transfer(self):
        """D4: what can't be told is logged; the goods have left all the same."""
        picking = self._ship()
        with (
            patch.object(
                type(self.env["quality.news"]), "_tell_people", side_effect=ValueError("broken")
            ),
            self.assertLogs("odoo.addons.customer_quality.models.notice.news", "ERROR"),
        ):
            self._commit()
        self.assertEqual(picking.state, "done")
        self.assertFalse(self._heard(self.seller))

    @mute_logger("odoo.addons.customer_quality.models.extensions.stock_picking_shipment")
    def test_a_broken_template_stops_no_transfer(self):
        """D4: sales tell by hand what the template can't."""
        self.customer.email = "buyer@example.com"
        self.company.quality_news_customer = "automatic"
        picking = self._ship()
        template = type(self.env["mail.template"])
        with patch.object(template, "send_mail_batch", side_effect=ValueError("broken")):
            self._commit()
        self.assertEqual((picking.state, picking.quality_customer_told), ("done", "due"))

    def _count_validation(self):
        self._put_in_stock(self.product, 5)
        order = self._create_order(2)
        order.with_user(self.seller).action_confirm()
        picking = order.picking_ids
        picking.action_assign()
        picking.move_ids.picked = True
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        picking.with_user(self.keeper).button_validate()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_off_it_costs_not_one_query(self):
        """D4: validating a delivery asks as much as without the module's hooks."""
        self.env["res.company"].search([]).quality_news = False
        Move = self.env.registry["stock.move"]
        self._count_validation()
        with_hooks = self._count_validation()
        hooked = next(c for c in Move.mro() if c.__module__ == stock_move_news.__name__)
        following = Move.mro()[Move.mro().index(hooked) + 1 :]
        plain = {
            name: next(c.__dict__[name] for c in following if name in c.__dict__)
            for name in ("_action_done", "write")
        }
        with (
            patch.object(hooked, "_action_done", plain["_action_done"]),
            patch.object(hooked, "write", plain["write"]),
        ):
            without = self._count_validation()
        self.assertEqual(with_hooks, without)
        self._commit()
        self._assert_told()

    def test_many_deliveries_cost_little_more_than_one(self):
        """DESIGN, batch first: one message whatever the number of deliveries."""

        def count(number):
            self._put_in_stock(self.product, 5 * number)
            orders = self.env["sale.order"].union(*(self._create_order(2) for _i in range(number)))
            orders.with_user(self.seller).action_confirm()
            pickings = orders.picking_ids
            self._validate(pickings)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self._commit()
            return self.env.cr.sql_log_count - before

        count(1)
        one = count(1)
        self.assertLessEqual(count(12), one + 5)

    def test_the_setting_of_another_company_is_not_ours(self):
        """Multi-company: a company that tells nothing tells nothing."""
        self.company.quality_news = False
        other = self.env["res.company"].create({"name": "Elsewhere Ltd.", "quality_news": True})
        self.assertIn(other.id, self.env["quality.news"]._get_companies())
        self._ship()
        receipt = self._create_receipt()
        receipt.move_ids.date = fields.Datetime.now() + timedelta(days=90)
        self._validate(receipt)
        self._commit()
        self._assert_told()
