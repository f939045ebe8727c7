// The extension and the language client of VS Code with a real server.
"use strict";

const assert = require("node:assert/strict");
const { readFileSync, mkdtempSync, cpSync } = require("node:fs");
const Module = require("node:module");
const { tmpdir } = require("node:os");
const path = require("node:path");
const { before, after, test } = require("node:test");

const vscode = require("./vscode");
const resolve = Module._resolveFilename;
Module._resolveFilename = (name, ...rest) => (name === "vscode" ? require.resolve("./vscode") : resolve(name, ...rest));

const { Document, collections, documents, events, executed, none, providers, settings, shown } = vscode.test;
const extension = require("../src/extension");

const folder = mkdtempSync(path.join(tmpdir(), "esr-"));
cpSync(process.env.CORPUS, folder, { recursive: true });
const open = {};

/** Waits until `found` finds something. */
async function until(found) {
  for (;;) {
    const value = await found();
    if (value) return value;
    await new Promise((resume) => setTimeout(resume, 5));
  }
}

/** Writes `text` in place of a piece of a document. */
async function write(document, piece, text) {
  const end = document.after(piece);
  const start = document.after(document.text.slice(0, document.text.indexOf(piece)));
  const range = new vscode.Range(start, end);
  const rangeOffset = document.text.indexOf(piece);
  document.text = document.text.replace(piece, () => text);
  document.version += 1;
  const change = { range, rangeOffset, rangeLength: piece.length, text };
  events.ChangeTextDocument.fire({ document, contentChanges: [change], reason: undefined });
}

/** What the providers of a kind say of a document. */
async function ask(kind, method, document, ...more) {
  for (const provider of await until(() => providers[kind]?.length && providers[kind])) {
    const answer = await provider[method](document, ...more);
    if (answer) return answer;
  }
  return undefined;
}

before(async () => {
  settings["esr.esrcPath"] = process.env.ESRC;
  settings["esr.esrPath"] = "esr";
  vscode.workspace.workspaceFolders.push({ uri: vscode.Uri.file(folder), name: "scenarios", index: 0 });
  for (const name of ["journey.scn", "people.scn", "office.scn"]) {
    open[name] = new Document(path.join(folder, name), readFileSync(path.join(folder, name), "utf8"));
    documents.push(open[name]);
  }
  // Diagnostics are asked for where they can be seen.
  const tabs = documents.map(({ uri }) => ({ input: new vscode.TabInputText(uri) }));
  vscode.window.tabGroups.all.push({ tabs, activeTab: tabs[0], isActive: true });
  vscode.window.activeTextEditor = { document: documents[0] };
  vscode.window.visibleTextEditors.push(vscode.window.activeTextEditor);
  await extension.activate({ subscriptions: [] });
});

after(() => extension.deactivate());

test("diagnostics come and go with the text", async () => {
  const journey = open["journey.scn"];
  const pull = () => ask("InlayHints", "provideInlayHints", journey, new vscode.Range(0, 0, 1, 0), none);
  const found = () => collections.flatMap(({ found }) => found.get(journey.uri.toString()) ?? []).filter(({ severity }) => severity === 0);
  await write(journey, '- visit: "/ask?from=mail"', '- vist: "/ask?from=mail"');
  const [wrong] = await until(async () => (await pull(), found().length && found()));
  assert.match(wrong.message, /vist/);
  assert.equal(wrong.source, "esrc");
  const actions = await ask("CodeActions", "provideCodeActions", journey, wrong.range, { diagnostics: [wrong], triggerKind: 1 }, none);
  assert.ok(actions.some(({ title, edit }) => title.includes("visit") && edit), JSON.stringify(actions));
  await write(journey, "- vist:", "- visit:");
  await until(async () => (await pull(), found().length === 0));
});

test("completion knows the blueprint in a line that is half typed", async () => {
  const office = open["office.scn"];
  const journey = open["journey.scn"];
  await ask("InlayHints", "provideInlayHints", office, new vscode.Range(0, 0, 1, 0), none);
  await write(journey, '- visit: "/ask?from=mail" name: entering', '- visit: "/');
  const proposed = await ask("CompletionItem", "provideCompletionItems", journey, journey.after('- visit: "/'), none, { triggerKind: 0 });
  const labels = (proposed.items ?? proposed).map(({ label }) => label.label ?? label);
  assert.deepEqual(labels, ["/ask", "/pay", "/done"]);
  await write(journey, '- visit: "/', '- visit: "/ask?from=mail" name: entering');
});

test("names are found, explained and changed across files", async () => {
  const people = open["people.scn"];
  const journey = open["journey.scn"];
  const [definition] = [await ask("Definition", "provideDefinition", journey, journey.after("do: people.a"), none)].flat();
  assert.equal(definition.uri.toString(), people.uri.toString());
  const references = await ask("Reference", "provideReferences", people, people.after("flow a"), { includeDeclaration: true }, none);
  assert.equal(references.length, 6);
  const hover = await ask("Hover", "provideHover", people, people.after("age: in"), none);
  assert.match([hover.contents].flat().map(({ value }) => value).join("\n"), /age: int\(18\.\.90\) {2}# \d+/);
  const edit = await ask("Rename", "provideRenameEdits", people, people.after("flow a"), "enquire", none);
  assert.deepEqual([...edit.all.keys()].map((uri) => path.basename(uri)).sort(), ["journey.scn", "people.scn"]);
  await assert.rejects(ask("Rename", "provideRenameEdits", people, people.after("flow a"), "pay", none), /cannot become `pay`/);
});

test("hints, signatures, symbols, colours and formatting are understood", async () => {
  const journey = open["journey.scn"];
  const whole = new vscode.Range(0, 0, 999, 0);
  const hints = await ask("InlayHints", "provideInlayHints", journey, whole, none);
  assert.ok(hints.some(({ label }) => label === "≈ 3.5 of 5 personas"), JSON.stringify(hints));
  const help = await ask("SignatureHelp", "provideSignatureHelp", journey, journey.after("people.ask(who: persona, "), none, { triggerKind: 1 });
  assert.equal(help.signatures[0].activeParameter, 1);
  assert.ok((await ask("DocumentSymbol", "provideDocumentSymbols", journey, none)).length > 0);
  const [symbols] = providers.WorkspaceSymbol;
  assert.ok((await symbols.provideWorkspaceSymbols("ledger", none)).some(({ name }) => name === "ledger"));
  const tokens = await ask("DocumentSemanticTokens", "provideDocumentSemanticTokens", journey, none);
  assert.ok(tokens.data.length > 0 && tokens.data.length % 5 === 0);
  assert.ok((await ask("FoldingRange", "provideFoldingRanges", journey, {}, none)).length > 0);
  assert.ok((await ask("SelectionRange", "provideSelectionRanges", journey, [journey.after("roun")], none)).length === 1);
  await write(journey, "- think: 10ms", "-   think:   10ms");
  const edits = await ask("DocumentFormattingEdit", "provideDocumentFormattingEdits", journey, { tabSize: 2, insertSpaces: true }, none);
  assert.ok(edits.some(({ newText }) => newText.includes("- think: 10ms")), JSON.stringify(edits));
});

test("a scenario is rehearsed and its plan is shown from its lenses", async () => {
  const journey = open["journey.scn"];
  const lenses = await ask("CodeLens", "provideCodeLenses", journey, none);
  assert.deepEqual(lenses.map(({ command }) => command.title), ["Rehearse", "Plan", "Rehearse", "Plan"]);
  const [run, plan] = lenses.map(({ command }) => () => vscode.commands.executeCommand(command.command, ...command.arguments));
  await run();
  const [task] = executed;
  assert.deepEqual(task.execution.args, ["rehearse", journey.uri.fsPath, "--scenario", "everything"]);
  assert.equal(task.execution.options.cwd, folder);
  await plan();
  assert.match(shown.at(-1).webview.html, /<svg/);
  const [checking] = providers.Task[0].provideTasks();
  assert.deepEqual(checking.problemMatchers, ["$esrc"]);
});

test("a server that is missing is told of", async () => {
  settings["esr.esrcPath"] = path.join(folder, "missing");
  await vscode.commands.executeCommand("esr.restart");
  assert.match(shown.at(-1).error, /cannot be started/);
});
