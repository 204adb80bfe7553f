import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { Component, useSubEnv, xml } from "@odoo/owl";
import { beforeEach, expect, test } from "@odoo/hoot";
import { press, queryAll, queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { animationFrame, mockDate, mockTimeZone } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { getDefaultConfig } from "@web/views/view";
import { OrderTimelineAction } from "@customer_quality/timeline/timeline";

class Timeline extends models.Model {
    _name = "quality.order.timeline";
    name = fields.Char();
    is_open = fields.Boolean();
    is_late = fields.Boolean();

    _views = {
        search: `
            <search>
                <field name="name"/>
                <filter name="late" string="Late" domain="[('is_late', '=', True)]"/>
                <filter name="open" string="Open" domain="[('is_open', '=', True)]"/>
            </search>`,
    };
}

defineMailModels();
defineModels([Timeline]);

/** Stands for the action manager, which gives an action its configuration. */
class Parent extends Component {
    static template = xml`<OrderTimelineAction t-props="props"/>`;
    static components = { OrderTimelineAction };
    static props = ["*"];
    setup() {
        useSubEnv({ config: getDefaultConfig() });
    }
}

const ACTION = {
    type: "ir.actions.client",
    tag: "quality_order_timeline",
    name: "Order Timeline",
    context: { search_default_open: 1 },
};

const prepareBar = (values) => ({
    kind: "production",
    model: "mrp.production",
    id: 1,
    name: "MO/1",
    look: "planned",
    state: "Confirmed",
    note: "",
    progress: null,
    late: false,
    opens: true,
    facts: [],
    start: false,
    end: false,
    planned: false,
    ...values,
});

const prepareOrder = (id, values = {}, ...bars) => ({
    id,
    name: `S${String(id).padStart(5, "0")}`,
    reference: "",
    partner: "Vehicle Plant",
    user: "Sandy Sales",
    promised: "2026-12-20 10:00:00",
    open: true,
    opens: true,
    late: false,
    bars: bars.map(prepareBar),
    ...values,
});

const ORDERS = [
    prepareOrder(
        1,
        { late: true },
        {
            kind: "review",
            model: "quality.contract.review",
            name: "CR/1",
            look: "done",
            start: "2026-11-02 08:00:00",
            end: "2026-11-05 08:00:00",
        },
        {
            kind: "notice",
            model: "quality.production.notice",
            name: "PN/1",
            look: "void",
            start: "2026-11-06 08:00:00",
            end: "2026-11-08 08:00:00",
        },
        {
            look: "running",
            progress: 40,
            start: "2026-11-10 08:00:00",
            end: "2026-12-24 08:00:00",
            late: true,
            facts: [["Product", "Machine"]],
        },
        { kind: "stage", model: "quality.production.notice", name: "Packed", end: "2026-12-18" }
    ),
    prepareOrder(2),
    prepareOrder(3),
];

const OPEN = `[[["is_open","=",true]],0]`;

let answer;
let asked;

beforeEach(() => {
    mockTimeZone("Europe/Brussels");
    mockDate("2026-12-02 10:00:00");
    asked = [];
    answer = { total: ORDERS.length, orders: ORDERS };
    onRpc("quality.order.timeline", "get_quality_timeline", ({ kwargs }) => {
        asked.push(JSON.stringify([kwargs.domain, kwargs.offset]));
        return answer;
    });
});

async function open(props = {}) {
    mockService("action", {
        doAction: ({ res_model, res_id }) => expect.step(`${res_model} ${res_id}`),
    });
    await mountWithCleanup(Parent, { props: { action: ACTION, ...props } });
    await animationFrame();
}

function isOpened(row) {
    return queryFirst(row).getAttribute("aria-expanded") === "true";
}

test("a row per order, its bars by what they are and how they stand", async () => {
    await open();
    expect(asked).toEqual([OPEN]);
    expect(queryAllTexts(".o_qt_order .o_qt_name")).toEqual(["S00001", "S00002", "S00003"]);
    expect(".o_qt_order:first .badge").toHaveText("+4 d");
    expect(".o_qt_review.o_qt_done.o_qt_bar").toHaveCount(1);
    expect(".o_qt_notice.o_qt_void").toHaveCount(1);
    const progress = ".o_qt_production.o_qt_running.o_qt_late .o_qt_progress";
    expect(queryFirst(progress).style.width).toBe("40%");
    expect(".o_qt_stage.o_qt_mark.o_qt_planned").toHaveCount(1);
    expect(".o_qt_promise .fa-flag").toHaveCount(3);
    expect(".o_qt_today").toHaveCount(1);
    const pictured = queryFirst(".o_qt_production").getAttribute("data-tooltip-info");
    expect(JSON.parse(pictured).facts.at(-1)).toEqual(["Product", "Machine"]);
});

test("bars lie on the axis of their days, whatever the zoom", async () => {
    await open();
    for (const [zoom, pixels] of [
        ["day", 44],
        ["week", 13],
        ["month", 3.5],
    ]) {
        await contains(`[data-zoom=${zoom}]`).click();
        await animationFrame();
        expect(`[data-zoom=${zoom}]`).toHaveAttribute("aria-pressed", "true");
        const [review] = queryAll(".o_qt_review");
        expect(Math.abs(parseFloat(review.style.width) - 3 * pixels)).toBeLessThan(2);
    }
});

test("the keyboard walks through the rows, unfolds and opens", async () => {
    await open();
    queryFirst(".o_qt_row").focus();
    await press("ArrowRight");
    await animationFrame();
    expect(isOpened(".o_qt_order")).toBe(true);
    expect(".o_qt_lane").toHaveCount(4);
    for (let step = 0; step < 3; step++) {
        await press("ArrowDown");
        await animationFrame();
    }
    expect(document.activeElement).toHaveAttribute(
        "aria-label",
        /^Manufacturing order MO\/1, Late, Status: Confirmed, .*Progress: 40 %, Product: Machine$/
    );
    await press("Enter");
    await press("ArrowLeft"); // back to the order
    await animationFrame();
    await press("ArrowLeft"); // and fold it
    await animationFrame();
    expect(".o_qt_lane").toHaveCount(0);
    await press("End");
    await animationFrame();
    expect(document.activeElement).toHaveAttribute("aria-rowindex", "3");
    await press("Enter");
    expect.verifySteps(["mrp.production 1", "sale.order 3"]);
});

test("a click opens the document behind a bar, and the order behind its number", async () => {
    await open();
    await contains(".o_qt_review").click();
    await contains(".o_qt_order:eq(1) .o_qt_name").click();
    expect.verifySteps(["quality.contract.review 1", "sale.order 2"]);
});

test("what the reader may not open stays closed; the order unfolds instead", async () => {
    const [order] = ORDERS;
    const bars = order.bars.map((bar) => ({ ...bar, opens: false }));
    answer = { total: 2, orders: [{ ...order, opens: false, bars }, ORDERS[1]] };
    await open();
    await contains(".o_qt_review").click();
    await contains(".o_qt_order:first .o_qt_name").click();
    await animationFrame();
    expect(isOpened(".o_qt_order")).toBe(true);
    expect.verifySteps([]);
});

test("one order alone is unfolded, and lanes say what is in them", async () => {
    answer = { total: 1, orders: [ORDERS[0]] };
    await open();
    expect(queryAllTexts(".o_qt_lane .o_qt_name")).toEqual(["CR/1", "PN/1", "MO/1", "Packed"]);
    expect(".o_qt_lane .text-decoration-line-through").toHaveText("PN/1");
});

test("a search asks anew, and an empty answer says what the picture shows", async () => {
    await open();
    answer = { total: 0, orders: [] };
    await contains(".o_facet_remove").click();
    await animationFrame();
    expect(".o_qt_row").toHaveCount(0);
    expect(".o_nocontent_help").toHaveText(/No order fits the search/);
    expect(asked).toEqual([OPEN, `[[],0]`]);
});

test("of many orders only those in view are drawn; pages are two hundred long", async () => {
    const orders = Array.from({ length: 200 }, (_, index) => prepareOrder(index + 1));
    answer = { total: 450, orders };
    await open();
    expect(queryAll(".o_qt_row").length).toBeLessThan(60);
    expect(".o_qt_scroll").toHaveAttribute("aria-rowcount", "200");
    expect(".o_pager").toHaveText("1-200 / 450");
    const canvas = queryFirst(".o_qt_canvas");
    expect(canvas.style.height).toBe(`${48 + 200 * 48}px`);
    queryFirst(".o_qt_scroll").scrollTop = 5000;
    await animationFrame();
    await animationFrame();
    expect(".o_qt_order .o_qt_name:contains(S00001)").toHaveCount(0);
    expect(".o_qt_order .o_qt_name:contains(S00105)").toHaveCount(1);
    await contains(".o_pager_next").click();
    expect(asked).toEqual([OPEN, `[[["is_open","=",true]],200]`]);
});

test("whoever comes back finds what was unfolded and how far it was zoomed", async () => {
    await open({ state: { zoom: "month", unfolded: [1], page: { offset: 200, limit: 200 } } });
    expect("[data-zoom=month]").toHaveClass("active");
    expect(".o_qt_lane").toHaveCount(4);
    expect(asked).toEqual([`[[["is_open","=",true]],200]`]);
});
