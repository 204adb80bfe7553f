import { Component, onWillStart, onWillUpdateProps, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { localization } from "@web/core/l10n/localization";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useBus, useService } from "@web/core/utils/hooks";
import { useThrottleForAnimation } from "@web/core/utils/timing";
import { Layout } from "@web/search/layout";
import { useSetupAction } from "@web/search/action_hook";
import { usePager } from "@web/search/pager_hook";
import { SearchBar } from "@web/search/search_bar/search_bar";
import { useSearchBarToggler } from "@web/search/search_bar/search_bar_toggler";
import { WithSearch } from "@web/search/with_search/with_search";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { getDays, getRows, KINDS, readOrders } from "@customer_quality/timeline/timeline_rows";
import {
    calendarDay,
    dayNumber,
    getSpan,
    getTicks,
    getVisible,
    placeBar,
    Scale,
    stack,
    ZOOMS,
} from "@customer_quality/timeline/timeline_scale";

const { DateTime } = luxon;
const MODEL = "quality.order.timeline";
const PAGE = 200;
const HEAD_HEIGHT = 48;
const TODAY_PLACE = 0.3; // where today is at first, between left and right
const MARGIN = 400; // pixels around the view that are drawn, so that not each step draws anew

const ZOOM_NAMES = { day: _t("Day"), week: _t("Week"), month: _t("Month") };

/** How the months and days of the axis are written, by what they count. */
const TICK_FORMATS = {
    year: { year: "numeric" },
    month: { month: "long", year: "numeric" },
    week: { day: "numeric", month: "short" },
    day: { day: "numeric" },
};

/** Orders over time: an axis, a row per order, its documents as bars and marks. */
export class OrderTimeline extends Component {
    static template = "customer_quality.OrderTimeline";
    static components = { Layout, SearchBar };
    static props = {
        domain: Array,
        state: { type: Object, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.ui = useService("ui");
        this.searchBarToggler = useSearchBarToggler();
        this.scrollRef = useRef("scroll");
        this.keepLast = new KeepLast();
        this.zooms = ZOOM_NAMES;
        this.legend = Object.entries(KINDS).filter(([kind]) => kind !== "other");
        const { state = {} } = this.props;
        this.unfolded = new Set(state.unfolded);
        this.state = useState({
            zoom: state.zoom || "week",
            active: state.active || 0,
            total: 0,
            view: { left: 0, top: 0, width: window.innerWidth, height: window.innerHeight },
        });
        this.page = state.page || { offset: 0, limit: PAGE };
        this.orders = [];
        this.rows = [];
        this.arrival = state.scroll || {}; // where to scroll to once it is drawn

        useSetupAction({ getLocalState: () => this.getLocalState() });
        usePager(() => ({
            ...this.page,
            total: this.state.total,
            onUpdate: (page) => this.load({ ...page, limit: Math.min(page.limit, PAGE) }),
        }));
        onWillStart(() => this.load(this.page));
        onWillUpdateProps(async (next) => {
            if (JSON.stringify(next.domain) !== JSON.stringify(this.props.domain)) {
                await this.load({ ...this.page, offset: 0 }, next.domain);
            }
        });
        useBus(this.env.searchModel, "focus-view", () => this.activate(this.state.active));
        this.onScroll = useThrottleForAnimation(() => this.look());
        useEffect(
            (el) => {
                if (!el) {
                    return;
                }
                const observer = new ResizeObserver(this.onScroll);
                observer.observe(el);
                return () => observer.disconnect();
            },
            () => [this.scrollRef.el]
        );
        useEffect(() => {
            this.arrive();
            this.focusActive();
        });
    }

    getLocalState() {
        const { zoom, active } = this.state;
        const scroll = this.getPlace();
        return { zoom, active, page: this.page, unfolded: [...this.unfolded], scroll };
    }

    // Data

    async load(page, domain = this.props.domain) {
        const found = await this.keepLast.add(
            this.orm.call(MODEL, "get_quality_timeline", [], { domain, ...page })
        );
        this.arrival ||= this.getPlace();
        const isNew = page.offset !== this.page.offset || domain !== this.props.domain;
        this.page = page;
        this.today = dayNumber(DateTime.local());
        this.orders = readOrders(found.orders, this.today);
        if (this.orders.length === 1) {
            this.unfolded.add(this.orders[0].id);
        }
        if (isNew) {
            this.state.active = 0;
            this.arrival.top = 0;
        }
        this.state.total = found.total;
        this.arrange();
    }

    /** Lay out axis and rows anew, after the data, the zoom or what is unfolded have changed. */
    arrange() {
        const { zoom } = this.state;
        const days = getDays(this.orders);
        const [from, to] = getSpan(days, this.today, zoom, localization.weekStart);
        const shown = (window.innerWidth - this.sideWidth) / ZOOMS[zoom].pixels;
        this.scale = new Scale(from, Math.max(to, from + Math.floor(shown)), zoom);
        this.rows = getRows(this.orders, this.unfolded);
        this.tops = stack(this.rows.map((row) => row.height));
        this.state.active = Math.min(this.state.active, Math.max(this.rows.length - 1, 0));
        this.state.view = { ...this.state.view };
    }

    // What is in view

    get sideWidth() {
        return this.ui.isSmall ? 122 : 270;
    }

    get display() {
        return { controlPanel: {} };
    }

    get visibleRows() {
        const { top, height } = this.state.view;
        const [first, last] = getVisible(this.tops, top, height, MARGIN);
        return this.rows.slice(first, last).map((row, index) => ({
            ...row,
            index: first + index,
            top: HEAD_HEIGHT + this.tops[first + index],
            isActive: first + index === this.state.active,
            promiseX: row.order.promised !== false && this.scale.getX(row.order.promised),
            bars: row.bars.map((bar) => this.draw(bar)),
        }));
    }

    draw(bar) {
        const place = placeBar(bar, this.scale, this.today);
        const classes = [
            `o_qt_${bar.kind}`,
            `o_qt_${bar.look}`,
            place.isMark ? "o_qt_mark" : "o_qt_bar",
            bar.late ? "o_qt_late" : "",
            bar.opens ? "" : "o_qt_closed",
        ];
        const end = place.left + place.width;
        const isAsPlanned = place.planned === false || Math.abs(place.planned - end) < 3;
        return { ...bar, ...place, isAsPlanned, class: classes.join(" ") };
    }

    get visibleDays() {
        const { left, width } = this.state.view;
        return [
            Math.max(this.scale.getDay(left - MARGIN), this.scale.from),
            Math.min(this.scale.getDay(left + width + MARGIN), this.scale.to),
        ];
    }

    getTicks(line) {
        const unit = ZOOMS[this.state.zoom][line];
        return getTicks(unit, ...this.visibleDays, localization.weekStart).map((tick) => {
            const { year, month, day, weekday } = calendarDay(tick.from);
            const left = this.scale.getX(Math.max(tick.from, this.scale.from));
            const format =
                unit === "month" && line === "minor" ? { month: "short" } : TICK_FORMATS[unit];
            return {
                key: tick.from,
                left,
                width: this.scale.getX(tick.to) - left,
                isWeekend: unit === "day" && weekday > 5,
                text: DateTime.local(year, month, day).toLocaleString(format),
            };
        });
    }

    get todayX() {
        return this.scale.getX(this.today);
    }

    /** Draw what has come into view. */
    look() {
        const el = this.scrollRef.el;
        if (!el) {
            return;
        }
        const { view } = this.state;
        const { scrollLeft: left, scrollTop: top, clientWidth: width, clientHeight: height } = el;
        const isResized = width !== view.width || height !== view.height;
        const moved = Math.max(Math.abs(left - view.left), Math.abs(top - view.top));
        if (isResized || moved > MARGIN / 2) {
            this.state.view = { left, top, width, height };
        }
    }

    /** Return which day and which row are at the edges of what is in view. */
    getPlace() {
        const el = this.scrollRef.el;
        return el ? { day: this.scale.getDay(el.scrollLeft), top: el.scrollTop } : {};
    }

    /** Scroll to where the reader was before, or to today; once the canvas is as wide as needed. */
    arrive() {
        const el = this.scrollRef.el;
        if (!el || !this.arrival) {
            return;
        }
        const { day, top = 0 } = this.arrival;
        this.arrival = undefined;
        const toToday = this.todayX - this.trackWidth * TODAY_PLACE;
        el.scrollLeft = Math.max(day === undefined ? toToday : this.scale.getX(day), 0);
        el.scrollTop = top;
        this.look();
    }

    get trackWidth() {
        return this.scrollRef.el.clientWidth - this.sideWidth;
    }

    onToday() {
        this.arrival = { top: this.scrollRef.el?.scrollTop };
        this.arrive();
    }

    /** What was in the middle stays in the middle. */
    onZoom(zoom) {
        const { day, top } = this.getPlace();
        this.arrival = {};
        if (day !== undefined) {
            const half = this.trackWidth / 2;
            const middle = day + half / this.scale.pixels;
            this.arrival = { day: middle - half / ZOOMS[zoom].pixels, top };
        }
        this.state.zoom = zoom;
        this.arrange();
    }

    // Rows: fold, open, walk through with the keyboard

    onToggle(order) {
        if (!this.unfolded.delete(order.id)) {
            this.unfolded.add(order.id);
        }
        const key = this.rows[this.state.active]?.key;
        this.arrange();
        const index = this.rows.findIndex((row) => row.key === key);
        this.state.active = index < 0 ? this.indexOf(order) : index;
        this.show(order);
    }

    /** Scroll sideways to an order, where none of its bars is in view. */
    show(order) {
        const days = getDays([order]).filter((day) => day !== false);
        const { day } = this.getPlace();
        const last = day + this.trackWidth / this.scale.pixels;
        if (days.length && !days.some((each) => each >= day && each <= last)) {
            this.arrival = { ...this.getPlace(), day: Math.min(...days) - 1 };
        }
    }

    indexOf(order) {
        return this.rows.findIndex((row) => row.order === order && !row.lane);
    }

    /** Open the document of a bar, where the reader may see it. */
    openBar(bar) {
        return bar.opens && this.openForm(bar.model, bar.id);
    }

    /** Open the order, or the document of a lane; whoever reads no orders unfolds them. */
    openRow({ order, lane }) {
        if (lane) {
            return this.openBar(lane);
        }
        return order.opens ? this.openForm("sale.order", order.id) : this.onToggle(order);
    }

    openForm(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    onKeydown(ev) {
        const row = this.rows[this.state.active];
        if (!row || !ev.target.classList.contains("o_qt_row")) {
            return;
        }
        const index = this.getMove(ev.key, row);
        if (index !== undefined) {
            this.activate(index);
        } else if (ev.key === "Enter") {
            this.openRow(row);
        } else if (ev.key === (row.isUnfolded ? "ArrowLeft" : "ArrowRight") && !row.lane) {
            this.onToggle(row.order);
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }

    /** Return the index of the row that a key leads to, if it leads to any. */
    getMove(key, row) {
        const { active, view } = this.state;
        const page = Math.max(Math.floor(view.height / row.height) - 2, 1);
        const moves = {
            ArrowDown: active + 1,
            ArrowUp: active - 1,
            PageDown: active + page,
            PageUp: active - page,
            Home: 0,
            End: this.rows.length - 1,
            ArrowLeft: row.lane && this.indexOf(row.order),
        };
        return moves[key];
    }

    activate(index) {
        if (!this.rows.length) {
            return;
        }
        this.state.active = Math.min(Math.max(index, 0), this.rows.length - 1);
        this.mustFocus = true;
        const el = this.scrollRef.el;
        const top = this.tops[this.state.active];
        const bottom = top + this.rows[this.state.active].height;
        if (top < el.scrollTop) {
            el.scrollTop = top;
        } else if (bottom > el.scrollTop + el.clientHeight - HEAD_HEIGHT) {
            el.scrollTop = bottom - el.clientHeight + HEAD_HEIGHT;
        }
        this.look();
    }

    focusActive() {
        if (this.mustFocus) {
            this.mustFocus = false;
            this.scrollRef.el?.querySelector(".o_qt_row[tabindex='0']")?.focus({
                preventScroll: true,
            });
        }
    }
}

/** The client action: the picture under a search of its own. */
export class OrderTimelineAction extends Component {
    static template = "customer_quality.OrderTimelineAction";
    static components = { WithSearch, OrderTimeline };
    static props = { ...standardActionServiceProps };

    setup() {
        const { context } = this.props.action;
        this.searchProps = {
            resModel: MODEL,
            context,
            domain: [],
            searchViewId: false,
            loadIrFilters: true,
            searchMenuTypes: ["filter", "favorite"],
            globalState: this.props.globalState,
        };
    }
}

registry.category("actions").add("quality_order_timeline", OrderTimelineAction);
