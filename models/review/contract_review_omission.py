from odoo import fields, models


class QualityContractReview(models.Model):
    """Departments that were left out of a review by decision (L6)."""

    _inherit = "quality.contract.review"  # pylint: disable=R8180  # a chapter of its own

    omission_ids = fields.One2many("quality.review.omission", "review_id", readonly=True)

    def action_leave_out(self):
        """Ask to leave a department out of this review (L6).

        :return: action that opens the decision to be signed
        :raise UserError: where no department is waited for
        """
        self.ensure_one()
        self.env["quality.review.omission"].check_access("write")
        self.order_id.check_access("write")
        omission = self.env["quality.review.omission"]._open_for(self)
        return omission._get_records_action(name=self.env._("Department Left Out"))
