-- Drives Neovim through a file with a mistake and prints what its language client shows. The server's path is in $ESRC.
local function say(what, value)
  io.stdout:write(what .. ": " .. (type(value) == "string" and value or vim.inspect(value)) .. "\n")
end

local function wait(what, ready)
  if not vim.wait(20000, ready, 20) then
    say("gave up on", what)
    vim.cmd("cquit 1")
  end
end

vim.cmd("edit journey.scn")
local buffer = vim.api.nvim_get_current_buf()
local client = vim.lsp.start_client({ name = "esrc", cmd = { vim.env.ESRC, "lsp" }, root_dir = vim.fn.getcwd() })
vim.lsp.buf_attach_client(buffer, client)

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
for _, item in ipairs(ask("textDocument/completion", at(10, 11))) do
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
vim.lsp.stop_client(client)
wait("the server's end", function() return vim.lsp.client_is_stopped(client) end)
say("server", "stopped")
vim.cmd("qall!")
