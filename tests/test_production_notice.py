from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged

from .common import BASE
from .notice_common import NoticeCase

MODELS = (
    "quality.production.notice",
    "quality.production.notice.line",
    "quality.production.notice.allocation",
    "quality.production.notice.copy",
)


@tagged("post_install", "-at_install")
class TestProductionNotice(NoticeCase):
    def test_off(self):
        """B3: without the company's setting nothing is issued and nothing created."""
        self.company.quality_notice_on_confirm = False
        self.assertFalse(self._confirm(self._create_order(5)))
        self.assertFalse(self._productions())

    def test_covered_by_stock(self):
        """B2: an order that stock covers completely gets no notice."""
        self._put_in_stock(self.product, 9)
        self.assertFalse(self._confirm(self._create_order(5)))

    def test_issue(self):
        """B3, D1: confirming issues a numbered notice at once, sent to the distribution list."""
        notice = self._confirm(self._create_order(5))
        self.assertRegex(notice.name, r"^PN/\d{4}/\d{4}$")
        self.assertEqual(notice.state, "issued")
        self.assertTrue(notice.date_issued)
        self.assertEqual(notice.form_version_id.number, "QF-02")
        self.assertEqual(
            set(notice.acknowledgement_ids.role_id.mapped("code")),
            {"production", "quality", "warehouse", "purchasing", "engineering"},
        )
        self.assertEqual(notice.receipt_progress, "0/5")

    def test_receive(self):
        """D1, M2, M3: one click signs for every role that the receiver acts for."""
        notice = self._confirm(self._create_order(5))
        mine = notice.with_user(self.engineer)
        self.assertTrue(mine.is_waiting_for_me)
        mine.action_receive()
        self.assertFalse(mine.is_waiting_for_me)
        self.assertEqual(notice.receipt_progress, "2/5")
        received = notice.acknowledgement_ids.filtered(lambda r: r.state == "done")
        self.assertEqual(set(received.role_id.mapped("code")), {"engineering", "purchasing"})
        self.assertEqual(len(received.signature_id), 2)
        with self.assertRaises(UserError):
            mine.action_receive()

    def test_find_what_is_not_received(self):
        """D1: what somebody still owes is found, by anybody and by the one who owes it."""
        notice = self._confirm(self._create_order(5))
        Notice = self.env["quality.production.notice"]
        pending = [("acknowledgement_ids.state", "=", "open"), ("id", "=", notice.id)]
        mine = [("acknowledgement_ids.is_mine", "=", True), ("id", "=", notice.id)]
        self.assertTrue(Notice.search(pending))
        self.assertTrue(Notice.with_user(self.producer).search(mine))
        self.assertFalse(Notice.with_user(self.seller).search(mine))

    def test_no_price(self):
        """M5: neither the notice nor its content carries an amount."""
        notice = self._confirm(self._create_order(5))
        for model in MODELS:
            kinds = {field.type for field in self.env[model]._fields.values()}
            self.assertNotIn("monetary", kinds)
        self.assertNotIn("price", str(notice._get_content()))

    def test_receipt_says_what_was_received(self):
        """D1: the signature covers the notice's content, which does not change afterwards."""
        notice = self._confirm(self._create_order(5))
        basis = notice._get_basis(self._role("production"))
        self.assertEqual(len(basis), 64)
        notice.with_user(self.producer).action_receive()
        signature = notice.acknowledgement_ids.signature_id
        self.assertIn(basis, str(signature.content))

    def test_message(self):
        """M4: number, goods and link can be copied as a message."""
        notice = self._confirm(self._create_order(5))
        text = notice.message_text
        self.assertIn(notice.name, text)
        self.assertIn("Machine", text)
        self.assertIn(f"/quality/work/{notice.record_id.id}", text)

    def test_done(self):
        """D1: a notice is done when production finished its orders, not before."""
        notice = self._confirm(self._create_order(5))
        with self.assertRaises(AccessError):
            notice.with_user(self.seller).action_done()
        with self.assertRaises(UserError):
            notice.with_user(self.producer).action_done()
        self._finish(self._productions())
        notice.with_user(self.producer).action_done()
        self.assertEqual((notice.state, notice.phase), ("done", "closed"))
        self.assertFalse(notice.is_supply_missing)

    def test_queries_do_not_grow(self):
        """B3: stock, supply and notices of many orders are looked up at once."""
        few = [self._create_order(1) for _index in range(2)]
        many = [self._create_order(1) for _index in range(12)]
        Notice = self.env["quality.production.notice"]
        counts = []
        for orders in (few, few, many):  # the first run warms the caches
            records = self.env["sale.order"].union(*orders)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            Notice._snapshot_coverage(records)
            counts.append(self.cr.sql_log_count - start)
        # core looks up the bill of materials for the stock widget of each line
        self.assertLessEqual(counts[2], counts[1] + 2 * (len(many) - len(few)), counts)


@tagged("post_install", "-at_install")
class TestNoticeVoid(NoticeCase):
    def test_cancel(self):
        """D1: cancelling the order voids the notice, its receipts and its own order."""
        order = self._create_order(5)
        notice = self._confirm(order)
        notice.with_user(self.engineer).action_receive()
        self._cancel(order)
        self.assertEqual((notice.state, notice.phase), ("void", "void"))
        self.assertTrue(notice.date_void)
        self.assertEqual(self._productions().state, "cancel")
        states = notice.acknowledgement_ids.grouped("state")
        self.assertEqual(set(states), {"done", "void"})
        self.assertEqual(len(states["done"]), 2)

    def test_nothing_is_owed_on_void(self):
        """D1, M2: nobody is asked to receive a void notice."""
        order = self._create_order(5)
        notice = self._confirm(order)
        self._cancel(order)
        self.assertFalse(notice.with_user(self.producer).is_waiting_for_me)
        self.assertFalse(self.env["quality.duty"].search([("record_id", "=", notice.record_id.id)]))

    def test_stays_readable(self):
        """D1: void and replaced notices stay readable and name each other."""
        order = self._create_order(5)
        notice = self._confirm(order)
        self._cancel(order)
        order.with_user(self.seller).action_draft()
        revision = self._confirm(order) - notice
        self.assertEqual(revision.supersedes_id, notice)
        self.assertEqual(revision.name, f"{notice.name}-2")
        self.assertEqual(revision.revision, 2)
        self.assertEqual(notice.with_user(self.producer).superseded_by_ids, revision)
        self.assertIn("void", notice.with_user(self.producer).display_name)
        self.assertEqual(notice.line_ids.to_supply, 5)

    def test_third_revision(self):
        """D1: revisions count on from the first number."""
        order = self._create_order(5)
        first = self._confirm(order)
        for _index in range(2):
            self._cancel(order)
            order.with_user(self.seller).action_draft()
            self._confirm(order)
        notices = self._notices(order)
        self.assertEqual(notices.mapped("name"), [first.name, f"{first.name}-2", f"{first.name}-3"])
        self.assertEqual(notices.mapped("state"), ["void", "void", "issued"])

    def test_started_order_stays(self):
        """D1: a started order is never cancelled; whoever is responsible decides."""
        self._put_in_stock(self.part, 100)
        order = self._create_order(5)
        notice = self._confirm(order)
        production = self._productions()
        production.qty_producing = 2
        self._cancel(order)
        self.assertEqual(notice.state, "void")
        self.assertNotEqual(production.state, "cancel")
        self.assertTrue(production.quality_notice_void)
        warning = self._void_warnings(production)
        self.assertEqual(warning.user_id, self.producer)
        self.assertIn(notice.name, warning.note)

    def test_shared_order_stays(self):
        """D1: an order that serves another notice in force too is never cancelled."""
        order = self._create_order(4)
        self._confirm(order)
        other = self._confirm(self._create_order(6))
        action = self._productions().action_merge()
        merged = self.env["mrp.production"].browse(action["res_id"])
        self._cancel(order)
        self.assertEqual(merged.state, "confirmed")
        self.assertTrue(self._void_warnings(merged))
        self._cancel(other.order_id)
        self.assertEqual(merged.state, "cancel")

    def test_larger_order_stays(self):
        """D1: an own order that was made larger serves others too: warned about, not cancelled."""
        order = self._create_order(4)
        self._confirm(order)
        production = self._productions()
        self.env["change.production.qty"].create(
            {"mo_id": production.id, "product_qty": 9}
        ).change_prod_qty()
        self._cancel(order)
        self.assertEqual(production.state, "confirmed")
        self.assertTrue(self._void_warnings(production))

    def test_order_of_others_stays(self):
        """D1: what reordering made is not the notice's to cancel."""
        self._create_orderpoint(self.product)
        order = self._create_order(5)
        self._confirm(order)
        production = self._productions()
        self._cancel(order)
        self.assertEqual(production.state, "confirmed")
        self.assertTrue(self._void_warnings(production))

    def test_claimed_again(self):
        """D1: the order that stayed is claimed by the next notice, its warning is taken back."""
        self._create_orderpoint(self.product)
        order = self._create_order(5)
        self._confirm(order)
        production = self._productions()
        self._cancel(order)
        order.with_user(self.seller).action_draft()
        self._confirm(order)
        self.assertEqual(self._productions(), production)
        self.assertEqual(sum(self._notices(order)[-1].line_ids.mapped("allocated")), 5)
        self.assertFalse(self._void_warnings(production))
        self.assertFalse(production.quality_notice_void)

    def test_order_line_is_deleted(self):
        """D1: a void notice keeps nobody from changing the order, and says what it said."""
        order = self._create_order(5, 3)
        notice = self._confirm(order)
        self._cancel(order)
        order.with_user(self.seller).action_draft()
        said = [(line.product_id, line.to_supply) for line in notice.line_ids]
        order.order_line[0].with_user(self.seller).unlink()
        self.assertEqual([(line.product_id, line.to_supply) for line in notice.line_ids], said)
        self.assertEqual(notice.line_ids.mapped("missing"), [0, 0])
        self.assertIn("Machine", notice.message_text)
        self.assertIn("Machine", self._render(notice))
        revision = self._confirm(order) - notice
        self.assertEqual(revision.line_ids.to_supply, 3)

    def test_manufacturing_order_is_deleted(self):
        """D1: a cancelled manufacturing order can be deleted; its number is kept."""
        order = self._create_order(5)
        notice = self._confirm(order)
        production = self._productions()
        number = production.name
        production.action_cancel()
        production.with_user(self.producer).unlink()
        allocation = notice.line_ids.allocation_ids
        self.assertFalse(allocation.production_id)
        self.assertEqual(allocation.production_name, number)
        self.assertIn(number, allocation.display_name)
        self.assertEqual(notice.line_ids.missing, 5)
        self.assertFalse(notice.production_count)
        self.assertNotIn(number, self._render(notice))
        self._cancel(order)
        self.assertEqual(notice.state, "void")

    def _render(self, notice):
        copies = self.env["quality.production.notice.copy"]._print_for(
            notice, self._role("production")
        )
        reports = self.env["ir.actions.report"]
        report = "customer_quality.report_production_notice"
        return reports._render_qweb_html(report, copies.ids)[0].decode()

    def test_copies_out_are_named(self):
        """C2: voiding names the paper copies that are still out."""
        order = self._create_order(5)
        notice = self._confirm(order)
        Copy = self.env["quality.production.notice.copy"]
        copies = Copy._print_for(notice, self._role("production") | self._role("quality"))
        copies[0].with_user(self.producer).action_return()
        self._cancel(order)
        body = notice.message_ids.sorted("id")[-1].body
        self.assertIn("#2", body)
        self.assertNotIn("#1", body)
        self.assertEqual(notice.outstanding_count, 1)

    def _void_warnings(self, production):
        kind = self.env.ref("customer_quality.mail_activity_type_notice_void")
        return production.activity_ids.filtered(lambda act: act.activity_type_id == kind)


@tagged("post_install", "-at_install")
class TestNoticeCopies(NoticeCase):
    def setUp(self):
        super().setUp()
        self.notice = self._confirm(self._create_order(5))

    def _print(self, user, roles=None):
        action = self.notice.with_user(user).action_print()
        wizard = self.env[action["res_model"]].with_user(user).browse(action["res_id"])
        if roles is not None:
            wizard.role_ids = roles
        before = self.notice.copy_ids
        action = wizard.action_print()
        self.notice.invalidate_recordset(["copy_ids"])
        return action, self.notice.copy_ids - before

    def test_numbered(self):
        """C2: each print is a numbered copy for one department, listed as out."""
        _action, first = self._print(self.seller)
        self.assertEqual(first.mapped("number"), [1, 2, 3, 4, 5])
        self.assertEqual(first.role_id, self.notice.acknowledgement_ids.role_id)
        _action, second = self._print(self.producer, self._role("production"))
        self.assertEqual(second.number, 6)
        self.assertEqual(second.printed_by, self.producer.name)
        self.assertEqual(self.notice.outstanding_count, 6)
        self.assertEqual(len(set((first | second).mapped("token"))), 6)

    def test_print_returns_the_copies(self):
        """C2: what is printed are the copies just numbered, by the only report."""
        action, copies = self._print(self.seller)
        self.assertEqual(action["report_name"], "customer_quality.report_production_notice")
        self.assertEqual(action["context"]["active_ids"], copies.ids)
        self.assertFalse(
            self.env["ir.actions.report"].search([("model", "=", "quality.production.notice")])
        )

    def test_handed_back_and_destroyed(self):
        """C2: a copy is noted as handed back or destroyed once, by name."""
        _action, copies = self._print(self.seller)
        copies[0].with_user(self.seller).action_return()
        copies[1].with_user(self.producer).action_destroy()
        self.assertEqual(copies[:2].mapped("state"), ["returned", "destroyed"])
        self.assertEqual(copies[1].closed_by, self.producer.name)
        self.assertEqual(self.notice.outstanding_count, 3)
        with self.assertRaises(UserError):
            copies[0].with_user(self.seller).action_destroy()

    def test_no_department(self):
        """C2: a copy without a holder is refused."""
        with self.assertRaises(UserError):
            self._print(self.seller, self.env["quality.role"])

    def test_who_prints(self):
        """D1: sales, production and quality print; others are refused by the server."""
        for user in (self.seller, self.producer, self.inspector):
            self._print(user, self._role("production"))
        for user in (self.engineer, self.storekeeper, self.auditor, self.nobody):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.notice.with_user(user).action_print()

    def test_who_closes(self):
        """C2: who may not print may not note what became of a copy either."""
        _action, copies = self._print(self.seller)
        for user in (self.engineer, self.storekeeper, self.auditor, self.nobody):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                copies[0].with_user(user).action_return()

    def test_buttons(self):
        """D1, C2: whoever is refused what a button does is not shown it."""
        names = {"form": {"action_print", "action_return", "action_destroy"}}
        names["list"] = {"action_print"}
        for user in (self.seller, self.inspector, self.engineer, self.auditor, self.storekeeper):
            for kind, expected in names.items():
                with self.subTest(user=user.login, kind=kind):
                    views = self.notice.with_user(user).get_views([(False, kind)])["views"]
                    shown = {n for n in expected if f'name="{n}"' in views[kind]["arch"]}
                    may = user in (self.seller, self.inspector)
                    self.assertEqual(shown, expected if may else set())

    def test_dialog_is_private(self):
        """D1: nobody prints through somebody else's dialog."""
        action = self.notice.with_user(self.seller).action_print()
        with self.assertRaises(AccessError):
            self.env[action["res_model"]].with_user(self.producer).browse(
                action["res_id"]
            ).action_print()

    def test_token_is_not_read(self):
        """C2: the code behind the QR is on the paper only."""
        _action, copies = self._print(self.seller)
        with self.assertRaises(AccessError):
            copies[0].with_user(self.seller).read(["token"])


@tagged("post_install", "-at_install")
class TestNoticeRights(NoticeCase):
    def setUp(self):
        super().setUp()
        self.notice = self._confirm(self._create_order(5))
        self.env["quality.production.notice.copy"]._print_for(self.notice, self._role("production"))

    def _documents(self):
        return {
            "quality.production.notice": self.notice,
            "quality.production.notice.line": self.notice.line_ids,
            "quality.production.notice.allocation": self.notice.line_ids.allocation_ids,
            "quality.production.notice.copy": self.notice.copy_ids,
        }

    def test_who_reads(self):
        """D1: those on the distribution list, sales and the auditor read; others don't."""
        readers = (
            self.seller,
            self.engineer,
            self.producer,
            self.inspector,
            self.auditor,
            self.storekeeper,
        )
        for documents in self._documents().values():
            for user in readers:
                self.assertTrue(documents.with_user(user).has_access("read"), user.login)
            self.assertFalse(documents.with_user(self.nobody).has_access("read"))

    def test_nobody_writes(self):
        """D1: no group creates, changes or deletes a notice by RPC."""
        users = (
            self.seller,
            self.engineer,
            self.producer,
            self.inspector,
            self.quality_manager,
            self.auditor,
            self.storekeeper,
            self.nobody,
        )
        for model, documents in self._documents().items():
            for user in users:
                with self.subTest(model=model, user=user.login):
                    for right in ("create", "write", "unlink"):
                        self.assertFalse(documents.with_user(user).has_access(right))
                    with self.assertRaises(AccessError):
                        documents.with_user(user).write({"company_id": 1})
                    with self.assertRaises(AccessError):
                        documents.with_user(user).unlink()

    def test_form_opens(self):
        """D1: every reader sees the whole form, MO and order links included."""
        spec = {
            "name": {},
            "state": {},
            "receipt_summary": {},
            "message_text": {},
            "partner_id": {"fields": {"display_name": {}}},
            "order_id": {"fields": {"display_name": {}}},
            "line_ids": {"fields": {"production_names": {}, "allocated": {}, "incoming": {}}},
            "copy_ids": {"fields": {"number": {}, "notice_state": {}}},
        }
        for user in (self.engineer, self.producer, self.inspector, self.auditor, self.storekeeper):
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                values = self.notice.with_user(user).web_read(spec)[0]
                self.assertEqual(values["line_ids"][0]["allocated"], 5)

    def test_order_of_a_colleague(self):
        """D1: whoever sees own documents only opens a colleague's manufacturing order."""
        colleague = self._create_user("colleague", f"{BASE},sales_team.group_sale_salesman")
        production = self._productions().with_user(colleague)
        self.env.invalidate_all()
        spec = {
            "quality_notice_count": {},
            "quality_notice_void": {},
            "quality_allocation_ids": {
                "fields": {
                    "notice_id": {"fields": {"display_name": {}}},
                    "order_id": {"fields": {"display_name": {}}},
                    "notice_revision": {},
                    "notice_state": {},
                    "quantity": {},
                    "date_due": {},
                }
            },
        }
        values = production.web_read(spec)[0]
        self.assertEqual(values["quality_notice_count"], 1)
        self.assertFalse(values["quality_notice_void"])
        with self.assertRaises(AccessError):
            production.action_view_quality_notices()
        action = self._productions().with_user(self.seller).action_view_quality_notices()
        self.assertEqual(action["res_id"], self.notice.id)

    def test_other_company(self):
        """D1: another company sees nothing of the notice."""
        other = self.env["res.company"].create({"name": "Neighbour"})
        stranger = new_test_user(
            self.env,
            "stranger",
            company_id=other.id,
            company_ids=other.ids,
            groups="base.group_user,customer_quality.group_manager,mrp.group_mrp_manager,"
            "sales_team.group_sale_manager",
        )
        for documents in self._documents().values():
            seen = documents.with_user(stranger).with_context(allowed_company_ids=other.ids)
            self.assertFalse(seen.has_access("read"))
            self.assertFalse(seen.search([("id", "in", documents.ids)]))

    def test_content_is_locked(self):
        """K1: what a void or finished notice says stays as it is."""
        self._cancel(self.notice.order_id)
        with self.assertRaises(UserError):
            self.notice.write({"is_replenishment": True})
        with self.assertRaises(UserError):
            self.notice.unlink()


@tagged("post_install", "-at_install")
class TestNoticePaper(NoticeCase, HttpCase):
    """The controlled form as PDF, rendered for real."""

    def setUp(self):
        super().setUp()
        self.env["ir.config_parameter"].set_param("report.url", self.base_url())
        self.notice = self._confirm(self._create_order(5))
        self.copy = self.env["quality.production.notice.copy"]._print_for(
            self.notice, self._role("production")
        )

    def _html(self):
        return (
            self.env["ir.actions.report"]
            ._render_qweb_html("customer_quality.report_production_notice", self.copy.ids)[0]
            .decode()
        )

    def test_pdf(self):
        """D1, K2: the copy renders as a real PDF."""
        pdf, kind = (
            self.env["ir.actions.report"]
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf("customer_quality.report_production_notice", self.copy.ids)
        )
        self.assertEqual(kind, "pdf")
        self.assertTrue(pdf.startswith(b"%PDF"))

    def test_says(self):
        """D1, K2, M5: number, copy, form version, goods and QR, but no price."""
        html = self._html()
        for text in (self.notice.name, "QF-02", "A/0", "Machine", self.customer.name):
            self.assertIn(text, html)
        self.assertIn(self._productions().name, html)
        self.assertIn("data:image/svg+xml;base64,", html)
        self.assertIn('class="topage"', html)
        self.assertNotIn("VOID", html)
        self.assertNotIn("100.00", html)

    def test_as_production(self):
        """D1: production prints without any right to sales orders."""
        html = (
            self.env["ir.actions.report"]
            .with_user(self.producer)
            ._render_qweb_html("customer_quality.report_production_notice", self.copy.ids)[0]
            .decode()
        )
        self.assertIn(self.notice.order_id.name, html)

    def test_who_renders(self):
        """C2: a copy that exists is not rendered again for whoever may not print."""
        url = f"/report/html/customer_quality.report_production_notice/{self.copy.id}"
        for user in (self.engineer, self.storekeeper, self.auditor, self.nobody):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._render_as(user)
        self.authenticate(self.engineer.login, self.engineer.login)
        page = self.url_open(url)
        self.assertNotEqual(page.status_code, 200)
        self.assertNotIn("data:image/svg+xml;base64,", page.text)
        with self.assertRaises(AccessError):
            self.copy.with_user(self.engineer)._get_check_url()

    def _render_as(self, user):
        reports = self.env["ir.actions.report"].with_user(user)
        return reports._render_qweb_html(
            "customer_quality.report_production_notice", self.copy.ids
        )[0]

    def test_void(self):
        """D1: a void notice prints with VOID across it, and what replaces it."""
        order = self.notice.order_id
        self._cancel(order)
        order.with_user(self.seller).action_draft()
        revision = self._confirm(order) - self.notice
        html = self._html()
        self.assertIn("VOID", html)
        self.assertIn(revision.name, html)

    def test_kit_stays_named(self):
        """D1: the kit stands on paper, even when its order line was deleted."""
        kit = self.env["product.product"].create({"name": "Service Set", "is_storable": True})
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": kit.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [(0, 0, {"product_id": self.bought.id, "product_qty": 1})],
            }
        )
        order = self._create_order(2, product=kit)
        notice = self._confirm(order)
        self.assertEqual(notice.line_ids.kit_id, kit)
        self._cancel(order)
        order.with_user(self.seller).action_draft()
        order.order_line.with_user(self.seller).unlink()
        self.copy = self.env["quality.production.notice.copy"]._print_for(
            notice, self._role("production")
        )
        self.assertIn("Service Set", self._html())

    def test_missing_is_printed(self):
        """D1: what nothing supplies any more stands on paper and on the work page."""
        self.assertNotIn("Missing:", self._html())
        self._productions().action_cancel()
        self.assertIn("Missing:", self._html())
        self.authenticate(self.producer.login, self.producer.login)
        page = self.url_open(f"/quality/work/{self.notice.record_id.id}").text
        self.assertIn("Missing:", page)

    def test_receipts_are_printed(self):
        """D1: who received it, and when, stands on the paper."""
        self.notice.with_user(self.inspector).action_receive()
        self.assertIn(self.inspector.name, self._html())


@tagged("post_install", "-at_install")
class TestNoticeBesidePlainOdoo(TransactionCase):
    """Off the critical path: without a setting nothing of ours runs."""

    def test_nothing_is_looked_up(self):
        """B3: with the setting off, the snapshot asks the database nothing."""
        order = self.env["sale.order"].create(
            {"partner_id": self.env["res.partner"].create({"name": "Somebody"}).id}
        )
        order.company_id.quality_notice_on_confirm = False
        Notice = self.env["quality.production.notice"]
        with patch.object(type(Notice.line_ids), "_prepare_needs") as prepare:
            snapshot = Notice._snapshot_coverage(order)
        prepare.assert_not_called()
        with self.assertQueryCount(0):
            self.assertFalse(Notice._issue_for(order, snapshot))
