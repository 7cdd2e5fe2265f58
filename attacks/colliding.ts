/**
 * A million names that strangers choose, which look as if they fell into one place of a table:
 * what each costs is the same for the last as for the first.
 */
import { createEndpoint, type Endpoint, type Incoming } from "carillon/endpoint";
import { nodeCrypto } from "carillon/node";
import { demand, type Report } from "../interop/report.ts";

const [SHORT, FULL] = [40_000, 1_000_000];
const GROUPS = 20;
/** The slowest group to the quickest: tables grow, and memory gets further away. */
const MAX_RATIO = 4;
/** So many calls go on at a time; older ones end. */
const AT_A_TIME = 10_000;

const random = (nth: number): string =>
  `${(Math.imul(nth, 2_654_435_761) >>> 0).toString(36)}-${nth}`;

/** Numbers as text have a hash of their own in V8, which is known; the others are like Java's. */
const NAMES: Readonly<Record<string, (nth: number) => string>> = {
  random,
  "numbers that are multiples of 65536": (nth) => String((nth * 65_536) % 2 ** 32) + (nth >> 16),
  "short numbers, as array indexes": (nth) => String((nth % 256) * 65_536 + (nth >> 8)),
  "of one long beginning": (nth) => `${"A".repeat(200)}${nth}`,
  "of one long end": (nth) => `${nth}${"A".repeat(200)}`,
  "Aa and BB": (nth) =>
    Array.from({ length: 20 }, (_, bit) => ((nth >> bit) & 1 ? "Aa" : "BB")).join(""),
};

export async function colliding(_: string, report: Report, isFull: boolean): Promise<void> {
  const count = isFull ? FULL : SHORT;
  await report.check(`${count} names that look alike cost no more than others`, async () => {
    const figures: string[] = [];
    // What is compiled in the first of them would count for those alone.
    await requests(random, SHORT / 2);
    let usual = 0;
    for (const [what, name] of Object.entries(NAMES)) {
      const perGroup = await requests(name, count);
      const quickest = Math.min(...perGroup);
      if (what === "random") usual = quickest;
      // The best of four that stand side by side: what else the machine did is not meant.
      const slowest = Math.max(...windows(perGroup).map((some) => Math.min(...some)));
      // As flat as any, and in all not much dearer than random ones, which are shorter than some.
      const ratio = Math.max(slowest / quickest, quickest / usual);
      demand(ratio < MAX_RATIO, `${what}: ${quickest.toFixed(1)} to ${slowest.toFixed(1)} µs each`);
      figures.push(`${what} ${quickest.toFixed(1)} to ${slowest.toFixed(1)} µs`);
    }
    return figures.join("; ");
  });
}

const windows = (all: readonly number[]): readonly (readonly number[])[] =>
  all.slice(0, -3).map((_, at) => all.slice(at, at + 4));

/** Microseconds for each request of a group, in a table of transactions that fills. */
async function requests(name: (nth: number) => string, count: number): Promise<readonly number[]> {
  const endpoint = taking();
  const each = count / GROUPS;
  const perGroup: number[] = [];
  for (let group = 0; group < GROUPS; group++) {
    const texts = Array.from({ length: each }, (_, nth) => request(name(group * each + nth)));
    const before = process.threadCpuUsage();
    for (const [nth, octets] of texts.entries()) {
      // So much later that what is older is over.
      const now = ((group * each + nth) * 32_000) / AT_A_TIME;
      const remote = { host: "127.0.0.1", port: 5070 };
      endpoint.handle({ kind: "Datagram", local: LOCAL, remote, octets }, now);
    }
    // What other programs took of the processor meanwhile is not meant.
    const { user, system } = process.threadCpuUsage(before);
    perGroup.push((user + system) / each);
    await new Promise(setImmediate);
  }
  return perGroup;
}

const LOCAL = { host: "127.0.0.1", port: 5060 };

function request(name: string): string {
  return [
    "MESSAGE sip:a@b SIP/2.0",
    `Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK${name}`,
    ...[`From: <sip:a@b>;tag=${name}`, "To: <sip:b@b>", `Call-ID: ${name}`, "CSeq: 1 MESSAGE"],
    ...["Max-Forwards: 70", "Content-Length: 0", "", ""],
  ].join("\r\n");
}

/** Takes each request on and answers it: its transaction stays for 32 seconds. */
function taking(): Endpoint {
  const crypto = nodeCrypto();
  let endpoint: Endpoint | undefined;
  const role = {
    attach(to: Endpoint) {
      endpoint = to;
    },
    request(from: Incoming) {
      endpoint?.accept(from, { cancelled() {}, failed() {} })?.reply({ status: 200 });
    },
    ack() {},
    response() {},
    closed() {},
  };
  const made = createEndpoint({
    role,
    crypto,
    key: crypto.randomBytes(32),
    node: "n",
    product: "C",
  });
  made.handle({ kind: "Listening", transport: "UDP", local: LOCAL }, 0);
  return made;
}
