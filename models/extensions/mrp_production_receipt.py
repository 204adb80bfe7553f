from odoo import api, fields, models
from odoo.exceptions import RedirectWarning

#: Orders on which nothing was done yet.
UNSTARTED = ("draft", "confirmed")

#: States by which an order is started or finished.
STARTED = ("progress", "to_close", "done")


class MrpProduction(models.Model):
    """Where the company asks for it, nothing starts before its notice is received (C2, D1).

    Production signs for each notice; an order under one that it has not signed for is not
    started. Orders without a notice, and those that were started before, are free.
    """

    _inherit = "mrp.production"  # pylint: disable=R8180  # a chapter of its own

    quality_unreceived_ids = fields.Many2many(
        "quality.production.notice",
        string="Notices to Receive",
        compute="_compute_quality_unreceived_ids",
        compute_sudo=True,
        help="Production has to sign for these notices before the order is started.",
    )

    @api.depends("quality_allocation_ids.notice_id.record_id.acknowledgement_ids.state")
    def _compute_quality_unreceived_ids(self):
        self.quality_unreceived_ids = False
        asked = self._filter_quality_unstarted()
        for production, notices in asked._get_quality_unreceived().items():
            production.quality_unreceived_ids = notices

    def _filter_quality_unstarted(self):
        """Return the orders that may have to wait: nothing is looked up with the setting off."""
        companies = self.env["res.company"]._get_quality_on("quality_start_after_receipt")
        if not companies:
            return self.browse()
        return self.filtered(lambda mo: mo.company_id.id in companies and mo.state in UNSTARTED)

    def _get_quality_unreceived(self):
        """Return the issued notices that production has not signed for, in one query.

        :return: dict of production → quality.production.notice, in sudo; the others are left out
        """
        if not self:
            return {}
        role = self.env["quality.role"]._get_ids_by_code().get("production")
        pending = [("role_id", "=", role), ("state", "=", "open")]
        # who starts an order need not read its notices
        groups = (
            self.env["quality.production.notice.allocation"]
            .sudo()
            ._read_group(
                [
                    ("production_id", "in", self.ids),
                    ("notice_id.state", "=", "issued"),
                    ("notice_id.record_id.acknowledgement_ids", "any", pending),
                ],
                ["production_id", "notice_id"],
            )
        )
        unreceived = {}
        for production_sudo, notice in groups:
            production = production_sudo.sudo(self.env.su)
            unreceived[production] = unreceived.get(production, notice.browse()) | notice
        return unreceived

    def _check_quality_receipt(self):
        """Refuse to start orders whose notices production has not received (C2, D1).

        :raise RedirectWarning: naming order and notice, and leading to the notice
        """
        waiting = self._filter_quality_unstarted().filtered("quality_unreceived_ids")
        if not waiting:
            return
        notices = waiting[0].quality_unreceived_ids
        raise RedirectWarning(
            self.env._(
                "%(order)s can't be started: production has not received the notice %(notice)s "
                "yet. Open the notice, read it and confirm its receipt.",
                order=waiting[0].name,
                notice=", ".join(notices.sudo().mapped("name")),
            ),
            self.env["ir.model.data"]._xmlid_to_res_id(
                "customer_quality.mrp_production_action_receive_notice"
            ),
            self.env._("Open the notice"),
            {
                "active_model": self._name,
                "active_ids": waiting[0].ids,
                "active_id": waiting[0].id,
            },
        )

    # Every way to start

    def write(self, vals):
        """Write; what starts an order waits for the receipt of its notice.

        :raise RedirectWarning: see :meth:`_check_quality_receipt`
        """
        starts = vals.get("qty_producing", 0) > 0 or vals.get("state") in STARTED
        if starts and not self._is_quality_quiet():
            self._check_quality_receipt()
        return super().write(vals)

    def button_mark_done(self):
        """Produce; see :meth:`_check_quality_receipt`."""
        self._check_quality_receipt()
        return super().button_mark_done()

    def action_start(self):
        """Start; see :meth:`_check_quality_receipt`."""
        self._check_quality_receipt()
        return super().action_start()

    def action_receive_quality_notice(self):
        """Open the notices that production has to sign for before these orders start."""
        notices = self.quality_unreceived_ids or self.quality_notice_ids
        return notices._filtered_access("read")._get_records_action(
            name=self.env._("Production Notices")
        )
