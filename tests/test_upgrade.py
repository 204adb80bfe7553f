import re
from pathlib import Path

from odoo.modules.migration import load_script
from odoo.modules.module import get_module_path
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.customer_quality.hooks import uninstall_hook

from .common import QualityCase


@tagged("post_install", "-at_install")
class TestUpgrade(QualityCase):
    """What comes from the version before works like what is new, and all can be taken away."""

    def _migrate(self, script):
        path = f"{get_module_path('customer_quality')}/migrations/{script}.py"
        load_script(path, "migration").migrate(self.env.cr, "19.0.1.0.0")

    @mute_logger("odoo.schema", "odoo.sql_db")
    def test_reasons_of_one_amount_stand_side_by_side(self):
        """B1: the constraint of the version before, of the same name, does not outlive it."""
        Authority = self.env["quality.authority"]
        self.env.cr.execute(
            """
            DROP INDEX IF EXISTS quality_authority_amount_uniq;
            ALTER TABLE quality_authority ADD CONSTRAINT quality_authority_amount_uniq
                UNIQUE (company_id, amount_from)
            """
        )
        self._migrate("19.0.1.1.0/pre-authority")
        type(Authority)._amount_uniq.apply_to_database(Authority)
        role = self._role("management")
        common = {"company_id": self.company.id, "role_id": role.id, "amount_from": 700}
        rows = Authority.create([{**common}, {**common, "criterion": "margin", "margin_below": 10}])
        self.assertEqual(len(rows), 2)

    def test_documents_that_are_new_get_their_run_of_numbers(self):
        """K2: two first documents at one moment draw from one sequence, as in a new company."""
        run = [("code", "=", "quality.contract"), ("company_id", "=", self.company.id)]
        self.env["ir.sequence"].search(run).unlink()
        self._migrate("19.0.1.1.0/post-roles")
        self.assertEqual(self.env["ir.sequence"].search_count(run), 1)

    def test_order_changes_get_their_run_of_numbers(self):
        """K2: the same for the documents of the version after."""
        run = [("code", "=", "quality.order.change"), ("company_id", "=", self.company.id)]
        self.env["ir.sequence"].search(run).unlink()
        self._migrate("19.0.1.2.0/post-numbers")
        self.assertEqual(self.env["ir.sequence"].search_count(run), 1)

    def test_complaints_get_their_run_of_numbers(self):
        """F1, K2: the same for what came in 19.0.1.3.0."""
        run = [("code", "=", "quality.complaint"), ("company_id", "=", self.company.id)]
        self.env["ir.sequence"].search(run).unlink()
        self._migrate("19.0.1.3.0/post-numbers")
        self.assertEqual(self.env["ir.sequence"].search_count(run), 1)

    def test_stages_of_the_version_before_have_a_first_plan(self):
        """D2: the date that they have is the only one that anybody knows."""
        self.env.cr.execute(
            "UPDATE quality_production_notice_stage SET date_planned = NULL"
            " WHERE date_due IS NOT NULL"
        )
        self._migrate("19.0.1.2.0/post-stage_planned")
        self.env.cr.execute(
            "SELECT count(*) FROM quality_production_notice_stage"
            " WHERE date_planned IS DISTINCT FROM date_due"
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_roles_that_are_new_can_be_mapped(self):
        """K3: a company of the version before gets a line for each of them."""
        roles = self.env["quality.role.assignment"].search([("company_id", "=", self.company.id)])
        before = roles.role_id
        roles.filtered(lambda line: line.role_id == self._role("after_sales")).unlink()
        self._migrate("19.0.1.1.0/post-roles")
        after = self.env["quality.role.assignment"].search([("company_id", "=", self.company.id)])
        self.assertEqual(after.role_id, before)
        self.assertEqual(len(after), len(roles))

    def test_reviews_of_the_version_before_can_be_repeated(self):
        """B8: their lines say whose they were: the company behind the contact."""
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        review = self._request_review(self._create_order(partner_id=contact.id))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE quality_contract_review_line SET customer_id = NULL WHERE review_id = %s",
            [review.id],
        )
        self._migrate("19.0.1.1.0/post-review_line_customer")
        self.env.invalidate_all()
        self.assertEqual(review.line_ids.customer_id, self.customer)

    def test_each_migration_is_tried(self):
        """K1: a script that nobody runs here would be run first by a customer."""
        scripts = {
            f"{path.parent.name}/{path.stem}"
            for path in Path(get_module_path("customer_quality"), "migrations").glob("*/*.py")
        }
        tried = set(re.findall(r'_migrate\("([^"]+)"\)', Path(__file__).read_text()))
        self.assertEqual(tried, scripts)

    def test_nothing_of_ours_holds_core_data_back_at_the_end(self):
        """K1: uninstalling leaves no foreign key, neither on our tables nor from them."""
        order = self._create_order()
        self._request_review(order)
        uninstall_hook(self.env)
        self.env.cr.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND confdeltype IN ('r', 'a')"
            " AND (conrelid::regclass::text LIKE 'quality\\_%'"
            "      OR confrelid::regclass::text LIKE 'quality\\_%')"
        )
        self.assertFalse(self.env.cr.fetchall())
