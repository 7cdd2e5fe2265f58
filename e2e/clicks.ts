/**
 * Mouths that click and ears that hear it, in pages: on the thread of sound, since the thread of a
 * page has other things to do. Both tell when, by the clock of the machine, which all share.
 */
import type { Page } from "playwright-core";

/** Between two clicks; any way from mouth to ear is shorter. */
export const CLICK_EVERY_MS = 700;
export const CLICK_HZ = 1000;
const CLICK_MS = 20;
/** What is louder is a click, or a tone. Of full scale. */
export const LOUD = 0.1;
/** What is quieter for so long, while a tone is said, is a gap: a tone crosses zero often. */
export const QUIET = 0.05;
export const GAP_FROM_MS = 15;

/** What an ear tells. */
export interface Heard {
  /** When clicks began, in milliseconds since 1970. */
  readonly clicks: readonly number[];
  /** How long nothing was heard, each time. */
  readonly gapsMs: readonly number[];
  /** Packets that were made anew from what the next one had of them; pages count these. */
  readonly fecPackets?: number;
}

declare global {
  interface Window {
    said?: number[];
    heard?: { clicks: number[]; gapsMs: number[]; context: AudioContext };
  }
}

/**
 * Before the page's own scripts: its microphone clicks, or says a tone without an end. The page's
 * policy has to be off, which allows no script that is made up here.
 */
export async function clicksIn(page: Page, what: "clicks" | "tone"): Promise<void> {
  await page.addInitScript(openMouth, { code: MOUTH, isTone: what === "tone" });
}

/** From here on, of the newest call. */
export async function hearIn(page: Page): Promise<void> {
  await page.evaluate(openEar, EAR);
}

/** Since then; when this page's own mouth clicked, too. */
export function heardBy(page: Page): Promise<Heard & { readonly said: readonly number[] }> {
  return page.evaluate(async () => {
    const open = window.connections?.filter(({ signalingState }) => signalingState !== "closed");
    const stats = [...((await open?.at(-1)?.getStats())?.values() ?? [])];
    const inbound = stats.find(({ type, kind }) => type === "inbound-rtp" && kind === "audio");
    const { clicks = [], gapsMs = [] } = window.heard ?? {};
    return { clicks, gapsMs, said: window.said ?? [], fecPackets: inbound?.fecPacketsReceived };
  });
}

/** Runs in the page. */
function openMouth({ code, isTone }: { code: string; isTone: boolean }): void {
  navigator.mediaDevices.getUserMedia = async () => {
    const context = new AudioContext({ sampleRate: 48_000 });
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    await context.audioWorklet.addModule(url);
    const mouth = new AudioWorkletNode(context, "mouth", { processorOptions: { isTone } });
    window.said = [];
    mouth.port.onmessage = ({ data }) => window.said?.push(data);
    const microphone = new MediaStreamAudioDestinationNode(context);
    mouth.connect(microphone);
    return microphone.stream;
  };
}

/** Runs in the page. */
async function openEar(code: string): Promise<void> {
  await window.heard?.context.close();
  const open = window.connections?.filter(({ signalingState }) => signalingState !== "closed");
  const receivers = open?.at(-1)?.getReceivers() ?? [];
  const track = receivers.find((one) => one.track.kind === "audio")?.track;
  if (!track) throw new Error("this page has no call");
  const context = new AudioContext({ sampleRate: 48_000 });
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  await context.audioWorklet.addModule(url);
  const heard = { clicks: [] as number[], gapsMs: [] as number[], context };
  const ear = new AudioWorkletNode(context, "ear");
  ear.port.onmessage = ({ data }) => (data.click ? heard.clicks : heard.gapsMs).push(data.value);
  const mediaStream = new MediaStream([track]);
  new MediaStreamAudioSourceNode(context, { mediaStream }).connect(ear);
  ear.connect(context.destination);
  window.heard = heard;
}

const MOUTH = `
const [every, long] = [48 * ${CLICK_EVERY_MS}, 48 * ${CLICK_MS}];
const step = (2 * Math.PI * ${CLICK_HZ}) / 48000;
registerProcessor("mouth", class extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.isTone = processorOptions.isTone;
    this.at = 0;
  }
  process(_, [[out]]) {
    for (let nth = 0; nth < out.length; nth++, this.at++) {
      const within = this.at % every;
      if (within === 0) this.port.postMessage(Date.now());
      out[nth] = this.isTone || within < long ? 0.5 * Math.sin(step * (within + 12)) : 0;
    }
    return true;
  }
});
`;

const EAR = `
registerProcessor("ear", class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.quiet = 48 * 1000;
    this.wasLoud = false;
  }
  process([[input]]) {
    for (let nth = 0; input && nth < input.length; nth++) {
      const level = Math.abs(input[nth]);
      if (level < ${QUIET}) {
        this.quiet++;
        continue;
      }
      if (level > ${LOUD}) {
        if (this.quiet > 48 * ${CLICK_EVERY_MS / 3}) {
          this.port.postMessage({ click: true, value: Date.now() + nth / 48 });
        }
        if (this.wasLoud && this.quiet >= 48 * ${GAP_FROM_MS}) {
          this.port.postMessage({ click: false, value: this.quiet / 48 });
        }
        this.wasLoud = true;
        this.quiet = 0;
      }
    }
    return true;
  }
});
`;
