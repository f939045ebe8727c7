//! Layout and syntax.

use super::{Code, codes};
use crate::Severity;

codes! {
    /// A tab stands in the indentation; the language indents with spaces only, so that every editor sees the same tree.
    TAB_INDENT = "E0001" "tab-indentation" Error
        wrong: "scenario: renewal\nsteps:\n\t- visit: \"/start\"\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n";

    /// A line is indented to a column where no line above it begins a sibling, so it is not clear what it belongs to.
    UNEVEN_INDENT = "E0002" "uneven-indentation" Error
        wrong: "scenario: renewal\nsteps:\n    - visit: \"/start\"\n  - click: \"Next\"\n"
        right: "scenario: renewal\nsteps:\n    - visit: \"/start\"\n    - click: \"Next\"\n";

    /// A quoted text has no closing quote on its line. A text that spans lines is written as a `|` block.
    UNCLOSED_QUOTE = "E0003" "unclosed-quote" Error
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n";

    /// A bracket is still open where the next line begins that is indented no deeper than the line that opened it.
    UNCLOSED_BRACKET = "E0004" "unclosed-bracket" Error
        wrong: "scenario: renewal\nsteps:\n  - expect: { page: \"/start\"\n"
        right: "scenario: renewal\nsteps:\n  - expect: { page: \"/start\" }\n";

    /// A closing bracket closes nothing, or a bracket of another kind.
    MISMATCHED_BRACKET = "E0005" "mismatched-bracket" Error
        wrong: "scenario: renewal\ntags: [nightly)\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\ntags: [nightly]\nsteps:\n  - visit: \"/start\"\n";

    /// A regular expression after `matches` or in `pattern:` has no closing `/` on its line.
    UNCLOSED_REGEX = "E0006" "unclosed-regex" Error
        wrong: "scenario: renewal\nsteps:\n  - assert: page.title matches /Thank\n"
        right: "scenario: renewal\nsteps:\n  - assert: page.title matches /Thank/\n";

    /// A character has no meaning outside quotes and comments.
    UNEXPECTED_CHARACTER = "E0007" "unexpected-character" Error
        wrong: "scenario: renewal\nsteps:\n  - visit: “/start”\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n";

    /// Brackets, operators or indentation are nested deeper than the compiler follows.
    NESTED_TOO_DEEP = "E0008" "nested-too-deep" Error
        wrong: "scenario: renewal\ntags: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[nightly]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\ntags: [nightly]\nsteps:\n  - visit: \"/start\"\n";

    /// A dash begins an item, but nothing follows it.
    EMPTY_ITEM = "E0009" "empty-item" Error
        wrong: "scenario: renewal\nsteps:\n  -\n  - visit: \"/start\"\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n";

    /// A line cannot be read: something else was expected at this place.
    SYNTAX = "E0010" "syntax-error" Error
        wrong: "scenario: renewal\nsteps:\n  - assert: 3 >\n"
        right: "scenario: renewal\nsteps:\n  - assert: 3 > 2\n";

    /// An operator is spelled as in another language: `&&` is `and`, `||` is `or`, `!` is `not`, a lone `=` is `==`.
    MISSPELLED_OPERATOR = "E0011" "misspelled-operator" Error
        wrong: "scenario: renewal\nsteps:\n  - assert: last.status = 200\n"
        right: "scenario: renewal\nsteps:\n  - assert: last.status == 200\n";

    /// A backslash in double quotes is followed by a character that makes no escape.
    UNKNOWN_ESCAPE = "E0012" "unknown-escape" Error
        wrong: "scenario: renewal\nsteps:\n  - fill: \"id\" value: \"\\d\"\n"
        right: "scenario: renewal\nsteps:\n  - fill: \"id\" value: \"\\\\d\"\n";

    /// `${` begins an expression in a text, but no `}` ends it.
    UNCLOSED_INTERPOLATION = "E0013" "unclosed-interpolation" Error
        wrong: "scenario: renewal\nsteps:\n  - fill: \"id\" value: \"${persona.name\"\n"
        right: "scenario: renewal\nsteps:\n  - fill: \"id\" value: \"${persona.name}\"\n";

    /// A number is followed by letters that name no unit.
    UNKNOWN_UNIT = "E0014" "unknown-unit" Error
        wrong: "scenario: renewal\nduration: 15min\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\nduration: 15m\nsteps:\n  - visit: \"/start\"\n";

    /// A line needs a `:` after its first word, or at its end.
    MISSING_COLON = "E0015" "missing-colon" Error
        wrong: "scenario: renewal\nsteps:\n  - visit \"/start\"\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n";

    /// A `:` and its value touch; a space stands between them.
    MISSING_SPACE = "E0016" "missing-space" Error
        wrong: "scenario: renewal\nduration:15m\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\nduration: 15m\nsteps:\n  - visit: \"/start\"\n";

    /// Two members of a list, a record or an argument list have no comma between them.
    MISSING_COMMA = "E0017" "missing-comma" Error
        wrong: "scenario: renewal\ntags: [nightly high_risk]\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\ntags: [nightly, high_risk]\nsteps:\n  - visit: \"/start\"\n";

    /// Comparisons do not chain; each is joined to the next by `and`.
    CHAINED_COMPARISON = "E0018" "chained-comparison" Error
        wrong: "scenario: renewal\nsteps:\n  - assert: 1 < last.status < 400\n"
        right: "scenario: renewal\nsteps:\n  - assert: 1 < last.status and last.status < 400\n";

    /// A line begins with a word that begins no declaration.
    UNKNOWN_KEYWORD = "E0019" "unknown-keyword" Error
        wrong: "persna Applicant:\n  age: int(18..90)\n"
        right: "persona Applicant:\n  age: int(18..90)\n";
}
