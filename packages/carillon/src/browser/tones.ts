/** DTMF tones of one call, by RFC 4733, one press after the other. */

const TONE_MS = 100;
const GAP_MS = 70;

export class Tones {
  #work: Promise<void> = Promise.resolve();

  /** Resolves when the last tone has been sent; rejects where telephone-event was not agreed. */
  send(sender: RTCRtpSender | undefined, tones: string): Promise<void> {
    const sent = this.#work.then(() => play(sender?.dtmf ?? undefined, tones));
    this.#work = sent.catch(() => {});
    return sent;
  }
}

function play(sender: RTCDTMFSender | undefined, tones: string): Promise<void> {
  if (!sender?.canInsertDTMF) throw new Error("The other side takes no tones in the sound.");
  const { promise, resolve } = Promise.withResolvers<void>();
  const heard = new AbortController();
  const listen = ({ tone }: RTCDTMFToneChangeEvent): void => void (tone === "" && resolve());
  sender.addEventListener("tonechange", listen, { signal: heard.signal });
  sender.insertDTMF(tones, TONE_MS, GAP_MS);
  // A call that ends in the middle of it tells of no end.
  const enough = setTimeout(resolve, (tones.length + 2) * 2 * (TONE_MS + GAP_MS));
  return promise.finally(() => {
    clearTimeout(enough);
    heard.abort();
  });
}
