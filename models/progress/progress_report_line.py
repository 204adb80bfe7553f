from odoo import api, fields, models

from ...lib.quantity import format_quantity


class QualityProgressReportLine(models.Model):
    """What a workshop has done of one manufacturing order on one day (D2)."""

    _name = "quality.progress.report.line"
    _description = "Line of a Daily Production Report"
    _order = "report_id, id"
    _check_company_auto = True

    report_id = fields.Many2one(
        "quality.progress.report", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="report_id.record_id.company_id", store=True, index=True)
    workshop_id = fields.Many2one(related="report_id.workshop_id", store=True, index=True)
    date = fields.Date(related="report_id.date", string="Day", store=True)
    state = fields.Selection(related="report_id.state", string="Report Status")

    # On what
    production_id = fields.Many2one(
        "mrp.production",
        "Manufacturing Order",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    production_name = fields.Char(
        "Number",
        readonly=True,
        help="Kept when a manufacturing order in draft or cancelled is deleted.",
    )
    notice_names = fields.Char("Notices", readonly=True)
    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, index=True, ondelete="restrict"
    )
    uom_id = fields.Many2one("uom.uom", "Unit", readonly=True, ondelete="restrict")

    # How much
    planned = fields.Float(digits="Product Unit", readonly=True, aggregator=None)
    done_before = fields.Float(
        digits="Product Unit",
        readonly=True,
        aggregator=None,
        help="What the workshop had done of the order before that day.",
    )
    done = fields.Float("Done That Day", digits="Product Unit", readonly=True)
    done_total = fields.Float(
        "Done in All", digits="Product Unit", compute="_compute_done_total", aggregator=None
    )
    posted = fields.Float(
        digits="Product Unit",
        readonly=True,
        help="What was added to the quantity produced of the manufacturing order.",
    )

    # What is wrong
    has_problem = fields.Boolean("Problem", readonly=True)
    problem = fields.Char("What Is Wrong", readonly=True)

    _done_positive = models.Constraint("CHECK (done >= 0)", "What is done is not negative.")

    @api.depends("done_before", "done")
    def _compute_done_total(self):
        for line in self:
            line.done_total = line.done_before + line.done

    @api.model
    def _get_reported(self, productions, workshops=None):
        """Return what was reported as done of ``productions``.

        :param productions: mrp.production records
        :param workshops: quality.workshop records; those that finish the goods by default
        :return: dict of production → quantity in its unit
        """
        domain = [("production_id", "in", productions.ids), ("report_id.state", "=", "filed")]
        if workshops is None:
            domain.append(("workshop_id.is_finishing", "=", True))
        else:
            domain.append(("workshop_id", "in", workshops.ids))
        # what was done is shown as a figure, also to those who may not read the reports
        groups = self.sudo()._read_group(domain, ["production_id"], ["done:sum"])
        return dict(groups)

    @api.model
    def _format(self, quantity):
        """Return a quantity in plain digits, as on the page and on paper."""
        return format_quantity(quantity)

    def _get_content(self):
        """Return what is signed of this line, as a JSON-able dict."""
        return {
            "order": self.production_name,
            "product": self.product_id.id,
            "unit": self.uom_id.id,
            "planned": self.planned,
            "before": self.done_before,
            "done": self.done,
            "problem": (self.problem or "") if self.has_problem else None,
        }
