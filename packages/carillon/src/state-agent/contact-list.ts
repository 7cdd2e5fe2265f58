/** Whose state somebody wants to see together: a port. RFC 4662, RFC 4826. */

/** One entry of a contact list. */
export interface Contact {
  /** `sip:bob@example.com`. */
  readonly uri: string;
  /** For people; empty where there is none. */
  readonly name: string;
}

/** The contact lists of those who live here. */
export interface Contacts {
  /** The list of this account, in its order; at most 1,000 count. Quick, and may not throw. */
  of(account: string): readonly Contact[];
}

/** Nobody has any. */
export const NO_CONTACTS: Contacts = { of: () => [] };
