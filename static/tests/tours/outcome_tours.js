import { registry } from "@web/core/registry";
import { answer, openMyWork, sign } from "@customer_quality/../tests/tours/work_page_steps";

const tours = registry.category("web_tour.tours");

// Sales: a repeat order. Request, sign; the confirmation is a tour of its own.
tours.add("quality_sales_requests_a_repeat", {
    steps: () => [
        {
            content: "request the review",
            trigger:
                ".o_statusbar_buttons button.btn-primary[name=action_request_quality_review]:visible",
            run: "click",
        },
        {
            content: "only production is asked besides sales",
            trigger: ".o_quality_signoff:first:has(.badge:eq(1)):not(:has(.badge:eq(2)))",
        },
        {
            content: "sign at once",
            trigger: ".o_statusbar_buttons button.btn-primary[name=action_open_work]:visible",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the page says why so few are asked",
            trigger: `.o_quality_work .badge:contains("Repeat")`,
        },
        ...answer("agree"),
        ...sign(),
    ],
});

// Who owes an action says that it is done. Starts in My Work.
tours.add("quality_owner_does_an_action", {
    steps: () => [
        {
            content: "open the action",
            trigger: `.o_list_view .o_data_row:contains("ACT/") .o_data_cell`,
            run: "click",
        },
        {
            content: "it is done",
            trigger: ".o_statusbar_buttons button.btn-primary[name=action_open_done]:visible",
            run: "click",
        },
        {
            content: "what shows it",
            trigger: ".modal .o_field_widget[name=text] textarea",
            run: "edit Report 17 in the folder",
        },
        {
            content: "say so",
            trigger: `.modal .modal-footer button.btn-primary[name=action_apply]:visible`,
            run: "click",
        },
        {
            content: "it waits for its verification",
            trigger: `body:not(:has(.modal)) .o_statusbar_status .o_arrow_button_current:contains("Done")`,
        },
    ],
});

// Somebody else looks whether it was done. Starts in My Work.
tours.add("quality_other_verifies_an_action", {
    steps: () => [
        ...openMyWork("ACT/"),
        {
            content: "the evidence is shown",
            trigger: `.o_quality_work:contains("Report 17 in the folder")`,
        },
        ...answer("agree"),
        ...sign(),
    ],
});

// The customer answers on the page of its order.
tours.add("quality_customer_answers", {
    steps: () => [
        {
            content: "the question is shown",
            trigger: `#quality .card:contains("Which colour?"):has(form)`,
        },
        {
            content: "write the answer",
            trigger: "#quality textarea[name=answer]",
            run: "edit RAL 7016",
        },
        {
            content: "send it",
            trigger: "#quality form button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it was received",
            trigger: `#quality .alert-success:contains("Thank you")`,
        },
        {
            content: "and is shown",
            trigger: `#quality .text-success:contains("RAL 7016")`,
        },
    ],
});

/**
 * Steps of one person in the meeting.
 *
 * @param {string} role whose form
 * @param {string} badge
 */
function signInTurn(role, badge) {
    const form = `.o_quality_work form:has(h2:contains("${role}"))`;
    return [
        {
            content: `${role} agrees`,
            trigger: `${form} label[for$="_agree"]`,
            run: "click",
        },
        {
            content: `${role} gives the badge`,
            trigger: `${form} input[name=badge]`,
            run: `edit ${badge}`,
        },
        {
            content: `${role} gives the PIN`,
            trigger: `${form} input[name=pin]`,
            run: "edit 1234",
        },
        {
            content: `${role} signs`,
            trigger: `${form} button.o_quality_sign`,
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: `the signature of ${role} is shown`,
            trigger: `.o_quality_work li:contains("${role}"):contains("Agree")`,
        },
    ];
}

// Those present sign in turn on the screen of sales. Starts on the form of the review.
tours.add("quality_meeting_signs_in_turn", {
    steps: () => [
        {
            content: "open the meeting",
            trigger: ".o_statusbar_buttons button[name=action_open_meeting]:visible",
            run: "click",
            expectUnloadPage: true,
        },
        ...signInTurn("Engineering", "B1"),
        ...signInTurn("Production", "B2"),
    ],
});
