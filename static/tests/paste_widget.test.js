import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

class SaleOrder extends models.Model {
    _name = "sale.order";
    name = fields.Char();
    _records = [{ id: 7, name: "S0007" }];
}

class Document extends models.Model {
    _name = "quality.inbound.document";
    file = fields.Binary();
    filename = fields.Char();
}

defineMailModels();
defineModels([SaleOrder, Document]);

function paste(files) {
    const clipboardData = new DataTransfer();
    for (const file of files) {
        clipboardData.items.add(file);
    }
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
}

async function settle(done) {
    for (let turn = 0; turn < 20 && !done(); turn++) {
        await animationFrame();
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
}

test("a picture pasted on an order is filed", async () => {
    let filed;
    onRpc("quality.inbound.document", "create_from_pasted", ({ args }) => {
        filed = args;
        return ["IN/2026/0001"];
    });
    await mountView({
        type: "form",
        resModel: "sale.order",
        resId: 7,
        arch: `<form><field name="name"/><widget name="quality_paste"/></form>`,
    });
    paste([new File(["x"], "chat.png", { type: "image/png" })]);
    await settle(() => filed);
    expect(filed[1]).toBe(7);
    expect(filed[0][0].name).toBe("chat.png");
    expect(filed[0][0].data).toBe(btoa("x"));
});

test("pasted text stays with whatever has the focus", async () => {
    onRpc("quality.inbound.document", "create_from_pasted", () => expect.step("filed"));
    await mountView({
        type: "form",
        resModel: "sale.order",
        resId: 7,
        arch: `<form><field name="name"/><widget name="quality_paste"/></form>`,
    });
    paste([]);
    await settle(() => false);
    expect.verifySteps([]);
});

test("a picture pasted on a new document becomes its file", async () => {
    await mountView({
        type: "form",
        resModel: "quality.inbound.document",
        arch: `<form><field name="file" filename="filename"/><field name="filename"/><widget name="quality_paste"/></form>`,
    });
    paste([new File(["x"], "fax.png", { type: "image/png" })]);
    const input = () => document.querySelector(".o_field_widget[name=filename] input");
    await settle(() => input().value);
    expect(input().value).toBe("fax.png");
});
