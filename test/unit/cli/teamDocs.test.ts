import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const docs = path.join(import.meta.dirname, '../../../docs');
const team = readFileSync(path.join(docs, 'team.md'), 'utf8');
const commands = readFileSync(path.join(docs, 'cli.md'), 'utf8');
const blockOf = (language: string): string =>
  new RegExp(`\`\`\`${language}\\n([\\s\\S]+?)\`\`\``).exec(team)?.[1] ?? '';

it('the options of the Dockerfile and the unit are those of ccr start', () => {
  for (const block of [blockOf('dockerfile'), blockOf('ini')]) {
    const command = /^(?:CMD|ExecStart=).*$/m.exec(block)?.[0] ?? '';
    const options = [...command.matchAll(/--[a-z-]+/g)].map(([option]) => option);
    expect(options.length).toBeGreaterThan(2);
    for (const option of options) expect(commands).toMatch(new RegExp(`\\| \`(?:-\\w, )?${option} .*\`start\``));
  }
});

it('the values of Helm fit the Dockerfile: port, folder of the config, and time to drain', () => {
  const [values, image] = [blockOf('yaml'), blockOf('dockerfile')];
  const port = /EXPOSE (\d+)/.exec(image)?.[1] ?? '';
  expect(image).toContain(`"--port", "${port}"`);
  expect([...values.matchAll(/port: (\d+)/g)].map(([, each]) => each)).toEqual([port, port]);
  const folder = /"--config", "(.+?)\/config\.json"/.exec(image)?.[1] ?? '';
  expect(values).toContain(`path: ${folder}\n`);
  const drain = Number(/"--shutdown-timeout", "(\d+)"/.exec(image)?.[1]);
  expect(Number(/terminationGracePeriodSeconds: (\d+)/.exec(values)?.[1])).toBeGreaterThan(drain);
});
