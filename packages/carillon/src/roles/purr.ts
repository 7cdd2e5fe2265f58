/**
 * PURRs (Proxy Unique Registration References): what a phone that sleeps writes into its Contact in
 * dialogs, so that this server knows whom to wake for a request in one. RFC 8599 §6.2.1.
 *
 * A PURR is the account and a hash of where its phone is woken, sealed (`sealed.ts`). What is
 * needed for a push is the phone's binding, which is kept anyway; so a PURR is good as long as
 * there is one, over restarts, too, and however many newer ones there are.
 */
import { toBase64url } from "../auth/base64url.ts";
import type { Crypto } from "../auth/crypto.ts";
import { fromBytes, fromText, type Octets, toBytes, toText } from "../grammar/octets.ts";
import { purrIn } from "../uri/push-params.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { readNamed, Sealer, type SealerOptions, withName } from "./sealed.ts";
import { type PushAddress, pushAddress, pushKey } from "./wake-address.ts";

const PHONE_BYTES = 8;
/** Of a PURR: a name of 255 octets has fewer. */
const MAX_PURR = 600;

/** Whom a PURR names. */
export interface PurrRead {
  readonly account: string;
  /** Which of its phones. */
  readonly phone: Octets;
}

export class Purrs {
  readonly #crypto: Crypto;
  readonly #hashing: Uint8Array;
  readonly #sealer: Sealer;

  /** `purpose` tells those of one part of a server from another's. */
  constructor(options: SealerOptions, purpose: string) {
    this.#crypto = options.crypto;
    this.#hashing = options.crypto.hmac(options.key, toBytes(`PURRs of ${purpose}: phones`));
    this.#sealer = new Sealer(options, `PURRs of ${purpose}`);
  }

  //= RFC 8599 §6.2.1
  //# In addition, the proxy MUST generate a unique (within the context of the proxy) value,
  //# referred to as the PURR (Proxy Unique Registration Reference), that can be used as a key to
  //# retrieve the information.
  //= RFC 8599 §6.2.1
  //# In order to prevent client fingerprinting, the proxy MUST periodically generate a new PURR
  //# value (even if 'pn-*'parameters did not change).
  //= RFC 8599 §6.2.1
  //# However, as long as there are ongoing dialogs associated with the old value, the proxy MUST
  //# store it so that it can request that push notifications are sent to the UA when it receives a
  //# mid-dialog request addressed towards the UA.
  //= RFC 8599 §6.2.1
  //# In addition, the PURR value MUST be generated in such a way so that it is unforgeable,
  //# anonymous, and unlinkable to entities other than the proxy.
  /** Another one each time. Undefined for a name that is too long. */
  make(account: string, push: PushAddress): Octets | undefined {
    const plain = withName(toBytes(fromText(account)), this.#hash(push));
    return plain && this.#sealer.seal(plain);
  }

  /** Whom the `pn-purr` of this URI names; undefined where there is none that was made here. */
  read(uri: Octets): PurrRead | undefined {
    // Most have none, and are read for every request.
    if (!uri.includes("pn-purr")) return undefined;
    const parsed = parseSipUri(uri);
    const purr = parsed.ok ? purrIn(parsed.value) : undefined;
    if (purr === undefined || purr.length > MAX_PURR) return undefined;
    const plain = this.#sealer.open(purr);
    const read = plain && readNamed(plain, PHONE_BYTES);
    return read && { account: toText(fromBytes(read.name)), phone: toBase64url(read.rest) };
  }

  /** Whether the phone behind this contact is the one that it names. */
  isOf({ phone }: PurrRead, contact: Octets): boolean {
    const push = pushAddress(contact);
    return push !== undefined && toBase64url(this.#hash(push)) === phone;
  }

  #hash(push: PushAddress): Uint8Array {
    const key = toBytes(fromText(pushKey(push)));
    return this.#crypto.hmac(this.#hashing, key).subarray(0, PHONE_BYTES);
  }
}
