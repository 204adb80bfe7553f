import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import {
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { GraphRenderer } from "@web/views/graph/graph_renderer";

class Row extends models.Model {
    share = fields.Float({ aggregator: "avg" });
    kind = fields.Char();
    _records = [
        { id: 1, kind: "kept", share: 1 },
        { id: 2, kind: "missed", share: 0 },
        { id: 3, kind: "unknown", share: 0 },
    ];
}

defineMailModels();
defineModels([Row]);

/** The database knows no average of what is not there; the mock server does. */
const forget = (groups) => {
    for (const group of groups) {
        if (group.kind === "unknown") {
            group["share:avg"] = false;
        }
    }
    return groups;
};

test("what was not measured is no zero in a pivot", async () => {
    onRpc("row", "formatted_read_grouping_sets", ({ parent }) =>
        parent().map((groups) => forget(groups))
    );
    await mountView({
        type: "pivot",
        resModel: "row",
        arch: `
            <pivot js_class="quality_measured_pivot">
                <field name="kind" type="row"/>
                <field name="share" type="measure" widget="percentage"/>
            </pivot>`,
    });
    expect(queryAllTexts("tbody .o_pivot_cell_value").slice(1)).toEqual(["100.00%", "0.00%", "–"]);
});

test("nor in a graph", async () => {
    onRpc("row", "formatted_read_group", ({ parent }) => forget(parent()));
    let values;
    patchWithCleanup(GraphRenderer.prototype, {
        renderChart() {
            super.renderChart();
            values = [...this.chart.data.datasets[0].data];
        },
    });
    await mountView({
        type: "graph",
        resModel: "row",
        arch: `
            <graph js_class="quality_measured_graph" type="line">
                <field name="kind"/>
                <field name="share" type="measure"/>
            </graph>`,
    });
    expect(values).toEqual([1, 0, null]);
});
