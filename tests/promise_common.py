from datetime import datetime

from odoo.tests import freeze_time

from .common import QualityCase

#: Monday
NOW = "2026-03-02 08:00:00"


def day(number, hour=8):
    """Return a date of March 2026; the 1st, 7th, 8th, 14th… are weekends."""
    return datetime(2026, 3, number, hour)


class PromiseCase(QualityCase):
    """A workshop that works from 8 to 16 on weekdays, and today is Monday the 2nd of March."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "Single Shift",
                "company_id": cls.company.id,
                "tz": "UTC",
                "attendance_ids": [
                    (
                        0,
                        0,
                        {
                            "name": "Shift",
                            "dayofweek": str(weekday),
                            "hour_from": 8,
                            "hour_to": 16,
                            "day_period": "full_day",
                        },
                    )
                    for weekday in range(5)
                ],
            }
        )
        cls.company.resource_calendar_id = cls.calendar
        cls.vendor = cls.env["res.partner"].create({"name": "Foundry"})
        cls.saw = cls._create_centre("Saw")
        cls.part.seller_ids = cls._vendor(7)

    @classmethod
    def _vendor(cls, days):
        return [(0, 0, {"partner_id": cls.vendor.id, "delay": days, "price": 4})]

    @classmethod
    def _create_centre(cls, name, **vals):
        return cls.env["mrp.workcenter"].create(
            {
                "name": name,
                "company_id": cls.company.id,
                "resource_calendar_id": cls.calendar.id,
                "time_start": 0,
                "time_stop": 0,
                **vals,
            }
        )

    @classmethod
    def _create_good(cls, name, **vals):
        return cls.env["product.product"].create(
            {"name": name, "is_storable": True, "taxes_id": False, "list_price": 100, **vals}
        )

    @classmethod
    def _create_bom(cls, product, *parts, kind="normal", **vals):
        return cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": product.product_tmpl_id.id,
                "company_id": cls.company.id,
                "type": kind,
                "bom_line_ids": [
                    (0, 0, {"product_id": part.id, "product_qty": quantity})
                    for part, quantity in parts
                ],
                **vals,
            }
        )

    @classmethod
    def _add_operation(cls, bom, centre, minutes, **vals):
        return cls.env["mrp.routing.workcenter"].create(
            {
                "name": f"Work on {centre.name}",
                "bom_id": bom.id,
                "workcenter_id": centre.id,
                "time_cycle_manual": minutes,
                **vals,
            }
        )

    @classmethod
    def _create_move(cls, product, quantity, date, source, destination):
        move = cls.env["stock.move"].create(
            {
                "product_id": product.id,
                "product_uom_qty": quantity,
                "product_uom": product.uom_id.id,
                "location_id": source.id,
                "location_dest_id": destination.id,
                "company_id": cls.company.id,
                "date": date,
            }
        )
        move._action_confirm()
        move.date = date
        return move

    @classmethod
    def _receive(cls, product, quantity, date):
        """Expect a receipt."""
        suppliers = cls.env.ref("stock.stock_location_suppliers")
        return cls._create_move(product, quantity, date, suppliers, cls.warehouse.lot_stock_id)

    @classmethod
    def _owe(cls, product, quantity, date):
        """Promise a delivery to somebody else, without reserving."""
        customers = cls.env.ref("stock.stock_location_customers")
        return cls._create_move(product, quantity, date, cls.warehouse.lot_stock_id, customers)

    @classmethod
    def _get_promises(cls, *orders):
        """Return the figures of the orders' lines, in their order."""
        lines = cls.env["sale.order"].union(*orders).order_line
        figures = cls.env["quality.promise"]._get_figures(lines)
        return [figures[line] for line in lines]

    @classmethod
    def _get_dates(cls, *orders):
        return [vals["date_earliest"] for vals in cls._get_promises(*orders)]

    def _create_production(self, quantity, bom=None):
        return self.env["mrp.production"].create(
            {
                "product_id": self.product.id,
                "product_qty": quantity,
                "bom_id": (bom or self.bom).id,
                "company_id": self.company.id,
            }
        )

    def _plan_work(self, start, finish):
        """Plan something else on the saw."""
        other = self._create_good("Other Work")
        bom = self._create_bom(other)
        self._add_operation(bom, self.saw, 60)
        production = self.env["mrp.production"].create(
            {
                "product_id": other.id,
                "product_qty": 1,
                "bom_id": bom.id,
                "company_id": self.company.id,
            }
        )
        production.action_confirm()
        workorder = production.workorder_ids
        workorder.with_context(bypass_duration_calculation=True).write(
            {"date_start": start, "date_finished": finish}
        )
        return workorder

    def _to_order(self, product):
        route = self.env.ref("stock.route_warehouse0_mto")
        route.active = True
        self.warehouse._create_or_update_global_routes_rules()
        product.route_ids = route | self.warehouse.manufacture_pull_id.route_id

    def _put_lot(self, name, quantity, location, product=None):
        product = product or self.part
        lot = self.env["stock.lot"].create({"name": name, "product_id": product.id})
        self.env["stock.quant"]._update_available_quantity(product, location, quantity, lot_id=lot)
        return lot

    def _deliver(self, days_late):
        """Deliver one machine that was promised for the 2nd."""
        order = self._create_order(1, commitment_date=day(2))
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking._action_done()
        picking.move_ids.write({"date_deadline": day(2), "date": day(2 + days_late)})
