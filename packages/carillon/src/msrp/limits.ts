/** What is kept of an MSRP peer's octets at most. RFC 4975 sets only some of these. */

/** Start line and headers of one request or response. */
export const MAX_HEAD: number = 16 * 1024;
/** URIs in one path: relays of both sides, and the end. */
export const MAX_PATH = 16;
/** Header fields of one request beside the two paths. */
export const MAX_HEADERS = 64;
//= RFC 4975 §7.1
//# Non-SEND request bodies MUST NOT be larger than 10240 octets.
export const MAX_OTHER_BODY = 10_240;
/** From here on a chunk has to be one that can be interrupted. RFC 4975 §5.1. */
export const INTERRUPTIBLE = 2048;
//= RFC 4975 §7.1.1
//# If a 200 response to the transaction is not received within 30 seconds from the time the last
//# byte of the transaction is sent, or submitted to the operating system for sending, the element
//# MUST inform the user that the request probably failed.
export const TRANSACTION_MS = 30_000;
