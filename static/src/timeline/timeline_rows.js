import { _t } from "@web/core/l10n/translation";
import {
    deserializeDate,
    deserializeDateTime,
    toLocaleDateString,
    toLocaleDateTimeString,
} from "@web/core/l10n/dates";
import { dayNumber, getDaysLate } from "@customer_quality/timeline/timeline_scale";

/** Height of an order's row, and of one of its lanes. */
export const ROW_HEIGHT = 48;
export const LANE_HEIGHT = 30;

/** What bars are about, the most important first: name, icon, and whether it is work to be done. */
export const KINDS = {
    review: { name: _t("Contract review"), icon: "fa-check-square-o" },
    notice: { name: _t("Production notice"), icon: "fa-bullhorn" },
    stage: { name: _t("Stage"), icon: "fa-flag-checkered", isWork: true },
    production: { name: _t("Manufacturing order"), icon: "fa-wrench", isWork: true },
    delivery: { name: _t("Delivery"), icon: "fa-truck", isWork: true },
    other: { name: _t("Other document"), icon: "fa-file-text-o" },
};

const HAS_TIME = " ";

/** Return the number of the day that a text of the server names, in the reader's zone. */
export function readDay(text) {
    if (!text) {
        return false;
    }
    if (text.includes(HAS_TIME)) {
        return dayNumber(deserializeDateTime(text));
    }
    return dayNumber({ ...deserializeDate(text).toObject(), hour: 12 }); // the middle of the day
}

function formatMoment(text) {
    return text.includes(HAS_TIME)
        ? toLocaleDateTimeString(deserializeDateTime(text))
        : toLocaleDateString(deserializeDate(text));
}

/** Return what is said about a bar: pairs of label and text. */
function getFacts(bar) {
    const isOver = bar.look === "done" || bar.look === "void";
    const endLabel = isOver ? _t("Ended") : _t("Planned end");
    const facts = [[_t("Status"), bar.state]];
    if (bar.start) {
        facts.push([
            isOver || bar.look === "running" ? _t("Began") : _t("Planned start"),
            bar.start,
        ]);
    }
    if (bar.end) {
        facts.push([bar.start ? endLabel : isOver ? _t("Done") : _t("Planned"), bar.end]);
    }
    if (bar.planned && bar.planned !== bar.end) {
        facts.push([_t("Due"), bar.planned]);
    }
    const dates = [bar.start, bar.end, bar.planned];
    const shown = facts
        .filter(([, text]) => text)
        .map(([label, text]) => [label, dates.includes(text) ? formatMoment(text) : text]);
    if (typeof bar.progress === "number" && bar.look !== "void") {
        shown.push([_t("Progress"), `${bar.progress} %`]);
    }
    return [...shown, ...bar.facts];
}

function readBar(bar, index) {
    const kind = KINDS[bar.kind] || KINDS.other;
    const facts = getFacts(bar);
    const title = `${kind.name} ${bar.name}`;
    const info = { title: bar.name, kind: kind.name.toString(), facts, late: bar.late };
    const texts = facts.map(([label, text]) => `${label}: ${text}`);
    return {
        ...bar,
        index,
        start: readDay(bar.start),
        end: readDay(bar.end),
        planned: readDay(bar.planned),
        open: bar.look === "planned" || bar.look === "running",
        isWork: Boolean(kind.isWork),
        icon: kind.icon,
        label: [title, bar.late && _t("Late"), ...texts].filter(Boolean).join(", "),
        info: JSON.stringify(info),
    };
}

/**
 * Make what the server told about orders ready to be drawn: with days as numbers, and with what is
 * said about each bar.
 *
 * @param {Object[]} orders as `get_quality_timeline` returns them
 * @param {number} today
 */
export function readOrders(orders, today) {
    return orders.map((order) => {
        const bars = order.bars.map(readBar);
        const promised = readDay(order.promised);
        const isOpenWork = order.open || bars.some((bar) => bar.open && bar.isWork);
        const daysLate = order.late && isOpenWork ? getDaysLate(promised, bars, today) : 0;
        const promisedText = order.promised
            ? toLocaleDateString(deserializeDateTime(order.promised))
            : "";
        const label = [
            order.name,
            order.partner,
            promisedText && _t("Promised for %s", promisedText),
            order.late && (daysLate ? _t("%s days late", daysLate) : _t("Late")),
        ];
        return {
            ...order,
            bars,
            promised,
            promisedText,
            promiseLabel: promisedText && _t("Promised for %s", promisedText),
            lateText: order.late && (daysLate ? _t("+%s d", daysLate) : _t("Late")),
            label: label.filter(Boolean).join(", "),
        };
    });
}

/** Return the days on which something begins, ends or is promised. */
export function getDays(orders) {
    return orders.flatMap((order) => [
        order.promised,
        ...order.bars.flatMap((bar) => [bar.start, bar.end, bar.planned]),
    ]);
}

/**
 * Return the rows of the picture: each order, and the lanes of those that are unfolded.
 *
 * @param {Object[]} orders
 * @param {Set<number>} unfolded ids of orders
 */
export function getRows(orders, unfolded) {
    return orders.flatMap((order) => {
        const isUnfolded = unfolded.has(order.id);
        const row = { key: `${order.id}`, order, height: ROW_HEIGHT, isUnfolded, bars: order.bars };
        const lanes = order.bars.map((bar) => ({
            key: `${order.id}-${bar.index}`,
            order,
            lane: bar,
            height: LANE_HEIGHT,
            bars: [bar],
        }));
        return isUnfolded ? [row, ...lanes] : [row];
    });
}
