/** What waits in people's mailboxes: a port. RFC 3842. */
import type { MessageSummary } from "../documents/message-summary.ts";

/** The mailboxes of those who live here. */
export interface Mailboxes {
  /** What waits for this account. Quick, and may not throw. */
  of(account: string): MessageSummary;
}

/** Nothing waits for anybody. */
export const EMPTY_MAILBOXES: Mailboxes = {
  of: () => ({ isWaiting: false, account: undefined, counts: new Map() }),
};
