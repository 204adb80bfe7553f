import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** Pastes a file as the clipboard would bring it. */
function paste(name, type) {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(
        new File([new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10])], name, { type })
    );
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
}

// Sales: takes over what the customer always asks for, adds a requirement, asks a question,
// pastes a screenshot. Starts on the form of the quotation.
tours.add("quality_sales_registers", {
    steps: () => [
        {
            content: "take over what this customer always asks for",
            trigger: "button[name=action_take_over_requirements]",
            run: "click",
        },
        {
            content: "open the page of requirements",
            trigger: `.o_notebook .nav-link:contains("Requirements")`,
            run: "click",
        },
        {
            content: "it is on the order, with its mark",
            trigger: `.o_field_widget[name=quality_requirement_ids] .o_data_row:contains("◆")`,
        },
        {
            content: "add another",
            trigger: ".o_field_widget[name=quality_requirement_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "what it says",
            trigger: ".o_field_widget[name=quality_requirement_ids] [name=text] textarea",
            run: "edit Wooden box",
        },
        {
            content: "save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "saved",
            trigger: `.o_form_saved, .o_form_view:not(:has(.o_form_button_save:visible))`,
        },
        {
            content: "paste a screenshot of the chat",
            trigger: ".o_quality_paste",
            run: () => paste("chat.png", "image/png"),
        },
        {
            content: "it is filed under a serial number",
            trigger: `.o_notification:contains("IN/")`,
        },
        {
            content: "and counted on the order",
            trigger: `button[name=action_view_quality_inbound]:contains("1")`,
        },
        {
            content: "ask the customer",
            trigger: "button[name=action_ask_customer]",
            run: "click",
        },
        {
            content: "what is unclear",
            trigger: ".modal .o_field_widget[name=question] textarea",
            run: "edit Which colour?",
        },
        {
            content: "keep the question",
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "it stands on the order",
            trigger: `.o_field_widget[name=quality_clarification_ids] .o_data_row:contains("Which colour?")`,
        },
        {
            content: "open the papers of the order",
            trigger: "button[name=action_view_quality_inbound]",
            run: "click",
        },
        {
            content: "the screenshot stands in the register",
            trigger: `.o_kanban_record:contains("chat.png")`,
        },
        {
            content: "paste another one there",
            trigger: ".o_kanban_view .document_file_uploader.o_input_file:not(:visible)",
            run: () => paste("second.png", "image/png"),
        },
        {
            content: "it is opened",
            trigger: `.o_form_view .o_field_widget[name=name]:contains("IN/")`,
        },
    ],
});
