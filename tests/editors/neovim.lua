-- Drives Neovim, set up as editors/neovim says, through a file with a mistake and prints what its language client shows. The
-- server's path is in $ESRC.
local function say(what, value)
  io.stdout:write(what .. ": " .. (type(value) == "string" and value or vim.inspect(value)) .. "\n")
end

local function wait(what, ready)
  if not vim.wait(20000, ready, 20) then
    say("gave up on", what)
    vim.cmd("cquit 1")
  end
end

vim.g.esr_esrc = vim.env.ESRC
vim.g.esr_esr = "echo"
vim.cmd("edit journey.scn")
local buffer = vim.api.nvim_get_current_buf()
say("file type", vim.bo.filetype)
wait("a client", function() return next(vim.lsp.buf_get_clients(buffer)) ~= nil end)
local _, attached = next(vim.lsp.buf_get_clients(buffer))
local client = attached.id

local function told()
  local lines = {}
  for _, found in ipairs(vim.diagnostic.get(buffer)) do
    table.insert(lines, found.lnum + 1 .. ":" .. found.col + 1 .. " " .. vim.split(found.message, "\n")[1])
  end
  table.sort(lines)
  return lines
end

local function ask(method, params)
  local answers = vim.lsp.buf_request_sync(buffer, method, params, 20000) or {}
  return (answers[client] or {}).result
end

local function at(line, column)
  local document = vim.lsp.util.make_text_document_params(buffer)
  return { textDocument = document, position = { line = line - 1, character = column - 1 } }
end

wait("diagnostics", function() return #told() > 0 end)
say("diagnostics", table.concat(told(), "\n"))

-- The fix is applied as a person would choose it.
local range = { start = { line = 0, character = 0 }, ["end"] = { line = 99, character = 0 } }
local document = vim.lsp.util.make_text_document_params(buffer)
local actions = ask("textDocument/codeAction", { textDocument = document, range = range, context = { diagnostics = {} } })
for _, action in ipairs(actions) do
  say("action", action.title)
  if action.title == "Write `visit`" then
    vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
  end
end
wait("the fix", function() return #told() == 0 end)
say("mended", vim.api.nvim_buf_get_lines(buffer, 8, 9, false)[1])

-- A half-typed line, typed letter by letter.
vim.api.nvim_buf_set_lines(buffer, 9, 9, false, { "      - sc" })
local labels = {}
for _, item in ipairs(ask("textDocument/completion", at(10, 11)).items) do
  if vim.startswith(item.label, "s") then
    table.insert(labels, item.label)
  end
end
table.sort(labels)
say("completion", table.concat(labels, " "))
say("hover", ask("textDocument/hover", at(9, 11)).contents.value)
vim.api.nvim_buf_set_lines(buffer, 9, 10, false, { "      -   think:   2s" })

vim.lsp.buf.formatting_sync({ tabSize = 2, insertSpaces = true }, 20000)
say("formatted", vim.api.nvim_buf_get_lines(buffer, 9, 10, false)[1])
wait("the end of all diagnostics", function() return #told() == 0 end)

-- A name is changed in the file that declares it and in the one that uses it, and nothing is where it would be taken.
vim.cmd("edit people.scn")
vim.cmd("edit both.scn.yaml")
buffer = vim.api.nvim_get_current_buf()
say("file type", vim.bo.filetype)
local place = at(5, 18)
local renamed = ask("textDocument/rename", vim.tbl_extend("force", place, { newName = "Person" }))
vim.lsp.util.apply_workspace_edit(renamed, "utf-16")
say("renamed", vim.api.nvim_buf_get_lines(buffer, 4, 5, false)[1])
say("renamed", vim.api.nvim_buf_get_lines(vim.fn.bufnr("people.scn"), 3, 4, false)[1])
vim.cmd("wall")
local answers = vim.lsp.buf_request_sync(buffer, "textDocument/rename", vim.tbl_extend("force", place, { newName = "Citizen" }), 20000)
say("refused", answers[client].error.message)

-- The lenses run and show the scenario.
local lenses = ask("textDocument/codeLens", { textDocument = vim.lsp.util.make_text_document_params(buffer) })
for _, lens in ipairs(lenses) do
  say("lens", lens.command.title .. " " .. lens.command.arguments[2])
end
vim.lsp.commands["esr.rehearse"](lenses[1].command)
wait("the rehearsal", function() return vim.api.nvim_buf_get_lines(0, 0, 1, false)[1] ~= "" end)
say("rehearsed", (vim.api.nvim_buf_get_lines(0, 0, 1, false)[1]:gsub("%S+/", "")))

vim.lsp.stop_client(client)
wait("the server's end", function() return vim.lsp.client_is_stopped(client) end)
say("server", "stopped")
vim.cmd("qall!")
