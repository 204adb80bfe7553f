from odoo import fields, models


class MrpProduction(models.Model):
    """What went wrong where something is made: reported from here, listed here (D7)."""

    _inherit = "mrp.production"  # pylint: disable=R8180  # a chapter of its own

    quality_abnormality_count = fields.Integer(
        "Abnormalities",
        compute="_compute_quality_abnormality_count",
        compute_sudo=True,
        export_string_translation=False,
    )

    # without dependencies: looked at when an order is opened
    def _compute_quality_abnormality_count(self):
        counts = self._get_quality_abnormality_counts()
        for production in self:
            production.quality_abnormality_count = counts.get(production._origin, 0)

    def _get_quality_abnormality_counts(self):
        """Return how many abnormalities each order has: dict of production → int, void ones not.

        In sudo: that there are some is told to whoever sees the order.
        """
        return dict(
            self.env["quality.abnormality"]
            .sudo()
            ._read_group(
                [("production_id", "in", self.ids), ("state", "!=", "void")],
                ["production_id"],
                ["__count"],
            )
        )

    def action_view_quality_abnormalities(self):
        """Open the abnormalities of these orders."""
        sheets = self.env["quality.abnormality"].search([("production_id", "in", self.ids)])
        return sheets._get_records_action(name=self.env._("Abnormalities"))

    def action_report_quality_abnormality(self):
        """Open the page on which an abnormality of this order is reported, also on a phone."""
        self.ensure_one()
        return self.env["quality.abnormality"]._get_report_action(production=self.id)
