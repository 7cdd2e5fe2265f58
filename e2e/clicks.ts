/**
 * Mouths that click and ears that hear it, in pages: on the thread of sound, since the thread of a
 * page has other things to do. Both tell when, by the clock of the machine, which all share.
 */
import type { Page } from "playwright-core";
import { PITCHES, STEP_LEVEL, STEP_MS, StepEar } from "./steps.ts";

/** What a mouth says. */
export type Said = "clicks" | "steps";

/** Between two clicks; any way from mouth to ear is shorter. */
export const CLICK_EVERY_MS = 700;
export const CLICK_HZ = 1000;
const CLICK_MS = 20;
/** What is louder, after what is quieter, is a click. Of full scale. */
export const LOUD = 0.1;
export const QUIET = 0.05;

/** What an ear tells. */
export interface Heard {
  /** When clicks began, in milliseconds since 1970. */
  readonly clicks: readonly number[];
  /** How much of the steps was not heard, each time. */
  readonly gapsMs: readonly number[];
  /** Of what was played, how much was made up, from 0 to 1; pages count this, and the next. */
  readonly concealed?: number;
  /** Packets that were made anew from what the next one had of them. */
  readonly fecPackets?: number;
}

declare global {
  interface Window {
    said?: number[];
    heard?: { clicks: number[]; gapsMs: number[]; context: AudioContext };
  }
}

/**
 * Before the page's own scripts: its microphone clicks, or steps without an end. The page's
 * policy has to be off, which allows no script that is made up here.
 */
export async function clicksIn(page: Page, what: Said): Promise<void> {
  await page.addInitScript(openMouth, { code: MOUTH, isSteps: what === "steps" });
}

/** What it calls with is Opus, and no codec of desk phones. */
export async function speaksOpusAlone(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { prototype } = RTCPeerConnection;
    prototype.createOffer = new Proxy(prototype.createOffer, {
      apply(createOffer, connection: RTCPeerConnection, args) {
        const { codecs = [] } = RTCRtpReceiver.getCapabilities("audio") ?? {};
        const wanted = codecs.filter(({ mimeType }) => /opus|telephone-event/.test(mimeType));
        for (const each of connection.getTransceivers()) {
          if (each.receiver.track.kind === "audio") each.setCodecPreferences(wanted);
        }
        return Reflect.apply(createOffer, connection, args);
      },
    });
  });
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
    const concealed = inbound?.concealedSamples / inbound?.totalSamplesReceived;
    const counts = { concealed, fecPackets: inbound?.fecPacketsReceived };
    return { clicks, gapsMs, said: window.said ?? [], ...counts };
  });
}

/** Runs in the page. */
function openMouth({ code, isSteps }: { code: string; isSteps: boolean }): void {
  navigator.mediaDevices.getUserMedia = async () => {
    const context = new AudioContext({ sampleRate: 48_000 });
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    await context.audioWorklet.addModule(url);
    const mouth = new AudioWorkletNode(context, "mouth", { processorOptions: { isSteps } });
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
const turn = (2 * Math.PI) / 48000;
const pitches = ${JSON.stringify(PITCHES)};
registerProcessor("mouth", class extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.isSteps = processorOptions.isSteps;
    this.at = 0;
    this.phase = 0;
  }
  process(_, [[out]]) {
    for (let nth = 0; nth < out.length; nth++, this.at++) {
      const within = this.at % every;
      if (within === 0) this.port.postMessage(Date.now());
      if (this.isSteps) out[nth] = this.step();
      else out[nth] = within < long ? 0.5 * Math.sin(${CLICK_HZ} * turn * (within + 12)) : 0;
    }
    return true;
  }
  step() {
    const pitch = pitches[Math.floor(this.at / (48 * ${STEP_MS})) % pitches.length];
    this.phase = (this.phase + pitch * turn) % (2 * Math.PI);
    return ${STEP_LEVEL} * Math.sin(this.phase);
  }
});
`;

const EAR = `
const StepEar = ${StepEar};
registerProcessor("ear", class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.quiet = 48 * 1000;
    const missed = (value) => this.port.postMessage({ click: false, value });
    this.steps = new StepEar(${JSON.stringify(PITCHES)}, ${STEP_MS}, 48000, missed);
  }
  process([[input]]) {
    for (let nth = 0; input && nth < input.length; nth++) {
      this.steps.hear(input[nth]);
      const level = Math.abs(input[nth]);
      if (level < ${QUIET}) {
        this.quiet++;
        continue;
      }
      if (level > ${LOUD}) {
        if (this.quiet > 48 * ${CLICK_EVERY_MS / 3}) {
          this.port.postMessage({ click: true, value: Date.now() + nth / 48 });
        }
        this.quiet = 0;
      }
    }
    return true;
  }
});
`;
