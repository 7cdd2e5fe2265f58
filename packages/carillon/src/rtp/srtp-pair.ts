/**
 * Both directions of SRTP with keys of a description, for as long as a call lasts: what one
 * direction has counted stays where its own key stays, whatever becomes of the other's. RFC 4568
 */
import type { AgreedCrypto } from "../sdp/agreed-media.ts";
import type { CryptoAttribute } from "../sdp/attribute/crypto.ts";
import { keyOf } from "./sdes.ts";
import { type SrtpParams, SrtpReceiver, SrtpSender } from "./srtp.ts";

/** What encrypts and what decrypts, and with which keys. */
export interface SrtpPair {
  /** Encrypts what goes out, with the key of our description. */
  readonly sender: SrtpSender;
  /** Decrypts what comes, with the key of theirs. */
  readonly receiver: SrtpReceiver;
  /** Suites and keys as the descriptions have them, to be compared. */
  readonly of: { readonly own: string; readonly peer: string };
}

//= RFC 3711 §9.1
//# Any fixed keystream output, generated from the same key and index MUST only be used to encrypt
//# once.
/**
 * The pair for what two descriptions agreed on. A direction whose key is the one of `before` goes
 * on as it was: begun anew, it would encrypt other packets with the same key stream, take old ones
 * for new, and be deaf or unheard once numbers have gone round, since the other end does go on
 * counting. Undefined where a key cannot be used.
 */
export function srtpPair(
  { own, peer }: AgreedCrypto,
  before: SrtpPair | undefined,
  params: Pick<SrtpParams, "crypto" | "inPlace">,
): SrtpPair | undefined {
  const of = { own: nameOf(own), peer: nameOf(peer) };
  const [ours, theirs] = [keyOf(own), keyOf(peer)];
  if (!ours || !theirs) return undefined;
  const isOwnKept = before?.of.own === of.own;
  const isPeerKept = before?.of.peer === of.peer;
  if (isOwnKept && isPeerKept) return before;
  return {
    sender: isOwnKept ? before.sender : new SrtpSender({ ...params, ...ours }),
    receiver: isPeerKept ? before.receiver : new SrtpReceiver({ ...params, ...theirs }),
    of,
  };
}

const nameOf = ({ suite, keys }: CryptoAttribute): string => JSON.stringify([suite, keys]);
