import { registry } from "@web/core/registry";
import { graphView } from "@web/views/graph/graph_view";
import { ParetoModel } from "@customer_quality/pareto/pareto_model";
import { ParetoRenderer } from "@customer_quality/pareto/pareto_renderer";

/** A graph view with the class quality_pareto, of any model. */
export const paretoView = {
    ...graphView,
    Model: ParetoModel,
    Renderer: ParetoRenderer,
    buttonTemplate: "customer_quality.ParetoButtons",
};

registry.category("views").add("quality_pareto", paretoView);

/** Of complaints: what is behind a bar are complaints, not rows of the report. */
export class ComplaintParetoRenderer extends ParetoRenderer {
    openView(domain, views, context, newWindow) {
        this.actionService.doAction(
            {
                type: "ir.actions.act_window",
                name: this.model.metaData.title,
                res_model: "quality.complaint",
                domain: [["report_ids", "any", domain]],
                context,
                views: [
                    [false, "list"],
                    [false, "form"],
                ],
                target: "current",
            },
            { newWindow }
        );
    }
}

registry.category("views").add("quality_complaint_pareto", {
    ...paretoView,
    Renderer: ComplaintParetoRenderer,
});
