/** Candidates of the other side that come after its description. RFC 8840 §4.4. */
import {
  candidateKey,
  candidatesIn,
  generationsIn,
  parseFragment,
} from "../sdp/trickle-fragment.ts";

/** Of one generation; whoever has more is not helped by them. */
const MAX_CANDIDATES = 256;

/** Gives the new candidates of a fragment to the browser, each once and in their order. */
export class RemoteCandidates {
  readonly #connection: RTCPeerConnection;
  #seen: Set<string | undefined> = new Set();
  /** The description that the seen ones belong to. */
  #described = "";

  constructor(connection: RTCPeerConnection) {
    this.#connection = connection;
  }

  async add(text: string): Promise<void> {
    const fragment = parseFragment(text);
    const described = this.#connection.remoteDescription?.sdp ?? "";
    if (!fragment || described === "") return;
    if (described !== this.#described) this.#begin(described);
    //= RFC 8840 §4.4
    //# An agent MUST discard any received INFO requests containing "ice-pwd" and "ice-ufrag"
    //# attributes that do not match those of the current ICE Negotiation Session.
    const current = generationsIn(described);
    const isCurrent = (ufrag: string) =>
      current.has(ufrag) && current.get(ufrag) === fragment.generations.get(ufrag);
    if (![...fragment.generations.keys()].every(isCurrent)) return;
    for (const one of fragment.candidates) {
      const key = candidateKey(one);
      //= RFC 8840 §4.4
      //# When receiving INFO requests carrying any candidates, agents MUST first identify and
      //# discard the attribute lines containing candidates they have already received in previous
      //# INFO requests or in the Offer/ Answer exchange preceding them.
      if (key === undefined || this.#seen.has(key) || this.#seen.size >= MAX_CANDIDATES) continue;
      this.#seen.add(key);
      //= RFC 8840 §4.4
      //# After identifying and discarding the known candidates, the agents MUST forward the actual
      //# new candidates to the ICE Agents in the same order as they were received in the INFO
      //# request body.
      const { line, mid, ufrag } = one;
      await this.#give({ candidate: line, sdpMid: mid, usernameFragment: ufrag });
    }
    if (fragment.isLast) await this.#give({ candidate: "" });
  }

  /** A later description of the same generation makes nothing unseen. */
  #begin(described: string): void {
    const isSame = (ufrag: string) => generationsIn(this.#described).has(ufrag);
    const before = [...generationsIn(described).keys()].some(isSame) ? this.#seen : [];
    this.#described = described;
    this.#seen = new Set([...before, ...candidatesIn(described).map(candidateKey)]);
  }

  /** A candidate that the browser cannot use is one way less, and no reason to end a call. */
  async #give(candidate: RTCIceCandidateInit): Promise<void> {
    await this.#connection.addIceCandidate(candidate).catch(() => {});
  }
}
