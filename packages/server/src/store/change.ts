/**
 * What is asked of the disk, as plain data: it goes to another thread.
 */
import type { Commands } from "./commands.ts";
import type { MessageWrite } from "./messages/message-write.ts";

export type Change =
  | BindingsChange
  | CommandChange
  | CallChange
  | EventStateChange
  | MessagesChange;

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

/** Of messages: a post with all of its journals, or what is kept beside them. */
export interface MessagesChange {
  readonly kind: "Messages";
  readonly write: MessageWrite;
}

/** What is known of a call when it is answered, or refused; and when it ends. */
export type CallChange =
  | { readonly kind: "CallAnswered"; readonly row: CallRow }
  | {
      readonly kind: "CallEnded";
      /** As in the row. */
      readonly name: string;
      readonly endedAt: number;
      /** Null: neither of them. */
      readonly endedBy: "caller" | "callee" | null;
    }
  | {
      readonly kind: "CallRated";
      /** As in the row. */
      readonly name: string;
      readonly mosCaller: number | null;
      readonly mosCallee: number | null;
    };

/** Something that goes on for a time is kept, or is over. */
export interface EventStateChange {
  readonly kind: "EventState";
  readonly what: EventStateKind;
  readonly id: string;
  /** Undefined: it is over. `expiresAt` is the calendar's, in milliseconds. */
  readonly row: readonly [expiresAt: number, record: string] | undefined;
}

/**
 * What somebody subscribed to and what was published, each with a 2xx; calls that go on, legs of
 * those that lead out, and what each person has spent on them today; and bridged calls.
 */
export type EventStateKind =
  | ("subscription" | "publication")
  | ("call" | "leg" | "spending" | "bridged");

/** In the order of the table's columns. */
export type CallRow = readonly [
  name: string,
  caller: string,
  callee: string,
  callId: string,
  invitedAt: number,
  answeredAt: number | null,
  endedAt: number | null,
  status: number,
];

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
  transport: "UDP" | "TCP",
  instance: string,
  regId: number,
  path: string,
  epoch: string,
];
