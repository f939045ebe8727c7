// What the grammar cannot tell by itself: where lines end, how they nest, which names are keys, and texts of several lines.

#include "tree_sitter/alloc.h"
#include "tree_sitter/array.h"
#include "tree_sitter/parser.h"

#include <string.h>

enum TokenType { NEWLINE, INDENT, DEDENT, BLOCK_TEXT, KEY, PATTERN_KEY, ERROR };

typedef struct {
  // The columns that the lines around this one begin at, outermost first; 0 is always there.
  Array(uint16_t) indents;
  // What a text of several lines has to be deeper than: where its line's first word is.
  uint16_t base;
} Scanner;

static inline bool is_blank(int32_t c) { return c == ' ' || c == '\t' || c == '\r'; }
static inline bool is_letter(int32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
static inline bool is_digit(int32_t c) { return c >= '0' && c <= '9'; }

static inline void advance(TSLexer *lexer) { lexer->advance(lexer, false); }
static inline void skip(TSLexer *lexer) { lexer->advance(lexer, true); }

// Passes what is blank and whole comments, up to the next word.
static void pass_comments(TSLexer *lexer) {
  for (;;) {
    while (is_blank(lexer->lookahead) || lexer->lookahead == '\n') advance(lexer);
    if (lexer->lookahead != '#') return;
    while (!lexer->eof(lexer) && lexer->lookahead != '\n') advance(lexer);
  }
}

// Remembers where the next line's first word is, for a text of several lines that may begin on it.
static void find_base(Scanner *scanner, TSLexer *lexer) {
  pass_comments(lexer);
  if (lexer->lookahead == '-') {
    advance(lexer);
    while (is_blank(lexer->lookahead)) advance(lexer);
  }
  scanner->base = (uint16_t)lexer->get_column(lexer);
}

static bool scan_newline(Scanner *scanner, TSLexer *lexer) {
  while (is_blank(lexer->lookahead)) skip(lexer);
  if (!lexer->eof(lexer)) {
    if (lexer->lookahead != '\n') return false;
    advance(lexer);
  }
  lexer->mark_end(lexer);
  lexer->result_symbol = NEWLINE;
  find_base(scanner, lexer);
  return true;
}

// Whether the next line is nested deeper than the one before, or less deep, which is told before the comments between them. If
// neither, and no comment comes first, the place is at the line's first word.
static bool scan_nesting(Scanner *scanner, TSLexer *lexer, const bool *valid, bool *at_word) {
  while (is_blank(lexer->lookahead) || lexer->lookahead == '\n') skip(lexer);
  lexer->mark_end(lexer);
  *at_word = lexer->lookahead != '#';
  pass_comments(lexer);
  uint16_t column = lexer->eof(lexer) ? 0 : (uint16_t)lexer->get_column(lexer);
  uint16_t current = *array_back(&scanner->indents);
  if (valid[INDENT] && column > current) {
    array_push(&scanner->indents, column);
    lexer->result_symbol = INDENT;
    return true;
  }
  if (valid[DEDENT] && column < current && scanner->indents.size > 1) {
    (void)array_pop(&scanner->indents);
    lexer->result_symbol = DEDENT;
    return true;
  }
  return false;
}

// The lines that are deeper than the one that the text begins on, without the last line's end; without any, the end of that line.
static bool scan_block_text(Scanner *scanner, TSLexer *lexer) {
  advance(lexer);
  lexer->mark_end(lexer);
  lexer->result_symbol = NEWLINE;
  for (;;) {
    while (is_blank(lexer->lookahead) || lexer->lookahead == '\n') advance(lexer);
    if (lexer->eof(lexer) || lexer->get_column(lexer) <= scanner->base) break;
    while (!lexer->eof(lexer) && lexer->lookahead != '\n') advance(lexer);
    lexer->mark_end(lexer);
    lexer->result_symbol = BLOCK_TEXT;
  }
  if (lexer->result_symbol == NEWLINE) find_base(scanner, lexer);
  return true;
}

// A name, which may have dots, in front of a colon. `pattern` is one that a regular expression follows, also behind `=`.
static bool scan_key(TSLexer *lexer, const bool *valid) {
  while (is_blank(lexer->lookahead) || lexer->lookahead == '\n') skip(lexer);
  if (!is_letter(lexer->lookahead)) return false;
  char word[8] = {0};
  unsigned length = 0;
  for (;;) {
    if (is_letter(lexer->lookahead) || is_digit(lexer->lookahead)) {
      if (length < sizeof(word) - 1) word[length] = (char)lexer->lookahead;
      length++;
      advance(lexer);
    } else if (lexer->lookahead == '-' || lexer->lookahead == '.') {
      // They join only where a name goes on.
      bool is_dot = lexer->lookahead == '.';
      advance(lexer);
      if (!is_letter(lexer->lookahead) && (is_dot || !is_digit(lexer->lookahead))) return false;
      length += sizeof(word);
    } else {
      break;
    }
  }
  lexer->mark_end(lexer);
  while (is_blank(lexer->lookahead)) advance(lexer);
  bool is_pattern = length == 7 && strcmp(word, "pattern") == 0;
  if (is_pattern && valid[PATTERN_KEY] && (lexer->lookahead == ':' || lexer->lookahead == '=')) {
    lexer->result_symbol = PATTERN_KEY;
    return true;
  }
  if (lexer->lookahead != ':') return false;
  lexer->result_symbol = KEY;
  return true;
}

void *tree_sitter_scn_external_scanner_create(void) {
  Scanner *scanner = ts_calloc(1, sizeof(Scanner));
  array_init(&scanner->indents);
  array_push(&scanner->indents, 0);
  return scanner;
}

void tree_sitter_scn_external_scanner_destroy(void *payload) {
  Scanner *scanner = payload;
  array_delete(&scanner->indents);
  ts_free(scanner);
}

unsigned tree_sitter_scn_external_scanner_serialize(void *payload, char *buffer) {
  Scanner *scanner = payload;
  unsigned size = 0;
  memcpy(buffer, &scanner->base, sizeof(uint16_t));
  size += sizeof(uint16_t);
  for (uint32_t at = 1; at < scanner->indents.size && size + sizeof(uint16_t) <= TREE_SITTER_SERIALIZATION_BUFFER_SIZE; at++) {
    memcpy(buffer + size, array_get(&scanner->indents, at), sizeof(uint16_t));
    size += sizeof(uint16_t);
  }
  return size;
}

void tree_sitter_scn_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  Scanner *scanner = payload;
  array_clear(&scanner->indents);
  array_push(&scanner->indents, 0);
  scanner->base = 0;
  if (length < sizeof(uint16_t)) return;
  memcpy(&scanner->base, buffer, sizeof(uint16_t));
  for (unsigned at = sizeof(uint16_t); at + sizeof(uint16_t) <= length; at += sizeof(uint16_t)) {
    uint16_t column;
    memcpy(&column, buffer + at, sizeof(uint16_t));
    array_push(&scanner->indents, column);
  }
}

bool tree_sitter_scn_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
  Scanner *scanner = payload;
  // Where everything is valid, the parser mends an error: only the ends of lines are told, at which it can begin anew.
  if (valid[ERROR]) return scan_newline(scanner, lexer);
  if (valid[NEWLINE]) {
    while (is_blank(lexer->lookahead)) skip(lexer);
    if (valid[BLOCK_TEXT] && lexer->lookahead == '\n') return scan_block_text(scanner, lexer);
    if (lexer->eof(lexer) || lexer->lookahead == '\n') return scan_newline(scanner, lexer);
  }
  if (valid[INDENT] || valid[DEDENT]) {
    bool at_word = true;
    if (scan_nesting(scanner, lexer, valid, &at_word)) return true;
    if (!at_word) return false;
  }
  return (valid[KEY] || valid[PATTERN_KEY]) && scan_key(lexer, valid);
}
