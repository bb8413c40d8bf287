/** Where a window answers requests of Chat Completions: a URL of this machine without a path, and what they must send. */
export type WindowModels = { url: string; key: string };
