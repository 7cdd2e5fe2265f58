/**
 * In a thread: garbage and requests from nobody over UDP, and connections that ask once over TCP,
 * each from many addresses. So fast as the program takes them: more would be dropped by the system
 * before the program sees it.
 */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { report, wanted } from "./attacker.ts";
import { SIP } from "./stage.ts";
import { requestText } from "./stranger.ts";

export interface Flooding {
  /** Datagrams that are no message. */
  readonly garbage: number;
  /** Requests without credentials, over UDP and over TCP. */
  readonly requests: number;
  /** Connections, each with one of the requests. */
  readonly connections: number;
  /** It ends then, whatever has been sent. */
  readonly withinMs: number;
}

export interface Flooded {
  readonly garbage: number;
  readonly requests: number;
  readonly connections: number;
  readonly answered: number;
}

const METHODS = ["REGISTER", "INVITE", "OPTIONS", "MESSAGE"];
/** Who sends at the same time, and how much before they listen: more than that no socket holds. */
const [SENDERS, PORTION] = [16, 8];
/** Longer than that nothing is waited for: what was dropped is gone. */
const PATIENCE_MS = 250;
/** Portions from one address: who says more gets no answers. */
const PORTIONS_EACH = 8;
/** Connections at the same time. */
const AT_ONCE = 64;

const limits = wanted<Flooding>();
const counts = { garbage: 0, requests: 0, connections: 0, answered: 0 };
/** Requests over UDP: how many, and how many so far. */
const overUdp = limits.requests - limits.connections;
let saidOverUdp = 0;
const endMs = performance.now() + limits.withinMs;
const isLate = (): boolean => performance.now() > endMs;

function garbage(nth: number): string {
  const text = requestText({ method: "INVITE", nth, via: "UDP 127.0.0.1:5070" });
  switch (nth % 4) {
    case 0:
      return String.fromCharCode(...Array.from({ length: 200 }, () => Math.random() * 256));
    case 1:
      return text.slice(0, (nth * 7919) % text.length);
    case 2:
      return text.replaceAll(":", "\0");
    default:
      return `${text.slice(0, 40)}${"\t".repeat(1000)}${text.slice(40)}`;
  }
}

const request = (nth: number | string, via: string, of: number): string =>
  requestText({ method: METHODS[of % METHODS.length] ?? "INVITE", nth: `f${nth}`, via });

let addresses = 0;
/** The next of 60,000. */
function address(net: number): string {
  const nth = addresses++ % 60_000;
  return `127.${net}.${Math.floor(nth / 250)}.${1 + (nth % 250)}`;
}

async function sender(): Promise<void> {
  while ((counts.garbage < limits.garbage || saidOverUdp < overUdp) && !isLate()) {
    const socket = createSocket("udp4");
    const host = address(2);
    socket.bind(0, host);
    await once(socket, "listening");
    const via = `UDP ${host}:${socket.address().port};rport`;
    for (let nth = 0; nth < PORTIONS_EACH; nth++) await portion(socket, via);
    socket.close();
  }
}

/** As much of each as is left; until somebody answers. */
function portion(socket: Socket, via: string): Promise<void> {
  const say = (text: string) => socket.send(Buffer.from(text, "latin1"), SIP.port, SIP.host);
  let waiting = 0;
  for (let nth = 0; nth < PORTION; nth++) {
    if (counts.garbage < limits.garbage) say(garbage(counts.garbage++));
    if (saidOverUdp >= overUdp) continue;
    counts.requests++;
    const which = saidOverUdp++;
    say(request(which, via, which));
    waiting++;
  }
  return new Promise((go) => {
    const done = () => {
      clearTimeout(late);
      socket.removeAllListeners("message");
      go();
    };
    const late = setTimeout(done, waiting > 0 ? PATIENCE_MS : 5);
    socket.on("message", () => {
      counts.answered++;
      if (--waiting <= 0) done();
    });
  });
}

async function connecting(): Promise<void> {
  while (counts.connections < limits.connections && !isLate()) await oneConnection();
}

/** Asks once, hears the answer or waits no longer, and is gone without a goodbye. */
async function oneConnection(): Promise<void> {
  const nth = counts.connections++;
  const localAddress = address(3);
  const socket = connect({ ...SIP, localAddress });
  socket.on("error", () => {});
  const closed = once(socket, "close");
  const late = setTimeout(() => socket.resetAndDestroy(), 4 * PATIENCE_MS);
  socket.on("connect", () => {
    counts.requests++;
    socket.write(request(`c${nth}`, `TCP ${localAddress}:9`, nth));
  });
  socket.once("data", () => {
    counts.answered++;
    socket.resetAndDestroy();
  });
  await closed.catch(() => {});
  clearTimeout(late);
}

await Promise.all([
  ...Array.from({ length: SENDERS }, sender),
  ...Array.from({ length: AT_ONCE }, connecting),
]);
report(counts satisfies Flooded);
