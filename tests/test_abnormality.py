import base64
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .abnormality_common import AbnormalityCase
from .common import BASE

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestAbnormality(AbnormalityCase):
    """D7: reported on the spot, signed for, remedied, confirmed."""

    def test_from_report_to_confirmation(self):
        """D7: the department concerned signs for it, remedies it; the reporter confirms."""
        sheet = self._report()
        self.assertRegex(sheet.name, r"^AB/\d{4}/\d{4}$")
        self.assertEqual(sheet.state, "reported")
        self.assertEqual(sheet.role_id.code, "quality")
        self.assertEqual(sheet.reporter_name, self.worker.name)
        receipt = sheet.acknowledgement_ids
        self.assertEqual((receipt.role_id.code, receipt.user_id), ("quality", self.inspector))
        self._receive(sheet)
        self.assertEqual(sheet.state, "received")
        self.assertEqual(sheet.received_by, self.inspector.name)
        self.assertEqual(receipt.signature_id.meaning, "receipt")
        self._remedy(sheet)
        self.assertEqual(sheet.state, "remedied")
        self.assertEqual(sheet.remedy, "Tool changed")
        self._close(sheet)
        self.assertEqual((sheet.state, sheet.phase), ("closed", "closed"))
        self.assertEqual(sheet.closed_by, self.worker.name)

    def test_the_form_fills_in_what_the_work_order_knows(self):
        """D7: from the work order follow manufacturing order, work center and product."""
        with Form(self.env["quality.abnormality"].with_user(self.inspector)) as form:
            form.kind = "technical"
            self.assertEqual(form.role_id.code, "engineering")
            form.kind = "equipment"
            self.assertEqual(form.role_id.code, "production")
            form.description = "Spindle makes a noise"
            form.is_stopped = True
            self.assertTrue(form.date_stopped)
        sheet = form.record.sudo()
        self.assertEqual(sheet.acknowledgement_ids.user_id, self.producer)
        with Form(self.env["quality.abnormality"].with_user(self.worker)) as form:
            self.assertFalse(form.role_id)
            form.kind = "people"
            form.description = "Nobody at the press"
            form.production_id = self.production
            self.assertEqual(form.product_id, self.product)
        sheet = self._report(production_id=None, workorder_id=self.workorder.id)
        self.assertEqual(sheet.production_id, self.production)
        self.assertEqual(sheet.workcenter_id, self.workcenter)
        self.assertEqual(sheet.product_id, self.product)

    def test_it_knows_the_orders_that_wait(self):
        """D7: smart buttons both ways: manufacturing order, notice, sales order."""
        sheet = self._report()
        self._report(kind="people")
        self._report().action_void("Twice")
        self.assertEqual(sheet.order_ids, self.order)
        self.assertEqual(sheet.order_id, self.order)
        self.assertEqual(sheet._get_notices(), self.notice)
        self.assertEqual(self.production.quality_abnormality_count, 2)
        self.assertEqual(self.notice.abnormality_count, 2)
        self.assertEqual(self.order.with_user(self.seller).quality_abnormality_count, 2)
        for record, user in (
            (self.production, self.worker),
            (self.order, self.seller),
        ):
            action = record.with_user(user).action_view_quality_abnormalities()
            self.assertEqual(action["res_model"], "quality.abnormality")
        action = self.notice.with_user(self.producer).action_view_abnormalities()
        self.assertEqual(action["res_model"], "quality.abnormality")
        self.assertEqual(sheet.with_user(self.seller).action_view_orders()["res_id"], self.order.id)

    def test_the_line_is_counted_in_minutes(self):
        """D7: line stopped since and until; figures read the minutes."""
        with freeze_time("2026-03-02 09:00:00"):
            sheet = self._report(is_stopped=True)
        self.assertTrue(sheet.is_standing)
        self.assertEqual(sheet.minutes_stopped, 0)
        self.assertIn(sheet, self.env["quality.abnormality"].search([("is_standing", "=", True)]))
        with freeze_time("2026-03-02 09:47:20"):
            sheet.with_user(self.worker).action_resume()
        self.assertEqual(sheet.minutes_stopped, 47)
        self.assertFalse(sheet.is_standing)
        with self.assertRaisesRegex(UserError, "not stopped"):
            sheet.with_user(self.worker).action_resume()
        with self.assertRaises(ValidationError):
            sheet.with_user(self.worker).date_resumed = "2026-03-02 08:00:00"
            sheet.flush_recordset()

    def test_a_sheet_is_not_closed_while_the_line_stands(self):
        """D7: remedied means that work goes on."""
        sheet = self._report(is_stopped=True)
        self._receive(sheet)
        self._remedy(sheet)
        with self.assertRaisesRegex(UserError, "still stands"):
            self._close(sheet)
        sheet.with_user(self.worker).action_resume()
        self._close(sheet)
        self.assertEqual(sheet.state, "closed")

    def test_what_was_received_stays_as_it_was_reported(self):
        """D7, M1: the department signs on what was reported."""
        sheet = self._report()
        before = sheet.content_hash
        sheet.with_user(self.worker).description = "Bore 0.2 mm too wide"
        self.assertNotEqual(sheet.content_hash, before)
        with self.assertRaises(AccessError):
            sheet.with_user(self.producer).description = "Nothing"
        self._receive(sheet)
        for user in (self.worker, self.inspector):
            with self.subTest(user.login), self.assertRaisesRegex(UserError, "was received"):
                sheet.with_user(user).description = "Something else"
        altered = self.env["quality.abnormality"]._find_altered_documents(self.company)
        self.assertFalse(altered)
        self.env.cr.execute(
            "UPDATE quality_abnormality SET description = 'Fine' WHERE id = %s", [sheet.id]
        )
        sheet.invalidate_recordset()
        altered = self.env["quality.abnormality"]._find_altered_documents(self.company)
        self.assertEqual(altered, sheet.record_id.ids)

    def test_not_remedied_goes_back(self):
        """D7: who reported it says that it did not help; the department owes it again."""
        sheet = self._report()
        self._receive(sheet)
        with self.assertRaisesRegex(UserError, "not remedied yet"):
            self._close(sheet)
        self._remedy(sheet)
        with self.assertRaisesRegex(UserError, "reason"):
            sheet.with_user(self.worker).action_reopen("  ")
        sheet.with_user(self.worker).action_reopen("Still too wide")
        self.assertEqual((sheet.state, sheet.reopen_count), ("received", 1))
        self._remedy(sheet, text="Spindle bearing changed")
        self._close(sheet, self.inspector)
        self.assertEqual(sheet.closed_by, self.inspector.name)

    def test_it_is_passed_on_to_the_department_concerned(self):
        """D7: the one that was asked says who is concerned instead, and back again."""
        sheet = self._report()
        self._receive(sheet)
        wizard = (
            self.env["quality.abnormality.step"]
            .with_user(self.inspector)
            .create(
                {
                    "abnormality_ids": sheet.ids,
                    "step": "pass_on",
                    "role_id": self._role("engineering").id,
                    "reason": "The drawing is wrong",
                }
            )
        )
        wizard.action_apply()
        self.assertEqual((sheet.state, sheet.role_id.code), ("reported", "engineering"))
        self._receive(sheet, self.engineer)
        self.assertEqual(sheet.received_by, self.engineer.name)
        with self.assertRaises(AccessError):
            sheet.with_user(self.producer).action_pass_on(self._role("sales"), "Not mine")
        sheet.with_user(self.engineer).action_pass_on(self._role("warehouse"), "Wrong part")
        self._receive(sheet, self.storekeeper)
        sheet.with_user(self.storekeeper).action_pass_on(self._role("engineering"), "It is")
        self.assertEqual((sheet.state, sheet.user_id), ("received", self.engineer))  # signed before
        self._remedy(sheet, self.engineer)
        self.assertEqual(sheet.state, "remedied")

    def test_void_with_a_reason(self):
        """D7: the reporter until it is received, quality after that."""
        sheet = self._report()
        with self.assertRaisesRegex(UserError, "reason"):
            sheet.with_user(self.worker).action_void("")
        with self.assertRaises(AccessError):
            sheet.with_user(self.producer).action_void("No")
        sheet.with_user(self.worker).action_void("Wrong order")
        self.assertEqual((sheet.state, sheet.phase), ("void", "void"))
        self.assertFalse(self._mine(self.inspector))
        received = self._report()
        self._receive(received)
        with self.assertRaises(AccessError):
            received.with_user(self.worker).action_void("Wrong order")
        received.with_user(self.inspector).action_void("Wrong order")
        with self.assertRaisesRegex(UserError, "closed or void"):
            received.with_user(self.inspector).action_void("Once more")

    def test_my_work_shows_each_step_to_whom_it_waits_for(self):
        """M3, D7: the receipt, the remedy, and whether it is remedied."""
        sheet = self._report()
        self.assertEqual(self._mine(self.inspector).mapped("meaning"), ["receipt"])
        self._receive(sheet)
        duty = self._mine(self.inspector)
        self.assertEqual(duty.mapped("meaning"), ["step"])
        self.assertIn("Bore too wide", duty.subject)
        self.assertEqual(duty.action_open()["res_model"], "quality.abnormality")
        self.assertFalse(
            self.env["mail.activity"].search(
                [("res_model", "=", sheet._name), ("res_id", "=", sheet.id)]
            )
        )
        self._remedy(sheet)
        for user in (self.worker, self.inspector):
            with self.subTest(user.login):
                self.assertEqual(self._mine(user).record_id, sheet.record_id)
        self._close(sheet)
        self.assertFalse(self._mine(self.worker) | self._mine(self.inspector))

    def test_receipt_and_remedy_have_deadlines_of_their_own(self):
        """D7, F3: by a policy that a company switches on; what is late shows."""
        proposals = self.env["quality.deadline.policy"].with_context(active_test=False)
        proposed = proposals.search([("kind_id.code", "in", ("abnormality", "abnormality_remedy"))])
        self.assertEqual(len(proposed.filtered(lambda p: not p.company_id)), 2)
        self.assertFalse(any(proposed.filtered(lambda p: not p.company_id).mapped("active")))
        for kind in ("abnormality", "abnormality_remedy"):
            self.env["quality.deadline.policy"].create(
                {
                    "name": kind,
                    "kind_id": self.env.ref(f"customer_quality.deadline_kind_{kind}").id,
                    "company_id": self.company.id,
                    "amount": 1,
                    "unit": "hours",
                }
            )
        sheet = self._report()
        deadline = sheet.deadline_ids
        self.assertEqual(deadline.kind_id.code, "abnormality")
        self.assertEqual(deadline.user_id, self.inspector)
        duty = self._mine(self.inspector)
        self.assertEqual(duty.date_due, deadline.date_due)
        deadline.sudo().date_due = fields.Datetime.now() - timedelta(hours=1)
        self.assertTrue(sheet.is_late)
        late = [("record_id.is_late", "=", True)]
        self.assertIn(sheet, self.env["quality.abnormality"].search(late))
        self._receive(sheet)
        self.assertEqual((deadline.state, deadline.result), ("met", "late"))
        remedy = sheet.deadline_ids - deadline
        self.assertEqual(remedy.kind_id.code, "abnormality_remedy")
        self.assertEqual(self._mine(self.inspector).date_due, remedy.date_due)
        self._remedy(sheet)
        self.assertEqual((remedy.state, remedy.result), ("met", "in_time"))

    def test_a_follow_up_keeps_it_from_coming_back(self):
        """D7: an action that follows from the sheet; other documents start from the same hook."""
        sheet = self._report()
        self._receive(sheet)
        with self.assertRaises(AccessError):
            sheet.with_user(self.worker).action_follow_up()
        sheet.with_user(self.inspector).action_follow_up()
        action = sheet.action_ids
        self.assertEqual(action.source_record_id, sheet.record_id)
        self.assertEqual(action.role_id, sheet.role_id)
        self.assertEqual(action.order_id, self.order)
        vals = sheet._prepare_follow_up_vals()
        self.assertLessEqual(
            {"source_record_id", "company_id", "order_id", "role_id", "name", "description"},
            vals.keys(),
        )

    def test_photos_are_kept_with_the_sheet(self):
        """D7, K1: what was photographed stays; nobody takes it away once it is signed for."""
        photo = (
            self.env["ir.attachment"]
            .with_user(self.worker)
            .create(
                {"name": "bore.png", "raw": PIXEL, "res_model": "quality.abnormality", "res_id": 0}
            )
        )
        sheet = self._report(photo_ids=[(6, 0, photo.ids)])
        self.assertEqual(photo.sudo().res_id, sheet.id)
        self.assertEqual(photo.with_user(self.inspector).raw, PIXEL)
        self._receive(sheet)
        with self.assertRaises(UserError):
            photo.sudo().unlink()

    def test_the_chat_group_is_told(self):
        """M4, D7: number, place and link, where the company has a group."""
        self.company.sudo().write(
            {"quality_chat_kind": "wecom", "quality_chat_url": "https://chat.example.com/hook"}
        )
        sheet = self._report(is_stopped=True, workcenter_id=self.workcenter.id)
        message = self.env["quality.chat.message"].search([], limit=1)
        for part in (sheet.name, "Mill", "Line stopped", f"/quality/abnormality/{sheet.id}"):
            self.assertIn(part, message.text)

    def test_reporting_never_waits_for_anything(self):
        """D7: nobody mapped, nothing chosen: it is reported all the same."""
        self.env["quality.role.assignment"].search([]).user_ids = False
        self.company.quality_password_policy = "each"
        sheet = self._report(production_id=None)
        self.assertEqual(sheet.state, "reported")
        self.assertTrue(sheet.acknowledgement_ids)
        line = self._assign("purchasing", self.env["res.users"])
        line.write({"not_applicable": True, "reason": "We buy nothing"})
        self.assertEqual(self._report(kind="material").role_id.code, "warehouse")

    def test_the_manufacturing_order_may_go(self):
        """DESIGN: Odoo's own flows stay: a deleted order leaves its number on the sheet."""
        production = self.production.copy()
        sheet = self._report(production_id=production.id)
        name = production.name
        production.unlink()
        self.assertEqual((sheet.production_id.id, sheet.production_name), (False, name))

    def test_the_list_costs_the_same_for_one_and_for_many(self):
        """DESIGN: lists run no query per row."""

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            sheets = self.env["quality.abnormality"].with_user(self.inspector)
            view = sheets.get_view(view_type="kanban")
            names = [*view["models"]["quality.abnormality"], "can_close", "date_due"]
            before = self.env.cr.sql_log_count
            sheets.web_search_read([], {name: {} for name in names if name in sheets._fields})
            return self.env.cr.sql_log_count - before

        self._report()
        count()
        one = count()
        for _index in range(30):
            self._report()
        self.assertLessEqual(count(), one + 2)


@tagged("post_install", "-at_install")
class TestAbnormalityRights(AbnormalityCase):
    """What is denied, over RPC as on the screen."""

    def test_who_reports(self):
        """Rights: manufacturing and quality report; others don't."""
        for user in (self.worker, self.producer):
            with self.subTest(user.login):
                self.assertEqual(self._report(user).reporter_id, user)
        sheet = self._report(self.inspector, production_id=None, product_id=self.part.id)
        self.assertEqual(sheet.reporter_id, self.inspector)
        with self.assertRaises(AccessError):  # who may not read a manufacturing order names none
            self._report(self.inspector)
        portal = self._create_user("portal", "base.group_portal")
        for user in (self.nobody, self.auditor, self.director, self.seller, self.engineer, portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._report(user, production_id=None)

    def test_nobody_gives_what_follows_from_the_procedure(self):
        """D7, M1: state, who reported and the fingerprint are not given by the caller."""
        for name, value in (
            ("state", "closed"),
            ("reporter_name", "Somebody else"),
            ("received_by", "Somebody"),
            ("remedied_by", "Somebody"),
            ("content_hash", "0" * 64),
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                self._report(**{name: value})
            sheet = self._report()
            for user in (self.worker, self.inspector, self.quality_manager):
                with self.subTest(name, user=user.login), self.assertRaises(AccessError):
                    sheet.with_user(user).write({name: value})
        sheet = (
            self.env["quality.abnormality"]
            .with_user(self.worker)
            .with_context(
                default_state="closed", default_phase="closed", customer_quality_reporter="Somebody"
            )
            .create({"kind": "people", "description": "Nobody at the machine"})
        )
        self.assertEqual((sheet.state, sheet.phase), ("reported", "open"))
        self.assertEqual(sheet.reporter_name, self.worker.name)

    def test_only_the_department_concerned_remedies(self):
        """D7: who does not act for it is refused, and told whom it concerns."""
        sheet = self._report()
        self._receive(sheet)
        for user in (self.worker, self.producer, self.engineer, self.seller):
            with self.subTest(user.login):
                with self.assertRaisesRegex(AccessError, "Quality Control"):
                    sheet.with_user(user).action_remedy("Done")
                with self.assertRaises(AccessError):
                    sheet.with_user(user).write({"remedy": "Done"})
        sheet.with_user(self.inspector).write({"remedy": "Reamed", "cause": "Worn tool"})
        sheet.with_user(self.inspector).action_remedy()
        self.assertEqual(sheet.remedy, "Reamed")
        with self.assertRaisesRegex(UserError, "Reload"):
            sheet.with_user(self.inspector).action_remedy("Again")

    def test_a_remedy_says_what_was_done(self):
        """D7: nothing is remedied without a word, nor before it is signed for."""
        sheet = self._report()
        with self.assertRaisesRegex(UserError, "signed for"):
            self._remedy(sheet)
        self._receive(sheet)
        with self.assertRaisesRegex(UserError, "Write down"):
            self._remedy(sheet, text=" ")

    def test_only_the_reporter_or_quality_confirm(self):
        """D7: the department does not close its own remedy."""
        sheet = self._report(kind="technical")
        self._receive(sheet, self.engineer)
        self._remedy(sheet, self.engineer)
        for user in (self.engineer, self.producer, self.seller):
            with self.subTest(user.login), self.assertRaisesRegex(AccessError, "reported"):
                self._close(sheet, user)
        self._close(sheet)

    def test_nobody_and_portal_see_nothing(self):
        """Rights: internal users without a group, and customers."""
        sheet = self._report()
        portal = self._create_user("portal", "base.group_portal")
        for user in (self.nobody, portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                sheet.with_user(user).read(["name"])
            with self.subTest(user.login), self.assertRaises(AccessError):
                sheet.with_user(user).action_resume()

    def test_a_salesperson_sees_those_of_own_orders(self):
        """Rights: own documents only, as on the orders themselves."""
        colleague = self._create_user("colleague", f"{BASE},sales_team.group_sale_salesman")
        sheet = self._report()
        self.assertTrue(sheet.with_user(self.seller).read(["name"]))
        with self.assertRaises(AccessError):
            sheet.with_user(colleague).read(["name"])

    def test_another_company_sees_nothing(self):
        """Multi-company: invisible, whatever the group, and nothing is reported over there."""
        other = self.env["res.company"].create({"name": "Elsewhere Ltd."})
        groups = f"{BASE},customer_quality.group_manager,mrp.group_mrp_manager"
        stranger = self._create_user("stranger", groups, other)
        env = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        sheet = self._report()
        self.assertFalse(env["quality.abnormality"].search([]))
        with self.assertRaises(AccessError):
            sheet.with_env(env).read(["name"])
        for vals in ({"production_id": self.production.id}, {"company_id": self.company.id}):
            with self.subTest(vals), self.assertRaises(AccessError):
                env["quality.abnormality"].create(
                    {"kind": "people", "description": "Nothing", **vals}
                )

    def test_nobody_files_the_papers_of_others_as_photos(self):
        """Rights: only own uploads become photos, when it is reported and afterwards."""
        foreign = (
            self.env["ir.attachment"]
            .with_user(self.producer)
            .create(
                {
                    "name": "private.png",
                    "raw": PIXEL,
                    "res_model": "quality.abnormality",
                    "res_id": 0,
                }
            )
        )
        with self.assertRaises(AccessError):
            self._report(photo_ids=[(6, 0, foreign.ids)])
        sheet = self._report()
        for command in ((4, foreign.id), (0, 0, {"name": "x", "raw": b"x"})):
            with self.subTest(command[0]), self.assertRaises(AccessError):
                sheet.with_user(self.worker).write({"photo_ids": [command]})
        self.assertFalse(foreign.sudo().res_id)

    def test_the_auditor_changes_nothing(self):
        """Rights: the auditor reads only, also where a button needs no more than a look."""
        sheet = self._report(is_stopped=True)
        self.assertTrue(sheet.with_user(self.auditor).read(["name", "can_close"]))
        for step in ("action_resume", "action_remedy", "action_close", "action_receive"):
            with self.subTest(step), self.assertRaises(UserError):
                getattr(sheet.with_user(self.auditor), step)()
        self.assertTrue(sheet.is_standing)

    def test_nobody_deletes_a_sheet(self):
        """K1: it is void, not gone."""
        sheet = self._report()
        with self.assertRaises(AccessError):
            sheet.with_user(self.quality_manager).unlink()
        with self.assertRaises(UserError):
            sheet.unlink()
