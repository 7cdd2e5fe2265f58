/**
 * What is asked of the disk, as plain data: it goes to another thread.
 */
import type { Commands } from "./commands.ts";

export type Change = BindingsChange | CommandChange;

/** These are all of an account's bindings that outlive the process, in place of all that were. */
export interface BindingsChange {
  readonly kind: "Bindings";
  readonly account: string;
  readonly rows: readonly BindingRow[];
}

/** One of the house's own affairs: joining, a new phone. Its value comes back with the batch. */
export interface CommandChange {
  readonly kind: "Command";
  readonly name: keyof Commands;
  readonly args: readonly unknown[];
}

/** In the order of the table's columns. `expiresAt` is the calendar's, in milliseconds. */
export type BindingRow = readonly [
  contact: string,
  q: number,
  callId: string,
  cseq: number,
  expiresAt: number,
  localHost: string,
  localPort: number,
  remoteHost: string,
  remotePort: number,
  credential: string,
];
