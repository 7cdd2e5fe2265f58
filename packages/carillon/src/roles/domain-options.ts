/** What a domain's server is made of: what the program gives it, and what it asks. */
import type { Crypto } from "../auth/crypto.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Flow } from "../transport/flow.ts";
import type { Accounts } from "./accounts.ts";
import type { Bridge } from "./bridge.ts";
import type { Calls } from "./calls-told.ts";
import type { Location } from "./location.ts";
import type { OutgoingStore } from "./outgoing/kept-calls.ts";
import type { Policy } from "./policy.ts";
import type { Service } from "./services.ts";
import type { Advertise } from "./shown.ts";
import type { Strangers } from "./strangers.ts";
import type { Wake } from "./wake.ts";
import type { LogEntry } from "./words.ts";

/** What a domain's server is made of. */
export interface DomainOptions {
  /** What stands behind the @ of the addresses served here. */
  readonly domain: string;
  /** Other names and addresses of this server that mean the same. */
  readonly aliases: readonly string[];
  /** Fixed for good: the stored HA1s are made with it. */
  readonly realm: string;
  /** Who there is, and what they sign in with. */
  readonly accounts: Accounts;
  /**
   * Where bindings are kept; one that has `expire` is asked to clean up every ten seconds or so.
   */
  readonly location: Location & { expire?(now: Millis): Millis };
  /** For digests and nonces: the endpoint's own will do. */
  readonly crypto: Crypto;
  /** 32 bytes that sign nonces. */
  readonly key: Uint8Array;
  /** 32 bytes that sign the tokens of pages. */
  readonly tokenKey: Uint8Array;
  /** The https URI where a page gets such tokens, if it is known: whoever is challenged is told. */
  readonly authzServer?: string;
  /**
   * This node's id in nonces: 1 to 32 of A-Z, a-z, 0-9, "-" and "_", or each challenge throws a
   * RangeError.
   */
  readonly node: string;
  /**
   * From where requests need no credentials: a gateway, another PBX of the house. They may come in
   * anybody's name, so it has to be a place from which nobody else can send, and over UDP one whose
   * address nobody can forge.
   */
  readonly trusts?: (flow: Flow) => boolean;
  /**
   * Where others reach this server, where that is not the end of the flow that it knows: behind a
   * NAT. Looked at each time, so that it may change.
   */
  readonly advertise?: Advertise;
  /** Names and addresses that were not known at the start and mean the same as `aliases`. */
  readonly isAlias?: (host: string) => boolean;
  /** What the operator decides; looked at for each request, so that it may change. */
  readonly policy?: () => Policy;
  /** Called on the path of a request: it has to be quick, and may not throw. */
  readonly log?: (entry: LogEntry) => void;
  /** Hears of calls for people here, and of their ends. */
  readonly calls?: Calls;
  /** Has branches of calls end here, where their two sides do not understand each other. */
  readonly bridge?: Bridge;
  /** Where it is kept what people call elsewhere; a restart begins anew without. */
  readonly outgoing?: OutgoingStore;
  /**
   * How often strangers may try to sign in, and how much they are answered: a `Shield`, which is to
   * be the endpoint's `gate`, too. As they like if left out.
   */
  readonly strangers?: Strangers;
  /** Wakes phones that sleep (RFC 8599); without it they are not reached. */
  readonly wake?: Wake;
  /** Parts of it that answer requests themselves, asked in this order; none if left out. */
  readonly services?: readonly Service[];
}
