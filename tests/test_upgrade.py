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
