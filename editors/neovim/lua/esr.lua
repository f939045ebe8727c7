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

-- Servers by the folders that they serve, where Neovim does not keep them itself.
local clients = {}

local function start(buffer, config)
  if vim.lsp.start then
    return vim.lsp.start(config, { bufnr = buffer })
  end
  -- Before 0.8.
  local client = clients[config.root_dir]
  if not client or vim.lsp.client_is_stopped(client) then
    client = vim.lsp.start_client(config)
    clients[config.root_dir] = client
  end
  if client then
    vim.lsp.buf_attach_client(buffer, client)
  end
  return client
end

-- Shows the lenses anew when what is written has come to rest.
local function show_lenses(buffer)
  vim.api.nvim_create_autocmd({ "BufEnter", "InsertLeave", "CursorHold" }, {
    group = vim.api.nvim_create_augroup("esr_lenses_" .. buffer, {}),
    buffer = buffer,
    callback = function()
      -- The server may not be there yet, or no longer.
      pcall(vim.lsp.codelens.refresh)
    end,
  })
end

-- Has the server speak about a buffer; one server serves a folder.
function M.attach(buffer)
  buffer = buffer == 0 and vim.api.nvim_get_current_buf() or buffer
  if vim.fn.executable(program("esrc")) == 0 then
    vim.notify("esr: `" .. program("esrc") .. "` is not there; install it or set g:esr_esrc", vim.log.levels.WARN)
    return
  end
  local folder = root(buffer)
  local client = start(buffer, {
    name = "esrc",
    cmd = { program("esrc"), "lsp" },
    root_dir = folder,
    workspace_folders = { { uri = vim.uri_from_fname(folder), name = folder } },
  })
  if client then
    show_lenses(buffer)
  end
end

-- Runs a command about a file in a terminal, with what is written in it on the disk.
local function terminal(uri, command)
  local buffer = vim.uri_to_bufnr(uri)
  if vim.api.nvim_buf_is_loaded(buffer) then
    vim.api.nvim_buf_call(buffer, function()
      vim.cmd("silent update")
    end)
  end
  local options = { cwd = root(buffer) }
  vim.cmd("botright new")
  if vim.fn.has("nvim-0.11") == 1 then
    options.term = true
    vim.fn.jobstart(command, options)
  else
    vim.fn.termopen(command, options)
  end
end

vim.lsp.commands["esr.rehearse"] = function(command)
  local uri, scenario = command.arguments[1], command.arguments[2]
  terminal(uri, { program("esr"), "rehearse", vim.uri_to_fname(uri), "--scenario", scenario })
end

vim.lsp.commands["esr.plan"] = function(command)
  local uri, scenario = command.arguments[1], command.arguments[2]
  terminal(uri, { program("esrc"), "plan", vim.uri_to_fname(uri), scenario })
end

return M
