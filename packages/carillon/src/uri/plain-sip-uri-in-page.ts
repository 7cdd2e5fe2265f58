/** In a page there is one reader of URIs, the full one: see plain-sip-uri.ts. */
import type { SipUri } from "./sip-uri.ts";

export const readPlainSipUri = (_text: string): SipUri | undefined => undefined;
