import { registry } from "@web/core/registry";
import { answer, openMyWork, sign } from "@customer_quality/../tests/tours/work_page_steps";

const tours = registry.category("web_tour.tours");

// Sales: from the refusal to the review. Starts on the form of the quotation.
tours.add("quality_sales_requests_review", {
    steps: () => [
        {
            content: "the quotation says what is missing",
            trigger: ".o_form_view .alert-warning [name=quality_gate_error]",
        },
        {
            content: "try to confirm all the same",
            trigger: ".o_statusbar_buttons button[name=action_confirm]",
            run: "click",
        },
        {
            content: "the refusal says why",
            trigger: ".modal .modal-body",
        },
        {
            content: "and offers the review",
            trigger: ".modal .modal-footer button.btn-primary",
            run: "click",
        },
        {
            content: "the review is running",
            trigger: ".o_statusbar_status .o_arrow_button_current[data-value=review]",
        },
        {
            content: "all departments are asked",
            trigger: ".o_quality_signoff:first:has(.badge:eq(2))",
        },
        {
            content: "back to the order",
            trigger: ".oe_stat_button[name=action_open_order]",
            run: "click",
        },
        {
            content: "the order shows the state of its review",
            trigger:
                ".oe_stat_button[name=action_view_quality_reviews] [name=quality_review_status]",
        },
        {
            content: "nothing more is to be requested",
            trigger:
                ".o_statusbar_buttons:not(:has(button[name=action_request_quality_review]:visible))",
        },
    ],
});

// Sales: the banner's own button does the same. Starts on the form of the quotation.
tours.add("quality_sales_revises", {
    steps: () => [
        {
            content: "the objection shows on the order",
            trigger: `.o_form_view .o_quality_signoff .badge.text-bg-danger:contains("Production")`,
        },
        {
            content: "request the review anew",
            trigger:
                ".o_statusbar_buttons button.btn-primary[name=action_request_quality_review]:visible",
            run: "click",
        },
        {
            content: "the next revision is running",
            trigger: `.o_field_widget[name=revision]:contains("2")`,
        },
        {
            content: "engineering's answer is carried over",
            trigger: `.o_quality_signoff .badge.text-bg-success:contains("Engineering")`,
        },
        {
            content: "production is asked again",
            trigger: `.o_quality_signoff .badge.text-bg-light:contains("Production")`,
        },
    ],
});

// Sales: an approved order becomes a sales order with a notice.
tours.add("quality_sales_confirms", {
    steps: () => [
        {
            content: "the review is approved",
            trigger: ".o_form_view .alert-success",
        },
        {
            content: "confirm",
            trigger: ".o_statusbar_buttons button[name=action_confirm]",
            run: "click",
        },
        {
            content: "the quotation is an order now",
            trigger: ".o_statusbar_status .o_arrow_button_current[data-value=sale]",
        },
        {
            content: "open its production notice",
            trigger: `.oe_stat_button[name=action_view_quality_notices]:contains("1")`,
            run: "click",
        },
        {
            content: "the notice is issued",
            trigger: ".o_statusbar_status .o_arrow_button_current[data-value=issued]",
        },
        {
            content: "and nobody has received it yet",
            trigger: ".o_quality_signoff .badge.text-bg-light",
        },
    ],
});

// Sales: changes the order after its approval.
tours.add("quality_sales_changes_order", {
    steps: () => [
        {
            content: "the review is approved",
            trigger: `.oe_stat_button[name=action_view_quality_reviews]:contains("Approved")`,
        },
        {
            content: "open the quantity of the line",
            trigger: ".o_data_row .o_data_cell[name=product_uom_qty]",
            run: "click",
        },
        {
            content: "order more",
            trigger: ".o_selected_row [name=product_uom_qty] input",
            run: "edit 9",
        },
        {
            content: "save",
            trigger: ".o_form_button_save:enabled",
            run: "click",
        },
        {
            content: "the banner says that the review no longer covers it",
            trigger: `.o_form_view .alert-danger:contains("changed after it was reviewed")`,
        },
        {
            content: "the smart button says so, too",
            trigger: `.oe_stat_button[name=action_view_quality_reviews]:contains("Stale")`,
        },
        {
            content: "confirming is refused again",
            trigger: ".o_statusbar_buttons button[name=action_confirm]",
            run: "click",
        },
        {
            content: "with the reason",
            trigger: `.modal .modal-body:contains("was changed after")`,
        },
    ],
});

// A department: from My Work to its signature.
tours.add("quality_department_agrees", {
    steps: () => [...openMyWork("CR/"), ...answer("agree"), ...sign()],
});
tours.add("quality_department_agrees_on_phone", {
    steps: () => [...openMyWork("CR/", true), ...answer("agree"), ...sign()],
});
tours.add("quality_department_objects_on_phone", {
    steps: () => [
        ...openMyWork("CR/", true),
        ...answer("object", "No capacity before May"),
        ...sign(),
    ],
});
