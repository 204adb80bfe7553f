from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

#: Files that a customer may add to one answer, and how large each may be.
MAX_FILES = 5
MAX_BYTES = 10 * 1024 * 1024


class QualityOrderPortal(CustomerPortal):
    """What the customer does on the page of their order: answer, confirm, consent (A2, C2)."""

    @http.route(
        "/my/orders/<int:order_id>/quality/answer",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def quality_answer(self, order_id, question_id=None, access_token=None, **post):
        """Keep the customer's answer to one question of the order.

        :param question_id: id of the quality.clarification
        :param access_token: of the order, where the customer has no login
        """
        order_sudo = self._get_quality_order(order_id, access_token)
        if not order_sudo:
            return request.redirect("/my")
        question_sudo = order_sudo.quality_clarification_ids.filtered(
            lambda question: str(question.id) == str(question_id) and question.date_sent
        )
        if not question_sudo:
            raise request.not_found()
        return self._act(
            order_sudo,
            lambda: question_sudo._answer(
                post.get("answer"), self._get_who(order_sudo, post), files=self._get_files()
            ),
        )

    @http.route(
        "/my/orders/<int:order_id>/quality/confirm",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def quality_confirm(self, order_id, access_token=None, **post):
        """The customer confirms that the order is right as the page shows it.

        :param access_token: of the order, where the customer has no login
        """
        order_sudo = self._get_quality_order(order_id, access_token)
        if not order_sudo:
            return request.redirect("/my")
        return self._act(
            order_sudo,
            lambda: order_sudo._confirm_quality_on_portal(
                self._get_who(order_sudo, post), post.get("seen")
            ),
        )

    @http.route(
        "/my/orders/<int:order_id>/quality/consent",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def quality_consent(self, order_id, change_id=None, access_token=None, **post):
        """Keep whether the customer agrees to a change of ours, as the page shows it (C2).

        :param change_id: id of the quality.order.change
        :param access_token: of the order, where the customer has no login
        """
        order_sudo = self._get_quality_order(order_id, access_token)
        if not order_sudo:
            return request.redirect("/my")
        change_sudo = order_sudo._get_quality_asked_changes().filtered(
            lambda change: (
                str(change.id) == str(change_id) and change.content_hash == post.get("seen")
            )
        )
        if not change_sudo:
            raise request.not_found()
        return self._act(
            order_sudo,
            lambda: change_sudo._answer_consent(
                post.get("answer") == "yes",
                self._get_who(order_sudo, post),
                "portal",
                post.get("note"),
            ),
        )

    def _get_quality_order(self, order_id, access_token):
        try:
            return self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return None

    def _act(self, order_sudo, action):
        """Do what the customer asked; what is refused is told on the page of the order."""
        outcome = "ok"
        try:
            with request.env.cr.savepoint():
                action()
        except UserError as error:
            request.session["quality_refused"] = str(error)
            outcome = "refused"
        return request.redirect(
            order_sudo.get_portal_url(query_string=f"&quality={outcome}", anchor="quality")
        )

    def _get_who(self, order_sudo, post):
        """Return the name to keep: what was typed, and the login behind it where there is one."""
        typed = (post.get("who") or "").strip()[:100]
        if request.env.user._is_public():
            return typed
        login = request.env.user.name
        return login if typed in ("", login) else f"{typed} ({login})"

    def _get_files(self):
        """Return the files that came along, as values of attachments.

        :raise UserError: when there are too many, or one is too large
        """
        uploaded = [file for file in request.httprequest.files.getlist("files") if file.filename]
        if len(uploaded) > MAX_FILES:
            raise UserError(request.env._("Please add at most %(count)s files.", count=MAX_FILES))
        files = []
        for file in uploaded:
            content = file.stream.read(MAX_BYTES + 1)
            if len(content) > MAX_BYTES:
                raise UserError(
                    request.env._(
                        "%(file)s is too large. Please send files of at most 10 MB.",
                        file=file.filename,
                    )
                )
            files.append({"name": file.filename, "raw": content})
        return files
