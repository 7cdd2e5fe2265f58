/**
 * A limit on everything a peer can grow, in one place. Sizes are octets. What is over a limit is
 * refused with a status that says so; nothing is cut short silently.
 */

/** The whole of a message, headers and body. */
export const MAX_MESSAGE = 65_535;
/** Start line and headers together. */
export const MAX_HEADER_SECTION = 16_384;
export const MAX_HEADERS = 256;
/** Elements of one comma-separated header, all its lines together (Via, Route, Contact). */
export const MAX_VALUES = 64;
/** Parameters of one value or URI. */
export const MAX_PARAMS = 100;
/** RFC 3261 §8.1.1.5: the sequence number MUST be less than 2**31. */
export const MAX_CSEQ: number = 2 ** 31 - 1;
/** RFC 3261 §20.19: Expires goes from zero to (2**32)-1. */
export const MAX_EXPIRES: number = 2 ** 32 - 1;
/** RFC 5626 §10: the reg-id MUST be less than 2^31. */
export const MAX_REG_ID: number = 2 ** 31 - 1;
/** RFC 3262 §7.1: response numbers are 32 bits. */
export const MAX_RSEQ: number = 2 ** 32 - 1;
/** Multiparts within multiparts. */
export const MAX_DEPTH = 4;
/** Body parts of one message, those of all depths together. */
export const MAX_PARTS = 64;
