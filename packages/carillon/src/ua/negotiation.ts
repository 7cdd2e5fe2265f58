/**
 * The one place that knows whether an offer may be made now, and what a description means that
 * comes. RFC 6337. One for each dialog of a call; descriptions are plain text here.
 */
import type { Agreed } from "../sdp/agreed.ts";
import {
  type Input,
  type Message,
  mayUse,
  type Output,
  type State,
  start,
  step,
} from "../sdp/offer-answer.ts";

/** What became of a message that was received. */
export interface Heard {
  /** Theirs, and it wants an answer. */
  readonly offer?: string;
  /** Theirs to our offer. */
  readonly answer?: string;
  /** What their answer will be. */
  readonly preview?: string;
  /** Our offer came to nothing. */
  readonly dropped?: boolean;
  /** The request has to be refused with this. */
  readonly refusal?: 400 | 488 | 491 | 500;
  /** They broke a rule that cannot be mended. */
  readonly broken?: boolean;
}

export class Negotiation {
  #state: State<string> = start();

  get agreed(): Agreed<string> | undefined {
    return this.#state.agreed;
  }

  /** What we told of our answer before we had to. */
  get previewed(): string {
    return this.#state.name === "OfferReceived" ? (this.#state.preview ?? "") : "";
  }

  maySend(message: Message, sdp: string = ""): boolean {
    return mayUse(this.#state, message, sdp || undefined);
  }

  /** Notes that a message goes out. False: it must not, and nothing changes. */
  sent(message: Message, sdp: string = ""): boolean {
    const [state, ...outputs] = step(this.#state, inputOf("Sent", message, sdp));
    this.#state = state;
    return !outputs.some(({ kind }) => kind === "Illegal");
  }

  received(message: Message, sdp: string = ""): Heard {
    const [state, ...outputs] = step(this.#state, inputOf("Received", message, sdp));
    this.#state = state;
    return Object.assign({}, ...outputs.map(heard));
  }
}

const inputOf = (kind: "Sent" | "Received", message: Message, sdp: string): Input<string> =>
  sdp === "" ? { kind, message } : { kind, message, sdp };

function heard(output: Output<string>): Heard {
  switch (output.kind) {
    case "Offered":
      return { offer: output.offer };
    case "Agreed":
      return output.answerer === "remote" ? { answer: output.agreed.remote } : {};
    case "Preview":
      return { preview: output.answer };
    case "Dropped":
      return output.offer === "local" ? { dropped: true } : {};
    case "Reject":
      return { refusal: output.status };
    case "Broken":
      return { broken: true };
    default:
      return {};
  }
}
