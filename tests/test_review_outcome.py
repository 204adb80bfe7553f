from datetime import datetime, timedelta
from unittest.mock import patch

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools.safe_eval import safe_eval

from .common import QualityCase


@tagged("post_install", "-at_install")
class TestConditionActions(QualityCase):
    """A condition becomes an action that holds back what was chosen."""

    def _agree_if(self, review, user, **answer):
        record = review.record_id.with_user(user)
        mine = record.opinion_ids.filtered("is_mine")
        answer = {"answer": "condition", "reason": "New gauge first", **answer}
        record.action_sign_off({opinion.id: answer for opinion in mine})

    def _get_actions(self, review):
        return self.env["quality.action"].search([("source_record_id", "=", review.record_id.id)])

    def _approve_with_condition(self, order, **answer):
        review = self._request_review(order)
        self._agree_if(review, self.engineer, **answer)
        self._approve(review, self.producer, self.inspector)
        self._sign(review, self.seller)
        return review

    def test_the_approval_makes_an_action_of_the_condition(self):
        """B1: who, what, and what waits for it; nothing before the approval."""
        review = self._request_review(self._create_order())
        self._agree_if(review, self.engineer, responsible="quality")
        self.assertFalse(self._get_actions(review))
        self._approve(review, self.producer, self.inspector)
        self._sign(review, self.seller)
        action = self._get_actions(review)
        self.assertEqual(len(action), 1)
        self.assertEqual(action.hold, "confirmation")
        self.assertEqual(action.role_id, self._role("quality"))
        self.assertEqual(action.user_id, self.inspector)
        self.assertEqual(action.description, "New gauge first")

    def test_the_confirmation_waits_for_it(self):
        """B1, B6: refused while the action is open, passed when it is done."""
        self.company.quality_review_gate = "always"
        order = self._create_order()
        review = self._approve_with_condition(order)
        self.assertIn("New gauge first", self._get_actions(review).title)
        self.assertEqual(order.quality_review_status, "approved")
        self.assertFalse(self._says_that_it_can_be_confirmed(order))
        with self.assertRaises(RedirectWarning):
            self._confirm(order)
        self._get_actions(review).with_user(self.engineer).action_done("Gauge delivered")
        order.invalidate_recordset()
        self.assertTrue(self._says_that_it_can_be_confirmed(order))
        self._confirm(order)
        self.assertEqual(order.state, "sale")

    def _says_that_it_can_be_confirmed(self, order):
        order = order.with_user(self.seller)
        form = etree.fromstring(order.get_view(view_type="form")["arch"])
        [banner] = form.xpath("//div[contains(@class, 'alert-success')]")
        names = ("quality_gate_error", "quality_review_status", "state")
        return not safe_eval(banner.get("invisible"), {name: order[name] for name in names})

    def test_a_condition_before_shipment_lets_the_order_be_confirmed(self):
        """B1: as chosen by the signer."""
        self.company.quality_review_gate = "always"
        order = self._create_order()
        review = self._approve_with_condition(order, hold="shipment")
        self._confirm(order)
        self.assertEqual(order.state, "sale")
        self.assertEqual(self._get_actions(review).state, "open")
        self.assertTrue(order._get_quality_obstacles("shipment")[order])

    def test_a_new_revision_replaces_the_actions_of_the_old_one(self):
        """B1: they hold until the new revision is approved, and then no more."""
        order = self._create_order()
        review = self._approve_with_condition(order)
        order.order_line.product_uom_qty = 7
        review.with_user(self.seller).action_revise()
        self.assertEqual(self._get_actions(review).state, "open")
        revision = order.quality_review_id
        self._approve(revision)
        self.assertEqual(revision.state, "approved")
        self.assertEqual(self._get_actions(review).state, "cancelled")
        self.assertFalse(self._get_actions(revision))

    def test_a_void_review_calls_off_its_actions(self):
        """B1: a cancelled order leaves nothing to do."""
        order = self._create_order()
        review = self._approve_with_condition(order)
        order.with_user(self.seller)._action_cancel()
        self.assertEqual(review.state, "void")
        self.assertEqual(self._get_actions(review).state, "cancelled")

    def test_a_countermeasure_becomes_an_action_of_its_owner(self):
        """B4: with its date; a risk without countermeasure makes none."""
        review = self._request_review(self._create_order())
        self.env["quality.contract.review.risk"].with_user(self.engineer).create(
            [
                {
                    "review_id": review.id,
                    "kind": "technical",
                    "description": "New alloy",
                    "countermeasure": "Trial melt",
                    "role_id": self._role("production").id,
                    "date_due": "2030-05-06",
                },
                {"review_id": review.id, "kind": "market", "description": "Price war"},
            ]
        )
        self._approve(review)
        action = self._get_actions(review)
        self.assertEqual(action.user_id, self.producer)
        self.assertEqual(action.date_due, fields.Date.to_date("2030-05-06"))
        self.assertEqual(action.description, "Trial melt")

    def test_a_countermeasure_that_was_taken_is_not_asked_for_again(self):
        """B4: the revision knows that it is done; another wording is another measure."""
        order = self._create_order()
        review = self._request_review(order)
        self.env["quality.contract.review.risk"].with_user(self.engineer).create(
            [
                {
                    "review_id": review.id,
                    "kind": "technical",
                    "description": f"Risk {number}",
                    "countermeasure": f"Trial {number}",
                    "role_id": self._role("production").id,
                }
                for number in (1, 2)
            ]
        )
        self._approve(review)
        self._get_actions(review).with_user(self.producer).action_done("Report of the trial")
        order.order_line.product_uom_qty = 7
        review.with_user(self.seller).action_revise()
        revision = order.quality_review_id
        changed = revision.risk_ids.filtered(lambda risk: risk.description == "Risk 2")
        changed.with_user(self.engineer).countermeasure = "Trial with the new mould"
        self._approve(revision)
        self.assertEqual(revision.state, "approved")
        self.assertEqual(
            self._get_actions(revision).mapped("description"), ["Trial with the new mould"]
        )
        self.assertEqual(set(self._get_actions(review).mapped("state")), {"done"})

    def test_settling_costs_the_same_with_few_and_many_conditions(self):
        """B1: the last signature: one batch of actions, however many conditions there are."""

        def count(questions):
            self._create_template(["engineering"])
            self.env["quality.opinion.template.item"].create(
                [
                    {
                        "template_id": self.env["quality.opinion.template"].search([]).id,
                        "role_id": self._role("engineering").id,
                        "question": f"Question {number}",
                    }
                    for number in range(questions - 1)
                ]
            )
            review = self._request_review(self._create_order())
            self._agree_if(review, self.engineer)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._sign(review, self.seller)
            self.env.flush_all()
            self.assertEqual(len(self._get_actions(review)), questions)
            return self.env.cr.sql_log_count - before

        count(1)  # warm caches
        few, many = count(1), count(10)
        self.assertLessEqual(many, few + 12, f"{few} → {many}")


@tagged("post_install", "-at_install")
class TestAnswer(QualityCase):
    """The approval tells the customer the date on which the departments signed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "buyer@example.com"
        cls.company.quality_answer_customer = "automatic"

    def _get_mails(self, order):
        return self.env["mail.mail"].search(
            [("model", "=", "sale.order"), ("res_id", "=", order.id)]
        )

    def _approve_order(self, **vals):
        order = self._create_order(**vals)
        self._approve(self._request_review(order))
        self.assertEqual(order.quality_review_id.state, "approved")
        return order

    def test_off_nothing_is_promised_or_sent(self):
        """B3: the setting switches it on, nothing else."""
        self.company.quality_answer_customer = "off"
        order = self._approve_order()
        self.assertFalse(order.commitment_date)
        self.assertFalse(self._get_mails(order))
        self.assertFalse(order.activity_ids)

    def test_the_date_is_promised_before_the_departments_sign(self):
        """B3: what they sign on is what the customer is told; the approval stays fresh."""
        order = self._create_order()
        review = self._request_review(order)
        promised = order.commitment_date
        self.assertTrue(promised)
        self.assertEqual(review.date_promised, promised)
        self._approve(review)
        self.assertEqual(order.commitment_date, promised)
        self.assertFalse(review.is_stale)

    def test_the_earliest_date_of_the_figures_is_promised(self):
        """B3, B5: the latest of the lines' earliest dates."""
        self._put_in_stock(self.part, 100)
        order = self._create_order(5, 7)
        review = self._request_review(order)
        earliest = review.line_ids.mapped("date_earliest")
        self.assertTrue(all(earliest))
        self.assertEqual(order.commitment_date, max(earliest))
        self.assertEqual(set(review.line_ids.mapped("date_expected")), {max(earliest)})

    def test_a_confirmed_order_is_not_promised_anew(self):
        """B3: what is agreed stays; only quotations get a date."""
        order = self._create_order()
        self._confirm(order)
        self._request_review(order)
        self.assertFalse(order.commitment_date)

    def test_a_date_of_sales_stays(self):
        """B3: sales have promised one: it is not touched."""
        order = self._approve_order(commitment_date="2031-03-04 10:00:00")
        self.assertEqual(order.commitment_date, datetime(2031, 3, 4, 10))

    def test_the_mail_is_queued_once_with_the_approval(self):
        """B3: one mail to the customer with the date, in the queue, on the order."""
        order = self._approve_order(commitment_date="2031-03-04 10:00:00")
        mail = self._get_mails(order)
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertIn("03/04/2031", mail.body_html)
        self.assertIn(mail.mail_message_id, order.message_ids)
        self.assertTrue(order.quality_review_id.date_answered)

    def test_the_customer_reads_their_own_language(self):
        """B3: the template in the language of the customer, the date in its form."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        template = self.env.ref("customer_quality.mail_template_answer")
        template.with_context(lang="fr_FR").subject = "Nous acceptons {{ object.name }}"
        order = self._approve_order(commitment_date="2031-03-04 10:00:00")
        mail = self._get_mails(order)
        self.assertEqual(mail.subject, f"Nous acceptons {order.name}")
        self.assertIn("04/03/2031", mail.body_html)

    def test_the_same_date_is_not_told_twice(self):
        """B3: a revision with the same promise sends no second mail; another promise does."""
        order = self._approve_order(commitment_date="2031-03-04 10:00:00")
        for date, mails in (("2031-03-04 10:00:00", 1), ("2031-04-05 10:00:00", 2)):
            order.write({"commitment_date": date, "client_order_ref": f"PO {mails}"})
            order.quality_review_id.with_user(self.seller).action_revise()
            self._approve(order.quality_review_id)
            self.assertEqual(order.quality_review_id.state, "approved")
            self.assertEqual(len(self._get_mails(order)), mails)

    def test_without_address_sales_are_asked(self):
        """B3: nothing is lost: a task instead of a mail."""
        self.customer.email = False
        order = self._approve_order()
        self.assertFalse(self._get_mails(order))
        self.assertEqual(order.activity_ids.user_id, self.seller)
        self.assertFalse(order.quality_review_id.date_answered)

    def test_a_broken_template_does_not_undo_the_approval(self):
        """B3: the signature of whoever approved last stands; sales are asked."""
        broken = patch.object(
            type(self.env["mail.template"]), "send_mail_batch", side_effect=UserError("Broken")
        )
        with broken, self.assertLogs("odoo.addons.customer_quality", "WARNING"):
            order = self._approve_order()
        self.assertEqual(order.activity_ids.user_id, self.seller)
        self.assertFalse(self._get_mails(order))

    def test_a_draft_is_prepared_for_sales(self):
        """B3: a task, a composer with the template; sending it closes the task."""
        self.company.quality_answer_customer = "draft"
        order = self._approve_order()
        self.assertFalse(self._get_mails(order))
        self.assertEqual(order.activity_ids.user_id, self.seller)
        action = order.with_user(self.seller).action_answer_customer()
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.seller)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(composer.partner_ids, self.customer)
        composer._action_send_mail()
        self.assertTrue(order.quality_review_id.date_answered)
        self.assertFalse(order.activity_ids)
        self.assertFalse(order.quality_review_id.is_answer_due)

    def test_only_sales_answer_and_only_what_is_approved(self):
        """B3: refused to others, and before the approval."""
        order = self._create_order()
        self._request_review(order)
        with self.assertRaises(UserError):
            order.with_user(self.seller).action_answer_customer()
        for user in (self.engineer, self.nobody):
            with self.assertRaises(AccessError):
                order.with_user(user).action_answer_customer()

    def test_the_day_is_that_of_the_seller(self):
        """B3: 17:00 in UTC is the next day in Shanghai."""
        self.seller.tz = "Asia/Shanghai"
        order = self._create_order(commitment_date="2031-03-04 17:00:00")
        self.assertEqual(order.quality_promise_date, fields.Date.to_date("2031-03-05"))


@tagged("post_install", "-at_install")
class TestOrderInHand(QualityCase):
    """With the customer's order in hand the last approval confirms."""

    def _settle(self):
        with self.enter_registry_test_mode():
            self.env.ref("customer_quality.ir_cron_review_settle").method_direct_trigger()
        self.env.invalidate_all()

    def test_the_last_approval_confirms_outside_the_signers_transaction(self):
        """B3: the signer's transaction only wakes the scheduled action."""
        self.company.quality_confirm_on_approval = True
        order = self._create_reviewed_order(quality_order_in_hand=True)
        self.assertEqual(order.state, "draft")
        self._settle()
        self.assertEqual(order.state, "sale")

    def test_not_without_setting_tick_or_fresh_approval(self):
        """B3: each of them alone is not enough."""
        no_setting = self._create_reviewed_order(quality_order_in_hand=True)
        self._settle()
        self.assertEqual(no_setting.state, "draft")
        no_setting.quality_order_in_hand = False
        self.company.quality_confirm_on_approval = True
        no_tick = self._create_reviewed_order()
        stale = self._create_reviewed_order(quality_order_in_hand=True)
        stale.order_line.product_uom_qty = 99
        self._settle()
        self.assertEqual((no_tick | stale).mapped("state"), ["draft", "draft"])

    def test_what_is_held_waits(self):
        """B1, B3: a condition before confirmation holds this way too."""
        self.company.write({"quality_confirm_on_approval": True, "quality_review_gate": "always"})
        order = self._create_order(quality_order_in_hand=True)
        review = self._request_review(order)
        self._sign(review, self.engineer, "condition", "New gauge")
        self._approve(review, self.producer, self.inspector)
        self._sign(review, self.seller)
        self._settle()
        self.assertEqual(order.state, "draft")
        actions = self.env["quality.action"].search(
            [("source_record_id", "=", review.record_id.id)]
        )
        actions.with_user(self.engineer).action_done("There")
        self._settle()
        self.assertEqual(order.state, "sale")

    def test_the_tick_is_not_copied(self):
        """B3: a copy of an order is not what the customer ordered."""
        order = self._create_order(quality_order_in_hand=True)
        self.assertFalse(order.copy().quality_order_in_hand)


@tagged("post_install", "-at_install")
class TestMeetings(QualityCase):
    """Strategy before the offer, review in the meeting, kick-off after the confirmation."""

    def _plan(self, order):
        action = order.with_user(self.seller).action_plan_strategy_meeting()
        return self.env["quality.order.meeting"].browse(action["res_id"])

    def test_key_customers_need_the_minutes_of_a_strategy_meeting(self):
        """B7: the approval waits for the minutes, and comes with them."""
        self.company.quality_strategy_key_customer = True
        self.customer.quality_is_key = True
        order = self._create_order()
        review = self._request_review(order)
        self._approve(review)
        self.assertEqual(review.state, "review")
        self.assertIn("strategy meeting", review.missing)
        meeting = self._plan(order).with_user(self.seller)
        self.assertEqual(self._plan(order), meeting)
        with self.assertRaises(UserError):
            meeting.action_close()
        meeting.minutes = "We want this plant."
        meeting.action_close()
        self.assertEqual(review.state, "approved")
        self.assertEqual(review.with_user(self.engineer).meeting_ids.minutes, meeting.minutes)
        with self.assertRaises(UserError):
            meeting.minutes = "Something else"

    def test_large_orders_need_it_too_small_ones_do_not(self):
        """B7: 5 × 100 reaches 500; 4 × 100 does not."""
        self.company.quality_strategy_amount = 500
        large, small = self._create_order(5), self._create_order(4)
        self.assertEqual(large.quality_strategy_state, "due")
        self.assertEqual(small.quality_strategy_state, "free")
        obstacles = (large | small)._get_quality_obstacles("approval")
        self.assertEqual(list(obstacles), [large])
        self.assertFalse((large | small)._get_quality_obstacles("confirmation"))

    def test_without_a_rule_nothing_is_asked(self):
        """B7: off by default, and nothing is looked up."""
        order = self._create_order()
        self.assertEqual(order.quality_strategy_state, "off")
        self.assertFalse(order._get_quality_obstacles("approval"))

    def test_the_invitation_is_an_event_of_the_roles_people(self):
        """B7: the calendar shows the people of the roles."""
        self.company.quality_meeting_role_ids = self._role("engineering") | self._role("management")
        order = self._create_order()
        meeting = self._plan(order).with_user(self.seller)
        meeting.action_invite()
        people = self.engineer | self.director | self.seller
        self.assertEqual(meeting.event_id.partner_ids, people.partner_id)
        self.assertIn(order.name, meeting.event_id.name)
        self.assertEqual(meeting.event_id.start, meeting.date_start)

    def test_sales_write_the_minutes_on_the_form(self):
        """B7: as typed by the seller; the buttons follow the state."""
        meeting = self._plan(self._create_order())
        with self._form(meeting, self.seller) as form:
            form.minutes = "Price is not everything."
            form.guests = "Mr. Li"
        self.assertEqual(meeting.minutes, "Price is not everything.")
        meeting.with_user(self.seller).action_cancel()
        self.assertEqual((meeting.state, meeting.phase), ("void", "void"))
        with self.assertRaises(UserError):
            meeting.with_user(self.seller).action_invite()

    def test_a_manager_sets_up_a_kickoff(self):
        """B7: the template with its milestones is typed by quality managers only."""
        templates = self.env["quality.kickoff.template"]
        with self._form(templates, self.quality_manager) as form:
            form.name = "Series"
            with form.line_ids.new() as line:
                line.name = "Tool ordered"
                line.role_id = self._role("purchasing")
        for user in (self.seller, self.inspector, self.engineer):
            with self.assertRaises(AccessError):
                templates.with_user(user).create({"name": "Mine"})

    def test_strangers_write_no_minutes(self):
        """B7: reviewers read, nobody else; other companies not at all."""
        meeting = self._plan(self._create_order())
        self.assertTrue(meeting.with_user(self.engineer).read(["minutes"]))
        for user in (self.engineer, self.auditor, self.nobody):
            with self.assertRaises(AccessError):
                meeting.with_user(user).minutes = "I was there"
        with self.assertRaises(AccessError):
            meeting.with_user(self.seller).state = "held"
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self._create_user(
            "stranger", "base.group_user,sales_team.group_sale_salesman_all_leads", other
        )
        with self.assertRaises(AccessError):
            meeting.with_user(stranger).with_context(allowed_company_ids=other.ids).read(["name"])
        with self.assertRaises(AccessError):
            self._create_order().with_user(self.engineer).action_plan_strategy_meeting()

    def _create_kickoff(self, **vals):
        self.company.quality_kickoff = True
        return self.env["quality.kickoff.template"].create(
            {
                "name": "Vehicle part",
                "company_id": self.company.id,
                "days_after": 1,
                "role_ids": [self._role("engineering").id],
                "line_ids": [
                    (
                        0,
                        0,
                        {
                            "name": "Drawings released",
                            "requirement": "Revision as in the order",
                            "role_id": self._role("engineering").id,
                            "days_after": 3,
                        },
                    ),
                    (
                        0,
                        0,
                        {
                            "name": "First piece measured",
                            "role_id": self._role("quality").id,
                            "days_after": 10,
                            "needs_verification": True,
                        },
                    ),
                ],
                **vals,
            }
        )

    @freeze_time("2031-03-06 12:00:00")  # a Thursday
    def test_the_confirmation_plans_the_kickoff(self):
        """B7: by hand: Thursday + 1 = Friday 7, + 3 = Tuesday 11, + 10 = Thursday 20."""
        self._create_kickoff()
        order = self._create_order()
        self._confirm(order)
        meeting = order._get_quality_meetings("kickoff", ("planned",))
        self.assertEqual(meeting.date_start.date(), fields.Date.to_date("2031-03-07"))
        self.assertEqual(meeting.event_id.partner_ids, (self.engineer | self.seller).partner_id)
        actions = self.env["quality.action"].search(
            [("source_record_id", "=", meeting.record_id.id)], order="date_due"
        )
        self.assertEqual(
            [(action.title, str(action.date_due), action.user_id) for action in actions],
            [
                ("Drawings released", "2031-03-11", self.engineer),
                ("First piece measured", "2031-03-20", self.inspector),
            ],
        )
        self.assertEqual(actions.mapped("needs_verification"), [False, True])
        self.assertEqual(actions.order_id, order)

    @freeze_time("2031-03-06 20:00:00")  # Friday 9:00 in Auckland
    def test_milestones_fall_due_on_working_days_over_there(self):
        """B7, F3: by hand in Auckland: Friday 7 + 1 = Saturday 8, made up; + 3 = Tuesday 11."""
        self.company.resource_calendar_id.tz = "Pacific/Auckland"
        self.env["quality.working.day"].create(
            {"date": "2031-03-08", "weekday": "4", "company_id": self.company.id}
        )
        self._create_kickoff()
        order = self._create_order()
        self._confirm(order)
        meeting = order._get_quality_meetings("kickoff", ("planned",))
        self.assertEqual(str(meeting.date_start), "2031-03-07 20:00:00")  # Saturday 9:00 there
        actions = self.env["quality.action"].search(
            [("source_record_id", "=", meeting.record_id.id)], order="date_due"
        )
        self.assertEqual(str(actions[0].date_due), "2031-03-11")

    def test_many_orders_are_kicked_off_in_one_go(self):
        """B7: each further order costs little more than its rows and calendar events."""
        self._create_kickoff()

        def count(orders):
            orders = self.env["sale.order"].union(*(self._create_order() for _ in range(orders)))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders._plan_kickoff()
            self.env.flush_all()
            self.assertEqual(
                len(orders._get_quality_meetings("kickoff", ("planned",))), len(orders)
            )
            return self.env.cr.sql_log_count - before

        count(1)  # warm caches
        few, many = count(1), count(11)
        self.assertLessEqual((many - few) / 10, 3, f"{few} → {many}")

    def test_no_kickoff_without_setting_or_matching_template(self):
        """B7: off by default; a template for key customers leaves the others alone."""
        self._create_kickoff(key_customer=True)
        order = self._create_order()
        self._confirm(order)
        self.assertFalse(order.quality_meeting_count)
        self.company.quality_kickoff = False
        self.customer.quality_is_key = True
        order = self._create_order()
        self._confirm(order)
        self.assertFalse(order.quality_meeting_count)

    def test_cancelling_the_order_calls_the_kickoff_off(self):
        """B7: and a new confirmation plans it anew, once."""
        self._create_kickoff()
        order = self._create_order()
        self._confirm(order)
        meeting = order._get_quality_meetings("kickoff", ("planned",))
        actions = self.env["quality.action"].search(
            [("source_record_id", "=", meeting.record_id.id)]
        )
        order._action_cancel()
        self.assertEqual(meeting.state, "void")
        self.assertEqual(set(actions.mapped("state")), {"cancelled"})
        order.action_draft()
        self._confirm(order)
        self.assertEqual(len(order._get_quality_meetings("kickoff", ("planned",))), 1)

    def test_only_sales_and_quality_lead_a_review_meeting(self):
        """M2: the meeting is planned by whoever leads it; no second one is."""
        review = self._request_review(self._create_order())
        action = review.with_user(self.seller).action_open_meeting()
        self.assertIn("mode=meeting", action["url"])
        review.with_user(self.inspector).action_open_meeting()
        self.assertEqual(len(review.meeting_ids), 1)
        invited = review.meeting_ids.attendee_ids
        self.assertLessEqual((self.engineer | self.producer).partner_id, invited)
        other = self._request_review(self._create_order())
        with self.assertRaises(AccessError):
            other.with_user(self.engineer).action_open_meeting()
        self._approve(other)
        with self.assertRaises(UserError):
            other.with_user(self.seller).action_open_meeting()

    def test_the_list_shows_how_long_a_review_runs(self):
        """B1: until now while it runs, and from request to decision afterwards."""
        review = self._request_review(self._create_order())
        review.sudo().date_requested = fields.Datetime.now() - timedelta(hours=30)
        self.assertAlmostEqual(review.hours_running, 30, places=1)
        self._approve(review)
        review.sudo().date_decided = review.date_requested + timedelta(hours=6)
        self.assertAlmostEqual(review.hours_running, 6)
