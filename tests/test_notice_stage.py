from datetime import datetime, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import BASE
from .notice_common import NoticeCase

STAGE = "quality.production.notice.stage"


@tagged("post_install", "-at_install")
class TestNoticeStage(NoticeCase):
    """A notice is planned in stages, with dates and owners (D1, D2)."""

    def setUp(self):
        super().setUp()
        self.promised = datetime.combine(
            fields.Date.today() + timedelta(days=30), datetime.min.time()
        ) + timedelta(hours=9)
        self.order = self._create_order(5, commitment_date=self.promised)
        self.notice = self._confirm(self.order)
        self.stages = self.notice.stage_ids

    def _days_before(self):
        return [(self.promised.date() - stage.date_due).days for stage in self.stages]

    def test_planned_backwards_from_the_promise(self):
        """D2: each stage is due so many days before the promised date, owned by who acts for
        its department."""
        self.assertEqual(self._days_before(), [15, 10, 4, 2, 1])
        owners = {stage.role_id.code: stage.user_id for stage in self.stages}
        self.assertEqual(owners["production"], self.producer)
        self.assertEqual(owners["warehouse"], self.storekeeper)
        self.assertEqual(self.notice.stage_progress, "0/5")

    def test_planned_from_the_day_of_the_promise_where_it_is_kept(self):
        """D2: half past one on the 12th in Shanghai is still the 11th in Greenwich."""
        self.seller.tz = "Asia/Shanghai"
        promised = datetime(2031, 3, 11, 17, 30)
        stages = self._confirm(self._create_order(3, commitment_date=promised)).stage_ids
        self.assertEqual(str(stages[-1].date_due), "2031-03-11")  # the day before

    def test_never_due_in_the_past(self):
        """D2: what should have begun already is due today."""
        soon = fields.Datetime.now() + timedelta(days=3)
        stages = self._confirm(self._create_order(2, commitment_date=soon)).stage_ids
        self.assertEqual(stages[0].date_due, fields.Date.today())
        self.assertEqual(stages[-1].date_due, soon.date() - timedelta(days=1))

    def test_a_company_plans_its_own_stages(self):
        """D2: its own stages replace the shared ones; roles that it has not are left out."""
        self.env[f"{STAGE}.template"].create(
            [
                {
                    "name": name,
                    "company_id": self.company.id,
                    "role_id": self._role(code).id,
                    "days_before": 5,
                }
                for name, code in (("Weld", "production"), ("Contract", "legal"))
            ]
        )
        self._assign("legal", self.director).write(
            {"not_applicable": True, "reason": "No such department"}
        )
        notice = self._confirm(self._create_order(1, commitment_date=self.promised))
        self.assertEqual(notice.stage_ids.mapped("name"), ["Weld"])

    def test_names_come_in_every_language(self):
        """D2: who reads Chinese sees the stages in Chinese, whoever issued the notice."""
        self.env["res.lang"]._activate_lang("zh_CN")
        template = self.env.ref("customer_quality.notice_stage_template_material")
        template.with_context(lang="zh_CN").name = "材料齐套"
        notice = self._confirm(self._create_order(1))
        stage = notice.stage_ids.filtered(lambda stage: stage.template_id == template)
        self.assertEqual(stage.with_context(lang="zh_CN").name, "材料齐套")
        self.assertEqual(stage.name, "Material ready")

    def test_done_by_whom_it_belongs_to(self):
        """D2: the owner, the department and production tick it; day and name are noted."""
        material = self.stages.filtered(lambda stage: stage.role_id.code == "purchasing")
        for user in (self.seller, self.storekeeper, self.auditor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                material.with_user(user).action_done()
        material.with_user(self.engineer).action_done()  # acts for purchasing
        self.assertEqual(material.date_done, fields.Date.today())
        self.assertEqual(material.done_by, self.engineer.name)
        self.assertEqual(self.notice.stage_progress, "1/5")
        material.with_user(self.producer).action_reopen()
        self.assertFalse(material.date_done)

    def test_late_is_shown_and_found(self):
        """D2: a stage whose date has passed is late until it is done, on the notice too."""
        notices, stages = self.env["quality.production.notice"], self.env[STAGE]
        self.assertNotIn(self.notice, notices.search([("is_stage_late", "=", True)]))
        with freeze_time(self.promised - timedelta(days=9)):
            self.env.invalidate_all()
            late = stages.search([("is_late", "=", True), ("notice_id", "=", self.notice.id)])
            self.assertEqual(late, self.stages[:2])
            self.assertEqual(late, self.stages.filtered("is_late"))
            self.assertTrue(self.notice.is_stage_late)
            self.assertIn(self.notice, notices.search([("is_stage_late", "=", True)]))
            self.assertEqual(late[0]._get_late_days(), 6)
            late.with_user(self.producer).action_done()
            self.assertFalse(self.notice.is_stage_late)
            self.assertFalse(late.filtered("is_late"))

    def test_the_plan_moves_until_it_is_done(self):
        """C1, D2: production moves dates and owners; what is done stays; so does a void plan."""
        stage = self.stages[2].with_user(self.producer)
        stage.write({"date_due": self.promised.date(), "user_id": self.engineer.id})
        self.env[STAGE].with_user(self.producer).create(
            {"notice_id": self.notice.id, "name": "Paint", "role_id": self._role("production").id}
        )
        stage.action_done()
        with self.assertRaises(UserError):
            stage.date_due = fields.Date.today()
        with self.assertRaises(UserError):
            stage.unlink()
        with self.assertRaises(AccessError):
            self.stages[0].with_user(self.producer).date_done = fields.Date.today()
        with self.assertRaises(AccessError):
            self.env[STAGE].with_user(self.producer).create(
                {
                    "notice_id": self.notice.id,
                    "name": "Forged",
                    "role_id": self._role("production").id,
                    "done_by": "Somebody",
                }
            )
        self._cancel(self.order)
        with self.assertRaises(UserError):
            self.stages[0].with_user(self.producer).date_due = fields.Date.today()
        with self.assertRaises(UserError):
            self.stages[0].with_user(self.producer).action_done()

    def test_a_revision_is_planned_anew(self):
        """C2, D2: the new notice has its own plan, the old one stays readable."""
        self._cancel(self.order)
        self.order.action_draft()
        revision = self._confirm(self.order) - self.notice
        self.assertEqual(revision.revision, 2)
        self.assertEqual(len(revision.stage_ids), 5)
        self.assertEqual(len(self.notice.stage_ids), 5)

    def test_planned_on_the_list(self):
        """D2: the button leads to the stages of this notice."""
        action = self.notice.with_user(self.producer).action_plan_stages()
        self.assertEqual(self.env[STAGE].search(action["domain"]), self.stages)
        self.assertEqual(action["context"]["default_notice_id"], self.notice.id)

    def test_who_may_not(self):
        """D2: sales read the plan; strangers, portal and other companies see none."""
        portal = self._create_user("portal_buyer", "base.group_portal")
        sister = self.env["res.company"].create({"name": "Sister Ltd."})
        stranger = self._create_user("stranger", f"{BASE},mrp.group_mrp_user", company=sister)
        for user in (self.seller, self.storekeeper, self.auditor, self.engineer):
            with self.subTest(user=user.login):
                self.assertTrue(self.stages.with_user(user).mapped("name"))
                with self.assertRaises(AccessError):
                    self.stages.with_user(user).write({"date_due": fields.Date.today()})
        for user in (self.nobody, portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.stages.with_user(user).mapped("name")
        stages = self.env(user=stranger, context={})[STAGE]
        self.assertFalse(stages.search([("id", "in", self.stages.ids)]))

    def test_many_notices_cost_no_more_queries_for_their_stages(self):
        """D2: the plans of a batch are made together."""

        def issue(count):
            orders = self.env["sale.order"].union(*(self._create_order(1) for _ in range(count)))
            notices = self.env["quality.production.notice"].create(
                [
                    {"order_id": order.id, "company_id": self.company.id, "date_promised": False}
                    for order in orders
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            stages = self.env[STAGE].create(notices._prepare_stages_vals(self.company))
            stages._copy_names()
            return self.env.cr.sql_log_count - start

        issue(1)  # what is asked once in a session
        self.assertLessEqual(issue(8), issue(1))


@tagged("post_install", "-at_install")
class TestNoticeCarried(NoticeCase):
    """What the customer requires travels to where it is made (D1, L1, L2)."""

    def setUp(self):
        super().setUp()
        self.order = self._create_order(5, 2, commitment_date="2031-05-20 10:00:00")
        self.order.order_line[1].product_id = self.gearbox
        self.machine_line, self.gearbox_line = self.order.order_line
        self.revision = self._create_drawing("D-100", "B")
        self.machine_line.quality_document_revision_ids = self.revision
        self.order.quality_requirement_ids = [
            Command.create({"kind": kind, "text": text, **vals})
            for kind, text, vals in (
                ("packaging", "Wooden crate", {}),
                ("commercial", "Discount of 3 % for early payment", {}),
                (
                    "specification",
                    "Bore 20 H7",
                    {"characteristic": "special", "order_line_id": self.machine_line.id},
                ),
                (
                    "law",
                    "Guard to EN ISO 14120",
                    {"characteristic": "safety", "order_line_id": self.gearbox_line.id},
                ),
            )
        ]
        self.machine_line.quality_schedule_ids = [
            Command.create({"date": date, "quantity": quantity})
            for date, quantity in (("2031-05-02", 3), ("2031-05-20", 2))
        ]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gearbox = cls._create_made("Gearbox")

    def _create_drawing(self, number, revision):
        document = self.env["quality.customer.document"].create(
            {
                "number": number,
                "name": "Housing",
                "kind": "drawing",
                "partner_id": self.customer.id,
                "company_id": self.company.id,
            }
        )
        return self.env["quality.customer.document.revision"].create(
            {"document_id": document.id, "revision": revision, "company_id": self.company.id}
        )

    def _production(self, product):
        return self._productions(product).with_user(self.producer)

    def test_carried_as_it_was_without_what_is_about_money(self):
        """D1, M5: requirements, drawings and schedule are kept on the notice."""
        notice = self._confirm(self.order).with_user(self.producer)
        self.assertEqual(
            notice.requirement_ids.mapped("text"),
            ["Wooden crate", "Bore 20 H7", "Guard to EN ISO 14120"],
        )
        self.assertEqual(
            notice.drawing_ids.mapped(lambda d: (d.number, d.revision)), [("D-100", "B")]
        )
        self.assertEqual(
            notice.delivery_ids.mapped(lambda d: (str(d.date), d.quantity)),
            [("2031-05-02", 3), ("2031-05-20", 2)],
        )
        self.order.quality_requirement_ids[0].text = "Cardboard"
        self.assertEqual(notice.requirement_ids[0].text, "Wooden crate")

    def test_part_of_what_is_announced(self):
        """D1: another requirement, drawing or delivery is another notice; nothing more is."""
        content = self._confirm(self.order)._get_content()
        self.assertEqual(len(content["requirement_ids"]), 3)
        self.assertNotIn("early payment", str(content))
        plain = self._confirm(self._create_order(1))._get_content()
        self.assertTrue(plain.keys().isdisjoint(("requirement_ids", "drawing_ids", "delivery_ids")))

    def test_shown_on_the_manufacturing_order(self):
        """D1, L1, L2: the shop floor sees what concerns its goods, and what is special."""
        self._confirm(self.order)
        machine, gearbox = self._production(self.product), self._production(self.gearbox)
        self.assertEqual(
            machine.quality_requirement_ids.mapped(lambda r: (r.mark or "", r.text)),
            [("", "Wooden crate"), ("◆", "Bore 20 H7")],
        )
        self.assertEqual(
            gearbox.quality_requirement_ids.mapped("text"),
            ["Wooden crate", "Guard to EN ISO 14120"],
        )
        self.assertEqual(machine.quality_drawing_ids.revision, "B")
        self.assertFalse(gearbox.quality_drawing_ids)
        self.assertEqual(len(machine.quality_delivery_ids), 2)
        form = Form(machine)
        self.assertEqual(len(form.quality_requirement_ids), 2)
        self.assertEqual(len(form.quality_drawing_ids), 1)

    def test_a_void_notice_tells_the_shop_floor_nothing(self):
        """D1: what is void is not worked by."""
        self._confirm(self.order)
        machine = self._production(self.product)
        machine.sudo().qty_producing = 1  # begun, so it is not cancelled with the notice
        self._cancel(self.order)
        machine.invalidate_recordset()
        self.assertFalse(machine.quality_requirement_ids)
        self.assertFalse(machine.quality_drawing_ids)

    def test_a_newer_revision_is_shown(self):
        """L1: notice and manufacturing order warn of the revision that they name."""
        notice = self._confirm(self.order)
        self.assertFalse(notice.is_drawing_superseded)
        self.revision.sudo().state = "superseded"
        self.assertTrue(notice.is_drawing_superseded)
        self.assertTrue(self._production(self.product).quality_drawing_superseded)

    def test_on_paper_and_on_the_signing_page(self):
        """D1, K2: PDF and page show stages, requirements, drawings and schedule; no money."""
        notice = self._confirm(self.order)
        self.env["quality.production.notice.print"].create(
            {"notice_ids": notice.ids, "role_ids": self._role("production").ids}
        ).action_print()
        copy = notice.copy_ids
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html("customer_quality.report_production_notice", copy.ids)[0]
            .decode()
        )
        page = str(
            self.env["ir.qweb"]._render(
                notice._work_template, {"document": notice.with_user(self.producer)}
            )
        )
        for text in (html, page):
            for word in ("D-100", "Bore 20 H7", "◆", "▲", "Material ready", "Wooden crate"):
                self.assertIn(word, text)
            self.assertNotIn("early payment", text)

    def test_samples_are_marked(self):
        """B8, D1: notice, manufacturing order and paper say that it is a sample."""
        self.gearbox_line.quality_kind_choice = "sample"
        notice = self._confirm(self.order)
        self.assertEqual(notice.line_ids.filtered("is_sample").product_id, self.gearbox)
        self.assertTrue(notice.has_sample)
        productions = self.env["mrp.production"]
        marked = productions.search([("quality_sample", "=", True)])
        self.assertEqual(marked.product_id, self.gearbox)
        self.assertTrue(marked.quality_sample)

    def test_replacements_are_marked_down_to_the_delivery_slip(self):
        """D1, F7: notice, manufacturing order, delivery and its paper say so."""
        self.machine_line.quality_kind_choice = "replacement"
        notice = self._confirm(self.order)
        self.assertTrue(notice.is_replenishment)
        self.assertTrue(notice._get_content()["replenishment"])
        self.assertTrue(self._production(self.product).quality_replenishment)
        found = self.env["mrp.production"].search([("quality_replenishment", "=", True)])
        self.assertEqual(found, notice.production_ids)
        other = self._confirm(self._create_order(1))
        for order, is_marked in ((self.order, True), (other.order_id, False)):
            picking = order.picking_ids.with_user(self.storekeeper)
            self.assertEqual(picking.quality_replenishment, is_marked)
            html = (
                self.env["ir.actions.report"]
                ._render_qweb_html("stock.report_deliveryslip", picking.ids)[0]
                .decode()
            )
            self.assertEqual("Return replacement" in html, is_marked)

    def test_buttons_lead_both_ways(self):
        """D1: from order to notice, manufacturing order and delivery, and back."""
        notice = self._confirm(self.order)
        picking = self.order.picking_ids
        seen = notice.with_user(self.storekeeper)
        self.assertEqual(seen.picking_count, 1)
        self.assertEqual(seen.action_view_pickings()["res_id"], picking.id)
        self.assertEqual(picking.quality_notice_count, 1)
        action = picking.with_user(self.storekeeper).action_view_quality_notices()
        self.assertEqual(action["res_id"], notice.id)
        self.assertEqual(self.order.quality_notice_count, 1)
        Form(picking.with_user(self.storekeeper))

    def test_not_received_is_found(self):
        """D1: notices that a department has not signed for yet."""
        notice = self._confirm(self.order)
        waiting = [("acknowledgement_ids.state", "=", "open")]
        self.assertIn(notice, self.env["quality.production.notice"].search(waiting))
        for user in notice.acknowledgement_ids.user_id:
            notice.with_user(user).action_receive()
        self.assertNotIn(notice, self.env["quality.production.notice"].search(waiting))
        self.assertFalse(notice.is_receipt_missing)

    def test_nobody_writes_what_was_carried(self):
        """D1: it is written when the notice is issued, and by nobody."""
        notice = self._confirm(self.order)
        portal = self._create_user("portal_buyer", "base.group_portal")
        for name in ("requirement_ids", "drawing_ids", "delivery_ids"):
            rows = notice[name]
            for user in self.producer | self.inspector | self.seller | self.quality_manager:
                for operation in ("create", "write", "unlink"):
                    self.assertFalse(rows.with_user(user).has_access(operation))
            for user in self.nobody | portal:
                self.assertFalse(rows.with_user(user).has_access("read"))

    def test_screens_open_for_each_reader(self):
        """D1: the form of the notice opens for each group that reads it."""
        notice = self._confirm(self.order)
        for user in self.producer | self.inspector | self.seller | self.auditor | self.storekeeper:
            with self.subTest(user=user.login):
                form = Form(notice.with_user(user))
                self.assertEqual(len(form.requirement_ids), 3)
