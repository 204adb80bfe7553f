from odoo import http
from odoo.http import request


class QualityNoticeCheck(http.Controller):
    """Behind the QR code on paper: is this copy valid or void? Without login (C2)."""

    @http.route(
        "/quality/check/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def check(self, token, **_kwargs):
        """Say valid or void, without price, customer or product.

        :param token: code of the copy
        :return: the page; with status 404 for a code that was never printed
        """
        copy_sudo = request.env["quality.production.notice.copy"]._find(token)
        values = copy_sudo._get_check_values() if copy_sudo else {}
        if values and request.env.user._is_internal():
            values["receipt_url"] = f"/quality/work/{copy_sudo.notice_id.record_id.id}"
        response = request.render(
            "customer_quality.production_notice_check", {"check": values, "no_footer": True}
        )
        response.status_code = 200 if values else 404
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return response
