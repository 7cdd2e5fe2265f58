/** What a bridged call is made of, and who hears of it. */
import type { Response } from "../message/message.ts";
import type { BridgeAsked } from "../roles/bridge.ts";
import type { CallRated } from "../roles/calls-told.ts";
import type { BridgedCall } from "./bridged-call.ts";
import type { HouseAgent } from "./house-agent.ts";
import type { LoopTable } from "./loop-table.ts";
import type { MappedIds } from "./mapped-ids.ts";
import type { Described, MediaEngine, Side } from "./media-engine.ts";

/** What makes a bridged call. */
export interface BridgedCallParts {
  readonly agent: HouseAgent;
  readonly engine: MediaEngine;
  readonly asked: BridgeAsked;
  /** Why it is bridged, as a person reads it. */
  readonly why: string;
  /** How the engine has to treat the caller. */
  readonly caller: Side;
  /** The same of the device. */
  readonly device: Side;
  /** Who is told that it is bridged. */
  readonly tells: { readonly caller: boolean; readonly device: boolean };
  /** How the number of its INVITE differs from the caller's: see `firstRequest`. */
  readonly seqStep: number;
  /** What dialogs are called on the other side. */
  readonly ids: MappedIds;
  /** INVITEs that are on their way. */
  readonly loops: LoopTable;
  readonly user: BridgedCallUser;
}

/** Who has all of them. */
export interface BridgedCallUser {
  /** The device has said something. */
  heard(call: BridgedCall, response: Response): void;
  /** These media are agreed on, first or anew. */
  agreed(call: BridgedCall, described: Described): void;
  /** An INVITE or UPDATE came by, which keeps the session going. */
  refreshed(call: BridgedCall): void;
  /** A call that was accepted is over; by nobody, where it broke. */
  ended(call: BridgedCall, by: "caller" | "device"): void;
  /** How well both were heard in a call that is over. */
  rated(call: CallRated): void;
  /** Nothing is left of it. */
  gone(call: BridgedCall): void;
}
