/**
 * Local candidates: waited for, or told as they come. RFC 8838, RFC 8840.
 *
 * With a peer whose support is unknown, a description leaves with all of them (half trickle), which
 * any peer understands; those that took too long are told later to who takes them.
 */
import { candidatesIn, fragmentOf, withEnd } from "../sdp/trickle-fragment.ts";

/** Candidates that take longer than this are not waited for. */
const GATHERING_MS = 2000;

export class Gathering {
  readonly #connection: RTCPeerConnection;
  readonly #tell: (fragment: string) => void;
  /** What the last description and its fragments have told; nothing while there is none. */
  #told = "";
  #isAnew = false;

  /** `tell` is called with all candidates so far, whenever there are new ones. */
  constructor(connection: RTCPeerConnection, tell: (fragment: string) => void) {
    this.#connection = connection;
    this.#tell = tell;
    connection.addEventListener("icecandidate", () => this.#found());
    connection.addEventListener("icegatheringstatechange", () => this.#found());
  }

  /**
   * What `make` has made the local description; with its candidates, unless they may come after it.
   */
  async describe(make: () => Promise<void>, mayTrickle: boolean): Promise<string> {
    // Candidates for what nobody has been told of yet are not told either.
    this.#told = "";
    await make();
    if (!mayTrickle && !this.#isComplete) await this.#wait();
    const text = this.#description;
    this.#told = fragmentOf(text);
    return text;
  }

  /** ICE begins anew: until there are candidates, the state speaks of those before. */
  anew(): void {
    this.#isAnew = true;
  }

  get #description(): string {
    const text = this.#connection.localDescription?.sdp ?? "";
    return this.#isComplete ? withEnd(text) : text;
  }

  get #isComplete(): boolean {
    if (this.#connection.iceGatheringState !== "complete") return false;
    const { sdp = "" } = this.#connection.localDescription ?? {};
    return !this.#isAnew || candidatesIn(sdp).length > 0;
  }

  #found(): void {
    // What says that there is no more is the last word until ICE begins anew. RFC 8838 §14.
    if (this.#told === "" || this.#told.includes("a=end-of-candidates")) return;
    const fragment = fragmentOf(this.#description);
    if (fragment === "" || fragment === this.#told) return;
    this.#told = fragment;
    this.#tell(fragment);
  }

  #wait(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = new AbortController();
    const timer = setTimeout(resolve, GATHERING_MS);
    const look = (): void => void (this.#isComplete && resolve());
    for (const event of ["icegatheringstatechange", "icecandidate"]) {
      this.#connection.addEventListener(event, look, { signal: done.signal });
    }
    return promise.finally(() => {
      clearTimeout(timer);
      done.abort();
    });
  }
}
