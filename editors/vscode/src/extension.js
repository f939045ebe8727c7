// The extension: starts the language server, and runs and shows scenarios.
"use strict";

const { execFile } = require("node:child_process");
const path = require("node:path");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");
const tasks = require("./tasks");

/** @type {LanguageClient | undefined} */
let client;

/** A program's path, as the settings say it. */
function program(name) {
  return vscode.workspace.getConfiguration("esr").get(`${name}Path`) || name;
}

/** Starts the language server; says what to do where it is missing. */
async function start() {
  const command = program("esrc");
  client = new LanguageClient(
    "esr",
    "ESR scenarios",
    { command, args: ["lsp"] },
    { documentSelector: ["file", "untitled"].map((scheme) => ({ scheme, language: "scn" })), diagnosticCollectionName: "esrc" },
  );
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    const settings = "Open Settings";
    const chosen = await vscode.window.showErrorMessage(
      `The language server \`${command} lsp\` cannot be started: ${error.message}. Install esrc, or say where it is.`,
      settings,
    );
    if (chosen === settings) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "esr.esrcPath");
    }
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

/** The file and the scenario that a command is about: those of a lens, else those of the active editor, where several are asked for. */
async function target(uri, scenario) {
  const document = uri
    ? await vscode.workspace.openTextDocument(vscode.Uri.parse(uri.toString()))
    : vscode.window.activeTextEditor?.document;
  if (document?.languageId !== "scn") {
    vscode.window.showInformationMessage("Open a file with a scenario first.");
    return undefined;
  }
  // What is run is what is on the disk.
  if (document.isDirty && !(await document.save())) return undefined;
  const names = scenario ? [scenario] : await scenarios(document.uri);
  const name = names.length > 1 ? await vscode.window.showQuickPick(names, { title: "Scenario" }) : names[0];
  if (names.length > 1 && !name) return undefined;
  return { file: document.uri.fsPath, scenario: name };
}

/** The names of a file's scenarios, which its lenses carry. */
async function scenarios(uri) {
  const lenses = (await vscode.commands.executeCommand("vscode.executeCodeLensProvider", uri)) ?? [];
  const ours = lenses.filter((lens) => lens.command?.command === "esr.rehearse");
  return ours.map((lens) => lens.command.arguments[1]);
}

async function rehearse(uri, scenario) {
  const found = await target(uri, scenario);
  if (!found) return;
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(found.file));
  await vscode.tasks.executeTask(tasks.of({ type: "esr", task: "rehearse", ...found }, folder, program));
}

async function plan(uri, scenario) {
  const found = await target(uri, scenario);
  if (!found) return;
  const args = ["plan", "--format", "svg", found.file, ...(found.scenario ? [found.scenario] : [])];
  const options = { cwd: path.dirname(found.file), maxBuffer: 64 * 1024 * 1024 };
  const svg = await new Promise((resolve) => {
    execFile(program("esrc"), args, options, (error, stdout, stderr) => {
      if (error) vscode.window.showErrorMessage(`There is no plan: ${(stderr || error.message).trim().split("\n")[0]}`);
      resolve(error ? undefined : stdout);
    });
  });
  if (svg === undefined) return;
  const title = `Plan: ${found.scenario ?? path.basename(found.file)}`;
  const panel = vscode.window.createWebviewPanel("esr.plan", title, vscode.ViewColumn.Beside, {});
  const rules = "default-src 'none'; style-src 'unsafe-inline'";
  panel.webview.html =
    `<!DOCTYPE html><html><head><meta http-equiv="Content-Security-Policy" content="${rules}">` +
    `<style>body { background: white; } svg { max-width: 100%; height: auto; }</style></head><body>${svg}</body></html>`;
}

async function activate(context) {
  const command = (name, run) => context.subscriptions.push(vscode.commands.registerCommand(name, run));
  command("esr.rehearse", rehearse);
  command("esr.plan", plan);
  command("esr.restart", async () => {
    await stop();
    await start();
  });
  context.subscriptions.push(vscode.tasks.registerTaskProvider("esr", tasks.provider(program)));
  await start();
}

module.exports = { activate, deactivate: stop };
