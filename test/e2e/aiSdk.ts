// The parts of the Vercel AI SDK that the tests use. It is installed on demand, so the project does not have its types.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { z } from 'zod';
import { installAiSdk } from './installClients.mjs';

/** Opaque to us. */
type Model = { modelId: string };
type Tool = { inputSchema: unknown };

export type Ask = {
  model: Model;
  prompt?: string;
  messages?: unknown[];
  tools?: Record<string, Tool>;
  stopWhen?: unknown;
  maxRetries?: number;
  maxOutputTokens?: number;
  providerOptions?: Record<string, object>;
};

type Step = { reasoningText: string | undefined; finishReason: string };
export type Answer = {
  text: string;
  reasoningText: string | undefined;
  finishReason: string;
  steps: Step[];
  totalUsage: { inputTokens: number | undefined; outputTokens: number | undefined };
  /** The answer as messages, to send back. */
  response: { messages: unknown[] };
};
/** Every field of an answer, as a promise. */
type Streamed = { [Field in keyof Answer]: PromiseLike<Answer[Field]> } & { consumeStream: () => Promise<void> };

type Core = {
  generateText: (ask: Ask) => Promise<Answer>;
  streamText: (ask: Ask & { onError: (event: { error: unknown }) => void }) => Streamed;
  generateObject: <Value>(ask: Ask & { schema: z.ZodType<Value> }) => Promise<{ object: Value }>;
  stepCountIs: (count: number) => unknown;
  tool: <Input>(tool: { inputSchema: z.ZodType<Input>; execute: (input: Input) => Promise<string> }) => Tool;
};

type Options = { baseURL: string; apiKey: string };
export type AiSdk = Core & {
  createOpenAI: (options: Options) => { responses: (model: string) => Model; chat: (model: string) => Model };
  createAnthropic: (options: Options) => (model: string) => Model;
  /** Receives the SDK's warnings instead of printing them. */
  onWarning: (listener: (text: string) => void) => void;
  createOpenAICompatible: (
    options: Options & { name: string; includeUsage: boolean; supportsStructuredOutputs: boolean },
  ) => (model: string) => Model;
};

export async function loadAiSdk(): Promise<AiSdk> {
  const modules = await installAiSdk();
  const load = async (name: string): Promise<object> =>
    (await import(pathToFileURL(path.join(modules, name, 'dist', 'index.js')).href)) as object;
  const packages = ['ai', '@ai-sdk/openai', '@ai-sdk/anthropic', '@ai-sdk/openai-compatible'];
  const parts: object[] = await Promise.all(packages.map(load));
  const onWarning = (listener: (text: string) => void): void => {
    Object.assign(globalThis, {
      AI_SDK_LOG_WARNINGS: ({ warnings }: { warnings: unknown[] }) =>
        warnings.forEach((warning) => listener(JSON.stringify(warning))),
    });
  };
  return Object.assign({ onWarning }, ...parts) as AiSdk;
}

/** Runs `streamText` to its end. Throws stream errors, which the SDK only passes to `onError`. */
export async function streamWhole(sdk: AiSdk, ask: Ask): Promise<Answer> {
  const errors: unknown[] = [];
  const streamed = sdk.streamText({ ...ask, onError: ({ error }) => errors.push(error) });
  await streamed.consumeStream();
  if (errors.length > 0) throw errors[0];
  return {
    text: await streamed.text,
    reasoningText: await streamed.reasoningText,
    finishReason: await streamed.finishReason,
    steps: await streamed.steps,
    totalUsage: await streamed.totalUsage,
    response: await streamed.response,
  };
}
