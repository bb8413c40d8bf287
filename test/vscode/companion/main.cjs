// Another extension in the host of the suites, as other makers' are: it has models of its own, and the vendor of VS Code's Custom
// Endpoint, which GitHub Copilot Chat has elsewhere. The suites say what it answers and see what it was asked.
const vscode = require('vscode');

exports.activate = (context) => {
  const changed = new vscode.EventEmitter();
  const companion = {
    /** Of the vendor `ccr-test`. */
    models: [],
    changed: () => changed.fire(),
    /** `{ model, messages, options, token }` of each request. */
    asked: [],
    answer: async () => undefined,
    /** What VS Code read for each group of `customendpoint`. */
    groups: [],
  };
  const own = {
    onDidChangeLanguageModelChatInformation: changed.event,
    provideLanguageModelChatInformation: async () => companion.models,
    async provideLanguageModelChatResponse(model, messages, options, progress, token) {
      companion.asked.push({ model, messages, options, token });
      await companion.answer({ model, messages, options, progress, token });
    },
    provideTokenCount: async () => 1,
  };
  const customEndpoint = {
    async provideLanguageModelChatInformation(options) {
      if (options.configuration) companion.groups.push(options.configuration);
      return [];
    },
    provideLanguageModelChatResponse: async () => undefined,
    provideTokenCount: async () => 1,
  };
  context.subscriptions.push(
    changed,
    vscode.lm.registerLanguageModelChatProvider('ccr-test', own),
    vscode.lm.registerLanguageModelChatProvider('customendpoint', customEndpoint),
  );
  return companion;
};
