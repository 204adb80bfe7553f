import { registry } from "@web/core/registry";
import { GraphModel } from "@web/views/graph/graph_model";
import { graphView } from "@web/views/graph/graph_view";
import { PivotRenderer } from "@web/views/pivot/pivot_renderer";
import { pivotView } from "@web/views/pivot/pivot_view";

/** A pivot in which what was not measured is no zero: nothing promised is not all missed. */
export class MeasuredPivotRenderer extends PivotRenderer {
    getFormattedValue(cell) {
        return cell.value === false ? { value: "–" } : super.getFormattedValue(...arguments);
    }
}

registry.category("views").add("quality_measured_pivot", {
    ...pivotView,
    Renderer: MeasuredPivotRenderer,
});

/** The same as a graph: its line has a gap there. */
export class MeasuredGraphModel extends GraphModel {
    async _loadDataPoints() {
        const [points, ...others] = await super._loadDataPoints(...arguments);
        for (const point of points) {
            point.value = point.value === false ? null : point.value;
        }
        return [points, ...others];
    }
}

registry.category("views").add("quality_measured_graph", {
    ...graphView,
    Model: MeasuredGraphModel,
});
