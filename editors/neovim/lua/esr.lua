-- Starts `esrc lsp` for scenarios, and runs and shows them from their lenses.
--
-- Where the programs are is said by `vim.g.esr_esrc` and `vim.g.esr_esr`; without that they are sought on the PATH.
local M = {}

local function program(name)
  return vim.g["esr_" .. name] or name
end

-- The nearest folder with settings or a repository, else that of the file.
local function root(buffer)
  local file = vim.api.nvim_buf_get_name(buffer)
  local folder = vim.fn.fnamemodify(file, ":p:h")
  for _, marker in ipairs({ "esr.toml", ".git" }) do
    local found = vim.fn.findfile(marker, folder .. ";")
    if found == "" then
      found = vim.fn.finddir(marker, folder .. ";")
    end
    if found ~= "" then
      return vim.fn.fnamemodify(found, ":p:h" .. (vim.fn.isdirectory(found) == 1 and ":h" or ""))
    end
  end
  return folder
end

-- Servers by the folders that they serve.
local clients = {}

-- Has the server speak about a buffer; one server serves a folder.
function M.attach(buffer)
  buffer = buffer == 0 and vim.api.nvim_get_current_buf() or buffer
  if vim.fn.executable(program("esrc")) == 0 then
    vim.notify("esr: `" .. program("esrc") .. "` is not there; install it or set g:esr_esrc", vim.log.levels.WARN)
    return
  end
  local folder = root(buffer)
  local client = clients[folder]
  if not client or vim.lsp.client_is_stopped(client) then
    client = vim.lsp.start_client({
      name = "esrc",
      cmd = { program("esrc"), "lsp" },
      root_dir = folder,
      workspace_folders = { { uri = vim.uri_from_fname(folder), name = folder } },
    })
    clients[folder] = client
  end
  if client then
    vim.lsp.buf_attach_client(buffer, client)
  end
end

local function terminal(command)
  vim.cmd("botright new")
  vim.fn.termopen(command)
end

vim.lsp.commands["esr.rehearse"] = function(command)
  local file = vim.uri_to_fname(command.arguments[1])
  terminal({ program("esr"), "rehearse", file, "--scenario", command.arguments[2] })
end

vim.lsp.commands["esr.plan"] = function(command)
  local file = vim.uri_to_fname(command.arguments[1])
  terminal({ program("esrc"), "plan", file, command.arguments[2] })
end

return M
