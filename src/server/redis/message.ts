import * as z from 'zod';
import type { Call } from './outbox.ts';
import { parsed } from './replies.ts';

/** What a gateway did. `batch`: by its name the sender knows it again. */
const messageSchema = z.object({
  from: z.string(),
  batch: z.string(),
  calls: z.array(z.custom<Call>((value) => Array.isArray(value) && typeof value[0] === 'string')),
});

type Message = z.output<typeof messageSchema>;

/** Without its number, which the script puts before it. */
export function writeMessage(message: Message): string {
  return JSON.stringify(message);
}

/** Undefined for what is no message: others may write to the channel too. */
export function readMessage(text: string): (Message & { number: number }) | undefined {
  const space = text.indexOf(' ');
  const { data } = messageSchema.safeParse(parsed(text.slice(space + 1)));
  return data && { ...data, number: Number(text.slice(0, space)) };
}
