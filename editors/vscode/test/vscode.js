// As much of the editor's API as the language client and the extension ask for, without an editor: texts are kept in memory,
// and what is registered can be called.
"use strict";

const { EventEmitter } = require("node:events");
const { URL, fileURLToPath, pathToFileURL } = require("node:url");
const path = require("node:path");

class Disposable {
  constructor(call) {
    this.call = call;
  }
  static from(...all) {
    return new Disposable(() => all.forEach((one) => one.dispose()));
  }
  dispose() {
    this.call?.();
  }
}

class Emitter {
  #events = new EventEmitter();
  event = (listener, self) => {
    const bound = self ? listener.bind(self) : listener;
    this.#events.on("event", bound);
    return new Disposable(() => this.#events.off("event", bound));
  };
  fire(value) {
    this.#events.emit("event", value);
  }
  dispose() {
    this.#events.removeAllListeners();
  }
}

class Position {
  constructor(line, character) {
    Object.assign(this, { line, character });
  }
  isBefore(other) {
    return this.line < other.line || (this.line === other.line && this.character < other.character);
  }
  isEqual(other) {
    return this.line === other.line && this.character === other.character;
  }
}

class Range {
  constructor(a, b, c, d) {
    [this.start, this.end] = typeof a === "number" ? [new Position(a, b), new Position(c, d)] : [a, b];
  }
  get isEmpty() {
    return this.start.isEqual(this.end);
  }
}

class Uri {
  constructor(text) {
    const url = new URL(text);
    this.text = text;
    this.scheme = url.protocol.slice(0, -1);
    this.authority = url.host;
    this.path = decodeURIComponent(url.pathname);
    this.query = url.search.slice(1);
    this.fragment = url.hash.slice(1);
    this.fsPath = this.scheme === "file" ? fileURLToPath(url) : this.path;
  }
  static parse(text) {
    return new Uri(text);
  }
  static file(file) {
    return new Uri(pathToFileURL(file).href);
  }
  toString() {
    return this.text;
  }
}

/** A class that keeps what it is made of under these names. */
const record = (...names) =>
  class {
    constructor(...values) {
      names.forEach((name, at) => (this[name] = values[at]));
    }
  };

class TextEdit extends record("range", "newText") {
  static replace(range, text) {
    return new TextEdit(range, text);
  }
}

class WorkspaceEdit {
  all = new Map();
  replace(uri, range, text) {
    this.set(uri, [...(this.all.get(uri.toString()) ?? []), new TextEdit(range, text)]);
  }
  set(uri, edits) {
    this.all.set(uri.toString(), edits);
  }
}

class MarkdownString {
  value = "";
  constructor(value = "") {
    this.value = value;
  }
  appendMarkdown(text) {
    this.value += text;
    return this;
  }
  appendCodeblock(text) {
    return this.appendMarkdown(text);
  }
}

class CodeActionKind {
  constructor(value) {
    this.value = value;
  }
  append(part) {
    return new CodeActionKind(this.value ? `${this.value}.${part}` : part);
  }
  static Empty = new CodeActionKind("");
  static QuickFix = new CodeActionKind("quickfix");
  static Refactor = new CodeActionKind("refactor");
  static RefactorExtract = new CodeActionKind("refactor.extract");
  static RefactorInline = new CodeActionKind("refactor.inline");
  static RefactorMove = new CodeActionKind("refactor.move");
  static RefactorRewrite = new CodeActionKind("refactor.rewrite");
  static Source = new CodeActionKind("source");
  static SourceOrganizeImports = new CodeActionKind("source.organizeImports");
  static SourceFixAll = new CodeActionKind("source.fixAll");
  static Notebook = new CodeActionKind("notebook");
}

/** Constants, counted from `first`. */
const counted = (first, ...names) => Object.fromEntries(names.map((name, at) => [name, at + first]));

class Document {
  constructor(file, text) {
    Object.assign(this, { uri: Uri.file(file), languageId: "scn", version: 1, text, isDirty: false, isClosed: false });
    this.fileName = file;
  }
  getText() {
    return this.text;
  }
  /** The place behind the first occurrence of `piece`. */
  after(piece) {
    const at = this.text.indexOf(piece);
    if (at < 0) throw new Error(`${piece} is not in ${this.fileName}`);
    const before = this.text.slice(0, at + piece.length).split("\n");
    return new Position(before.length - 1, before.at(-1).length);
  }
}

/** Providers by what they provide, in the order in which they came. */
const providers = {};
const register = (name) => (...given) => {
  const [, provider] = given.filter((one) => one && typeof one === "object" && !Array.isArray(one)).length > 1 ? given : [null, given.find((one) => one && !Array.isArray(one) && typeof one === "object")];
  (providers[name] ??= []).push(provider);
  return new Disposable(() => (providers[name] = providers[name].filter((one) => one !== provider)));
};

const events = {};
const event = (name) => (events[name] ??= new Emitter()).event;
const registered = new Map();
const settings = {};
const documents = [];
const executed = [];

const languages = {
  match: (selector, document) => (document.languageId === "scn" ? 10 : 0),
  setTextDocumentLanguage: async (document) => document,
  createDiagnosticCollection: (name) => {
    const found = new Map();
    collections.push({ name, found });
    return {
      name,
      set: (uri, diagnostics) => (Array.isArray(uri) ? uri.forEach(([one, all]) => found.set(one.toString(), all)) : found.set(uri.toString(), diagnostics)),
      delete: (uri) => found.delete(uri.toString()),
      clear: () => found.clear(),
      get: (uri) => found.get(uri.toString()),
      has: (uri) => found.has(uri.toString()),
      forEach: (call) => found.forEach((all, uri) => call(Uri.parse(uri), all)),
      dispose: () => found.clear(),
    };
  },
  onDidChangeDiagnostics: event("diagnostics"),
};
const collections = [];
for (const name of [
  "CallHierarchy", "CodeActions", "CodeLens", "Color", "CompletionItem", "Declaration", "Definition", "DocumentFormattingEdit",
  "DocumentHighlight", "DocumentLink", "DocumentRangeFormattingEdit", "DocumentSymbol", "DocumentSemanticTokens",
  "DocumentRangeSemanticTokens", "EvaluatableExpression", "FoldingRange", "Hover", "Implementation", "InlayHints",
  "InlineCompletionItem", "InlineValues", "LinkedEditingRange", "OnTypeFormattingEdit", "Reference", "Rename", "SelectionRange",
  "SignatureHelp", "TypeDefinition", "TypeHierarchy", "WorkspaceSymbol",
]) {
  languages[`register${name}Provider`] = register(name);
}

const channel = () => ({ append() {}, appendLine() {}, clear() {}, show() {}, hide() {}, dispose() {}, replace() {}, info() {}, error() {}, warn() {}, debug() {}, trace() {}, logLevel: 2, onDidChangeLogLevel: event("log") });

const workspace = {
  workspaceFolders: [],
  textDocuments: documents,
  notebookDocuments: [],
  getWorkspaceFolder: (uri) => workspace.workspaceFolders.find((folder) => uri.toString().startsWith(folder.uri.toString())),
  getConfiguration: (section) => ({ get: (name) => settings[section ? `${section}.${name}` : name], inspect: () => undefined }),
  openTextDocument: async (uri) => documents.find((document) => document.uri.toString() === uri.toString()),
  createFileSystemWatcher: () => ({ onDidCreate: event("created"), onDidChange: event("altered"), onDidDelete: event("deleted"), dispose() {} }),
  applyEdit: async (edit) => applied.push(edit) > 0,
  asRelativePath: (uri) => path.basename(uri.fsPath ?? uri),
  fs: { isWritableFileSystem: () => true, stat: async () => ({}) },
};
const applied = [];
for (const name of [
  "ChangeConfiguration", "ChangeNotebookDocument", "ChangeTextDocument", "ChangeWorkspaceFolders", "CloseNotebookDocument",
  "CloseTextDocument", "CreateFiles", "DeleteFiles", "OpenNotebookDocument", "OpenTextDocument", "RenameFiles",
  "SaveNotebookDocument", "SaveTextDocument",
]) {
  workspace[`onDid${name}`] = event(name);
}
for (const name of ["CreateFiles", "DeleteFiles", "RenameFiles", "SaveNotebookDocument", "SaveTextDocument"]) {
  workspace[`onWill${name}`] = event(`Will${name}`);
}

const shown = [];
const window = {
  tabGroups: { all: [], onDidChangeTabs: event("tabs"), onDidChangeTabGroups: event("groups") },
  visibleTextEditors: [],
  activeTextEditor: undefined,
  onDidChangeActiveTextEditor: event("editor"),
  onDidChangeVisibleTextEditors: event("editors"),
  createOutputChannel: channel,
  createWebviewPanel: (type, title) => {
    const panel = { type, title, webview: { html: "" } };
    shown.push(panel);
    return panel;
  },
  showErrorMessage: async (message) => void shown.push({ error: message }),
  showWarningMessage: async (message) => void shown.push({ warning: message }),
  showInformationMessage: async (message) => void shown.push({ information: message }),
  showQuickPick: async (names) => names[0],
  withProgress: async (_, call) => call({ report() {} }, { isCancellationRequested: false, onCancellationRequested: event("cancel") }),
};

const commands = {
  registerCommand: (name, call) => {
    registered.set(name, call);
    return new Disposable(() => registered.delete(name));
  },
  executeCommand: async (name, ...given) => {
    if (name === "vscode.executeCodeLensProvider") {
      const document = documents.find((one) => one.uri.toString() === given[0].toString());
      return providers.CodeLens[0].provideCodeLenses(document, none);
    }
    return registered.get(name)?.(...given);
  },
};

/** What never cancels. */
const none = { isCancellationRequested: false, onCancellationRequested: event("cancel") };

const simple = {
  CodeAction: record("title", "kind"),
  CodeLens: record("range", "command"),
  Color: record("red", "green", "blue", "alpha"),
  ColorInformation: record("range", "color"),
  ColorPresentation: record("label"),
  CallHierarchyItem: record("kind", "name", "detail", "uri", "range", "selectionRange"),
  CompletionItem: record("label", "kind"),
  CompletionList: record("items", "isIncomplete"),
  Diagnostic: record("range", "message", "severity"),
  DiagnosticRelatedInformation: record("location", "message"),
  DocumentHighlight: record("range", "kind"),
  DocumentLink: record("range", "target"),
  DocumentSymbol: record("name", "detail", "kind", "range", "selectionRange"),
  FoldingRange: record("start", "end", "kind"),
  Hover: record("contents", "range"),
  InlayHint: record("position", "label", "kind"),
  InlayHintLabelPart: record("value"),
  InlineCompletionItem: record("insertText", "range"),
  InlineCompletionList: record("items"),
  InlineValueText: record("range", "text"),
  InlineValueVariableLookup: record("range", "variableName"),
  InlineValueEvaluatableExpression: record("range", "expression"),
  Location: record("uri", "range"),
  ParameterInformation: record("label", "documentation"),
  ProcessExecution: record("process", "args", "options"),
  RelativePattern: record("base", "pattern"),
  SelectionRange: record("range", "parent"),
  SemanticTokens: record("data", "resultId"),
  SemanticTokensEdit: record("start", "deleteCount", "data"),
  SemanticTokensEdits: record("edits", "resultId"),
  SemanticTokensLegend: record("tokenTypes", "tokenModifiers"),
  SignatureHelp: record(),
  SignatureInformation: record("label", "documentation"),
  SnippetString: record("value"),
  SymbolInformation: record("name", "kind", "containerName", "location"),
  Task: record("definition", "scope", "name", "source", "execution", "problemMatchers"),
  ThemeColor: record("id"),
  ThemeIcon: record("id"),
  TypeHierarchyItem: record("kind", "name", "detail", "uri", "range", "selectionRange"),
};

const constants = {
  CodeActionTriggerKind: counted(1, "Invoke", "Automatic"),
  CompletionItemKind: counted(0, "Text", "Method", "Function", "Constructor", "Field", "Variable", "Class", "Interface", "Module", "Property", "Unit", "Value", "Enum", "Keyword", "Snippet", "Color", "File", "Reference", "Folder", "EnumMember", "Constant", "Struct", "Event", "Operator", "TypeParameter"),
  CompletionItemTag: counted(1, "Deprecated"),
  CompletionTriggerKind: counted(0, "Invoke", "TriggerCharacter", "TriggerForIncompleteCompletions"),
  DiagnosticSeverity: counted(0, "Error", "Warning", "Information", "Hint"),
  DiagnosticTag: counted(1, "Unnecessary", "Deprecated"),
  DocumentHighlightKind: counted(0, "Text", "Read", "Write"),
  EndOfLine: counted(1, "LF", "CRLF"),
  FoldingRangeKind: counted(1, "Comment", "Imports", "Region"),
  InlayHintKind: counted(1, "Type", "Parameter"),
  LanguageStatusSeverity: counted(0, "Information", "Warning", "Error"),
  ProgressLocation: counted(1, "SourceControl", "Window", "Notification"),
  SymbolKind: counted(0, "File", "Module", "Namespace", "Package", "Class", "Method", "Property", "Field", "Constructor", "Enum", "Interface", "Function", "Variable", "Constant", "String", "Number", "Boolean", "Array", "Object", "Key", "Null", "EnumMember", "Struct", "Event", "Operator", "TypeParameter"),
  SymbolTag: counted(1, "Deprecated"),
  SignatureHelpTriggerKind: counted(1, "Invoke", "TriggerCharacter", "ContentChange"),
  TaskScope: counted(1, "Global", "Workspace"),
  TaskGroup: { Build: "build", Test: "test" },
  TextDocumentChangeReason: counted(1, "Undo", "Redo"),
  TextDocumentSaveReason: counted(1, "Manual", "AfterDelay", "FocusOut"),
  UIKind: counted(1, "Desktop", "Web"),
  ViewColumn: { Beside: -2 },
  LogLevel: counted(0, "Off", "Trace", "Debug", "Info", "Warning", "Error"),
};

class CancellationError extends Error {}
class CancellationTokenSource {
  token = none;
  cancel() {}
  dispose() {}
}
class FileSystemError extends Error {}
class TabInputText extends record("uri") {}
class TabInputTextDiff extends record("original", "modified") {}
class TabInputNotebook extends record("uri", "notebookType") {}
class TabInputCustom extends record("uri", "viewType") {}

module.exports = {
  ...simple, ...constants,
  CancellationError, CancellationTokenSource, CodeActionKind, Disposable, EventEmitter: Emitter, FileSystemError, MarkdownString,
  Position, Range, Selection: Range, TabInputText, TabInputTextDiff, TabInputNotebook, TabInputCustom, TextEdit, Uri, WorkspaceEdit,
  NotebookCellTextDocumentFilter: record(), version: "1.99.0",
  commands, languages, window, workspace,
  env: { appName: "test", language: "en", openExternal: async () => true, isTelemetryEnabled: false },
  extensions: { getExtension: () => undefined, all: [] },
  l10n: { t: (text) => text },
  lm: {},
  tasks: {
    registerTaskProvider: register("Task"),
    executeTask: async (task) => void executed.push(task),
  },
  // What the tests look at.
  test: { Document, applied, collections, documents, events, executed, none, providers, settings, shown },
};
