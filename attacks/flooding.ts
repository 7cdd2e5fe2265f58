/**
 * In a thread: requests from nobody and garbage, over UDP and TCP, from many addresses. So fast as
 * the program takes them: more would be dropped by the system before the program sees it.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { report, wanted } from "./attacker.ts";
import { SIP } from "./stage.ts";
import { requestText } from "./stranger.ts";

export interface Flooding {
  /** How many over UDP, and as many over TCP. */
  readonly each: number;
}

export interface Flooded {
  readonly sent: number;
  readonly answered: number;
  readonly connections: number;
}

const METHODS = ["REGISTER", "INVITE", "OPTIONS", "MESSAGE"];
const SOCKETS = 16;
/** On their way at the same time, for each socket. */
const WINDOW = 16;
/** Longer than that nothing is waited for: what was dropped is gone, and silence is an answer. */
const PATIENCE_MS = 100;
/** Requests over one connection, and of these at once. */
const [PER_CONNECTION, AT_ONCE] = [250, 25];
/** One in so many is no message. */
const GARBAGE_EVERY = 4;

const { each } = wanted<Flooding>();
const counts = { sent: 0, answered: 0, connections: 0 };

function garbage(nth: number): string {
  const text = requestText({ method: "INVITE", nth, via: "UDP 127.0.0.1:9" });
  switch (((nth / GARBAGE_EVERY) % 4) | 0) {
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

const request = (nth: number, via: string): string =>
  requestText({ method: METHODS[nth % METHODS.length] ?? "INVITE", nth: `f${nth}`, via });

async function overUdp(source: number, count: number): Promise<void> {
  const socket = createSocket("udp4");
  socket.bind(0, `127.2.0.${source + 1}`);
  await once(socket, "listening");
  const via = `UDP 127.2.0.${source + 1}:${socket.address().port};rport`;
  const over = Promise.withResolvers<void>();
  let [sent, waiting] = [0, 0];
  const say = (text: string) => {
    socket.send(Buffer.from(text, "latin1"), SIP.port, SIP.host);
    sent++;
    counts.sent++;
  };
  const fill = () => {
    while (waiting < WINDOW && sent < count) {
      const nth = source * count + sent;
      if (nth % GARBAGE_EVERY === 0) say(garbage(nth));
      else {
        say(request(nth, via));
        waiting++;
      }
    }
    if (sent >= count && waiting <= 0) over.resolve();
  };
  let heardMs = performance.now();
  socket.on("message", () => {
    counts.answered++;
    heardMs = performance.now();
    waiting--;
    fill();
  });
  const patience = setInterval(() => {
    if (performance.now() - heardMs < PATIENCE_MS) return;
    waiting = 0;
    fill();
  }, PATIENCE_MS);
  fill();
  await over.promise;
  clearInterval(patience);
  socket.close();
}

async function overTcp(source: number, count: number): Promise<void> {
  for (let sent = 0; sent < count; ) {
    const size = Math.min(PER_CONNECTION, count - sent);
    await oneConnection(source, source * count + sent, size);
    sent += size;
  }
}

/** Asks, in portions; then says garbage, and is hung up on. */
async function oneConnection(source: number, first: number, count: number): Promise<void> {
  const socket = connect({ ...SIP, localAddress: `127.2.1.${source + 1}` });
  socket.on("error", () => {});
  counts.connections++;
  let [sent, answered, tail] = [0, 0, ""];
  const more = () => {
    for (let i = 0; i < AT_ONCE && sent < count - 1; i++, sent++) {
      socket.write(request(first + sent, `TCP 127.2.1.${source + 1}:9`));
      counts.sent++;
    }
    if (sent < count - 1) return;
    // Line ends alone are a keep-alive; what follows them is not.
    socket.end(`${garbage(first * GARBAGE_EVERY)}\r\n\r\n`, "latin1");
    counts.sent++;
    sent = count;
  };
  socket.on("connect", more);
  socket.on("data", (bytes) => {
    const text = tail + bytes.toString("latin1");
    const parts = text.split("SIP/2.0 40");
    tail = text.slice(-9).startsWith("SIP/2.0 40") ? "" : text.slice(-9);
    answered += parts.length - 1;
    counts.answered += parts.length - 1;
    if (answered >= sent && sent < count) more();
  });
  // Being hung up on, also with a reset, is what happens to who says that.
  await new Promise((closed) => socket.once("close", closed));
}

const share = Math.ceil(each / SOCKETS);
await Promise.all(
  Array.from({ length: SOCKETS }, (_, source) =>
    Promise.all([overUdp(source, share), overTcp(source, share)]),
  ),
);
report(counts satisfies Flooded);
