from datetime import datetime, timedelta

from odoo import fields
from odoo.tests import freeze_time

from .common import BASE
from .notice_common import NoticeCase

#: A Wednesday, ten in the morning (UTC).
WEDNESDAY = datetime(2031, 3, 5, 10)


class ProgressCase(NoticeCase):
    """A company whose workshops report each day, on a Wednesday in March."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        clock = freeze_time(WEDNESDAY)
        clock.start()
        cls.addClassCleanup(clock.stop)
        cls.company.quality_progress_report = True
        cls.foreman = cls._create_worker("foreman")
        cls.welder = cls._create_worker("welder")
        cls.department = cls.env["hr.department"].create(
            {
                "name": "Welding",
                "company_id": cls.company.id,
                "manager_id": cls.foreman.employee_id.id,
            }
        )
        cls.welder.employee_id.department_id = cls.department
        cls.workshop = cls.env["quality.workshop"].create({"department_id": cls.department.id})

    @classmethod
    def _create_worker(cls, login):
        """Create somebody of the shop floor: a login without any further right."""
        user = cls._create_user(login, BASE)
        user.action_create_employee()
        return user

    @classmethod
    def _create_center(cls, name, operation=None):
        center = cls.env["mrp.workcenter"].create({"name": name, "company_id": cls.company.id})
        if operation:
            cls.env["mrp.routing.workcenter"].create(
                {"name": operation, "bom_id": cls.bom.id, "workcenter_id": center.id}
            )
        return center

    def _start_order(self, quantity=10, days=30, **vals):
        """Confirm an order and return its notice and its manufacturing order."""
        promised = fields.Datetime.now() + timedelta(days=days)
        notice = self._confirm(self._create_order(quantity, commitment_date=promised, **vals))
        return notice, notice.production_ids

    def _file(self, done=None, user=None, workshop=None, day=None, **values):
        """File a report as somebody of the workshop.

        :param done: dict of mrp.production → quantity as typed
        """
        values["lines"] = {
            production.id: {"done": text} if isinstance(text, str) else text
            for production, text in (done or {}).items()
        }
        reports = self.env["quality.progress.report"].with_user(user or self.welder)
        workshop = (workshop or self.workshop).with_user(user or self.welder)
        day = day or fields.Date.today()
        return reports._file(workshop, day, values, {}).sudo()

    def _find(self, model, *domain):
        """Return the records of this company: demo data have some of their own."""
        company = ("company_id", "=", self.company.id)
        return self.env[model].search([company, *domain], order="id")

    def _run_cron(self, name):
        with self.enter_registry_test_mode():
            self.env.ref(f"customer_quality.{name}").method_direct_trigger()
        self.env.invalidate_all()
