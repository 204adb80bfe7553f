from datetime import date, datetime, time, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, TransactionCase, freeze_time, tagged

from ..lib.framework import CallOff, Terms, find_outside, get_firm_until, get_week
from .test_depth import DepthCase, compare, hundredths

MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestFrameworkRules(TransactionCase):
    """The rules of call-offs as pure values; Monday is 2 March 2026."""

    def _find(self, day=MONDAY + 10 * DAY, quantity=100, price=9.5, currency=1, **terms):
        values = {
            "price": 9.5,
            "currency": 1,
            "weekly_max": 100,
            "lead_days": 10,
            "tolerance": 5,
            "valid_from": MONDAY,
            "valid_until": MONDAY + 300 * DAY,
            "firm_weeks": 4,
        }
        call_off = CallOff(price, currency, (day,), {get_week(day): quantity})
        return find_outside(call_off, Terms(**{**values, **terms}), MONDAY, compare)

    def test_inside_nobody_is_concerned(self):
        """B9: price, weekly maximum, lead time and validity hold."""
        self.assertEqual(self._find(), ())

    def test_each_limit_is_found_alone(self):
        """B9: the limits themselves are inside."""
        self.assertEqual(self._find(quantity=105), ())
        self.assertEqual(self._find(quantity=105.01), ("quantity",))
        self.assertEqual(self._find(price=9.49), ("price",))
        self.assertEqual(self._find(price=9.51), ("price",))
        self.assertEqual(self._find(currency=2), ("price",))
        self.assertEqual(self._find(day=MONDAY + 9 * DAY), ("date",))
        self.assertEqual(self._find(valid_from=MONDAY + DAY), ("expired",))
        self.assertEqual(self._find(valid_until=MONDAY + 9 * DAY), ("expired",))
        self.assertEqual(self._find(valid_until=MONDAY + 10 * DAY), ())

    def test_small_prices_are_told_apart(self):
        """B9: a screw for 0.0049 is not one for 0.0012, nor is a rounding error a price."""
        terms = Terms(0.0012, 1, 100, 10, 5, MONDAY, MONDAY + 300 * DAY, 4)
        day = MONDAY + 10 * DAY
        for price, outside in ((0.0049, ("price",)), (0.1 * 0.012, ())):
            call_off = CallOff(price, 1, (day,), {get_week(day): 100})
            self.assertEqual(find_outside(call_off, terms, MONDAY, hundredths), outside)

    def test_the_firm_zone_ends_on_a_sunday(self):
        """B9: this week and the weeks of the zone."""
        self.assertEqual(get_firm_until(MONDAY + 3 * DAY, 2), date(2026, 3, 22))
        self.assertEqual(get_firm_until(MONDAY, 0), date.max)

    def test_a_forecast_is_compared_with_nothing(self):
        """B9: forecasts bind nobody."""
        self.assertEqual(self._find(day=date(2026, 4, 5), quantity=999), ("quantity",))
        self.assertEqual(self._find(day=date(2026, 4, 6), quantity=999), ())


class FrameworkCase(DepthCase):
    """A customer with a framework contract over a product."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        template = cls.env.ref("customer_quality.template_framework")
        cls.framework_template = template.copy({"company_id": cls.company.id, "active": True})
        cls.framework_template.item_ids.filtered(
            lambda item: item.role_id.code not in ("sales", "production", "finance")
        ).unlink()

    def _create_framework(self, **vals):
        today = fields.Date.today()
        line = {
            "product_id": self.product.id,
            "price": 100,
            "weekly_max": 10,
            "tolerance": 10,
            "lead_days": 5,
            "packaging": "Crates of 5",
        }
        return (
            self.env["quality.framework.contract"]
            .with_user(self.seller)
            .create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "currency_id": self.company.currency_id.id,
                    "valid_from": today,
                    "valid_until": today + 300 * DAY,
                    "firm_weeks": 4,
                    "line_ids": [(0, 0, line)],
                    **vals,
                }
            )
            .sudo()
        )

    def _put_in_force(self, framework):
        framework.with_user(self.seller).action_request()
        for user in (self.seller, self.producer, self.director):
            self._sign(framework, user)
        self.assertEqual(framework.state, "approved")
        return framework

    def _call_off(self, framework, *quantities, days=7, **vals):
        moment = datetime.combine(fields.Date.today() + days * DAY, time(12))
        return self._create_order(
            *quantities, quality_framework_id=framework.id, commitment_date=moment, **vals
        )

    def _judge(self, order):
        review = self._request_review(order)
        line = review.line_ids[0]
        return line.kind, (line.conditions or {}).get("missing"), self._roles(review)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 08:00:00")
class TestFrameworkContract(FrameworkCase):
    """Framework contracts are reviewed once and called off many times (B9)."""

    def test_it_is_reviewed_on_its_own_record(self):
        """B9: all agree, and it is in force; nobody changes it any more."""
        framework = self._create_framework()
        self.assertTrue(framework.name.startswith("FC/"))
        framework.with_user(self.seller).action_request()
        self.assertEqual(self._roles(framework), {"sales", "production", "finance"})
        self._sign(framework, self.producer)
        self.assertEqual(framework.state, "review")
        self._sign(framework, self.seller)
        self._sign(framework, self.director)
        self.assertEqual(framework.state, "approved")
        for write in (
            lambda: framework.with_user(self.seller).write({"firm_weeks": 1}),
            lambda: framework.line_ids.with_user(self.seller).write({"price": 1}),
            lambda: framework.line_ids.with_user(self.seller).unlink(),
            lambda: framework.line_ids.with_user(self.seller).create(
                {"contract_id": framework.id, "product_id": self.part.id, "weekly_max": 1}
            ),
        ):
            with self.assertRaises(UserError):
                write()

    def test_sales_write_it_in_a_form(self):
        """B9: what sales type."""
        with Form(self.env["quality.framework.contract"].with_user(self.seller)) as form:
            form.partner_id = self.customer
            form.valid_until = fields.Date.today() + 30 * DAY
            with form.line_ids.new() as line:
                line.product_id = self.product
                line.weekly_max = 10
                line.price = 100
        self.assertEqual(form.record.line_ids.weekly_max, 10)

    def test_an_objection_leads_to_a_revision(self):
        """B9: who agreed to the same is not asked again."""
        framework = self._create_framework()
        framework.with_user(self.seller).action_request()
        self._sign(framework, self.seller)
        self._sign(framework, self.producer, "object", "Ten a week is too much.")
        self.assertEqual(framework.state, "objected")
        self.assertFalse(framework.opinion_ids.filtered(lambda o: o.state == "open"))
        framework.with_user(self.seller).action_revise()
        revision = framework.search([("supersedes_id", "=", framework.id)])
        self.assertEqual(revision.name, f"{framework.name}-2")
        revision.line_ids.with_user(self.seller).weekly_max = 8
        self._put_in_force(revision)
        self.assertEqual(framework.state, "superseded")

    def test_a_revision_replaces_what_is_in_force_only_when_approved(self):
        """B9: until then call-offs go by the old one."""
        framework = self._put_in_force(self._create_framework())
        framework.with_user(self.seller).action_revise()
        revision = framework.search([("supersedes_id", "=", framework.id)])
        self.assertEqual(self._judge(self._call_off(framework, 5))[0], "call_off")
        self._put_in_force(revision)
        self.assertEqual(framework.state, "superseded")
        self.assertEqual(self._judge(self._call_off(framework, 5))[:2], ("new", ["expired"]))
        self.assertEqual(self._judge(self._call_off(revision, 5))[0], "call_off")

    def test_a_call_off_inside_is_signed_by_sales_alone(self):
        """B9: and the notice goes out at once, at confirmation."""
        self.company.quality_notice_on_confirm = True
        self.company.quality_review_gate = "always"
        framework = self._put_in_force(self._create_framework())
        order = self._call_off(framework, 10)
        review = self._request_review(order)
        self.assertEqual(review.line_ids.kind, "call_off")
        self.assertIn(framework.name, review.line_ids.depth_note)
        self.assertEqual(self._roles(review), {"sales"})
        self._sign(review, self.seller)
        self._confirm(order)
        self.assertEqual(order.quality_notice_count, 1)

    def test_what_is_outside_goes_to_the_department_concerned(self):
        """B9: price, weekly maximum with its tolerance, lead time."""
        framework = self._put_in_force(self._create_framework())
        self.assertEqual(self._judge(self._call_off(framework, 11))[1], [])
        order = self._call_off(framework, 5, days=14)
        order.order_line.price_unit = 99
        self.assertEqual(self._judge(order), ("call_off", ["price"], {"sales", "finance"}))
        self.assertEqual(
            self._judge(self._call_off(framework, 12, days=21)),
            ("call_off", ["quantity"], {"sales", "production"}),
        )
        self.assertEqual(
            self._judge(self._call_off(framework, 5, days=4)),
            ("call_off", ["date"], {"sales", "production"}),
        )

    def test_the_weeks_of_all_call_offs_count_together(self):
        """B9: confirmed and under review; quotations nobody asked about don't count."""
        framework = self._put_in_force(self._create_framework())
        self._call_off(framework, 10)
        self.assertEqual(self._judge(self._call_off(framework, 6))[1], [])
        self.assertEqual(self._judge(self._call_off(framework, 6))[1], ["quantity"])
        self.assertEqual(self._judge(self._call_off(framework, 6, days=14))[1], [])

    def test_what_the_contract_does_not_name_is_reviewed_in_full(self):
        """B9: other products, other customers, expired or ended contracts."""
        everybody = {"engineering", "production", "quality"}
        framework = self._put_in_force(self._create_framework())
        order = self._call_off(framework, 5, product=self.part)
        self.assertEqual(self._judge(order), ("new", ["product"], everybody))
        other = self.customer.create({"name": "Other"})
        order = self._call_off(framework, 5, partner_id=other.id)
        self.assertEqual(self._judge(order), ("new", ["expired"], everybody))
        framework.with_user(self.seller).action_end()
        self.assertEqual(self._judge(self._call_off(framework, 5)), ("new", ["expired"], everybody))

    def test_after_its_time_it_expires(self):
        """B9: expired → in full; the contract is closed by the scheduled action."""
        framework = self._put_in_force(self._create_framework())
        with freeze_time("2027-03-02 08:00:00"):
            self.assertEqual(self._judge(self._call_off(framework, 5))[:2], ("new", ["expired"]))
            self.env["quality.framework.contract"]._cron_follow_up()
        self.assertEqual((framework.state, framework.phase), ("expired", "closed"))

    def test_a_forecast_binds_nobody(self):
        """B9: beyond the firm zone nothing is compared, and nothing is guarded."""
        framework = self._put_in_force(self._create_framework())
        order = self._call_off(framework, 500, days=60)
        self.assertTrue(order.order_line.quality_is_forecast)
        self.assertFalse(order.order_line._is_quality_promised())
        self.assertEqual(self._judge(order), ("call_off", [], {"sales"}))
        firm = self._call_off(framework, 5)
        self.assertFalse(firm.order_line.quality_is_forecast)
        self.assertTrue(firm.order_line._is_quality_promised())

    def test_the_contract_is_part_of_what_is_reviewed(self):
        """B6, B9: taken off the order, its approval is stale."""
        framework = self._put_in_force(self._create_framework())
        order = self._call_off(framework, 5)
        self._approve_all(self._request_review(order))
        order.quality_framework_id = False
        self.assertTrue(order.quality_review_id._filter_stale())

    def test_prices_are_for_those_who_see_prices(self):
        """M5, B9: production reads the lines without the price, on the signing page too."""
        framework = self._put_in_force(self._create_framework())
        line = framework.line_ids
        self.assertEqual(line.with_user(self.producer).read(["weekly_max"])[0]["weekly_max"], 10)
        with self.assertRaises(AccessError):
            line.with_user(self.producer).read(["price"])
        self.assertEqual(line.with_user(self.director).price, 100)
        producer, finance = self._role("production"), self._role("finance")
        before = framework._get_basis(producer), framework._get_basis(finance)
        self.env.cr.execute(
            "UPDATE quality_framework_contract_line SET price = 1 WHERE id = %s", [line.id]
        )
        line.invalidate_recordset()
        self.assertEqual(framework._get_basis(producer), before[0])
        self.assertNotEqual(framework._get_basis(finance), before[1])

    def test_only_sales_write_it_and_nobody_its_state(self):
        """B9: denied over RPC, and to other companies."""
        framework = self._create_framework()
        with self.assertRaises(AccessError):
            framework.with_user(self.seller).write({"state": "approved"})
        with self.assertRaises(AccessError):
            self._create_framework(state="approved")
        for user in (self.producer, self.inspector, self.auditor, self.nobody):
            with self.subTest(user.login), self.assertRaises(AccessError):
                framework.with_user(user).write({"firm_weeks": 2})
            with self.subTest(user.login), self.assertRaises(AccessError):
                framework.with_user(user).action_request()
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self._create_user(
            "stranger", "base.group_user,sales_team.group_sale_manager", other
        )
        contracts = self.env["quality.framework.contract"].with_user(stranger)
        self.assertFalse(contracts.with_context(allowed_company_ids=other.ids).search([]))

    def test_the_form_is_printed_with_and_without_prices(self):
        """B9, M5: the controlled form."""
        framework = self._put_in_force(self._create_framework())
        report = self.env["ir.actions.report"]
        name = "customer_quality.report_framework_contract"
        seen = report.with_user(self.director)._render_qweb_html(name, framework.ids)[0].decode()
        self.assertIn("100.00", seen)
        self.assertIn("Crates of 5", seen)
        seen = report.with_user(self.producer)._render_qweb_html(name, framework.ids)[0].decode()
        self.assertNotIn("100.00", seen)
        self.assertIn("Crates of 5", seen)

    def test_many_call_offs_are_judged_together(self):
        """B9, batch first: the queries don't grow with the orders."""
        framework = self._put_in_force(self._create_framework())

        def count(number):
            orders = self.env["sale.order"].union(
                *(self._call_off(framework, 1) for _index in range(number))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["quality.review.depth"]._judge(orders.order_line)
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertLessEqual(count(20), count(1) + 3)

    def test_a_week_begins_where_the_order_is_kept(self):
        """B9: Monday morning in Shanghai is no Sunday, though it is one in UTC."""
        self.seller.tz = "Asia/Shanghai"
        framework = self._put_in_force(self._create_framework())
        order = self._call_off(framework, 5)
        order.commitment_date = datetime(2026, 3, 8, 23)
        self.assertEqual(order.order_line._get_quality_parts(), [(date(2026, 3, 9), 5.0)])

    def test_a_call_off_is_typed_on_the_form(self):
        """B9: what kind of line it is shows before anything is saved."""
        framework = self._put_in_force(self._create_framework())
        with Form(self.env["sale.order"].with_user(self.seller)) as form:
            form.partner_id = self.customer
            form.quality_framework_id = framework
            with form.order_line.new() as line:
                line.product_id = self.product
                line.product_uom_qty = 3
        self.assertEqual(form.record.order_line.quality_kind, "call_off")

    def test_what_was_called_off_from_an_earlier_revision_counts(self):
        """B9: a revision of the contract does not empty the week."""
        framework = self._put_in_force(self._create_framework())
        self.assertEqual(self._judge(self._call_off(framework, 6))[1], [])
        action = framework.with_user(self.seller).action_revise()
        revision = self.env["quality.framework.contract"].browse(action["res_id"])
        self._put_in_force(revision)
        self.assertEqual(self._judge(self._call_off(revision, 6))[1], ["quantity"])
