/** What somebody says of themselves, whatever device they have: a port. RFC 4480. */

/** One's own status. */
export interface OwnStatus {
  /** `away`, `meeting`, `busy`, … as RFC 4480 §3.2 names them; other words are kept as they are. */
  readonly activities: readonly string[];
  /** What others may read; empty for nothing. */
  readonly note: string;
  /** They want to look as if they were not there. */
  readonly isHidden: boolean;
}

/** The statuses of those who live here. */
export interface Statuses {
  /** Of this account; undefined where nothing was said. Quick, and may not throw. */
  of(account: string): OwnStatus | undefined;
}

/** Nobody says anything. */
export const NO_STATUSES: Statuses = { of: () => undefined };
