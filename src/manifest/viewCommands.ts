/** The commands of the activity bar's views and of the dashboard; `commands` includes them. */
export const viewCommands = {
  'ccr.openDashboard': {
    title: 'Open Dashboard',
    description: 'Shows requests, tokens, cost and times, how providers do, and why requests went where they went.',
    icon: '$(graph)',
  },
  'ccr.explainLastRequest': {
    title: 'Explain Last Request',
    description: 'Shows in the dashboard why the latest request went where it went.',
    icon: '$(question)',
  },
  'ccr.reportProblem': {
    title: 'Report a Problem',
    description: 'Makes a file about a recent request for a bug report, without keys and texts, and shows it.',
    icon: '$(report)',
  },
  'ccr.testProvider': {
    title: 'Test Provider',
    description: 'Sends a provider a small request with each key and for each model.',
    icon: '$(beaker)',
  },
  'ccr.testModel': {
    title: 'Test Model',
    description:
      'Tests a model for what coding agents need: tool calls, patches, images, long answers and more, in a dozen small requests.',
    icon: '$(checklist)',
  },
  'ccr.removeProvider': {
    title: 'Remove Provider',
    description:
      'Takes a provider out of the config file, and its API key out of the secret storage. Offers to undo it.',
    icon: '$(trash)',
  },
  'ccr.useRoute': {
    title: 'Use in This Window',
    description: 'In the view of presets and routes: chooses one for this window.',
    icon: '$(check)',
    isOnlyInViews: true,
  },
  'ccr.testRoute': {
    title: 'Test',
    description: 'In the view of presets and routes: sends a small request through one.',
    icon: '$(beaker)',
    isOnlyInViews: true,
  },
  'ccr.showRequest': {
    title: 'Show the Route',
    description: 'In the view of recent requests: shows a request in the dashboard.',
    icon: '$(type-hierarchy-sub)',
    isOnlyInViews: true,
  },
} as const;
