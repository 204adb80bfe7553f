from odoo import api, fields, models
from odoo.tools import format_date

#: Salespeople who are written to in one transaction.
PEOPLE = 20
#: Orders that a mail names one by one.
LONGEST = 60


class QualityProgressDigest(models.Model):
    """That a salesperson has got the digest of a day: the mark is what sends it once (D2).

    Written in the transaction that queues the mail, so that neither a crash nor a second server
    sends it twice or loses it.
    """

    _name = "quality.progress.digest"
    _description = "Daily Digest of Orders in Production"
    _order = "date desc, id desc"

    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    date = fields.Date(required=True, readonly=True)
    order_count = fields.Integer("Orders", readonly=True)

    _day_uniq = models.UniqueIndex("(user_id, company_id, date)", "This digest was sent already.")

    @api.model
    def _cron_send(self):
        """Write each salesperson one mail about their orders in production, once a day."""
        companies = self.env["res.company"].search([("quality_progress_digest", "=", True)])
        waiting = [
            (company, user)
            for company in companies
            for user in self._find_readers(company).sorted("id")
        ]
        progress = self.env["ir.cron"]._commit_progress
        time_left = progress(remaining=len(waiting))
        while waiting and time_left:
            batch, waiting = waiting[:PEOPLE], waiting[PEOPLE:]
            for company, user in batch:
                self._send_to(company, user)
            time_left = progress(len(batch))

    @api.model
    def _find_readers(self, company):
        """Return the salespeople of ``company`` with orders in production and no digest today."""
        notices = self.env["quality.production.notice"]
        groups = notices._read_group(
            [("state", "=", "issued"), ("company_id", "=", company.id), ("user_id", "!=", False)],
            ["user_id"],
        )
        users = self.env["res.users"].union(*(user for [user] in groups))
        today = self.env["quality.progress.report"]._get_today(company)
        told = self.search([("company_id", "=", company.id), ("date", "=", today)]).user_id
        return (users - told).filtered(lambda user: user.active and user.email)

    @api.model
    def _send_to(self, company, user):
        """Queue the mail to one salesperson, and note that it was sent."""
        lines = self._get_lines(company, user)
        if not lines:
            return
        self.create(
            {
                "user_id": user.id,
                "company_id": company.id,
                "date": self.env["quality.progress.report"]._get_today(company),
                "order_count": len(lines),
            }
        )
        self.env["mail.mail"].create(self._prepare_mail_vals(company, user, lines))
        cron = self.env["ir.model.data"]._xmlid_to_res_id("mail.ir_cron_mail_scheduler_action")
        self.env["ir.cron"].browse(cron)._trigger()

    @api.model
    def _get_lines(self, company, user):
        """Return what is said of each order of ``user``, what stands out first."""
        notices = (
            self.env["quality.production.notice"]
            .with_context(lang=user.lang, tz=user.tz)
            .search(
                [
                    ("state", "=", "issued"),
                    ("company_id", "=", company.id),
                    ("user_id", "=", user.id),
                ]
            )
            .filtered(lambda notice: notice._is_going_on())
        )
        lines = [self._prepare_line(notice) for notice in notices]
        return sorted(
            lines,
            key=lambda line: (not line["late"], not line["idle"], str(line["date"] or "9")),
        )

    @api.model
    def _prepare_line(self, notice):
        order = notice.order_id
        promised = notice._get_promised_day()
        today = fields.Date.context_today(notice)
        return {
            "order": order.name,
            "customer": notice.partner_id.display_name,
            "url": f"{notice.get_base_url()}/mail/view?model={notice._name}&res_id={notice.id}",
            "stage": notice.current_stage or "–",
            "progress": f"{notice.progress:.0f} %",
            "date": promised,
            "promised": format_date(notice.env, promised) if promised else "–",
            "late": notice._get_late_sentence(promised, today),
            "idle": notice._get_idle_sentence(),
        }

    @api.model
    def _prepare_mail_vals(self, company, user, lines):
        env = self.with_context(lang=user.lang).env
        count = sum(bool(line["late"] or line["idle"]) for line in lines)
        subject = (
            env._(
                "Your orders in production: %(count)s of %(total)s need a look",
                count=count,
                total=len(lines),
            )
            if count
            else env._("Your orders in production: %(total)s, all on their way", total=len(lines))
        )
        body = env["ir.qweb"]._render(
            "customer_quality.progress_digest_message",
            {
                "user": user,
                "lines": lines[:LONGEST],
                "more": max(len(lines) - LONGEST, 0),
                "url": f"{company.get_base_url()}/odoo/production-notices",
            },
        )
        return {
            "subject": subject,
            "body_html": body,
            "email_from": company.email_formatted or self.env.user.email_formatted,
            "recipient_ids": user.partner_id.ids,
            "auto_delete": True,
        }


class QualityProductionNotice(models.Model):
    """What the digest says of a notice that stands out."""

    _inherit = "quality.production.notice"  # pylint: disable=R8180  # a chapter of its own

    def _get_late_sentence(self, promised, today):
        """Return why the notice is late, or an empty text.

        :param promised: date, or False
        :param today: date, where its reader is
        """
        self.ensure_one()
        if promised and promised < today:
            return self.env._("Promised %(days)s days ago", days=(today - promised).days)
        if self.delay_days:
            return self.env._("Expected %(days)s days after its promise", days=self.delay_days)
        late = self.stage_ids.filtered("is_late").sorted("sequence")[:1]
        if late:
            return self.env._(
                "“%(stage)s” is %(days)s days late", stage=late.name, days=late._get_late_days()
            )
        return ""

    def _get_idle_sentence(self):
        """Return since when nothing moves, or an empty text."""
        self.ensure_one()
        if not self.is_idle:
            return ""
        return self.env._(
            "Nothing has moved since %(date)s", date=format_date(self.env, self.date_moved)
        )
