; Later patterns win over earlier ones.

(name) @variable

(comment) @comment
(doc_comment) @comment.documentation

; --- Lines

(item verb: (key) @function)
; A goal begins with what it measures; behind a verb stands the older spelling of an attribute.
(item . (binary_expression . (name) @function))
(item . (binary_expression . (call function: (name) @function)))
(item verb: (key) (binary_expression . (name) @property . "="))
(entry name: (key) @property)
(attribute name: (key) @property)
(pair name: (key) @property)
(named_argument name: (key) @property)
(field name: (name) @property)
(item "-" @punctuation.special)

; --- Declarations

[
  "use" "const" "persona" "flow" "probe" "step" "handler" "generator" "metric" "scenario" "sandbox" "frontend" "service" "partner"
  "agent" "queue" "page" "form" "on" "store" "branch" "route" "as" "extends"
] @keyword

(use_declaration path: (dotted_name) @module)
(use_declaration alias: (name) @module)
(const_declaration name: (dotted_name) @constant)
(persona_declaration name: (dotted_name) @type)
(persona_declaration base: (dotted_name) @type)
(persona_declaration base: (dotted_name (name) @type))
(persona_declaration name: (dotted_name (name) @type))
(const_declaration name: (dotted_name (name) @constant))
(signature_declaration name: (dotted_name (name) @function))
(signature_declaration parameters: (arguments (named_argument value: (name) @type)))
(signature_declaration parameters: (arguments (named_argument value: (binary_expression . (name) @type))))
(signature_declaration parameters: (arguments (named_argument value: (index (name) @type))))
(signature_declaration parameters: (arguments (named_argument value: (binary_expression . (index (name) @type)))))
(on_declaration (dotted_name) @variable)
(named_declaration name: (dotted_name (name) @type))
(named_declaration name: (dotted_name) @type)
(form_declaration name: (dotted_name (name) @type))
(form_declaration name: (dotted_name) @type)
(store_declaration name: (dotted_name) @type)
(on_declaration event: (dotted_name (name) @function))
(on_declaration event: (dotted_name) @function)
(route_declaration method: (name) @constant.builtin)

; --- Values

(text) @string
(block_value) @string
(block_text) @string
(escape) @string.escape
(path) @string.special.path
(regex) @string.regexp
(number) @number
(date) @number
(boolean) @boolean
(none) @constant.builtin
(hole (name) @variable)
(hole (field of: (name) @variable))
(hole (field name: (name) @property))

(call function: (name) @function)
(call function: (field name: (name) @function))
(composite_type name: (name) @type)
(phrase word: "of" (name) @type .)
((name) @type
  (#match? @type "^(Any|Bool|Int|Decimal|Percent|Text|Regex|Path|Status|Duration|Size|Money|Rate|Date|File|Record|Choice|List|Maybe|Range|Response)$"))
((name) @constant.builtin
  (#match? @constant.builtin "^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)$"))

; --- Operators and signs

[
  "=" "==" "!=" "<=" ">=" "<" ">" "??" ".." "..." "+" "-" "*" "/" "%" "->" "||" "&&" "!"
] @operator
["or" "and" "not" "in" "is" "matches" "contains" "of" "weight" "over" "for"] @keyword.operator
(item "-" @punctuation.special)

["(" ")" "[" "]" "{" "}"] @punctuation.bracket
[":" ","] @punctuation.delimiter
(hole ["${" "}"] @punctuation.special)
