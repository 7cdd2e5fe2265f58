/** Where a phone that sleeps is woken: parameters of its Contact's URI. RFC 8599 §8.7. */
import type { Octets } from "../grammar/octets.ts";
import { unescapeUri } from "./escape.ts";
import type { SipUri } from "./sip-uri.ts";

/** The `pn-*` parameters of a Contact's URI, their escapes taken off. RFC 8599 §8.7. */
export interface PushParams {
  /** `apns`, `fcm`, `webpush` or another; empty where the phone asks which there are. */
  readonly provider: string;
  /**
   * `pn-param`: what the service needs beside the `prid`, such as an app's topic; undefined if
   * absent.
   */
  readonly param: Octets | undefined;
  /** `pn-prid`: what the push service knows this phone by; undefined if absent. */
  readonly prid: Octets | undefined;
  /**
   * `pn-purr`, Proxy Unique Registration Reference: with it a proxy knows which phone to wake for a
   * request within a dialog. RFC 8599 §6.2.1.
   */
  readonly purr: Octets | undefined;
}

/**
 * `pn-purr` alone, which stands in Contacts of dialogs without the others; undefined if absent.
 * RFC 8599 §6.1.1.
 */
export function purrIn({ params }: Pick<SipUri, "params">): Octets | undefined {
  const raw = params.get("pn-purr");
  return raw === undefined ? undefined : unescapeUri(raw);
}

/**
 * `pn-provider`, `pn-param`, `pn-prid` and `pn-purr`; undefined without a provider.
 * RFC 8599 §8.7.
 */
export function pushParams({ params }: SipUri): PushParams | undefined {
  const provider = params.get("pn-provider");
  if (provider === undefined) return undefined;
  const value = (name: string): Octets | undefined => {
    const raw = params.get(name);
    return raw === undefined ? undefined : unescapeUri(raw);
  };
  return {
    provider: unescapeUri(provider),
    param: value("pn-param"),
    prid: value("pn-prid"),
    purr: purrIn({ params }),
  };
}
