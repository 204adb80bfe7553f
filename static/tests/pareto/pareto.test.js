import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { press, queryAllAttributes, queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";
import { rank } from "@customer_quality/pareto/pareto_model";

class Defect extends models.Model {
    name = fields.Char();
    _records = Array.from({ length: 14 }, (_, index) => ({ id: index + 1, name: `D${index + 1}` }));
}

class Row extends models.Model {
    _name = "quality.complaint.report";
    defect_id = fields.Many2one({ relation: "defect" });
    kind = fields.Selection({
        selection: [
            ["complaint", "Complaint"],
            ["return", "Return"],
        ],
    });
    quantity = fields.Float({ aggregator: "sum" });
    days = fields.Float({ aggregator: "avg" });

    // one row of the first defect, two of the second, … three of which are returns
    _records = Array.from({ length: 3 }, (_, index) => index + 1).flatMap((defect) =>
        Array.from({ length: [6, 1, 3][defect - 1] }, (_, index) => ({
            id: defect * 100 + index,
            defect_id: defect,
            kind: defect === 3 ? "return" : "complaint",
            quantity: defect,
            days: 5,
        }))
    );
    _views = {
        search: `<search><filter name="returns" string="Returns" domain="[('kind', '=', 'return')]"/></search>`,
    };
}

defineMailModels();
defineModels([Defect, Row]);

const ARCH = (jsClass = "quality_pareto") =>
    `<graph js_class="${jsClass}"><field name="defect_id"/><field name="kind"/></graph>`;

const mountPareto = (jsClass, values = {}) =>
    mountView({
        type: "graph",
        resModel: "quality.complaint.report",
        arch: ARCH(jsClass),
        ...values,
    });

const points = (...values) =>
    values.map((value, index) => ({ label: `P${index}`, value, domain: [["id", "=", index]] }));

test("the greatest comes first, shares add up to all", () => {
    const rows = rank(points(1, 6, 3), 10);
    expect(rows.map((row) => row.value)).toEqual([6, 3, 1]);
    expect(rows.map((row) => row.cumulative)).toEqual([60, 90, 100]);
    expect(rows.map((row) => row.isVital)).toEqual([true, true, false]);
});

test("what comes after the first ones is one group at the end, also where it is greater", () => {
    const rows = rank(points(5, 2, 2, 2, 2), 2);
    expect(rows.map((row) => row.value)).toEqual([5, 2, 6]);
    expect(rows[2].isOther).toBe(true);
    expect(rows[2].isVital).toBe(false);
    expect(rows[2].domain).toEqual(["|", ["id", "=", 2], "|", ["id", "=", 3], ["id", "=", 4]]);
});

test("a single one is no rest, and what is nothing is left out", () => {
    expect(rank(points(3, 2, 1), 2).map((row) => row.label)).toEqual(["P0", "P1", "P2"]);
    expect(rank(points(3, 0), 2)).toHaveLength(1);
    expect(rank([], 2)).toEqual([]);
});

test("the table says what the picture shows", async () => {
    await mountPareto();
    expect(".o_quality_pareto canvas[role=img][aria-label*=table]").toHaveCount(1);
    expect(queryAllTexts("tbody th[scope=row]")).toEqual(["D1", "D3", "D2"]);
    expect(queryAllTexts("tbody td:last-child")).toEqual(["60.0 %", "90.0 %", "100.0 %"]);
    expect("[role=status]").toHaveText("The first 2 of 3 make 90.0 % of all.");
});

test("it is shown by something else with one click", async () => {
    await mountPareto();
    expect("button[data-by=defect_id]").toHaveAttribute("aria-pressed", "true");
    await contains("button[data-by=kind]").click();
    expect(queryAllTexts("tbody th[scope=row]")).toEqual(["Complaint", "Return"]);
    expect("button[data-by=kind]").toHaveAttribute("aria-pressed", "true");
});

test("what the search groups by goes first", async () => {
    await mountPareto("quality_pareto", { groupBy: ["kind", "defect_id"] });
    expect(queryAllTexts("tbody th[scope=row]")).toEqual(["Complaint", "Return"]);
});

test("averages are no measure of it", async () => {
    await mountPareto();
    await contains(".o_quality_pareto .dropdown-toggle").click();
    expect(
        queryAllTexts(".o-dropdown--menu .o_menu_item, .o-dropdown--menu .o-dropdown-item")
    ).toEqual(["Quantity", "Count"]);
    await contains(".o-dropdown--menu .o-dropdown-item:contains(Quantity)").click();
    expect(queryAllTexts("tbody th[scope=row]")).toEqual(["D3", "D1", "D2"]);
});

test("more bars are shown where one wants them", async () => {
    Row._records = Array.from({ length: 14 }, (_, index) => ({
        id: index + 1,
        defect_id: index + 1,
    }));
    await mountPareto();
    expect(queryAllTexts("tbody th[scope=row]")).toHaveLength(11);
    expect("tbody tr:last-child th").toHaveText("Other (4)");
    await contains(".o_pareto_top").select("20");
    expect(queryAllTexts("tbody th[scope=row]")).toHaveLength(14);
});

test("a name opens the complaints behind it, by keyboard too", async () => {
    mockService("action", {
        doAction(action) {
            expect.step([action.res_model, action.domain]);
        },
    });
    await mountPareto("quality_complaint_pareto");
    queryFirst("tbody tr:first-child button").focus();
    await press("Enter");
    await animationFrame();
    expect.verifySteps([["quality.complaint", [["report_ids", "any", [["defect_id", "=", 1]]]]]]);
    expect(queryAllAttributes("tbody button", "type")).toEqual(["button", "button", "button"]);
});
