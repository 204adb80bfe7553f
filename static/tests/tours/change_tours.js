import { registry } from "@web/core/registry";
import { answer, openMyWork, sign } from "@customer_quality/../tests/tours/work_page_steps";

const tours = registry.category("web_tour.tours");

const press = (name, content) => ({
    content,
    trigger: `.o_statusbar_buttons button[name=${name}]:visible:enabled`,
    run: "click",
});

const state = (value) => ({
    content: `the change is ${value}`,
    trigger: `.o_statusbar_status .o_arrow_button_current[data-value=${value}]`,
});

const openPage = (name) => ({
    content: `open the page ${name}`,
    trigger: `.o_notebook .nav-link[name=${name}]`,
    run: "click",
});

const type = (name, text, content) => ({
    content,
    trigger: `.o_field_widget[name=${name}] textarea, .o_field_widget[name=${name}] input`,
    run: `edit ${text}`,
});

// Sales: the customer wants more. From the order to the submitted change.
tours.add("quality_sales_requests_a_change", {
    steps: () => [
        press("action_request_quality_change", "an agreed order changes through the register"),
        type("reason", "The customer needs more", "say why"),
        {
            content: "open the line",
            trigger: ".o_field_widget[name=line_ids] .o_data_row td[name=new_quantity]",
            run: "click",
        },
        {
            content: "the quantity as it becomes",
            trigger: ".o_field_widget[name=line_ids] .o_selected_row [name=new_quantity] input",
            run: "edit 8",
        },
        press("action_show_impact", "what would it do"),
        openPage("impact"),
        {
            content: "manufacturing orders become others",
            trigger: `.o_field_widget[name=impact_html]:contains("8")`,
        },
        press("action_request", "submit it"),
        state("review"),
    ],
});

// A department: what changes, what it does, agree and sign. Starts in My Work.
tours.add("quality_department_agrees_to_a_change", {
    steps: () => [
        ...openMyWork("OC/"),
        {
            content: "what it was and what it becomes",
            trigger: `.o_quality_work .card:contains("→")`,
        },
        ...answer("agree"),
        ...sign(),
    ],
});

// Sales: everybody agrees; apply it. Starts on the change.
tours.add("quality_sales_applies_a_change", {
    steps: () => [
        state("approved"),
        press("action_apply", "bring it into force"),
        {
            content: "yes, now",
            trigger: ".modal .modal-footer button.btn-primary",
            run: "click",
        },
        state("applied"),
        openPage("outcome"),
        {
            content: "the new notice is named",
            trigger: ".o_field_widget[name=notice_after_id]:not(:empty)",
        },
    ],
});

// Production: a delay is seen at the manufacturing order, and reported with cause and remedy.
tours.add("quality_production_reports_a_delay", {
    steps: () => [
        press("action_report_quality_delay", "it will be late"),
        {
            content: "choose the cause",
            trigger: ".modal .o_field_widget[name=cause_id] input",
            run: "click",
        },
        {
            content: "this one",
            trigger: ".o_field_widget[name=cause_id] .dropdown-item:first",
            run: "click",
        },
        type("date_expected", "2031-06-03", "when it will be ready"),
        type("reason", "The press is broken", "say why"),
        type("remedy", "A spare part is kept from now on", "and what is done about it"),
        {
            content: "report it",
            trigger: ".modal .modal-footer button.btn-primary[name=action_confirm]",
            run: "click",
        },
        press("action_change_date", "ask for another date"),
        {
            content: "the change of date is open",
            trigger: `.o_form_view .o_field_widget[name=reason]:has(textarea):contains(""), .o_form_view .o_field_widget[name=customer_text]`,
        },
    ],
});

// The customer agrees on the page of the order.
tours.add("quality_customer_agrees_to_a_delay", {
    steps: () => [
        {
            content: "what is asked",
            trigger: `.o_quality_consent li:contains("→")`,
        },
        {
            content: "who agrees",
            trigger: ".o_quality_consent input[name=who]",
            run: "edit Mr. Wang",
        },
        {
            content: "agree",
            trigger: ".o_quality_consent button[value=yes]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it is received",
            trigger: "#quality .alert-success",
        },
    ],
});

// The form refuses what was agreed, and leads to the register.
tours.add("quality_form_leads_to_the_register", {
    steps: () => [
        {
            content: "open the line",
            trigger: ".o_field_widget[name=order_line] .o_data_row td[name=product_uom_qty]",
            run: "click",
        },
        {
            content: "another quantity",
            trigger:
                ".o_field_widget[name=order_line] .o_selected_row [name=product_uom_qty] input",
            run: "edit 9",
        },
        {
            content: "save",
            trigger: ".o_form_button_save:visible",
            run: "click",
        },
        {
            content: "it is refused, and says where it is done",
            trigger: `.modal .modal-footer button:contains("Request a change")`,
            run: "click",
        },
        {
            content: "the change is open",
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_show_impact]:visible",
        },
    ],
});
