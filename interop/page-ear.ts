/** Takes down what a page hears: the sound of its newest call, at 8 kHz, as it would be played. */
import type { Page } from "playwright-core";

declare global {
  interface Window {
    ear?: { pieces: Int16Array[]; context: AudioContext; track: MediaStreamTrack };
  }
}

/** Of memory in the page: two minutes. */
const PIECES_AT_MOST = 1000;

/** From here on, whatever was heard before is forgotten. Waits until there is a sound to hear. */
export async function listenIn(page: Page): Promise<void> {
  await page.waitForFunction(hasReceiver, undefined, { timeout: 10_000 });
  await page.evaluate(openEar, PIECES_AT_MOST);
}

/** What was heard since, samples from -1 to 1 at 8 kHz. */
export async function heardIn(page: Page): Promise<Float64Array> {
  const text = await page.evaluate(readEar);
  const bytes = Buffer.from(text, "base64");
  const count = bytes.length / 2;
  return Float64Array.from({ length: count }, (_, at) => bytes.readInt16LE(2 * at) / 0x8000);
}

/** False once the page's newest call has another connection than when it began to listen. */
export function isListeningIn(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const open = window.connections?.filter(({ signalingState }) => signalingState !== "closed");
    const receivers = open?.at(-1)?.getReceivers() ?? [];
    return receivers.some(({ track }) => track === window.ear?.track);
  });
}

/** Runs in the page. */
function hasReceiver(): boolean {
  const open = window.connections?.filter(({ signalingState }) => signalingState !== "closed");
  return (
    open
      ?.at(-1)
      ?.getReceivers()
      .some(({ track }) => track.kind === "audio") ?? false
  );
}

/**
 * Runs in the page. A context of 8 kHz resamples what comes to it; its old kind of processor needs
 * no script of its own, which the page's policy would refuse.
 */
async function openEar(atMost: number): Promise<void> {
  await window.ear?.context.close();
  const open = window.connections?.filter(({ signalingState }) => signalingState !== "closed");
  const receivers = open?.at(-1)?.getReceivers() ?? [];
  const track = receivers.find((one) => one.track.kind === "audio")?.track;
  if (!track) throw new Error("this page has no call");
  const context = new AudioContext({ sampleRate: 8000 });
  const pieces: Int16Array[] = [];
  const source = new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([track]) });
  const processor = context.createScriptProcessor(1024, 1, 1);
  processor.onaudioprocess = ({ inputBuffer }) => {
    const samples = inputBuffer.getChannelData(0);
    pieces.push(Int16Array.from(samples, (sample) => Math.round(sample * 0x7fff)));
    if (pieces.length > atMost) pieces.shift();
  };
  source.connect(processor).connect(context.destination);
  window.ear = { pieces, context, track };
}

/** Runs in the page. */
function readEar(): string {
  const pieces = window.ear?.pieces ?? [];
  let text = "";
  for (const piece of pieces) {
    for (const octet of new Uint8Array(piece.buffer)) text += String.fromCharCode(octet);
  }
  return btoa(text);
}
