// Tasks: checking and rehearsing, with findings shown as problems.
"use strict";

const path = require("node:path");
const vscode = require("vscode");

/** The command line of a task, without its program. */
function args({ task, file, scenario }) {
  const what = file ?? ".";
  if (task === "check") return ["check", "--format", "short", what];
  return ["rehearse", what, ...(scenario ? ["--scenario", scenario] : [])];
}

/** The task of a definition. */
function of(definition, folder, program) {
  const name = [definition.task, definition.scenario ?? definition.file].filter(Boolean).join(" ");
  const command = program(definition.task === "check" ? "esrc" : "esr");
  const scope = folder ?? vscode.TaskScope.Workspace;
  // The debrief is written where the program runs.
  const cwd = scope.uri?.fsPath ?? (definition.file && path.dirname(definition.file));
  const run = new vscode.ProcessExecution(command, args(definition), { cwd });
  // Only findings of the short format are read as problems.
  const matchers = definition.task === "check" ? ["$esrc"] : [];
  const task = new vscode.Task(definition, scope, name, "esr", run, matchers);
  if (definition.task === "check") task.group = vscode.TaskGroup.Build;
  else task.group = vscode.TaskGroup.Test;
  return task;
}

/** Offers to check each folder, and completes what a tasks.json says. */
function provider(program) {
  return {
    provideTasks: () =>
      (vscode.workspace.workspaceFolders ?? []).map((folder) => of({ type: "esr", task: "check" }, folder, program)),
    resolveTask: (task) => of(task.definition, task.scope, program),
  };
}

module.exports = { of, provider, args };
