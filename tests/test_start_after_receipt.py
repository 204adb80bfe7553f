from odoo.exceptions import RedirectWarning
from odoo.tests import Form, tagged

from .abnormality_common import AbnormalityCase


@tagged("post_install", "-at_install")
class TestStartAfterReceipt(AbnormalityCase):
    """C2, D1: where the company asks for it, nothing starts before its notice is received."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.quality_start_after_receipt = True
        cls.made = cls.production.with_user(cls.worker)
        cls.work = cls.workorder.with_user(cls.worker)

    def _receive_notice(self, notice=None):
        (notice or self.notice).with_user(self.producer).action_receive()

    def _assert_refused(self, start):
        with self.assertRaises(RedirectWarning) as caught:
            start()
        sentence, action, _button, context = caught.exception.args
        self.assertIn(self.production.name, sentence)
        self.assertIn(self.notice.name, sentence)
        action = self.env["ir.actions.server"].browse(action).with_user(self.producer)
        opened = action.sudo(False).with_context(**context).run()
        self.assertEqual(opened["res_id"], self.notice.id)

    def test_no_way_to_start_passes(self):
        """D1: work order, quantity, production and state, by button or over RPC."""
        for start in (
            self.work.button_start,
            self.work.button_finish,
            lambda: self.work.write({"qty_producing": 2}),
            lambda: self.made.write({"qty_producing": 2}),
            lambda: self.made.write({"state": "progress"}),
            self.made.action_start,
            self.made.button_mark_done,
            lambda: self.made.with_context(skip_backorder=True).button_mark_done(),
        ):
            with self.subTest(start):
                self._assert_refused(start)
        self.assertEqual(self.production.state, "confirmed")
        self.assertTrue(self.production.quality_unreceived_ids)

    def test_the_form_says_so(self):
        """D1: what is typed is refused when it is saved."""
        with self.assertRaises(RedirectWarning), Form(self.made) as form:
            form.qty_producing = 1

    def test_once_received_it_starts(self):
        """D1: production signs, and works."""
        self.assertTrue(self.production.quality_unreceived_ids)
        self._receive_notice()
        self.assertFalse(self.production.quality_unreceived_ids)
        self.work.button_start()
        self.assertEqual(self.production.state, "progress")

    def test_other_departments_do_not_hold_it_up(self):
        """D1: the receipt of production counts."""
        pending = self.notice.acknowledgement_ids
        self.assertGreater(len(pending), 1)
        self._receive_notice()
        self.assertIn("open", pending.mapped("state"))
        self.made.action_start()
        self.assertEqual(self.production.state, "progress")

    def test_what_was_started_goes_on(self):
        """D1: an order in work is not stopped by a notice that comes later."""
        self.company.quality_start_after_receipt = False
        self.work.button_start()
        self.company.quality_start_after_receipt = True
        self.made.write({"qty_producing": 5})
        self._finish(self.production)
        self.assertEqual(self.production.state, "done")

    def test_without_a_notice_it_is_free(self):
        """D1: only orders under an issued notice wait."""
        free = self.production.copy()
        free.action_confirm()
        free.with_user(self.worker).workorder_ids[0].button_start()
        self.assertEqual(free.state, "progress")
        self.production.quality_allocation_ids.is_own = False  # so that it outlives its notice
        self.notice._void("Cancelled")
        self.made.action_start()
        self.assertEqual(self.production.state, "progress")

    def test_off_it_costs_nothing(self):
        """DESIGN: where no company has it on, not one query."""
        self.env["res.company"].search([]).quality_start_after_receipt = False
        self.env["res.company"]._get_quality_on("quality_start_after_receipt")
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertNoLogs("odoo.sql_db", "DEBUG"):
            self.production._check_quality_receipt()
        self.work.button_start()
        self.assertEqual(self.production.state, "progress")

    def test_many_orders_cost_the_same_as_one(self):
        """DESIGN: no query per order."""
        self._receive_notice()
        orders = self.env["sale.order"].union(*(self._create_order(5) for _index in range(12)))
        orders.with_user(self.seller).action_confirm()
        notices = self._notices(orders)
        for notice in notices:
            self._receive_notice(notice)
        productions = notices.production_ids
        self.assertEqual(len(productions), 12)

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            records.mapped("state")
            before = self.env.cr.sql_log_count
            records._check_quality_receipt()
            return self.env.cr.sql_log_count - before

        count(productions[0])  # warm caches
        one = count(productions[0])
        self.assertLessEqual(one, 2)
        self.assertEqual(count(productions), one)

    def test_the_gate_does_not_grow_with_the_loop(self):
        """DESIGN: core writes each order by itself; the answer is kept for all of them."""
        self._receive_notice()
        orders = self.env["sale.order"].union(*(self._create_order(5) for _index in range(6)))
        orders.with_user(self.seller).action_confirm()
        notices = self._notices(orders)
        for notice in notices:
            self._receive_notice(notice)
        productions = notices.production_ids.with_user(self.worker)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertLogs("odoo.sql_db", "DEBUG") as logs:
            productions.workorder_ids.button_start()
            self.env.flush_all()
        asked = [line for line in logs.output if "quality_production_notice_allocation" in line]
        self.assertLessEqual(len(asked), 3)
        self.assertEqual(set(productions.mapped("state")), {"progress"})
