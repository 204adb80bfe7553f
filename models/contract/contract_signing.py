from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list


class QualityContract(models.Model):
    """How a contract is sent, signed, distributed and archived: a chapter of its own (A5)."""

    _inherit = "quality.contract"  # pylint: disable=R8180  # a chapter of its own

    def action_send(self):
        """Note that the reviewed text went to the customer; signing in time is counted (A5).

        :raise UserError: before legal agreed
        """
        self.check_access("write")
        self._ensure_state("sign")
        contracts_sudo = self.sudo()  # what follows is written by the procedure
        contracts_sudo.date_sent = fields.Datetime.now()
        contracts_sudo._start_signing_deadlines()
        return True

    def action_sign(self):
        """Note that both sides signed, and compare the signed copy with the reviewed text.

        :raise UserError: without date or signed copy, or before legal agreed
        """
        self.check_access("write")
        self._ensure_state("sign")
        for contract in self.sudo():  # read the files, write the state
            if not (contract.date_signed and contract.signed_checksum):
                raise UserError(
                    self.env._(
                        "Enter the date of signing and file the signed copy of %(number)s.",
                        number=contract.name,
                    )
                )
            if contract.date_signed > fields.Date.context_today(self):
                raise UserError(self.env._("The date of signing lies in the future. Correct it."))
            contract._sign_contract()
        return True

    def action_reopen(self):
        """File another signed copy in place of one that legal has not confirmed.

        :raise UserError: where the signed copy stands
        """
        self.check_access("write")
        for contract in self:
            if contract.state != "signed" or contract.signed_text in ("same", "confirmed"):
                raise UserError(
                    self.env._(
                        "The signed copy of %(number)s stands: it is what legal reviewed.",
                        number=contract.name,
                    )
                )
        contracts_sudo = self.sudo()  # the state follows from the procedure
        contracts_sudo.opinion_ids._void()
        contracts_sudo.write({"state": "sign", "signed_text": False})
        contracts_sudo._start_signing_deadlines()  # what was filed did not sign it
        return True

    def action_archive_contract(self):
        """Close contracts that are signed and received by every department (A5).

        :raise UserError: naming who has not signed for their copy yet
        """
        self.check_access("write")
        self._ensure_state("signed")
        for contract in self:
            if contract.signed_text not in ("same", "confirmed"):
                raise UserError(
                    self.env._(
                        "Legal has not confirmed the text that was signed for %(number)s. Wait for "
                        "its signature, or file another signed copy.",
                        number=contract.name,
                    )
                )
            waiting = contract.sudo().acknowledgement_ids.filtered(lambda r: r.state == "open")
            if waiting:
                raise UserError(
                    self.env._(
                        "%(number)s is archived when every department has signed for its copy. "
                        "Missing: %(roles)s.",
                        number=contract.name,
                        roles=format_list(self.env, waiting.role_id.mapped("name")),
                    )
                )
        contracts_sudo = self.sudo()  # the state follows from the procedure
        contracts_sudo.state = "archived"
        contracts_sudo._set_phase("closed")
        return True

    def action_cancel(self):
        """Cancel contracts that are not archived; what is open on them is owed no more.

        :raise UserError: naming one that is archived
        """
        self.check_access("write")
        for contract in self:
            if contract.state in ("archived", "cancelled"):
                raise UserError(
                    self.env._(
                        "%(number)s is closed already and stays as it is.", number=contract.name
                    )
                )
        contracts_sudo = self.sudo()  # the state follows from the procedure
        contracts_sudo.opinion_ids._void()
        contracts_sudo.acknowledgement_ids._void()
        contracts_sudo.state = "cancelled"
        contracts_sudo.record_id._cancel_deadlines("contract_signing")
        contracts_sudo._set_phase("void")
        contracts_sudo.order_ids._on_quality_contract_agreed()
        return True

    def action_view_orders(self):
        """Open the orders under these contracts."""
        return self.order_ids._get_records_action(name=self.env._("Sales Orders"))

    # Business

    def _ensure_state(self, state):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for contract in self:
            if contract.state != state:
                raise UserError(
                    self.env._(
                        "%(number)s is in state %(state)s; this is for contracts in state "
                        "%(expected)s.",
                        number=contract.name,
                        state=labels[contract.state],
                        expected=labels[state],
                    )
                )

    def _sign_contract(self):
        """Take the contract as signed; legal looks at whatever is not the file it reviewed."""
        self._keep_signed()  # whatever way the file came
        if self.signed_checksum == self.reviewed_checksum:
            text = "same"
        else:
            text = "scan" if self.is_scan else "other"
        self.write({"state": "signed", "signed_text": text})
        self.record_id._meet_deadlines("contract_signing")
        if text == "same":
            self._distribute_copies()
        else:
            self._ask_legal_on_signed()

    def _ask_legal_on_signed(self):
        meaning = "verification" if self.signed_text == "scan" else "opinion"
        self._ask_legal(f"template_contract_{self.signed_text}", meaning)
        self._settle()  # a company without legal goes on at once

    def _settle_signed(self, opinion):
        if opinion._get_objections():
            self.signed_text = "refused"
            self._tell_sales(
                self.env._("Legal refuses the signed text: settle it with the customer")
            )
        elif not self._is_file_reviewed("signed_file", self.signed_checksum):
            self._keep_signed()  # replaced behind the form: legal saw another file
            self._ask_legal_on_signed()
        else:
            was_other = self.signed_text == "other"
            self.write({"signed_text": "confirmed", "reviewed_checksum": self.signed_checksum})
            self._distribute_copies()
            if was_other:
                self.order_ids._on_quality_contract_agreed()

    def _distribute_copies(self):
        """Give each department on the distribution list its copy, to be signed for (A5)."""
        self.record_id._distribute()

    # Signing in time

    def _start_signing_deadlines(self):
        """Count the time to the signature, from sending or from the order's approval (A5)."""
        self.env["quality.deadline"]._start(
            [
                {
                    "record_id": contract.record_id.id,
                    "kind": "contract_signing",
                    "user_id": contract._get_responsible().id,
                    "partner_id": contract.partner_id.id,
                }
                for contract in self
                if contract.state == "sign"
            ]
        )
