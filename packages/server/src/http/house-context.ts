/**
 * What the routes need of the rest of the program.
 */
import type { Clock } from "../clock.ts";
import type { HousePush } from "../push/house-push.ts";
import type { HouseWrites } from "../store/commands.ts";
import type { SqliteMessageStore } from "../store/messages/sqlite-message-store.ts";
import type { Store } from "../store/store.ts";
import type { Attempts } from "./attempts.ts";
import type { ChangeGroup } from "./group-routes.ts";
import type { IceServersFor } from "./ice-routes.ts";
import type { Log } from "./log.ts";
import type { OwnNames } from "./own-origin.ts";
import type { PeopleFeed } from "./people-feed.ts";

export interface HouseContext {
  /** To be read; what changes it goes through `writes`. */
  readonly store: Store;
  readonly writes: HouseWrites;
  readonly clock: Clock;
  readonly names: OwnNames;
  readonly log: Log;
  readonly attempts: Attempts;
  /** The ban that holds for this address; its end is the calendar's, in ms. */
  banOf?(host: string): { readonly reason: string; readonly until: number } | undefined;
  readonly people: PeopleFeed;
  /** What people say to each other. */
  readonly messages: SqliteMessageStore;
  readonly presence: PresenceChanges;
  /** As if it had been asked for over SIP: everybody in the group is told. */
  readonly changeGroup: ChangeGroup;
  /** Where phones find SIP over UDP. */
  readonly sipPort: number;
  /** An address of this machine that others in its network reach, if there is one. */
  lanAddress(): string | undefined;
  readonly iceServers: IceServersFor;
  /** Whether this device of the account is registered at the moment. */
  isHere(account: string, device: string): boolean;
  /** A Bearer token for SIP, RFC 8898; expires on the steady clock. */
  mintToken(claims: TokenClaims): string;
  /** Wakes closed pages; undefined where nobody is to be woken. */
  readonly push?: Pick<HousePush, "services" | "canWake" | "decline"> | undefined;
  /** Where everybody is led who comes without TLS; undefined where nobody is. */
  readonly httpsOnly?: (() => number | undefined) | undefined;
  /** The folder with the built page. */
  readonly page: string;
}

/** Who has to hear what a person changed about presence. It is on the disk by then. */
export interface PresenceChanges {
  contactsChanged(account: string): void;
  /** Who may see them. */
  rulesChanged(account: string): void;
  /** How they say that they are. */
  statusChanged(account: string): void;
}

export interface TokenClaims {
  readonly account: string;
  readonly session: string;
  /** Milliseconds since the Unix epoch, on the steady clock. */
  readonly expiresAt: number;
}

export const aorOf = (context: Pick<HouseContext, "store">, name: string): string =>
  `sip:${name}@${context.store.house.domain}`;
