import type { RequestView } from '../control/protocol.ts';
import type { CliContext, ExitCode } from './context.ts';
import { describeRequest } from './describeRequest.ts';
import { describeAbsence, locateGateway, type LocateOptions } from './locate.ts';

type Options = LocateOptions & { json?: boolean | undefined };

/** Prints where a request went and why. `id` may be `last`. Exits with 1 if there is no such request. */
export async function explain(id: string, options: Options, context: CliContext): Promise<ExitCode> {
  return show(options, context, (client) => client.request(id));
}

type Client = Extract<Awaited<ReturnType<typeof locateGateway>>, { kind: 'ccr' }>['client'];

/** Prints the running gateway's record of a request. */
export async function show(
  options: Options,
  context: CliContext,
  read: (client: Client) => Promise<RequestView>,
): Promise<ExitCode> {
  const fail = (message: string): ExitCode => {
    if (options.json) context.print(JSON.stringify({ error: message }));
    else context.complain(`ccr: ${message}`);
    return 1;
  };
  const located = await locateGateway(options, context);
  if (located.kind !== 'ccr') return fail(`${describeAbsence(located)} Start it with: ccr start`);
  let view: RequestView;
  try {
    view = await read(located.client);
  } catch (thrown) {
    return fail(thrown instanceof Error ? thrown.message : String(thrown));
  }
  if (options.json) context.print(JSON.stringify(view));
  else for (const line of describeRequest(view)) context.print(line);
  return 0;
}
