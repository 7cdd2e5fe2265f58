/**
 * What a package is at a server: for each subscription a source of bodies. The machine, its dialog,
 * its rate and its end are the state agent's.
 */

import type { Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import type { EventType } from "../message/header/event.ts";
import type { Flow } from "../transport/flow.ts";
import type { EndReason } from "../usage/subscription-headers.ts";

/** Who subscribes. */
export interface Watcher {
  /** The account they signed in with; undefined for a trusted place or another domain. */
  readonly account: string | undefined;
  /** Their address, from From: `sip:alice@example.com`, without parameters. */
  readonly uri: Octets;
  /** From From, for people; empty where there is none. */
  readonly displayName: string;
}

/** What a SUBSCRIBE asks for, in a package that exists. */
export interface Asked {
  /** Who asks; they have shown who they are. */
  readonly watcher: Watcher;
  /** Whom the Request-URI names, as an account is written. */
  readonly resource: string;
  /** The Event header, with the parameters that the package defines. */
  readonly event: EventType;
  /** The type of bodies that both sides know, one of `accept`. */
  readonly contentType: string;
  /** Option tags in Supported, in lower case. */
  readonly supported: readonly string[];
  /** The way its SUBSCRIBE came. */
  readonly flow: Flow;
  /** It asks once: Expires is 0. */
  readonly isOnce: boolean;
  /** It was begun before this program was, and goes on: the watcher has bodies already. */
  readonly isRestored: boolean;
}

/** The bodies of one subscription. None of it may throw. */
export interface Source {
  /**
   * What the next NOTIFY says; undefined: nothing, and it goes without a body. `version` counts
   * the bodies of this subscription from 0, and jumps ahead where the server was started anew.
   * `isWhole`: what was said before does not count, as after a SUBSCRIBE or a lost NOTIFY.
   */
  body(version: number, isWhole: boolean): SourceBody | undefined;
  /** The NOTIFY with this body has its final answer; 408 for silence, 503 for no way. */
  told?(version: number, status: number): void;
  /** Whether another NOTIFY is to go at once, after one that was answered with 2xx. */
  hasMore?(): boolean;
  /**
   * A SUBSCRIBE in its dialog was accepted, with this Event header, and came this way; the body
   * that it asks for is the next one.
   */
  refreshed?(event: EventType, flow: Flow): void;
  /** Whether they may know it now; asked whenever something has changed. Allowed if left out. */
  standing?(): Standing;
  /** Option tags that a watcher has to know: they go into Require. */
  readonly requires?: readonly string[];
  /** Its last NOTIFY has been sent, or none will be. Called once. */
  closed?(reason: EndReason | "unreachable"): void;
}

/** A body with its type. */
export interface SourceBody {
  /** As Content-Type has it, with parameters. */
  readonly contentType: Octets;
  /** Not empty. */
  readonly body: Octets;
}

/** Whether a watcher may know: yes; not before somebody has said so; no. */
export type Standing = "Allowed" | "Waiting" | "Refused";

/** Why a subscription is not begun. */
export interface SourceRefusal {
  /** 400 to 699. */
  readonly status: number;
  /** In words, for the watcher and the log. */
  readonly why: string;
  /** More for the response. */
  readonly headers?: readonly HeaderField[];
}

/** One event package, as a server has it. RFC 6665 §5. */
export interface ServedPackage {
  /** `presence`: the value of Event. */
  readonly event: string;
  /** Types of bodies, the package's own first. */
  readonly accept: readonly string[];
  /** What is granted where nothing is asked, and the most that is. */
  readonly expiresSeconds: number;
  /** Less is refused with 423; 60 if left out. */
  readonly minSeconds?: number;
  /** Between two NOTIFYs that tell of changes, in ms. */
  readonly minGapMs: number;
  /** Whether it is about this name; about everybody who lives here, if left out. */
  readonly serves?: (resource: string) => boolean;
  /** Begins a subscription. `changed` is called when there is something to tell. */
  open(asked: Asked, changed: () => void): Source | SourceRefusal;
}

/** Whether a subscription was refused. */
export const isRefusal = (opened: Source | SourceRefusal): opened is SourceRefusal =>
  "status" in opened;
