/** CSeq. RFC 3261 §20.16: read with every message, and so a file of the folder above. */
export { type CSeq, formatCSeq, parseCSeq } from "../cseq.ts";
