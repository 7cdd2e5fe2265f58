/** rtpengine without its kernel module, asked by ng. */
import { createSocket } from "node:dgram";
import { join } from "node:path";
import { Child } from "../../interop/child.ts";
import { until } from "../../interop/until.ts";
import { type Described, descriptionOf, HERE, type Relay, toldIn } from "./relay.ts";

export const NG = 22_222;
const CORE = "0";
const STOP_MS = 5000;

type Value = string | number | readonly Value[] | { readonly [name: string]: Value };

export async function rtpengineRelay(folder: string): Promise<Relay> {
  const child = startRtpengine(folder);
  const ng = new Ng();
  await until("rtpengine answers a ping", () => ng.ping(), STOP_MS);
  return {
    name: "rtpengine",
    pid: child.pid,
    async call(id: string, near: Described, far: Described) {
      const common = { "call-id": id, "from-tag": "a", ICE: "remove", flags: ["trust-address"] };
      const offered = await ng.ask({
        ...{ command: "offer", ...common, sdp: descriptionOf(near) },
        "transport-protocol": far.crypto === undefined ? "RTP/AVP" : "RTP/SAVP",
        ...(near.codec !== far.codec && {
          codec: { transcode: [nameOf(far)], mask: [nameOf(near)] },
        }),
      });
      const answered = await ng.ask({
        ...{ command: "answer", ...common, "to-tag": "b" },
        sdp: descriptionOf({ ...far, ...answerTo(offered, far) }),
      });
      return { near: toldIn(answered, near), far: toldIn(offered, far) };
    },
    async stop() {
      ng.close();
      await child.stop(STOP_MS).catch(() => {});
    },
  };
}

/** One thread, on the core of what is measured. */
export function startRtpengine(folder: string): Child {
  return new Child(
    "/usr/bin/taskset",
    [
      ...["-c", CORE, "rtpengine", "--foreground", "--log-stderr", "--log-level=1", "--table=-1"],
      ...[`--interface=${HERE}`, `--listen-ng=${HERE}:${NG}`, "--num-threads=1"],
      ...["--port-min=20000", "--port-max=39999"],
    ],
    { log: join(folder, "rtpengine.log") },
  );
}

/** The payload type and the tag of the key are those of the offer. */
function answerTo(offered: string, far: Described): Partial<Described> {
  const { payloadType } = toldIn(offered, far);
  if (far.crypto === undefined) return { payloadType };
  const tag = /^a=crypto:(\d+) AES_CM_128_HMAC_SHA1_80 /m.exec(offered)?.[1] ?? "1";
  return { payloadType, crypto: far.crypto.replace(/^\d+/, tag) };
}

const nameOf = ({ codec }: Described): string => codec.split("/")[0] ?? codec;

/** A client of ng: bencode over UDP. */
class Ng {
  readonly #socket = createSocket("udp4");
  readonly #waiting = new Map<string, (answer: string) => void>();
  #next = 1;

  constructor() {
    this.#socket.on("message", (bytes) => {
      const text = bytes.toString("latin1");
      const space = text.indexOf(" ");
      this.#waiting.get(text.slice(0, space))?.(text.slice(space + 1));
    });
  }

  async ping(): Promise<true | undefined> {
    return (await this.#send({ command: "ping" }, 200))?.includes("pong") || undefined;
  }

  /** The description of the answer. */
  async ask(what: Value): Promise<string> {
    const answer = (await this.#send(what, STOP_MS)) ?? "nothing";
    const found = /3:sdp(\d+):/.exec(answer);
    if (!found) throw new Error(`rtpengine: ${answer}`);
    const from = found.index + found[0].length;
    return answer.slice(from, from + Number(found[1]));
  }

  close(): void {
    this.#socket.close();
  }

  #send(what: Value, ms: number): Promise<string | undefined> {
    const cookie = `c${this.#next++}`;
    return new Promise<string | undefined>((resolve) => {
      const late = setTimeout(() => resolve(undefined), ms);
      this.#waiting.set(cookie, (answer) => {
        clearTimeout(late);
        resolve(answer);
      });
      this.#socket.send(`${cookie} ${bencoded(what)}`, NG, HERE);
    }).finally(() => this.#waiting.delete(cookie));
  }
}

function bencoded(value: Value): string {
  if (typeof value === "string") return `${value.length}:${value}`;
  if (typeof value === "number") return `i${value}e`;
  if (Array.isArray(value)) return `l${value.map(bencoded).join("")}e`;
  const entries = Object.entries(value as Record<string, Value>);
  return `d${entries.map(([name, each]) => bencoded(name) + bencoded(each)).join("")}e`;
}
