import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { mockDate } from "@odoo/hoot-mock";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

class Duty extends models.Model {
    _name = "quality.duty";
    date_due = fields.Date();
    _records = [
        { id: 1, date_due: "2026-11-29" },
        { id: 2, date_due: "2026-12-02" },
        { id: 3, date_due: "2027-03-01" },
        { id: 4 },
    ];
}

defineMailModels();
defineModels([Duty]);

test("what is due the day after tomorrow is not due next month", async () => {
    mockDate("2026-11-30 09:00:00");
    await mountView({
        type: "list",
        resModel: "quality.duty",
        arch: `<list><field name="date_due" widget="quality_due"/></list>`,
    });
    expect(".o_data_cell:eq(0)").toHaveText("Yesterday");
    expect(".o_data_cell:eq(0) .text-danger").toHaveCount(1);
    expect(".o_data_cell:eq(1)").toHaveText("In 2 days");
    expect(".o_data_cell:eq(2)").toHaveText("Mar 1, 2027");
    expect(".o_data_cell:eq(3)").toHaveText("");
});
