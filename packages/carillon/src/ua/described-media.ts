/**
 * Media whose descriptions the library makes: you say what you can do (`LocalMedia`), and hear what
 * was agreed on; sending and receiving is yours. RFC 3264.
 */
import { fromText, toText } from "../grammar/octets.ts";
import type { Agreed } from "../sdp/agreed.ts";
import { type AgreedSlot, agreedMedia } from "../sdp/agreed-media.ts";
import { answer, refusesAll } from "../sdp/answer.ts";
import { checkAnswer } from "../sdp/check-answer.ts";
import { type Description, formatSdp, parseSdp } from "../sdp/description.ts";
import { held, type LocalMedia, type LocalStream } from "../sdp/local-media.ts";
import { type Offer, offer, reoffer } from "../sdp/offer.ts";
import type { MediaSession, Wanted, Wish } from "./media.ts";
import { SipError } from "./sip-error.ts";

/** What this end can do, and who hears what was agreed on. */
export interface DescribedMediaOptions {
  /** What this end can do; streams of a kind that is not wanted are left out. */
  readonly local: LocalMedia;
  /** Called whenever something new holds: a call begins, is held, changes. */
  readonly onagreed: (slots: readonly AgreedSlot[]) => void;
  /** What would hold if the call were answered as the other side has foretold: early media. */
  readonly onearly?: (slots: readonly AgreedSlot[]) => void;
  /** The call is over. */
  readonly onclose?: () => void;
}

/** Media whose descriptions the library makes. RFC 3264. */
export class DescribedMedia implements MediaSession {
  /** Set by the call: call it when sound cannot get through any more, in words. */
  onlost: ((why: string) => void) | undefined;
  readonly #options: DescribedMediaOptions;
  /** With the slots that its streams have by now. */
  #local: LocalMedia;
  #wish: Wish;
  #agreed: Agreed | undefined;
  #offered: Offer | undefined;

  constructor(wanted: Wanted, options: DescribedMediaOptions) {
    this.#options = options;
    this.#local = options.local;
    this.#wish = { ...wanted, held: false };
  }

  /** What is offered now. RFC 3264 §5, §8. */
  async offer(): Promise<string> {
    const local = this.#wanted();
    this.#offered = this.#agreed ? reoffer(local, this.#agreed) : offer(local);
    return toText(formatSdp(this.#offered.description));
  }

  /** The answer to an offer; rejects with a SipError (488) where nothing is in common. */
  async answer(text: string): Promise<string> {
    const remote = parsed(text);
    const made = answer(remote, this.#wanted(), this.#agreed);
    if (refusesAll(made)) throw new SipError("SIP_MEDIA", NOTHING_IN_COMMON, 488);
    this.#offered = undefined;
    this.#agree({ local: made.description, remote }, made.local, "local");
    return toText(formatSdp(made.description));
  }

  /** Takes the answer to the last offer; rejects with a SipError on one that is none. */
  async accept(text: string): Promise<void> {
    const made = this.#offered;
    if (!made) throw new SipError("SIP_MEDIA", "There was no offer to answer.");
    const remote = parsed(text);
    const checked = checkAnswer(made.description, remote);
    if (!checked.ok) throw new SipError("SIP_MEDIA", checked.error.message);
    this.#offered = undefined;
    this.#agree({ local: made.description, remote }, made.local, "remote");
  }

  /** What the answer will be: `onearly` hears of it. What is no answer is passed over. */
  async preview(text: string): Promise<void> {
    const made = this.#offered;
    if (!made) return;
    const checked = checkAnswer(made.description, parsed(text));
    if (checked.ok) this.#options.onearly?.(checked.value);
  }

  /** What descriptions say from now on. */
  async want(wish: Wish): Promise<void> {
    this.#wish = wish;
  }

  /** The last offer came to nothing. */
  async withdraw(): Promise<void> {
    this.#offered = undefined;
  }

  /** What this end can do has changed, such as its address: descriptions say so from now on. */
  change(changed: (local: LocalMedia) => LocalMedia): void {
    this.#local = changed(this.#local);
  }

  /** The call is over: `onclose` is told. */
  close(): void {
    this.#options.onclose?.();
  }

  #agree(agreed: Agreed, local: LocalMedia, answerer: "local" | "remote"): void {
    this.#agreed = agreed;
    this.#local = merged(this.#local, local);
    this.#options.onagreed(agreedMedia(agreed, answerer));
  }

  #wanted(): LocalMedia {
    const isWanted = ({ media }: LocalStream) =>
      (media !== "audio" || this.#wish.audio) && (media !== "video" || this.#wish.video);
    const local = { ...this.#local, streams: this.#local.streams.filter(isWanted) };
    return this.#wish.held ? held(local) : local;
  }
}

/** The streams with the slots that were settled, and the directions that they had. */
function merged(all: LocalMedia, settled: LocalMedia): LocalMedia {
  const same = (one: LocalStream, other: LocalStream) =>
    one.media === other.media && one.port === other.port;
  const streams = all.streams.map((stream): LocalStream => {
    const slot = settled.streams.find((one) => same(one, stream))?.slot;
    return slot === undefined ? stream : { ...stream, slot };
  });
  return { ...all, streams };
}

function parsed(text: string): Description {
  const description = parseSdp(fromText(text));
  if (!description.ok) throw new SipError("SIP_MEDIA", description.error.message, 488);
  return description.value;
}

const NOTHING_IN_COMMON = "The two devices have no kind of voice or video in common.";
