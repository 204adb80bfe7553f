from odoo import fields, models

#: What the places for returned goods are called under their own view.
PLACES = {
    "inspection": "quality_inspection_loc_id",
    "nonconforming": "quality_nonconforming_loc_id",
    "rework": "quality_rework_loc_id",
}


class StockWarehouse(models.Model):
    """Places for returned goods, beside the warehouse and not inside it (F6).

    Odoo counts and reserves what lies under the view of a warehouse. What came back must not be
    promised to anybody before it is inspected, so its places have a view of their own.
    """

    _inherit = "stock.warehouse"

    quality_inspection_loc_id = fields.Many2one(
        "stock.location", "Inspection of Returns", copy=False, check_company=True
    )
    quality_nonconforming_loc_id = fields.Many2one(
        "stock.location", "Nonconforming Goods", copy=False, check_company=True
    )
    quality_rework_loc_id = fields.Many2one(
        "stock.location", "Rework", copy=False, check_company=True
    )

    def _get_quality_place(self, kind):
        """Return one of the places for returned goods, created when it is first needed.

        :param kind: ``inspection``, ``nonconforming`` or ``rework``
        :return: stock.location record, in sudo: the place is the procedure's
        """
        self.ensure_one()
        warehouse_sudo = self.sudo()  # whoever authorises a return need not run the warehouse
        if not warehouse_sudo[PLACES[kind]]:
            warehouse_sudo._create_quality_places()
        return warehouse_sudo[PLACES[kind]]

    def _create_quality_places(self):
        """Create the places that are missing, under a view beside that of the warehouse."""
        self.ensure_one()
        places = self.env["stock.location"]
        found = places.union(*(self[name] for name in PLACES.values()))
        view = found.location_id[:1] or places.create(
            {
                "name": self.env._("%(warehouse)s Returns", warehouse=self.code),
                "usage": "view",
                "location_id": self.view_location_id.location_id.id,
                "company_id": self.company_id.id,
            }
        )
        titles = {
            "inspection": self.env._("Inspection"),
            "nonconforming": self.env._("Nonconforming"),
            "rework": self.env._("Rework"),
        }
        for kind, name in PLACES.items():
            self[name] = self[name] or places.create(
                {
                    "name": titles[kind],
                    "usage": "internal",
                    "location_id": view.id,
                    "company_id": self.company_id.id,
                    "quality_hold": True,
                    "quality_place": kind,
                }
            )
