/** Candidates that are told as they come, in a page. RFC 8838, RFC 8840. */
import { fragmentOf, withEnd } from "../sdp/trickle-fragment.ts";
import { partsOf } from "../ua/phone-parts.ts";
import { trickles } from "../ua/trickle.ts";
import type { Gathering, Telling } from "./gathering.ts";
import { RemoteCandidates } from "./remote-candidates.ts";
import { WebMedia } from "./web-media.ts";

/**
 * Has calls of this phone, those that begin from now on, send descriptions before all candidates
 * are known, where the other side takes the rest later: whoever is called hears it sooner. RFC
 * 8840.
 */
export function trickle(phone: object): void {
  trickles(phone);
  partsOf(phone).prepared.push((media) => {
    if (media instanceof WebMedia) trickleMedia(media);
  });
}

/** The same for media by themselves: `trickles` says whether a description may leave early. */
export function trickleMedia(media: WebMedia): void {
  const { peerConnection } = media;
  const candidates = new RemoteCandidates(peerConnection);
  media.addFragment = (fragment) => candidates.add(fragment);
  media.gathered((gathering) => {
    gathering.telling = new Fragments(peerConnection, gathering, (text) =>
      media.onfragment?.(text),
    );
  });
}

/** Tells of all candidates so far, whenever there are new ones. */
export class Fragments implements Telling {
  readonly #connection: RTCPeerConnection;
  readonly #gathering: Gathering;
  readonly #tell: (fragment: string) => void;
  /** What the last description and its fragments have told; nothing while there is none. */
  #told = "";

  constructor(
    connection: RTCPeerConnection,
    gathering: Gathering,
    tell: (fragment: string) => void,
  ) {
    this.#connection = connection;
    this.#gathering = gathering;
    this.#tell = tell;
    connection.addEventListener("icecandidate", () => this.#found());
    connection.addEventListener("icegatheringstatechange", () => this.#found());
  }

  /** Candidates for what nobody has been told of yet are not told either. */
  begin(): void {
    this.#told = "";
  }

  described(text: string, isComplete: boolean): string {
    const whole = isComplete ? withEnd(text) : text;
    this.#told = fragmentOf(whole);
    return whole;
  }

  #found(): void {
    // What says that there is no more is the last word until ICE begins anew. RFC 8838 §14.
    if (this.#told === "" || this.#told.includes("a=end-of-candidates")) return;
    const text = this.#connection.localDescription?.sdp ?? "";
    const fragment = fragmentOf(this.#gathering.isComplete ? withEnd(text) : text);
    if (fragment === "" || fragment === this.#told) return;
    this.#told = fragment;
    this.#tell(fragment);
  }
}
