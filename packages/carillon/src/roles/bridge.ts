/**
 * What has a branch of a call end at this server, and begin anew from here: a back-to-back agent.
 * The proxy asks it about every branch of an INVITE from outside of dialogs, and holds its answers
 * against those of the other branches.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Response } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import type { Branch, Ended } from "./branch.ts";
import type { Counted } from "./outgoing/outgoing-call.ts";

/** One branch, before it is sent, or after it was refused. */
export interface BridgeAsked {
  /** The INVITE. */
  readonly from: Incoming;
  /** Whose it is; undefined for a trusted place or a partner. */
  readonly account: string | undefined;
  /** Who is called, if somebody here. */
  readonly callee: string | undefined;
  /** The Request-URI of this branch: a device's contact, or an address elsewhere. */
  readonly uri: Octets;
  /** The way to that device; undefined where its servers have still to be found. */
  readonly flow: Flow | undefined;
  /** Proxies on the way there, the first hop first: values of its Path. RFC 3327 §5.4. */
  readonly path?: readonly Octets[] | undefined;
  /** The instance of the device that is there, where it has said one. RFC 5626 §4.1. */
  readonly device?: Octets | undefined;
  /**
   * The branch as it goes where no bridge is needed: for what turns out to understand the caller
   * after all. Its answers are `heard`, and a refusal of it stands.
   */
  readonly forwarded: Branch;
  /** The call that is counted, where it is: what the bridge has of it counts until it is over. */
  readonly counted?: Counted | undefined;
  /** What the operator's route says of it, if it does. */
  readonly decided: BridgeDecision | undefined;
}

/** What an operator's route may want of a bridge. */
export interface BridgeDecision {
  /** Its branches end here, whatever both sides speak. */
  readonly kind: "Bridge";
  /**
   * Neither side learns anything of the other's network: another Call-ID and tags, and no header
   * that says where somebody is or with what. False if left out.
   */
  readonly hide?: boolean;
}

/** A back-to-back agent, as the proxy sees it. All of it is called on the path of a request. */
export interface Bridge {
  /** This branch from here; undefined: it is forwarded. */
  instead(asked: BridgeAsked): Ended | undefined;
  /** The same for one that was forwarded and refused so, by a 488 or 606; undefined: it stands. */
  after(asked: BridgeAsked, refusal: Response): Ended | undefined;
  /** A response to what was forwarded: what that device speaks. */
  heard?(asked: BridgeAsked, response: Response): void;
}
