/**
 * A limit on everything a peer can grow in a session description, in one place. What is over a
 * limit is refused; nothing is cut short silently.
 */

/** The whole of a description, in octets. */
export const MAX_SDP = 65_536;
/** One line with its type letter, in octets; the longest in use carry H.264 parameter sets. */
export const MAX_LINE = 8192;
export const MAX_MEDIA = 64;
/** `a=` lines of the session, or of one media section. */
export const MAX_ATTRIBUTES = 512;
/** Lines that are no attributes of the session, or of one media section. */
export const MAX_FIELDS = 64;
/** `a=candidate` lines of one section. */
export const MAX_CANDIDATES = 128;
/** Formats of one `m=` line. */
export const MAX_FORMATS = 64;
/** Elements of one list inside a value: identification tags, parameters, SSRCs, options. */
export const MAX_LIST = 128;

/** RFC 3550 §5.1: seven bits. */
export const MAX_PAYLOAD_TYPE = 127;
export const MAX_PORT = 65_535;
export const MAX_UINT32 = 4_294_967_295;
