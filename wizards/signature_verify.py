from odoo import api, fields, models
from odoo.exceptions import AccessError

#: How many findings are listed; one is enough to know that something was done.
LISTED = 200


class QualitySignatureVerify(models.TransientModel):
    """Result of a verification of all signatures of the selected companies."""

    _name = "quality.signature.verify"
    _description = "Verification of Signatures"

    line_ids = fields.One2many("quality.signature.verify.line", "verify_id", readonly=True)
    intact = fields.Boolean(readonly=True)
    summary = fields.Text(readonly=True)

    @api.model
    def action_verify(self):
        """Verify the signatures of the selected companies and show what was found.

        :return: action that opens the result
        :raise AccessError: for whoever is neither quality manager nor auditor
        """
        groups = "customer_quality.group_manager,customer_quality.group_auditor"
        if not self.env.user.has_groups(groups):
            raise AccessError(
                self.env._("Only a quality manager or an auditor verifies signatures.")
            )
        results = [self.env["quality.signature"]._verify(co) for co in self.env.companies]
        verify = self.create(self._prepare_verify_vals(results))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Verify Signatures"),
            "res_model": self._name,
            "res_id": verify.id,
            "view_mode": "form",
            "target": "new",
        }

    def _prepare_verify_vals(self, results):
        findings = [(result, broken) for result in results for broken in result.findings]
        return {
            "intact": not findings,
            "summary": "\n".join(self._summarise(result) for result in results),
            "line_ids": [
                fields.Command.create(
                    {
                        "company_id": result.company.id,
                        "signature": broken.signature_id or 0,
                        "position": broken.position or 0,
                        "sentence": broken.sentence,
                    }
                )
                for result, broken in findings[:LISTED]
            ],
        }

    def _summarise(self, result):
        where = {
            "company": result.company.name,
            "sealed": result.sealed,
            "waiting": result.waiting,
            "broken": len(result.findings),
            "head": result.head or "–",
        }
        if result.intact:
            return self.env._(
                "%(company)s: %(sealed)s sealed, %(waiting)s waiting, intact (head %(head)s)",
                **where,
            )
        return self.env._(
            "%(company)s: %(sealed)s sealed, %(waiting)s waiting, %(broken)s broken", **where
        )


class QualitySignatureVerifyLine(models.TransientModel):
    """Something that the verification found broken."""

    _name = "quality.signature.verify.line"
    _description = "Finding of a Verification"

    verify_id = fields.Many2one(
        "quality.signature.verify", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", readonly=True)
    signature = fields.Integer("Signature ID", readonly=True, aggregator=None)
    position = fields.Integer(readonly=True, aggregator=None)
    sentence = fields.Char("What Is Broken", readonly=True)
