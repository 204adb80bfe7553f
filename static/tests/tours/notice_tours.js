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

// The warehouse, at its desk: all papers of the morning with one click.
tours.add("quality_receives_in_bulk", {
    steps: () => [
        {
            content: "two papers wait",
            trigger: ".o_list_view:has(.o_data_row:eq(1))",
        },
        {
            content: "select both",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "confirm receipt",
            trigger: `.o_control_panel button[name=action_receive]:contains("Confirm Receipt")`,
            run: "click",
        },
        {
            content: "nothing waits any more",
            trigger: `.o_view_nocontent:contains("Nothing waits for you")`,
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
