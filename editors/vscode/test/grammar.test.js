// The TextMate grammar beside the language server's own tokens, on the corpus: what colours a file before the server answers
// must not tell a comment from a text, or a verb from a number, in another way than the server does.
"use strict";

const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const { readFileSync } = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { after, before, test } = require("node:test");
const { createProtocolConnection, StreamMessageReader, StreamMessageWriter } = require("vscode-languageserver-protocol/node");
const oniguruma = require("vscode-oniguruma");
const { INITIAL, Registry } = require("vscode-textmate");

/** What the grammar has to say, at the end or anywhere in its scopes, where the server says a type of token. */
const EXPECTED = {
  comment: /^comment\./,
  string: /^(string|keyword\.control\.block|constant\.character\.escape|punctuation\.section\.interpolation)/,
  regexp: /^string\.regexp/,
  number: /^(constant\.numeric|support\.function\.metric)/,
  keyword: /^(storage|keyword|constant\.language)/,
  function: /^(entity\.name\.(function|tag)|support\.function|support\.type|constant\.language|variable)/,
  class: /^(string|entity\.name|variable|constant\.language\.method)/,
  property: /^(entity\.name\.tag|variable|entity\.name|string)/,
};

let server, connection, legend, grammar;

before(async () => {
  server = spawn(process.env.ESRC, ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
  connection = createProtocolConnection(new StreamMessageReader(server.stdout), new StreamMessageWriter(server.stdin));
  connection.listen();
  const answer = await connection.sendRequest("initialize", { processId: null, rootUri: null, capabilities: {} });
  legend = answer.capabilities.semanticTokensProvider.legend.tokenTypes;
  await connection.sendNotification("initialized", {});
  const wasm = readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length));
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (sources) => new oniguruma.OnigScanner(sources),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => JSON.parse(readFileSync(path.join(__dirname, "../syntaxes/scn.tmLanguage.json"), "utf8")),
  });
  grammar = await registry.loadGrammar("source.scn");
});

after(async () => {
  await connection.sendRequest("shutdown");
  await connection.sendNotification("exit");
  connection.dispose();
});

/** The innermost scope of each character, by lines. */
function scopes(text) {
  let state = INITIAL;
  return text.split("\n").map((line) => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    const whole = Array.from({ length: line.length + 1 });
    for (const { startIndex, endIndex, scopes } of tokens) whole.fill(scopes, startIndex, endIndex);
    return whole;
  });
}

for (const file of process.env.FILES.split("\n")) {
  test(path.basename(path.dirname(file)) + "/" + path.basename(file), async () => {
    const text = readFileSync(file, "utf8").replaceAll("\r\n", "\n");
    const uri = pathToFileURL(file).href;
    await connection.sendNotification("textDocument/didOpen", { textDocument: { uri, languageId: "scn", version: 1, text } });
    const { data } = await connection.sendRequest("textDocument/semanticTokens/full", { textDocument: { uri } });
    await connection.sendNotification("textDocument/didClose", { textDocument: { uri } });
    const lines = text.split("\n");
    const coloured = scopes(text);
    const wrong = [];
    let [line, column] = [0, 0];
    for (let at = 0; at < data.length; at += 5) {
      const [down, right, length, type] = data.slice(at, at + 5);
      [line, column] = down ? [line + down, right] : [line, column + right];
      const expected = EXPECTED[legend[type]];
      const said = coloured[line][column] ?? [];
      // Brackets around a number belong to it for the server.
      const isBracketed =
        /^\s|[()]/.test(lines[line].slice(column, column + length)) && legend[type] === "number";
      if (expected && !isBracketed && !said.some((scope) => expected.test(scope))) {
        const word = lines[line].slice(column, column + length);
        wrong.push(`${line + 1}:${column + 1} \`${word}\` is a ${legend[type]}, not ${said.at(-1)}`);
      }
    }
    assert.deepEqual(wrong, []);
  });
}
