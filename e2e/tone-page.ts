/** A page whose microphone is a tone, and which measures the tone that it hears. */
import type { Page } from "playwright-core";
import { until } from "./until.ts";

/** Runs in the page before its own scripts. */
export async function tonesIn(page: Page, hertz: number): Promise<void> {
  await page.addInitScript((frequency) => {
    const devices = navigator.mediaDevices;
    const camera = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async ({ audio, video } = {}) => {
      const picture = video ? (await camera({ video })).getTracks() : [];
      if (!audio) return new MediaStream(picture);
      const context = new AudioContext();
      const oscillator = new OscillatorNode(context, { frequency });
      const gain = new GainNode(context, { gain: 0.4 });
      const microphone = new MediaStreamAudioDestinationNode(context);
      oscillator.connect(gain).connect(microphone);
      oscillator.start();
      for (const track of microphone.stream.getAudioTracks()) {
        const stop = track.stop.bind(track);
        // Chromium runs 50 contexts at a time, and a 51st that is as silent as a dead microphone.
        track.stop = () => {
          stop();
          void context.close();
        };
      }
      for (const track of picture) microphone.stream.addTrack(track);
      return microphone.stream;
    };
  }, hertz);
}

/**
 * Waits until what comes over the newest connection is loudest at this frequency, by at least 20 dB
 * above all that is not near it; resolves to what was measured.
 */
export function hearsTone(page: Page, who: string, hertz: number): Promise<string> {
  return until(
    `${who} hears ${hertz} Hz`,
    async () => {
      const { peakHertz, aboveDb } = await spectrum(page, hertz);
      const isIt = Math.abs(peakHertz - hertz) < 15 && aboveDb > 20;
      return isIt ? `${who} hears ${peakHertz.toFixed(0)} Hz, ${aboveDb.toFixed(0)} dB` : undefined;
    },
    { withinMs: 15_000 },
  );
}

/** The same of what the page plays in an element, such as a recording. */
export function playedTone(page: Page, who: string, hertz: number): Promise<string> {
  return until(
    `${who} hears ${hertz} Hz played`,
    async () => {
      const { peakHertz, aboveDb } = await spectrum(page, hertz, true);
      const isIt = Math.abs(peakHertz - hertz) < 15 && aboveDb > 20;
      return isIt ? `${who} plays ${peakHertz.toFixed(0)} Hz, ${aboveDb.toFixed(0)} dB` : undefined;
    },
    { withinMs: 15_000 },
  );
}

/** Chromium's, which TypeScript does not know. */
interface Capturing {
  captureStream(): MediaStream;
}

function spectrum(
  page: Page,
  hertz: number,
  isPlayed = false,
): Promise<{ peakHertz: number; aboveDb: number }> {
  const asked = { wanted: hertz, fromElement: isPlayed };
  return page.evaluate(async ({ wanted, fromElement }) => {
    const connection = window.connections?.at(-1);
    const receiver = connection?.getReceivers().find((one) => one.track.kind === "audio");
    const sounds = [...document.querySelectorAll("audio")].filter(({ paused }) => !paused);
    const element = sounds.at(-1) as (HTMLAudioElement & Capturing) | undefined;
    const played = element?.captureStream().getAudioTracks()[0];
    const track = fromElement ? played : receiver?.track;
    if (!track) return { peakHertz: 0, aboveDb: 0 };
    const context = new AudioContext();
    const source = new MediaStreamAudioSourceNode(context, {
      mediaStream: new MediaStream([track]),
    });
    const analyser = new AnalyserNode(context, { fftSize: 16_384, smoothingTimeConstant: 0 });
    source.connect(analyser);
    await new Promise((resolve) => setTimeout(resolve, 600));
    const levels = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(levels);
    const width = context.sampleRate / analyser.fftSize;
    await context.close();
    const peak = levels.reduce((best, level, at) => (level > (levels[best] ?? 0) ? at : best), 0);
    const others = levels.filter((_, at) => Math.abs(at * width - wanted) > 100);
    const loudest = others.reduce((most, level) => Math.max(most, level), -200);
    return { peakHertz: peak * width, aboveDb: (levels[peak] ?? -200) - loudest };
  }, asked);
}
