import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatDateTime, deserializeDateTime } from "@web/core/l10n/dates";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

const LOOKS = {
    open: { color: "text-bg-light border", icon: "fa-clock-o", label: _t("waiting") },
    agree: { color: "text-bg-success", icon: "fa-check", label: _t("agrees") },
    condition: {
        color: "text-bg-warning",
        icon: "fa-exclamation",
        label: _t("agrees with condition"),
    },
    object: { color: "text-bg-danger", icon: "fa-times", label: _t("objects") },
    done: { color: "text-bg-success", icon: "fa-check", label: _t("received") },
};

/** Shows at a glance who has signed a document: one chip per role. */
export class SignoffField extends Component {
    static template = "customer_quality.SignoffField";
    static props = { ...standardFieldProps };

    /** @returns {{role: string, color: string, icon: string, title: string}[]} */
    get chips() {
        return (this.props.record.data[this.props.name] || []).map((signoff) => {
            const look = LOOKS[signoff.state] || LOOKS.open;
            return { ...look, role: signoff.role, title: this.title(signoff, look) };
        });
    }

    title({ who, when }, { label }) {
        const date = when && formatDateTime(deserializeDateTime(when));
        return [who, label, date].filter(Boolean).join(" · ");
    }
}

export const signoffField = {
    component: SignoffField,
    displayName: _t("Sign-off"),
    supportedTypes: ["json"],
};

registry.category("fields").add("quality_signoff", signoffField);
