import { describe, expect, test } from "@odoo/hoot";
import {
    calendarDay,
    dayNumber,
    getDaysLate,
    getSpan,
    getTicks,
    getVisible,
    MIN_WIDTH,
    placeBar,
    Scale,
    stack,
    startOf,
    startOfNext,
    ZOOMS,
} from "@customer_quality/timeline/timeline_scale";

describe.current.tags("headless");

const at = (year, month, day, hour = 0, minute = 0) =>
    dayNumber({ year, month, day, hour, minute });
const named = (number) => {
    const { year, month, day } = calendarDay(number);
    return `${year}-${month}-${day}`;
};
const bar = (values) => ({ start: false, end: false, planned: false, open: true, ...values });

test("a day is a whole number, and noon lies in its middle", () => {
    expect(at(1970, 1, 1)).toBe(0);
    expect(at(1970, 1, 2, 12)).toBe(1.5);
    expect(at(1969, 12, 31, 18)).toBe(-0.25);
});

test("days and numbers are the same calendar, leap days included", () => {
    expect(named(at(2028, 2, 29, 23, 59))).toBe("2028-2-29");
    expect(at(2028, 3, 1) - at(2028, 2, 28)).toBe(2);
    expect(at(2027, 3, 1) - at(2027, 2, 28)).toBe(1);
    expect(calendarDay(at(2026, 11, 30)).weekday).toBe(1);
    expect(calendarDay(at(2026, 12, 6)).weekday).toBe(7);
});

test("weeks begin on the weekday of the reader's language", () => {
    expect(named(startOf("week", at(2026, 12, 2)))).toBe("2026-11-30");
    expect(named(startOf("week", at(2026, 12, 2), 7))).toBe("2026-11-29");
    expect(named(startOf("week", at(2026, 11, 29), 7))).toBe("2026-11-29");
    expect(named(startOf("week", at(2026, 12, 2), 6))).toBe("2026-11-28");
});

test("units follow one another without a gap, over the end of the year too", () => {
    expect(named(startOfNext("day", at(2026, 12, 31, 10)))).toBe("2027-1-1");
    expect(named(startOfNext("week", at(2026, 12, 31)))).toBe("2027-1-4");
    expect(named(startOfNext("month", at(2027, 1, 31)))).toBe("2027-2-1");
    expect(named(startOfNext("month", at(2026, 12, 1)))).toBe("2027-1-1");
    expect(named(startOfNext("year", at(2028, 12, 31)))).toBe("2029-1-1");
    for (const unit of ["day", "week", "month", "year"]) {
        const ticks = getTicks(unit, at(2025, 12, 20), at(2028, 3, 2));
        expect(ticks.slice(1).map((tick) => tick.from)).toEqual(
            ticks.slice(0, -1).map((tick) => tick.to)
        );
        expect(ticks[0].from).not.toBeGreaterThan(at(2025, 12, 20));
        expect(ticks.at(-1).to).not.toBeLessThan(at(2028, 3, 2));
    }
});

test("ticks are those that overlap the span, and no others", () => {
    const ticks = getTicks("month", at(2026, 11, 30), at(2027, 1, 1));
    expect(ticks.map((tick) => named(tick.from))).toEqual(["2026-11-1", "2026-12-1"]);
    expect(getTicks("day", 10, 10)).toEqual([]);
});

test("pixels and days are turned into one another at every zoom", () => {
    for (const zoom of Object.keys(ZOOMS)) {
        const scale = new Scale(at(2026, 11, 1), at(2027, 3, 1), zoom);
        expect(scale.getX(scale.from)).toBe(0);
        expect(scale.width).toBe(Math.round(120 * ZOOMS[zoom].pixels));
        const day = at(2026, 12, 24, 12);
        expect(Math.abs(scale.getDay(scale.getX(day)) - day)).toBeLessThan(0.5);
    }
});

test("the span holds all days and today, with room at both ends", () => {
    const today = at(2026, 11, 30);
    const [from, to] = getSpan([at(2026, 10, 7), false, at(2027, 2, 10)], today, "week");
    expect(from).toBeLessThan(at(2026, 10, 7));
    expect(to).toBeGreaterThan(at(2027, 2, 11));
    expect(calendarDay(from).weekday).toBe(1);
    const [first, last] = getSpan([], today, "month");
    expect([named(first), named(last)]).toEqual(["2026-10-1", "2027-1-1"]);
});

test("a bar lasts from its start to its end, and can always be seen", () => {
    const scale = new Scale(100, 200, "week");
    const place = placeBar(bar({ start: 110, end: 120, planned: 118 }), scale, 115);
    expect(place).toEqual({
        left: 130,
        width: 130,
        isMark: false,
        tail: 0,
        planned: 18 * ZOOMS.week.pixels,
    });
    expect(placeBar(bar({ start: 110, end: 110 }), scale, 105).width).toBe(MIN_WIDTH);
});

test("what has no end lasts until today, what has no start is a mark", () => {
    const scale = new Scale(100, 200, "week");
    expect(placeBar(bar({ start: 110 }), scale, 120).width).toBe(10 * ZOOMS.week.pixels);
    expect(placeBar(bar({ start: 130 }), scale, 120).width).toBe(MIN_WIDTH);
    const mark = placeBar(bar({ end: 110 }), scale, 105);
    expect([mark.isMark, mark.left, mark.width]).toEqual([true, 130, 0]);
});

test("an end before the start does not turn a bar around", () => {
    const place = placeBar(bar({ start: 120, end: 110 }), new Scale(100, 200, "week"), 105);
    expect([place.left, place.width]).toEqual([130, MIN_WIDTH]);
});

test("what is open and overdue reaches to today, what is over does not", () => {
    const scale = new Scale(100, 200, "week");
    const overdue = { start: 105, end: 110 };
    expect(placeBar(bar(overdue), scale, 120).tail).toBe(10 * ZOOMS.week.pixels);
    expect(placeBar(bar({ ...overdue, open: false }), scale, 120).tail).toBe(0);
    expect(placeBar(bar(overdue), scale, 110.9).tail).toBe(0); // it may still end today
});

test("rows lie under one another", () => {
    expect(stack([])).toEqual([0]);
    expect(stack([48, 30, 30, 48])).toEqual([0, 48, 78, 108, 156]);
});

test("what is in view is found, however far it is scrolled", () => {
    const tops = stack(new Array(200).fill(50));
    expect(getVisible(tops, 0, 500)).toEqual([0, 11]);
    expect(getVisible(tops, 5000, 500)).toEqual([100, 111]);
    expect(getVisible(tops, 5025, 500)).toEqual([100, 111]);
    expect(getVisible(tops, 5000, 500, 100)).toEqual([98, 113]);
    expect(getVisible(tops, 9500, 500)).toEqual([190, 200]);
    expect(getVisible(tops, 99999, 500)).toEqual([200, 200]);
    expect(getVisible([0], 0, 500)).toEqual([0, 0]);
});

test("an order is late by its last open work, or by the days since its promise", () => {
    const work = (end, open = true) => ({ end, open, isWork: true });
    expect(getDaysLate(110.5, [work(112.1)], 100)).toBe(2);
    expect(getDaysLate(110.5, [work(110.9)], 100)).toBe(0);
    expect(getDaysLate(110.5, [work(130, false), { end: 130, open: true }], 100)).toBe(0);
    expect(getDaysLate(110.5, [work(112)], 120)).toBe(10);
    expect(getDaysLate(false, [work(112)], 120)).toBe(0);
});
