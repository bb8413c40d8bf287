import type { Telemetry } from '../../gateway/telemetry.ts';
import { atMost, type Clock } from '../../gateway/clock.ts';
import type { Log } from '../../observe/log.ts';
import { readOtlpSettings } from './otlpSettings.ts';

/** `close` sends what is left and resolves in a moment, also when the collector does not answer. */
export type OpenTelemetry = {
  telemetry: Telemetry | undefined;
  /** What must never be sent, also where the user asked for what is said. To be called before the first request. */
  keepSecrets(read: () => readonly string[]): void;
  close(): Promise<void>;
};

const off: OpenTelemetry = { telemetry: undefined, keepSecrets: () => undefined, close: () => Promise.resolve() };

/** How long the last spans and metrics may take when the gateway ends. Milliseconds. */
const closeMs = 2000;

/**
 * Opens the export of traces and metrics if the environment asks for it. Only then is its code loaded, which is in a bundle of its
 * own: it takes 12 ms and 4 MB.
 */
export async function openTelemetry(parts: {
  environment: Record<string, string | undefined>;
  version: string;
  clock: Clock;
  log: Log;
}): Promise<OpenTelemetry> {
  const { environment, version, clock, log } = parts;
  const settings = readOtlpSettings(environment, version, (problem) => log.warn(`OpenTelemetry: ${problem}`));
  if (!settings) return off;
  const { createOtlp } = await import('./otlp.ts');
  let readSecrets: () => readonly string[] = () => [];
  const otlp = createOtlp(settings, version, { clock, log, secrets: () => readSecrets() });
  if (settings.content) log.info('OpenTelemetry: spans have what is said in requests and answers.');
  return {
    telemetry: otlp.telemetry,
    keepSecrets: (read) => void (readSecrets = read),
    async close() {
      await atMost(clock, closeMs, otlp.close());
    },
  };
}
