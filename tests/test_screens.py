import re
from pathlib import Path

from lxml import etree

from odoo.modules import Manifest
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .notice_common import NoticeCase

MODULE = "customer_quality"
REGISTRY = re.compile(r"""category\(["'](?:fields|view_widgets)["']\)""")
REGISTERED = re.compile(r"""\.add\(\s*["']([\w.]+)["']""")


@tagged("post_install", "-at_install")
class TestScreens(NoticeCase):
    """What the screens promise: their widgets are there, their columns and buttons make sense."""

    def _get_arch(self, model, kind="form"):
        return etree.fromstring(self.env[model].get_view(view_type=kind)["arch"])

    def _is_offered(self, button, record):
        """Tell whether a screen offers a button on ``record``, by its rule in the view."""
        rule = self._get_arch(record._name).xpath(f"//header/button[@name='{button}']")[0]
        names = re.findall(r"[a-z_]+", re.sub(r"'[^']*'", "", rule.get("invisible")))
        values = record.read([name for name in names if name in record._fields])[0]
        return not safe_eval(rule.get("invisible"), values)

    def test_every_widget_is_there(self):
        """M2: Odoo shows plain text where it does not know a widget, and nobody is told."""
        known = set()
        for module in self.env["ir.module.module"].search([("state", "=", "installed")]):
            source = Path(Manifest.for_addon(module.name).path, "static", "src")
            for script in source.rglob("*.js"):
                text = script.read_text(errors="ignore")
                if REGISTRY.search(text):
                    known.update(REGISTERED.findall(text))
        views = self.env["ir.ui.view"].search([("model_data_id.module", "=", MODULE)])
        named = {
            node.get("widget") or node.get("name")
            for view in views
            for node in etree.fromstring(view.arch_db.encode()).iter("field", "widget")
            if node.tag == "widget" or node.get("widget")
        }
        kinds = {"list.", "kanban.", "form."}  # a widget may be known for one kind of view only
        missing = {
            name for name in named if name not in known and not {k + name for k in kinds} & known
        }
        self.assertFalse(missing)

    def test_columns_stand_in_the_order_of_the_procedure(self):
        """M2: what runs comes before what is decided, in each board by state."""
        for quantity in (1, 2):
            self._request_review(self._create_order(quantity))
        self._create_reviewed_order(3)
        reviews = self.env["quality.contract.review"].with_user(self.seller)
        reviews = reviews.with_context(read_group_expand=True)  # as boards ask
        groups = reviews.formatted_read_group([], ["state"], ["__count"])
        self.assertEqual([group["state"] for group in groups], ["review", "approved"])
        for model in (
            "quality.action",
            "quality.contract",
            "quality.customer.document.revision",
            "quality.deadline",
            "quality.production.notice",
        ):
            with self.subTest(model):
                self.assertTrue(self.env[model]._fields["state"].group_expand)

    def test_the_customer_is_not_answered_with_what_is_stale(self):
        """B6: the button is there once the review is approved, and gone when the order changed."""
        self.company.quality_answer_customer = "draft"
        order = self._create_reviewed_order(5)
        for screen in (order, order.quality_review_id):
            self.assertTrue(self._is_offered("action_answer_customer", screen))
        order.order_line.product_uom_qty = 6
        self.env.invalidate_all()
        for screen in (order, order.quality_review_id):
            self.assertFalse(self._is_offered("action_answer_customer", screen))

    def test_a_receipt_says_of_what(self):
        """M3: in My Work."""
        order = self._create_reviewed_order(5)
        notice = self._confirm(order)
        duty = self.env["quality.duty"].search(
            [("record_id", "=", notice.record_id.id), ("meaning", "=", "receipt")], limit=1
        )
        self.assertEqual(duty.subject, "Production Notice")

    def test_on_its_own_order_a_line_is_called_by_what_it_sells(self):
        """A1: where requirements and deliveries name their line."""
        line = self._create_order(5).order_line
        self.assertIn(line.order_id.name, line.display_name)
        within = line.with_context(customer_quality_within_order=True)
        self.assertEqual(within.display_name, "Machine")

    def test_the_record_list_is_a_controlled_form(self):
        """K1, K2: with number and version, like every list that an auditor is given."""
        record = self._request_review(self._create_order()).record_id
        html = self.env["ir.actions.report"]._render_qweb_html(
            "customer_quality.report_record_list", record.ids
        )[0]
        self.assertIn("QF-33", html.decode())
