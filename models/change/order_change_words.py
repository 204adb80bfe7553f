from odoo import models
from odoo.tools import format_date, formatLang


class QualityOrderChange(models.Model):
    """Impact and outcome of a change in words, as screens and papers show them."""

    _inherit = "quality.order.change"  # pylint: disable=R8180  # a chapter of its own

    def _get_impact_titles(self):
        """Return what the sections of an impact are called: dict of section → text."""
        return {
            "orders": self.env._("Order"),
            "productions": self.env._("Manufacturing"),
            "transfers": self.env._("Transfers and reservations"),
            "purchases": self.env._("Purchases"),
            "others": self.env._("Other orders"),
            "scrap": self.env._("Made or consumed for nothing"),
        }

    def _get_money_titles(self):
        """Return what the amounts of an impact are called: dict of name → text."""
        return {
            "amount": self.env._("Untaxed amount"),
            "cost": self.env._("Cost"),
            "margin": self.env._("Margin"),
        }

    def _get_impact_label(self, section, row):
        """Return what a row of an impact is about (str)."""
        values = row["after"] or row["before"]
        if section == "productions":
            new = row["before"] is None
            name = self.env._("New manufacturing order") if new else row["key"]
            return f"{name}: {values['product']}"
        if section == "others":
            return f"{values['order']}: {values['product']}"
        return row["key"]

    def _get_impact_text(self, section, values):
        """Return one side of a row in words (str); a dash where there is nothing."""
        if not values:
            return "–"
        return getattr(self, f"_get_{section}_text")(values)

    def _get_orders_text(self, values):
        return " · ".join(
            filter(
                None,
                (
                    values["state"] == "cancel" and self.env._("cancelled"),
                    values["promised"]
                    and self.env._("promised %(date)s", date=self._format_day(values["promised"])),
                    values["planned_end"]
                    and self.env._(
                        "planned to end %(date)s", date=self._format_day(values["planned_end"])
                    ),
                ),
            )
        )

    def _get_productions_text(self, values):
        if values["state"] == "cancel":
            return self.env._("cancelled")
        parts = [self._format_quantity(values)]
        if values["produced"]:
            parts.append(self.env._("%(quantity)g made", quantity=values["produced"]))
        if values["state"] == "done":
            parts.append(self.env._("finished"))
        elif values["end"]:
            parts.append(f"{self._format_day(values['start'])} – {self._format_day(values['end'])}")
        return " · ".join(parts)

    def _get_transfers_text(self, values):
        return " · ".join(
            (
                self._format_quantity(values),
                self.env._("%(quantity)g reserved", quantity=values["reserved"]),
                self._format_day(values["date"]),
            )
        )

    def _get_purchases_text(self, values):
        parts = [self._format_quantity(values), self._format_day(values["date"])]
        if values["state"] == "cancel":
            parts.append(self.env._("cancelled"))
        if values["to_check"]:
            parts.append(self.env._("the buyer is asked to check"))
        return " · ".join(filter(None, parts))

    def _get_others_text(self, values):
        if not values["available"]:
            return self.env._("not available")
        text = self.env._("%(quantity)g available", quantity=values["available"])
        expected = values["expected"] and self._format_day(values["expected"])
        return f"{text} · {expected}" if expected else text

    def _get_scrap_text(self, values):
        return self._format_quantity(values)

    def _is_impact_bad(self, section, row):
        """Tell whether somebody should look at a row twice: it is shown in red."""
        before, after = row["before"] or {}, row["after"] or {}
        if section == "orders":
            end, promised = after.get("planned_end"), after.get("promised")
            return bool(end and promised and end > promised)
        if section == "others":
            return (after.get("available") or 0.0) < (before.get("available") or 0.0)
        return section == "scrap"

    def _format_quantity(self, values):
        return f"{values['quantity']:g} {values['unit']}"

    def _format_day(self, day):
        return format_date(self.env, day) if day else ""

    def _format_money(self, values, name):
        amount = formatLang(self.env, values[name], digits=2)
        return f"{amount} {values['currency']}"
