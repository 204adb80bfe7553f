import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

// Sales: from the order to its picture, and from there to what is being made. Starts on the order.
tours.add("quality_sales_looks_at_the_timeline", {
    steps: () => [
        {
            content: "open the picture",
            trigger: ".o-form-buttonbox button[name=action_open_quality_timeline]:visible",
            run: "click",
        },
        {
            content: "the order is searched for by its number",
            trigger: ".o_searchview .o_facet_value:contains('S')",
        },
        {
            content: "it is late, in red, and unfolded",
            trigger: `.o_qt_order[aria-expanded=true]:has(.badge.text-bg-danger:contains("+3 d"))`,
        },
        {
            content: "so is what makes it late",
            trigger: ".o_qt_lane .o_qt_production.o_qt_late",
        },
        {
            content: "nothing else is",
            trigger:
                ".o_quality_timeline:not(:has(.o_qt_stage.o_qt_late, .o_qt_delivery.o_qt_late))",
        },
        {
            content: "look at the months",
            trigger: "button[data-zoom=month]",
            run: "click",
        },
        {
            content: "the axis counts months",
            trigger: "button[data-zoom=month].active",
        },
        {
            content: "open the notice",
            trigger: ".o_qt_lane .o_qt_notice",
            run: "click",
        },
        {
            content: "it is shown, and leads back to the picture of its order, too",
            trigger: `.o_form_view button[name=action_open_timeline]`,
        },
        {
            content: "and back to the picture",
            trigger: ".o_breadcrumb .o_back_button, .o_breadcrumb a:contains('Order Timeline')",
            run: "click",
        },
        {
            content: "it is as it was left",
            trigger: ".o_quality_timeline:has(button[data-zoom=month].active) .o_qt_lane",
        },
    ],
});

// Production, on a phone: what is late, and why. Starts in the picture.
tours.add("quality_production_looks_for_what_is_late", {
    steps: () => [
        {
            content: "two orders are open",
            trigger: ".o_quality_timeline:has(.o_qt_order:eq(1)):not(:has(.o_qt_order:eq(2)))",
        },
        {
            content: "open the search",
            trigger: ".o_control_panel_navigation .fa-search",
            run: "click",
        },
        {
            content: "open its filters",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            content: "only what is late",
            trigger: `.o_filter_menu .o_menu_item:contains("Late")`,
            run: "click",
        },
        {
            content: "one of them is, and shows its documents",
            trigger: ".o_quality_timeline:not(:has(.o_qt_order:eq(1))) .o_qt_lane .o_qt_late",
        },
    ],
});
