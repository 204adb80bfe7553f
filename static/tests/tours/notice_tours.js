import { registry } from "@web/core/registry";
import { openMyWork, sign } from "@customer_quality/../tests/tours/work_page_steps";

const tours = registry.category("web_tour.tours");

// Production, in the workshop: from My Work to the receipt.
tours.add("quality_production_receives_on_phone", {
    steps: () => [
        ...openMyWork("PN/", true),
        {
            content: "the goods are named",
            trigger: `.o_quality_work .card:contains("Machine")`,
        },
        ...sign(),
        {
            content: "who received it is on the page",
            trigger: `.o_quality_work li:contains("Production"):contains("received")`,
        },
    ],
});

// Anybody who reads the notice. Starts on its form.
tours.add("quality_notice_is_received", {
    steps: () => [
        {
            content: "the form shows that production has received it",
            trigger: `.o_quality_signoff .badge.text-bg-success:contains("Production")`,
        },
        {
            content: "open the receipts",
            trigger: ".o_notebook .nav-link[name=receipts]",
            run: "click",
        },
        {
            content: "production's one is signed",
            trigger: `.tab-pane.active .o_data_row:contains("Production"):contains("Signed")`,
        },
        {
            content: "the warehouse's one is open",
            trigger: `.tab-pane.active .o_data_row:contains("Warehouse"):contains("Open")`,
        },
    ],
});
