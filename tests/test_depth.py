from datetime import datetime

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, TransactionCase, tagged

from ..lib.depth import Base, Line, find_missing, get_signers, matches, unite
from .common import QualityCase


def compare(left, right):
    return round(left - right, 6)


def hundredths(left, right):
    """Compare as a unit of measure does."""
    return round(left - right, 2)


@tagged("post_install", "-at_install")
class TestDepthRules(TransactionCase):
    """The rules of depth as pure values."""

    def setUp(self):
        super().setUp()
        self.base = Base(10, 99.0, 1, frozenset({7}), frozenset({"a"}))

    def _find(self, **changes):
        values = {
            "quantity": 10,
            "price": 99.0,
            "currency": 1,
            "drawings": frozenset({7}),
            "requirements": {"a": "quality"},
        }
        return find_missing(Line(**{**values, **changes}), self.base, compare)

    def test_a_line_as_before_misses_nothing(self):
        """B8: same drawing, price, requirements, and no more than was reviewed."""
        self.assertEqual(self._find(), ())
        self.assertEqual(self._find(quantity=3), ())
        self.assertEqual(self._find(requirements={}), ())

    def test_each_condition_is_found_alone(self):
        """B8: one condition missing, and the form says which."""
        self.assertEqual(self._find(quantity=10.5), ("quantity",))
        self.assertEqual(self._find(price=98.99), ("price",))
        self.assertEqual(self._find(price=99.01), ("price",))
        self.assertEqual(self._find(currency=2), ("price",))
        self.assertEqual(self._find(drawings=frozenset({8})), ("drawing",))
        self.assertEqual(self._find(drawings=frozenset()), ("drawing",))
        self.assertEqual(self._find(requirements={"a": None, "b": None}), ("requirement",))
        self.assertEqual(self._find(has_issue=True), ("issue",))

    def test_small_prices_are_told_apart(self):
        """B8: the rounding of quantities says nothing about prices."""
        cheap = Base(quantity=100, price=0.0012, currency=1)
        for price, missing in ((0.0012, ()), (0.0049, ("price",)), (0.0, ("price",))):
            line = Line(quantity=100, price=price, currency=1)
            self.assertEqual(find_missing(line, cheap, hundredths), missing)

    def test_only_a_date_known_to_be_too_early_counts(self):
        """B8: date not before the computed earliest; without one nothing is known against it."""
        asked = datetime(2026, 3, 5, 8)
        self.assertEqual(self._find(date=asked), ())
        self.assertEqual(self._find(date=asked, earliest=datetime(2026, 3, 5, 23)), ())
        self.assertEqual(self._find(date=asked, earliest=datetime(2026, 3, 6, 1)), ("date",))

    def test_who_signs_follows_from_kind_and_conditions(self):
        """B8: repeat, sample and call-off; new, urgent and export ask everybody."""
        self.assertEqual(get_signers("repeat"), {"sales", "production"})
        self.assertEqual(get_signers("sample"), {"sales", "engineering"})
        self.assertEqual(get_signers("call_off"), {"sales"})
        for kind in ("new", "urgent", "export"):
            self.assertIsNone(get_signers(kind))
        self.assertEqual(
            get_signers("repeat", ("drawing",)), {"sales", "production", "engineering"}
        )
        self.assertEqual(get_signers("call_off", ("price",)), {"sales", "finance"})
        self.assertEqual(
            get_signers("repeat", ("requirement",), ["legal", None]),
            {"sales", "production", "legal", "quality"},
        )

    def test_an_order_is_as_deep_as_its_deepest_line(self):
        """B8: the union over the lines."""
        self.assertEqual(unite([{"sales"}, {"sales", "production"}]), {"sales", "production"})
        self.assertIsNone(unite([{"sales"}, None]))
        self.assertIsNone(unite([]))

    def test_a_rule_needs_all_its_conditions(self):
        """B1: category, class, amount, special, export."""
        rule = {
            "categories": {3},
            "classes": set(),
            "amount_from": 100.0,
            "is_special": False,
            "is_export": True,
        }
        order = {
            "categories": {1, 3},
            "classes": {9},
            "amount": 100.0,
            "is_special": False,
            "is_export": True,
        }
        self.assertTrue(matches(rule, order))
        for change in ({"categories": {1}}, {"amount": 99.99}, {"is_export": False}):
            self.assertFalse(matches(rule, order | change))
        self.assertFalse(matches(rule | {"classes": {8}}, order))
        self.assertFalse(matches(rule | {"is_special": True}, order))


class DepthCase(QualityCase):
    """A company that reviews by kind of line."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.quality_depth_by_kind = True
        cls._assign("finance", cls.director)

    def _roles(self, review):
        return set(review.opinion_ids.filtered(lambda o: o.state != "void").role_id.mapped("code"))

    def _approve_all(self, review):
        people = {
            "sales": self.seller,
            "engineering": self.engineer,
            "production": self.producer,
            "quality": self.inspector,
            "finance": self.director,
        }
        for code in self._roles(review):
            self._sign(review, people[code])
        self.assertEqual(review.state, "approved")

    def _create_approved(self, *quantities, **vals):
        order = self._create_order(*quantities, **vals)
        self._approve_all(self._request_review(order))
        return order

    def _ask(self, *quantities, **vals):
        return self._request_review(self._create_order(*quantities, **vals))


@tagged("post_install", "-at_install")
class TestTemplateRule(QualityCase):
    """The template is chosen by rule (B1)."""

    def _create_rule(self, code="quality", **vals):
        template = self.template.copy({"name": f"For {code}"})
        template.item_ids.filtered(lambda item: item.role_id.code != code).unlink()
        return self.env["quality.contract.review.rule"].create(
            {
                "name": "Rule",
                "company_id": self.company.id,
                "template_id": template.id,
                **vals,
            }
        )

    def _get_rule(self, **vals):
        return self._request_review(self._create_order(**vals)).rule_id

    def test_without_a_rule_the_first_template_asks(self):
        """B1: as before."""
        review = self._request_review(self._create_order())
        self.assertEqual(review.template_id, self.template)
        self.assertFalse(review.rule_id)

    def test_the_first_rule_that_matches_decides(self):
        """B1: in their order."""
        last = self._create_rule("production", sequence=20)
        first = self._create_rule("quality", sequence=10, amount_from=1000)
        self.assertEqual(self._get_rule(), last)  # 5 × 100
        review = self._request_review(self._create_order(10))
        self.assertEqual(review.rule_id, first)
        self.assertEqual(review.opinion_ids.role_id, self._role("quality"))

    def test_conditions_look_at_product_and_customer(self):
        """B1: category or one above it, class of the customer's company, special, export."""
        parent = self.env["product.category"].create({"name": "Machines"})
        child = parent.create({"name": "Presses", "parent_id": parent.id})
        rule = self._create_rule(categ_ids=parent.ids)
        self.assertFalse(self._get_rule())
        self.product.categ_id = child
        self.assertEqual(self._get_rule(), rule)
        plants = self.env["quality.customer.class"].create({"name": "Plants"})
        rule.class_ids = plants
        self.assertFalse(self._get_rule())
        self.customer.quality_class_id = plants
        contact = self.customer.create({"name": "Buyer", "parent_id": self.customer.id})
        self.assertEqual(self._get_rule(partner_id=contact.id), rule)
        rule.is_special = True
        self.assertFalse(self._get_rule())
        self.product.quality_special = True
        self.assertEqual(self._get_rule(), rule)
        rule.is_export = True
        self.assertFalse(self._get_rule())
        self.company.country_id = self.env.ref("base.cn")
        self.customer.country_id = self.env.ref("base.de")
        self.assertEqual(self._get_rule(), rule)

    def test_the_amount_is_one_in_the_companys_currency(self):
        """B1: 500 in a currency of which two make one of the company's are 250."""
        currency = self.env["res.currency"].create({"name": "TST", "symbol": "t"})
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "rate": 2.0, "company_id": self.company.id}
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Test", "currency_id": currency.id, "company_id": self.company.id}
        )
        rule = self._create_rule(amount_from=251)
        order = self._create_order(1, pricelist_id=pricelist.id)
        order.order_line.price_unit = 500
        self.assertFalse(self._request_review(order).rule_id)
        order = self._create_order(1, pricelist_id=pricelist.id)
        order.order_line.price_unit = 502
        self.assertEqual(self._request_review(order).rule_id, rule)

    def test_sales_choose_another_template_while_nobody_is_asked(self):
        """B1: what sales chose stays, in revisions too."""
        rule = self._create_rule()
        order = self._create_order()
        review = self.env["quality.contract.review"]._create_for(order)
        self.assertEqual(review.rule_id, rule)
        with self._form(review, self.seller) as form:
            form.template_id = self.template
        self.assertFalse(review.rule_id)
        review.with_user(self.seller).action_request()
        order.order_line.product_uom_qty = 6
        review.with_user(self.seller).action_revise()
        self.assertEqual(order.quality_review_id.template_id, self.template)

    def test_a_revision_follows_the_rule_that_holds_now(self):
        """B1: an order that grew beyond the limit is reviewed by the other template."""
        rule = self._create_rule(amount_from=1000)
        order = self._create_order(5)
        self.assertEqual(self._request_review(order).template_id, self.template)
        order.order_line.product_uom_qty = 10
        self.assertEqual(self._request_review(order).rule_id, rule)
        order.order_line.product_uom_qty = 5
        self.assertEqual(self._request_review(order).template_id, self.template)

    def test_rules_of_another_company_decide_nothing(self):
        """B1: companies are separate."""
        other = self.env["res.company"].create({"name": "Other"})
        template = self.template.copy({"company_id": other.id})
        self._create_rule(company_id=other.id, template_id=template.id)
        self.assertFalse(self._get_rule())

    def test_only_quality_managers_write_rules(self):
        """B1: denied to everybody else, and unreadable to outsiders."""
        rule = self._create_rule()
        rule.with_user(self.quality_manager).name = "Renamed"
        for user in (self.seller, self.inspector, self.engineer, self.auditor, self.nobody):
            with self.subTest(user.login), self.assertRaises(AccessError):
                rule.with_user(user).name = "Mine"
        with self.assertRaises(AccessError):
            rule.with_user(self.nobody).read(["name"])
        rule.invalidate_recordset()
        self.assertEqual(rule.with_user(self.seller).name, "Renamed")


@tagged("post_install", "-at_install")
class TestKindOfLine(DepthCase):
    """Who reviews follows from the kind of each line (B8)."""

    def test_switched_off_everybody_is_asked_as_before(self):
        """B8: the setting."""
        self.company.quality_depth_by_kind = False
        self._create_approved(5)
        review = self._ask(5)
        self.assertEqual(self._roles(review), {"engineering", "production", "quality"})
        self.assertFalse(review.line_ids.kind)
        self.assertEqual(review.depth, "full")

    def test_what_was_never_approved_is_new(self):
        """B8: everybody in the template."""
        review = self._ask(5)
        self.assertEqual(review.line_ids.kind, "new")
        self.assertEqual(self._roles(review), {"engineering", "production", "quality"})

    def test_a_repeat_is_signed_by_sales_and_production_and_names_its_base(self):
        """B8: nothing is missing."""
        base = self._create_approved(5).quality_review_id
        review = self._ask(5)
        self.assertEqual(review.line_ids.kind, "repeat")
        self.assertEqual(review.line_ids.base_review_id, base)
        self.assertEqual(self._roles(review), {"sales", "production"})
        self.assertEqual(review.depth, "reduced")
        self.assertIn(base.name, review.line_ids.depth_note)
        self._approve_all(review)

    def test_a_repeat_costs_sales_three_clicks_and_production_one(self):
        """B8: request, sign, confirm; production signs."""
        self._create_approved(5)
        order = self._create_order(5)
        self.company.quality_review_gate = "always"
        clicks = {"sales": 0, "production": 0}

        def click(who, action, *args):
            clicks[who] += 1
            return action(*args)

        sales = order.with_user(self.seller)
        click("sales", sales.action_request_quality_review)
        review = order.quality_review_id
        click("sales", self._sign, review, self.seller)
        click("production", self._sign, review, self.producer)
        click("sales", sales.action_confirm)
        self.assertEqual(order.state, "sale")
        self.assertEqual(clicks, {"sales": 3, "production": 1})

    def test_a_contact_of_the_same_company_repeats(self):
        """B8: the customer is the company behind the contact."""
        self._create_approved(5)
        contact = self.customer.create({"name": "Buyer", "parent_id": self.customer.id})
        self.assertEqual(self._ask(5, partner_id=contact.id).line_ids.kind, "repeat")

    def test_another_customer_or_product_repeats_nothing(self):
        """B8: same customer, same product."""
        self._create_approved(5)
        other = self.customer.create({"name": "Other Plant"})
        self.assertEqual(self._ask(5, partner_id=other.id).line_ids.kind, "new")
        self.assertEqual(self._ask(5, product=self.part).line_ids.kind, "new")

    def test_more_than_was_reviewed_asks_production_only(self):
        """B8: the largest quantity of the last 12 months, in whatever unit."""
        self._create_approved(12)
        self._create_approved(5)
        self.assertEqual(self._ask(12).line_ids.conditions["missing"], [])
        review = self._ask(13)
        self.assertEqual(review.line_ids.conditions["missing"], ["quantity"])
        self.assertEqual(self._roles(review), {"sales", "production"})
        dozens = self._create_order(1)
        dozens.order_line.product_uom_id = self.env.ref("uom.product_uom_dozen")
        dozens.order_line.price_unit = 1200
        self.assertEqual(self._request_review(dozens).line_ids.conditions["missing"], [])

    def test_two_lines_of_a_product_are_one_quantity(self):
        """B8: the maximum can't be passed by splitting the line."""
        self._create_approved(5)
        review = self._ask(3, 3)
        self.assertEqual(review.line_ids[0].conditions["missing"], ["quantity"])

    def test_another_price_asks_sales_and_finance(self):
        """B8: neither above nor below, discounts included; the text names no amount (M5)."""
        self._create_approved(5)
        order = self._create_order(5)
        order.order_line.discount = 1
        review = self._request_review(order)
        self.assertEqual(review.line_ids.conditions["missing"], ["price"])
        self.assertEqual(self._roles(review), {"sales", "production", "finance"})
        self.assertNotIn("99", review.line_ids.depth_note)

    def _require(self, order, text, role, **vals):
        self.env["quality.requirement"].create(
            {"order_id": order.id, "text": text, "role_id": self._role(role).id, **vals}
        )

    def test_only_new_requirements_are_reviewed_by_their_department(self):
        """B8: what was required before was reviewed before."""
        base = self._create_order(5)
        self._require(base, "Salt spray 96 h", "quality")
        self._approve_all(self._request_review(base))
        order = self._create_order(5)
        self._require(order, "Salt spray 96 h", "quality")
        review = self._request_review(order)
        self.assertEqual(review.line_ids.conditions["missing"], [])
        self.assertEqual(self._roles(review), {"sales", "production"})
        order = self._create_order(5)
        self._require(order, "Salt spray 96 h", "quality")
        self._require(order, "Packed in crates", "engineering", kind="packaging")
        review = self._request_review(order)
        self.assertEqual(review.line_ids.conditions["missing"], ["requirement"])
        self.assertEqual(self._roles(review), {"sales", "production", "engineering"})
        self.assertNotIn("crates", str(review.line_ids.requirements))

    def test_a_date_earlier_than_can_be_promised_asks_production(self):
        """B8: the earliest date is the one that the figures give."""
        self._create_approved(5)
        self._put_in_stock(self.part, 1000)
        self.bom.produce_delay = 30
        order = self._create_order(5, commitment_date=fields.Datetime.now())
        review = self._request_review(order)
        self.assertTrue(review.line_ids.date_earliest > review.line_ids.date_expected)
        self.assertEqual(review.line_ids.conditions["missing"], ["date"])
        self.assertEqual(self._roles(review), {"sales", "production"})

    def test_an_open_issue_asks_quality(self):
        """B8: no open complaint, CAPA or hold."""
        self._create_approved(5)
        order = self._create_order(5)
        lines = type(order.order_line)
        self.patch(
            lines, "_get_quality_open_issues", lambda self: dict.fromkeys(self, ["Lot 7 is held."])
        )
        review = self._request_review(order)
        self.assertEqual(self._roles(review), {"sales", "production", "quality"})
        self.assertIn("Lot 7 is held.", review.line_ids.depth_note)

    def test_a_year_later_nothing_is_repeated(self):
        """B8: approved in the last 12 months, to the day."""
        base = self._create_approved(5).quality_review_id
        base.date_decided = fields.Datetime.now() - relativedelta(months=12, minutes=5)
        self.assertEqual(self._ask(5).line_ids.kind, "new")
        base.date_decided = fields.Datetime.now() - relativedelta(months=12, minutes=-5)
        self.assertEqual(self._ask(5).line_ids.kind, "repeat")

    def test_what_nobody_reviewed_is_no_base(self):
        """B8: adopted, cancelled and running orders, samples."""
        reviews = self.env["quality.contract.review"]
        reviews._adopt(self._create_order(5))
        self._ask(5)
        cancelled = self._create_approved(5)
        cancelled._action_cancel()
        order = self._create_order(5)
        order.order_line.quality_kind_choice = "sample"
        self._approve_all(self._request_review(order))
        self.assertEqual(self._ask(5).line_ids.kind, "new")

    def test_samples_are_signed_by_sales_and_engineering(self):
        """B8: and their notice will say so."""
        order = self._create_order(1)
        with Form(order.with_user(self.seller)) as form, form.order_line.edit(0) as line:
            line.quality_kind_choice = "sample"
        review = self._request_review(order)
        self.assertEqual(self._roles(review), {"sales", "engineering"})
        self.assertTrue(order.order_line._is_quality_sample())

    def test_urgent_and_export_ask_everybody(self):
        """B8: also where the line would repeat another."""
        self._create_approved(5)
        order = self._create_order(5)
        order.order_line.quality_kind_choice = "urgent"
        everybody = {"engineering", "production", "quality"}
        self.assertEqual(self._roles(self._request_review(order)), everybody)
        self.company.country_id = self.env.ref("base.cn")
        self.customer.country_id = self.env.ref("base.de")
        review = self._ask(5)
        self.assertEqual(review.line_ids.kind, "export")
        self.assertEqual(self._roles(review), everybody)

    def test_always_review_knows_no_repeat(self):
        """B2, B8: special products and customers."""
        self._create_approved(5)
        self.product.quality_special = True
        self.assertEqual(self._ask(5).line_ids.kind, "new")
        self.product.quality_special = False
        self.customer.quality_always_review = True
        self.assertEqual(self._ask(5).line_ids.kind, "new")

    def test_always_review_knows_no_short_kind_either(self):
        """B2, B8: a sample or replacement of a special product is marked, and reviewed in full."""
        everybody = {"engineering", "production", "quality"}
        self.product.quality_special = True
        for kind in ("sample", "replacement"):
            order = self._create_order(1)
            order.order_line.quality_kind_choice = kind
            review = self._request_review(order)
            with self.subTest(kind):
                self.assertEqual(review.line_ids.kind, kind)
                self.assertEqual(self._roles(review), everybody)
                self.assertNotIn("sales and engineering sign", review.line_ids.depth_note)

    def test_an_order_asks_whom_its_lines_ask_together(self):
        """B8: the union."""
        self._create_approved(5)
        order = self._create_order(5, 1)
        order.order_line[1].quality_kind_choice = "sample"
        order.order_line[1].product_id = self.part
        review = self._request_review(order)
        self.assertEqual(self._roles(review), {"sales", "production", "engineering"})
        order = self._create_order(5, 1)
        order.order_line[1].product_id = self.part
        self.assertEqual(
            self._roles(self._request_review(order)), {"engineering", "production", "quality"}
        )

    def test_whom_the_order_requires_is_asked_besides(self):
        """B8: with a question of its own where the template has none."""
        legal, management = self._role("legal"), self._role("management")
        self._assign("legal", self.director)
        self.patch(
            type(self.env["sale.order"]),
            "_get_quality_review_roles",
            lambda self: dict.fromkeys(self, legal | management),
        )
        review = self._ask(5)
        self.assertEqual(
            self._roles(review),
            {"engineering", "production", "quality", "legal", "management"},
        )
        self.assertTrue(all(review.opinion_ids.mapped("question")))

    def test_the_kind_is_part_of_what_is_reviewed(self):
        """B6, B8: turned into a sample after approval, the order is another one."""
        order = self._create_approved(5)
        self.assertEqual(order.quality_review_status, "approved")
        order.order_line.quality_kind_choice = "sample"
        order.invalidate_recordset()
        order.quality_review_id.invalidate_recordset()
        self.assertEqual(order.quality_review_status, "stale")

    def test_the_kind_of_a_confirmed_line_stays(self):
        """B8: over RPC too."""
        order = self._create_approved(5)
        self._confirm(order)
        with self.assertRaises(UserError):
            order.order_line.with_user(self.seller).write({"quality_kind_choice": "urgent"})

    def test_the_order_shows_the_kind_before_the_review(self):
        """B8: computed and shown, to sales on the line."""
        self._create_approved(5)
        order = self._create_order(5, 50)
        lines = order.with_user(self.seller).order_line
        self.assertEqual(lines.mapped("quality_kind"), ["repeat", "repeat"])
        self.assertIn("more than the reviewed quantity", lines[1].quality_depth_note)

    def test_a_callers_context_shortens_no_review(self):
        """B8: over RPC, defaults and archived templates are asked for in vain."""
        archived = self._create_template(["sales"])
        archived.active = False
        archived.sequence = -1
        self.template.active = True
        for by_kind in (False, True):
            self.company.quality_depth_by_kind = by_kind
            order = self._create_order(5)
            order.with_user(self.seller).with_context(
                default_signers="sales",
                default_kind="call_off",
                default_depth="waived",
                default_state="approved",
                active_test=False,
            ).action_request_quality_review()
            review = order.quality_review_id
            self.assertEqual(review.state, "review")
            self.assertEqual(self._roles(review), {"engineering", "production", "quality"})

    def test_nobody_writes_the_kind_of_a_review_line(self):
        """B8: it follows from the order."""
        review = self._ask(5)
        for user in (self.seller, self.producer, self.quality_manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                review.line_ids.with_user(user).write({"kind": "repeat", "signers": "sales"})
            with self.subTest(user.login), self.assertRaises(AccessError):
                review.with_user(user).write({"depth": "reduced"})

    def test_the_form_says_kind_and_base(self):
        """B8: printed, and on the signing page."""
        base = self._create_approved(5).quality_review_id
        review = self._ask(5)
        html = self.env["ir.actions.report"]._render_qweb_html(
            "customer_quality.report_contract_review", review.ids
        )[0]
        self.assertIn(f"Repeats {base.name}.", html.decode())

    def test_many_orders_cost_little_more_than_one(self):
        """B8, batch first: the kinds of all lines are judged together."""
        self._create_approved(5)

        def ask(count):
            orders = self.env["sale.order"].union(*(self._create_order(5) for _i in range(count)))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders.with_user(self.seller).action_request_quality_review()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        ask(1)
        one, many = ask(1), ask(21)
        self.assertLessEqual((many - one) / 20, 12, f"{one} → {many}")
