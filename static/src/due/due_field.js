import { registry } from "@web/core/registry";
import { capitalize } from "@web/core/utils/strings";
import {
    RemainingDaysField,
    remainingDaysField,
} from "@web/views/fields/remaining_days/remaining_days_field";

/** Up to so many days away a date is told as a distance. */
const NEAR = 30;

/**
 * Until when something is due, in days: "In 2 days" also across the end of a month, where Odoo's
 * own field says no more than "Next month".
 */
export class DueField extends RemainingDaysField {
    get diffString() {
        if (this.diffDays === null) {
            return "";
        }
        if (Math.abs(this.diffDays) > NEAR) {
            return this.formattedValue;
        }
        const value = this.props.record.data[this.props.name];
        return capitalize(value.toRelativeCalendar({ unit: "days" }));
    }
}

export const dueField = { ...remainingDaysField, component: DueField };

registry.category("fields").add("quality_due", dueField);
