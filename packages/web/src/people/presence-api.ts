/** What one says of oneself, and who may see it: asked of the house over HTTP. */
import { ask } from "../api.ts";

export const STATUSES = ["online", "busy", "away", "offline"] as const;
/** `offline`: one is seen by nobody. */
export type Status = (typeof STATUSES)[number];

export interface OwnStatus {
  readonly status: Status;
  readonly note: string;
  /** When it ends by itself, in ms since 1970. */
  readonly until: number | null;
}

/** RFC 5025 §3.2.1: `polite-block` shows them somebody who is offline, `confirm` has them wait. */
export type WatcherAction = "allow" | "block" | "polite-block" | "confirm";

export interface PresenceRules {
  /** For people of this house. */
  readonly house: WatcherAction;
  /** For everybody else. */
  readonly others: WatcherAction;
  /** `who` is an address, or `*@other.example`. */
  readonly watchers: readonly { readonly who: string; readonly action: WatcherAction }[];
}

export interface Asking {
  readonly who: string;
  /** In ms since 1970. */
  readonly since: number;
}

export const readStatus = (seat: string): Promise<OwnStatus> => ask("GET", `${seat}api/status`);

export const putStatus = (seat: string, status: OwnStatus): Promise<OwnStatus> =>
  ask("PUT", `${seat}api/status`, status);

export const readRules = (seat: string): Promise<PresenceRules> =>
  ask("GET", `${seat}api/presence-rules`);

export const putRules = (seat: string, rules: PresenceRules): Promise<PresenceRules> =>
  ask("PUT", `${seat}api/presence-rules`, rules);

export const readAsking = (seat: string): Promise<{ readonly asking: readonly Asking[] }> =>
  ask("GET", `${seat}api/watchers`);

export const decide = (
  seat: string,
  who: string,
  action: Exclude<WatcherAction, "confirm">,
): Promise<{ readonly asking: readonly Asking[] }> =>
  ask("POST", `${seat}api/watchers`, { who, action });
