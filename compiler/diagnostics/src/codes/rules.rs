//! Draft rules. Their examples are rules files, for a sandbox whose frontend `portal` has a form `payment` with the
//! fields `name` and `age` on a page that shows `amount`.

use super::{Code, codes};
use crate::Severity;

codes! {
    /// A rules file is YAML: a list of rules, each with keys and values.
    BAD_RULES_FILE = "E0601" "bad-rules-file" Error
        wrong: "- rule_id: GOV-17\n  applies_to: portal/payment\n  field: { name: purpose\n"
        right: "- rule_id: GOV-17\n  applies_to: portal/payment\n  field: { name: purpose }\n";

    /// A rule, or a part of one, has no such key.
    UNKNOWN_RULE_KEY = "E0602" "unknown-rule-key" Error
        wrong: "- rule_id: GOV-17\n  applies_to: portal/payment\n  field: { nmae: purpose }\n"
        right: "- rule_id: GOV-17\n  applies_to: portal/payment\n  field: { name: purpose }\n";

    /// A rule lacks what it cannot do without: its id, the form that it applies to, something to do, or a part of that.
    INCOMPLETE_RULE = "E0603" "incomplete-rule" Error
        wrong: "- rule_id: GOV-17\n  applies_to: portal/payment\n  text: \"Small amounts only.\"\n"
        right: "- rule_id: GOV-17\n  applies_to: portal/payment\n  text: \"Small amounts only.\"\n  decision: { when: \"amount > 200\", then: deny }\n";

    /// A rule applies to a frontend or a form that the sandbox does not have.
    UNKNOWN_RULE_FORM = "E0604" "unknown-rule-form" Error
        wrong: "- rule_id: GOV-17\n  applies_to: portal/paymnt\n  field: { name: purpose }\n"
        right: "- rule_id: GOV-17\n  applies_to: portal/payment\n  field: { name: purpose }\n";

    /// A value in a rules file is of another kind than its key asks for.
    BAD_RULE_VALUE = "E0605" "bad-rule-value" Error
        wrong: "- rule_id: GOV-17\n  applies_to: portal/payment\n  field: { name: purpose, required: maybe }\n"
        right: "- rule_id: GOV-17\n  applies_to: portal/payment\n  field: { name: purpose, required: true }\n";

    /// A rule validates a field that its form does not have and that no rule adds.
    UNKNOWN_RULE_FIELD = "E0606" "unknown-rule-field" Error
        wrong: "- rule_id: GOV-17\n  applies_to: portal/payment\n  validation: { field: nmae, pattern: \"[A-Z].+\" }\n"
        right: "- rule_id: GOV-17\n  applies_to: portal/payment\n  validation: { field: name, pattern: \"[A-Z].+\" }\n";
}
