from odoo import fields, models


class QualityContractReview(models.Model):
    """The approval follows a change that was agreed: what was reviewed is what is signed (C3)."""

    _inherit = "quality.contract.review"  # pylint: disable=R8180  # a chapter of its own

    change_id = fields.Many2one(
        "quality.order.change",
        "Renewed By",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )

    def _renew_by(self, change):
        """Supersede this approval by one of what the order says after ``change``.

        The departments that the change concerns have signed the change; nobody else is asked.

        :param change: quality.order.change record, written on its order
        :return: the new approval; none where the order had none
        """
        if self.state != "approved":
            return self.browse()
        renewed = self.create(
            {
                "name": f"{self._get_base_number()}-{self.revision + 1}",
                "order_id": self.order_id.id,
                "company_id": self.company_id.id,
                "user_id": self.user_id.id,
                "partner_id": self.order_id.partner_id.id,
                "template_id": self.template_id.id,
                "revision": self.revision + 1,
                "supersedes_id": self.id,
                "is_baseline": self.is_baseline,
                "depth": self.depth,
                "change_id": change.id,
            }
        )
        self._supersede()
        self.order_id.quality_review_id = renewed
        renewed._take_snapshot()
        renewed._approve_by(change)
        return renewed

    def _approve_by(self, change):
        self.write(
            {
                "state": "approved",
                "date_requested": change.date_requested,
                "date_decided": fields.Datetime.now(),
                "conclusion": self.env._("Changed as agreed in %(change)s.", change=change.name),
            }
        )
        self._set_phase("closed")
