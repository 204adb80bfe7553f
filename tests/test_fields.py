from odoo.tests import tagged

from .common import QualityCase


@tagged("post_install", "-at_install")
class TestFields(QualityCase):
    """What holds for the fields of all our models."""

    def test_no_two_fields_of_a_model_have_the_same_label(self):
        """K1: in a filter or an export, one can tell the fields of a form apart."""
        alike = []
        for model in self.env.registry.values():
            if model._abstract or model._original_module != "customer_quality":
                continue
            labels = {}
            for name, field in model._fields.items():
                other = labels.setdefault(field.string, name)
                if other != name:
                    alike.append(f"{model._name}: {other}, {name}: {field.string}")
        self.assertFalse(alike)

    def test_no_view_shows_what_depends_on_a_hidden_field(self):
        """M5: whoever sees an element may read the fields that decide on it (no warning)."""
        data = self.env["ir.model.data"].search(
            [("module", "=", "customer_quality"), ("model", "=", "ir.ui.view")]
        )
        views = self.env["ir.ui.view"].browse(data.mapped("res_id")).exists()
        self.assertGreater(len(views), 100)
        with self.assertNoLogs("odoo.addons.base.models.ir_ui_view", "WARNING"):
            views._check_xml()
