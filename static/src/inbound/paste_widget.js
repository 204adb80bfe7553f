import { Component, useExternalListener } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { getDataURLFromFile } from "@web/core/utils/urls";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * Files screenshots that are pasted on an order: each becomes an inbound document with a serial
 * number of its own. On the form of a new inbound document, the picture becomes its file.
 */
export class PasteWidget extends Component {
    static template = "customer_quality.PasteWidget";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        useExternalListener(window, "paste", (ev) => this.onPaste(ev));
    }

    get isOrder() {
        return this.props.record.resModel === "sale.order";
    }

    async onPaste(ev) {
        const files = [...(ev.clipboardData?.files || [])];
        if (!files.length || ev.defaultPrevented || ev.target.closest?.(".o-mail-Composer")) {
            return;
        }
        ev.preventDefault();
        const pasted = await Promise.all(
            files.map(async (file) => ({
                name: file.name,
                data: (await getDataURLFromFile(file)).split(",")[1],
            }))
        );
        if (this.isOrder) {
            await this.fileForOrder(pasted);
        } else {
            this.props.record.update({ file: pasted[0].data, filename: pasted[0].name });
        }
    }

    async fileForOrder(pasted) {
        const { record } = this.props;
        if (!record.resId) {
            return;
        }
        const numbers = await this.orm.call("quality.inbound.document", "create_from_pasted", [
            pasted,
            record.resId,
        ]);
        this.notification.add(_t("Filed as %s", numbers.join(", ")), { type: "success" });
        if (!(await record.isDirty())) {
            await record.load();
        }
    }
}

registry.category("view_widgets").add("quality_paste", { component: PasteWidget });
