import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { newShapes } from '../../../scripts/canary/shapes.mjs';

const read = (file: string): { requests: { body: Record<string, unknown> }[] } =>
  JSON.parse(readFileSync(path.join(import.meta.dirname, '../../fixtures', file), 'utf8')) as ReturnType<typeof read>;

describe.each(['codex/codex-0.169-catalog-freeform.json', 'claude/claude-2.1.330-parallel-tools.json'])(
  '%s',
  (file) => {
    const recording = read(file);

    it('has nothing new beside itself', () => expect(newShapes(recording.requests, recording)).toEqual([]));

    it('shows what a later version adds', () => {
      const [first] = recording.requests;
      const message = { role: 'critic', content: [{ type: 'hologram' }] };
      const tools = [{ type: 'advisor_20991231', secret_field: 1 }];
      const body = { ...first?.body, messages: [message], tools, new_field: true };
      const found = newShapes([{ body }], recording);
      expect(found).toEqual(
        expect.arrayContaining([
          'field new_field',
          'field of a tool: secret_field',
          'kind of part: hologram',
          'kind of tool: advisor_20991231',
          'role: critic',
        ]),
      );
    });
  },
);
