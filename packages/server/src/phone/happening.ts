/**
 * What happens at a phone in the terminal, as data: what a script reads, one JSON document a line.
 * `words.ts` says the same to people.
 */
import type { Status } from "./orders.ts";

export type Happening =
  | { readonly event: "listening"; readonly at: readonly string[] }
  | { readonly event: "registration"; readonly state: string; readonly why?: string }
  | {
      readonly event: "call";
      /** Counted from 1; what orders name it by. */
      readonly call: number;
      readonly direction: "outgoing" | "incoming";
      readonly peer: string;
      readonly name: string;
      readonly state: CallStage;
      readonly held?: "ByUs" | "ByThem" | "ByBoth";
      readonly earlyMedia?: boolean;
      /** Of an ended one. */
      readonly end?: EndOfCall;
    }
  /** None of their phones rings, and the server is waking one. */
  | {
      readonly event: "waking";
      readonly call: number;
      readonly peer: string;
      readonly name: string;
    }
  /** The server stands in between, and translates: why, and what is spoken at either end. */
  | {
      readonly event: "bridge";
      readonly call: number;
      readonly why: string;
      /** `opus DTLS-SRTP`: between this phone and the server. */
      readonly here?: string;
      /** `PCMA RTP`: between the server and the other side. */
      readonly there?: string;
      readonly video?: "passed" | "dropped";
      readonly videoWhy?: string;
    }
  /** Somebody records it, or has paused or ended that. */
  | {
      readonly event: "recording";
      readonly call: number;
      readonly recording: "on" | "off" | "paused";
    }
  | {
      readonly event: "tone";
      readonly call: number;
      readonly tone: string;
      readonly durationMs: number;
    }
  | {
      readonly event: "transfer";
      readonly call: number;
      readonly state: string;
      readonly status?: number;
      readonly why?: string;
    }
  /** The other side wants this phone to call somebody else. */
  | { readonly event: "transfer-asked"; readonly call: number; readonly target: string }
  | {
      readonly event: "message";
      readonly from: string;
      readonly name: string;
      readonly text: string;
    }
  | { readonly event: "sent"; readonly to: string; readonly status: number }
  /** What became of the last text to them: it waits for the server, is with them, was read. */
  | {
      readonly event: "tick";
      readonly to: string;
      readonly state: "Waiting" | "Delivered" | "Displayed";
    }
  | {
      readonly event: "presence";
      readonly who: string;
      readonly status: string;
      readonly note: string;
    }
  /** Somebody wants to be told how the owner of this phone is, and waits for an answer. */
  | { readonly event: "watcher"; readonly who: string; readonly name: string }
  | {
      readonly event: "neighbour";
      readonly name: string;
      readonly uri: string;
      readonly status: string;
    }
  | { readonly event: "neighbour-left"; readonly name: string }
  | ({ readonly event: "statistics"; readonly call: number } & CallQuality)
  | { readonly event: "status"; readonly status: Status; readonly note: string }
  /** Something was in the way of what was asked. */
  | { readonly event: "trouble"; readonly code: string; readonly message: string };

export type CallStage =
  | "dialing"
  | "ringing"
  | "incoming"
  | "answering"
  | "established"
  | "reconnecting"
  | "ended";

export interface EndOfCall {
  readonly by: "local" | "remote" | "network";
  readonly code: string;
  readonly status?: number;
  readonly message: string;
  /** Seconds that the two talked; 0 if nobody answered. */
  readonly seconds: number;
}

/** How well a call sounds. */
export interface CallQuality {
  readonly codec: string;
  /** Whether nobody between the two can hear it. */
  readonly encrypted: boolean;
  /** Of 1 to 4.5, by ITU-T G.107. */
  readonly mos: number;
  readonly lossPercent: number;
  readonly jitterMs: number;
  readonly roundTripMs: number | undefined;
  readonly receivedKbits: number;
  readonly sentKbits: number;
}

/** What came of an order. */
export interface Reply {
  /** The number that came with the order, if one did. */
  readonly reply: string | number | undefined;
  readonly ok: boolean;
  /** The call that it was about. */
  readonly call?: number;
  /** What was asked for. */
  readonly list?: readonly Happening[];
  readonly error?: { readonly code: string; readonly message: string };
}
