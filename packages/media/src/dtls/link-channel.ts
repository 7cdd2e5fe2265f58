/** A data channel of a link, beside its media on one association. RFC 8831, RFC 8832. */
import type * as Library from "node-datachannel";

/** Words that go between the two ends of a link, in order and none lost. */
export class LinkChannel {
  /** How whoever opened it named it. */
  readonly label: string;
  /** Words have come. */
  ontext: ((text: string) => void) | undefined;
  readonly #channel: Library.DataChannel;

  constructor(channel: Library.DataChannel) {
    this.#channel = channel;
    this.label = channel.getLabel();
    channel.onMessage((message) => {
      if (typeof message === "string") this.ontext?.(message);
    });
  }

  /** Words that cannot go yet, or no more, are dropped: false. */
  send(text: string): boolean {
    return this.#channel.isOpen() && this.#channel.sendMessage(text);
  }
}
