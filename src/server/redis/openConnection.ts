import type { Command } from './outbox.ts';

/** The connections to Redis. They are opened again by themselves, after `lost`. */
export type Connection = {
  command(command: Command): Promise<unknown>;
  /** Several commands at one moment. */
  transaction(commands: readonly Command[]): Promise<unknown[]>;
  reconnect(): void;
  close(): void;
};

export type OpenConnection = (handlers: {
  channel: string;
  /** All are connected, and messages come. */
  ready(): void;
  lost(reason: string): void;
  message(text: string): void;
}) => Connection;
