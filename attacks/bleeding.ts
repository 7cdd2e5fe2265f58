/**
 * Whoever finds a port of the bridge hears a call, or speaks in it ("RTP bleed"): CVE-2017-14099,
 * CVE-2025-53399 of rtpengine. Somebody sprays the whole range of ports before, at and during a
 * call, from another address and from the phone's own at another port.
 */
import { createSocket, type Socket } from "node:dgram";
import { formatRtp, pcmu, tone } from "carillon/rtp";
import { demand, type Report } from "../interop/report.ts";
import { pause, until } from "../interop/until.ts";
import { RawPhone } from "./raw-phone.ts";
import { folderIn, SIP, Stage } from "./stage.ts";

const PORTS = { from: 31_000, to: 31_199 } as const;
/** Each port is met so often. */
const [SHORT_ROUNDS, FULL_ROUNDS] = [40, 2000];
/** What is said in the call, and what is put into it: 1 kHz. */
const [CALLER_HZ, INJECTED_HZ] = [440, 1000] as const;
const [STRANGER, DESK, NAT] = ["127.0.0.66", "127.0.0.1", "127.0.0.9"] as const;
const WAIT_MS = 20_000;
/** -60 dB of full scale. */
const LEAST = 0.001;

export async function bleeding(folder: string, report: Report, isFull: boolean): Promise<void> {
  const rounds = isFull ? FULL_ROUNDS : SHORT_ROUNDS;
  const all = [
    ["as the phone describes itself", undefined, 0],
    ["behind a NAT", "192.168.7.7", 5],
  ] as const;
  for (const [nth, [where, describedHost, most]] of all.entries()) {
    const name = `a sprayer of all ports, ${where}: hears ${most} packets at most and is not heard`;
    await report.check(name, async () => {
      const options = {
        args: ["--media", "always", "--media-ports", `${PORTS.from}-${PORTS.to}`],
      };
      const stage = await Stage.open(folderIn(folder, `bleeding-${nth}`), 2, options);
      let figure = "";
      const cost = await stage.cost(async () => {
        figure = await sprayed(stage, { describedHost, most, rounds });
      });
      await stage.close();
      return `${figure}; ${cost.figure}`;
    });
  }
}

async function sprayed(
  { people }: Stage,
  of: {
    readonly describedHost: string | undefined;
    readonly most: number;
    readonly rounds: number;
  },
): Promise<string> {
  const { describedHost, most, rounds } = of;
  const [one, other] = people;
  if (!one || !other) throw new Error("there are two");
  const host = describedHost === undefined ? DESK : NAT;
  const caller = await RawPhone.open(one, {
    ...{ host, codec: "PCMU", hz: CALLER_HZ },
    ...(describedHost !== undefined && { describedHost }),
  });
  const callee = await RawPhone.open(other, { host: "127.0.0.8", codec: "PCMU", hz: 600 });
  void callee.answerAll();
  const sprayers = await Promise.all([Sprayer.at(STRANGER), Sprayer.at(host)]);
  let isOver = false;
  const spraying = sprayers.map((each) => each.sprayUntil(() => isOver, rounds));
  await pause(300);
  await caller.call(callee.aor);
  await until(
    "both are heard",
    () => (callee.packets > 100 && caller.packets > 100) || undefined,
    WAIT_MS,
  );
  callee.heard.length = 0;
  await until(
    "each port was met",
    () => sprayers.every(({ isDone }) => isDone) || undefined,
    WAIT_MS * 10,
  );
  await pause(2000);
  isOver = true;
  await Promise.all(spraying);
  const [injected, said] = [INJECTED_HZ, CALLER_HZ].map((hz) => amplitude(callee.heard, hz));
  const stolen = sprayers.reduce((sum, { heard }) => sum + heard, 0);
  const sent = sprayers.reduce((sum, each) => sum + each.sent, 0);
  for (const each of sprayers) each.close();
  const hasEnded = caller.hasEnded;
  await Promise.all([caller, callee].map((each) => each.close()));
  demand(stolen <= most, `${stolen} packets of the call went to the sprayer`);
  demand((said ?? 0) > 0.1, `the call is heard with ${said} of full scale`);
  demand((injected ?? 1) < LEAST, `the injected tone has ${injected} of full scale`);
  demand(!hasEnded, "the call ended");
  const db = (20 * Math.log10(Math.max(injected ?? 1, 1e-9))).toFixed(0);
  return `${sent} packets sent, ${stolen} got, the injected tone at ${db} dBFS`;
}

/** Of one frequency, over whole periods, from 0 to 1 of full scale. */
function amplitude(pcm: readonly number[], hz: number): number {
  const count = Math.floor(pcm.length / 400) * 400;
  let [real, imaginary] = [0, 0];
  for (let n = 0; n < count; n++) {
    const angle = (2 * Math.PI * hz * n) / 8000;
    real += pcm[n]! * Math.cos(angle);
    imaginary += pcm[n]! * Math.sin(angle);
  }
  return (2 * Math.hypot(real, imaginary)) / Math.max(1, count) / 32_768;
}

class Sprayer {
  heard = 0;
  sent = 0;
  isDone = false;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", () => this.heard++);
    socket.on("error", () => {});
  }

  static async at(host: string): Promise<Sprayer> {
    const socket = createSocket("udp4");
    await new Promise<void>((bound) => socket.bind(0, host, bound));
    return new Sprayer(socket);
  }

  /** A tone into all ports, one round after the other, each with another SSRC or the last one. */
  async sprayUntil(isOver: () => boolean, rounds: number): Promise<void> {
    const source = tone({ frequencies: [INJECTED_HZ], sampleRate: 8000 });
    const encoder = pcmu.encoder();
    for (let round = 0; !isOver(); round++) {
      const payload = encoder.encode(source.read(160) ?? new Int16Array(160));
      // Every other round goes on where the one before it ended, as one who wants to be believed.
      const [sequence, ssrc] = [(round * 7) & 0xffff, round % 2 ? 66 : round];
      const numbers = { sequence, timestamp: round * 160, ssrc, payloadType: 0 };
      const packet = formatRtp({ marker: false, ...numbers, payload });
      for (let port = PORTS.from; port <= PORTS.to; port++) {
        this.#socket.send(packet, port, SIP.host);
        this.sent++;
      }
      this.isDone ||= round >= rounds;
      await pause(20);
    }
  }

  close(): void {
    this.#socket.close();
  }
}
