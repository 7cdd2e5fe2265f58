/** How much one person can keep about whom they know, who may see them, and how they are. */
export const PRESENCE_LIMITS = {
  /** Whom one person lists. A list that is subscribed to is told whole: half a megabyte at most. */
  contacts: 500,
  /** Watchers that one person has a rule of their own for. */
  rules: 500,
  /** Who wait to be let see one person. A stranger costs a row; the oldest gives way. */
  asking: 100,
  /** Characters of an address. */
  address: 256,
  /** Characters of what one calls a contact. */
  name: 64,
  /** Characters of a note. */
  note: 200,
  /** Bytes of a request with any of this. */
  body: 256 * 1024,
} as const;
