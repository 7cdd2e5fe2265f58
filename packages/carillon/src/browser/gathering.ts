/**
 * Local candidates: waited for, unless they may be told as they come (`trickle.ts`).
 *
 * With a peer whose support is unknown, a description leaves with all of them (half trickle), which
 * any peer understands. RFC 8838, RFC 8840.
 */

/** Candidates that take longer than this are not waited for. */
const GATHERING_MS = 2000;

/** Tells of candidates that come after a description. */
export interface Telling {
  /** A description is about to be made. */
  begin(): void;
  /** It has been; the result is what is told of it. */
  described(text: string, isComplete: boolean): string;
}

export class Gathering {
  telling: Telling | undefined;
  /** Whether what there is will do, though more may come. */
  enough: (() => boolean) | undefined;
  readonly #connection: RTCPeerConnection;
  #isAnew = false;

  constructor(connection: RTCPeerConnection) {
    this.#connection = connection;
  }

  /**
   * What `make` has made the local description; with its candidates, unless they may come after it.
   */
  async describe(make: () => Promise<void>, mayTrickle: boolean): Promise<string> {
    this.telling?.begin();
    await make();
    if (!mayTrickle && !this.isComplete) await this.#wait();
    const text = this.#connection.localDescription?.sdp ?? "";
    return this.telling?.described(text, this.isComplete) ?? text;
  }

  /** ICE begins anew: until there are candidates, the state speaks of those before. */
  anew(): void {
    this.#isAnew = true;
  }

  get isComplete(): boolean {
    if (this.#connection.iceGatheringState !== "complete") return false;
    return !this.#isAnew || !!this.#connection.localDescription?.sdp.includes("\na=candidate:");
  }

  #wait(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = new AbortController();
    const timer = setTimeout(resolve, GATHERING_MS);
    const look = (): void => void ((this.isComplete || this.enough?.()) && resolve());
    for (const event of ["icegatheringstatechange", "icecandidate"]) {
      this.#connection.addEventListener(event, look, { signal: done.signal });
    }
    return promise.finally(() => {
      clearTimeout(timer);
      done.abort();
    });
  }
}
