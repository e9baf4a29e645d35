-- Starts `armillary lsp` for scenarios in Neovim 0.7 or later: put this file into
-- plugin/ of the configuration folder. Neovim 0.11 needs only the four lines in README.md.
vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, {
  pattern = "*/scenarios/*.txtar",
  callback = function(args) vim.bo[args.buf].filetype = "armillary" end,
})

local clients = {} -- one server a folder of work

vim.api.nvim_create_autocmd("FileType", {
  pattern = "armillary",
  callback = function(args)
    local command = vim.g.armillary_command or "armillary"
    local root = vim.fn.getcwd()
    if not clients[root] or vim.lsp.client_is_stopped(clients[root]) then
      clients[root] = vim.lsp.start_client({ name = "armillary", cmd = { command, "lsp" }, root_dir = root })
    end
    if clients[root] then
      vim.lsp.buf_attach_client(args.buf, clients[root])
      vim.bo[args.buf].omnifunc = "v:lua.vim.lsp.omnifunc"
      vim.bo[args.buf].commentstring = "# %s"
    end
  end,
})
