from odoo import api, fields, models

from .order_override import ALLOWANCES, CHANGED_TYPE


class QualityOrderOverride(models.Model):
    """How an override is used: what passes by it is noted, and told to the departments (C5)."""

    _inherit = "quality.order.override"  # pylint: disable=R8180  # a chapter of its own

    # For the guard

    @api.model
    def _get_released(self, orders):
        """Return what the current user may use now: dict of order → overrides in force.

        Under None stands that there is none.
        """
        # the guard asks for whoever changes the order, whatever they may read
        released_sudo = self.sudo().search(
            [
                ("order_id", "in", orders.ids),
                ("is_valid", "=", True),
                "|",
                ("requested_by_id", "=", self.env.uid),
                ("released_by_id", "=", self.env.uid),
            ],
            order="id",
        )
        released = {None: released_sudo.browse()}
        for order_sudo, overrides in released_sudo.grouped("order_id").items():
            released[order_sudo.sudo(orders.env.su)] = overrides
        return released

    def _find_covering(self, change):
        """Return the first of these overrides that lets a difference pass, if any.

        :param change: Difference of the guard
        """
        return self.filtered(ALLOWANCES[change.kind])[:1]

    def _note(self, changes):
        """Keep what is changed by this override, before and after, and tell the departments.

        :param changes: list of Difference
        """
        if not changes:
            return
        is_first = not self.change_ids
        self.env["quality.order.override.change"].sudo().create(
            [
                {
                    "override_id": self.id,
                    "order_line_id": change.line.id,
                    "kind": change.kind,
                    "what": self._get_what(change),
                    "before": change.before,
                    "after": change.after,
                    "changed_by": self.env.user.name,
                }
                for change in changes
            ]
        )
        if is_first:
            self._tell_receivers()

    def _get_what(self, change):
        goods = change.line.sudo()
        return goods.product_id.display_name or goods.name or change.order.name

    def _tell_receivers(self):
        """Tell whoever received the notices of the order, once, that it was changed (D1)."""
        notices = self.env["quality.production.notice"]._get_in_force(self.order_id)
        for notice in notices:
            receipts = notice.acknowledgement_ids.filtered(lambda receipt: receipt.state != "void")
            self._tell(notice, receipts.user_id, self._get_change_summary)
        people = self.order_id.user_id - self.env.user
        if people:
            self._tell(self, people, self._get_change_summary)

    def _get_release_summary(self, lang):
        return self.with_context(lang=lang).env._(
            "%(number)s is signed: change the order now", number=self.name
        )

    def _get_change_summary(self, lang):
        return self.with_context(lang=lang).env._(
            "%(order)s was changed by %(number)s",
            order=self.order_id.name,
            number=self.name,
        )

    def _tell(self, document, users, get_summary):
        """Create one activity on ``document`` for each user.

        :param get_summary: method that returns its text in a language
        """
        Activity = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True)
        kind = self.env["ir.model.data"]._xmlid_to_res_id(CHANGED_TYPE)
        Activity.create(
            [
                {
                    "activity_type_id": kind,
                    "res_model_id": self.env["ir.model"]._get_id(document._name),
                    "res_id": document.id,
                    "user_id": user.id,
                    "summary": get_summary(user.lang),
                    "automated": True,
                    "date_deadline": fields.Date.context_today(self),
                }
                for user in users
            ]
        )

    # Scheduled action

    @api.model
    def _cron_close_expired(self):
        """Close overrides whose time is over; the guard has not let anything pass since."""
        expired = self.search(
            [("state", "=", "released"), ("date_expires", "<=", fields.Datetime.now())]
        )
        expired = expired.try_lock_for_update()
        expired._retire("closed")
