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
