/** Steps on "My Work" and on the page where one signs, for a desk and for a phone. */

const ROW = ".o_list_view .o_data_row";
const CARD = ".o_kanban_view .o_kanban_record:not(.o_kanban_ghost)";

/**
 * @param {string} number start of the document's number, e.g. "CR/"
 * @param {boolean} [onPhone] the list is shown as cards
 */
export function openMyWork(number, onPhone = false) {
    const row = onPhone ? CARD : `${ROW} .o_data_cell`;
    return [
        {
            content: `open what waits for me: ${number}`,
            trigger: `${row}:contains("${number}")`,
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the page names the document",
            trigger: `.o_quality_work h1:contains("${number}")`,
        },
    ];
}

/**
 * @param {string} answer "agree", "condition" or "object"
 * @param {string} [reason]
 */
export function answer(answer, reason) {
    const steps = [
        {
            content: `choose ${answer}`,
            trigger: `.o_quality_opinion label[for$="_${answer}"]`,
            run: "click",
        },
        {
            content: `${answer} is chosen`,
            trigger: `.o_quality_opinion input[value="${answer}"]:checked`,
        },
    ];
    if (reason) {
        steps.push({
            content: "write the reason",
            trigger: ".o_quality_opinion textarea",
            run: `edit ${reason}`,
        });
    }
    return steps;
}

export function sign() {
    return [
        {
            content: "sign",
            trigger: ".o_quality_work button.o_quality_sign",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the signature is confirmed",
            trigger: ".o_quality_work .alert-success",
        },
    ];
}
