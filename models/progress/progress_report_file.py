from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...lib.canonical import digest
from ...lib.quantity import parse_quantity


class QualityProgressReport(models.Model):
    """Filing: what was typed is checked, signed, frozen, posted and passed on (D2)."""

    _inherit = "quality.progress.report"  # pylint: disable=R8180  # a chapter of its own

    # What is prefilled

    @api.model
    def _prepare_lines(self, workshop, productions=None):
        """Return what a report of ``workshop`` is prefilled with.

        :param workshop: quality.workshop record
        :param productions: mrp.production records; those that are open by default
        :return: list of values of quality.progress.report.line, the most urgent first
        """
        if productions is None:
            productions = workshop._get_productions()[workshop]
        before = self.line_ids._get_reported(productions, workshop)
        return [
            {
                "production_id": production.id,
                "production_name": production.name,
                "notice_names": ", ".join(
                    production._get_quality_claims().notice_id.sorted("id").mapped("name")
                ),
                "product_id": production.product_id.id,
                "uom_id": production.product_uom_id.id,
                "planned": production.product_qty,
                "done_before": self._get_done_before(
                    workshop, production, before.get(production, 0.0)
                ),
            }
            for production in productions
        ]

    @api.model
    def _get_done_before(self, workshop, production, reported):
        """Return what is done so far: reported, or clicked on the order itself."""
        if not workshop.is_finishing:
            return reported
        return max(reported, production._get_quality_clicked())

    # Filing

    @api.model
    def _file(self, workshop, day, values, credentials):
        """File the report of a workshop for a day, signed by who files it.

        :param workshop: quality.workshop record
        :param day: date; today, or a day whose report is still missing
        :param values: dict with ``lines`` (dict of mrp.production id → dict with ``done``,
            ``has_problem`` and ``problem``), ``is_unchanged`` (nothing has changed) and ``note``
        :param credentials: dict, see quality.signature._authenticate
        :return: the report
        :raise AccessError: for whoever does not belong to the workshop
        :raise UserError: saying what can't be read, is missing, or is filed already
        """
        signer = self.env["quality.signature"]._authenticate(
            credentials, "report", workshop.sudo().company_id
        )
        self._ensure_may_file(workshop, signer)
        report_sudo = self.sudo()._claim(workshop, day)  # written by filing only
        report_sudo._fill(values)
        self.env["quality.signature"]._sign(
            [
                {
                    "record": report_sudo.record_id.sudo(False),
                    "subjects": report_sudo.sudo(False),
                    "meaning": "report",
                    "content": {**report_sudo._get_content(), "basis": report_sudo.content_hash},
                }
            ],
            signer,
        )
        report_sudo._close()
        return report_sudo.sudo(self.env.su)

    def _ensure_may_file(self, workshop, signer):
        people = workshop._get_people()[workshop]
        if signer.employee_id in people.ids or (signer.uid and signer.uid in people.user_id.ids):
            return
        raise AccessError(
            self.env._(
                "%(person)s does not belong to %(workshop)s. Its head, a deputy or one of its "
                "people files the report.",
                person=signer.name,
                workshop=workshop.sudo().display_name,
            )
        )

    @api.model
    def _claim(self, workshop, day):
        """Return the open report of that day, locked; today's is opened where it is not yet.

        :raise UserError: when it is filed, not needed, or never was asked for
        """
        company = workshop.sudo().company_id
        report = self.search([("workshop_id", "=", workshop.id), ("date", "=", day)])
        if not report and day == self._get_today(company):
            report = self._open_for(workshop, day)
        if not report:
            raise UserError(
                self.env._("No report is asked for on that day. Open the page again for today.")
            )
        report.lock_for_update()
        if report.state != "open":
            raise UserError(
                self.env._(
                    "The report of %(workshop)s for that day is filed already, by %(person)s.",
                    workshop=workshop.sudo().display_name,
                    person=report.filed_by or "–",
                )
            )
        return report

    def _fill(self, values):
        """Write down what was typed, after checking it."""
        self.ensure_one()
        workshop = self.workshop_id
        productions = workshop._get_productions()[workshop]
        typed = values.get("lines") or {}
        missing = productions.browse(typed.keys() - set(productions.ids)).exists()
        if missing:
            productions |= self._check_gone(missing, typed)
        lines = [
            {**line, **self._read_line(line, typed.get(line["production_id"]) or {})}
            for line in self._prepare_lines(workshop, productions)
        ]
        is_unchanged = bool(values.get("is_unchanged"))
        note = (values.get("note") or "").strip()
        self._check_statement(lines, is_unchanged, note)
        self.line_ids = [fields.Command.create(line) for line in lines]
        self.write({"is_unchanged": is_unchanged, "note": note or False})
        self.content_hash = digest(self._get_content())

    def _check_gone(self, productions, typed):
        """Return the orders that were finished since the page was opened, where they are ours.

        :raise UserError: when something was typed for an order that is not the workshop's
        """
        own = self.workshop_id._filter_own(productions).filtered("quality_allocation_ids")
        foreign = productions - own
        if any(any(typed[mo.id].values()) for mo in foreign):
            raise UserError(
                self.env._(
                    "%(order)s is no order of this workshop. Reload the page.",
                    order=foreign[0].name,
                )
            )
        return own.filtered(lambda mo: any(typed[mo.id].values()))

    def _read_line(self, line, typed):
        """Return what was typed for one order, as values of its line.

        :raise UserError: naming the order and what is wrong
        """
        names = {"order": line["production_name"]}
        try:
            done = parse_quantity(typed.get("done"))
        except ValueError as error:
            raise UserError(
                self.env._(
                    "“%(text)s” for %(order)s is no quantity. Write digits, e.g. 12 or 12.5.",
                    text=typed["done"],
                    **names,
                )
            ) from error
        problem = (typed.get("problem") or "").strip()
        has_problem = bool(typed.get("has_problem") or problem)
        if has_problem and not problem:
            raise UserError(self.env._("Write what the problem with %(order)s is.", **names))
        uom = self.env["uom.uom"].browse(line["uom_id"])
        too_much = uom.compare(line["done_before"] + done, line["planned"]) > 0
        if done and too_much and not has_problem:
            raise UserError(
                self.env._(
                    "%(order)s would have more done than planned: %(done)g of %(planned)g "
                    "%(unit)s. Correct it, or tick “Problem” and say why.",
                    done=line["done_before"] + done,
                    planned=line["planned"],
                    unit=uom.name,
                    **names,
                )
            )
        return {"done": done, "has_problem": has_problem, "problem": problem or False}

    def _check_statement(self, lines, is_unchanged, note):
        """Refuse a report that says nothing, and one that says two things at once."""
        says = any(line["done"] or line["has_problem"] for line in lines)
        if is_unchanged and says:
            raise UserError(
                self.env._(
                    "You typed quantities or a problem, so something has changed. Press “File the "
                    "Report”, or clear what you typed."
                )
            )
        if not (is_unchanged or says or note):
            raise UserError(
                self.env._(
                    "Type what was done, or tick a problem. Where nothing has changed, press “No "
                    "change today”: that is a statement, too."
                )
            )

    # What follows

    def _close(self):
        """Freeze the report; post quantities and pass problems on."""
        now = fields.Datetime.now()
        self.write(
            {
                "state": "filed",
                "date_filed": now,
                "is_late": bool(self.date_due and self.date_due < now),
                "problem_count": len(self.line_ids.filtered("has_problem")),
            }
        )
        self._post_quantities()
        self._tell_problems()
        self._set_phase("closed")
        self._settle_reminders("met")

    def _post_quantities(self):
        """Add what was done to the manufacturing orders, where the company wants it."""
        if not (self.company_id.quality_progress_post and self.workshop_id.is_finishing):
            return
        for line in self.line_ids.filtered("done"):
            line.posted = line.production_id.with_company(self.company_id)._add_quality_reported(
                line.done
            )

    def _tell_problems(self):
        """Tell who answers for the notices what the workshop has a problem with."""
        changes = [
            (notice, self._get_problem_sentence(line))
            for line in self.line_ids.filtered("has_problem")
            for notice in line.production_id._get_quality_claims().notice_id
            if notice.state == "issued"
        ]
        if changes:
            self.env["quality.production.notice"]._tell_responsible(changes)

    def _get_problem_sentence(self, line):
        return self.env._(
            "%(workshop)s reports a problem with %(order)s: %(problem)s",
            workshop=self.workshop_id.display_name,
            order=line.production_name,
            problem=line.problem,
        )
