/**
 * @file The scenario language of ESR.
 *
 * What depends on where a line begins or on what comes later is told by the scanner (src/scanner.c): the ends of lines, how they nest,
 * keys, and texts of several lines.
 */

/// <reference types="tree-sitter-cli/dsl" />

const LEVEL = { default: 1, assign: 2, phrase: 3, or: 4, and: 5, compare: 6, else: 7, range: 8, add: 9, multiply: 10, unary: 11, postfix: 12 };

const NAMED = ["scenario", "sandbox", "frontend", "service", "partner", "agent", "queue"];
const SIGNED = ["flow", "probe", "step", "handler", "generator", "metric"];

module.exports = grammar({
  name: "scn",

  externals: ($) => [$._newline, $._indent, $._dedent, $.block_text, $.key, $._pattern_key, $._error],

  extras: ($) => [/\s/, $.comment, $.doc_comment],

  word: ($) => $.name,

  conflicts: ($) => [[$._operand, $._pair]],

  supertypes: ($) => [$.expression, $.declaration],

  rules: {
    source_file: ($) => repeat($._statement),

    _statement: ($) => choice($.item, $.entry, $.arm, $.declaration),
    _end: ($) => seq($._newline, optional($.block)),
    block: ($) => seq($._indent, repeat1($._statement), $._dedent),

    // --- Lines

    item: ($) =>
      seq(
        "-",
        choice(
          seq(field("verb", $.key), ":", repeat($.expression), repeat($.attribute)),
          seq(repeat1($.expression), optional(":"), repeat($.attribute), optional(":")),
          // What it says stands in the lines below.
          blank(),
        ),
        $._end,
      ),
    entry: ($) => seq($._pair, repeat($.expression), repeat($.attribute), $._end),
    // `70%: …` of a `choose`, `"a name": …`.
    arm: ($) => seq(field("share", choice($.number, $.text)), ":", repeat($.expression), repeat($.attribute), $._end),
    attribute: ($) => seq($._pair, repeat($.expression)),
    _pair: ($) =>
      choice(
        seq(field("name", $.key), ":"),
        seq(field("name", alias($._pattern_key, $.key)), choice(":", "="), choice($.regex, $.text)),
      ),

    // --- Declarations

    declaration: ($) =>
      choice(
        $.use_declaration,
        $.const_declaration,
        $.persona_declaration,
        $.signature_declaration,
        $.named_declaration,
        $.page_declaration,
        $.form_declaration,
        $.on_declaration,
        $.store_declaration,
        $.branch_declaration,
        $.route_declaration,
      ),
    use_declaration: ($) =>
      seq("use", field("path", choice($.text, $.dotted_name)), optional(seq("as", field("alias", $.name))), $._end),
    const_declaration: ($) => seq("const", field("name", $.dotted_name), "=", field("value", $.expression), $._end),
    persona_declaration: ($) =>
      seq(
        "persona",
        field("name", $.dotted_name),
        optional(seq("extends", field("base", $.dotted_name))),
        repeat($.attribute),
        $._colon_end,
      ),
    signature_declaration: ($) =>
      seq(
        choice(...SIGNED),
        field("name", $.dotted_name),
        optional(field("parameters", $.arguments)),
        optional(seq("->", field("result", $.expression))),
        repeat($.attribute),
        $._colon_end,
      ),
    // The name of what takes a colon is a key for the scanner.
    named_declaration: ($) =>
      seq(
        choice(...NAMED),
        field("name", choice($.dotted_name, alias($.key, $.dotted_name))),
        repeat($.attribute),
        $._colon_end,
      ),
    page_declaration: ($) => seq("page", repeat1($._operand), repeat($.attribute), $._colon_end),
    form_declaration: ($) =>
      seq(
        "form",
        field("name", choice($.dotted_name, alias($.key, $.dotted_name))),
        optional(seq("->", field("target", $._operand))),
        repeat($.attribute),
        $._colon_end,
      ),
    on_declaration: ($) =>
      seq(
        "on",
        field("event", choice($.dotted_name, alias($.key, $.dotted_name))),
        repeat($._operand),
        repeat($.attribute),
        $._colon_end,
      ),
    store_declaration: ($) =>
      seq("store", field("name", alias($.key, $.dotted_name)), ":", field("type", $.expression), repeat($.attribute), $._end),
    branch_declaration: ($) => seq("branch", $._operand, repeat($.attribute), $._colon_end),
    route_declaration: ($) =>
      seq("route", field("method", $.name), field("path", $._operand), repeat($.attribute), $._colon_end),
    _colon_end: ($) => seq(optional(":"), $._end),
    // The last word before the colon at the line's end is a key for the scanner, too.
    _operand: ($) => choice($.text, $.path, $.dotted_name, prec.dynamic(1, alias($.key, $.dotted_name)), $.number),

    // --- Expressions; types are among them

    expression: ($) =>
      choice(
        $.name,
        // A percentile, such as `p99.9`.
        alias($._percentile, $.name),
        // The words before the braces of a type, by themselves.
        prec(-1, alias(choice("Choice", "Record"), $.name)),
        $.text,
        $.block_value,
        $.number,
        $.date,
        $.path,
        $.boolean,
        $.none,
        $.list,
        $.record,
        $.group,
        $.composite_type,
        $.field,
        $.index,
        $.call,
        $.variadic,
        $.unary_expression,
        $.binary_expression,
        $.matches_expression,
        $.phrase,
      ),

    field: ($) =>
      prec(LEVEL.postfix, seq(field("of", $.expression), token.immediate("."), field("name", choice($.name, alias($.key, $.name))))),
    index: ($) => prec(LEVEL.postfix, seq($.expression, token.immediate("["), commaSeparated($.expression), "]")),
    call: ($) => prec(LEVEL.postfix, seq(field("function", $.expression), field("arguments", alias($._call_arguments, $.arguments)))),
    _call_arguments: ($) => seq(token.immediate("("), commaSeparated($._argument), ")"),
    arguments: ($) => seq(choice("(", token.immediate("(")), commaSeparated($._argument), ")"),
    _argument: ($) => choice($.regex, $.expression, $.named_argument),
    named_argument: ($) =>
      seq(
        field("name", choice($.key, alias($._pattern_key, $.key))),
        ":",
        field("value", choice($.regex, $.expression)),
      ),
    variadic: ($) => prec(LEVEL.postfix, seq($.expression, "...")),

    unary_expression: ($) => prec(LEVEL.unary, seq(choice("not", "!", "-"), $.expression)),
    binary_expression: ($) =>
      choice(
        ...[
          [LEVEL.assign, ["="]],
          [LEVEL.or, ["or", "||"]],
          [LEVEL.and, ["and", "&&"]],
          [LEVEL.compare, ["==", "!=", "<=", ">=", "<", ">", "in", "contains", "is"]],
          [LEVEL.else, ["??"]],
          [LEVEL.range, [".."]],
          [LEVEL.add, ["+", "-"]],
          [LEVEL.multiply, ["*", "/", token.immediate(prec(1, "/")), "%"]],
        ].flatMap(([level, operators]) =>
          operators.map((operator) => prec.left(level, seq($.expression, field("operator", operator), $.expression))),
        ),
      ),
    matches_expression: ($) =>
      prec.left(LEVEL.compare, seq($.expression, field("operator", "matches"), choice($.regex, $.expression))),
    phrase: ($) =>
      prec.left(LEVEL.phrase, seq($.expression, field("word", choice("of", "weight", "over", "for")), $.expression)),

    group: ($) => seq("(", $.expression, ")"),
    list: ($) => seq("[", commaSeparated($.expression), "]"),
    record: ($) => seq("{", commaSeparated($.pair), "}"),
    pair: ($) => seq(field("name", choice($.key, alias($._pattern_key, $.key), $.text)), ":", field("value", $.expression)),
    composite_type: ($) =>
      choice(
        seq(field("name", alias("Choice", $.name)), "{", commaSeparated($.name), "}"),
        seq(field("name", alias("Record", $.name)), "{", commaSeparated($.pair), "}"),
      ),

    // --- Words

    dotted_name: ($) => seq($.name, repeat(seq(token.immediate("."), $.name))),
    name: () => /[A-Za-z_][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*/,
    _percentile: () => token(prec(2, /p\d+\.\d+/)),
    boolean: () => choice("true", "false"),
    none: () => "none",
    date: () => token(prec(2, /\d{4}-\d{2}-\d{2}/)),
    number: () => token(prec(1, /\$?\d[\d_]*(\.\d[\d_]*)?(\/[smh]|%|[A-Za-z]+)?/)),
    path: () => token(/\/([A-Za-z0-9_\/\-.~%?&=+@*{}]|:[A-Za-z0-9_\/\-.~%?&=+@*{}])*/),
    regex: () => token(prec(3, /\/([^\/\\\[\n]|\\[^\n]|\[([^\]\\\n]|\\[^\n])*\])+\/[a-z]*/)),

    text: ($) =>
      choice(
        seq('"', repeat(choice($._text_content, $.escape, $.hole)), token.immediate('"')),
        seq("'", optional(alias(token.immediate(/([^'\\\n]|\\.)+/), $.raw_content)), token.immediate("'")),
      ),
    _text_content: () => choice(token.immediate(prec(1, /[^"\\$\n]+/)), token.immediate(prec(1, "$"))),
    escape: () => token.immediate(prec(1, /\\(u\{[0-9A-Fa-f]+\}|.)/)),
    hole: ($) => seq(token.immediate(prec(2, "${")), $.expression, "}"),
    block_value: ($) => prec.right(seq("|", optional($.block_text))),

    doc_comment: () => token(prec(1, /##[^#\n][^\n]*|##/)),
    comment: () => token(/#[^\n]*/),
  },
});

/** Values with commas between them, which may be left out. */
function commaSeparated(rule) {
  return repeat(seq(rule, optional(",")));
}
