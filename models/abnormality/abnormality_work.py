from odoo import api, fields, models
from odoo.tools import SQL


class QualityAbnormality(models.Model):
    """What is owed on an abnormality besides its receipt: the remedy, and its confirmation."""

    _inherit = "quality.abnormality"  # pylint: disable=R8180  # a chapter of its own

    next_step = fields.Char(compute="_compute_next_step")
    order_count = fields.Integer("Sales Orders", compute="_compute_links", compute_sudo=True)
    notice_count = fields.Integer("Notices", compute="_compute_links", compute_sudo=True)

    @api.depends("state", "role_id")
    @api.depends_context("lang")
    def _compute_next_step(self):
        for sheet in self:
            sheet.next_step = sheet._get_next_step()

    def _get_next_step(self):
        """Return what has to be done next, and by whom, in a few words (str, or False)."""
        self.ensure_one()
        names = {"role": self.role_id.name, "person": self.reporter_name}
        if self.state == "reported":
            return self.env._("%(role)s: sign for it", **names)
        if self.state == "received":
            return self.env._("%(role)s: remedy it", **names)
        if self.state == "remedied":
            return self.env._("%(person)s or quality: confirm", **names)
        return False

    # Where it belongs

    @api.depends("order_ids")
    def _compute_links(self):
        for sheet in self:
            sheet.order_count = len(sheet.order_ids)
            sheet.notice_count = len(sheet._get_notices())

    def _get_notices(self):
        """Return the notices in force that the manufacturing orders carry out, in sudo."""
        return self.sudo().production_id._get_quality_claims().notice_id

    def action_view_production(self):
        """Open the manufacturing orders on which it happened."""
        return self.production_id._get_records_action(name=self.env._("Manufacturing Orders"))

    def action_view_notices(self):
        """Open the production notices behind these sheets."""
        notices = self._get_notices().sudo(self.env.su)
        return notices._get_records_action(name=self.env._("Production Notices"))

    def action_view_orders(self):
        """Open the sales orders that wait for what is made there."""
        return self.order_ids._get_records_action(name=self.env._("Sales Orders"))

    def _get_duty_subject(self):
        """Return what is owed in a few words, for My Work."""
        self.ensure_one()
        words = " ".join((self.description or "").split())[:80]
        if self.state == "received":
            return self.env._("Remedy: %(what)s", what=words)
        return self.env._("Is it remedied? %(what)s", what=words)


class QualityDuty(models.Model):
    """My Work lists who owes the remedy of an abnormality, and who confirms it (D7, M3)."""

    _inherit = "quality.duty"  # pylint: disable=R8180  # a chapter of its own

    _depends = {
        "quality.abnormality": [
            "record_id",
            "role_id",
            "reporter_id",
            "state",
            "date_received",
            "date_remedied",
        ],
    }

    @api.model
    def _get_tables(self):
        return [*super()._get_tables(), "quality.abnormality"]

    @api.model
    def _get_parts(self):
        tables = self._get_tables()
        part = SQL(
            """
            SELECT %(tables)s * owed.id + %(place)s, owed.record_id, record.company_id,
                   CASE owed.state WHEN 'received' THEN owed.role_id ELSE quality.id END,
                   CASE owed.state WHEN 'received' THEN record.user_id ELSE owed.reporter_id END,
                   'step', 1,
                   CASE owed.state WHEN 'received' THEN owed.date_received
                        ELSE owed.date_remedied END,
                   %(due)s
              FROM quality_abnormality owed
              JOIN quality_record record ON record.id = owed.record_id
         LEFT JOIN quality_role quality ON quality.code = 'quality'
             WHERE owed.state IN ('received', 'remedied')
            """,
            tables=len(tables),
            place=tables.index("quality.abnormality"),
            due=self._get_due(SQL("'abnormality_remedy'")),
        )
        return [*super()._get_parts(), part]
