import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";
import { fileUploadListView } from "@account/views/file_upload_list/file_upload_list_view";
import { fileUploadKanbanView } from "@account/views/file_upload_kanban/file_upload_kanban_view";
import { FileUploadListRenderer } from "@account/views/file_upload_list/file_upload_list_renderer";
import { FileUploadKanbanRenderer } from "@account/views/file_upload_kanban/file_upload_kanban_renderer";
import { useExternalListener } from "@odoo/owl";

/**
 * Puts pasted files into the register's upload field. Text stays with whatever has the focus.
 *
 * @param {ClipboardEvent} ev
 */
export function uploadPasted(ev) {
    const files = ev.clipboardData?.files;
    const input = document.querySelector(".document_file_uploader.o_input_file");
    if (!files?.length || !input) {
        return;
    }
    ev.preventDefault();
    input.files = files;
    input.dispatchEvent(new Event("change"));
}

/**
 * The register takes files that are dropped or pasted anywhere on it.
 *
 * @param {Function} Renderer of account's upload views
 * @returns {Function} the renderer with words of the register
 */
function withRegister(Renderer) {
    return class extends Renderer {
        setup() {
            super.setup();
            this.dropZoneTitle = _t("Drop files to file them");
            this.dropZoneDescription = _t("Each gets a serial number of its own.");
            useExternalListener(window, "paste", uploadPasted);
        }

        onPaste() {
            // pasting is listened to on the whole page
        }
    };
}

registry.category("views").add("quality_inbound_list", {
    ...fileUploadListView,
    Renderer: withRegister(FileUploadListRenderer),
});
registry.category("views").add("quality_inbound_kanban", {
    ...fileUploadKanbanView,
    Renderer: withRegister(FileUploadKanbanRenderer),
});
