import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

// The customer signs an offer that is not reviewed. Starts on its portal page.
tours.add("quality_customer_signs", {
    steps: () => [
        {
            content: "accept and sign",
            trigger: `.o_portal_sale_sidebar a[data-bs-target="#modalaccept"]`,
            run: "click",
        },
        {
            content: "the name is filled in",
            trigger: ".modal .o_web_sign_name_and_signature input:value(Clara Customer)",
        },
        {
            content: "the signature is drawn",
            trigger: ".modal canvas.o_web_sign_signature",
            run: "canvasNotEmpty",
        },
        {
            content: "send it",
            trigger: ".modal .o_portal_sign_submit:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the customer reads that it was received",
            trigger: `.alert-info:contains("Received, under review.")`,
        },
        {
            content: "and is not told that it is confirmed",
            trigger: `#quote_content:not(:contains("has been confirmed"))`,
        },
        {
            content: "there is nothing to sign any more",
            trigger: `body:not(:has(a[data-bs-target="#modalaccept"]))`,
        },
    ],
});

// The same page, once the departments have approved.
tours.add("quality_customer_sees_confirmation", {
    steps: () => [
        {
            content: "it is a sales order now",
            trigger: `#quote_content:contains("Sales Order"), h2:contains("Sales Order")`,
        },
        {
            content: "nothing is under review",
            trigger: `body:not(:has(.alert-info:contains("under review")))`,
        },
        {
            content: "the customer's signature is on it",
            trigger: `#quote_content:contains("Clara Customer")`,
        },
    ],
});
