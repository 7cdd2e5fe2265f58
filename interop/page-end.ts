/**
 * A connection of WebRTC in Chromium, with no SIP around it: a tone, a moving picture, and what
 * came from the other side. `MediaEnd` is that other side.
 */
import type { Page } from "playwright-core";
import { openBrowser } from "../e2e/browser.ts";

export interface PageWish {
  readonly video?: boolean;
  /** Three encodings of the picture at once. */
  readonly simulcast?: boolean;
  readonly dataChannel?: boolean;
}

/** What came to the page, as Chromium counts it. */
export interface PageHeard {
  readonly packets: number;
  readonly energy: number;
  readonly framesDecoded: number;
  readonly keyFramesDecoded: number;
  readonly iceState: string;
  readonly dtlsState: string;
  /** The encodings that it sends: `h 640x480`. */
  readonly sends: readonly string[];
}

interface InPage {
  offer(): Promise<string>;
  answer(offer: string): Promise<string>;
  accept(answer: string): Promise<void>;
  said: string[];
  channel: RTCDataChannel | undefined;
  pc: RTCPeerConnection;
  /** Without a packet of sound, in ms. */
  longestMs: number;
  /** The longest since it was asked last. */
  gap(): number;
}

declare global {
  interface Window {
    end: InPage;
  }
}

export class PageEnd {
  readonly page: Page;
  readonly #close: () => Promise<void>;

  private constructor(page: Page, close: () => Promise<void>) {
    this.page = page;
    this.#close = close;
  }

  static async open(wish: PageWish, flags: readonly string[] = []): Promise<PageEnd> {
    const browser = await openBrowser({ flags });
    const page = await browser.newPage();
    // An address of its own, so that it may use what a secure context may.
    await page.route("http://localhost/", (route) =>
      route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Links</title>" }),
    );
    await page.goto("http://localhost/");
    await page.evaluate(equip, wish);
    await page.evaluate(addSound);
    if (wish.video) await page.evaluate(addPicture, wish.simulcast ?? false);
    await page.evaluate(watchSound);
    return new PageEnd(page, () => browser.close());
  }

  offer(): Promise<string> {
    return this.page.evaluate(() => window.end.offer());
  }

  answer(offer: string): Promise<string> {
    return this.page.evaluate((text) => window.end.answer(text), offer);
  }

  accept(answer: string): Promise<void> {
    return this.page.evaluate((text) => window.end.accept(text), answer);
  }

  heard(): Promise<PageHeard> {
    return this.page.evaluate(async () => {
      const stats = [...(await window.end.pc.getStats()).values()];
      const of = (kind: string) =>
        stats.find((one) => one.type === "inbound-rtp" && one.kind === kind) ?? {};
      const sends = stats
        .filter((one) => one.type === "outbound-rtp" && one.kind === "video" && one.frameWidth)
        .map((one) => `${one.rid ?? ""} ${one.frameWidth}x${one.frameHeight}`.trim());
      return {
        packets: of("audio").packetsReceived ?? 0,
        energy: of("audio").totalAudioEnergy ?? 0,
        framesDecoded: of("video").framesDecoded ?? 0,
        keyFramesDecoded: of("video").keyFramesDecoded ?? 0,
        iceState: window.end.pc.iceConnectionState,
        dtlsState: window.end.pc.connectionState,
        sends,
      };
    });
  }

  gap(): Promise<number> {
    return this.page.evaluate(() => window.end.gap());
  }

  close(): Promise<void> {
    return this.#close();
  }
}

/** Runs in the page, as all below: a connection, and what is asked of it. */
function equip(wish: PageWish): void {
  const pc = new RTCPeerConnection();
  const gathered = async (): Promise<void> => {
    const endMs = performance.now() + 3000;
    while (pc.iceGatheringState !== "complete" && performance.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const described = async (): Promise<string> => {
    await pc.setLocalDescription();
    await gathered();
    return pc.localDescription?.sdp ?? "";
  };
  const end: InPage = {
    ...{ pc, said: [], channel: undefined, longestMs: 0 },
    offer: described,
    async answer(offer) {
      await pc.setRemoteDescription({ type: "offer", sdp: offer });
      return described();
    },
    accept: (answer) => pc.setRemoteDescription({ type: "answer", sdp: answer }),
    gap() {
      const longest = end.longestMs;
      end.longestMs = 0;
      return longest;
    },
  };
  window.end = end;
  if (wish.dataChannel) {
    end.channel = pc.createDataChannel("words");
    end.channel.onmessage = ({ data }) => end.said.push(String(data));
  }
  pc.ontrack = ({ track }) => {
    const element = document.createElement(track.kind === "video" ? "video" : "audio");
    element.srcObject = new MediaStream([track]);
    element.autoplay = true;
    document.body.append(element);
  };
}

function addSound(): void {
  const context = new AudioContext();
  const oscillator = new OscillatorNode(context, { frequency: 440 });
  const microphone = new MediaStreamAudioDestinationNode(context);
  oscillator.connect(new GainNode(context, { gain: 0.4 })).connect(microphone);
  oscillator.start();
  window.end.pc.addTrack(microphone.stream.getAudioTracks()[0] as MediaStreamTrack);
}

function addPicture(isSimulcast: boolean): void {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [1280, 720];
  document.body.append(canvas);
  const paint = canvas.getContext("2d") as CanvasRenderingContext2D;
  let nth = 0;
  setInterval(() => {
    paint.fillStyle = `hsl(${(nth++ * 7) % 360} 80% 50%)`;
    paint.fillRect((nth * 13) % 1200, (nth * 7) % 660, 80, 60);
  }, 33);
  const encodings = [
    { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150_000 },
    { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 400_000 },
    { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
  ];
  const track = canvas.captureStream(30).getVideoTracks()[0] as MediaStreamTrack;
  if (isSimulcast) window.end.pc.addTransceiver(track, { sendEncodings: encodings });
  else window.end.pc.addTrack(track);
}

function watchSound(): void {
  let [packets, changedMs] = [-1, performance.now()];
  const watch = async (): Promise<void> => {
    const stats = [...(await window.end.pc.getStats()).values()];
    const now = performance.now();
    const sound = stats.find((one) => one.type === "inbound-rtp" && one.kind === "audio");
    const count = sound?.packetsReceived ?? packets;
    window.end.longestMs = Math.max(window.end.longestMs, now - changedMs);
    if (count !== packets) [packets, changedMs] = [count, now];
    setTimeout(() => void watch(), 5);
  };
  void watch();
}
