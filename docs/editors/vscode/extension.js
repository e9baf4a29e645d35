// Starts `armillary lsp` for files of the language armillary.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = () => {
  const command = workspace.getConfiguration("armillary").get("command");
  client = new LanguageClient("armillary", "Armillary", { command, args: ["lsp"] }, { documentSelector: [{ language: "armillary" }] });
  return client.start();
};

exports.deactivate = () => client && client.stop();
