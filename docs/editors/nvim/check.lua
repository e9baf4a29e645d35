-- Proves a set-up by hand: opens a scenario with one mistake and asks the server what
-- an editor asks it. Run from the project:
--
--   go build -o armillary .
--   nvim --headless --clean --cmd 'let g:armillary_command = "./armillary"' \
--     -u docs/editors/nvim/armillary.lua -S docs/editors/nvim/check.lua
--
-- It prints a line for each thing that arrived and leaves with 0, or with 1 when one did not.
local dir = vim.fn.tempname() .. "/scenarios"
vim.fn.mkdir(dir, "p")
local file = dir .. "/check.txtar"
vim.fn.writefile({
  "id: x/check", "title: a check of the editor", "needs: updater", "",
  "release fw1 version=1", "release fw2   version=2", "device d1 running=fw1", "publsh fw2", "update d1", "state d1 running=fw2",
}, file)
vim.cmd("edit " .. file)

local failed = false
local function tell(what, ok, detail)
  io.stdout:write((ok and "arrived  " or "MISSING  ") .. what .. ": " .. tostring(detail) .. "\n")
  failed = failed or not ok
end

tell("file type", vim.bo.filetype == "armillary", vim.bo.filetype)
vim.wait(10000, function() return #vim.diagnostic.get(0) > 0 end, 50)
local d = vim.diagnostic.get(0)[1]
tell("diagnostic", d ~= nil and d.lnum == 7, d and (d.lnum + 1) .. ":" .. (d.col + 1) .. " " .. d.message)

local function ask(method, line, column, more)
  local p = vim.tbl_extend("force", { textDocument = { uri = vim.uri_from_bufnr(0) }, position = { line = line, character = column } }, more or {})
  for _, answer in pairs(vim.lsp.buf_request_sync(0, method, p, 10000) or {}) do
    if answer.result then return answer.result end
  end
end

local list = ask("textDocument/completion", 7, 3)
local items = list and (list.items or list) or {}
local labels = vim.tbl_map(function(i) return i.label end, items)
tell("completion", vim.tbl_contains(labels, "publish"), #labels .. " words, publish among them")
local hover = ask("textDocument/hover", 8, 2)
local text = hover and (hover.contents.value or vim.inspect(hover.contents)) or ""
tell("hover", text:find("update") ~= nil, (text:gsub("%s+", " ")):sub(1, 100))
local where = ask("textDocument/definition", 9, 18)
where = where and (where[1] or where)
tell("definition", where ~= nil and where.range.start.line == 5, where and "line " .. where.range.start.line + 1)

-- A scenario with a mistake is not formatted, so mend it first, as a person would.
vim.api.nvim_buf_set_lines(0, 7, 8, false, { "publish fw2" })
vim.wait(10000, function() return #vim.diagnostic.get(0) == 0 end, 50)
tell("mended", #vim.diagnostic.get(0) == 0, #vim.diagnostic.get(0) .. " mistakes left")
if vim.lsp.buf.format then vim.lsp.buf.format({ timeout_ms = 10000 }) else vim.lsp.buf.formatting_sync(nil, 10000) end
local line = vim.api.nvim_buf_get_lines(0, 5, 6, false)[1]
tell("formatting", line == "release fw2 version=2", line)
vim.cmd(failed and "cquit 1" or "qall!")
