import { lookup } from 'node:dns/promises';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { hasRecord } from '../clients/clientFile.ts';
import { codexConfigFile } from '../clients/codexFile.ts';
import { demoUrl } from '../config/demo.ts';
import { asksWindows } from '../providers/vscodeModels.ts';
import { loadConfig, type LoadedConfig } from '../config/load.ts';
import { isListening, type ControlClient } from '../control/client.ts';
import { diagnose } from '../doctor/diagnose.ts';
import type { ClientFact, DoctorFacts, Finding, PortFact } from '../doctor/facts.ts';
import { systemClock } from '../gateway/clock.ts';
import { checkProvider, type LiveCheck } from '../gateway/liveCheck.ts';
import { createUpstream, upstreamOptions } from '../gateway/upstream.ts';
import { transformerNames } from '../providers/findProvider.ts';
import { findClientVersion } from './codexVersion.ts';
import type { CliContext, ExitCode } from './context.ts';
import { findBehindShim, findShimPlace } from './findExecutable.ts';
import { locateGateway, type Located, type LocateOptions } from './locate.ts';
import { findPortOwner } from './portOwner.ts';
import { tokenHelperFile, tokenHelperFolder } from './shimFiles.ts';

/** Prints the problems in the whole chain, in the order in which to fix them. Exits with 1 if requests fail. */
export async function doctor(
  options: LocateOptions & { json?: boolean | undefined },
  context: CliContext,
): Promise<ExitCode> {
  const findings = await examine(options, context);
  const isBroken = findings.some(({ severity }) => severity === 'error');
  if (options.json) {
    context.print(JSON.stringify({ healthy: !isBroken, findings }));
    return isBroken ? 1 : 0;
  }
  for (const [index, { severity, message, fix }] of findings.entries()) {
    context.complain(`${index + 1}. ${severity}: ${message}`);
    context.complain(`   ${fix}`);
  }
  if (findings.length === 0) context.print('Everything works: the gateway, its providers and the clients.');
  else if (isBroken) context.print('Start with the first: others may follow from it.');
  return isBroken ? 1 : 0;
}

/** The problems, in the order in which to fix them. */
export async function examine(options: LocateOptions, context: CliContext): Promise<Finding[]> {
  return diagnose(await gatherFacts(options, context));
}

async function gatherFacts(options: LocateOptions, context: CliContext): Promise<DoctorFacts> {
  const { environment, homeDirectory, platform, version } = context;
  const config = loadConfig({
    file: options.config,
    environment,
    homeDirectory,
    workspaceFolder: context.currentDirectory,
    knownTransformers: transformerNames,
  });
  const located = await locateGateway(options, context);
  const port = await findPort(located, context);
  const helper = tokenHelperFile(tokenHelperFolder(homeDirectory), platform);
  const codexFile = codexConfigFile(environment, homeDirectory);
  return {
    version,
    nodeVersion: process.versions.node,
    environment,
    config,
    port,
    isContainer: existsSync('/.dockerenv') || existsSync('/run/.containerenv'),
    codex: findClient('codex', '@openai/codex', context),
    claude: findClient('claude', '@anthropic-ai/claude-code', context),
    shims: {
      codex: findShimPlace('codex', environment, platform),
      claude: findShimPlace('claude', environment, platform),
    },
    codexConfig: existsSync(codexFile) ? readFileSync(codexFile, 'utf8') : undefined,
    isCodexRecorded: hasRecord({ client: 'codex', homeDirectory }),
    tokenHelper: existsSync(helper) ? helper : undefined,
    resolves: (host) =>
      lookup(host).then(
        () => true,
        () => false,
      ),
    isListening,
    checkProviders: () =>
      located.kind === 'ccr' && port.kind === 'ccr' && port.state.configFile === config.file
        ? checkThroughGateway(located.client)
        : checkAll(config, context),
  };
}

async function findPort(located: Located, context: CliContext): Promise<PortFact> {
  switch (located.kind) {
    case 'ccr':
      return { kind: 'ccr', state: await located.client.state() };
    case 'stranger': {
      const owner = findPortOwner(located.port, context.platform);
      return { ...located, owner: owner && `${owner.name} (pid ${owner.pid})` };
    }
    case 'nobody':
      return located;
    default:
      return located satisfies never;
  }
}

function findClient(name: string, packageName: string, { environment, platform }: CliContext): ClientFact {
  const file = findBehindShim(name, environment, platform);
  return { file: file && path.resolve(file), version: file && findClientVersion(file, packageName) };
}

/** It has the keys from VS Code's secret storage too. */
async function checkThroughGateway(client: ControlClient): Promise<LiveCheck[]> {
  const { providers, source } = await client.state();
  if (source === 'demo') return [];
  const on = providers.filter(({ enabled }) => enabled);
  return (await Promise.all(on.map(({ name }) => client.check({ provider: name, once: true })))).flat();
}

async function checkAll(config: LoadedConfig, { environment }: CliContext): Promise<LiveCheck[]> {
  if (!config.usable) return [];
  const on = new Set(config.providers.filter(({ enabled }) => enabled).map(({ name }) => name));
  const upstream = createUpstream(upstreamOptions(config.config, environment));
  const options = { upstream: () => upstream, clock: systemClock, signal: new AbortController().signal, once: true };
  try {
    const isReachable = (url: string): boolean => url !== demoUrl && !asksWindows(url);
    const asked = config.config.Providers.filter(({ name, api_base_url: url }) => on.has(name) && isReachable(url));
    return (await Promise.all(asked.map((provider) => checkProvider(provider, options)))).flat();
  } finally {
    await upstream.close();
  }
}
