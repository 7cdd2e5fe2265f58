/**
 * Globally routable user agent URIs of a domain: made without keeping anything, and read again.
 * RFC 5627 §5.4, Appendix A.
 *
 * A public one is the address with the instance behind it. A temporary one is
 *
 * `"tgruu." sealed`
 *
 * where `sealed` is the account and the epoch of its device's registration, as `sealed.ts` has it.
 * What an epoch is, `gruu-epochs.ts` says.
 */
import { fromBase64url, toBase64url } from "../auth/base64url.ts";
import type { Crypto } from "../auth/crypto.ts";
import { fromBytes, fromText, type Octets, toBytes, toText } from "../grammar/octets.ts";
import { escapeUriParam } from "../uri/escape.ts";
import { gruuOf } from "../uri/gruu.ts";
import { escapeUser, type SipUri, unescapeUri } from "../uri/sip-uri.ts";
import { readNamed, Sealer, withName } from "./sealed.ts";

/** What a domain makes its GRUUs with. */
export interface GruuOptions {
  /** Needed for `hmac` and `randomBytes`. */
  readonly crypto: Crypto;
  /** Kept over restarts and shared by the nodes of a cluster: with another, all are void. */
  readonly key: Uint8Array;
  /** What stands behind the @. */
  readonly domain: string;
}

/** What a GRUU of ours says. Whether it is valid now, the bindings of the account say. */
export type GruuRead =
  | { readonly kind: "public"; readonly instance: Octets }
  | { readonly kind: "temporary"; readonly account: string; readonly epoch: Octets }
  /** It looks like one, and nobody here made it. */
  | { readonly kind: "none" };

const NONE: GruuRead = { kind: "none" };

const PREFIX = "tgruu.";
/** Of an epoch, which `newEpoch` makes. */
const EPOCH_BYTES = 9;
const MAX_USER = 600;
/** Of an instance in a public GRUU. */
const MAX_INSTANCE = 128;

/** Whether an address of ours has the form of a temporary GRUU, valid or not. */
export const isTemporary = ({ user = "" }: SipUri): boolean => unescapeUri(user).startsWith(PREFIX);

export class Gruus {
  readonly #crypto: Crypto;
  readonly #domain: string;
  readonly #sealer: Sealer;

  constructor(options: GruuOptions) {
    this.#crypto = options.crypto;
    this.#domain = options.domain;
    this.#sealer = new Sealer(options, "temporary GRUUs");
  }

  //= RFC 5627 §5.1
  //# The public GRUU MUST be constructed by adding the "gr" URI parameter, with a value, to the
  //# AOR.
  //= RFC 5627 §5.4
  //# However, if two GRUUs are associated with different AORs or different instance IDs or both,
  //# the GRUUs MUST be different based on URI equality comparison.
  //= RFC 5627 §5.4
  //# Once a public GRUU is constructed, it MUST be considered valid for the duration that the AOR
  //# itself is valid.
  /**
   * The public GRUU of a device, as RFC 5627 A.1 makes it: the same each time. Undefined for an
   * instance that is no URN in angle brackets, or too long to be carried about.
   */
  pub(account: string, instance: Octets, isSips: boolean): Octets | undefined {
    return publicGruu(this.#address(escapeUser(fromText(account)), isSips), instance);
  }

  //= RFC 5627 §5.1
  //# The likelihood that the temporary GRUU is equal to another GRUU that the registrar has created
  //# MUST be vanishingly small.
  //= RFC 5627 §5.1
  //# Given a pair of GRUUs, it MUST be computationally infeasible to determine whether they were
  //# issued for the same AOR or instance ID or for different AORs and instance IDs.
  //= RFC 5627 §5.1
  //# The temporary GRUU construction algorithm MUST have the following two properties:
  /** Another temporary GRUU of a device, valid as long as its epoch is. */
  temp(account: string, epoch: Octets, isSips: boolean): Octets | undefined {
    const name = toBytes(fromText(account));
    const epochBytes = fromBase64url(epoch);
    if (epochBytes?.length !== EPOCH_BYTES) return undefined;
    const plain = withName(name, epochBytes);
    if (!plain) return undefined;
    const user = PREFIX + this.#sealer.seal(plain);
    return `${this.#address(user, isSips)};gr`;
  }

  /** A name for a device's registration from its beginning, or from its last change of Call-ID. */
  newEpoch(): Octets {
    return toBase64url(this.#crypto.randomBytes(EPOCH_BYTES));
  }

  //= RFC 5627 §5.4
  //# A registrar MUST be able to determine the instance ID and AOR when presented with a GRUU.
  //= RFC 5627 §5.4
  //# A GRUU in a domain MUST NOT be equivalent, based on URI comparison, to any AOR in a domain
  //# except for the one associated with the GRUU.
  /** What this URI says, whose host is one of ours; undefined where it is no GRUU. */
  read(uri: SipUri): GruuRead | undefined {
    const gruu = gruuOf(uri);
    const user = unescapeUri(uri.user ?? "");
    //= RFC 5627 §10.2
    //# If the GRUU had been temporary, removal of the "gr" URI parameter produces a URI that is not
    //# recognized as a GRUU and is not equal to any AOR.
    if (user.startsWith(PREFIX)) return (gruu && this.#opened(user)) ?? NONE;
    if (!gruu) return undefined;
    if (uri.user === undefined || gruu.kind === "temporary") return NONE;
    const instance = `<${gruu.instance}>`;
    return urnIn(instance) === undefined ? NONE : { kind: "public", instance };
  }

  /**
   * Whose a temporary GRUU is, by its user part as it was before escaping; undefined for every
   * other name. It need not be valid any more: that somebody may call themselves so does not end.
   */
  accountOf(user: Octets): string | undefined {
    if (!user.startsWith(PREFIX)) return undefined;
    const read = this.#opened(user);
    return read?.account;
  }

  #opened(user: Octets): Extract<GruuRead, { kind: "temporary" }> | undefined {
    const plain = user.length > MAX_USER ? undefined : this.#sealer.open(user.slice(PREFIX.length));
    const read = plain && readNamed(plain, EPOCH_BYTES);
    if (!read) return undefined;
    const account = toText(fromBytes(read.name));
    return { kind: "temporary", account, epoch: toBase64url(read.rest) };
  }

  #address(user: Octets, isSips: boolean): Octets {
    return `${isSips ? "sips" : "sip"}:${user}@${this.#domain}`;
  }
}

/**
 * The public GRUU of a device of whoever has this address. Undefined for an instance that is no URN
 * in angle brackets, or too long to be carried about. RFC 5627 A.1.
 */
export function publicGruu(address: Octets, instance: Octets): Octets | undefined {
  const urn = urnIn(instance);
  return urn === undefined ? undefined : `${address};gr=${escapeUriParam(urn)}`;
}

//= RFC 5626 §4.1
//# Each UA MUST have an Instance Identifier Uniform Resource Name (URN) [RFC2141] that uniquely
//# identifies the device.
/** `"<" instance-val ">"`, without its brackets. */
function urnIn(instance: Octets): Octets | undefined {
  const isBracketed = instance.startsWith("<") && instance.endsWith(">");
  const urn = isBracketed ? instance.slice(1, -1) : "";
  const isUrn = urn.length > 4 && urn.slice(0, 4).toLowerCase() === "urn:";
  return isUrn && urn.length <= MAX_INSTANCE ? urn : undefined;
}
