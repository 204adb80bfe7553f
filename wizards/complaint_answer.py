from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import email_normalize, html2plaintext, is_html_empty


class QualityComplaintAnswer(models.TransientModel):
    """The answer to the customer: by mail in their language, or by another way (F5).

    All is filled in with the rights of whoever answers: it shows what stands in the complaint.
    """

    _name = "quality.complaint.answer"
    _description = "Answer to a Complaint"

    complaint_id = fields.Many2one("quality.complaint", required=True, readonly=True)
    way = fields.Selection(
        [
            ("mail", "E-mail"),
            ("phone", "Phone"),
            ("visit", "Visit"),
            ("letter", "Letter"),
            ("chat", "Chat"),
        ],
        "By",
        required=True,
        default="mail",
    )
    solution = fields.Text(
        "Outcome",
        compute="_compute_from_complaint",
        store=True,
        readonly=False,
        precompute=True,
        compute_sudo=False,
    )
    template_id = fields.Many2one(
        "mail.template",
        domain=[("model", "=", "quality.complaint")],
        default=lambda self: self.env.ref(
            "customer_quality.mail_template_complaint_answer", raise_if_not_found=False
        ),
    )
    address = fields.Char(
        "To",
        compute="_compute_from_complaint",
        store=True,
        readonly=False,
        precompute=True,
        compute_sudo=False,
    )
    copy_ids = fields.Many2many(
        "res.partner",
        string="In Copy",
        compute="_compute_from_complaint",
        store=True,
        readonly=False,
        precompute=True,
        compute_sudo=False,
    )
    subject = fields.Char(
        compute="_compute_content", store=True, readonly=False, precompute=True, compute_sudo=False
    )
    body = fields.Html(
        "Message",
        compute="_compute_content",
        store=True,
        readonly=False,
        precompute=True,
        compute_sudo=False,
    )
    who = fields.Char("Who Was Told")
    text = fields.Text("What Was Said")
    attachment_ids = fields.Many2many("ir.attachment", string="Files")

    @api.depends("complaint_id")
    def _compute_from_complaint(self):
        for wizard in self:
            complaint = wizard.complaint_id
            complaint.check_access("read")
            wizard.solution = complaint.solution
            wizard.address = complaint._get_mail_address()
            wizard.copy_ids = complaint.sudo().salesperson_id.partner_id.sudo(False)

    @api.depends("complaint_id", "template_id", "solution")
    def _compute_content(self):
        """Fill in subject and message in the customer's language; the outcome as it is typed."""
        self.complaint_id.check_access("read")
        for wizard in self:
            wizard.subject = wizard._render("subject") or wizard.complaint_id.name
            wizard.body = wizard._render("body_html")

    def _render(self, field):
        if not (self.template_id and self.complaint_id):
            return False
        complaint = self.complaint_id._origin
        template = self.template_id.with_context(
            quality_solution=self.solution, lang=complaint._get_mail_lang()
        )
        try:
            return template._render_field(field, complaint.ids)[complaint.id]
        except Exception:  # a template that somebody edited: the answer is written by hand
            return False

    def action_send(self):
        """Send the answer, or note how it was given; and record it, all in one transaction.

        :raise AccessError: for whoever may not answer, and for files that they may not read
        :raise UserError: without address, words or person
        """
        self.ensure_one()
        if self.create_uid != self.env.user:
            raise AccessError(self.env._("This answer is being written by somebody else."))
        self.attachment_ids.check_access("read")
        self._check_filled()
        complaint = self.complaint_id
        way = dict(self._fields["way"]._description_selection(self.env))[self.way]
        complaint._record_answer(self._get_words(), self.solution)
        # follows from the answer, whose right was checked
        complaint.sudo().answered_way = way
        self._file_attachments()
        if self.way == "mail":
            complaint._post_answer(
                self.subject, self.body, self.address, self.copy_ids, self.attachment_ids
            )
        else:
            complaint._post_other_answer(way, self.who, self.text, self.attachment_ids)
        return {"type": "ir.actions.act_window_close"}

    def _check_filled(self):
        if self.way != "mail":
            if not ((self.who or "").strip() and (self.text or "").strip()):
                raise UserError(self.env._("Say who was told, and what."))
        elif not email_normalize(self.address or ""):
            raise UserError(
                self.env._(
                    "Give the customer's e-mail address, or say how else the customer was answered."
                )
            )
        elif is_html_empty(self.body):
            raise UserError(self.env._("Write down what the customer is told."))

    def _get_words(self):
        return html2plaintext(self.body) if self.way == "mail" else self.text

    def _file_attachments(self):
        """Put the files that were uploaded here with the complaint."""
        own = self.attachment_ids.filtered(
            lambda file: file.create_uid == self.env.user and file.res_model == self._name
        )
        # whoever answers need not be able to write the complaint
        own.sudo().write({"res_model": "quality.complaint", "res_id": self.complaint_id.id})
