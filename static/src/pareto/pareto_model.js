import { _t } from "@web/core/l10n/translation";
import { Domain } from "@web/core/domain";
import { sortBy } from "@web/core/utils/arrays";
import { GraphModel } from "@web/views/graph/graph_model";

/** What can be added up, so that shares of it mean something. */
const ADDITIVE = ["sum", "count", "count_distinct"];

/** How many bars can be shown before the rest becomes one. */
export const TOPS = [10, 20, 50];

/** Up to which share of the whole the causes are the vital few. */
export const VITAL_SHARE = 80;

/**
 * Rank groups by their value and add up their shares; what comes after the first ones is one
 * group at the end.
 *
 * @param {Object[]} points with label, value and domain
 * @param {number} top
 * @returns {Object[]} with label, value, domain, share, cumulative (in percent), isVital, isOther
 */
export function rank(points, top) {
    const sorted = sortBy(
        points.filter((point) => point.value > 0),
        (point) => point.value,
        "desc"
    );
    const rows = sorted.slice(0, top);
    const rest = sorted.slice(top);
    if (rest.length === 1) {
        rows.push(rest[0]); // one more bar says more than "other"
    } else if (rest.length) {
        rows.push({
            label: _t("Other (%s)", rest.length),
            value: rest.reduce((sum, point) => sum + point.value, 0),
            domain: Domain.or(rest.map((point) => point.domain)).toList(),
            isOther: true,
        });
    }
    const total = rows.reduce((sum, row) => sum + row.value, 0);
    let before = 0;
    return rows.map((row) => {
        const isVital = !row.isOther && (before * 100) / total < VITAL_SHARE;
        before += row.value;
        return {
            ...row,
            isVital,
            share: (row.value * 100) / total,
            cumulative: (before * 100) / total,
        };
    });
}

/** A graph of one group, the greatest first. The fields of the view are what it can be by. */
export class ParetoModel extends GraphModel {
    setup(params) {
        super.setup(...arguments);
        this.metaData = { by: null, top: TOPS[0], choices: params.groupBy, ...params };
        this.rows = [];
    }

    async load(searchParams) {
        const key = JSON.stringify(searchParams.groupBy);
        if (this.searchedBy !== undefined && this.searchedBy !== key) {
            this.metaData.by = null; // what the search says last goes first
        }
        this.searchedBy = key;
        await super.load(...arguments);
    }

    /** Show another grouping. */
    async choose(by) {
        this.metaData.by = by;
        await this._fetchDataPoints(this._buildMetaData());
        this.useSampleModel = false;
        this.notify();
    }

    _buildMetaData() {
        const metaData = super._buildMetaData(...arguments);
        if (metaData.by) {
            metaData.groupBy = [metaData.by];
            this._normalize(metaData);
        }
        metaData.groupBy = metaData.groupBy.slice(0, 1);
        Object.assign(metaData, { mode: "bar", order: "DESC", stacked: false, cumulated: false });
        metaData.measures = Object.fromEntries(
            Object.entries(metaData.measures).filter(
                ([name, field]) => name === "__count" || ADDITIVE.includes(field.aggregator)
            )
        );
        if (!(metaData.measure in metaData.measures)) {
            metaData.measure = "__count";
        }
        return metaData;
    }

    _getProcessedDataPoints() {
        const points = super._getProcessedDataPoints();
        this.rows = rank(
            points.map(({ labels, value, domain }) => ({
                label: labels[0] || _t("Total"),
                value,
                domain,
            })),
            this.metaData.top
        );
        return this.rows.map((row, index) => ({
            labels: [row.label],
            value: row.value,
            domain: row.domain,
            count: 1,
            identifier: `${index}`,
            cumulatedStart: 0,
        }));
    }

    _getLineOverlayDataset() {
        return {
            label: _t("Cumulative share"),
            data: this.rows.map((row) => row.cumulative),
            trueLabels: this.rows.map((row) => row.label),
            domains: this.rows.map((row) => row.domain), // a point stands on its bar
            yAxisID: "share",
        };
    }
}
