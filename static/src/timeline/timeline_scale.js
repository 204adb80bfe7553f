/**
 * From dates to pixels and back, and what of a long picture is in view: without any component.
 *
 * Days are numbers: whole days since 1970 as the reader's calendar counts them, and the time of day
 * as a fraction. A day is as long as any other, also where the clock is changed.
 */

const MILLISECONDS = 24 * 60 * 60 * 1000;

/** Pixels per day, and what the two lines of the axis count. */
export const ZOOMS = {
    day: { pixels: 44, minor: "day", major: "month" },
    week: { pixels: 13, minor: "week", major: "month" },
    month: { pixels: 3.5, minor: "month", major: "year" },
};

/** The narrowest bar that can be seen and hit. */
export const MIN_WIDTH = 4;

/**
 * Return the number of a day, with the time as its fraction.
 *
 * @param {{year: number, month: number, day: number, hour?: number, minute?: number}} moment
 *     the month from 1 to 12
 */
export function dayNumber({ year, month, day, hour = 0, minute = 0 }) {
    return Date.UTC(year, month - 1, day) / MILLISECONDS + (hour * 60 + minute) / 1440;
}

/** Return what the calendar calls a day: year, month (1 to 12), day, weekday (1 is Monday). */
export function calendarDay(number) {
    const date = new Date(Math.floor(number) * MILLISECONDS);
    return {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
        weekday: date.getUTCDay() || 7,
    };
}

/**
 * Return the first day of the day, week, month or year that a day lies in.
 *
 * @param {"day"|"week"|"month"|"year"} unit
 * @param {number} number
 * @param {number} [weekStart] the weekday with which weeks begin
 */
export function startOf(unit, number, weekStart = 1) {
    const { year, month, weekday } = calendarDay(number);
    switch (unit) {
        case "week":
            return Math.floor(number) - ((weekday - weekStart + 7) % 7);
        case "month":
            return dayNumber({ year, month, day: 1 });
        case "year":
            return dayNumber({ year, month: 1, day: 1 });
    }
    return Math.floor(number);
}

/** Return the first day of the unit after the one that a day lies in. */
export function startOfNext(unit, number, weekStart = 1) {
    const longest = { day: 1, week: 7, month: 31, year: 366 }[unit];
    return startOf(unit, startOf(unit, number, weekStart) + longest, weekStart);
}

/**
 * Return the units that overlap a span, each from its first day to the first of the next one.
 *
 * @param {string} unit
 * @param {number} from
 * @param {number} to
 * @param {number} [weekStart]
 * @returns {{from: number, to: number}[]}
 */
export function getTicks(unit, from, to, weekStart = 1) {
    const ticks = [];
    let start = startOf(unit, from, weekStart);
    while (start < to) {
        const next = startOfNext(unit, start, weekStart);
        ticks.push({ from: start, to: next });
        start = next;
    }
    return ticks;
}

/** Which pixel a day is at, and which day is at a pixel. */
export class Scale {
    /**
     * @param {number} from the first day
     * @param {number} to the day after the last one
     * @param {"day"|"week"|"month"} zoom
     */
    constructor(from, to, zoom) {
        this.from = from;
        this.to = to;
        this.zoom = zoom;
        this.pixels = ZOOMS[zoom].pixels;
    }

    get width() {
        return this.getX(this.to);
    }

    getX(number) {
        return Math.round((number - this.from) * this.pixels);
    }

    getDay(x) {
        return this.from + x / this.pixels;
    }
}

/**
 * Return the span that shows all days given, and today, with some room at both ends.
 *
 * @param {(number|false)[]} days
 * @param {number} today
 * @param {"day"|"week"|"month"} zoom the room fits the axis of this zoom
 * @param {number} [weekStart]
 * @returns {[number, number]}
 */
export function getSpan(days, today, zoom, weekStart = 1) {
    let first = today;
    let last = today;
    for (const day of days) {
        if (typeof day === "number") {
            first = Math.min(first, day);
            last = Math.max(last, day);
        }
    }
    const unit = ZOOMS[zoom].minor === "day" ? "week" : ZOOMS[zoom].minor;
    const from = startOf(unit, startOf(unit, first, weekStart) - 1, weekStart);
    return [from, startOfNext(unit, startOfNext(unit, last, weekStart), weekStart)];
}

/**
 * Return where a bar is drawn.
 *
 * @param {{start: number|false, end: number|false, planned: number|false, open: boolean}} bar
 *     without a start it is a mark; without an end it lasts until today
 * @param {Scale} scale
 * @param {number} today
 * @returns {{left: number, width: number, isMark: boolean, tail: number, planned: number|false}}
 *     `tail` is how far what is open and should have ended reaches beyond its end to today
 */
export function placeBar(bar, scale, today) {
    const isMark = bar.start === false;
    const end = bar.end === false ? Math.max(today, bar.start || today) : bar.end;
    const start = isMark ? end : Math.min(bar.start, end);
    const left = scale.getX(start);
    const width = isMark ? 0 : Math.max(scale.getX(end) - left, MIN_WIDTH);
    const isOverdue = bar.open && Math.floor(end) < Math.floor(today);
    return {
        left,
        width,
        isMark,
        tail: isOverdue ? Math.max(scale.getX(today) - left - width, 0) : 0,
        planned: bar.planned === false ? false : scale.getX(bar.planned),
    };
}

/**
 * Return where each of several things under one another begins, and last, where they end.
 *
 * @param {number[]} heights
 * @returns {number[]} one more than heights
 */
export function stack(heights) {
    const tops = [0];
    for (const height of heights) {
        tops.push(tops.at(-1) + height);
    }
    return tops;
}

/**
 * Return which of the things under one another are in view: from the first up to, without, the last.
 *
 * @param {number[]} tops as `stack` returns them
 * @param {number} scroll how far they are scrolled
 * @param {number} height of the view
 * @param {number} [margin] pixels around the view that are drawn, too
 * @returns {[number, number]}
 */
export function getVisible(tops, scroll, height, margin = 0) {
    const count = tops.length - 1;
    const first = Math.max(search(tops, scroll - margin) - 1, 0);
    return [Math.min(first, count), Math.min(search(tops, scroll + height + margin), count)];
}

/** Return how many numbers of a sorted list are at most a limit. */
function search(sorted, limit) {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (sorted[middle] <= limit) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/** Return by how many days an order ends after its promise, as far as is known: 0 if it does not. */
export function getDaysLate(promised, bars, today) {
    if (promised === false) {
        return 0;
    }
    const ends = bars
        .filter((bar) => bar.open && bar.isWork && bar.end !== false)
        .map((bar) => Math.max(bar.end, today));
    return Math.max(Math.floor(Math.max(today, ...ends)) - Math.floor(promised), 0);
}
