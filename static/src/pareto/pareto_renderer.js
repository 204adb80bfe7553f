import { _t } from "@web/core/l10n/translation";
import { cookie } from "@web/core/browser/cookie";
import { getColor, getCustomColor } from "@web/core/colors/colors";
import { formatFloat } from "@web/views/fields/formatters";
import { GraphRenderer } from "@web/views/graph/graph_renderer";
import { TOPS } from "@customer_quality/pareto/pareto_model";

/** Bars from the greatest to the smallest, the line of their shares, and a table of both. */
export class ParetoRenderer extends GraphRenderer {
    static template = "customer_quality.ParetoRenderer";

    setup() {
        super.setup();
        this.tops = TOPS;
    }

    // What it is by

    get choices() {
        const { choices, fields, fieldAttrs } = this.model.metaData;
        return choices.map((choice) => {
            const spec = choice.spec || choice;
            const name = spec.split(":")[0];
            return { spec, name, string: fieldAttrs[name]?.string || fields[name].string };
        });
    }

    get activeName() {
        return this.model.metaData.groupBy[0]?.fieldName;
    }

    get byLabel() {
        const { fields, fieldAttrs } = this.model.metaData;
        const name = this.activeName;
        return name ? fieldAttrs[name]?.string || fields[name].string : _t("Total");
    }

    get measureLabel() {
        const { measure, measures } = this.model.metaData;
        return measures[measure].string;
    }

    /** Said to whoever can't see the picture. */
    get description() {
        return _t("Pareto chart of %(measure)s by %(group)s; the table beside it says the same.", {
            measure: this.measureLabel,
            group: this.byLabel,
        });
    }

    /** Which few make most of it, in words. */
    get summary() {
        const vital = this.model.rows.filter((row) => row.isVital);
        const last = vital.at(-1);
        if (!last) {
            return "";
        }
        return _t("The first %(count)s of %(total)s make %(share)s of all.", {
            count: vital.length,
            total: this.model.rows.length,
            share: this.formatShare(last.cumulative),
        });
    }

    formatShare(share) {
        return `${formatFloat(share, { digits: [16, 1] })} %`;
    }

    formatRow(value) {
        const { allIntegers, fieldAttrs, measure } = this.model.metaData;
        return this.formatValue(value, allIntegers ?? true, fieldAttrs[measure]?.widget);
    }

    // The picture

    getBarChartData() {
        const data = super.getBarChartData();
        const scheme = cookie.get("color_scheme");
        const vital = getColor(0, scheme, 2);
        const other = getCustomColor(scheme, "#b8bec7", "#5b616c");
        const [bars] = data.datasets;
        if (bars) {
            bars.backgroundColor = this.model.rows.map((row) => (row.isVital ? vital : other));
        }
        return data;
    }

    getScaleOptions() {
        const { x, y } = super.getScaleOptions();
        const share = {
            position: "right",
            min: 0,
            max: 100,
            ticks: { ...y.ticks, callback: (value) => `${value} %` },
            grid: { display: false },
            border: { display: false },
        };
        y.ticks.callback = (value) => (Number.isInteger(value) ? this.formatRow(value) : "");
        return { x, y, share };
    }

    getLegendOptions() {
        const options = super.getLegendOptions();
        options.labels.generateLabels = (chart) =>
            chart.data.datasets.map((dataset, index) => ({
                text: dataset.label,
                fullText: dataset.label,
                fillStyle: [dataset.backgroundColor].flat()[0],
                strokeStyle: [dataset.backgroundColor].flat()[0],
                hidden: !chart.isDatasetVisible(index),
                datasetIndex: index,
                fontColor: getCustomColor(cookie.get("color_scheme"), "#111827", "#ffffff"),
            }));
        return options;
    }

    getTooltipItems(data, metaData, tooltipModel) {
        const row = this.model.rows[tooltipModel.dataPoints[0].dataIndex];
        const [bars] = data.datasets;
        const boxColor = bars.backgroundColor[tooltipModel.dataPoints[0].dataIndex];
        return [
            { label: row.label, value: this.formatRow(row.value), boxColor },
            {
                label: _t("Cumulative share"),
                value: this.formatShare(row.cumulative),
                boxColor: this.model.lineOverlayDataset.backgroundColor,
            },
        ];
    }

    // What one does

    onTopSelected(ev) {
        this.model.updateMetaData({ top: Number(ev.target.value) });
    }

    onRowClicked(row) {
        this.onGraphClickedFinal(row.domain);
    }

    print() {
        window.print();
    }
}
