/** What a TURN server is made with. */
import type { Millis } from "../grammar/millis.ts";
import type { Realm } from "./authentication.ts";
import type { PeerWorld } from "./peer-rules.ts";
import type { RelayOptions } from "./relay-table.ts";
import type { Rate } from "./source-budget.ts";

/** What is kept and answered at most. */
export interface TurnLimits {
  /** Allocations in all. */
  readonly allocations: number;
  /** Of one account. */
  readonly perAccount: number;
  /** From one IPv4 address, or one IPv6 network of 64 bits. */
  readonly perSource: number;
  /** Peers of one allocation: permissions, and as many channels. */
  readonly peers: number;
  /** Of one allocation, both ways together, in bytes. */
  readonly bandwidth: Rate;
  /** Questions of one source that are answered before it has an allocation. */
  readonly strangers: Rate;
  /** And of all of them. */
  readonly allStrangers: Rate;
}

/** Enough for a house and a town; a server for a country is another program. */
export const TURN_LIMITS: TurnLimits = {
  allocations: 1000,
  perAccount: 20,
  perSource: 200,
  peers: 64,
  bandwidth: { burst: 4_000_000, perSecond: 1_000_000 },
  strangers: { burst: 200, perSecond: 50 },
  allStrangers: { burst: 4000, perSecond: 2000 },
};

/** What a server is. */
export interface TurnServerOptions extends Realm, RelayOptions {
  /** To whom is relayed. */
  readonly peers: PeerWorld;
  /** `TURN_LIMITS` if left out. */
  readonly limits?: Partial<TurnLimits>;
  /** What SOFTWARE says to who is signed in; nothing if left out. */
  readonly software?: string;
  /** In ms since 1970, as every `now`. */
  readonly startedAt: Millis;
}

/** How much there is, and was. */
export interface TurnCensus {
  /** Clients with a relayed address. */
  readonly allocations: number;
  /** Sockets, those that are kept for later included. */
  readonly relays: number;
  /** Since the start, both ways. */
  readonly packets: number;
  /** Of them, without headers. */
  readonly bytes: number;
}
