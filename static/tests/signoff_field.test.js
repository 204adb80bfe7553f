import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

class Document extends models.Model {
    summary = fields.Json();

    _records = [
        {
            id: 1,
            summary: [
                { role: "Sales", state: "agree", who: "Ann", when: "2026-01-02 03:04:05" },
                { role: "Production", state: "object", who: "Bo", when: false },
                { role: "Quality", state: "open", who: false, when: false },
                { role: "Legal", state: "unheard of", who: "Cy", when: false },
            ],
        },
        { id: 2, summary: false },
    ];
}

defineMailModels();
defineModels([Document]);

const arch = `<form><field name="summary" widget="quality_signoff"/></form>`;

test("one chip per role, coloured by what the role said", async () => {
    await mountView({ type: "form", resModel: "document", resId: 1, arch });
    expect(".o_quality_signoff .badge").toHaveCount(4);
    expect(queryAllTexts(".o_quality_signoff .badge")[0]).toMatch(/^Sales/);
    expect(".badge.text-bg-success").toHaveCount(1);
    expect(".badge.text-bg-danger").toHaveCount(1);
    expect(".badge.text-bg-light").toHaveCount(2);
});

test("the tooltip says who said what and when", async () => {
    await mountView({ type: "form", resModel: "document", resId: 1, arch });
    expect(".badge.text-bg-danger").toHaveAttribute("title", "Bo · objects");
    expect(".badge.text-bg-success").toHaveAttribute("title", /^Ann · agrees · .*2026/);
});

test("a document that nobody was asked about shows no chip", async () => {
    await mountView({ type: "form", resModel: "document", resId: 2, arch });
    expect(".o_quality_signoff").toHaveCount(1);
    expect(".o_quality_signoff .badge").toHaveCount(0);
});
