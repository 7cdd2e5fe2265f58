/**
 * Everything that a peer can make grow, how far, and what goes first. docs/limits.md is made of it,
 * and its test finds what is kept in the sources and is not in here.
 *
 * `{NAME}` in a text is the number that the source at the row's path gives to that name,
 * `{PATH NAME}` one that another source does.
 */
export interface Kept {
  /** From `packages`; with `/` at its end all files below it. */
  readonly path: string;
  /** Fields that keep something, as the source writes them; "*" for all of them. */
  readonly fields: string;
  /** How much. */
  readonly most: string;
  /** What goes first, or is refused. */
  readonly first: string;
}

export const kept = (path: string, fields: string, most: string, first: string): Kept => ({
  ...{ path, fields, most, first },
});

export const LIBRARY = "carillon/src";
export const ENDPOINT = `${LIBRARY}/endpoint`;
export const ROLES = `${LIBRARY}/roles`;
export const EVENTS = `${LIBRARY}/state-agent`;
export const BRIDGE = `${LIBRARY}/b2bua`;
export const TURN = `${LIBRARY}/turn`;
export const NODE = `${LIBRARY}/node`;
export const MSRP = `${LIBRARY}/msrp`;
export const SAID = `${LIBRARY}/messaging`;
export const STORE = "server/src/store";
export const TURN_OPTIONS = `${TURN}/turn-options.ts`;

export const LISTENER = `${NODE}/stream-limits.ts`;
export const CONNECTIONS =
  `one for each connection: {${LISTENER} connections} a listener, ` +
  `{${LISTENER} connectionsPerSource} a source`;
export const CONNECTIONS_GO = "who has said nothing for longest, then the stranger who came first";
export const OF_ITS_CALL = "of one call, with which it goes";
